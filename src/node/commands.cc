#include "node/commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>

#include "base/log.h"
#include "node/allocator.h"
#include "node/command_line.h"
#include "node/config.h"
#include "node/node.h"
#include "node/reload.h"
#include "node/service_manager.h"
#include "node/signals.h"

namespace cairn::node {
namespace {

void print_banner(const Node& node, const Config& config) {
  fmt::print("Cairn listens at {}\n", node.endpoint());
  const auto region = config.regions.empty() ? std::string("us-east-1") : config.regions.front();
  fmt::print(
      "\nPaste this into a shell, and the AWS CLI and SDKs talk to it:\n\n"
      "  unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION\n"
      "  export AWS_ENDPOINT_URL={}\n"
      "  export AWS_SHARED_CREDENTIALS_FILE={}\n"
      "  export AWS_PROFILE=default\n"
      "  export AWS_DEFAULT_REGION={}\n\n",
      node.endpoint(), std::filesystem::absolute(config.data / "credentials").lexically_normal().string(),
      region);
  std::fflush(stdout);
}

constexpr Millis kUntilReady{50};

// Until somebody asks to stop.
void attend(Node& node, Signals& signals, const std::function<void()>& read_again) {
  const ServiceManager manager;
  const auto every =
      manager.alive_every() > Millis{0} ? std::min(manager.alive_every(), Trimmer::kEvery) : Trimmer::kEvery;
  Trimmer trimmer;
  bool said_ready = false;
  while (true) {
    if (!said_ready && node.ready()) {
      manager.ready();
      said_ready = true;
    }
    const auto asked = signals.wait(said_ready ? every : kUntilReady);
    if (asked == Signals::Asked::stop) {
      manager.stopping();
      return;
    }
    if (asked == Signals::Asked::reload) {
      manager.reloading();
      read_again();
      manager.ready();
    }
    if (manager.alive_every() > Millis{0} && node.responds(every)) {
      manager.alive();
    }
    trimmer.run();
  }
}

}  // namespace

void Commands::add_settings(CLI::App& command) {
  command.add_option("--config", config_file_, "YAML file");
  Config defaults;
  for (const auto& setting : settings(defaults)) {
    // "--tls-cert" is what everybody tries.
    const auto other = setting.name.starts_with("tls.") ? ",--tls-" + setting.name.substr(4) : std::string();
    command.add_option("--" + setting.name + other, flags_[setting.name], "default: " + setting.show());
  }
}

void Commands::add_to(CLI::App& app) {
  auto* serve_command = app.add_subcommand("serve", "run Cairn");
  add_settings(*serve_command);
  serve_command->callback([this] { chosen_ = [this] { return serve(); }; });

  auto* check = app.add_subcommand("check-config",
                                   "check the configuration and print the effective whole, secrets hidden");
  add_settings(*check);
  check->callback([this] { chosen_ = [this] { return check_config(); }; });

  auto* journal_command = app.add_subcommand("journal", "look at a journal");
  journal_command->require_subcommand(1);
  add_journal_dump(*journal_command, chosen_);
  add_journal_check(*journal_command, chosen_);
  add_admin(app, chosen_);
  add_explain(app, chosen_);
  add_doctor(app, chosen_);
  add_backup(app, chosen_);
  add_tail(app, chosen_);
  add_verify(app, chosen_);
  add_worker(app, chosen_);
}

int Commands::run() {
  return chosen_();
}

int Commands::serve() {
  auto config = load_from(config_file_, flags_);
  if (!config) {
    return complain(config.error());
  }
  limit_arenas();
  log::configure(config->log.level, config->log.format);
  for (const auto& warning : config->warnings) {
    log::warn("a setting has no effect", {{"setting", warning}});
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  Signals signals;

  auto node = Node::start(*config);
  if (!node) {
    log::error("cannot start", {{"error", node.error().text()}});
    return kFailed;
  }
  print_banner(**node, *config);
  log::info("listening", {{"address", (*node)->endpoint()}, {"data", config->data.string()}});
  attend(**node, signals, [&] { reload(**node, *config, load_from(config_file_, flags_)); });
  (*node)->stop();
  log::info("stopped");
  return 0;
}

int Commands::check_config() {
  auto config = load_from(config_file_, flags_);
  if (!config) {
    return complain(config.error());
  }
  if (const auto declared = access::check_declared(config->accounts); !declared) {
    return complain(declared.error());
  }
  for (const auto& warning : config->warnings) {
    fmt::print(stderr, "cairn: warning: {}\n", warning);
  }
  fmt::print("{}", show(*config));
  return 0;
}

}  // namespace cairn::node
