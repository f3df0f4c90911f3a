#include "store/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "base/log.h"
#include "store/segment_files.h"

namespace cairn::store {

namespace {

constexpr std::size_t kPage = 1000;

// Each document below a prefix, read by `parse`.
template <class T>
Task<Result<std::vector<T>>> read_all(std::string prefix, catalog::Catalog& catalog,
                                      Result<T> (*parse)(const catalog::Document&)) {
  std::vector<T> all;
  std::string after;
  while (true) {
    CAIRN_CO_TRY(const auto documents, co_await catalog.scan(prefix, after, kPage));
    if (documents.empty()) {
      co_return all;
    }
    for (const auto& document : documents) {
      CAIRN_CO_TRY(auto one, parse(document));
      all.push_back(std::move(one));
    }
    after = documents.back().key;
  }
}

Task<Result<std::vector<blob::Listed>>> list_all(std::string prefix, blob::Blob& blob) {
  std::vector<blob::Listed> all;
  while (true) {
    const std::string after = all.empty() ? std::string() : all.back().name;
    CAIRN_CO_TRY(auto page, co_await blob.list(prefix, after, kPage));
    if (page.empty()) {
      co_return all;
    }
    std::ranges::move(page, std::back_inserter(all));
  }
}

// What is the matter with segments' blobs, by name.
using Faults = std::unordered_map<blob::Name, std::string>;

// Splits what is there: returns what no segment names, and finds what is not as it was written.
std::vector<blob::Name> orphans(const std::vector<Segment>& segments, const std::vector<blob::Listed>& listed,
                                Faults& faults) {
  std::unordered_map<std::string_view, std::uint64_t> expected;
  for (const auto& segment : segments) {
    expected.emplace(segment.blob, segment.bytes);
    expected.emplace(segment.postings, segment.postings_bytes);
  }
  std::vector<blob::Name> orphans;
  for (const auto& blob : listed) {
    const auto found = expected.find(blob.name);
    if (found == expected.end()) {
      orphans.push_back(blob.name);
      continue;
    }
    if (found->second != blob.size) {
      faults.emplace(blob.name, fmt::format("it has {} bytes and not {}", blob.size, found->second));
    }
    expected.erase(found);
  }
  for (const auto& [name, bytes] : expected) {
    faults.emplace(name, "it is missing");
  }
  return orphans;
}

std::optional<Error> fault_of(const Segment& segment, const Faults& faults) {
  for (const auto& name : {segment.blob, segment.postings}) {
    if (const auto found = faults.find(name); found != faults.end()) {
      return Error{Errc::corrupt, "read a segment's file: " + found->second, name};
    }
  }
  return std::nullopt;
}

Task<Result<void>> find_files_of(std::vector<Segment>& segments, const Faults& faults, blob::Blob& blob) {
  for (auto& segment : segments) {
    if (auto fault = fault_of(segment, faults)) {
      log::error("a segment of the history cannot be read: lookups of its time fail until it is restored",
                 {{"segment", segment.key},
                  {"from", rfc3339(segment.min_time)},
                  {"to", rfc3339(segment.max_time)},
                  {"reason", fault->text()}});
      segment.files = std::make_shared<SegmentFiles>(*std::move(fault));
      continue;
    }
    CAIRN_CO_TRY_VOID(co_await find_files(blob, segment));
  }
  co_return Result<void>();
}

std::string aside_prefix(const std::string& store) {
  return "store/" + store + "/aside/";
}

}  // namespace

std::string segment_prefix(const std::string& store) {
  return "store/" + store + "/segment/";
}
std::string aside_key(const std::string& store, journal::Position position) {
  return fmt::format("{}{:020}", aside_prefix(store), position.raw());
}
std::string blob_prefix(const std::string& store) {
  return "store/" + store + "/";
}
std::string cursor_key(const std::string& store) {
  return "store/" + store + "/cursor";
}

void sort_newest_first(Segments& segments) {
  std::ranges::stable_sort(segments, std::greater(), [](const auto& segment) { return segment->max_time; });
}

Task<Result<Loaded>> load(std::string name, catalog::Catalog& catalog, blob::Blob& blob) {
  Loaded loaded;
  const auto key = cursor_key(name);
  CAIRN_CO_TRY(const auto document, co_await catalog.get(key));
  if (document) {
    CAIRN_CO_TRY(const auto cursor, parse_cursor(*document));
    loaded.cursor = cursor.position;
    loaded.cursor_version = document->version;
  }
  const auto documents = segment_prefix(name);
  CAIRN_CO_TRY(auto segments, co_await read_all(documents, catalog, parse_segment));
  const auto set_aside = aside_prefix(name);
  CAIRN_CO_TRY(loaded.aside, co_await read_all(set_aside, catalog, parse_aside));
  const auto prefix = blob_prefix(name);
  CAIRN_CO_TRY(const auto listed, co_await list_all(prefix, blob));
  Faults faults;
  const auto unnamed = orphans(segments, listed, faults);
  for (const auto& orphan : unnamed) {
    CAIRN_CO_TRY_VOID(co_await blob.remove(orphan));
    log::info("blob that no segment names removed", {{"blob", orphan}});
  }
  CAIRN_CO_TRY_VOID(co_await find_files_of(segments, faults, blob));
  for (auto& segment : segments) {
    loaded.segments.push_back(std::make_shared<const Segment>(std::move(segment)));
  }
  sort_newest_first(loaded.segments);
  co_return loaded;
}

}  // namespace cairn::store
