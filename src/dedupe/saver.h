// Saver: writes what is new in the shards to the file, or everything to a new file when the old one is mostly
// out of date.
//
// One call at a time, beside any use of the shards: it holds a shard's lock only while it copies a block's
// ids.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "dedupe/id_file.h"
#include "dedupe/shard.h"

namespace cairn::dedupe {

inline constexpr std::size_t kShards = 16;
using Shards = std::array<Shard, kShards>;
std::size_t shard_of(std::string_view account);

class Saver {
 public:
  using Take = std::function<void(std::string_view account, const Id& id)>;

  // Hands over what is on the disk, in order; it must end up in the shards.
  static Result<std::unique_ptr<Saver>> open(std::filesystem::path folder, std::uint64_t spare_bytes,
                                             Shards& shards, const Take& take);

  journal::Position cursor() const { return cursor_; }
  std::uint64_t bytes() const { return file_ ? file_->bytes() : 0; }
  std::uint64_t live_ids() const { return live_ids_; }

  // Afterwards the disk has all that was in the shards at the call; all before `observed` must be among it.
  Result<void> save(journal::Position observed);

 private:
  // Ids of an account, by number.
  struct Range {
    Shard* shard;
    const std::string* name;
    Account* account;
    std::uint64_t from;
    std::uint64_t to;
  };
  enum class Which { unsaved, all };

  Saver(std::filesystem::path folder, std::uint64_t spare_bytes, Shards& shards)
      : folder_(std::move(folder)), spare_bytes_(spare_bytes), shards_(shards) {}

  std::vector<Range> collect(Which which);
  Result<void> append(const std::vector<Range>& ranges, journal::Position observed);
  Result<void> begin_anew(journal::Position observed);
  Result<void> write(IdFile& file, const std::vector<Range>& ranges, journal::Position before,
                     journal::Position after);
  static Section copy(const Range& range, std::uint64_t from);
  void mark_saved(const std::vector<Range>& ranges);

  const std::filesystem::path folder_;
  const std::uint64_t spare_bytes_;
  Shards& shards_;
  std::optional<IdFile> file_;  // none: at first, or after a failure; then a new one is begun
  std::uint64_t number_ = 0;    // of the newest file ever begun
  journal::Position cursor_{};
  std::uint64_t live_ids_ = 0;
};

}  // namespace cairn::dedupe
