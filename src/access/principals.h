// The Principal or NotPrincipal of a statement: "*", or {"AWS": …, "Service": …, "CanonicalUser": …,
// "Federated": …}.
// {"AWS": "*"} is everyone, anonymous callers and services too. Canonical users and federations are read but
// name no caller of Cairn's. A value; any thread. Tested by policy_test.cc.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"

namespace cairn::access {

class Principals {
 public:
  // None: AWS would not accept it.
  static std::optional<Principals> parse(const boost::json::value& value);

  // Himself: by ARN, id, service name or as one of everyone. A session is also its role.
  bool names(const Principal& principal) const;
  // The account he belongs to.
  bool names_account_of(const Principal& principal) const;

 private:
  bool add(std::string_view kind, std::string_view name);
  bool add_aws(std::string_view name);

  bool everyone_ = false;
  std::vector<std::string> accounts_;
  std::vector<std::string> arns_;
  std::vector<std::string> ids_;
  std::vector<std::string> services_;
};

}  // namespace cairn::access
