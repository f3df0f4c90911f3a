// Tested by copy_object_test.cc and locks_test.cc.
#include "services/s3/object_asks.h"

#include <algorithm>
#include <array>

#include "front/request_facts.h"
#include "json/json.h"
#include "services/s3/condition_keys.h"
#include "services/s3/faults.h"
#include "services/s3/staged.h"

namespace cairn::services::s3 {
namespace {

struct Pair {
  std::string_view of_current;
  std::string_view of_version;
};
constexpr std::array<Pair, 8> kVersionActions = {{
    {"s3:GetObject", "s3:GetObjectVersion"},
    {"s3:DeleteObject", "s3:DeleteObjectVersion"},
    {"s3:GetObjectTagging", "s3:GetObjectVersionTagging"},
    {"s3:PutObjectTagging", "s3:PutObjectVersionTagging"},
    {"s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"},
    {"s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"},
    {"s3:PutObjectAcl", "s3:PutObjectVersionAcl"},
    {"s3:GetObjectAcl", "s3:GetObjectVersionAcl"},
}};

std::string versions_action(std::string_view action) {
  for (const auto& pair : kVersionActions) {
    if (pair.of_current == action) {
      return std::string(pair.of_version);
    }
  }
  return std::string(action);
}

bool decided(const Call& call, access::Ask ask) {
  return decision_of(call, std::move(ask)).allowed;
}

// The call goes on if it may remove one of them; if it may none, its answer says so of each.
Result<std::vector<access::Ask>, aws::Fault> ask_for_each(Call& call, const access::Ask& bucket) {
  auto& allowed = staged_of(call).allowed;
  allowed.clear();
  std::vector<access::Ask> asks;
  const auto* wanted = json::find_object(call.input, "Delete");
  const auto* objects = wanted == nullptr ? nullptr : json::find_array(*wanted, "Objects");
  if (objects == nullptr) {
    return asks;
  }
  if (objects->size() > kDeletedAtOnceMax) {
    return fault::malformed_xml();
  }
  const bool bypasses = json::find_bool(call.input, "BypassGovernanceRetention").value_or(false);
  for (const auto& item : *objects) {
    const auto& object = item.get_object();
    const auto version = json::find_string(object, "VersionId").value_or("");
    auto ask = with_action(bucket, version.empty() ? "s3:DeleteObject" : "s3:DeleteObjectVersion");
    ask.resource += "/" + std::string(json::find_string(object, "Key").value_or(""));
    if (!version.empty()) {
      ask.context.add("s3:VersionId", version);
    }
    allowed.push_back(
        {.removal = decided(call, ask),
         .bypass = bypasses && decided(call, with_action(ask, "s3:BypassGovernanceRetention"))});
    if (allowed.back().removal && asks.empty()) {
      asks.push_back(std::move(ask));
    }
  }
  return asks;
}

void add_asks_of_put(const Call& call, const access::Ask& first, std::vector<access::Ask>& asks) {
  if (!text_member(call, "Tagging").empty()) {
    asks.push_back(with_action(first, "s3:PutObjectTagging"));
  }
  if (!text_member(call, "ObjectLockMode").empty()) {
    asks.push_back(with_action(first, "s3:PutObjectRetention"));
  }
  if (!text_member(call, "ObjectLockLegalHoldStatus").empty()) {
    asks.push_back(with_action(first, "s3:PutObjectLegalHold"));
  }
  if (compares_before_put(call, first.action)) {
    asks.push_back(with_action(first, "s3:GetObject"));
  }
}

// Settings that a bucket is made with are asked for as if they were put.
void add_asks_of_creation(const Call& call, const access::Ask& first, std::vector<access::Ask>& asks) {
  if (json::find_bool(call.input, "ObjectLockEnabledForBucket").value_or(false)) {
    asks.push_back(with_action(first, "s3:PutBucketObjectLockConfiguration"));
    asks.push_back(with_action(first, "s3:PutBucketVersioning"));
  }
  if (!text_member(call, "ObjectOwnership").empty()) {
    asks.push_back(with_action(first, "s3:PutBucketOwnershipControls"));
  }
  const auto* configuration = json::find_object(call.input, "CreateBucketConfiguration");
  const auto* tags = configuration == nullptr ? nullptr : json::find_array(*configuration, "Tags");
  if (tags == nullptr || tags->empty()) {
    return;
  }
  auto tagging = with_action(first, "s3:TagResource");
  for (const auto& tag : *tags) {
    const auto* pair = tag.if_object();
    if (pair != nullptr) {
      access::add_request_tag(tagging.context, json::find_string(*pair, "Key").value_or(""),
                              json::find_string(*pair, "Value").value_or(""));
    }
  }
  asks.front().context = tagging.context;
  asks.push_back(std::move(tagging));
}

constexpr std::array<std::string_view, 6> kTagged = {"s3:GetObject",        "s3:GetObjectAttributes",
                                                     "s3:GetObjectAcl",     "s3:PutObjectAcl",
                                                     "s3:GetObjectTagging", "s3:PutObjectTagging"};

}  // namespace

bool asks_existing_tags(std::string_view action) {
  return action == "s3:DeleteObjectTagging" || std::ranges::find(kTagged, action) != kTagged.end();
}

bool compares_before_put(const Call& call, std::string_view action) {
  return action == "s3:PutObject" && !text_member(call, "IfMatch").empty();
}

access::Ask with_action(const access::Ask& ask, std::string action) {
  auto other = ask;
  other.action = std::move(action);
  return other;
}

access::Decision decision_of(const Call& call, access::Ask ask) {
  access::add_request_keys(ask.context, front::facts_of(call));
  return access::decide(call.caller, ask);
}

aws::Fault discreet(Call& call, aws::Fault fault) {
  const auto& listing = staged_of(call).listing;
  if (!listing || (fault.code != "NoSuchKey" && fault.code != "NoSuchVersion")) {
    return fault;
  }
  const auto decision = decision_of(call, *listing);
  if (decision.allowed) {
    return fault;
  }
  return call.caller.principal.kind == access::PrincipalKind::anonymous
             ? aws::fault::access_denied(aws::Family::s3)
             : aws::fault::access_denied(aws::Family::s3, {.user = call.caller.principal.arn,
                                                           .action = listing->action,
                                                           .resource = listing->resource,
                                                           .reason = decision.reason});
}

Result<std::vector<access::Ask>, aws::Fault> object_asks(Call& call, access::Ask first) {
  CAIRN_TRY_VOID(add_keys_of_request(call, first));
  if (call.operation.name == "DeleteObjects") {
    return ask_for_each(call, first);
  }
  if (json::find_bool(call.input, "BypassGovernanceRetention").value_or(false)) {
    staged_of(call).bypasses_governance = decided(call, with_action(first, "s3:BypassGovernanceRetention"));
  }
  const bool of_version = json::find(call.input, "VersionId") != nullptr;
  if (of_version) {
    first.action = versions_action(first.action);
  }
  std::vector<access::Ask> asks{first};
  if (call.operation.name == "GetObjectAttributes") {
    asks.push_back(with_action(first, of_version ? "s3:GetObjectVersion" : "s3:GetObject"));
  }
  if (call.operation.name == "CreateBucket") {
    add_asks_of_creation(call, first, asks);
  }
  add_asks_of_put(call, first, asks);
  return asks;
}

}  // namespace cairn::services::s3
