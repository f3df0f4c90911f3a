#include "blob/memory/memory_blob.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "blob/name.h"

namespace cairn::blob::memory {

struct MemoryBlob::State {
  struct Kept {
    std::shared_ptr<const std::string> bytes;
    Time modified;
  };

  explicit State(Limits l) : limits(l) {}

  Result<void> put(const Name& name, std::string bytes);
  bool is_folder(const Name& name) const;
  bool in_folder_that_is_a_blob(std::string_view name) const;
  std::optional<Faults::Kind> fault_now();

  const Limits limits;
  std::mutex mutex;
  std::map<Name, Kept> blobs;  // guarded, as all below
  Faults faults;
  std::size_t until_fault = 0;
};

namespace {

// Lets every other task of the loop go first.
Task<void> yield() {
  const auto executor = co_await boost::asio::this_coro::executor;
  co_await boost::asio::post(executor, boost::asio::use_awaitable);
}

Error error_of(Faults::Kind kind, const Name& name) {
  const auto code = kind == Faults::Kind::unavailable ? Errc::unavailable
                    : kind == Faults::Kind::limit     ? Errc::limit
                                                      : Errc::unknown;
  return Error{code, "put blob: made to fail", name};
}

class MemoryWriter final : public Writer {
 public:
  MemoryWriter(std::shared_ptr<MemoryBlob::State> state, Name name)
      : state_(std::move(state)), name_(std::move(name)) {}

  Task<Result<void>> write(std::span<const std::byte> bytes) override {
    CAIRN_CHECK(!committed_);
    if (bytes_.size() + bytes.size() > state_->limits.blob_bytes_max) {
      co_return Error{Errc::limit, "blob has more than blob_bytes_max", name_};
    }
    bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    co_await yield();
    co_return Result<void>{};
  }

  Task<Result<void>> commit() override {
    CAIRN_CHECK(!committed_);
    committed_ = true;
    co_await yield();
    auto done = state_->put(name_, std::move(bytes_));
    co_await yield();
    co_return done;
  }

 private:
  const std::shared_ptr<MemoryBlob::State> state_;
  const Name name_;
  std::string bytes_;
  bool committed_ = false;
};

class MemoryReader final : public Reader {
 public:
  MemoryReader(std::shared_ptr<const std::string> bytes, Extent extent)
      : bytes_(std::move(bytes)),
        extent_(extent),
        rest_(std::string_view(*bytes_).substr(extent.offset, extent.length)) {}

  std::uint64_t size() const override { return extent_.length; }

  Task<Result<std::size_t>> read(std::span<std::byte> into) override {
    co_await yield();
    const auto count = rest_.copy(reinterpret_cast<char*>(into.data()), into.size());
    rest_.remove_prefix(count);
    co_return count;
  }

 private:
  const std::shared_ptr<const std::string> bytes_;
  const Extent extent_;
  std::string_view rest_;
};

}  // namespace

Result<void> MemoryBlob::State::put(const Name& name, std::string bytes) {
  const std::lock_guard lock(mutex);
  const auto fault = fault_now();
  if (fault && *fault != Faults::Kind::unknown_applied) {
    return error_of(*fault, name);
  }
  if (blobs.contains(name) || is_folder(name) || in_folder_that_is_a_blob(name)) {
    return Error{Errc::conflict, "put blob: the name is taken", name};
  }
  const auto now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  blobs[name] = {std::make_shared<const std::string>(std::move(bytes)), now};
  return fault ? Result<void>(error_of(*fault, name)) : Result<void>();
}

bool MemoryBlob::State::is_folder(const Name& name) const {
  const auto inside = blobs.lower_bound(name + "/");
  return inside != blobs.end() && inside->first.starts_with(name + "/");
}

bool MemoryBlob::State::in_folder_that_is_a_blob(std::string_view name) const {
  for (auto folder = folder_of(name); !folder.empty(); folder = folder_of(folder)) {
    if (blobs.contains(Name(folder))) {
      return true;
    }
  }
  return false;
}

std::optional<Faults::Kind> MemoryBlob::State::fault_now() {
  if (faults.every == 0 || --until_fault != 0) {
    return std::nullopt;
  }
  until_fault = faults.every;
  return faults.kind;
}

MemoryBlob::MemoryBlob(Limits limits) : state_(std::make_shared<State>(limits)) {}

void MemoryBlob::fail(Faults faults) {
  const std::lock_guard lock(state_->mutex);
  state_->faults = faults;
  state_->until_fault = faults.every;
}

std::unique_ptr<MemoryBlob> MemoryBlob::durable_copy() const {
  auto copy = std::make_unique<MemoryBlob>(state_->limits);
  const std::lock_guard lock(state_->mutex);
  copy->state_->blobs = state_->blobs;
  return copy;
}

Task<Result<std::unique_ptr<Writer>>> MemoryBlob::writer(Name name) {
  CAIRN_CO_TRY_VOID(check_name(name));
  co_await yield();
  co_return std::make_unique<MemoryWriter>(state_, std::move(name));
}

Task<Result<std::unique_ptr<Reader>>> MemoryBlob::reader(Name name, Range range) {
  CAIRN_CO_TRY_VOID(check_name(name));
  co_await yield();
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->blobs.find(name);
  if (found == state_->blobs.end()) {
    co_return Error{Errc::not_found, "read blob: no such blob", name};
  }
  CAIRN_CO_TRY(const auto extent, extent_of(range, found->second.bytes->size()));
  co_return std::make_unique<MemoryReader>(found->second.bytes, extent);
}

Task<Result<void>> MemoryBlob::remove(Name name) {
  CAIRN_CO_TRY_VOID(check_name(name));
  co_await yield();
  const std::lock_guard lock(state_->mutex);
  state_->blobs.erase(name);
  co_return Result<void>{};
}

Task<Result<std::vector<Listed>>> MemoryBlob::list(std::string prefix, Name after, std::size_t limit) {
  CAIRN_CO_TRY_VOID(check_prefix(prefix));
  co_await yield();
  std::vector<Listed> page;
  const std::lock_guard lock(state_->mutex);
  for (auto at = after < prefix ? state_->blobs.lower_bound(prefix) : state_->blobs.upper_bound(after);
       at != state_->blobs.end() && at->first.starts_with(prefix) &&
       page.size() < std::min(limit, state_->limits.page_max);
       ++at) {
    page.push_back({at->first, at->second.bytes->size(), at->second.modified});
  }
  co_return page;
}

Task<Result<LocalFile>> MemoryBlob::local_file(Name name) {
  co_return Error{Errc::invalid, "a blob in memory is no local file", std::move(name)};
}

}  // namespace cairn::blob::memory
