// Who calls, as a value: what front/ learnt from a signature, or what a follower is when it calls in process.
#pragma once

#include <string>

namespace cairn::access {

enum class PrincipalKind { anonymous, root, user, session, service };

struct Principal {
  PrincipalKind kind = PrincipalKind::anonymous;
  std::string account;     // 12 digits; empty for a service and for anonymous
  std::string arn;         // "arn:aws:iam::111122223333:user/ann"; a service: empty
  std::string id;          // AIDA…; the account for root
  std::string name;        // user name; a service: "cloudtrail.amazonaws.com"
  std::string access_key;  // what it signed with; empty in process

  // Has identity policies, and an account that a resource policy may name. Services and anonymous callers
  // have neither.
  bool of_an_account() const {
    return kind == PrincipalKind::root || kind == PrincipalKind::user || kind == PrincipalKind::session;
  }
};

}  // namespace cairn::access
