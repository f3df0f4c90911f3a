// Access control lists, as far as they say that the bucket's owner has all: what `private` and
// `bucket-owner-full-control` mean where every object is its bucket's owner's. Tested by acl_test.cc.
#include <algorithm>
#include <array>

#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/keeping.h"
#include "services/s3/operations.h"
#include "services/s3/settings.h"

namespace cairn::services::s3 {
namespace {

constexpr std::array<std::string_view, 8> kCanned = {"private",
                                                     "public-read",
                                                     "public-read-write",
                                                     "authenticated-read",
                                                     "aws-exec-read",
                                                     "bucket-owner-read",
                                                     "bucket-owner-full-control",
                                                     "log-delivery-write"};
constexpr std::array<std::string_view, 5> kGrants = {"GrantFullControl", "GrantRead", "GrantReadACP",
                                                     "GrantWrite", "GrantWriteACP"};

json::array owner_grants(std::string_view owner) {
  json::object grantee{{"Type", "CanonicalUser"}, {"ID", owner}};
  return {json::object{{"Grantee", std::move(grantee)}, {"Permission", "FULL_CONTROL"}}};
}

Outcome owners_acl(const Bucket& bucket) {
  const auto owner = canonical_id(bucket.account);
  Outcome outcome;
  outcome.output["Owner"] = json::object{{"ID", owner}};
  outcome.output["Grants"] = owner_grants(owner);
  return outcome;
}

// The one list that holds: the owner's full control.
Result<void, aws::Fault> check_list(const json::object& list, const Bucket& bucket) {
  const auto owner = canonical_id(bucket.account);
  const auto* grants = json::find_array(list, "Grants");
  const auto* whose = json::find_object(list, "Owner");
  if (grants == nullptr || whose == nullptr) {
    return fault::malformed_acl();
  }
  if (json::find_string(*whose, "ID") != owner) {
    return fault::invalid_argument("Invalid id")
        .with("ArgumentName", "CanonicalUser/ID")
        .with("ArgumentValue", std::string(json::find_string(*whose, "ID").value_or("")));
  }
  const auto is_owners = [&](const json::value& grant) {
    const auto* grantee = grant.is_object() ? json::find_object(grant.get_object(), "Grantee") : nullptr;
    return grantee != nullptr && json::find_string(*grantee, "ID") == owner &&
           json::find_string(grant.get_object(), "Permission") == "FULL_CONTROL";
  };
  if (grants->empty() || !std::ranges::all_of(*grants, is_owners)) {
    return fault::not_implemented("AccessControlPolicy");
  }
  return {};
}

// What the call would have the list be, in one of three ways.
Result<void, aws::Fault> check_wanted(const Call& call, const Bucket& bucket, bool of_object) {
  const auto canned = text_member(call, "ACL");
  const auto* list = json::find_object(call.input, "AccessControlPolicy");
  const auto* grant =
      std::ranges::find_if(kGrants, [&](std::string_view name) { return !text_member(call, name).empty(); });
  if (!canned.empty() && grant != kGrants.end()) {
    return fault::invalid_request("Specifying both Canned ACLs and Header Grants is not allowed");
  }
  if (list != nullptr && (!canned.empty() || grant != kGrants.end())) {
    return aws::Fault{"UnexpectedContent", 400, "This request does not support content"};
  }
  if (grant != kGrants.end()) {
    return fault::not_implemented(*grant);
  }
  if (list != nullptr) {
    return check_list(*list, bucket);
  }
  if (canned.empty()) {
    return fault::missing_security_header("x-amz-acl");
  }
  if (std::ranges::find(kCanned, canned) == kCanned.end()) {
    return fault::invalid_argument("")
        .with("ArgumentName", "x-amz-acl")
        .with("ArgumentValue", std::string(canned));
  }
  if (canned != "private" && !(of_object && canned == "bucket-owner-full-control")) {
    return fault::not_implemented("x-amz-acl=" + std::string(canned));
  }
  return {};
}

Task<Result<void, aws::Fault>> check_change(const Dependencies& on, Call& call, Bucket bucket,
                                            bool of_object) {
  const auto wanted = check_wanted(call, bucket, of_object);
  // That there are no lists comes before which of them there are not.
  if (!wanted && wanted.error().code != "NotImplemented") {
    co_return wanted;
  }
  CAIRN_CO_TRY(const bool off, co_await acls_are_off(on, bucket));
  if (off) {
    co_return fault::acl_not_supported();
  }
  co_return wanted;
}

}  // namespace

Task<Answer> get_bucket_acl(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  co_return owners_acl(bucket.value);
}

Task<Answer> put_bucket_acl(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  CAIRN_CO_TRY_VOID(co_await check_change(on, call, bucket.value, false));
  co_return Outcome{};
}

Task<Answer> get_object_acl(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto version, co_await version_of(draft, bucket.value, call));
  static_cast<void>(version);
  co_return owners_acl(bucket.value);
}

Task<Answer> put_object_acl(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  CAIRN_CO_TRY_VOID(co_await check_change(on, call, bucket.value, true));
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto version, co_await version_of(draft, bucket.value, call));
  static_cast<void>(version);
  co_return Outcome{};
}

}  // namespace cairn::services::s3
