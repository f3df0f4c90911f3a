#include <algorithm>
#include <array>

#include "json/json.h"
#include "services/s3/customer_key.h"
#include "services/s3/faults.h"
#include "services/s3/keeping.h"
#include "services/s3/uploads.h"

namespace cairn::services::s3 {
namespace {

constexpr std::int64_t kPartsShown = 1000;
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

// Of an object in parts: how many, and which, if they have checksums.
Task<Result<json::object, aws::Fault>> shown_parts(const Dependencies& on, const Call& call, Object object) {
  json::object shown{{"TotalPartsCount", object.parts}};
  if (object.checksums.empty()) {
    co_return shown;
  }
  const auto behind = json::find_int(call.input, "PartNumberMarker").value_or(0);
  const auto most =
      std::clamp<std::int64_t>(json::find_int(call.input, "MaxParts").value_or(kPartsShown), 0, kPartsShown);
  // Counted from the first: parts behind the object's last may have come while it was completed, and are none
  // of its.
  auto after = part_key(object.upload, 0);
  json::array parts;
  bool truncated = false;
  auto last = behind;
  std::size_t counted = 0;
  while (!truncated && counted < object.parts) {
    const auto page = co_await on.catalog.scan(parts_prefix(object.upload), after, kPartsShown);
    if (!page) {
      co_return internal(page.error());
    }
    if (page->empty()) {
      break;
    }
    after = page->back().key;
    for (const auto& document : *page) {
      if (counted == object.parts) {
        break;
      }
      counted += 1;
      if (number_of_part(document.key) <= behind) {
        continue;
      }
      if (parts.size() == static_cast<std::size_t>(most)) {
        truncated = true;
        break;
      }
      const auto part = object_from(document.value);
      if (!part) {
        co_return internal(part.error());
      }
      last = number_of_part(document.key);
      json::object row{{"PartNumber", last}, {"Size", part->size}};
      for (const auto& checksum : part->checksums) {
        row["Checksum" + checksum.algorithm] = checksum.value;
      }
      parts.push_back(std::move(row));
    }
  }
  shown["PartNumberMarker"] = behind;
  shown["NextPartNumberMarker"] = last;
  shown["MaxParts"] = most;
  shown["IsTruncated"] = truncated;
  shown["Parts"] = std::move(parts);
  co_return shown;
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
  CAIRN_CO_TRY(const auto customer, customer_key_in(call));
  CAIRN_CO_TRY_VOID(check_customer_key(on, customer, version.object.seal));
  Outcome outcome;
  outcome.output["LastModified"] = seconds_since_epoch(version.object.modified);
  show_version(bucket.value, version.object, outcome.output);
  for (const auto& item : *wanted) {
    const auto name = json::text_of(item.get_string());
    if (std::ranges::find(kAttributes, name) == kAttributes.end()) {
      co_return fault::invalid_argument("Invalid attribute name specified.");
    }
    show_attribute(name, version.object, outcome.output);
    if (name == "ObjectParts" && !version.object.upload.empty()) {
      CAIRN_CO_TRY(outcome.output["ObjectParts"], co_await shown_parts(on, call, version.object));
    }
  }
  co_return outcome;
}

}  // namespace cairn::services::s3
