// A small body is kept in the object's document: one commit, and that is all. A larger one goes to a blob
// while it is checked; only when all of it is right is the blob committed, and only then does a document name
// it. A blob that no document came to name (a crash, a lost race) is swept (sweeper.h).
#include <array>

#include "codec/base64.h"
#include "codec/utf8.h"
#include "crypto/random.h"
#include "json/json.h"
#include "services/s3/checksums.h"
#include "services/s3/faults.h"
#include "services/s3/operations.h"
#include "services/s3/staged.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kKeyBytesMax = 1024;
constexpr std::array<std::string_view, 5> kKeptHeaders = {
    "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType"};

Result<void, aws::Fault> check_request(const Dependencies& on, const Call& call) {
  const auto key = text_member(call, "Key");
  if (key.empty() || !codec::valid_utf8(key)) {
    return fault::invalid_uri();
  }
  if (key.size() > kKeyBytesMax) {
    return fault::key_too_long(key.size());
  }
  if (const auto acl = text_member(call, "ACL");
      !acl.empty() && acl != "bucket-owner-full-control" && acl != "private") {
    return fault::acl_not_supported();
  }
  if (const auto storage = text_member(call, "StorageClass"); !storage.empty() && storage != "STANDARD") {
    return fault::not_implemented("x-amz-storage-class");
  }
  if (call.body->size() && *call.body->size() > on.limits.object_bytes_max) {
    return fault::entity_too_large(on.limits.object_bytes_max);
  }
  return {};
}

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

Result<Object, aws::Fault> head_of(const Dependencies& on, const Call& call) {
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
  return object;
}

aws::Fault body_fault(const Error& error) {
  // What the signature found wrong, the front says in its own words.
  return error.code == Errc::limit ? aws::fault::request_too_large(aws::Family::s3)
                                   : fault::incomplete_body();
}

// Where an object's bytes come to lie, decided as they come.
class Place {
 public:
  explicit Place(const Dependencies& on) : on_(on) {}

  Task<Result<void>> write(std::span<const std::byte> piece) {
    if (writer_ == nullptr && small_.size() + piece.size() <= on_.limits.inline_bytes_max) {
      small_.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      co_return Result<void>{};
    }
    if (writer_ == nullptr) {
      const auto unique = crypto::uuid4();
      name_ = std::string(kBlobPrefix) + on_.run + "/" + unique.substr(0, 2) + "/" + unique;
      CAIRN_CO_TRY(writer_, co_await on_.blob.writer(name_));
      CAIRN_CO_TRY_VOID(co_await writer_->write(std::as_bytes(std::span(small_))));
      small_.clear();
    }
    co_return co_await writer_->write(piece);
  }

  // The bytes are durable, or in the object to be.
  Task<Result<void>> finish(Object& object) {
    if (writer_ == nullptr) {
      object.inline_base64 = codec::base64_encode(small_);
      co_return Result<void>{};
    }
    CAIRN_CO_TRY_VOID(co_await writer_->commit());
    object.blob = name_;
    co_return Result<void>{};
  }

 private:
  const Dependencies& on_;
  std::string small_;  // until there is a writer
  std::string name_;
  std::unique_ptr<blob::Writer> writer_;
};

Task<Result<void, aws::Fault>> stream_into(Place& place, Call& call, Checksums& checksums, Object& object,
                                           std::uint64_t bytes_max) {
  while (true) {
    const auto piece = co_await call.body->read();
    if (!piece) {
      co_return call.body_fault().value_or(body_fault(piece.error()));
    }
    if (piece->empty()) {
      co_return Result<void, aws::Fault>{};
    }
    object.size += piece->size();
    if (object.size > bytes_max) {
      co_return fault::entity_too_large(bytes_max);
    }
    checksums.add(*piece);
    if (const auto written = co_await place.write(*piece); !written) {
      co_return internal(written.error());
    }
  }
}

Task<Result<Object, aws::Fault>> stage(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY_VOID(check_request(on, call));
  CAIRN_CO_TRY(auto object, head_of(on, call));
  CAIRN_CO_TRY(auto checksums, Checksums::wanted(call.head.headers));
  Place place(on);
  CAIRN_CO_TRY_VOID(co_await stream_into(place, call, checksums, object, on.limits.object_bytes_max));
  CAIRN_CO_TRY_VOID(checksums.finish(call.trailers));
  if (const auto finished = co_await place.finish(object); !finished) {
    co_return internal(finished.error());
  }
  object.etag = checksums.etag();
  object.checksums = checksums.computed();
  object.modified = call.time;
  co_return object;
}

// The blob that nothing will name any more goes after a grace.
void discard(const Object& object, Time now, Outcome& outcome) {
  if (!object.blob.empty()) {
    outcome.effects.writes.push_back({named_key(object.blob), std::nullopt, std::nullopt});
    outcome.effects.writes.push_back({garbage_key(object.blob), garbage_since(now), std::nullopt});
  }
}

}  // namespace

Task<Answer> put_object(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  auto& staged = staged_of(call);
  if (!staged.object) {
    CAIRN_CO_TRY(staged.object, co_await stage(on, call));
    staged.leftovers = on.leftovers;
  }
  const auto& object = *staged.object;
  const auto before = co_await find_object(on, bucket.value, object.key);
  if (!before && before.error().code != "NoSuchKey") {
    co_return before.error();
  }
  Outcome outcome;
  outcome.output["ETag"] = "\"" + object.etag + "\"";
  for (const auto& checksum : object.checksums) {
    outcome.output["Checksum" + checksum.algorithm] = checksum.value;
    outcome.output["ChecksumType"] = "FULL_OBJECT";
  }
  note_bytes(call, object.size, 0);
  const auto key = object_key(bucket.value, object.key);
  outcome.effects.writes.push_back({key, to_document(object), before ? before->version : 0});
  outcome.effects.expectations.push_back({life_key(bucket.value), kAlive});
  if (!object.blob.empty()) {
    outcome.effects.writes.push_back({named_key(object.blob), key, std::nullopt});
  }
  if (before) {
    discard(before->value, on.timers.now(), outcome);
  }
  co_return outcome;
}

Task<Answer> delete_object(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  const std::string key(text_member(call, "Key"));
  const auto object = co_await find_object(on, bucket.value, key);
  Outcome outcome;
  if (!object && object.error().code == "NoSuchKey") {
    co_return outcome;  // deleting what is not there is no error
  }
  if (!object) {
    co_return object.error();
  }
  outcome.effects.writes.push_back({object_key(bucket.value, key), std::nullopt, object->version});
  discard(object->value, on.timers.now(), outcome);
  co_return outcome;
}

}  // namespace cairn::services::s3
