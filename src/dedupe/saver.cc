#include "dedupe/saver.h"

#include <algorithm>
#include <functional>
#include <system_error>

#include "base/log.h"

namespace cairn::dedupe {
namespace {

constexpr std::size_t kSectionIdsMax = 16 << 10;
constexpr std::size_t kBlockBytes = 1 << 20;
static_assert(kBlockBytes + kSectionIdsMax * sizeof(Id) + 2 * kAccountBytesMax < kBlockBytesMax);

}  // namespace

std::size_t shard_of(std::string_view account) {
  return std::hash<std::string_view>{}(account) % kShards;
}

Result<std::unique_ptr<Saver>> Saver::open(std::filesystem::path folder, std::uint64_t spare_bytes,
                                           Shards& shards, const Take& take) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    return system_error(failed.value(), "make folder of event ids", folder.native());
  }
  std::unique_ptr<Saver> saver(new Saver(std::move(folder), spare_bytes, shards));
  CAIRN_TRY(const auto saved, load(saver->folder_, [&](const Block& block) {
              for (const auto& section : block.sections) {
                for (const auto& id : section.ids) {
                  take(section.account, id);
                }
              }
            }));
  if (saved.number == 0) {
    return saver;
  }
  if (saved.cut_bytes > 0) {
    log::warn("event ids: an unfinished or damaged save was cut off",
              {{"bytes", saved.cut_bytes}, {"cursor", saved.cursor.raw()}});
  }
  saver->number_ = saved.number;
  saver->cursor_ = saved.cursor;
  CAIRN_TRY(auto file, IdFile::reopen(saver->folder_, saved.number, saved.good_bytes));
  saver->file_.emplace(std::move(file));
  saver->mark_saved(saver->collect(Which::unsaved));
  return saver;
}

Result<void> Saver::save(journal::Position observed) {
  const auto ranges = collect(Which::unsaved);
  if (!file_ || file_->bytes() > 2 * live_ids_ * sizeof(Id) + spare_bytes_) {
    return begin_anew(observed);
  }
  if (ranges.empty() && observed == cursor_) {
    return {};
  }
  return append(ranges, observed);
}

std::vector<Saver::Range> Saver::collect(Which which) {
  std::vector<Range> ranges;
  live_ids_ = 0;
  for (auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (auto& [name, account] : shard.accounts) {
      const auto& seen = account->seen;
      live_ids_ += seen.size();
      const auto from =
          which == Which::all ? seen.first_number() : std::max(account->saved, seen.first_number());
      if (from < seen.next_number()) {
        ranges.push_back({&shard, &name, account.get(), from, seen.next_number()});
      }
    }
  }
  return ranges;
}

Result<void> Saver::append(const std::vector<Range>& ranges, journal::Position observed) {
  if (auto written = write(*file_, ranges, cursor_, observed); !written) {
    if (!file_->take_back()) {
      file_.reset();
    }
    return written;
  }
  if (auto synced = file_->sync(); !synced) {
    // What a failed sync left behind, nobody knows: what follows goes into a new file.
    file_.reset();
    return synced;
  }
  cursor_ = observed;
  mark_saved(ranges);
  return {};
}

Result<void> Saver::begin_anew(journal::Position observed) {
  const auto ranges = collect(Which::all);
  file_.reset();
  CAIRN_TRY(auto next, IdFile::begin(folder_, ++number_));
  CAIRN_TRY_VOID(write(next, ranges, journal::Position{0}, observed));
  CAIRN_TRY_VOID(next.finish());
  file_.emplace(std::move(next));
  cursor_ = observed;
  mark_saved(ranges);
  return {};
}

// Blocks of about kBlockBytes. Only the last one has the new cursor: before it, not all is there.
Result<void> Saver::write(IdFile& file, const std::vector<Range>& ranges, journal::Position before,
                          journal::Position after) {
  Block block{.cursor = before, .sections = {}};
  std::size_t bytes = 0;
  for (const auto& range : ranges) {
    for (auto from = range.from; from < range.to; from += kSectionIdsMax) {
      block.sections.push_back(copy(range, from));
      bytes += section_bytes(block.sections.back());
      if (bytes >= kBlockBytes) {
        CAIRN_TRY_VOID(file.append(block));
        block.sections.clear();
        bytes = 0;
      }
    }
  }
  block.cursor = after;
  return file.append(block);
}

Section Saver::copy(const Range& range, std::uint64_t from) {
  Section section{.account = *range.name, .ids = {}};
  const std::lock_guard lock(range.shard->mutex);
  range.account->seen.copy(from, std::min<std::uint64_t>(kSectionIdsMax, range.to - from), section.ids);
  return section;
}

void Saver::mark_saved(const std::vector<Range>& ranges) {
  for (const auto& range : ranges) {
    const std::lock_guard lock(range.shard->mutex);
    range.account->saved = range.to;
  }
}

}  // namespace cairn::dedupe
