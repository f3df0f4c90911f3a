// Tested by versioning_test.cc.
#include "services/s3/keeping.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "crypto/random.h"
#include "json/json.h"
#include "services/s3/encryption.h"
#include "services/s3/faults.h"
#include "services/s3/locks.h"
#include "services/s3/staged.h"
#include "services/s3/upload.h"
#include "services/s3/uploads.h"

namespace cairn::services::s3 {
namespace {

constexpr std::string_view kNull = "null";
constexpr std::size_t kSequenceDigits = 8;  // at least
constexpr std::size_t kRandomDigits = 24;
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kVersionDigitsMax = kRandomDigits + 16;

bool versioned(const Bucket& bucket) {
  return !bucket.versioning.empty();
}

// The sequence in front, so that one read finds a version by its id.
std::string new_version_id(std::uint64_t sequence) {
  return fmt::format("{:0{}x}{}", sequence, kSequenceDigits, crypto::random_text(kRandomDigits, kHexDigits));
}

// For good. Everything that removes a version comes through here, so what is locked is kept here.
Result<void, aws::Fault> discard_version(const Dependencies& on, Draft& draft, const Object& object,
                                         const Removal& removal) {
  CAIRN_TRY_VOID(check_unlocked(object, removal));
  discard(on, draft, object);
  return {};
}

Task<Result<std::optional<Object>, aws::Fault>> read(Draft& draft, std::string at) {
  const auto document = co_await draft.get(std::move(at));
  if (!document) {
    co_return internal(document.error());
  }
  if (!*document) {
    co_return std::optional<Object>();
  }
  auto object = object_from(**document);
  if (!object) {
    co_return internal(object.error());
  }
  co_return std::optional(*std::move(object));
}

// Has a version of the key room? Not where most of it is zero bytes, which are written as two.
Result<void, aws::Fault> check_room_of_versions(const Bucket& bucket, std::string_view key) {
  if (version_key(bucket, key, 0).size() > catalog::Limits{}.key_bytes_max) {
    return fault::key_too_long(key.size());
  }
  return {};
}

// What was current becomes an older version. (A put may have begun before what it replaces came.)
Result<void, aws::Fault> demote(Draft& draft, const Bucket& bucket, Object object, Time now) {
  CAIRN_TRY_VOID(check_room_of_versions(bucket, object.key));  // an earlier Cairn took such keys
  object.null_at.reset();
  object.noncurrent_since = std::max(now, object.modified);
  place(draft, version_key(bucket, object.key, object.sequence), object);
  return {};
}

// The null version, where it is not current.
Task<Result<void, aws::Fault>> discard_null(const Dependencies& on, Draft& draft, const Bucket& bucket,
                                            const Object& current, const Removal& removal) {
  if (current.null_at) {
    const auto at = version_key(bucket, current.key, *current.null_at);
    CAIRN_CO_TRY(const auto null_version, co_await read(draft, at));
    if (null_version) {
      CAIRN_CO_TRY_VOID(discard_version(on, draft, *null_version, removal));
      draft.remove(at);
    }
  }
  co_return Result<void, aws::Fault>{};
}

// Makes room for a new current version, and says what it is in the row of versions.
Task<Result<void, aws::Fault>> succeed(const Dependencies& on, Draft& draft, const Bucket& bucket,
                                       const std::optional<Object>& before, Object& object, Time now) {
  const Removal removal{.now = now};
  const bool keeps_all = bucket.versioning == "Enabled";
  object.null_at.reset();
  object.version.clear();
  if (!versioned(bucket)) {
    if (before) {
      CAIRN_CO_TRY_VOID(discard_version(on, draft, *before, removal));
    }
    co_return Result<void, aws::Fault>{};
  }
  object.sequence = before ? before->sequence + 1 : 1;
  if (keeps_all) {
    object.version = new_version_id(object.sequence);
  }
  if (!before) {
    co_return Result<void, aws::Fault>{};
  }
  const bool null_before = before->version.empty();
  if (!keeps_all) {
    CAIRN_CO_TRY_VOID(co_await discard_null(on, draft, bucket, *before, removal));
  }
  if (null_before && !keeps_all) {
    CAIRN_CO_TRY_VOID(discard_version(on, draft, *before, removal));
    co_return Result<void, aws::Fault>{};
  }
  if (keeps_all) {
    object.null_at = null_before ? std::optional(before->sequence) : before->null_at;
  }
  co_return demote(draft, bucket, *before, now);
}

Result<void, aws::Fault> check_conditions(const Call& call, const std::optional<Object>& before) {
  const bool there = before && !before->marker;
  if (const auto none = text_member(call, "IfNoneMatch"); !none.empty()) {
    if (none != "*") {
      return fault::not_implemented("If-None-Match");
    }
    if (there) {
      return fault::precondition_failed("If-None-Match");
    }
  }
  if (const auto match = text_member(call, "IfMatch"); !match.empty()) {
    if (!there) {
      return fault::no_such_key(text_member(call, "Key"));
    }
    if (!etag_listed(match, before->etag)) {
      return fault::precondition_failed("If-Match");
    }
  }
  return {};
}

}  // namespace

Task<Result<Bucket, aws::Fault>> rules_now(const Dependencies& on, Draft& draft, const Bucket& bucket,
                                           std::vector<std::string> keys) {
  draft.expect(life_key(bucket), kAlive);
  for (const auto& key : keys) {
    if (const auto gone = co_await draft.get(gone_key(bucket, key)); !gone) {
      co_return internal(gone.error());
    }
  }
  CAIRN_CO_TRY(auto found, co_await find_bucket(on, bucket.name));
  if (found.value.id != bucket.id) {
    co_return fault::no_such_bucket(bucket.name);
  }
  co_return std::move(found.value);
}

void place(Draft& draft, std::string at, const Object& object) {
  for (const auto& blob : blobs_of(object)) {
    draft.put(named_key(blob), at);
  }
  draft.put(std::move(at), to_document(object));
}

void discard(const Dependencies& on, Draft& draft, const Object& object) {
  for (const auto& blob : blobs_of(object)) {
    draft.remove(named_key(blob));
    draft.put(garbage_key(blob), garbage_since(on.timers.now()));
  }
  if (!object.upload.empty()) {
    draft.put(dropped_key(object.upload), garbage_since(on.timers.now()));
  }
}

std::optional<std::uint64_t> sequence_in(std::string_view id) {
  if (id.size() < kSequenceDigits + kRandomDigits || id.size() > kVersionDigitsMax ||
      id.find_first_not_of(kHexDigits) != std::string_view::npos) {
    return std::nullopt;
  }
  std::uint64_t sequence = 0;
  const auto digits = id.substr(0, id.size() - kRandomDigits);
  std::from_chars(digits.data(), digits.data() + digits.size(), sequence, 16);
  return sequence;
}

Task<Result<std::optional<Object>, aws::Fault>> current_version(Draft& draft, const Bucket& bucket,
                                                                std::string key) {
  // First: what is removed and put anew between the two reads is noticed.
  if (const auto gone = co_await draft.get(gone_key(bucket, key)); !gone) {
    co_return internal(gone.error());
  }
  co_return co_await read(draft, object_key(bucket, key));
}

Task<Result<std::optional<Version>, aws::Fault>> find_version(Draft& draft, const Bucket& bucket,
                                                              std::string key, std::string id) {
  const auto sequence = sequence_in(id);
  if (id != kNull && !sequence) {
    co_return fault::invalid_argument("Invalid version id specified").with("ArgumentName", "versionId");
  }
  CAIRN_CO_TRY(const auto current, co_await current_version(draft, bucket, key));
  if (!current) {
    co_return std::optional<Version>();
  }
  if (shown_version(*current) == id) {
    co_return Version{object_key(bucket, key), *current};
  }
  const auto wanted = id == kNull ? current->null_at : sequence;
  if (!wanted) {
    co_return std::optional<Version>();
  }
  auto at = version_key(bucket, key, *wanted);
  CAIRN_CO_TRY(const auto object, co_await read(draft, at));
  if (!object || shown_version(*object) != id) {
    co_return std::optional<Version>();
  }
  co_return Version{std::move(at), *object};
}

Task<Result<Object, aws::Fault>> keep(const Dependencies& on, Draft& draft, const Call& call,
                                      const Bucket& bucket, Object object) {
  CAIRN_CO_TRY_VOID(check_room_of_versions(bucket, object.key));
  std::vector<std::string> keys{object.key};
  CAIRN_CO_TRY(const auto ruling, co_await rules_now(on, draft, bucket, std::move(keys)));
  CAIRN_CO_TRY(const auto before, co_await current_version(draft, bucket, object.key));
  CAIRN_CO_TRY_VOID(check_conditions(call, before));
  CAIRN_CO_TRY_VOID(lock_by_default(ruling, call.time, object));
  CAIRN_CO_TRY_VOID(co_await succeed(on, draft, ruling, before, object, call.time));
  place(draft, object_key(bucket, object.key), object);
  auto happening = happening_of(call, created_event(call), ruling, object);
  CAIRN_CO_TRY_VOID(co_await tell(on, draft, ruling, std::move(happening)));
  co_return object;
}

Task<Result<std::optional<Object>, aws::Fault>> hide(const Dependencies& on, Draft& draft,
                                                     const Bucket& bucket, std::string key, Time now,
                                                     const Bucket* rules) {
  CAIRN_CO_TRY_VOID(check_key(key));
  std::optional<Bucket> read_now;
  if (rules == nullptr) {
    std::vector<std::string> keys{key};
    CAIRN_CO_TRY(read_now, co_await rules_now(on, draft, bucket, std::move(keys)));
  }
  const Bucket& ruling = rules == nullptr ? *read_now : *rules;
  CAIRN_CO_TRY(const auto before, co_await current_version(draft, bucket, key));
  if (!versioned(ruling)) {
    if (before) {
      Version version{object_key(bucket, key), *before};
      const Removal removal{.now = now};
      CAIRN_CO_TRY_VOID(co_await remove_version(on, draft, bucket, std::move(version), removal));
    }
    co_return std::optional<Object>();
  }
  Object marker;
  marker.key = key;
  marker.marker = true;
  marker.modified = now;
  CAIRN_CO_TRY_VOID(co_await succeed(on, draft, ruling, before, marker, now));
  place(draft, object_key(bucket, key), marker);
  co_return marker;
}

Task<Result<void, aws::Fault>> remove_version(const Dependencies& on, Draft& draft, const Bucket& bucket,
                                              Version version, Removal removal) {
  const auto& key = version.object.key;
  const auto current_at = object_key(bucket, key);
  CAIRN_CO_TRY_VOID(discard_version(on, draft, version.object, removal));
  if (version.at != current_at) {
    draft.remove(version.at);
    CAIRN_CO_TRY(auto current, co_await read(draft, current_at));
    if (current && version.object.version.empty()) {
      current->null_at.reset();
    }
    if (current) {
      draft.put(current_at, to_document(*current));
    }
    co_return Result<void, aws::Fault>{};
  }
  std::optional<catalog::Document> next;
  if (version.object.sequence > 0) {
    const auto found = co_await draft.first(version_prefix(bucket, key));
    if (!found) {
      co_return internal(found.error());
    }
    next = *found;
  }
  if (!next) {
    draft.remove(current_at);
    draft.put(gone_key(bucket, key), "");
    co_return Result<void, aws::Fault>{};
  }
  CAIRN_CO_TRY(auto heir, co_await read(draft, next->key));
  if (!heir->version.empty()) {
    heir->null_at = version.object.null_at;
  }
  heir->noncurrent_since.reset();
  draft.remove(next->key);
  place(draft, current_at, *heir);
  co_return Result<void, aws::Fault>{};
}

Task<Result<void, aws::Fault>> change_version(Draft& draft, const Bucket& bucket, Version version) {
  const auto current_at = object_key(bucket, version.object.key);
  draft.put(version.at, to_document(version.object));
  if (version.at != current_at) {
    CAIRN_CO_TRY(const auto current, co_await read(draft, current_at));
    if (current) {
      draft.put(current_at, to_document(*current));
    }
  }
  co_return Result<void, aws::Fault>{};
}

Task<Result<Version, aws::Fault>> version_of(Draft& draft, const Bucket& bucket, Call& call) {
  const std::string key(text_member(call, "Key"));
  std::optional<std::string> id;
  if (const auto given = json::find_string(call.input, "VersionId")) {
    id = *given;
  }
  auto version = co_await version_named(draft, bucket, key, id);
  if (version) {
    staged_of(call).read_tags = version->object.tags;
  }
  co_return version;
}

Task<Result<Version, aws::Fault>> version_named(Draft& draft, const Bucket& bucket, std::string key,
                                                std::optional<std::string> id) {
  std::optional<Version> version;
  if (id) {
    CAIRN_CO_TRY(version, co_await find_version(draft, bucket, key, *id));
    if (!version) {
      co_return fault::no_such_version(key, *id);
    }
  } else {
    CAIRN_CO_TRY(auto current, co_await current_version(draft, bucket, key));
    if (!current) {
      co_return fault::no_such_key(key);
    }
    version = Version{object_key(bucket, key), *std::move(current)};
  }
  if (!version->object.marker) {
    co_return *std::move(version);
  }
  auto fault =
      id ? fault::method_not_allowed("DeleteMarker").with_header("Allow", "DELETE") : fault::no_such_key(key);
  co_return std::move(fault)
      .with_header("x-amz-version-id", shown_version(version->object))
      .with_header("x-amz-delete-marker", "true");
}

Removal removal_of(Call& call) {
  return {.now = call.time, .bypasses_governance = staged_of(call).bypasses_governance, .by = actor_of(call)};
}

Happening happening_of(const Call& call, std::string event, const Bucket& bucket, const Object& object) {
  return {.event = std::move(event),
          .object = object,
          .version = versioned(bucket) ? shown_version(object) : std::string(),
          .time = call.time,
          .actor = actor_of(call)};
}

Outcome new_rules(const Kept<Bucket>& bucket) {
  Outcome outcome;
  change_bucket(bucket, outcome);
  for (auto& key : gone_keys(bucket.value)) {
    outcome.effects.writes.push_back({std::move(key), "", std::nullopt});
  }
  return outcome;
}

std::string shown_version(const Object& object) {
  return object.version.empty() ? std::string(kNull) : object.version;
}

void show_kept(const Bucket& bucket, const Object& object, json::object& output) {
  output["ETag"] = "\"" + object.etag + "\"";
  for (const auto& checksum : object.checksums) {
    output["Checksum" + checksum.algorithm] = checksum.value;
    output["ChecksumType"] = checksum_type_of(object);
  }
  show_encryption(object, output);
  show_version(bucket, object, output);
}

void show_version(const Bucket& bucket, const Object& object, json::object& output) {
  if (versioned(bucket)) {
    output["VersionId"] = shown_version(object);
  }
}

}  // namespace cairn::services::s3
