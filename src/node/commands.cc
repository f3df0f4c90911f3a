#include "node/commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "event/entry.h"
#include "journal/file/dump.h"
#include "json/json.h"
#include "node/command_line.h"
#include "node/config.h"
#include "node/node.h"

namespace cairn::node {
namespace {

void print_banner(const Node& node, const Config& config) {
  fmt::print("Cairn listens at http://{}\n", node.address());
  const auto region = config.regions.empty() ? std::string("us-east-1") : config.regions.front();
  fmt::print(
      "\nPaste this into a shell, and the AWS CLI and SDKs talk to it:\n\n"
      "  unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION\n"
      "  export AWS_ENDPOINT_URL=http://{}\n"
      "  export AWS_SHARED_CREDENTIALS_FILE={}\n"
      "  export AWS_PROFILE=default\n"
      "  export AWS_DEFAULT_REGION={}\n\n",
      node.address(), std::filesystem::absolute(config.data / "credentials").lexically_normal().string(),
      region);
  std::fflush(stdout);
}

// Waits for the signals that end the process. They are blocked in every thread (serve does it first), so that
// none is lost. Whoever asks while Cairn starts, or asks again while it stops, does not want to wait: what is
// acknowledged survives kill -9, so it survives this.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::thread([set = set_, state = state_] { watch(set, *state); }).detach();
  }
  // From now on the first signal only makes this return.
  void wait() {
    std::unique_lock lock(state_->mutex);
    state_->started = true;
    state_->asked_changed.wait(lock, [this] { return state_->asked; });
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable asked_changed;
    bool started = false;
    bool asked = false;
  };

  static void watch(const sigset_t& set, State& state) {
    while (true) {
      int signal = 0;
      if (sigwait(&set, &signal) != 0) {
        continue;
      }
      const std::lock_guard lock(state.mutex);
      if (!state.started || state.asked) {
        log::warn(state.started ? "asked to stop again, ending at once" : "asked to stop while starting",
                  {{"signal", signal}});
        std::_Exit(state.started ? kFailed : 0);
      }
      log::info("asked to stop", {{"signal", signal}});
      state.asked = true;
      state.asked_changed.notify_all();
    }
  }

  sigset_t set_{};
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace

void Commands::add_settings(CLI::App& command) {
  command.add_option("--config", config_file_, "YAML file");
  Config defaults;
  for (const auto& setting : settings(defaults)) {
    command.add_option("--" + setting.name, flags_[setting.name], "default: " + setting.show());
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
  auto* dump = journal_command->add_subcommand("dump", "print every entry as a line of JSON");
  dump->add_option("--data", flags_["data"], "the data folder");
  dump->add_option("--from", from_, "the first position");
  dump->callback([this] { chosen_ = [this] { return journal_dump(); }; });
  add_journal_check(*journal_command, chosen_);
  add_doctor(app, chosen_);
  add_backup(app, chosen_);
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
  log::configure(config->log.level, config->log.format);
  for (const auto& warning : config->warnings) {
    log::warn("the environment holds what looks like a setting and is none", {{"variable", warning}});
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
  log::info("listening", {{"address", (*node)->address()}, {"data", config->data.string()}});
  signals.wait();
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

int Commands::journal_dump() {
  const auto config = load_from("", {{"data", flags_["data"]}});
  if (!config) {
    return complain(config.error());
  }
  const auto print = [](const journal::Entry& entry) {
    const auto decoded = event::decode_entry(entry.payload);
    if (!decoded) {
      fmt::print("{{\"position\":{},\"error\":{}}}\n", entry.position.raw(),
                 json::quote(decoded.error().text()));
      return;
    }
    fmt::print("{{\"position\":{},\"time\":\"{}\",\"kind\":\"{}\",\"outbox\":{},\"{}\":{}}}\n",
               entry.position.raw(), rfc3339_millis(entry.time), event::to_string(decoded->kind),
               decoded->outbox_number, event::to_string(decoded->kind),
               decoded->body.empty() ? "null" : decoded->body);
  };
  const auto from = journal::Position{std::strtoull(from_.c_str(), nullptr, 10)};
  const auto dumped = journal::dump(config->data / "journal", from, print);
  return dumped ? 0 : complain(dumped.error());
}

}  // namespace cairn::node
