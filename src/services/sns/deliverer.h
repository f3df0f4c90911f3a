// The deliverer: takes published messages to the subscriptions that want them, at least once each, several at
// a time, and tries again later where that may help.
//
// What has to go where is in the catalog (topics/message.h): each success, and each failure, is a commit of
// the message's document, so a crash repeats at most what was under way. A queue is asked as
// sns.amazonaws.com on behalf of the topic, and its policy decides. What an endpoint refuses for good, or for
// too long, goes to the subscription's queue for dead letters, if it has one; else it is dropped and counted.
// An unsubscribed endpoint gets nothing any more.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "async/gate.h"
#include "aws/client.h"
#include "base/metrics.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "http/http.h"
#include "topics/envelope.h"
#include "topics/message.h"
#include "topics/signer.h"

namespace cairn::services::sns {

struct DelivererOptions {
  std::size_t deliveries_max = 100'000;      // that wait, of all messages; beyond it Publish is throttled
  std::size_t at_once = 8;                   // deliveries under way
  std::size_t at_once_of_subscription = 2;   // of these, so that a slow endpoint leaves room for others
  std::uint32_t http_retries = 3;            // as AWS's own policy says
  Millis http_pause{20'000};                 // before each of them
  Millis queue_patience{23LL * 86'400'000};  // as AWS's: how long a queue that is out of reach is tried
  Millis idle{20};                           // between two looks at what is due
  // What links in messages begin with: "https://cairn.example:4586".
  std::function<std::string()> base_url = [] { return std::string(); };
  std::vector<std::string> http_hosts{};  // as Options has them
};

// All outlive it.
struct DelivererParts {
  catalog::Catalog& catalog;
  aws::Client& client;  // that queues are reached by
  http::Client& http;
  topics::Signer& signer;
  const Clock& clock;
  Metrics& metrics;
};

// Thread-safe, but for work_off().
class Deliverer {
 public:
  Deliverer(DelivererParts on, DelivererOptions options);

  void start(async::Executor executor);
  void stop();  // blocks

  // So many deliveries more?
  bool has_room(std::size_t deliveries) const;
  // A message may lie under that key now.
  void published(std::string key);

  // All that is due now, once. For tests: not beside start().
  Task<void> work_off();
  // Messages of earlier runs.
  Task<Result<void>> load();

 private:
  // One delivery that waits.
  struct Waiting {
    Time due;
    std::string key;
    std::string subscription;
  };
  // What waits for one subscription, in the order of its time.
  struct Lane {
    std::set<std::pair<Time, std::string>> waiting{};  // when it is due, and the message's key
    std::size_t busy = 0;                              // deliveries under way
  };
  // unready: nothing was tried, for a reason of our own.
  enum class End { delivered, gone, retry, refused, unready };

  Task<void> work();
  Task<void> begin();
  Task<bool> step();
  Task<void> take_in(std::string key);
  void add(const topics::Message& message);
  std::optional<std::string> next_key();
  std::optional<Waiting> take_due();
  void put_back(const Waiting& done, std::optional<Time> due);
  void measure() const;  // REQUIRES: the lock is held

  Task<void> attempt(Waiting waiting);
  Task<End> deliver(const topics::Message& message, const topics::Delivery& delivery,
                    const topics::Subscription& to);
  Task<Result<std::string>> body_of(const topics::Message& message, const topics::Subscription& to);
  Task<End> post(const topics::Message& message, const topics::Subscription& to, std::string body);
  Task<End> enqueue(const topics::Message& message, const topics::Subscription& to, std::string queue,
                    std::string body);
  // The row as it is after an attempt; none: it is over.
  std::optional<topics::Delivery> after(const topics::Message& message, topics::Delivery row,
                                        const topics::Subscription& to, End end);
  std::optional<topics::Delivery> given_up(topics::Delivery row, const topics::Subscription& to);
  bool may_try_again(const topics::Message& message, const topics::Delivery& row,
                     const topics::Subscription& to) const;
  Millis pause_after(const topics::Delivery& row, const topics::Subscription& to) const;
  // False: it could not be written.
  Task<bool> note(const Waiting& waiting, std::optional<topics::Delivery> row);

  const DelivererParts on_;
  const DelivererOptions options_;
  async::Gate gate_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::deque<std::string> inbox_;                   // keys of messages; guarded by mutex_, as what follows
  std::map<std::string, Lane, std::less<>> lanes_;  // by subscription
  std::size_t waiting_ = 0;                         // in all lanes
  std::size_t under_way_ = 0;
  Counter delivered_;
  Counter failed_;
  Counter dead_;
  Counter dropped_;
  mutable Gauge gauge_;
};

}  // namespace cairn::services::sns
