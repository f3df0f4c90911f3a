// ListObjectVersions: all versions of all keys, in the order of the keys and of one key the newest first. Two
// walks side by side: the current versions, and behind each of them the older ones.
#include <fmt/format.h>

#include <charconv>

#include "codec/uri.h"
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/keeping.h"

namespace cairn::services::s3 {
namespace {

constexpr std::int64_t kVersionsMax = 1000;
constexpr std::size_t kKeysAtOnce = 64;
constexpr int kMoments = 8;  // tries to see a key's versions unchanged
// Sorts after every key that starts with what it is appended to.
constexpr char kBehindAll = '\xff';

struct Asked {
  Bucket bucket;
  std::string prefix;
  std::string delimiter;
  std::string key_marker;
  std::string version_marker;
  std::size_t limit = 0;
};

struct Row {
  Object object;
  bool latest = false;
};

struct Found {
  std::vector<Row> rows;
  std::vector<std::string> prefixes;
  bool truncated = false;
  std::string last_key;
  std::string last_version;  // empty: a common prefix was last

  std::size_t size() const { return rows.size() + prefixes.size(); }
};

// As markers name it. A null version's id does not say where it stands, and another may be in its place when
// the next page is asked for.
std::string marker_of(const Object& object) {
  return object.version.empty() ? fmt::format("null{:016x}", object.sequence) : shown_version(object);
}

void take(Found& found, Object object, bool latest) {
  found.last_key = object.key;
  found.last_version = marker_of(object);
  found.rows.push_back({std::move(object), latest});
}

std::optional<std::uint64_t> sequence_of_marker(std::string_view marker) {
  constexpr std::size_t kDigits = 16;
  constexpr std::string_view kNullVersion = "null";
  std::uint64_t sequence = 0;
  if (!marker.starts_with(kNullVersion) || marker.size() != kNullVersion.size() + kDigits) {
    return sequence_in(marker);
  }
  const auto* end = marker.data() + marker.size();
  const auto read = std::from_chars(marker.data() + kNullVersion.size(), end, sequence, 16);
  return read.ec == std::errc{} && read.ptr == end ? std::optional(sequence) : std::nullopt;
}

// The next one of a key. False: the page is full.
bool take_next(const Asked& asked, Object object, bool latest, std::optional<std::uint64_t>& below,
               Found& found) {
  if (below && object.sequence >= *below) {
    return true;  // it is shown, or came since
  }
  if (found.size() == asked.limit) {
    found.truncated = true;
    return false;
  }
  below = object.sequence;
  take(found, std::move(object), latest);
  return true;
}

// What a key has below a sequence: older versions, read between two readings of its current one that say the
// same, since whoever changes a key's versions writes that. After `kMoments` tries, as
// they were last seen. `current`: as it was read before.
struct Moment {
  catalog::Document current;
  std::vector<catalog::Document> older;
  bool gone = false;
};
Task<Result<Moment, aws::Fault>> moment_of(const Dependencies& on, std::string prefix, std::string after,
                                           catalog::Document current, std::size_t count) {
  Moment moment{.current = std::move(current), .older = {}};
  for (int attempt = 0; attempt < kMoments; ++attempt) {
    auto older = co_await on.catalog.scan(prefix, after, count);
    if (!older) {
      co_return internal(older.error());
    }
    auto again = co_await on.catalog.get(moment.current.key);
    if (!again) {
      co_return internal(again.error());
    }
    moment.older = *std::move(older);
    moment.gone = !again->has_value();
    const bool same = moment.gone || ((*again)->version == moment.current.version &&
                                      (*again)->value == moment.current.value);
    if (!moment.gone) {
      moment.current = **std::move(again);
    }
    if (same) {
      break;
    }
  }
  co_return moment;
}

// The versions of a key whose sequence is below one, or all. False: the page is full.
Task<Result<bool, aws::Fault>> take_versions(const Dependencies& on, const Asked& asked, std::string key,
                                             catalog::Document current, std::optional<std::uint64_t> below,
                                             Found& found) {
  const auto prefix = version_prefix(asked.bucket, key);
  while (true) {
    const auto after = below ? version_key(asked.bucket, key, *below) : std::string();
    CAIRN_CO_TRY(auto moment,
                 co_await moment_of(on, prefix, after, std::move(current), asked.limit - found.size() + 1));
    if (moment.gone) {
      co_return true;
    }
    current = std::move(moment.current);
    std::vector<std::pair<const std::string*, bool>> documents{{&current.value, true}};
    for (const auto& document : moment.older) {
      documents.emplace_back(&document.value, false);
    }
    for (const auto& [document, latest] : documents) {
      auto object = object_from(*document);
      if (!object) {
        co_return internal(object.error());
      }
      if (!take_next(asked, *std::move(object), latest, below, found)) {
        co_return false;
      }
    }
    if (moment.older.empty()) {
      co_return true;
    }
  }
}

// Where in the row of its key's versions the marker stands, or stood: it may be gone. Nothing: nobody knows.
Task<Result<std::optional<std::uint64_t>, aws::Fault>> place_of_marker(const Dependencies& on,
                                                                       const Asked& asked) {
  if (const auto sequence = sequence_of_marker(asked.version_marker)) {
    co_return sequence;
  }
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto at,
               co_await find_version(draft, asked.bucket, asked.key_marker, asked.version_marker));
  co_return at ? std::optional(at->object.sequence) : std::nullopt;
}

// What of the marker's own key comes behind the marker.
Task<Result<bool, aws::Fault>> take_rest_of_marker(const Dependencies& on, const Asked& asked, Found& found) {
  if (asked.version_marker.empty() || !asked.key_marker.starts_with(asked.prefix)) {
    co_return true;
  }
  CAIRN_CO_TRY(const auto place, co_await place_of_marker(on, asked));
  auto current = co_await on.catalog.get(object_key(asked.bucket, asked.key_marker));
  if (!current) {
    co_return internal(current.error());
  }
  if (!*current) {
    co_return true;
  }
  co_return co_await take_versions(on, asked, asked.key_marker, **std::move(current), place, found);
}

std::optional<std::string> group_of(const Asked& asked, std::string_view key) {
  if (asked.delimiter.empty() || !key.starts_with(asked.prefix)) {
    return std::nullopt;
  }
  const auto at = key.find(asked.delimiter, asked.prefix.size());
  return at == std::string_view::npos
             ? std::nullopt
             : std::optional(std::string(key.substr(0, at + asked.delimiter.size())));
}

// One key with all its versions, or the common prefix that it falls under. False: the page is full.
Task<Result<bool, aws::Fault>> take_key(const Dependencies& on, const Asked& asked,
                                        catalog::Document document, std::string& after, Found& found) {
  if (found.size() == asked.limit) {
    found.truncated = true;
    co_return false;
  }
  auto current = object_from(document.value);
  if (!current) {
    co_return internal(current.error());
  }
  if (auto group = group_of(asked, current->key)) {
    after = *group + kBehindAll;
    found.last_key = *group;
    found.last_version.clear();
    found.prefixes.push_back(*std::move(group));
    co_return true;
  }
  after = current->key;
  if (current->sequence == 0) {  // nothing is older
    take(found, *std::move(current), true);
    co_return true;
  }
  co_return co_await take_versions(on, asked, current->key, std::move(document), std::nullopt, found);
}

Task<Result<Found, aws::Fault>> find_all(const Dependencies& on, Asked asked) {
  Found found;
  if (asked.limit == 0) {
    co_return found;
  }
  CAIRN_CO_TRY(const bool room, co_await take_rest_of_marker(on, asked, found));
  if (!room) {
    co_return found;
  }
  auto after = asked.key_marker;
  if (const auto passed = group_of(asked, after)) {
    after = *passed + kBehindAll;
  }
  const auto base = object_prefix(asked.bucket);
  while (true) {
    const auto page =
        co_await on.catalog.scan(base + asked.prefix, after.empty() ? "" : base + after, kKeysAtOnce);
    if (!page) {
      co_return internal(page.error());
    }
    if (page->empty()) {
      co_return found;
    }
    for (const auto& document : *page) {
      if (std::string_view(document.key).substr(base.size()) <= after) {
        continue;  // of a common prefix that has just been listed
      }
      CAIRN_CO_TRY(const bool more, co_await take_key(on, asked, document, after, found));
      if (!more) {
        co_return found;
      }
    }
  }
}

std::string shown(const Call& call, std::string_view key) {
  return text_member(call, "EncodingType") == "url" ? codec::percent_encode(key, true) : std::string(key);
}

json::object shown_row(const Call& call, const Bucket& bucket, const Row& row) {
  const auto& object = row.object;
  json::object item{{"Key", shown(call, object.key)},
                    {"VersionId", shown_version(object)},
                    {"IsLatest", row.latest},
                    {"LastModified", seconds_since_epoch(object.modified)},
                    {"Owner", json::object{{"ID", canonical_id(bucket.account)}}}};
  if (object.marker) {
    return item;
  }
  item["ETag"] = "\"" + object.etag + "\"";
  item["Size"] = object.size;
  item["StorageClass"] = "STANDARD";
  if (!object.checksums.empty()) {
    item["ChecksumAlgorithm"] = json::array{object.checksums.front().algorithm};
    item["ChecksumType"] = checksum_type_of(object);
  }
  return item;
}

void show_all(const Call& call, const Asked& asked, const Found& found, json::object& output) {
  output["Name"] = asked.bucket.name;
  output["Prefix"] = shown(call, asked.prefix);
  output["KeyMarker"] = shown(call, asked.key_marker);
  output["VersionIdMarker"] = asked.version_marker;
  output["MaxKeys"] = asked.limit;
  output["IsTruncated"] = found.truncated;
  if (!asked.delimiter.empty()) {
    output["Delimiter"] = shown(call, asked.delimiter);
  }
  if (const auto encoding = text_member(call, "EncodingType"); !encoding.empty()) {
    output["EncodingType"] = encoding;
  }
  if (found.truncated) {
    output["NextKeyMarker"] = shown(call, found.last_key);
    if (!found.last_version.empty()) {
      output["NextVersionIdMarker"] = found.last_version;
    }
  }
  json::array versions;
  json::array markers;
  for (const auto& row : found.rows) {
    (row.object.marker ? markers : versions).push_back(shown_row(call, asked.bucket, row));
  }
  json::array prefixes;
  for (const auto& prefix : found.prefixes) {
    prefixes.push_back(json::object{{"Prefix", shown(call, prefix)}});
  }
  output["Versions"] = std::move(versions);
  output["DeleteMarkers"] = std::move(markers);
  output["CommonPrefixes"] = std::move(prefixes);
}

}  // namespace

