#include "services/s3/upload.h"

#include <array>

#include "codec/base64.h"
#include "codec/utf8.h"
#include "crypto/random.h"
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/hashing.h"
#include "services/s3/locks.h"
#include "services/s3/tags.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kKeyBytesMax = 1024;
constexpr std::array<std::string_view, 6> kKeptHeaders = {
    "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Expires"};

// "aws-chunked" is how the body travelled, not what it is; SDKs put it before or behind the object's own.
std::string own_encoding(std::string_view encodings) {
  std::string own;
  while (!encodings.empty()) {
    const auto comma = std::min(encodings.find(','), encodings.size());
    auto one = encodings.substr(0, comma);
    encodings.remove_prefix(std::min(comma + 1, encodings.size()));
    one.remove_prefix(std::min(one.find_first_not_of(" \t"), one.size()));
    one = one.substr(0, one.find_last_not_of(" \t") + 1);
    if (!one.empty() && !codec::equals_ignore_case(one, "aws-chunked")) {
      own += (own.empty() ? "" : ",") + std::string(one);
    }
  }
  return own;
}

aws::Fault body_fault(const Error& error) {
  // What the signature found wrong, the front says in its own words.
  return error.code == Errc::limit ? aws::fault::request_too_large(aws::Family::s3)
                                   : fault::incomplete_body();
}

}  // namespace

Result<void, aws::Fault> check_key(std::string_view key) {
  if (key.empty() || !codec::valid_utf8(key)) {
    return fault::invalid_uri();
  }
  if (key.size() > kKeyBytesMax) {
    return fault::key_too_long(key.size());
  }
  return {};
}

Result<void, aws::Fault> check_upload(const Call& call) {
  CAIRN_TRY_VOID(check_key(text_member(call, "Key")));
  if (const auto acl = text_member(call, "ACL");
      !acl.empty() && acl != "bucket-owner-full-control" && acl != "private") {
    return fault::acl_not_supported();
  }
  if (const auto storage = text_member(call, "StorageClass"); !storage.empty() && storage != "STANDARD") {
    return fault::not_implemented("x-amz-storage-class");
  }
  return check_encryption_asked(call);
}

Result<Object, aws::Fault> object_of(const Dependencies& on, const Call& call) {
  Object object;
  object.key = text_member(call, "Key");
  for (const auto header : kKeptHeaders) {
    std::string value(text_member(call, header));
    if (header == "ContentEncoding") {
      value = own_encoding(value);
    }
    if (!value.empty()) {
      object.headers.emplace(header, std::move(value));
    }
  }
  std::size_t metadata_bytes = 0;
  if (const auto* metadata = json::find_object(call.input, "Metadata")) {
    for (const auto& [name, value] : *metadata) {
      metadata_bytes += name.size() + value.get_string().size();
      object.metadata.emplace(codec::lower(name), json::text_of(value.get_string()));
    }
  }
  if (metadata_bytes > on.limits.metadata_bytes_max) {
    return fault::metadata_too_large();
  }
  CAIRN_TRY(object.tags, tags_of_header(text_member(call, "Tagging")));
  CAIRN_TRY_VOID(read_lock(call, object));
  return object;
}

Task<Result<void>> Place::write(std::span<const std::byte> piece) {
  if (!writer_ && small_.size() + piece.size() <= on_.limits.inline_bytes_max) {
    small_.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    co_return Result<void>{};
  }
  if (!writer_) {
    const auto unique = crypto::uuid4();
    name_ = std::string(kBlobPrefix) + on_.run + "/" + unique.substr(0, 2) + "/" + unique;
    CAIRN_CO_TRY(auto blob, co_await on_.blob.writer(name_));
    writer_.emplace(sealing_.key, std::move(blob));
    CAIRN_CO_TRY_VOID(co_await writer_->write(std::as_bytes(std::span(small_))));
    small_.clear();
  }
  co_return co_await writer_->write(piece);
}

Task<Result<void>> Place::finish(Object& object) {
  object.seal = sealing_.seal;
  object.encryption = algorithm_of(sealing_.seal);
  if (!writer_) {
    object.inline_base64 = codec::base64_encode(seal_small(sealing_.key, small_));
    co_return Result<void>{};
  }
  CAIRN_CO_TRY_VOID(co_await writer_->commit());
  object.blob = name_;
  co_return Result<void>{};
}

Task<Result<void, aws::Fault>> receive(const Dependencies& on, Place& place, Call& call, Checksums& checksums,
                                       Object& object, std::uint64_t bytes_max) {
  Hashing hashing(checksums, {on.pool, on.hashing_room});
  while (true) {
    const auto piece = co_await call.body->read();
    if (!piece) {
      co_return call.body_fault().value_or(body_fault(piece.error()));
    }
    if (piece->empty()) {
      co_await hashing.end();
      co_return Result<void, aws::Fault>{};
    }
    object.size += piece->size();
    if (object.size > bytes_max) {
      co_return fault::entity_too_large(bytes_max);
    }
    co_await hashing.add(*piece);
    if (const auto written = co_await place.write(*piece); !written) {
      co_return internal(written.error());
    }
  }
}

}  // namespace cairn::services::s3
