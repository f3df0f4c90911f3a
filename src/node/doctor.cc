// Tested by conformance/test_operate.py.
#include "node/doctor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "json/json.h"
#include "node/command_line.h"

namespace cairn::node {
namespace {

std::string_view word(Health health) {
  switch (health) {
    case Health::ok:
      return "ok";
    case Health::warning:
      return "warning";
    case Health::error:
      return "error";
  }
  return "?";
}

bool is_locked(const std::filesystem::path& data) {
  const File file(::open((data / "lock").c_str(), O_RDONLY | O_CLOEXEC));
  return file.is_open() && ::flock(file.descriptor(), LOCK_SH | LOCK_NB) != 0;
}

void print_text(const Findings& findings) {
  for (const auto& finding : findings) {
    fmt::print("{:<8} {:<12} {}\n", word(finding.health), finding.check, finding.says);
    if (!finding.advice.empty()) {
      fmt::print("{:<21} → {}\n", "", finding.advice);
    }
  }
}

void print_json(const Findings& findings) {
  json::array out;
  for (const auto& finding : findings) {
    out.push_back(json::object{{"check", finding.check},
                               {"health", word(finding.health)},
                               {"says", finding.says},
                               {"advice", finding.advice}});
  }
  fmt::print("{}\n", json::serialize(json::object{{"findings", std::move(out)}}));
}

// 0: all is well; 1: warnings; 2: errors.
int exit_status(const Findings& findings) {
  auto worst = Health::ok;
  for (const auto& finding : findings) {
    worst = std::max(worst, finding.health);
  }
  return static_cast<int>(worst);
}

struct Arguments {
  std::string config;
  std::string data;
  std::string master_key_file;
  bool as_json = false;
};

int doctor(const Arguments& arguments) {
  const auto config =
      load_from(arguments.config, {{"data", arguments.data}, {"master_key_file", arguments.master_key_file}});
  if (!config) {
    complain(config.error());
    return static_cast<int>(Health::error);
  }
  const auto key = config->master_key_file.empty() ? config->data / "master.key" : config->master_key_file;
  const auto findings = examine({.data = config->data,
                                 .master_key_file = key,
                                 .now = system_clock().now(),
                                 .running = is_locked(config->data)});
  arguments.as_json ? print_json(findings) : print_text(findings);
  return exit_status(findings);
}

}  // namespace

Findings examine(const Patient& patient) {
  Findings findings;
  std::error_code failed;
  if (!std::filesystem::is_directory(patient.data, failed)) {
    findings.push_back({Health::error, "folder", patient.data.string() + " is no folder",
                        "name the data folder: cairn doctor --data DIR"});
    return findings;
  }
  check_folder_and_secrets(patient, findings);
  Cursors cursors;
  check_catalog(patient, findings, cursors);
  check_event_ids(patient, findings, cursors);
  check_journal(patient, findings, cursors);
  check_room(patient, findings);
  return findings;
}

void add_doctor(CLI::App& app, Chosen& chosen) {
  const auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("doctor", "look a data folder over, and say what is wrong with it");
  command->add_option("--config", arguments->config, "YAML file");
  command->add_option("--data", arguments->data, "the data folder");
  command->add_option("--master_key_file", arguments->master_key_file, "default: <data>/master.key");
  command->add_flag("--json", arguments->as_json, "print JSON");
  command->callback([arguments, &chosen] { chosen = [arguments] { return doctor(*arguments); }; });
}

}  // namespace cairn::node
