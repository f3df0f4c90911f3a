// A blob being written: bytes are gathered in memory and go to a draft in steps of 1 MiB, one under way while
// the next is gathered; commit() writes the rest, syncs, and names it. What a step meets, the call after it
// tells. A long one's steps go past the page cache (direct.h).
#pragma once

#include <memory>
#include <optional>

#include "async/pool.h"
#include "base/metrics.h"
#include "blob/dir/direct.h"
#include "blob/dir/tree.h"

namespace cairn::blob::dir {

struct WriterMeters {
  Counter puts;
  Counter bytes;
  Histogram commit_seconds;
};

class DraftWriter final : public Writer {
 public:
  struct Setup {
    std::shared_ptr<Tree> tree;
    async::Pool& pool;
    Limits limits;
    WriterMeters meters;
    Name name;
  };
  explicit DraftWriter(Setup setup);
  ~DraftWriter() override;

  Task<Result<void>> write(std::span<const std::byte> bytes) override;
  Task<Result<void>> commit() override;

 private:
  class File;

  Task<Result<void>> start_step();
  Task<Result<void>> end_step();
  Task<Result<void>> fail(Error error);

  Setup setup_;
  std::shared_ptr<File> file_;  // shared with the work on the pool, which may outlive us
  AlignedBytes next_;           // bytes of the step to come
  std::shared_ptr<async::Promise<Result<void>>> step_;  // under way
  std::uint64_t written_ = 0;
  std::optional<Error> failed_;
  bool has_draft_ = false;  // or may have: work on the pool is under way
  bool committed_ = false;
};

}  // namespace cairn::blob::dir
