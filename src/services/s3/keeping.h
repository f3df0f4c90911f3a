// Objects and their versions under their keys: how one comes, and how one goes. All of it is written into a
// draft, which the caller commits. Inside services/s3 only.
//
// The newest version of a key is its current one, at object_key(); the others are at version_key(). Whoever
// changes any version of a key writes the current version's document, so two changes of a key never both
// succeed; and expects gone_key(), so a key that was removed and put anew is not taken for the one that was
// read. Whoever changes a bucket's versioning writes all gone_keys(): see new_rules().
//
// In a bucket without versioning a key has one version, the null version.
#pragma once

#include <boost/json/object.hpp>
#include <optional>

#include "services/s3/draft.h"
#include "services/s3/notices.h"
#include "services/s3/operations.h"

namespace cairn::services::s3 {

// When something is removed, by whom, and whether he may remove what governance retention keeps.
struct Removal {
  Time now;
  bool bypasses_governance = false;
  Actor by{};  // as buckets' events say it
};

// Writes a document that is an object or a part; its blobs say which document names them.
void place(Draft& draft, std::string at, const Object& object);
// Its bytes, which nothing will name any more, go after a grace. (The document is the caller's affair.)
void discard(const Dependencies& on, Draft& draft, const Object& object);

// The current version, a delete marker perhaps; nothing: the key has no version.
Task<Result<std::optional<Object>, aws::Fault>> current_version(Draft& draft, const Bucket& bucket,
                                                                std::string key);
// The version with an id ("null": the null version), or nothing. InvalidArgument: no id looks like that.
Task<Result<std::optional<Version>, aws::Fault>> find_version(Draft& draft, const Bucket& bucket,
                                                              std::string key, std::string id);

// Where in the row of its key's versions an id stands; nothing: it does not say ("null"), or is none.
std::optional<std::uint64_t> sequence_in(std::string_view id);

// Puts an object, whose bytes are durable or in it, under its key as the bucket's versioning has it: what it
// replaces becomes an older version or goes. The bucket's life is expected, so of this and the bucket's
// deletion one happens. If-Match and If-None-Match of the call are about the current version. The object as
// it was kept (its version). PreconditionFailed, NoSuchKey.
Task<Result<Object, aws::Fault>> keep(const Dependencies& on, Draft& draft, const Call& call,
                                      const Bucket& bucket, Object object);

// The bucket as it is now, its life expected. What changes its versioning or object lock hereafter conflicts
// with this draft, if the draft changes one of `keys`. NoSuchBucket.
Task<Result<Bucket, aws::Fault>> rules_now(const Dependencies& on, Draft& draft, const Bucket& bucket,
                                           std::vector<std::string> keys);

// What DELETE without a version does: the object goes, or with versioning a delete marker comes. The marker,
// if so. `rules`: what rules_now() said in this draft of this key; null: it is asked.
Task<Result<std::optional<Object>, aws::Fault>> hide(const Dependencies& on, Draft& draft,
                                                     const Bucket& bucket, std::string key, Time now,
                                                     const Bucket* rules = nullptr);

// Removes one version for good. If it was current, the next older one becomes current. `version` was found in
// this draft. AccessDenied: it is locked.
Task<Result<void, aws::Fault>> remove_version(const Dependencies& on, Draft& draft, const Bucket& bucket,
                                              Version version, Removal removal);

// What a DELETE with or without a version's id does, and what its answer says.
struct Deleted {
  bool marker = false;  // a delete marker came, or went
  std::string version;  // its id, or that of what went
};
Task<Result<Deleted, aws::Fault>> delete_one(const Dependencies& on, Draft& draft, const Bucket& bucket,
                                             std::string key, std::optional<std::string> id, Removal removal,
                                             const Bucket* rules = nullptr);

// The bucket's event that says that an object came, or is another now.
Happening happening_of(const Call& call, std::string event, const Bucket& bucket, const Object& object);

// Writes a version's document anew (its tags, its lock). `version` was found in this draft.
Task<Result<void, aws::Fault>> change_version(Draft& draft, const Bucket& bucket, Version version);

// The version that a call means: its VersionId, else the current one. NoSuchKey, NoSuchVersion,
// MethodNotAllowed (a delete marker), each with x-amz-version-id and x-amz-delete-marker where there is one.
Task<Result<Version, aws::Fault>> version_of(Draft& draft, const Bucket& bucket, Call& call);
Task<Result<Version, aws::Fault>> version_named(Draft& draft, const Bucket& bucket, std::string key,
                                                std::optional<std::string> id);

// By whom, and when: x-amz-bypass-governance-retention counts for who may.
Removal removal_of(Call& call);

// Writes a bucket whose versioning or object lock is another now. What is kept or removed by the rules of
// before conflicts with it.
Outcome new_rules(const Kept<Bucket>& bucket);

// What the answer to a put says of the object: ETag, checksums, version.
void show_kept(const Bucket& bucket, const Object& object, boost::json::object& output);

// VersionId, if the bucket has or had versioning.
void show_version(const Bucket& bucket, const Object& object, boost::json::object& output);

// As answers name it: "null" for the null version.
std::string shown_version(const Object& object);

}  // namespace cairn::services::s3
