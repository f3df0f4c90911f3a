// The operations, one file each or a few that belong together. Inside services/s3 only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/s3/documents.h"
#include "services/s3/s3.h"

namespace cairn::services::s3 {

using front::Answer;
using front::Call;
using front::Outcome;

Task<Answer> create_bucket(const Dependencies& on, Call& call);
Task<Answer> delete_bucket(const Dependencies& on, Call& call);
Task<Answer> head_bucket(const Dependencies& on, Call& call);
Task<Answer> list_buckets(const Dependencies& on, Call& call);
Task<Answer> get_bucket_location(const Dependencies& on, Call& call);
Task<Answer> get_bucket_acl(const Dependencies& on, Call& call);
Task<Answer> put_bucket_acl(const Dependencies& on, Call& call);
Task<Answer> get_object_acl(const Dependencies& on, Call& call);
Task<Answer> put_object_acl(const Dependencies& on, Call& call);
Task<Answer> put_bucket_policy(const Dependencies& on, Call& call);
Task<Answer> get_bucket_policy(const Dependencies& on, Call& call);
Task<Answer> delete_bucket_policy(const Dependencies& on, Call& call);
Task<Answer> get_bucket_policy_status(const Dependencies& on, Call& call);
Task<Answer> put_object(const Dependencies& on, Call& call);
Task<Answer> get_object(const Dependencies& on, Call& call);
Task<Answer> head_object(const Dependencies& on, Call& call);
Task<Answer> delete_object(const Dependencies& on, Call& call);
Task<Answer> delete_objects(const Dependencies& on, Call& call);
Task<Answer> copy_object(const Dependencies& on, Call& call);
Task<Answer> get_object_attributes(const Dependencies& on, Call& call);
Task<Answer> put_object_tagging(const Dependencies& on, Call& call);
Task<Answer> get_object_tagging(const Dependencies& on, Call& call);
Task<Answer> delete_object_tagging(const Dependencies& on, Call& call);
Task<Answer> put_object_lock_configuration(const Dependencies& on, Call& call);
Task<Answer> get_object_lock_configuration(const Dependencies& on, Call& call);
Task<Answer> put_object_retention(const Dependencies& on, Call& call);
Task<Answer> get_object_retention(const Dependencies& on, Call& call);
Task<Answer> put_object_legal_hold(const Dependencies& on, Call& call);
Task<Answer> get_object_legal_hold(const Dependencies& on, Call& call);
Task<Answer> put_bucket_versioning(const Dependencies& on, Call& call);
Task<Answer> get_bucket_versioning(const Dependencies& on, Call& call);
Task<Answer> list_object_versions(const Dependencies& on, Call& call);
Task<Answer> list_objects(const Dependencies& on, Call& call);
Task<Answer> list_objects_v2(const Dependencies& on, Call& call);

template <class T>
struct Kept {
  T value;
  catalog::Version version = 0;
};

std::string_view text_member(const Call& call, std::string_view name);

// NoSuchBucket.
Task<Result<Kept<Bucket>, aws::Fault>> find_bucket(const Dependencies& on, std::string name);
// The bucket that the call names, and described in the call's record. It is the one whose policy was asked:
// if that one is gone, another of its name is none of this call's business. NoSuchBucket.
Task<Result<Kept<Bucket>, aws::Fault>> bucket_of(const Dependencies& on, Call& call);
// Does a condition's text name the ETag: "*", or ETags with or without their quotes.
bool etag_listed(std::string_view condition, std::string_view etag);

// A canonical user id stands for an account, as S3 writes owners.
std::string canonical_id(std::string_view account);

// The record as CloudTrail writes S3's (capture/s3_form.h).
void describe(Call& call, const Bucket* bucket);
void describe_resources(Call& call, const Bucket& bucket);
// What its answer shows, and which encryption there was.
void describe_answer(Call& call, const Outcome& outcome);
void note_bytes(Call& call, std::uint64_t in, std::uint64_t out);

// Writes the bucket's document, provided that it is still the same bucket and nobody changed it.
void change_bucket(const Kept<Bucket>& bucket, Outcome& outcome);

aws::Fault internal(const Error& error);
// May a copy take so many bytes more? A body that a caller sends is rationed by the front; a copy's comes
// from here.
Result<void, aws::Fault> check_room(const Dependencies& on, std::uint64_t bytes);

}  // namespace cairn::services::s3
