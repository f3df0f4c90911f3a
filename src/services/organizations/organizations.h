// AWS Organizations' API: organizations, the accounts and units in them, the services they trust, and who administers for
// these. What it answers is the table in organizations.cc; the front refuses the rest as not implemented.
//
// CreateAccount really makes the account, with a role in it that the management account may assume.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "catalog/catalog.h"
#include "front/service.h"

namespace cairn::services::organizations {

struct Limits {
  static constexpr std::size_t page_max = 20;  // as AWS's
  static constexpr std::size_t tags_max = 50;  // of an account, a unit or the root
};

struct Dependencies {
  catalog::Catalog& catalog;  // outlives the service
  // Called with the id of an account that is about to be made; it may not come to be. May be null.
  std::function<void(const std::string&)> account_comes{};
};

std::unique_ptr<front::Service> make_organizations(Dependencies dependencies);

}  // namespace cairn::services::organizations
