// A CloudTrail record that Cairn writes about a call it answered or refused, and its JSON text in the key
// order of real files. (Records of others, handed in, stay the text they are: event/view.h reads them.)
// Fields: as CloudTrail documents a record's contents. Pure; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "aws/model.h"
#include "base/time.h"

namespace cairn::event {

inline constexpr std::string_view kEventVersion = "1.11";

// userIdentity. An empty member is left out.
struct Identity {
  std::string type;  // Root, IAMUser, AssumedRole, AWSAccount, AWSService, Unknown, …
  std::string principal_id;
  std::string arn;
  std::string account_id;
  std::string access_key_id;
  std::string user_name;
  std::optional<boost::json::object> session_context;
  std::string invoked_by;
};

struct Resource {
  std::string arn;
  std::string account_id;
  std::string type;  // "AWS::S3::Bucket"
  std::string
      arn_prefix;  // instead of arn where a call names all objects below a prefix (ListObjects, HeadBucket)
};

enum class Category { management, data, insight, network_activity };
std::string_view to_string(Category category);  // "Management"

struct Record {
  Identity identity;
  Time time;
  std::string source;  // "s3.amazonaws.com"
  std::string name;    // "CreateBucket"
  std::string region;
  std::string source_address;
  std::string user_agent;
  std::string error_code;  // empty: the call succeeded
  std::string error_message;
  boost::json::value request_parameters;  // null when there were none
  boost::json::value response_elements;
  boost::json::object additional;  // additionalEventData; left out when empty
  std::string request_id;
  std::string event_id;
  bool read_only = false;
  std::vector<Resource> resources;
  std::string type = "AwsApiCall";
  std::string api_version;
  Category category = Category::management;
  std::string recipient_account;
  std::string shared_event_id;
  boost::json::object tls_details;  // left out when empty
};

// CloudTrail's documented sizes, in bytes of JSON text, applied by to_json. What is too long is replaced
// or cut, never refused: a call that happened has a record. How, docs/reference/choices.md says.
struct Limits {
  static constexpr std::size_t record_bytes_max = 256U << 10;
  static constexpr std::size_t parameters_bytes_max = 100U << 10;
  static constexpr std::size_t additional_bytes_max = 28U << 10;
  static constexpr std::size_t text_bytes_max = 1U << 10;  // userAgent, errorCode, errorMessage, requestID
};

// One line of valid JSON and UTF-8, whatever bytes the client sent. Never longer than
// Limits::record_bytes_max as long as the identity's and the place's own texts (ARNs, names, addresses) are
// of usual size; they are never cut.
std::string to_json(const Record& record);

// The name by which the functions below know a service: its signing name, but "s3-control" for S3 Control,
// which signs as S3.
std::string_view service_name(const aws::Service& service);
// apiVersion, of the services whose records have it ("2012-08-10", CloudFront's "2020_05_31"); else empty.
std::string api_version(const aws::Service& service);

// What a call is to CloudTrail (docs/reference/choices.md). `service` is its service_name ("s3");
// `operation` is the API's name or the record's ("ListObjectsV2", "ListObjects"; "UpdateFunctionCode",
// "UpdateFunctionCode20150331v2").
struct Classification {
  bool recorded = true;  // PutLogEvents is not
  Category category = Category::management;
  bool read_only = false;
};
Classification classify(std::string_view service, std::string_view operation);

// The event source of a service ("monitoring.amazonaws.com") and the event name of an operation
// (ListObjectsV2 is ListObjects).
std::string event_source(std::string_view service);
std::string event_name(std::string_view service, std::string_view operation);

}  // namespace cairn::event
