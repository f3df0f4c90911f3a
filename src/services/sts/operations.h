// The operations, one file each. Inside services/sts only.
#pragma once

#include "front/service.h"
#include "services/sts/sts.h"

namespace cairn::services::sts {

using front::Answer;
using front::Call;
using front::Outcome;

Task<Answer> get_access_key_info(catalog::Catalog& catalog, Call& call);
Task<Answer> get_caller_identity(catalog::Catalog& catalog, Call& call);

}  // namespace cairn::services::sts
