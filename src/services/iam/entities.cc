#include "services/iam/entities.h"

#include <algorithm>
#include <set>

#include "codec/headers.h"
#include "codec/uri.h"
#include "json/json.h"

namespace cairn::services::iam {

namespace {

// What all of IAM's shapes begin with.
template <class Entity>
boost::json::object beginning(const Entity& entity, std::string_view name, std::string_view id) {
  boost::json::object o;
  o["Path"] = entity.path;
  o[name] = entity.name;
  o[id] = entity.id;
  o["Arn"] = entity.arn();
  o["CreateDate"] = seconds(entity.created);
  return o;
}

boost::json::object policy_head(std::string_view name, std::string_view id, std::string arn,
                                std::string_view path, std::uint64_t version) {
  boost::json::object o;
  o["PolicyName"] = name;
  o["PolicyId"] = id;
  o["Arn"] = std::move(arn);
  o["Path"] = path;
  o["DefaultVersionId"] = "v" + std::to_string(version);
  return o;
}

}  // namespace

Task<Found<FoundPolicy>> find_policy(const Dependencies& on, const Call& call, std::string arn) {
  const auto name = access::policy_name_of(arn);
  if (!aws::Arn::parse(arn)) {
    co_return fault::validation("Invalid ARN:  Could not be parsed!");
  }
  if (name && name->account == "aws") {
    const auto* builtin = access::find_aws_policy(arn);
    if (builtin == nullptr) {
      co_return fault::no_such_managed_policy(arn);
    }
    co_return FoundPolicy{.builtin = builtin};
  }
  if (!name || name->account != call.account) {
    co_return fault::not_attachable(arn);
  }
  auto own = co_await access::load<ManagedPolicyDocument>(on.catalog, call.account, name->name);
  if (!own) {
    co_return fault::failure(own.error());
  }
  if (!*own || (*own)->value.arn() != arn) {
    co_return fault::not_attachable(arn);
  }
  co_return FoundPolicy{.builtin = nullptr, .own = *std::move(*own)};
}

Task<Found<Stored<ManagedPolicyDocument>>> find_own_policy(const Dependencies& on, const Call& call,
                                                           std::string arn) {
  auto found = co_await find_policy(on, call, arn);
  if (!found) {
    co_return found.error().code == "NoSuchEntity" ? fault::no_such_managed_policy(arn) : found.error();
  }
  if (found->builtin != nullptr) {
    co_return aws::fault::access_denied(aws::Family::query);
  }
  co_return std::move(found->own);
}

Found<Slice> slice_of(const Page& page, const std::vector<std::string>& entries) {
  Slice slice;
  if (!page.after.empty()) {
    const auto found = std::ranges::find(entries, page.after);
    if (found == entries.end()) {
      return fault::validation("Invalid Marker.");
    }
    slice.begin = static_cast<std::size_t>(found - entries.begin()) + 1;
  }
  slice.end = std::min(entries.size(), slice.begin + page.limit);
  return slice;
}

void put_slice_end(boost::json::object& output, const Slice& slice, const std::vector<std::string>& entries) {
  put_page_end(output, slice.end<entries.size(), slice.end> 0 ? entries[slice.end - 1] : "");
}

boost::json::object described(const GroupDocument& group) {
  return beginning(group, "GroupName", "GroupId");
}

boost::json::object described(const RoleDocument& role) {
  auto o = beginning(role, "RoleName", "RoleId");
  o["AssumeRolePolicyDocument"] = codec::percent_encode(role.trust);
  return o;
}

boost::json::object listed(const RoleDocument& role) {
  auto o = described(role);
  if (!role.description.empty()) {
    o["Description"] = role.description;
  }
  o["MaxSessionDuration"] = role.session_seconds_max;
  return o;
}

boost::json::object described(const ManagedPolicyDocument& policy) {
  auto o = policy_head(policy.name, policy.id, policy.arn(), policy.path, policy.default_version);
  o["AttachmentCount"] = policy.attachments;
  o["PermissionsBoundaryUsageCount"] = policy.boundaries;
  o["IsAttachable"] = true;
  o["CreateDate"] = seconds(policy.created);
  o["UpdateDate"] = seconds(policy.updated);
  return o;
}

boost::json::object described(const access::AwsPolicy& policy, std::uint64_t attachments,
                              std::uint64_t boundaries) {
  auto o = policy_head(policy.name, policy.id, policy.arn(), "/", static_cast<std::uint64_t>(policy.version));
  o["AttachmentCount"] = attachments;
  o["PermissionsBoundaryUsageCount"] = boundaries;
  o["IsAttachable"] = true;
  o["CreateDate"] = seconds(*parse_rfc3339(policy.created));
  o["UpdateDate"] = seconds(*parse_rfc3339(policy.updated));
  return o;
}

boost::json::object described_boundary(std::string_view arn) {
  boost::json::object o;
  o["PermissionsBoundaryType"] = "Policy";
  o["PermissionsBoundaryArn"] = arn;
  return o;
}

boost::json::array described_tags(const std::vector<access::Tag>& tags) {
  boost::json::array all;
  for (const auto& tag : tags) {
    all.emplace_back(boost::json::object{{"Key", tag.key}, {"Value", tag.value}});
  }
  return all;
}

Found<std::vector<access::Tag>> tags_of(const Call& call, std::string_view quota) {
  std::vector<access::Tag> tags;
  std::set<std::string> seen;
  const auto* list = json::find_array(call.input, "Tags");
  for (const auto& one : list != nullptr ? *list : json::array()) {
    const auto& tag = one.get_object();
    const auto key = json::find_string(tag, "Key").value_or("");
    if (!seen.insert(codec::lower(key)).second) {
      return fault::invalid_input(
          "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
    tags.push_back(
        {.key = std::string(key), .value = std::string(json::find_string(tag, "Value").value_or(""))});
  }
  if (tags.size() > Limits::tags_max) {
    return fault::quota(quota, Limits::tags_max);
  }
  return tags;
}

std::size_t policy_characters(std::string_view document) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  return document.size() - static_cast<std::size_t>(std::ranges::count_if(document, space));
}

std::uint64_t Uses::attached(const std::string& arn) const {
  const auto found = attachments.find(arn);
  return found == attachments.end() ? 0 : found->second;
}
std::uint64_t Uses::bounding(const std::string& arn) const {
  const auto found = boundaries.find(arn);
  return found == boundaries.end() ? 0 : found->second;
}

Task<Found<Uses>> uses_in(const Dependencies& on, std::string account) {
  Uses uses;
  const auto count = [&](const auto& entity) {
    for (const auto& arn : entity.attached) {
      ++uses.attachments[arn];
    }
    if constexpr (requires { entity.boundary; }) {
      if (!entity.boundary.empty()) {
        ++uses.boundaries[entity.boundary];
      }
    }
    return false;
  };
  CAIRN_CO_TRY_VOID(co_await all_of<UserDocument>(on, access::users_prefix(account), count));
  CAIRN_CO_TRY_VOID(co_await all_of<GroupDocument>(on, GroupDocument::prefix_of(account), count));
  CAIRN_CO_TRY_VOID(co_await all_of<RoleDocument>(on, RoleDocument::prefix_of(account), count));
  co_return uses;
}

}  // namespace cairn::services::iam
