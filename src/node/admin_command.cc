// `cairn admin`: a new key for an administrator who lost his, from the machine itself. Tested by
// conformance/test_admin.py.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "access/administrator.h"
#include "access/credentials_file.h"
#include "async/loops.h"
#include "aws/regions.h"
#include "catalog/sqlite/sqlite_catalog.h"
#include "node/command_line.h"
#include "node/data_lock.h"
#include "node/sealed_ports.h"

namespace cairn::node {
namespace {

struct AdminArguments {
  std::string config;
  std::string data;
  std::string master_key_file;
  std::string account;
  std::string user = std::string(access::kAdministrator);
};

std::string account_of(const AdminArguments& arguments, const Config& config) {
  if (!arguments.account.empty()) {
    return arguments.account;
  }
  return config.accounts.empty() ? std::string(access::kDefaultAccount) : config.accounts.front().id;
}

// The id of the key that is made.
Result<std::string> renew(const AdminArguments& arguments, const Config& config) {
  const auto file = config.data / "catalog.sqlite";
  if (!std::filesystem::exists(file)) {
    return Error{Errc::not_found, "no Cairn has been here", file.string()};
  }
  CAIRN_TRY(const auto lock, DataLock::take(config.data));
  CAIRN_TRY(auto key, load_master_key(config));
  const crypto::Sealer sealer(std::move(key));
  Metrics metrics;
  CAIRN_TRY(const auto catalog, catalog::sqlite::open({.file = file}, system_clock(), metrics));
  async::Loops loops(1);
  const async::Executor executor(loops.at(0).get_executor());
  const auto now = system_clock().now();
  CAIRN_TRY(auto id, async::run(executor, access::renew_key(*catalog, sealer, account_of(arguments, config),
                                                            arguments.user, now)));
  CAIRN_TRY(const auto credentials,
            async::run(executor, access::apply_declared(*catalog, sealer, config.accounts, now)));
  CAIRN_TRY_VOID(access::write_credentials(config.data / "credentials", credentials,
                                           aws::Regions(config.regions).first()));
  return id;
}

int admin(const AdminArguments& arguments) {
  const auto config =
      load_from(arguments.config, {{"data", arguments.data}, {"master_key_file", arguments.master_key_file}});
  if (!config) {
    return complain(config.error());
  }
  const auto id = renew(arguments, *config);
  if (!id) {
    return complain(id.error());
  }
  fmt::print("{} has the key {}; it is in {}. His other keys open nothing any more.\n", arguments.user, *id,
             (config->data / "credentials").string());
  return 0;
}

}  // namespace

void add_admin(CLI::App& app, Chosen& chosen) {
  const auto arguments = std::make_shared<AdminArguments>();
  auto* command = app.add_subcommand("admin", "give an administrator a new key, of a Cairn that is stopped");
  command->add_option("--config", arguments->config, "YAML file");
  command->add_option("--data", arguments->data, "the data folder");
  command->add_option("--master_key_file", arguments->master_key_file, "default: <data>/master.key");
  command->add_option("--account", arguments->account, "default: the first one");
  command->add_option("--user", arguments->user, "a declared user without keys of his own; default: admin");
  command->callback([arguments, &chosen] { chosen = [arguments] { return admin(*arguments); }; });
}

}  // namespace cairn::node
