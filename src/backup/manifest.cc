// Tested by manifest_test.cc and backup_manifest_fuzz.cc.
#include "backup/manifest.h"

#include <algorithm>
#include <array>
#include <optional>

#include "json/json.h"

namespace cairn::backup {
namespace {

constexpr std::array<std::string_view, 3> kFolders = {"journal/", "blobs/", "dedupe/"};
constexpr std::size_t kHashDigits = 64;

Error bad(std::string_view what) {
  return Error{Errc::corrupt, "read a backup's manifest", std::string(what)};
}

// "a/b": parts that are names, no part that leads elsewhere.
bool stays_inside(std::string_view path) {
  while (!path.empty()) {
    const auto end = path.find('/');
    const auto part = path.substr(0, end);
    if (part.empty() || part.front() == '.' || part.find('\0') != std::string_view::npos) {
      return false;
    }
    if (end == std::string_view::npos) {
      return true;
    }
    path.remove_prefix(end + 1);
  }
  return false;
}

bool is_path(std::string_view path) {
  const bool known = path == "catalog.sqlite" ||
                     std::ranges::any_of(kFolders, [&](auto folder) { return path.starts_with(folder); });
  return known && stays_inside(path);
}

bool is_hash(std::string_view text) {
  return text.size() == kHashDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::uint64_t> number(const json::object& line, std::string_view name) {
  const auto found = json::find_int(line, name);
  return found && *found >= 0 ? std::optional(static_cast<std::uint64_t>(*found)) : std::nullopt;
}

using Line = std::variant<Head, Item, End>;

Result<Line> parse_head(const json::object& line, std::int64_t format) {
  if (format > kManifestFormat) {
    return Error{Errc::invalid, "read a backup's manifest: a newer Cairn wrote it", std::to_string(format)};
  }
  const auto made = json::find_string(line, "made");
  const auto time = made ? parse_rfc3339(*made) : Result<Time>(bad("made"));
  const auto end = number(line, "journalEnd");
  const auto outbox_last = number(line, "outboxLast");
  if (format < 1 || !time || !end || !outbox_last) {
    return bad("the first line");
  }
  return Line(Head{.made = *time, .end = journal::Position{*end}, .outbox_last = *outbox_last});
}

Result<Line> parse_item(const json::object& line, std::string_view path) {
  const auto bytes = number(line, "bytes");
  const auto hash = json::find_string(line, "sha256");
  if (!is_path(path) || !bytes || !hash || !is_hash(*hash)) {
    return bad(path);
  }
  return Line(Item{.path = std::string(path), .bytes = *bytes, .sha256 = std::string(*hash)});
}

}  // namespace

std::string to_line(const Head& head) {
  return json::serialize(json::object{{"format", kManifestFormat},
                                      {"made", rfc3339_millis(head.made)},
                                      {"journalEnd", head.end.raw()},
                                      {"outboxLast", head.outbox_last}}) +
         "\n";
}

std::string to_line(const Item& item) {
  return json::serialize(json::object{{"path", item.path}, {"bytes", item.bytes}, {"sha256", item.sha256}}) +
         "\n";
}

std::string to_line(const End& end) {
  return json::serialize(json::object{{"files", end.files}}) + "\n";
}

Result<Line> parse_line(std::string_view line) {
  const auto parsed = json::parse_object(line, {.bytes_max = kLineBytesMax});
  if (!parsed) {
    return bad("a line is no JSON object");
  }
  if (const auto format = json::find_int(*parsed, "format")) {
    return parse_head(*parsed, *format);
  }
  if (const auto path = json::find_string(*parsed, "path")) {
    return parse_item(*parsed, *path);
  }
  if (const auto files = number(*parsed, "files")) {
    return Line(End{*files});
  }
  return bad("a line says nothing");
}

Result<ManifestReader> ManifestReader::open(const std::filesystem::path& folder) {
  std::ifstream stream(folder / kManifestName, std::ios::binary);
  if (!stream) {
    return Error{Errc::not_found, "this is no finished backup: it has no manifest", folder.native()};
  }
  ManifestReader reader(std::move(stream));
  CAIRN_TRY(const auto first, reader.line());
  if (!std::holds_alternative<Head>(first)) {
    return bad("the first line");
  }
  reader.head_ = std::get<Head>(first);
  return reader;
}

Result<std::optional<Item>> ManifestReader::next() {
  CAIRN_TRY(auto one, line());
  if (auto* const item = std::get_if<Item>(&one)) {
    files_ += 1;
    return std::optional(std::move(*item));
  }
  const auto* const end = std::get_if<End>(&one);
  if (end == nullptr || end->files != files_ || stream_.peek() != std::ifstream::traits_type::eof()) {
    return bad("it does not end as it should");
  }
  return std::optional<Item>();
}

Result<Line> ManifestReader::line() {
  std::array<char, kLineBytesMax> text{};
  stream_.getline(text.data(), text.size());
  if (!stream_ || stream_.eof()) {
    return bad("it ends too early, or a line is too long");
  }
  return parse_line(text.data());
}

}  // namespace cairn::backup
