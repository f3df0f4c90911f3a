// Permissions boundaries and session policies: AWS's table of what a resource policy's allow reaches past an
// implicit deny elsewhere ("How AWS enforcement code logic evaluates requests"), row by row.
#include <gtest/gtest.h>

#include "access/access.h"

namespace cairn::access {
namespace {

const std::string kAccount = "111122223333";
const std::string kOther = "444455556666";
const std::string kUser = "arn:aws:iam::111122223333:user/ann";
const std::string kRole = "arn:aws:iam::111122223333:role/ops/Falcon";
const std::string kSession = "arn:aws:sts::111122223333:assumed-role/Falcon/nightly";
const std::string kFederated = "arn:aws:sts::111122223333:federated-user/ann";
const std::string kRoot = "arn:aws:iam::111122223333:root";

std::shared_ptr<const Policy> identity(std::string_view effect, std::string_view action) {
  return *Policy::parse(R"({"Version":"2012-10-17","Statement":{"Effect":")" + std::string(effect) +
                            R"(","Action":")" + std::string(action) + R"(","Resource":"*"}})",
                        PolicyKind::identity);
}

std::shared_ptr<const Policy> bucket(std::string_view principal) {
  return *Policy::parse(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":")" +
                            std::string(principal) + R"("},"Action":"s3:*","Resource":"arn:aws:s3:::b/*"}})",
                        PolicyKind::resource);
}

const auto kSilent = identity("Allow", "sns:*");  // an implicit deny
const auto kAllows = identity("Allow", "s3:*");
const auto kDenies = identity("Deny", "s3:*");

enum class Who { user, session, federated, federated_by_root, root };

Principal principal(Who who) {
  Principal made{.account = kAccount};
  switch (who) {
    case Who::user:
      made.kind = PrincipalKind::user;
      made.arn = kUser;
      made.id = "AIDAAAAAAAAAAAAAAAAAA";
      made.name = "ann";
      break;
    case Who::session:
      made.kind = PrincipalKind::session;
      made.arn = kSession;
      made.id = "AROAAAAAAAAAAAAAAAAAA:nightly";
      made.issuer = kRole;
      break;
    case Who::federated:
    case Who::federated_by_root:
      made.kind = PrincipalKind::federated;
      made.arn = kFederated;
      made.id = kAccount + ":ann";
      made.issuer = who == Who::federated ? kUser : kRoot;
      break;
    case Who::root:
      made.kind = PrincipalKind::root;
      made.arn = kRoot;
      made.id = kAccount;
      break;
  }
  return made;
}

struct Row {
  Who who;
  std::string names;  // whom the bucket's policy lets in; empty: it has none
  std::shared_ptr<const Policy> identity;
  std::shared_ptr<const Policy> boundary;         // null: none
  std::shared_ptr<const Policy> session;          // null: none was passed
  std::string refused;                            // empty: allowed
  std::string resource_account = "111122223333";  // the bucket's
};

Decision decided(const Row& row) {
  Caller caller;
  caller.principal = principal(row.who);
  if (row.identity) {
    caller.policies.push_back(row.identity);
  }
  caller.boundary = row.boundary;
  if (row.session) {
    caller.session_policies = Policies{row.session};
  }
  Ask ask;
  ask.action = "s3:GetObject";
  ask.resource = "arn:aws:s3:::b/k";
  ask.resource_account = row.resource_account;
  ask.resource_policy = row.names.empty() ? nullptr : bucket(row.names);
  return decide(caller, ask);
}

const std::string kNoIdentity = "because no identity-based policy allows the s3:GetObject action";
const std::string kNoResource = "because no resource-based policy allows the s3:GetObject action";
const std::string kNoBoundary = "because no permissions boundary allows the s3:GetObject action";
const std::string kNoSession = "because no session policy allows the s3:GetObject action";

