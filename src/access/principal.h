// Who calls, as a value: what front/ learnt from a signature, or what a follower is when it calls in process.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace cairn::access {

// What temporary credentials say of their caller, beyond who he is: records show it, and a role that he
// assumes inherits some of it.
struct SessionFacts {
  // Who asked for them: a role's session was made for the role. Empty: the caller himself (GetSessionToken).
  std::string issuer_type{};  // "Role", "IAMUser", "Root"
  std::string issuer_id{};
  std::string issuer_arn{};
  std::string issuer_account{};
  std::string issuer_name{};  // empty: root's
  Time issued{};
  std::string source_identity{};
  std::vector<std::pair<std::string, std::string>> transitive_tags{};  // for whichever role comes next
};

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
  std::shared_ptr<const SessionFacts> session{};  // null: long-term credentials, or none

  // Has identity policies, and an account that a resource policy may name. Services and anonymous callers
  // have neither.
  bool of_an_account() const { return kind != PrincipalKind::anonymous && kind != PrincipalKind::service; }
  bool is_session() const { return kind == PrincipalKind::session || kind == PrincipalKind::federated; }
};

}  // namespace cairn::access
