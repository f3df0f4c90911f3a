// A backup: a copy of a data folder as it was at one moment, of a Cairn that runs or is stopped, and the way
// back. docs/formats/backup.md says what is in it, docs/operate/backup.md how to use it.
//
// What was acknowledged before back_up() began is in it. In what is restored the journal ends where the
// copied catalog knows of its end: no outbox number is in the journal that the catalog has not given out, and
// no cursor stands behind the end. Secrets: the master key is not in it; without it neither the catalog's
// secrets nor S3's objects open.
//
// Blocks; call it from a thread that may. Nothing is removed from the data folder while it is copied
// (base/hold.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "journal/journal.h"

namespace cairn::backup {

struct Summary {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  journal::Position journal_end;
  // Blobs that documents of the original name and that are not there whole: of a backup, the first of them
  // and how many there are. All else is in it; `cairn doctor` says whose they are.
  std::vector<std::string> lost{};
  std::uint64_t lost_count = 0;

  static constexpr std::size_t kLostMax = 100;
};

struct Source {
  std::filesystem::path data;
  std::filesystem::path to;  // not there, or empty
};

// Errc::conflict: `to` is not empty, or another backup of this folder is being made; Errc::not_found: no data
// folder; Errc::corrupt: catalog or journal is damaged (`cairn doctor` says where). After an error `to` holds
// no manifest, and so no backup. A blob that is lost is no error: a copy of the rest is worth more than none.
Result<Summary> back_up(const Source& source, const Clock& clock);

struct Target {
  std::filesystem::path from;
  std::filesystem::path data;        // not there, or empty
  std::filesystem::path master_key;  // copied to <data>/master.key; empty: none
  // Asked about what was copied, before it gets its name; an error ends it.
  std::function<Result<void>(const std::filesystem::path& copied)> check{};
};

// Whole or not at all. Errc::conflict: `data` is not empty; Errc::corrupt: a file is not what the manifest
// says; Errc::not_found: no finished backup, or a file of it is missing.
Result<Summary> restore(const Target& target);

}  // namespace cairn::backup
