#include "services/kms/grant_policy.h"

#include "access/principals.h"
#include "json/json.h"
#include "services/kms/grants.h"

namespace cairn::services::kms {
namespace {

// A grant that counts for this: its operation, with this encryption context; one that lets its holder make others, for
// no more than it allows itself.
bool counts(const keys::Grant& grant, const Call& call, std::string_view action, const keys::EncryptionContext& context) {
  if (!grant.allows(action)) {
    return false;
  }
  if (action == "CreateGrant") {
    return is_within(grant_in(call), grant);
  }
  const bool encrypts = action != "DescribeKey" && action != "RetireGrant";
  return !encrypts || grant.accepts(context);
}

// What grants add to the key's policy: one statement at most for each way in which a grant can name this caller, however
// many there are. So the whole stays within what a policy may be.
class Additions {
 public:
  Additions(const Call& call, std::string_view action) : call_(call), action_("kms:" + std::string(action)) {}

  void add(std::string_view who) {
    auto statement = statement_for(who, action_);
    const auto principals = access::Principals::parse(statement.at("Principal"));
    const auto names = principals ? principals->names(call_.caller.principal) : access::Principals::Named{};
    const bool is_new = (names.self && !seen_.self) || (names.issuer && !seen_.issuer) || (names.account && !seen_.account);
    if (!is_new) {
      return;
    }
    seen_ = {.self = seen_.self || names.self,
             .issuer = seen_.issuer || names.issuer,
             .account = seen_.account || names.account};
    statements_.push_back(std::move(statement));
  }
  const json::array& statements() const { return statements_; }

 private:
  const Call& call_;
  const std::string action_;
  access::Principals::Named seen_{};
  json::array statements_;
};

}  // namespace

Task<Found<std::string>> policy_text(const Dependencies& on, const Call& call, std::string_view action, keys::Key key,
                                     const keys::EncryptionContext& context, std::string retired) {
  const auto grants = co_await keys::grants_of(on.catalog, key);
  if (!grants) {
    co_return fault::failure(grants.error());
  }
  Additions more(call, action);
  for (const auto& [grant, version] : *grants) {
    if (counts(grant, call, action, context) && (retired.empty() || grant.id == retired)) {
      more.add(grant.grantee);
    }
    if (action == "RetireGrant" && grant.id == retired && !grant.retiring.empty()) {
      more.add(grant.retiring);
    }
  }
  if (more.statements().empty()) {
    co_return key.policy;
  }
  auto policy = json::parse_object(key.policy);
  if (!policy) {
    co_return fault::failure(policy.error());
  }
  auto& statements = (*policy)["Statement"];
  if (!statements.is_array()) {
    statements = json::array{statements};
  }
  statements.get_array().insert(statements.get_array().end(), more.statements().begin(), more.statements().end());
  co_return json::serialize(*policy);
}

}  // namespace cairn::services::kms
