// The settings of SNS's ways out: sns.smtp and sns.commands.
#pragma once

#include <vector>

#include "node/config.h"

namespace cairn::node {

// They point into it.
std::vector<Setting> outlet_settings(Config& config);
// What goes together. Errc::invalid.
Result<void> check_outlets(const Config& config);

}  // namespace cairn::node
