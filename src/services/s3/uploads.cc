#include "services/s3/uploads.h"

#include <fmt/format.h>

#include <charconv>

#include "crypto/random.h"
#include "json/json.h"
#include "services/s3/faults.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kRandomChars = 48;
constexpr std::string_view kIdAlphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kNumberDigits = 5;
constexpr std::size_t kUploadIdCharsMax = 128;

}  // namespace

std::string new_upload_id(Time now) {
  return fmt::format("{:012x}{}", now.time_since_epoch().count(),
                     crypto::random_text(kRandomChars, kIdAlphabet));
}
std::string uploads_prefix(const Bucket& bucket) {
  return fmt::format("{}{}/", kUploadPrefix, bucket.id);
}
std::string upload_key(const Bucket& bucket, std::string_view key, std::string_view id) {
  return uploads_prefix(bucket) + ended(key) + std::string(id);
}
std::string upload_name(const Bucket& bucket, std::string_view id) {
  return fmt::format("{}/{}", bucket.id, id);
}
std::string parts_prefix(std::string_view upload_name) {
  return fmt::format("s3/part/{}/", upload_name);
}
std::string part_key(std::string_view upload_name, std::int64_t number) {
  return fmt::format("{}{:0{}}", parts_prefix(upload_name), number, kNumberDigits);
}
std::int64_t number_of_part(std::string_view part_key) {
  std::int64_t number = 0;
  const auto digits = part_key.substr(part_key.rfind('/') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}
std::string bucket_id_in(std::string_view upload_key) {
  upload_key.remove_prefix(std::min(kUploadPrefix.size(), upload_key.size()));
  return std::string(upload_key.substr(0, upload_key.find('/')));
}
std::string dropped_key(std::string_view upload_name) {
  return fmt::format("{}{}", kDroppedPrefix, upload_name);
}

std::string to_document(const Upload& upload) {
  return json::serialize(json::object{{"id", upload.id},
                                      {"object", to_document(upload.object)},
                                      {"algorithm", upload.algorithm},
                                      {"checksum_type", upload.checksum_type},
                                      {"initiator", upload.initiator}});
}

Result<Upload> upload_from(std::string_view document) {
  CAIRN_TRY(const auto parsed, json::parse_object(document));
  const auto text = [&](std::string_view member) {
    return std::string(json::find_string(parsed, member).value_or(""));
  };
  CAIRN_TRY(auto object, object_from(text("object")));
  Upload upload{.id = text("id"),
                .object = std::move(object),
                .algorithm = text("algorithm"),
                .checksum_type = text("checksum_type"),
                .initiator = text("initiator")};
  if (upload.id.empty()) {
    return Error{Errc::corrupt, "an upload's document lacks a member", upload.object.key};
  }
  return upload;
}

Task<Result<std::optional<Upload>, aws::Fault>> find_upload(Draft& draft, const Bucket& bucket, Call& call) {
  const std::string id(text_member(call, "UploadId"));
  const std::string key(text_member(call, "Key"));
  if (id.empty() || id.size() > kUploadIdCharsMax || id.find_first_not_of(kIdAlphabet) != std::string::npos) {
    co_return std::optional<Upload>();
  }
  const auto document = co_await draft.get(upload_key(bucket, key, id));
  if (!document) {
    co_return internal(document.error());
  }
  if (!*document) {
    co_return std::optional<Upload>();
  }
  auto upload = upload_from(**document);
  if (!upload) {
    co_return internal(upload.error());
  }
  co_return std::optional(*std::move(upload));
}

void drop_upload(Draft& draft, std::string upload_key, std::string_view upload_name, Time now) {
  draft.remove(std::move(upload_key));
  draft.put(dropped_key(upload_name), garbage_since(now));
}

}  // namespace cairn::services::s3
