#include "blob/dir/file_reader.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "blob/dir/direct.h"
#include "blob/name.h"

namespace cairn::blob::dir {

namespace {

constexpr std::size_t kPieceBytes = 1U << 20;  // read at a time
constexpr std::size_t kFirstPieceBytes =
    64U << 10;  // read when it is opened: a small blob takes one turn on the pool
constexpr std::uint64_t kReadAheadBytes =
    8U << 20;  // through the page cache, asked of the disk before their turn

// Bytes of the file, read and not yet taken.
struct Piece {
  AlignedBytes memory;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The file and the piece that comes. Of one thread at a time: a pool's from the start of a read until the
// loop has awaited it. It may outlive the reader.
class File {
 public:
  Result<Extent> open(const Tree& tree, ReadLately& lately, const Name& name, const Range& range) {
    std::uint64_t size = 0;
    CAIRN_TRY(file_, tree.open_blob(name, size));
    CAIRN_TRY(const auto extent, extent_of(range, size));
    CAIRN_TRY_VOID(read(extent.offset, std::min<std::uint64_t>(extent.length, kFirstPieceBytes)));
    const auto is_long = extent.length > kCachedBytes;
    direct_.set(file_.get(), is_long && !lately.note(name));
    asked_ = extent.offset;
    end_ = is_long && !direct_.is_on() ? extent.offset + extent.length : asked_;
    return extent;
  }

  // Into `piece`, some of them at least. REQUIRES: they are in the file.
  Result<void> read(std::uint64_t offset, std::uint64_t bytes) {
    ask_ahead(offset);
    const auto begin = static_cast<std::size_t>(direct_.is_on() ? offset % kDirectAlignment : 0);
    const auto wanted = begin + static_cast<std::size_t>(bytes);
    const auto whole = (wanted + kDirectAlignment - 1) / kDirectAlignment * kDirectAlignment;
    piece.memory.resize(std::max(piece.memory.size(), whole));
    const auto count = ::pread(file_.get(), piece.memory.data(), direct_.is_on() ? whole : wanted,
                               static_cast<off_t>(offset - begin));
    if (count < 0 && errno == EINTR) {
      return read(offset, bytes);
    }
    if (count < 0 && errno == EINVAL && direct_.is_on()) {
      direct_.give_up(file_.get());
      return read(offset, bytes);
    }
    if (count < 0) {
      return system_error(errno, "read blob");
    }
    piece.begin = begin;
    piece.end = std::min(static_cast<std::size_t>(count), wanted);
    return piece.end > begin || bytes == 0 ? Result<void>()
                                           : Error{Errc::corrupt, "a blob's file became shorter"};
  }

  Piece piece;

 private:
  // An advice: what is in memory costs a look, and a file system that cannot read ahead loses nothing.
  void ask_ahead(std::uint64_t offset) {
    const auto until = std::min(end_, offset + kReadAheadBytes);
    for (; asked_ < until; asked_ += kPieceBytes) {
      (void)::posix_fadvise(file_.get(), static_cast<off_t>(asked_), kPieceBytes, POSIX_FADV_WILLNEED);
    }
  }

  Descriptor file_;
  Direct direct_;
  std::uint64_t asked_ = 0;  // of the disk, up to here
  std::uint64_t end_ = 0;    // of what is to be asked for
};

class FileReader final : public Reader {
 public:
  FileReader(async::Pool& pool, std::shared_ptr<File> file, Extent extent)
      : pool_(pool), file_(std::move(file)), extent_(extent) {
    take_piece();
  }

  std::uint64_t size() const override { return extent_.length; }

  Task<Result<std::size_t>> read(std::span<std::byte> into) override {
    if (now_.begin == now_.end && fetched_ < extent_.length && !into.empty()) {
      start_piece();
      const auto coming = std::exchange(coming_, nullptr);
      CAIRN_CO_TRY_VOID(co_await coming->wait());
      take_piece();
      start_piece();
    }
    const auto count = std::min(into.size(), now_.end - now_.begin);
    std::copy_n(reinterpret_cast<const std::byte*>(now_.memory.data()) + now_.begin, count, into.data());
    now_.begin += count;
    co_return count;
  }

 private:
  void take_piece() {
    std::swap(now_, file_->piece);
    fetched_ += now_.end - now_.begin;
  }

  // On its way unless it is already, or nothing is left.
  void start_piece() {
    if (coming_ == nullptr && fetched_ < extent_.length) {
      const auto offset = extent_.offset + fetched_;
      const auto bytes = std::min<std::uint64_t>(kPieceBytes, extent_.length - fetched_);
      coming_ = pool_.start([file = file_, offset, bytes] { return file->read(offset, bytes); });
    }
  }

  async::Pool& pool_;
  const std::shared_ptr<File> file_;
  const Extent extent_;
  Piece now_;
  std::uint64_t fetched_ = 0;  // of the extent, from its start: taken, and in `now_`
  std::shared_ptr<async::Promise<Result<void>>> coming_;
};

}  // namespace

Task<Result<std::unique_ptr<Reader>>> open_reader(async::Pool& pool, std::shared_ptr<Tree> tree,
                                                  std::shared_ptr<ReadLately> lately, Name name,
                                                  Range range) {
  const auto file = std::make_shared<File>();
  const auto work = [tree = std::move(tree), lately = std::move(lately), file, name = std::move(name),
                     range] { return file->open(*tree, *lately, name, range); };
  CAIRN_CO_TRY(const auto extent, co_await pool.run(work));
  co_return std::make_unique<FileReader>(pool, file, extent);
}

}  // namespace cairn::blob::dir
