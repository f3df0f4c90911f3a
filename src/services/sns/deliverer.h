// The deliverer: takes published messages to the subscriptions that want them, at least once each, several at
// a time, and tries again later where that may help.
//
// What has to go where is in the catalog (topics/message.h): the message with all its rows is written once;
// after that each attempt writes one small document, and the last delivery removes all of them. A crash
// repeats at most what was under way. A queue is asked as sns.amazonaws.com on behalf of the topic, and its
// policy decides. What an endpoint refuses for good, or for too long, goes to the subscription's queue for
// dead letters, if it has one; else it is dropped and counted. An unsubscribed endpoint gets nothing any
// more.
//
// Whose turn it is says turns.h. What waits is bounded, in rows and in bytes, of all topics and of each
// account's: a call reserves room before it publishes. Ages and pauses go by a clock whose steps are not
// followed at once.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/gate.h"
#include "aws/client.h"
#include "base/metrics.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "http/http.h"
#include "services/sns/endpoint.h"
#include "services/sns/outlets.h"
#include "services/sns/turns.h"
#include "topics/envelope.h"
#include "topics/message.h"
#include "topics/signer.h"

namespace cairn::services::sns {

struct DelivererOptions {
  std::size_t deliveries_max = 100'000;  // that wait, of all messages; beyond it Publish is throttled
  std::uint64_t bytes_max = 1ULL << 30;  // of the messages that wait
  // Of one account's topics: others have room still.
  std::size_t account_deliveries_max = 40'000;
  std::uint64_t account_bytes_max = 400ULL << 20;
  // Deliveries under way to queues, and to all else: HTTP endpoints, mail, programs.
  std::size_t queues_at_once_max = 4;
  std::size_t http_at_once_max = 16;
  TurnLimits turns{};
  std::uint32_t http_retries = 3;            // as AWS's own policy says; of programs, too
  Millis http_pause{20'000};                 // before each of them
  Millis mail_patience{6LL * 3'600'000};     // as AWS's: how long a mail server is tried
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
  const crypto::Sealer& sealer;
  const Clock& clock;  // base/patient_clock.h
  Metrics& metrics;
  Outlets* outlets = nullptr;  // none: no mail, no programs
};

// What waits, or has its room reserved.
struct Load {
  std::size_t deliveries = 0;
  std::uint64_t bytes = 0;
};

// Thread-safe, but for work_off().
class Deliverer {
 public:
  Deliverer(DelivererParts on, DelivererOptions options);

  void start(async::Executor executor);
  void stop();  // blocks

  // The clock of Delivery::due and of Message::since.
  Time now() const { return on_.clock.now(); }

  // Room for so much more of that account's topics, until it is published(). False: there is none.
  bool reserve(const std::string& account, const Load& more);
  // A message may lie under that key now. What was reserved for it goes when it is taken in.
  void published(std::string key, std::string account = {}, const Load& reserved = {});

  // All that is due now, once. For tests: not beside start().
  Task<void> work_off();
  // Messages of earlier runs.
  Task<Result<void>> load();

 private:
  using Turn = Turns::Turn;
  using MessagePtr = std::shared_ptr<const topics::Message>;
  // A key that was announced, and what is reserved for it.
  struct Announced {
    std::string key;
    std::string account;
    Load reserved;
  };
  // A message on its way.
  struct Going {
    std::string account;
    std::size_t left = 0;  // rows
    std::uint64_t bytes = 0;
  };
  // unready: nothing was tried, for a reason of our own. hopeless: nothing was tried any more.
  enum class End { delivered, gone, retry, refused, unready, hopeless };

  Task<void> begin();
  Task<void> intake();
  Task<void> dispatch(async::Executor executor);
  Task<void> work(bool http, Turn turn);
  bool begin_work(bool http);
  std::optional<Turn> take_due(bool http);

  std::optional<Announced> next_announced();
  Task<bool> take_next_in();
  Task<Result<void>> take_in(std::string key);
  Task<Result<void>> add(topics::Message message, std::uint64_t bytes);
  Task<Result<std::map<std::string, Place>>> places_of(const topics::Message& message);
  Place place_of(const topics::Subscription& subscription) const;
  Task<Result<topics::Message>> with_progress(topics::Message message);
  void release(const Announced& announced);
  // REQUIRES: the lock is held, of the next three.
  void count(const std::string& account, const Load& more);
  void discount(const std::string& account, const Load& less);
  void measure() const;

  Task<Result<MessagePtr>> message_of(std::string key);
  Task<void> attempt(Turn turn);
  Task<End> try_one(const topics::Message& message, const Turn& turn,
                    const std::optional<topics::Stored<topics::Subscription>>& found);
  // It is over, or waits again.
  void put_back(Turn turn, Turns::Came came, std::optional<topics::Delivery> row);
  void put_off(Turn turn);
  void lose(const Turn& turn);
  void step_over(const topics::SubscriptionName& name, const Error& error);

  Task<End> deliver(const topics::Message& message, const topics::Delivery& delivery,
                    const topics::Subscription& to);
  Task<Result<std::string>> body_of(const topics::Message& message, const topics::Subscription& to,
                                    bool dead);
  Task<End> post(const topics::Message& message, const topics::Subscription& to, std::string body);
  Result<codec::Headers> headers_of(const topics::Message& message, const topics::Subscription& to,
                                    const HttpEndpoint& endpoint) const;
  Task<Result<topics::Links>> links_of(const topics::Subscription& to);
  Task<End> mail(const topics::Message& message, const topics::Subscription& to, std::string text);
  Task<End> run(const topics::Subscription& to, std::string input);
  static End end_of(Outlets::Sent sent);
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
  Task<bool> note(const Turn& turn, std::optional<topics::Delivery> row);
  Task<bool> write_down(catalog::Transaction change);
  Task<bool> remove(std::string message);
  std::size_t left_of(const std::string& message) const;
  std::size_t one_less(const std::string& message);

  const DelivererParts on_;
  const DelivererOptions options_;
  async::Gate gate_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::deque<Announced> inbox_;             // guarded by mutex_, as what follows
  std::map<std::string, Going> going_;      // by the message's key
  Load in_all_;                             // of these, and what is reserved by calls and for the inbox
  std::map<std::string, Load> of_account_;  // by whose topic it is; who has none is not there
  Turns turns_;
  std::size_t working_[2] = {0, 0};                        // on queues, on HTTP endpoints
  std::deque<std::pair<std::string, MessagePtr>> recent_;  // that were read last
  Counter delivered_;
  Counter failed_;
  Counter dead_;
  Counter dropped_;
  Counter unreadable_;
  mutable Gauge gauge_;
};

}  // namespace cairn::services::sns
