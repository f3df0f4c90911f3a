// AssumeRole: a session of a role, here or in another account. Tested by assume_role_test.cc.
#include "access/access.h"
#include "access/entities.h"
#include "aws/record_form.h"
#include "json/json.h"
#include "services/sts/operations.h"

namespace cairn::services::sts {

namespace {

using access::PrincipalKind;
using access::RoleDocument;
using std::chrono::seconds;

constexpr seconds kRoleDuration{3600};
constexpr seconds kChainedDurationMax{3600};

Found<aws::Arn> role_arn_of(const Call& call) {
  const auto role_arn = text(call, "RoleArn");
  auto arn = aws::Arn::parse(role_arn);
  if (!arn) {
    return fault::validation(role_arn + " is invalid");
  }
  return *std::move(arn);
}

// None: there is no such role, or its account is closed. Whoever asks cannot tell that from a refusal.
using StoredRole = access::Stored<RoleDocument>;

// The role that permission was asked for: what is issued is of this one, as it was then.
struct AskedRole final : front::Staged {
  std::string id;  // empty: there was none
  catalog::Version version = 0;
};

Task<Found<std::optional<StoredRole>>> find_role(const Dependencies& on, const aws::Arn& arn) {
  const std::string account(arn.account());
  const auto resource = arn.resource();
  if (!aws::AccountId::parse(account) || !resource.starts_with("role/")) {
    co_return std::optional<StoredRole>();
  }
  const auto open = co_await access::load_account(on.catalog, account);
  if (!open) {
    co_return fault::failure(open.error());
  }
  std::string name(resource.substr(resource.rfind('/') + 1));
  auto role = co_await access::load<RoleDocument>(on.catalog, account, std::move(name));
  if (!role) {
    co_return fault::failure(role.error());
  }
  if (!*open || !(*open)->value.active || !*role || (*role)->value.arn() != arn.text()) {
    co_return std::optional<StoredRole>();
  }
  co_return std::move(*role);
}

void add_keys(const Call& call, const RoleDocument* role, access::Context& context) {
  const auto add = [&](std::string_view key, std::string_view member) {
    if (const auto value = json::find_string(call.input, member)) {
      context.set(key, {std::string(*value)});
    }
  };
  add("sts:ExternalId", "ExternalId");
  add("sts:RoleSessionName", "RoleSessionName");
  add("sts:SourceIdentity", "SourceIdentity");
  add_tag_keys(call, context);
  for (const auto& tag : role != nullptr ? role->tags : std::vector<access::Tag>()) {
    access::add_resource_tag(context, tag.key, tag.value);
    context.add("iam:ResourceTag/" + tag.key, tag.value);
  }
}

const access::SessionFacts* session_of(const Call& call) {
  return call.caller.principal.session.get();
}

// A source identity stays what it was along a chain of roles.
Found<std::string> source_identity_of(const Call& call) {
  auto given = text(call, "SourceIdentity");
  const auto* session = session_of(call);
  const auto inherited = session != nullptr ? session->source_identity : std::string();
  if (!inherited.empty() && !given.empty() && given != inherited) {
    return fault::validation("SourceIdentity cannot be changed: the calling session has one already.");
  }
  return inherited.empty() ? std::move(given) : inherited;
}

Found<seconds> role_duration(const Call& call, const RoleDocument& role) {
  const auto duration = duration_of(call, kRoleDuration);
  const bool chained = call.caller.principal.kind == PrincipalKind::session;
  if (chained && duration > kChainedDurationMax) {
    return fault::validation(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
  }
  if (duration > seconds(role.session_seconds_max)) {
    return fault::validation(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  return duration;
}

// The same, and unchanged since: neither its trust policy nor anything else of it is another.
bool is_asked(const Call& call, const std::optional<StoredRole>& role) {
  const auto* asked = static_cast<const AskedRole*>(call.staged.get());
  return asked != nullptr && role && role->value.id == asked->id && role->version == asked->version;
}

Outcome stale() {
  Outcome outcome;
  outcome.stale = true;
  return outcome;
}

void describe(const access::Session& session, const RoleDocument& role, boost::json::object& output) {
  boost::json::object user;
  user["AssumedRoleId"] = role.id + ":" + session.name;
  user["Arn"] = "arn:aws:sts::" + role.account + ":assumed-role/" + role.name + "/" + session.name;
  output["AssumedRoleUser"] = std::move(user);
  if (!session.source_identity.empty()) {
    output["SourceIdentity"] = session.source_identity;
  }
}

}  // namespace

// The trust rules: it must name the caller, or leave him to his account's policies. Tags and a source
// identity need permission of their own.
Task<Asks> assume_role_asks(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto arn, role_arn_of(call));
  if (call.caller.principal.kind == PrincipalKind::root) {
    co_return fault::denied("Roles may not be assumed by root accounts.");
  }
  CAIRN_CO_TRY(const auto found, co_await find_role(on, arn));
  const auto* role = found ? &found->value : nullptr;
  auto asked = std::make_unique<AskedRole>();
  asked->id = role != nullptr ? role->id : "";
  asked->version = found ? found->version : 0;
  call.staged = std::move(asked);
  access::Ask ask;
  ask.action = "sts:AssumeRole";
  ask.resource = arn.text();
  ask.resource_account = arn.account();
  ask.resource_policy_rules = true;
  ask.resource_policy_name = "role trust";
  if (role != nullptr) {
    auto trust = access::Policy::parse(role->trust, access::PolicyKind::trust);
    if (!trust) {  // it was parsed when it was put
      co_return fault::failure(trust.error());
    }
    ask.resource_policy = *std::move(trust);
  }
  add_keys(call, role, ask.context);
  std::vector<access::Ask> all{ask};
  const auto* session = session_of(call);
  if (has_tags(call) || (session != nullptr && !session->transitive_tags.empty())) {
    ask.action = "sts:TagSession";
    all.push_back(ask);
  }
  if (!text(call, "SourceIdentity").empty() || (session != nullptr && !session->source_identity.empty())) {
    ask.action = "sts:SetSourceIdentity";
    all.push_back(ask);
  }
  co_return all;
}

Task<Answer> assume_role(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY_VOID(refuse_unknown_arguments(call));
  CAIRN_CO_TRY(const auto arn, role_arn_of(call));
  CAIRN_CO_TRY(const auto found, co_await find_role(on, arn));
  if (!is_asked(call, found)) {
    co_return stale();
  }
  const auto* role = &found->value;
  call.record.resources = {
      {.arn = role->arn(), .account_id = role->account, .type = "AWS::IAM::Role", .arn_prefix = {}}};
  CAIRN_CO_TRY(const auto duration, role_duration(call, *role));
  access::Session session{.kind = access::SessionKind::role,
                          .account = role->account,
                          .owner = role->name,
                          .owner_id = role->id,
                          .name = text(call, "RoleSessionName"),
                          .issued = whole_seconds(call.time),
                          .expires = whole_seconds(call.time) + duration};
  CAIRN_CO_TRY(session.source_identity, source_identity_of(call));
  CAIRN_CO_TRY_VOID(co_await take_policies(on, call, role->account, session));
  CAIRN_CO_TRY_VOID(take_tags(call, session));
  Outcome outcome;
  CAIRN_CO_TRY_VOID(issue(on, session, outcome.output));
  describe(session, *role, outcome.output);
  // Records of other reading calls have no elements; of this one they have all but the secret.
  call.record.response_elements =
      aws::record_parameters(*call.operation.output.shape, outcome.output, aws::record_policy(call.service));
  co_return outcome;
}

}  // namespace cairn::services::sts