Task<Answer> list_object_versions(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto bucket, co_await bucket_of(on, call));
  if (const auto encoding = text_member(call, "EncodingType"); !encoding.empty() && encoding != "url") {
    co_return fault::invalid_argument("Invalid Encoding Method specified in Request");
  }
  const auto limit = json::find_int(call.input, "MaxKeys").value_or(kVersionsMax);
  if (limit < 0) {
    co_return fault::invalid_argument("Argument maxKeys must be an integer between 0 and 2147483647");
  }
  const Asked asked{.bucket = std::move(bucket.value),
                    .prefix = std::string(text_member(call, "Prefix")),
                    .delimiter = std::string(text_member(call, "Delimiter")),
                    .key_marker = std::string(text_member(call, "KeyMarker")),
                    .version_marker = std::string(text_member(call, "VersionIdMarker")),
                    .limit = static_cast<std::size_t>(std::min(limit, kVersionsMax))};
  if (!asked.version_marker.empty() && asked.key_marker.empty()) {
    co_return fault::invalid_argument("A version-id marker cannot be specified without a key marker.");
  }
  CAIRN_CO_TRY(const auto found, co_await find_all(on, asked));
  Outcome outcome;
  show_all(call, asked, found, outcome.output);
  co_return outcome;
}

}  // namespace cairn::services::s3
