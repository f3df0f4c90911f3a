// Tested by reload_test.cc and conformance/test_reload.py.
#include "node/reload.h"

#include <algorithm>
#include <array>

#include "base/log.h"

namespace cairn::node {
namespace {

constexpr std::array<std::string_view, 7> kAtOnce = {"log.level",
                                                     "log.format",
                                                     "history.retention",
                                                     "trails.require_bucket_policy",
                                                     "limits.aws_rates",
                                                     "limits.trails_per_region",
                                                     "limits.failures_a_minute"};

// A certificate is read again as it is shown; whether there is one at all, only a start decides.
bool is_at_once(std::string_view setting, const Config& running, const Config& fresh) {
  return std::ranges::find(kAtOnce, setting) != kAtOnce.end() ||
         (setting.starts_with("tls.") && running.tls.on() && fresh.tls.on());
}

std::string first_account(const Config& config) {
  return config.accounts.empty() ? std::string(access::kDefaultAccount) : config.accounts.front().id;
}

std::string upstreams_of(const Config& config) {
  std::string text;
  for (const auto& [service, to] : config.gateway.upstreams) {
    text += (text.empty() ? "" : ", ") + service + "=" + to.url;
    text += to.access_key.empty() ? "" : " resigned by " + to.access_key + " " + to.region;
  }
  return text;
}

std::vector<Changed> changed_settings(Config& running, Config& fresh, bool wanted_at_once) {
  std::vector<Changed> changed;
  const auto old_settings = settings(running);
  const auto new_settings = settings(fresh);
  for (std::size_t i = 0; i < old_settings.size(); ++i) {
    const auto& name = old_settings[i].name;
    if (is_at_once(name, running, fresh) == wanted_at_once &&
        old_settings[i].show() != new_settings[i].show()) {
      changed.push_back({name, old_settings[i].show(), new_settings[i].show()});
    }
  }
  return changed;
}

}  // namespace

std::vector<Changed> changes_at_once(Config& running, Config& fresh) {
  return changed_settings(running, fresh, true);
}

std::vector<Changed> needs_restart(Config& running, Config& fresh) {
  auto changed = changed_settings(running, fresh, false);
  if (first_account(running) != first_account(fresh)) {
    changed.push_back({"accounts (the first one)", first_account(running), first_account(fresh)});
  }
  if (upstreams_of(running) != upstreams_of(fresh)) {
    changed.push_back({"gateway.upstreams", upstreams_of(running), upstreams_of(fresh)});
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
  for (const auto& warning : fresh->warnings) {
    log::warn("a setting has no effect", {{"setting", warning}});
  }
  const auto waiting = needs_restart(running, *fresh);
  for (const auto& [setting, now, wanted] : waiting) {
    log::warn("a changed setting needs a restart",
              {{"setting", setting}, {"running", now}, {"configured", wanted}});
  }
  for (const auto& [setting, before, now] : changes_at_once(running, *fresh)) {
    log::info("a changed setting is in force", {{"setting", setting}, {"before", before}, {"now", now}});
  }
  running.log = fresh->log;
  running.history = fresh->history;
  running.trails = fresh->trails;
  running.limits = fresh->limits;
  if (running.tls.on() && fresh->tls.on()) {
    running.tls = fresh->tls;
  }
  log::info("configuration read again", {{"waiting_for_a_restart", waiting.size()}});
}

}  // namespace cairn::node
