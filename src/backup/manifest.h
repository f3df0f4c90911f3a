// The manifest of a backup: its files with their sizes and hashes, one line of JSON each, so that neither the
// one who writes nor the one who reads holds all of it. docs/formats/backup.md has the grammar.
//
// It is written last: a folder without a whole manifest is no backup.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/time.h"
#include "journal/journal.h"

namespace cairn::backup {

inline constexpr int kManifestFormat = 1;
inline constexpr std::string_view kManifestName = "manifest";
inline constexpr std::size_t kLineBytesMax = 8U << 10;

// The first line.
struct Head {
  Time made;                      // when the catalog was copied
  journal::Position end;          // of the journal in the backup
  std::uint64_t outbox_last = 0;  // the number of the catalog's last outbox row
};

// A line for each file.
struct Item {
  std::string path;  // within the data folder: "catalog.sqlite", or below journal/, blobs/, dedupe/
  std::uint64_t bytes = 0;
  std::string sha256;  // hexadecimal
};

// The last line.
struct End {
  std::uint64_t files = 0;
};

std::string to_line(const Head& head);
std::string to_line(const Item& item);
std::string to_line(const End& end);

// Errc::corrupt: no such line; a path that leaves the folder is none. Errc::invalid: of a newer format.
Result<std::variant<Head, Item, End>> parse_line(std::string_view line);

// Reads a manifest line by line. Errc::not_found: there is none; Errc::corrupt: a line is bad, or the last
// one is missing. One thread.
class ManifestReader {
 public:
  static Result<ManifestReader> open(const std::filesystem::path& folder);
  const Head& head() const { return head_; }
  // Nothing: that was all, and it is whole.
  Result<std::optional<Item>> next();

 private:
  explicit ManifestReader(std::ifstream stream) : stream_(std::move(stream)) {}
  Result<std::variant<Head, Item, End>> line();

  std::ifstream stream_;
  Head head_;
  std::uint64_t files_ = 0;
};

}  // namespace cairn::backup
