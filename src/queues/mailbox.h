// A queue's messages in memory: which can be received now, which are held by a receiver, which are overdue.
// The catalog has them all; this is an index of it that is loaded once and then told of each commit.
//
// What a call is about to change it holds: nobody else receives it meanwhile. Whoever holds a message MUST
// keep(), drop() or release() it. What is dropped here but still in the catalog, because it is too old or was
// purged, is overdue until the reaper has removed it.
//
// Its time is the clock's, but never goes back: what was to be hidden for half a minute is hidden no longer
// than that, whatever happens to the clock. Receives that wait are woken one at a time, one for each message
// that can be seen; one of them, the watcher, sleeps only until the next message will be. Thread-safe. Tested
// by mailbox_test.cc.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "queues/message.h"

namespace cairn::queues {

// How far a queue has come.
struct Counts {
  std::uint64_t visible = 0;
  std::uint64_t in_flight = 0;  // received, and not seen again yet
  std::uint64_t delayed = 0;    // sent, and not seen yet
};

// What is taken from a queue: so many messages at most that can be seen now and are younger than `retention`.
struct Wanted {
  std::size_t count = 1;
  Millis retention{};
};

// Of many mailboxes together: an account's, and all. Thread-safe.
class Totals {
 public:
  explicit Totals(std::shared_ptr<Totals> whole = nullptr) : whole_(std::move(whole)) {}

  // Here, and in the whole that this is a part of.
  void add(std::uint64_t bytes);
  void remove(std::uint64_t bytes);
  std::uint64_t messages() const { return messages_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  const std::shared_ptr<Totals> whole_;  // none: this is the whole
  std::atomic<std::uint64_t> messages_{0};
  std::atomic<std::uint64_t> bytes_{0};
};

class Mailbox {
 public:
  static constexpr std::size_t kWaitingMax = 1000;  // receives; one more does not wait
  using Wake = std::function<void()>;

  // The clock outlives it: one whose steps are not followed at once (base/patient_clock.h).
  explicit Mailbox(const Clock& clock, std::shared_ptr<Totals> totals = std::make_shared<Totals>())
      : clock_(clock), totals_(std::move(totals)) {}
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // What messages' times are compared with, and set by.
  Time now();

  // Of the catalog. What is there already stays as it is.
  void load(std::vector<Message> messages);
  bool is_loaded() const;
  // Something may be in the catalog that is not here.
  void doubt();

  // A message that is in the catalog now.
  void add(Message message);
  // Held, in the order in which they became visible.
  std::vector<Message> take(const Wanted& wanted);
  // The message as it is now; held, unless somebody holds it already.
  struct Found {
    Message message{};
    bool held = false;  // by this call
  };
  std::optional<Found> hold(const std::string& number);
  // No longer held: as it is in the catalog now. Nothing, if it was dropped meanwhile.
  void keep(const Message& message);
  // No longer held, and as it was.
  void release(const std::string& number);
  void drop(const std::string& number);
  // All with this number or a lower one are overdue.
  void purge(const std::string& number);

  // What is to be removed from the catalog: a page of it. They stay overdue until dropped.
  std::vector<Message> overdue(Millis retention, std::size_t count);

  Counts counts();
  std::uint64_t messages() const;
  const Totals& totals() const { return *totals_; }  // that it counts for
  std::optional<Message> find(const std::string& number) const;
  // A number that no message of the queue ever had, behind all of them.
  std::string next_number();

  // Calls `wake` once, when there may be something to receive. False: too many wait already, or it is closed.
  bool wait(std::uint64_t waiter, Wake wake);
  // REQUIRES: called of each that waited, woken or not: somebody else's turn may have come.
  void stop_waiting(std::uint64_t waiter);
  std::size_t waiting() const;
  // How long until the next message that is hidden now will be seen. None: there is none, or somebody else
  // watches for it.
  std::optional<Millis> next_visible(std::uint64_t waiter);
  // Wakes everybody; nobody waits from now on.
  void close();

 private:
  enum class State { visible, hidden, held };
  struct Entry {
    Message message{};
    State state = State::held;
  };
  using Entries = std::map<std::string, Entry>;
  using ByTime = std::set<std::pair<Time, std::string>>;  // when it is seen, and its number
  using Wakes = std::map<std::uint64_t, Wake>;

  // All under the lock.
  Time look();  // what time it is; what has become visible by then is
  Wakes insert(Message message);
  void forget(Entries::iterator at);
  void hide_away(Entry& entry);  // out of both sets
  Wakes show(Entry& entry);      // into the set where it belongs
  Wakes wake_one();
  Wakes wake_watcher();

  static void call(Wakes wakes);

  const Clock& clock_;
  mutable std::mutex mutex_;
  bool loaded_ = false;
  bool closed_ = false;
  Time now_{};
  Millis behind_{0};  // the clock, of what it once said
  Entries entries_;   // by number
  ByTime visible_;
  ByTime hidden_;
  std::uint64_t hidden_received_ = 0;  // of the hidden: received before
  Time oldest_ = Time::max();          // no entry is older
  std::map<std::string, Message> overdue_;
  const std::shared_ptr<Totals> totals_;
  std::string last_;
  Wakes waiting_;
  std::optional<std::uint64_t> watcher_;  // one of them
};

}  // namespace cairn::queues
