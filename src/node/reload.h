// Reading the configuration again while Cairn runs (SIGHUP): what changes at once, and what only a start
// changes. docs/operate/configuration.md says which is which.
#pragma once

#include <string>
#include <vector>

#include "node/config.h"
#include "node/node.h"

namespace cairn::node {

struct Changed {
  std::string setting;
  std::string running;
  std::string configured;
};

// The settings that differ and that are in force as soon as they are read. Both are only read.
std::vector<Changed> changes_at_once(Config& running, Config& fresh);
// The settings that differ and that only a start changes.
std::vector<Changed> needs_restart(Config& running, Config& fresh);

// Brings what can change into the node, and says in the log what cannot. An error leaves all as it was, and
// is said in the log. `running` is what is in force, before and after.
void reload(Node& node, Config& running, Result<Config> fresh);

}  // namespace cairn::node
