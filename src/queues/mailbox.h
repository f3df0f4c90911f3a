// A queue's messages in memory: which can be received now, which are held by a receiver, which are overdue.
// The catalog has them all; this is an index of it that is loaded once and then told of each commit.
//
// What a call is about to change it holds: nobody else receives it meanwhile. Whoever holds a message MUST
// keep(), drop() or release() it. What is dropped here but still in the catalog, because it is too old or was
// purged, is overdue until the reaper has removed it. Thread-safe. Tested by mailbox_test.cc.
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

// What is taken from a queue: so many messages at most that can be seen at `now` and are younger than
// `retention`.
struct Wanted {
  std::size_t count = 1;
  Time now{};      // by the wall clock
  Time age_now{};  // by the clock of ages
  Millis retention{};
};

// Of many mailboxes together. Thread-safe.
struct Totals {
  std::atomic<std::uint64_t> messages{0};
  std::atomic<std::uint64_t> bytes{0};
};

class Mailbox {
 public:
  static constexpr std::size_t kWaitingMax = 1000;  // receives; one more does not wait
  using Wake = std::function<void()>;

  explicit Mailbox(std::shared_ptr<Totals> totals = std::make_shared<Totals>())
      : totals_(std::move(totals)) {}
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

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
  std::vector<Message> overdue(Time age_now, Millis retention, std::size_t count);

  Counts counts(Time now) const;
  std::uint64_t messages() const;
  std::optional<Message> find(const std::string& number) const;
  // A number that no message of the queue ever had, behind all of them.
  std::string next_number(Time now);

  // Calls `wake` once, when there may be something to receive. False: too many wait already, or it is closed.
  bool wait(std::uint64_t waiter, Wake wake);
  void stop_waiting(std::uint64_t waiter);
  std::size_t waiting() const;
  // When the next message that is hidden now will be seen.
  std::optional<Time> next_visible() const;
  // Wakes everybody; nobody waits from now on.
  void close();

 private:
  struct Entry {
    Message message{};
    bool held = false;
  };
  using Entries = std::map<std::string, Entry>;

  void insert(Message message);
  void forget(Entries::iterator at);
  static void call(std::map<std::uint64_t, Wake> wakes);

  mutable std::mutex mutex_;
  bool loaded_ = false;
  bool closed_ = false;
  Entries entries_;                                 // by number
  std::set<std::pair<Time, std::string>> by_time_;  // of those that are not held
  std::map<std::string, Message> overdue_;
  const std::shared_ptr<Totals> totals_;
  std::string last_;
  std::map<std::uint64_t, Wake> waiting_;
};

}  // namespace cairn::queues
