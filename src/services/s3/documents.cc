#include "services/s3/documents.h"

#include <fmt/format.h>

#include "crypto/blocks.h"
#include "crypto/hash.h"
#include "json/json.h"

namespace cairn::services::s3 {
namespace {

constexpr unsigned kGoneKeys = 256;       // of a bucket: whose keys share one do wait for each other
constexpr unsigned kFormerGoneKeys = 16;  // of a Cairn of before

json::object object_of(const std::map<std::string, std::string>& map) {
  json::object out;
  for (const auto& [name, value] : map) {
    out[name] = value;
  }
  return out;
}

std::map<std::string, std::string> map_of(const json::object& document, std::string_view member) {
  std::map<std::string, std::string> map;
  if (const auto* object = json::find_object(document, member)) {
    for (const auto& [name, value] : *object) {
      if (value.is_string()) {
        map.emplace(name, json::text_of(value.get_string()));
      }
    }
  }
  return map;
}

std::string text_in(const json::object& document, std::string_view member) {
  return std::string(json::find_string(document, member).value_or(""));
}

Time time_in(const json::object& document, std::string_view member) {
  return Time{Millis{json::find_int(document, member).value_or(0)}};
}

// What only objects of buckets with versioning have.
void add_version(const Object& object, json::object& document) {
  if (!object.version.empty()) {
    document["version"] = object.version;
  }
  if (object.sequence != 0) {
    document["sequence"] = object.sequence;
  }
  if (object.marker) {
    document["marker"] = true;
  }
  if (object.null_at) {
    document["null_at"] = *object.null_at;
  }
  if (object.noncurrent_since) {
    document["noncurrent_since"] = object.noncurrent_since->time_since_epoch().count();
  }
  if (!object.lock_mode.empty()) {
    document["lock_mode"] = object.lock_mode;
    document["retain_until"] = object.retain_until.time_since_epoch().count();
  }
  if (object.legal_hold) {
    document["legal_hold"] = true;
  }
}

Seal seal_in(const json::object& document) {
  Seal seal{.salt = text_in(document, "salt"), .master = text_in(document, "master")};
  seal.customer = text_in(document, "customer");
  if (const auto* kms = json::find_object(document, "kms")) {
    seal.kms_key = text_in(*kms, "key");
    seal.wrapped = text_in(*kms, "wrapped");
    seal.context = text_in(*kms, "context");
  }
  return seal;
}

}  // namespace

std::string bucket_key(std::string_view name) {
  return fmt::format("s3/bucket/{}", name);
}
std::string owner_prefix(std::string_view account) {
  return fmt::format("s3/owner/{}/", account);
}
std::string owner_key(std::string_view account, std::string_view name) {
  return owner_prefix(account) + std::string(name);
}
std::string object_prefix(const Bucket& bucket) {
  return fmt::format("s3/object/{}/", bucket.id);
}
std::string object_key(const Bucket& bucket, std::string_view key) {
  return object_prefix(bucket) + std::string(key);
}
std::string escaped(std::string_view key) {
  std::string out;
  for (const char c : key) {
    out += c;
    if (c == '\0') {
      out += '\xff';
    }
  }
  return out;
}
std::string ended(std::string_view key) {
  // Ends what may be longer, and sorts in front of it: a key's own zero bytes are followed by 0xFF, which
  // UTF-8 has not.
  auto out = escaped(key);
  out += '\0';
  out += '\x01';
  return out;
}
std::string version_prefix(const Bucket& bucket, std::string_view key) {
  return fmt::format("s3/version/{}/", bucket.id) + ended(key);
}
std::string version_key(const Bucket& bucket, std::string_view key, std::uint64_t sequence) {
  return version_prefix(bucket, key) + fmt::format("{:016x}", ~sequence);
}
std::string gone_key(const Bucket& bucket, std::string_view key) {
  return fmt::format("s3/gone/{}/{:02x}", bucket.id,
                     std::to_integer<unsigned>(crypto::md5(key).front()) % kGoneKeys);
}
std::vector<std::string> gone_keys(const Bucket& bucket) {
  std::vector<std::string> keys;
  for (unsigned digits = 0; digits < kGoneKeys; ++digits) {
    keys.push_back(fmt::format("s3/gone/{}/{:02x}", bucket.id, digits));
  }
  return keys;
}
std::vector<std::string> former_gone_keys(const Bucket& bucket) {
  std::vector<std::string> keys;
  for (unsigned digit = 0; digit < kFormerGoneKeys; ++digit) {
    keys.push_back(fmt::format("s3/gone/{}/{:x}", bucket.id, digit));
  }
  return keys;
}
std::string life_key(const Bucket& bucket) {
  return fmt::format("s3/life/{}", bucket.id);
}
std::string named_key(std::string_view blob) {
  return fmt::format("s3/blob/{}", blob);
}
std::string garbage_since(Time time) {
  return std::to_string(time.time_since_epoch().count());
}
std::string garbage_key(std::string_view blob) {
  return fmt::format("{}{}", kGarbagePrefix, blob);
}

std::vector<std::string> blobs_of(const Object& object) {
  return object.blob.empty() ? std::vector<std::string>() : std::vector{object.blob};
}

std::string_view checksum_type_of(const Object& object) {
  return object.checksum_type.empty() ? std::string_view("FULL_OBJECT") : object.checksum_type;
}

std::string to_document(const Bucket& bucket) {
  json::object document{{"name", bucket.name},
                        {"id", bucket.id},
                        {"account", bucket.account},
                        {"region", bucket.region},
                        {"created", bucket.created.time_since_epoch().count()},
                        {"policy", bucket.policy}};
  if (!bucket.versioning.empty()) {
    document["versioning"] = bucket.versioning;
  }
  if (bucket.object_lock) {
    document["object_lock"] = json::object{
        {"mode", bucket.default_mode}, {"days", bucket.default_days}, {"years", bucket.default_years}};
  }
  return json::serialize(document);
}

Result<Bucket> bucket_from(std::string_view document) {
  CAIRN_TRY(const auto object, json::parse_object(document));
  Bucket bucket{.name = text_in(object, "name"),
                .id = text_in(object, "id"),
                .account = text_in(object, "account"),
                .region = text_in(object, "region"),
                .created = time_in(object, "created"),
                .policy = text_in(object, "policy"),
                .versioning = text_in(object, "versioning"),
                .default_mode = ""};
  if (const auto* lock = json::find_object(object, "object_lock")) {
    bucket.object_lock = true;
    bucket.default_mode = text_in(*lock, "mode");
    bucket.default_days = json::find_int(*lock, "days").value_or(0);
    bucket.default_years = json::find_int(*lock, "years").value_or(0);
  }
  if (bucket.name.empty() || bucket.id.empty() || bucket.account.empty() || bucket.region.empty()) {
    return Error{Errc::corrupt, "a bucket's document lacks a member", bucket.name};
  }
  return bucket;
}

std::string to_document(const Object& object) {
  json::object checksums;
  for (const auto& checksum : object.checksums) {
    checksums[checksum.algorithm] = checksum.value;
  }
  json::object document{{"key", object.key},
                        {"size", object.size},
                        {"etag", object.etag},
                        {"modified", object.modified.time_since_epoch().count()},
                        {"checksums", std::move(checksums)},
                        {"headers", object_of(object.headers)},
                        {"metadata", object_of(object.metadata)}};
  if (!object.blob.empty()) {  // whoever knows of no seal is to find no bytes, not others
    document[object.seal.salt.empty() ? "blob" : "sealed"] = object.blob;
  }
  if (!object.inline_base64.empty()) {
    document["bytes"] = object.inline_base64;
  }
  if (!object.encryption.empty()) {
    document["encryption"] = object.encryption;
  }
  if (!object.seal.salt.empty()) {
    document["salt"] = object.seal.salt;
    document["master"] = object.seal.master;
    document["stored"] = crypto::Blocks::sealed_size(object.size);
  }
  if (!object.seal.kms_key.empty()) {
    document["kms"] = json::object{
        {"key", object.seal.kms_key}, {"wrapped", object.seal.wrapped}, {"context", object.seal.context}};
  }
  if (!object.seal.customer.empty()) {
    document["customer"] = object.seal.customer;
  }
  if (!object.upload.empty()) {
    document["upload"] = object.upload;
    document["parts"] = object.parts;
  }
  if (!object.checksum_type.empty()) {
    document["checksum_type"] = object.checksum_type;
  }
  if (!object.tags.empty()) {
    document["tags"] = object_of(object.tags);
  }
  add_version(object, document);
  return json::serialize(document);
}

Result<Object> object_from(std::string_view document) {
  CAIRN_TRY(const auto parsed, json::parse_object(document));
  Object object{.key = text_in(parsed, "key"),
                .version = text_in(parsed, "version"),
                .sequence = static_cast<std::uint64_t>(json::find_int(parsed, "sequence").value_or(0)),
                .marker = json::find_bool(parsed, "marker").value_or(false),
                .null_at = std::nullopt,
                .noncurrent_since = std::nullopt,
                .size = static_cast<std::uint64_t>(json::find_int(parsed, "size").value_or(0)),
                .etag = text_in(parsed, "etag"),
                .modified = time_in(parsed, "modified"),
                .inline_base64 = text_in(parsed, "bytes"),
                .blob = text_in(parsed, parsed.contains("sealed") ? "sealed" : "blob"),
                .seal = seal_in(parsed),
                .encryption = text_in(parsed, "encryption"),
                .upload = text_in(parsed, "upload"),
                .parts = static_cast<std::size_t>(json::find_int(parsed, "parts").value_or(0)),
                .checksums = {},
                .checksum_type = text_in(parsed, "checksum_type"),
                .headers = map_of(parsed, "headers"),
                .metadata = map_of(parsed, "metadata"),
                .tags = map_of(parsed, "tags"),
                .lock_mode = text_in(parsed, "lock_mode"),
                .retain_until = time_in(parsed, "retain_until"),
                .legal_hold = json::find_bool(parsed, "legal_hold").value_or(false)};
  for (auto& [algorithm, value] : map_of(parsed, "checksums")) {
    object.checksums.push_back({algorithm, value});
  }
  if (const auto null_at = json::find_int(parsed, "null_at")) {
    object.null_at = static_cast<std::uint64_t>(*null_at);
  }
  if (const auto since = json::find_int(parsed, "noncurrent_since")) {
    object.noncurrent_since = Time{Millis{*since}};
  }
  const int places = (object.blob.empty() ? 0 : 1) + (object.inline_base64.empty() ? 0 : 1) +
                     (object.upload.empty() ? 0 : 1);
  const bool placed = places == (object.size == 0 ? 0 : 1) || (places == 1 && !object.upload.empty());
  if (object.key.empty() || object.etag.empty() != object.marker || !placed) {
    return Error{Errc::corrupt, "an object's document lacks a member", object.key};
  }
  return object;
}

}  // namespace cairn::services::s3
