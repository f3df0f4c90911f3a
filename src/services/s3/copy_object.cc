// CopyObject: the source's bytes are read and written anew, so that each blob is one version's.
#include "services/s3/copy_object.h"

#include <charconv>

#include "codec/base64.h"
#include "codec/uri.h"
#include "json/json.h"
#include "services/s3/checksums.h"
#include "services/s3/conditions.h"
#include "services/s3/customer_key.h"
#include "services/s3/encryption.h"
#include "services/s3/expiration.h"
#include "services/s3/faults.h"
#include "services/s3/hashing.h"
#include "services/s3/keeping.h"
#include "services/s3/locks.h"
#include "services/s3/part_checksums.h"
#include "services/s3/reading.h"
#include "services/s3/staged.h"
#include "services/s3/tags.h"
#include "services/s3/upload.h"

namespace cairn::services::s3 {
namespace {

constexpr std::string_view kCopy = "COPY";
constexpr std::string_view kReplace = "REPLACE";
constexpr int kCopyAttempts = 2;

Result<bool, aws::Fault> replaces(const Call& call, std::string_view member) {
  const auto directive = text_member(call, member);
  if (directive.empty() || directive == kCopy) {
    return false;
  }
  if (directive == kReplace) {
    return true;
  }
  return fault::invalid_argument("Unknown " + std::string(member) + ".");
}

struct Source {
  Bucket bucket;
  Object object;
};

Task<Result<Source, aws::Fault>> find_source(const Dependencies& on, Call& call, CopySource source) {
  CAIRN_CO_TRY(auto bucket, co_await find_bucket(on, source.bucket));
  const auto& authorised = staged_of(call).source_bucket_id;
  if (!authorised.empty() && authorised != bucket.value.id) {
    co_return fault::no_such_bucket(source.bucket);
  }
  Draft draft(on.catalog);
  auto version = co_await version_named(draft, bucket.value, source.key, source.version);
  if (!version && version.error().code == "MethodNotAllowed") {
    co_return fault::invalid_request(
        "The source of a copy request may not specifically refer to a delete marker by version id.");
  }
  CAIRN_CO_TRY_VOID(version);
  staged_of(call).read_tags = version->object.tags;
  if (judge(conditions_of(call, "CopySource"), version->object) != Condition::holds) {
    co_return fault::precondition_failed("x-amz-copy-source-If-…");
  }
  if (!bucket.value.versioning.empty()) {
    staged_of(call).source_version = shown_version(version->object);
  }
  co_return Source{std::move(bucket.value), std::move(version->object)};
}

// Errors of the blob are an error inside: of one that was swept, Errc::not_found.
Task<Result<Result<std::unique_ptr<http::BodySource>>, aws::Fault>> open_found(const Dependencies& on,
                                                                               const Call& call, Source found,
                                                                               Span span) {
  CAIRN_CO_TRY(auto data_key, co_await data_key_of(on, call, std::move(found.bucket), found.object.key,
                                                   found.object.seal, "CopySource"));
  co_return co_await open_object(on, std::move(found.object), span, std::move(data_key));
}

Result<void, aws::Fault> check_size(const Dependencies& on, std::uint64_t size) {
  if (size > on.limits.object_bytes_max) {
    return fault::invalid_request(
        "The specified copy source is larger than the maximum allowable size for a copy source: " +
        std::to_string(on.limits.object_bytes_max));
  }
  return {};
}

// "bytes=a-b", both there and inside the object.
Result<Span, aws::Fault> span_of(std::string_view range, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  const auto refuse = [&](std::string message) {
    return fault::invalid_argument(std::move(message))
        .with("ArgumentName", "x-amz-copy-source-range")
        .with("ArgumentValue", std::string(range.substr(0, 100)));
  };
  if (range.empty()) {
    return Span{0, size};
  }
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  const auto* const end = range.data() + range.size();
  auto read = std::from_chars(range.data() + std::min(kUnit.size(), range.size()), end, first);
  const bool whole =
      range.starts_with(kUnit) && read.ec == std::errc{} && read.ptr != end && *read.ptr == '-';
  read = whole ? std::from_chars(read.ptr + 1, end, last) : read;
  if (!whole || read.ec != std::errc{} || read.ptr != end || last < first) {
    return refuse(
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
        "zero-based offsets of the first and last bytes to copy");
  }
  if (last >= size) {
    return refuse("Range specified is not valid for source object of size: " + std::to_string(size));
  }
  return Span{first, last - first + 1};
}

// What the copy is to be, but for its bytes.
Result<Object, aws::Fault> copy_of(const Dependencies& on, Call& call, const Object& source) {
  CAIRN_TRY(const bool new_metadata, replaces(call, "MetadataDirective"));
  CAIRN_TRY(const bool new_tags, replaces(call, "TaggingDirective"));
  if (!new_tags && !text_member(call, "Tagging").empty()) {
    return fault::invalid_argument("x-amz-tagging needs x-amz-tagging-directive: REPLACE");
  }
  CAIRN_TRY(auto object, object_of(on, call));
  if (!new_metadata) {
    object.headers = source.headers;
    object.metadata = source.metadata;
  }
  if (!new_tags) {
    object.tags = source.tags;
  }
  if (checksum_type_of(source) == "FULL_OBJECT") {  // others are of parts, which the copy has not
    object.checksums = source.checksums;
  }
  object.modified = call.time;
  return object;
}

// Of the copy: the one that was asked for, which its source need not have.
Result<Checksums, aws::Fault> wanted_checksums(const Call& call) {
  CAIRN_TRY(const auto kind, checksum_kind(text_member(call, "ChecksumAlgorithm"), ""));
  return Checksums::wanted({}, kind.algorithm);
}

Result<void, aws::Fault> check_self_copy(const Call& call, const CopySource& source) {
  const bool itself = source.bucket == text_member(call, "Bucket") &&
                      source.key == text_member(call, "Key") && !source.version;
  CAIRN_TRY(const bool new_metadata, replaces(call, "MetadataDirective"));
  if (itself && !new_metadata && text_member(call, "StorageClass").empty() &&
      text_member(call, "ServerSideEncryption").empty() &&
      text_member(call, "SSECustomerAlgorithm").empty()) {
    return fault::invalid_request(
        "This copy request is illegal because it is trying to copy an object to itself without changing the "
        "object's metadata, storage class, website redirect location or encryption attributes.");
  }
  return {};
}

Task<Result<Object, aws::Fault>> stage_copy(const Dependencies& on, Call& call, Bucket bucket) {
  CAIRN_CO_TRY_VOID(check_upload(call));
  CAIRN_CO_TRY(const auto source, parse_copy_source(text_member(call, "CopySource")));
  CAIRN_CO_TRY_VOID(check_self_copy(call, source));
  for (int attempt = 0;; ++attempt) {
    CAIRN_CO_TRY(const auto found, co_await find_source(on, call, source));
    CAIRN_CO_TRY_VOID(check_size(on, found.object.size));
    CAIRN_CO_TRY(auto object, copy_of(on, call, found.object));
    const Span all{0, found.object.size};
    CAIRN_CO_TRY(auto bytes, co_await open_found(on, call, found, all));
    if (!bytes) {
      if (bytes.error().code == Errc::not_found && attempt < kCopyAttempts) {
        continue;  // overwritten since, and swept
      }
      co_return internal(bytes.error());
    }
    CAIRN_CO_TRY(auto checksums, wanted_checksums(call));
    CAIRN_CO_TRY(auto sealing, co_await new_sealing(on, call, bucket, object.key));
    Place place(on, std::move(sealing));
    CAIRN_CO_TRY_VOID(co_await copy_bytes(on, **bytes, place, object, checksums));
    co_return object;
  }
}

}  // namespace

Result<CopySource, aws::Fault> parse_copy_source(std::string_view text) {
  constexpr std::string_view kVersion = "?versionId=";
  CopySource source;
  if (const auto at = text.find(kVersion); at != std::string_view::npos) {
    source.version = text.substr(at + kVersion.size());
    text = text.substr(0, at);
  }
  auto path = codec::percent_decode(text);
  if (!path) {
    return fault::invalid_argument(
        "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  }
  std::string_view rest = *path;
  rest.remove_prefix(rest.starts_with('/') ? 1 : 0);
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size()) {
    return fault::invalid_argument(
        "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  }
  source.bucket = rest.substr(0, slash);
  source.key = rest.substr(slash + 1);
  return source;
}

Task<Result<void, aws::Fault>> copy_bytes(const Dependencies& on, http::BodySource& from, Place& place,
                                          Object& object, Checksums& checksums) {
  Hashing hashing(checksums, {on.pool, on.hashing_room});
  while (true) {
    const auto piece = co_await from.read();
    if (!piece) {
      co_return internal(piece.error());
    }
    if (piece->empty()) {
      break;
    }
    CAIRN_CO_TRY_VOID(check_room(on, piece->size()));
    co_await hashing.add(*piece);
    object.size += piece->size();
    if (const auto written = co_await place.write(*piece); !written) {
      co_return internal(written.error());
    }
  }
  co_await hashing.end();
  CAIRN_CO_TRY_VOID(checksums.finish(nullptr));
  if (const auto finished = co_await place.finish(object); !finished) {
    co_return internal(finished.error());
  }
  object.etag = checksums.etag();
  if (!checksums.computed().empty()) {
    object.checksums = checksums.computed();
  }
  co_return Result<void, aws::Fault>{};
}

Task<Result<std::unique_ptr<http::BodySource>, aws::Fault>> open_source(const Dependencies& on, Call& call,
                                                                        std::string_view range) {
  CAIRN_CO_TRY(const auto source, parse_copy_source(text_member(call, "CopySource")));
  for (int attempt = 0;; ++attempt) {
    CAIRN_CO_TRY(const auto found, co_await find_source(on, call, source));
    CAIRN_CO_TRY(const auto span, span_of(range, found.object.size));
    CAIRN_CO_TRY_VOID(check_size(on, span.length));
    CAIRN_CO_TRY(auto bytes, co_await open_found(on, call, found, span));
    if (bytes) {
      co_return *std::move(bytes);
    }
    if (bytes.error().code != Errc::not_found || attempt >= kCopyAttempts) {
      co_return internal(bytes.error());
    }
  }
}

Task<Answer> copy_object(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  auto& staged = staged_of(call);
  if (!staged.object) {
    CAIRN_CO_TRY(staged.object, co_await stage_copy(on, call, bucket.value));
    staged.leftovers = on.leftovers;
  }
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto kept, co_await keep(on, draft, call, bucket.value, *staged.object));
  Outcome outcome;
  json::object result{{"ETag", "\"" + kept.etag + "\""},
                      {"LastModified", seconds_since_epoch(kept.modified)}};
  for (const auto& checksum : kept.checksums) {
    result["Checksum" + checksum.algorithm] = checksum.value;
    result["ChecksumType"] = "FULL_OBJECT";
  }
  outcome.output["CopyObjectResult"] = std::move(result);
  show_encryption(kept, outcome.output);
  show_customer_key(call, outcome.output);
  show_version(bucket.value, kept, outcome.output);
  CAIRN_CO_TRY_VOID(co_await show_expiration(on, bucket.value, kept, outcome.output));
  if (staged.source_version) {
    outcome.output["CopySourceVersionId"] = *staged.source_version;
  }
  outcome.effects = draft.take();
  co_return outcome;
}

}  // namespace cairn::services::s3
