// A call's input or output as a CloudTrail record shows it: requestParameters and responseElements.
//
// Members' first letters are lower-cased and nothing else, maps' keys stay as they are, secrets are hidden,
// blobs are left out, timestamps are text. S3 records have a form of their own, which is its service's. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

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
};

// What is known of the service's own records: IAM, STS and KMS drop secrets, IAM's times have no second comma,
// CloudTrail's are ISO 8601, Organizations has stars, SQS its old names.
RecordPolicy record_policy(const Service& service);

// Null for nothing: an empty object, as records have it. Members in the model's order; unknown ones are left
// out.
boost::json::value record_parameters(const Shape& shape, const boost::json::object& members,
                                     const RecordPolicy& policy);

}  // namespace cairn::aws
