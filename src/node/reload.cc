// Tested by reload_test.cc and conformance/test_reload.py.
#include "node/reload.h"

#include <algorithm>
#include <array>

#include "base/log.h"

namespace cairn::node {
namespace {

constexpr std::array<std::string_view, 2> kAtOnce = {"log.level", "log.format"};

std::string first_account(const Config& config) {
  return config.accounts.empty() ? std::string(access::kDefaultAccount) : config.accounts.front().id;
}

}  // namespace

std::vector<Changed> needs_restart(Config& running, Config& fresh) {
  std::vector<Changed> changed;
  const auto old_settings = settings(running);
  const auto new_settings = settings(fresh);
  for (std::size_t i = 0; i < old_settings.size(); ++i) {
    const auto& name = old_settings[i].name;
    const bool at_once = std::ranges::find(kAtOnce, name) != kAtOnce.end();
    if (!at_once && old_settings[i].show() != new_settings[i].show()) {
      changed.push_back({name, old_settings[i].show(), new_settings[i].show()});
    }
  }
  if (first_account(running) != first_account(fresh)) {
    changed.push_back({"accounts (the first one)", first_account(running), first_account(fresh)});
  }
  return changed;
}

void reload(Node& node, Config& running, Result<Config> fresh) {
  if (!fresh) {
    log::error("the configuration is wrong, and the old one stays", {{"error", fresh.error().text()}});
    return;
  }
  if (const auto done = node.reload(*fresh); !done) {
    log::error("the configuration cannot be applied, and the old one stays",
               {{"error", done.error().text()}});
    return;
  }
  log::configure(fresh->log.level, fresh->log.format);
  const auto waiting = needs_restart(running, *fresh);
  for (const auto& [setting, now, wanted] : waiting) {
    log::warn("a changed setting needs a restart",
              {{"setting", setting}, {"running", now}, {"configured", wanted}});
  }
  running.log = fresh->log;
  log::info("configuration read again", {{"waiting_for_a_restart", waiting.size()}});
}

}  // namespace cairn::node
