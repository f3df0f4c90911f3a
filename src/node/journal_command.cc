// `cairn journal dump`. Tested by conformance/test_sealed.py.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "crypto/master_key.h"
#include "event/entry.h"
#include "journal/file/dump.h"
#include "journal/sealed/entry_sealer.h"
#include "json/json.h"
#include "node/command_line.h"

namespace cairn::node {
namespace {

constexpr journal::Partition kDumped{0};

struct DumpArguments {
  std::string config;
  std::string data;
  std::string master_key_file;
  std::uint64_t from = 0;
};

// Opens what is sealed, with the master key if it is there: a journal of before needs none.
class Unsealer {
 public:
  explicit Unsealer(const std::filesystem::path& master_key) {
    const auto key = crypto::MasterKey::load(master_key);
    if (key) {
      opener_.emplace(key->derive(journal::SealedEntry::kPurpose));
    } else {
      no_key_ = key.error();
    }
  }

  // Would it need the key that is not there? Then why it is not.
  const Error* lacks_key_for(std::string_view payload) const {
    return no_key_ && payload.starts_with(event::kSealedFormat) ? &*no_key_ : nullptr;
  }

  // Valid until the next one. REQUIRES: lacks_key_for() says no.
  Result<std::string_view> open(std::string_view payload) {
    if (!opener_) {
      return payload;
    }
    room_.resize(payload.size());
    return opener_->open(kDumped, payload, room_);
  }

 private:
  std::optional<journal::EntryOpener> opener_;
  std::optional<Error> no_key_;
  std::string room_;
};

void print(const journal::Entry& entry, Unsealer& unsealer) {
  const auto payload = unsealer.open(entry.payload);
  const auto decoded = payload ? event::decode_entry(*payload) : Result<event::Entry>(payload.error());
  if (!decoded) {
    fmt::print("{{\"position\":{},\"error\":{}}}\n", entry.position.raw(),
               json::quote(decoded.error().text()));
    return;
  }
  fmt::print("{{\"position\":{},\"time\":\"{}\",\"kind\":\"{}\",\"outbox\":{},\"{}\":{}}}\n",
             entry.position.raw(), rfc3339_millis(entry.time), event::to_string(decoded->kind),
             decoded->outbox_number, event::to_string(decoded->kind),
             decoded->body.empty() ? "null" : decoded->body);
}

int dump(const DumpArguments& arguments) {
  const auto config =
      load_from(arguments.config, {{"data", arguments.data}, {"master_key_file", arguments.master_key_file}});
  if (!config) {
    return complain(config.error());
  }
  Unsealer unsealer(config->master_key_file.empty() ? config->data / "master.key" : config->master_key_file);
  const Error* refused = nullptr;
  const auto visit = [&](const journal::Entry& entry) {
    refused = refused != nullptr ? refused : unsealer.lacks_key_for(entry.payload);
    if (refused == nullptr) {
      print(entry, unsealer);
    }
  };
  const auto dumped = journal::dump(config->data / "journal", journal::Position{arguments.from}, visit);
  if (refused != nullptr) {
    return complain({refused->code,
                     "the journal's entries are sealed, and open with the master key alone: " + refused->what,
                     refused->subject});
  }
  return dumped ? 0 : complain(dumped.error());
}

}  // namespace

void add_journal_dump(CLI::App& journal, Chosen& chosen) {
  const auto arguments = std::make_shared<DumpArguments>();
  auto* command = journal.add_subcommand("dump", "print every entry as a line of JSON");
  command->add_option("--config", arguments->config, "YAML file");
  command->add_option("--data", arguments->data, "the data folder");
  command->add_option("--master_key_file", arguments->master_key_file, "default: <data>/master.key");
  command->add_option("--from", arguments->from, "the first position");
  command->callback([arguments, &chosen] { chosen = [arguments] { return dump(*arguments); }; });
}

}  // namespace cairn::node
