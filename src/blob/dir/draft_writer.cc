#include "blob/dir/draft_writer.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cairn::blob::dir {

namespace {

constexpr std::size_t kStepBytes = 1U << 20;
constexpr std::size_t kAheadBytes = 8U << 20;

}  // namespace

// The draft and the step that goes to it. One thread at a time: a pool's from the start of a step until the
// loop has awaited it, else the writer's loop. The last owner discards what was not published; it may be a
// thread of the pool.
class DraftWriter::File {
 public:
  File(std::shared_ptr<Tree> tree, Name name) : tree_(std::move(tree)), name_(std::move(name)) {}
  ~File() { discard(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void discard() {
    if (draft_.file.is_open()) {
      draft_.file = Descriptor();
      tree_->discard_draft(draft_.number);
    }
  }

  Result<void> flush() {
    if (!draft_.file.is_open()) {
      CAIRN_TRY(draft_, tree_->create_draft());
    }
    direct_.set(draft_.file.get(), written_ >= kCachedBytes && step.size() == kStepBytes);
    CAIRN_TRY_VOID(write_all(step));
    written_ += step.size();
    step.clear();
    if (written_ - sent_ >= kAheadBytes && !direct_.is_on()) {
      send_ahead();
    }
    return {};
  }

  Result<void> publish() {
    CAIRN_TRY_VOID(flush());
    if (::fdatasync(draft_.file.get()) != 0) {
      return system_error(errno, "sync blob", name_);
    }
    CAIRN_TRY_VOID(tree_->publish(draft_.number, name_));
    draft_.file = Descriptor();
    return {};
  }

  AlignedBytes step;

 private:
  Result<void> write_all(std::span<const char> bytes) {
    while (!bytes.empty()) {
      const auto count = ::write(draft_.file.get(), bytes.data(), bytes.size());
      if (count >= 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(count));
      } else if (errno == EINVAL && direct_.is_on()) {
        direct_.give_up(draft_.file.get());
      } else if (errno != EINTR) {
        return errno == EFBIG ? Error{Errc::limit, "write blob: too large for the file system", name_}
                              : system_error(errno, "write blob", name_);
      }
    }
    return {};
  }

  // The disk begins with what is there while the rest comes, so that the sync at the end has little left to
  // do. It promises nothing, so its failures are the sync's to tell.
  void send_ahead() {
    ::sync_file_range(draft_.file.get(), static_cast<off64_t>(sent_), static_cast<off64_t>(written_ - sent_),
                      SYNC_FILE_RANGE_WRITE);
    sent_ = written_;
  }

  const std::shared_ptr<Tree> tree_;
  const Name name_;
  Tree::Draft draft_;
  std::size_t written_ = 0;
  std::size_t sent_ = 0;
  Direct direct_;
};

DraftWriter::DraftWriter(Setup setup)
    : setup_(std::move(setup)), file_(std::make_shared<File>(setup_.tree, setup_.name)) {}

DraftWriter::~DraftWriter() {
  if (has_draft_) {
    // The last owner goes on the pool, after what runs there now: removing a large file takes a while.
    setup_.pool.post([file = std::move(file_)] {});
  }
}

Task<Result<void>> DraftWriter::write(std::span<const std::byte> bytes) {
  CAIRN_CHECK(!committed_);
  if (!failed_ && written_ + bytes.size() > setup_.limits.blob_bytes_max) {
    failed_ = Error{Errc::limit, "blob has more than blob_bytes_max", setup_.name};
  }
  if (failed_) {
    co_return *failed_;
  }
  written_ += bytes.size();
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), kStepBytes - next_.size()));
    const auto* const begin = reinterpret_cast<const char*>(part.data());
    next_.insert(next_.end(), begin, begin + part.size());
    bytes = bytes.subspan(part.size());
    if (next_.size() == kStepBytes) {
      CAIRN_CO_TRY_VOID(co_await start_step());
    }
  }
  co_return Result<void>{};
}

Task<Result<void>> DraftWriter::start_step() {
  CAIRN_CO_TRY_VOID(co_await end_step());
  has_draft_ = true;
  std::swap(file_->step, next_);
  step_ = setup_.pool.start([file = file_] { return file->flush(); });
  co_return Result<void>{};
}

Task<Result<void>> DraftWriter::end_step() {
  if (step_ == nullptr) {
    co_return Result<void>{};
  }
  const auto step = std::exchange(step_, nullptr);
  auto done = co_await step->wait();
  if (!done) {
    co_return co_await fail(std::move(done).error());
  }
  co_return done;
}

Task<Result<void>> DraftWriter::commit() {
  CAIRN_CHECK(!committed_);
  committed_ = true;
  if (failed_) {
    co_return *failed_;
  }
  CAIRN_CO_TRY_VOID(co_await end_step());
  const auto start = std::chrono::steady_clock::now();
  has_draft_ = true;
  std::swap(file_->step, next_);
  const auto work = [file = file_] { return file->publish(); };
  auto done = co_await setup_.pool.run(work);
  if (!done) {
    co_return co_await fail(std::move(done).error());
  }
  has_draft_ = false;
  const auto took = std::chrono::steady_clock::now() - start;
  setup_.meters.commit_seconds.observe(std::chrono::duration<double>(took).count());
  setup_.meters.puts.add();
  setup_.meters.bytes.add(static_cast<double>(written_));
  co_return done;
}

// Discards the draft at once, so that a full disk has its room back before the caller hears of it.
Task<Result<void>> DraftWriter::fail(Error error) {
  failed_ = std::move(error);
  const auto discard = [file = file_] {
    file->discard();
    return true;
  };
  co_await setup_.pool.run(discard);
  has_draft_ = false;
  co_return *failed_;
}

}  // namespace cairn::blob::dir
