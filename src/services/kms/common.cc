// What the operations share.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "access/new_policy.h"
#include "codec/base64.h"
#include "json/json.h"
#include "services/kms/operations.h"

namespace cairn::services::kms {
namespace {

constexpr double kMillisASecond = 1000.0;
constexpr std::size_t kTagKeyCharsMax = 128;

std::string lower(std::string_view text) {
  std::string made(text);
  std::ranges::transform(made, made.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return made;
}

}  // namespace

std::string text(const Call& call, std::string_view member) {
  return std::string(json::find_string(call.input, member).value_or(""));
}

bool truth(const Call& call, std::string_view member) {
  return json::find_bool(call.input, member).value_or(false);
}

double seconds(Time time) {
  return static_cast<double>(time.time_since_epoch().count()) / kMillisASecond;
}

Found<void> refuse_members(const Call& call, std::initializer_list<std::string_view> members) {
  for (const auto member : members) {
    if (json::find(call.input, member) != nullptr) {
      return fault::unsupported(fmt::format("{} is not supported.", member));
    }
  }
  return {};
}

Found<void> check_not_pending(const keys::Key& key) {
  if (key.state() == keys::State::pending_deletion) {
    return fault::pending_deletion(key.arn());
  }
  return {};
}

Found<void> check_usable(const keys::Key& key) {
  CAIRN_TRY_VOID(check_not_pending(key));
  if (!key.enabled) {
    return fault::disabled(key.arn());
  }
  return {};
}

Found<void> check_dry_run(const Call& call) {
  return truth(call, "DryRun") ? Found<void>(fault::dry_run()) : Found<void>();
}

Outcome changed(Call& call, const StoredKey& key) {
  call.record.response_elements = json::object{{"keyId", key.value.arn()}};
  Outcome outcome;
  outcome.effects.writes.push_back(keys::put(key.value, key.version));
  return outcome;
}

Found<void> check_policy(const Call& call, const keys::Key& key, std::string_view policy) {
  if (policy.size() > keys::Limits::policy_bytes_max) {
    return fault::limit("The key policy is longer than 32768 bytes.");
  }
  const auto parsed = access::parse_new_policy(policy, access::PolicyKind::resource);
  if (!parsed) {
    return fault::malformed_policy(std::string(parsed.error().what));
  }
  if (truth(call, "BypassPolicyLockoutSafetyCheck")) {
    return {};
  }
  const auto arn = key.arn();
  access::Ask ask{.action = "kms:PutKeyPolicy",
                  .resource = arn,
                  .resource_account = key.account,
                  .resource_policy = nullptr,
                  .context = {}};
  const auto context = access::whole_context(call.caller, ask);
  const auto verdict = (*parsed)->evaluate({call.caller.principal, ask.action, ask.resource, context});
  if (verdict == access::Verdict::none || verdict == access::Verdict::deny) {
    return fault::malformed_policy(
        "The new key policy will not allow you to update the key policy in the future.");
  }
  return {};
}

Found<keys::Tags> tags_in(const Call& call) {
  keys::Tags tags;
  const auto* list = json::find_array(call.input, "Tags");
  for (const auto& one : list != nullptr ? *list : json::array()) {
    const auto& tag = one.get_object();
    std::string name(json::find_string(tag, "TagKey").value_or(""));
    if (name.empty() || name.size() > 4 * kTagKeyCharsMax || name.starts_with("aws:")) {
      return fault::tag("Tag key is invalid: it is empty, too long, or begins with aws:");
    }
    if (std::ranges::find(tags, name, &keys::Tags::value_type::first) != tags.end()) {
      return fault::tag("Duplicate tag keys");
    }
    tags.emplace_back(std::move(name), json::find_string(tag, "TagValue").value_or(""));
  }
  if (tags.size() > keys::Limits::tags_max) {
    return fault::limit("A key has at most 50 tags.");
  }
  return tags;
}

Found<keys::EncryptionContext> context_in(const Call& call, std::string_view member) {
  keys::EncryptionContext context;
  std::size_t bytes = 0;
  std::set<std::string> names;  // as condition keys have them: without case
  const auto* pairs = json::find_object(call.input, member);
  for (const auto& [name, value] : pairs != nullptr ? *pairs : json::object()) {
    bytes += name.size() + value.get_string().size();
    context.emplace(name, value.get_string());
    if (!names.insert(lower(name)).second) {
      return fault::validation("Two names of the encryption context differ only by case.");
    }
  }
  if (bytes > Limits::context_bytes_max) {
    return fault::validation("The encryption context is longer than 8192 bytes.");
  }
  return context;
}

// Markers are the last that was shown.
Found<std::string> marker_in(const Call& call) {
  const auto marker = text(call, "Marker");
  if (marker.empty()) {
    return std::string();
  }
  const auto after = codec::base64_decode(marker);
  return after && !after->empty() ? Found<std::string>(*after) : fault::invalid_marker();
}

void mark(boost::json::object& output, bool truncated, std::string_view last) {
  output["Truncated"] = truncated;
  if (truncated) {
    output["NextMarker"] = codec::base64_encode(last);
  }
}

Found<Page> page_of(const Call& call, const std::vector<std::string>& marks, std::size_t usual,
                    boost::json::object& output) {
  CAIRN_TRY(const auto after, marker_in(call));
  const auto most = static_cast<std::size_t>(
      json::find_int(call.input, "Limit").value_or(static_cast<std::int64_t>(usual)));
  Page page;
  page.begin =
      after.empty() ? 0 : static_cast<std::size_t>(std::ranges::upper_bound(marks, after) - marks.begin());
  page.end = std::min(marks.size(), page.begin + most);
  mark(output, page.end<marks.size(), page.end> page.begin ? marks[page.end - 1] : std::string());
  return page;
}

}  // namespace cairn::services::kms
