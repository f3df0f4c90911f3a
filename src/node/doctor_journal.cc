// The doctor's look at the journal, and `cairn journal check`.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "crypto/master_key.h"
#include "event/entry.h"
#include "journal/file/check.h"
#include "journal/sealed/entry_sealer.h"
#include "node/command_line.h"
#include "node/doctor.h"

namespace cairn::node {
namespace {

constexpr Millis kClockStepMax{300'000};
constexpr journal::Partition kChecked{0};

struct Unreadable {
  std::uint64_t count = 0;
  journal::Position first{};
};

// Without a key what is sealed is not opened.
Result<void> check_entries(const std::filesystem::path& folder, const crypto::MasterKey* key,
                           journal::Checked& checked, Unreadable& unreadable) {
  std::optional<journal::EntryOpener> opener;
  if (key != nullptr) {
    opener.emplace(key->derive(journal::SealedEntry::kPurpose));
  }
  std::string room;
  const auto opens = [&](std::string_view payload) {
    room.resize(payload.size());
    return !opener || opener->open(kChecked, payload, room);
  };
  return journal::check_folder(
      folder,
      [&](const journal::Entry& entry) {
        if (!event::decode_entry_head(entry.payload) || !opens(entry.payload)) {
          unreadable.first = unreadable.count == 0 ? entry.position : unreadable.first;
          unreadable.count += 1;
        }
        return true;
      },
      checked);
}

void check_cursors(const Patient& patient, Findings& findings, const Cursors& cursors,
                   const journal::Checked& checked) {
  const auto begin = checked.files.front().first.raw();
  const auto end = checked.files.back().end.raw();
  bool all_well = true;
  for (const auto& cursor : cursors.cursors) {
    // While Cairn runs, files behind a cursor may have gone since it was read.
    if (cursor.position > end || (cursor.position < begin && cursor.position != 0 && !patient.running)) {
      all_well = false;
      findings.push_back(
          {Health::error, "cursors",
           fmt::format("{} stands at {}; the journal has {} to {}", cursor.name, cursor.position, begin, end),
           "journal and catalog are not of one time: restore both from one backup"});
    }
  }
  if (all_well) {
    findings.push_back(
        {Health::ok, "cursors", fmt::format("{}, all within the journal", cursors.cursors.size()), ""});
  }
}

void check_times(const Patient& patient, Findings& findings, const journal::Checked& checked) {
  const auto newest = checked.files.back().newest;
  if (checked.entries > 0 && newest > patient.now + kClockStepMax) {
    findings.push_back({Health::warning, "journal times",
                        fmt::format("the newest entry is of {}, which is to come", rfc3339(newest)),
                        "look at the clock: it went back, or was ahead when this was written"});
  }
}

std::string torn(const Patient& patient, const journal::Checked& checked) {
  const auto bytes = checked.files.back().torn_bytes;
  if (bytes == 0 || patient.running) {
    return "";
  }
  return fmt::format("; {} bytes after them are room or an unfinished write: the next start cuts them off",
                     bytes);
}

int journal_check(const std::string& data) {
  const auto config = load_from("", {{"data", data}});
  if (!config) {
    return complain(config.error());
  }
  journal::Checked checked;
  Unreadable unreadable;
  const auto done = check_entries(config->data / "journal", nullptr, checked, unreadable);
  for (const auto& file : checked.files) {
    fmt::print("{}  positions {} to {} (exclusive)  {} bytes  {} to {}  {} bytes after them\n",
               file.path.filename().string(), file.first.raw(), file.end.raw(), file.bytes,
               rfc3339(file.oldest), rfc3339(file.newest), file.torn_bytes);
  }
  fmt::print("{} good entries in {} files\n", checked.entries, checked.files.size());
  if (unreadable.count > 0) {
    fmt::print("{} of them mean nothing to this Cairn, the first at position {}\n", unreadable.count,
               unreadable.first.raw());
  }
  if (!done) {
    return complain(done.error());
  }
  return unreadable.count > 0 ? kFailed : 0;
}

}  // namespace

void check_journal(const Patient& patient, Findings& findings, const Cursors& cursors) {
  journal::Checked checked;
  Unreadable unreadable;
  const auto key = crypto::MasterKey::load(patient.master_key_file);
  const auto done = check_entries(patient.data / "journal", key ? &*key : nullptr, checked, unreadable);
  if (!done) {
    findings.push_back(
        {Health::error, "journal", done.error().text(),
         "keep a copy of the folder, then restore a backup; what is before this place is good"});
    return;
  }
  if (checked.files.empty()) {
    findings.push_back(
        {cursors.cursors.empty() ? Health::ok : Health::error, "journal", "there is none",
         cursors.cursors.empty() ? "" : "restore it from a backup, together with the catalog"});
    return;
  }
  if (unreadable.count > 0) {
    findings.push_back(
        {Health::error, "journal",
         fmt::format("{} entries mean nothing to this Cairn, the first at position {}", unreadable.count,
                     unreadable.first.raw()),
         "a newer Cairn may have written them: run that one; or they were sealed with another master key"});
  } else {
    findings.push_back({Health::ok, "journal",
                        fmt::format("{} entries in {} files, positions {} to {} (exclusive){}",
                                    checked.entries, checked.files.size(), checked.files.front().first.raw(),
                                    checked.files.back().end.raw(), torn(patient, checked)),
                        ""});
  }
  check_cursors(patient, findings, cursors, checked);
  check_times(patient, findings, checked);
}

void add_journal_check(CLI::App& journal, Chosen& chosen) {
  const auto data = std::make_shared<std::string>();
  auto* command =
      journal.add_subcommand("check", "verify every entry; say positions, sizes and what is torn");
  command->add_option("--data", *data, "the data folder");
  command->callback([data, &chosen] { chosen = [data] { return journal_check(*data); }; });
}

}  // namespace cairn::node