TEST(DecideLimits, rows) {
  using enum Who;
  const Row rows[] = {
      // The documented table: everything else is an implicit deny.
      {session, kRole, kSilent, kSilent, kSilent, kNoBoundary},
      {session, kSession, kSilent, kSilent, kSilent, ""},
      {user, kUser, kSilent, kSilent, nullptr, ""},
      {federated, kUser, kSilent, kSilent, kSilent, kNoBoundary},
      {federated, kFederated, kSilent, kSilent, kSilent, ""},
      {root, kRoot, nullptr, nullptr, nullptr, ""},
      // Each limit of the role by itself.
      {session, kRole, kSilent, nullptr, nullptr, ""},
      {session, kRole, kSilent, kAllows, kSilent, kNoSession},
      {session, kRole, kSilent, kAllows, kAllows, ""},
      {session, "AROAAAAAAAAAAAAAAAAAA", kSilent, kSilent, nullptr, kNoBoundary},
      {session, "arn:aws:iam::111122223333:role/Falcon", kSilent, nullptr, nullptr,
       kNoIdentity},  // another path
      {federated, kUser, kSilent, kAllows, kSilent, kNoSession},
      {federated, kUser, kSilent, kAllows, kAllows, ""},
      // Everyone, him too: directly. His account: as if the policy said nothing of him.
      {session, "*", kSilent, kSilent, kSilent, ""},
      {user, "*", kSilent, kSilent, nullptr, ""},
      {user, kAccount, kAllows, kSilent, nullptr, kNoBoundary},
      {user, kAccount, kSilent, kAllows, nullptr, kNoIdentity},
      {user, kAccount, kAllows, kAllows, nullptr, ""},
      // No resource policy: the intersection of all.
      {user, "", kAllows, kAllows, nullptr, ""},
      {user, "", kAllows, kSilent, nullptr, kNoBoundary},
      {user, "", kSilent, kAllows, nullptr, kNoIdentity},
      {session, "", kAllows, kAllows, kSilent, kNoSession},
      {session, "", kAllows, kSilent, kAllows, kNoBoundary},
      {session, "", kSilent, kAllows, kAllows, kNoIdentity},
      {session, "", kAllows, kAllows, kAllows, ""},
      {federated_by_root, "", nullptr, nullptr, kAllows, ""},
      {federated_by_root, "", nullptr, nullptr, kSilent, kNoSession},
      // An explicit deny wins wherever it stands.
      {user, kUser, kAllows, kDenies, nullptr, "with an explicit deny in a permissions boundary"},
      {session, kSession, kAllows, kAllows, kDenies, "with an explicit deny in a session policy"},
      {session, kSession, kDenies, kAllows, kAllows, "with an explicit deny in an identity-based policy"},
      // Another account's bucket: both sides, whomever it names.
      {user, kUser, kSilent, nullptr, nullptr, kNoIdentity, kOther},
      {user, kUser, kAllows, kSilent, nullptr, kNoBoundary, kOther},
      {user, kUser, kAllows, kAllows, nullptr, "", kOther},
      {session, kSession, kSilent, nullptr, nullptr, kNoIdentity, kOther},
      {session, kSession, kAllows, kAllows, kSilent, kNoSession, kOther},
      {session, kRole, kAllows, kAllows, kAllows, "", kOther},
      {session, kAccount, kAllows, kAllows, kAllows, "", kOther},
      {session, kUser, kAllows, kAllows, kAllows, kNoResource, kOther},
      {root, kAccount, nullptr, nullptr, nullptr, "", kOther},
  };
  for (const auto& row : rows) {
    const auto decision = decided(row);
    const auto at = "row " + std::to_string(&row - rows);
    EXPECT_EQ(decision.reason, row.refused) << at;
    EXPECT_EQ(decision.allowed, row.refused.empty()) << at;
    EXPECT_EQ(decision.explicit_deny, row.refused.starts_with("with an explicit")) << at;
  }
}

TEST(DecideLimits, a_list_of_session_policies_is_their_union_and_an_empty_one_allows_nothing) {
  Caller caller;
  caller.principal = principal(Who::session);
  caller.policies = {kAllows};
  Ask ask;
  ask.action = "s3:GetObject";
  ask.resource = "arn:aws:s3:::b/k";
  ask.resource_account = kAccount;
  EXPECT_TRUE(decide(caller, ask).allowed);
  caller.session_policies = Policies{};
  EXPECT_EQ(decide(caller, ask).reason, kNoSession);
  caller.session_policies = Policies{kSilent, kAllows};
  EXPECT_TRUE(decide(caller, ask).allowed);
  caller.session_policies = Policies{kAllows, kDenies};
  EXPECT_TRUE(decide(caller, ask).explicit_deny);
}

TEST(DecideLimits, a_roles_trust) {
  const auto trust = [](std::string_view principal) {
    return *Policy::parse(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":")" +
                              std::string(principal) + R"("},"Action":"sts:AssumeRole"}})",
                          PolicyKind::trust);
  };
  const auto asks = [&](std::string_view trusted, bool may_assume) {
    Caller caller;
    caller.principal = principal(Who::user);
    caller.policies = {identity("Allow", may_assume ? "sts:*" : "s3:*")};
    Ask ask;
    ask.action = "sts:AssumeRole";
    ask.resource = kRole;
    ask.resource_account = kAccount;
    ask.resource_policy = trust(trusted);
    ask.resource_policy_rules = true;
    ask.resource_policy_name = "role trust";
    return decide(caller, ask).reason;
  };
  EXPECT_EQ(asks(kUser, false), "");
  EXPECT_EQ(asks(kAccount, true), "");
  EXPECT_EQ(asks(kAccount, false), "because no identity-based policy allows the sts:AssumeRole action");
  EXPECT_EQ(asks(kRole, true), "because no role trust policy allows the sts:AssumeRole action");
}

TEST(DecideLimits, trust_policies_are_parsed_with_iams_words) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"x", "This policy contains invalid Json"},
      {R"({"Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}})", "Missing required field Principal"},
      {R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}})",
       "Has prohibited field Resource"},
      {R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","NotResource":"*"}})",
       "Has prohibited field Resource"},
      {R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"*"}})",
       "AssumeRole policy may only specify STS AssumeRole actions."},
      {R"({"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}})",
       "Allow with NotPrincipal is not allowed."},
  };
  for (const auto& [text, expected] : rows) {
    const auto policy = Policy::parse(text, PolicyKind::trust);
    ASSERT_FALSE(policy) << text;
    EXPECT_EQ(policy.error().what, expected) << text;
  }
}

}  // namespace
}  // namespace cairn::access
