// Who calls, as a value: what front/ learnt from a signature, or what a follower is when it calls in process.
#pragma once

#include <string>

namespace cairn::access {

// session: of a role (AssumeRole); federated: of a user or of root (GetFederationToken).
enum class PrincipalKind { anonymous, root, user, session, federated, service };

struct Principal {
  PrincipalKind kind = PrincipalKind::anonymous;
  std::string account;     // 12 digits; empty for a service and for anonymous
  std::string arn;         // "arn:aws:iam::111122223333:user/ann"; a service: empty
  std::string id;          // AIDA…; AROA…:SESSION; ACCOUNT:NAME of a federated user; the account for root
  std::string name;        // user name; a service: "cloudtrail.amazonaws.com"
  std::string access_key;  // what it signed with; empty in process
  // Whose session it is: the role's ARN, path and all, or that of the user who federated. Empty: nobody's, or
  // a session of a role that is known by the name in its ARN only.
  std::string issuer{};

  // Has identity policies, and an account that a resource policy may name. Services and anonymous callers
  // have neither.
  bool of_an_account() const { return kind != PrincipalKind::anonymous && kind != PrincipalKind::service; }
  bool is_session() const { return kind == PrincipalKind::session || kind == PrincipalKind::federated; }
};

}  // namespace cairn::access
