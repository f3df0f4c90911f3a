// Intents: what Cairn is about to let happen elsewhere, written down before it happens (promise 2 of the
// design). A relayed call that changes something has a slot in one memory-mapped file while it is under way:
// its record as it would be if nobody ever heard of the call again. The slot is freed once the outcome's
// record is durable in the journal.
//
// A slot written is in the kernel's page: it survives kill -9. With Options::sync it survives power loss,
// too. What it says is sealed: nobody reads it without the key. Whoever starts next finds what was open
// (left()) and sees to it that it is in the journal.
//
// The file also counts records that could not be written (capture.on_failure: open), until somebody has told
// of them. Thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "async/pool.h"
#include "async/task.h"
#include "base/metrics.h"
#include "base/time.h"
#include "intents/layout.h"

namespace cairn::intents {

struct Options {
  std::filesystem::path file;
  Shape shape{};                // of a new file; an old one keeps its own
  Millis patience{2'000};       // for a free slot
  async::Pool* sync = nullptr;  // where slots are synced to the disk before begin() returns; none: not at all
};

struct Intent {
  std::string account;
  std::string event_id;
  std::string record;
};

class Intents;

// A slot that is taken. One that is dropped unsettled stays open until the next start.
class Ticket {
 public:
  Ticket() = default;
  Ticket(Ticket&& other) noexcept { *this = std::move(other); }
  Ticket& operator=(Ticket&& other) noexcept;
  ~Ticket() = default;

  bool is_open() const { return owner_ != nullptr; }
  // The outcome is durable in the journal.
  void settle();
  // Here is what came of it, should the journal not get it. False: no room for it; the slot says what it
  // said.
  bool replace(const Intent& outcome);

 private:
  friend class Intents;
  Ticket(Intents& owner, std::uint32_t slot) : owner_(&owner), slot_(slot) {}
  Intents* owner_ = nullptr;
  std::uint32_t slot_ = 0;
};

class Intents {
 public:
  // What the key is derived from the master key for.
  static constexpr std::string_view kKeyPurpose = "intents";

  // Makes the file, all of its room taken, or opens it. Errc::limit: no room; Errc::corrupt: it is damaged
  // (move it away to begin anew); Errc::invalid: a newer Cairn wrote it; Errc::denied: what was left in it is
  // sealed under another key.
  static Result<std::unique_ptr<Intents>> open(Options options, crypto::Secret key, Metrics& metrics);
  ~Intents();
  Intents(const Intents&) = delete;
  Intents& operator=(const Intents&) = delete;

  std::size_t record_bytes_max() const { return shape_.record_bytes_max(); }

  // Waits for a slot at most Options::patience, or not at all. Errc::limit: all are taken, or it does not
  // fit.
  Task<Result<Ticket>> begin(Intent intent, bool waits = true);

  // What was open when the file was opened. Their slots stay taken until forget_left().
  const std::vector<Intent>& left() const { return left_; }
  void forget_left();

  // One more record that nobody has. `event_id` names the event that will tell of them, if it is the first.
  void lost(Time now, const std::string& event_id);
  std::optional<Gap> gap() const;
  // So much of it is told; what was lost meanwhile begins anew under that event id.
  void told(const Gap& gap, const std::string& next_event_id);

 private:
  friend class Ticket;
  Intents(Options options, Shape shape, char* map, crypto::Secret key, Metrics& metrics);
  Result<void> look(const crypto::Secret& key);
  std::span<char> slot(std::uint32_t index) const;
  std::span<char, kHeadBytes> head() const { return std::span<char, kHeadBytes>(map_, kHeadBytes); }
  std::optional<std::uint32_t> take();
  void give_back(std::uint32_t index);
  Result<void> sync(std::uint32_t index) const;

  const Options options_;
  const Shape shape_;
  char* const map_;
  const crypto::MessageSealer sealer_;
  std::vector<Intent> left_;
  std::vector<std::uint32_t> left_slots_;
  mutable std::mutex mutex_;
  std::vector<std::uint32_t> free_;  // guarded; the last one freed is the next one taken
  Gauge open_;
  Counter torn_;
  Counter lost_;
};

}  // namespace cairn::intents
