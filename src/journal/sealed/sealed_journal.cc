// Tested by sealed_journal_test.cc.
#include "journal/sealed/sealed_journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "journal/sealed/entry_sealer.h"

namespace cairn::journal {
namespace {

class UnsealingReader final : public Reader {
 public:
  UnsealingReader(std::unique_ptr<Reader> inner, Partition partition, const crypto::Secret& key)
      : inner_(std::move(inner)), partition_(partition), opener_(key) {}

  Result<std::span<const Entry>> read(Millis patience) override {
    if (failed_) {
      return *failed_;
    }
    CAIRN_TRY(const auto entries, inner_->read(patience));
    make_room(entries);
    opened_.clear();
    std::size_t used = 0;
    for (const auto& entry : entries) {
      const auto room = std::span(room_.get() + used, entry.payload.size());
      auto payload = opener_.open(partition_, entry.payload, room);
      if (!payload) {
        fail_at(entry.position, payload.error());
        break;
      }
      used += room.size();
      opened_.push_back({.position = entry.position, .time = entry.time, .payload = *payload});
    }
    return failed_ && opened_.empty() ? Result<std::span<const Entry>>(*failed_)
                                      : std::span<const Entry>(opened_);
  }

  Position position() const override { return failed_ ? failed_at_ : inner_->position(); }
  void interrupt() override { inner_->interrupt(); }

 private:
  void make_room(std::span<const Entry> entries) {
    std::size_t bytes = 0;
    for (const auto& entry : entries) {
      bytes += entry.payload.size();
    }
    if (bytes > capacity_) {
      room_ = std::make_unique_for_overwrite<char[]>(bytes);
      capacity_ = bytes;
    }
  }

  // A payload that is no good is damage, whatever of it is wrong: nobody but this adapter wrote it.
  void fail_at(Position position, const Error& why) {
    failed_at_ = position;
    failed_ =
        Error{why.code == Errc::denied ? Errc::denied : Errc::corrupt, "open journal entry: " + why.what,
              fmt::format("partition {}, position {}", partition_.raw(), position.raw())};
  }

  const std::unique_ptr<Reader> inner_;
  const Partition partition_;
  EntryOpener opener_;
  std::unique_ptr<char[]> room_;
  std::size_t capacity_ = 0;
  std::vector<Entry> opened_;
  std::optional<Error> failed_;  // comes again at every call
  Position failed_at_{};
};

// Texts of appends that are over, for the next ones: taking and giving back a thousand pieces of a KiB costs
// as much as sealing them.
class Room {
 public:
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) {
      return {};
    }
    auto texts = std::move(idle_.back());
    idle_.pop_back();
    return texts;
  }
  void give_back(std::vector<std::string> texts) {
    std::size_t bytes = 0;
    for (const auto& text : texts) {
      bytes += text.capacity();
    }
    const std::lock_guard lock(mutex_);
    if (bytes <= kIdleBytesMax && idle_.size() < kIdleMax) {
      idle_.push_back(std::move(texts));
    }
  }

 private:
  static constexpr std::size_t kIdleMax = 8;
  static constexpr std::size_t kIdleBytesMax = 2U << 20;  // of one append

  std::mutex mutex_;
  std::vector<std::vector<std::string>> idle_;  // guarded
};

class SealedJournal final : public Journal {
 public:
  SealedJournal(std::unique_ptr<Journal> inner, crypto::Secret key, const Limits& limits)
      : inner_(std::move(inner)), key_(key.clone()), sealer_(std::move(key)), limits_(limits) {}

  std::uint32_t partitions() const override { return inner_->partitions(); }
  Partition partition_of(std::string_view account) const override { return inner_->partition_of(account); }
  Position end(Partition partition) const override { return inner_->end(partition); }
  Position begin(Partition partition) const override { return inner_->begin(partition); }
  Result<void> retire(Partition partition, Position position) override {
    return inner_->retire(partition, position);
  }

  // Sealed in the caller's thread, before it waits for anything.
  Task<Result<Position>> append(Partition partition, std::span<const std::string> payloads) override {
    auto sealed = room_.take();
    sealed.resize(std::max(sealed.size(), payloads.size()));
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      const auto& payload = payloads[i];
      if (payload.size() > limits_.entry_bytes_max) {
        co_return Error{Errc::limit, fmt::format("append to journal: an entry of {} bytes, {} at most",
                                                 payload.size(), limits_.entry_bytes_max)};
      }
      sealer_.seal(partition, payload, sealed[i]);
    }
    const auto these = std::span<const std::string>(sealed).first(payloads.size());
    auto appended = co_await inner_->append(partition, these);
    room_.give_back(std::move(sealed));
    co_return appended;
  }

  Result<std::unique_ptr<Reader>> reader(Partition partition, Position from) override {
    CAIRN_TRY(auto reader, inner_->reader(partition, from));
    return unsealed(std::move(reader), partition, key_);
  }

 private:
  const std::unique_ptr<Journal> inner_;
  const crypto::Secret key_;
  const EntrySealer sealer_;
  const Limits limits_;
  Room room_;
};

}  // namespace

Limits with_room_for_sealing(Limits limits) {
  limits.entry_bytes_max += SealedEntry::kOverheadBytesMax;
  return limits;
}

std::unique_ptr<Journal> make_sealed(std::unique_ptr<Journal> inner, crypto::Secret key,
                                     const Limits& limits) {
  return std::make_unique<SealedJournal>(std::move(inner), std::move(key), limits);
}

std::unique_ptr<Reader> unsealed(std::unique_ptr<Reader> reader, Partition partition,
                                 const crypto::Secret& key) {
  return std::make_unique<UnsealingReader>(std::move(reader), partition, key);
}

}  // namespace cairn::journal
