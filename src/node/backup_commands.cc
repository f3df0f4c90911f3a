// `cairn backup` and `cairn restore`.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "backup/backup.h"
#include "node/command_line.h"
#include "node/key_binding.h"

namespace cairn::node {
namespace {

struct BackupArguments {
  std::string config;
  std::string data;
  std::string folder;  // the backup's
  std::string master_key;
};

// The backup is there, and its caller's script must not take it for whole.
int say_lost(const backup::Summary& made) {
  constexpr int kIncomplete = 3;
  fmt::print(stderr, "{} blobs that the catalog names are not there whole, here and so in the backup:\n", made.lost_count);
  for (const auto& blob : made.lost) {
    fmt::print(stderr, "  {}\n", blob);
  }
  fmt::print(stderr, "All else is in it. `cairn doctor` says whose they are.\n");
  return kIncomplete;
}

int make_backup(const BackupArguments& arguments) {
  const auto config = load_from(arguments.config, {{"data", arguments.data}});
  if (!config) {
    return complain(config.error());
  }
  const auto made = backup::back_up({.data = config->data, .to = arguments.folder}, system_clock());
  if (!made) {
    return complain(made.error());
  }
  fmt::print("{} files, {} bytes; the journal in it ends at {}\n", made->files, made->bytes,
             made->journal_end.raw());
  fmt::print(
      "The master key is not in it: keep {} elsewhere.\n",
      (config->master_key_file.empty() ? config->data / "master.key" : config->master_key_file).string());
  return made->lost_count == 0 ? 0 : say_lost(*made);
}

int restore_backup(const BackupArguments& arguments) {
  const auto fits = [&](const std::filesystem::path& data) -> Result<void> {
    if (arguments.master_key.empty()) {
      return {};
    }
    CAIRN_TRY(const auto key, crypto::MasterKey::load(arguments.master_key));
    return check_key(data / "catalog.sqlite", key, arguments.master_key);
  };
  const auto restored = backup::restore({.from = arguments.folder,
                                         .data = arguments.data,
                                         .master_key = arguments.master_key,
                                         .check = fits});
  if (!restored) {
    return complain(restored.error());
  }
  fmt::print("{} files, {} bytes; the journal ends at {}\n", restored->files, restored->bytes,
             restored->journal_end.raw());
  if (arguments.master_key.empty()) {
    fmt::print("Before it is started, put the master key into {}/master.key (mode 0600).\n", arguments.data);
  }
  return 0;
}

}  // namespace

void add_backup(CLI::App& app, Chosen& chosen) {
  const auto arguments = std::make_shared<BackupArguments>();
  auto* backup = app.add_subcommand("backup", "copy a data folder, of a Cairn that runs or is stopped");
  backup->add_option("--config", arguments->config, "YAML file");
  backup->add_option("--data", arguments->data, "the data folder");
  backup->add_option("--to", arguments->folder, "a new folder for the backup")->required();
  backup->callback([arguments, &chosen] { chosen = [arguments] { return make_backup(*arguments); }; });

  auto* restore = app.add_subcommand("restore", "make a data folder of a backup, every file verified");
  restore->add_option("--from", arguments->folder, "the backup")->required();
  restore->add_option("--data", arguments->data, "the data folder to be; not there, or empty")->required();
  restore->add_option("--master-key", arguments->master_key, "a copy of it goes to <data>/master.key");
  restore->callback([arguments, &chosen] { chosen = [arguments] { return restore_backup(*arguments); }; });
}

}  // namespace cairn::node
