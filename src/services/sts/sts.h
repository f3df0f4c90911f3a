// STS's API: who am I, whose is this key, and temporary credentials: of roles, of users, of whom users vouch
// for. They are sealed into their tokens (access/session.h): nothing is stored. The front refuses the rest as
// not implemented.
#pragma once

#include <memory>

#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "front/service.h"

namespace cairn::services::sts {

// Both outlive the service.
std::unique_ptr<front::Service> make_sts(catalog::Catalog& catalog, const crypto::Sealer& sealer);

}  // namespace cairn::services::sts
