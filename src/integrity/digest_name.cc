#include "integrity/digest_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace cairn::integrity {
namespace {

constexpr std::string_view kDigestFolder = "CloudTrail-Digest";
constexpr std::string_view kLogFolders[] = {"CloudTrail", "CloudTrail-NetworkActivity"};
constexpr std::string_view kRoot = "AWSLogs/";
constexpr std::string_view kEnding = ".json.gz";
constexpr std::string_view kBackfill = "_backfill";

// Cuts off what is behind the last `separator` in `text`, and returns it. Nothing: there is none.
std::optional<std::string_view> take_last(std::string_view& text, char separator) {
  const auto at = text.rfind(separator);
  if (at == text.npos) {
    return std::nullopt;
  }
  const auto last = text.substr(at + 1);
  text = text.substr(0, at);
  return last;
}

bool take_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) {
    return false;
  }
  text.remove_suffix(end.size());
  return true;
}

bool take_begin(std::string_view& text, std::string_view begin) {
  if (!text.starts_with(begin)) {
    return false;
  }
  text.remove_prefix(begin.size());
  return true;
}

// A key's folders, and what is behind ACCOUNT_FOLDER_REGION_ in its last part, without its ending.
struct KeyParts {
  std::string_view prefix;
  std::string_view organization;
  std::string_view account;
  std::string_view region;
  std::string day;  // YYYYMMDD
  std::string_view rest;
};

bool read_root(std::string_view folders, KeyParts& place) {
  bool is_behind_slash = false;
  const auto cut = [&] {
    const auto last = take_last(folders, '/');
    is_behind_slash = last.has_value();
    return last ? *last : std::exchange(folders, {});
  };
  auto word = cut();
  if (word.starts_with("o-")) {
    place.organization = word;
    word = cut();
  }
  place.prefix = folders;
  return word == "AWSLogs" && !(folders.empty() && is_behind_slash);
}

// Only where nothing before it in the key is such a folder already: that one's owner reads all that is below.
std::optional<KeyParts> place_of(std::string_view key, std::string_view folder) {
  KeyParts place;
  const auto outermost = parse_folder(key);
  const auto file = take_last(key, '/');
  const auto day = take_last(key, '/');
  const auto month = take_last(key, '/');
  const auto year = take_last(key, '/');
  const auto region = take_last(key, '/');
  const auto kind = take_last(key, '/');
  const auto account = take_last(key, '/');
  if (!account || kind != folder || account->empty() || region->empty() || year->size() != 4 ||
      month->size() != 2 || day->size() != 2 || !read_root(key, place) || !outermost ||
      outermost->prefix != place.prefix) {
    return std::nullopt;
  }
  place.account = *account;
  place.region = *region;
  place.day = fmt::format("{}{}{}", *year, *month, *day);
  place.rest = *file;
  if (!take_end(place.rest, kEnding) ||
      !take_begin(place.rest, fmt::format("{}_{}_{}_", *account, folder, *region))) {
    return std::nullopt;
  }
  return place;
}

// "20260302T1015Z", and with seconds.
std::optional<Time> time_of(std::string_view text, const KeyParts& place) {
  constexpr std::size_t kMinutes = std::string_view("20260302T1015Z").size();
  std::string whole(text);
  if (whole.size() == kMinutes) {
    whole.insert(kMinutes - 1, "00");
  }
  const auto time = parse_basic(whole);
  return time && basic(*time) == whole && whole.starts_with(place.day) ? std::optional(*time) : std::nullopt;
}

// Of a part that ends with '/'; nothing: none does.
std::optional<std::string_view> take_first(std::string_view& text) {
  const auto at = text.find('/');
  if (at == text.npos) {
    return std::nullopt;
  }
  const auto first = text.substr(0, at);
  text.remove_prefix(at + 1);
  return first;
}

// `rest`: behind AWSLogs/.
std::optional<FolderPlace> folder_below(std::string_view prefix, std::string_view rest) {
  auto account = take_first(rest);
  std::string_view organization;
  if (account && account->starts_with("o-")) {
    organization = *account;
    account = take_first(rest);
  }
  const auto folder = take_first(rest);
  const bool is_log = folder && std::ranges::find(kLogFolders, *folder) != std::end(kLogFolders);
  if (!folder || account->empty() || (!is_log && *folder != kDigestFolder)) {
    return std::nullopt;
  }
  const bool is_marker = rest.empty();
  return FolderPlace{.prefix = std::string(prefix),
                     .organization = std::string(organization),
                     .account = std::string(*account),
                     .region = std::string(take_first(rest).value_or("")),
                     .of_digests = !is_log,
                     .is_marker = is_marker};
}

}  // namespace

std::string DigestName::key() const {
  const auto time = basic(end);
  const std::string_view day(time);
  return fmt::format("{}{}AWSLogs/{}{}{}/{}/{}/{}/{}/{}/{}_{}_{}_{}_{}_{}{}{}", prefix,
                     prefix.empty() ? "" : "/", organization, organization.empty() ? "" : "/", account,
                     kDigestFolder, region, day.substr(0, 4), day.substr(4, 2), day.substr(6, 2), account,
                     kDigestFolder, region, trail, home_region, time, backfill ? kBackfill : "", kEnding);
}

std::optional<DigestName> parse_digest_key(std::string_view key) {
  auto place = place_of(key, kDigestFolder);
  if (!place) {
    return std::nullopt;
  }
  const bool backfill = take_end(place->rest, kBackfill);
  const auto stamp = take_last(place->rest, '_');
  const auto home = take_last(place->rest, '_');
  const auto end = stamp ? time_of(*stamp, *place) : std::nullopt;
  if (!end || stamp->size() != std::string_view("20260302T101500Z").size() || !home || home->empty() ||
      place->rest.empty()) {
    return std::nullopt;
  }
  return DigestName{.prefix = std::string(place->prefix),
                    .organization = std::string(place->organization),
                    .account = std::string(place->account),
                    .region = std::string(place->region),
                    .trail = std::string(place->rest),
                    .home_region = std::string(*home),
                    .end = *end,
                    .backfill = backfill};
}

std::optional<LogFileName> parse_log_file_key(std::string_view key) {
  std::optional<KeyParts> place;
  for (const auto folder : kLogFolders) {
    place = place ? std::move(place) : place_of(key, folder);
  }
  if (!place) {
    return std::nullopt;
  }
  const auto unique = take_last(place->rest, '_');
  const auto delivered = time_of(place->rest, *place);
  if (!unique || unique->empty() || !delivered) {
    return std::nullopt;
  }
  return LogFileName{.prefix = std::string(place->prefix),
                     .organization = std::string(place->organization),
                     .account = std::string(place->account),
                     .region = std::string(place->region),
                     .delivered = *delivered};
}

// A prefix may have such words in it, too: the first that fit count.
std::optional<FolderPlace> parse_folder(std::string_view key) {
  for (auto at = key.find(kRoot); at != key.npos; at = key.find(kRoot, at + 1)) {
    if (at == 1 || (at > 1 && key[at - 1] != '/')) {
      continue;
    }
    auto place = folder_below(key.substr(0, at == 0 ? 0 : at - 1), key.substr(at + kRoot.size()));
    if (place) {
      return place;
    }
  }
  return std::nullopt;
}

}  // namespace cairn::integrity
