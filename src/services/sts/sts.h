// STS's API: who am I, and whose is this key. Temporary credentials are not there: the front refuses the rest
// as not implemented.
#pragma once

#include <memory>

#include "catalog/catalog.h"
#include "front/service.h"

namespace cairn::services::sts {

// The catalog outlives the service.
std::unique_ptr<front::Service> make_sts(catalog::Catalog& catalog);

}  // namespace cairn::services::sts
