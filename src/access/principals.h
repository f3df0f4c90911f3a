// The Principal or NotPrincipal of a statement: "*", or {"AWS": …, "Service": …, "CanonicalUser": …,
// "Federated": …}.
// {"AWS": "*"} is everyone, anonymous callers and services too. A canonical user is an account. Federations
// are read but name no caller of Cairn's. A value; any thread. Tested by policy_test.cc.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"

namespace cairn::access {

// What S3 calls an account: 64 hex digits.
std::string canonical_user_id(std::string_view account);

class Principals {
 public:
  // None: AWS would not accept it.
  static std::optional<Principals> parse(const boost::json::value& value);

  // By what a principal is named. As one of everyone he is named in every way.
  struct Named {
    bool self = false;     // by ARN, id or service name
    bool issuer = false;   // a session: by its role, or by the user who federated
    bool account = false;  // by the account he belongs to
  };
  Named names(const Principal& principal) const;

 private:
  bool add(std::string_view kind, std::string_view name);
  bool add_aws(std::string_view name);
  bool names_issuer_of(const Principal& session) const;

  bool everyone_ = false;
  std::vector<std::string> accounts_;
  std::vector<std::string> arns_;
  std::vector<std::string> ids_;
  std::vector<std::string> services_;
  std::vector<std::string> canonical_users_;
};

}  // namespace cairn::access
