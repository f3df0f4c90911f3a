#include "journal/file/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

namespace cairn::journal {
namespace {

constexpr std::string_view kSuffix = ".journal";
constexpr std::string_view kUnfinished = ".journal.new";
constexpr std::size_t kDigits = 20;

std::optional<Position> parse_name(std::string_view name) {
  std::uint64_t first = 0;
  if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix)) {
    return std::nullopt;
  }
  const auto* end = name.data() + kDigits;
  const auto [stop, failed] = std::from_chars(name.data(), end, first);
  if (failed != std::errc{} || stop != end) {
    return std::nullopt;
  }
  return Position{first};
}

}  // namespace

std::string file_name(Position first) {
  return fmt::format("{:020}{}", first.raw(), kSuffix);
}

Result<std::vector<NamedFile>> list_files(const std::filesystem::path& folder) {
  std::vector<NamedFile> files;
  std::error_code failed;
  for (std::filesystem::directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (const auto first = parse_name(at->path().filename().native())) {
      files.push_back({*first, at->path()});
    }
  }
  if (failed) {
    return system_error(failed.value(), "list journal folder", folder.native());
  }
  std::ranges::sort(files, {}, &NamedFile::first);
  return files;
}

std::vector<std::filesystem::path> list_unfinished(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code failed;
  for (std::filesystem::directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (at->path().native().ends_with(kUnfinished)) {
      files.push_back(at->path());
    }
  }
  return files;
}

}  // namespace cairn::journal
