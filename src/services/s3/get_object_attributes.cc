#include <array>

#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/keeping.h"

namespace cairn::services::s3 {
namespace {

constexpr std::array<std::string_view, 5> kAttributes = {"ETag", "Checksum", "ObjectParts", "StorageClass",
                                                         "ObjectSize"};

void show_attribute(std::string_view name, const Object& object, json::object& output) {
  if (name == "ETag") {
    output["ETag"] = object.etag;  // here without quotes
  } else if (name == "StorageClass") {
    output["StorageClass"] = "STANDARD";
  } else if (name == "ObjectSize") {
    output["ObjectSize"] = object.size;
  } else if (name == "Checksum" && !object.checksums.empty()) {
    json::object checksums{{"ChecksumType", checksum_type_of(object)}};
    for (const auto& checksum : object.checksums) {
      checksums["Checksum" + checksum.algorithm] = checksum.value;
    }
    output["Checksum"] = std::move(checksums);
  }
}

}  // namespace

Task<Answer> get_object_attributes(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  const auto* wanted = json::find_array(call.input, "ObjectAttributes");
  if (wanted == nullptr || wanted->empty()) {
    co_return fault::invalid_request("x-amz-object-attributes must be given");
  }
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto version, co_await version_of(draft, bucket.value, call));
  Outcome outcome;
  outcome.output["LastModified"] = seconds_since_epoch(version.object.modified);
  show_version(bucket.value, version.object, outcome.output);
  for (const auto& item : *wanted) {
    const auto name = json::text_of(item.get_string());
    if (std::ranges::find(kAttributes, name) == kAttributes.end()) {
      co_return fault::invalid_argument("Invalid attribute name specified.");
    }
    show_attribute(name, version.object, outcome.output);
  }
  co_return outcome;
}

}  // namespace cairn::services::s3
