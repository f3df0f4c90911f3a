// A call's input or output as a CloudTrail record shows it: requestParameters and responseElements.
//
// Members' first letters are lower-cased and nothing else, maps' keys stay as they are, secrets are hidden,
// blobs are left out, timestamps are text. S3 records have a form of their own, which is its service's. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <span>
#include <string_view>

#include "aws/model.h"

namespace cairn::aws {

struct RecordPolicy {
  enum class Sensitive {
    hide,  // "HIDDEN_DUE_TO_SECURITY_REASONS"
    drop,
    stars,  // "****"
  };
  enum class Timestamps {
    comma,  // "Mar 2, 2026, 10:15:00 AM"
    plain,  // "Mar 2, 2026 10:15:00 AM"
    iso8601,
  };
  Sensitive sensitive = Sensitive::hide;
  Timestamps timestamps = Timestamps::comma;
  bool query_names = false;  // maps are called as in the query protocol: SQS's "attribute"
  bool iso_where_said =
      false;  // times whose form on the wire is ISO 8601 by the model stay so: newer services
  // Of items of DynamoDB there are keys' values and attributes' names, nothing else.
  bool attribute_names = false;
  std::string_view url{};                      // a member that is a URL, of whose password there are stars
  std::span<const std::string_view> hidden{};  // members that are sensitive though the model does not say so
};

// What is known of the service's own records: IAM, STS, KMS, Lambda and Secrets Manager drop secrets,
// IAM's times have no second comma, CloudTrail's are ISO 8601, Organizations and RDS have stars, SQS its old
// names.
RecordPolicy record_policy(const Service& service);

// Null for nothing: an empty object, as records have it. Members in the model's order; unknown ones are left
// out.
boost::json::value record_parameters(const Shape& shape, const boost::json::object& members,
                                     const RecordPolicy& policy);

}  // namespace cairn::aws
