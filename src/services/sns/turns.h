// Turns: which delivery comes next. Of what waits for subscriptions' endpoints, the one whose time has come,
// with a place that is free.
//
// "HTTP" stands for all that is slow and not a queue: mail and programs, too.
//
// Each subscription is a lane, and lanes take turns: who has many messages, or is slow, leaves the others
// theirs. Queues and HTTP endpoints never wait for each other; of HTTP deliveries only so many are under way
// at one host, and for one account. A lane that fails is tried one delivery at a time, ever more rarely,
// until one succeeds; what has become too old meanwhile is given up without being tried on its own. Nothing
// here looks at all lanes. One thread at a time. Tested by turns_test.cc.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/time.h"
#include "topics/message.h"

namespace cairn::services::sns {

struct TurnLimits {
  std::size_t of_account_max = 8;       // HTTP deliveries under way
  std::size_t of_host_max = 4;          // of these
  std::size_t of_subscription_max = 2;  // of any kind
  Millis least_pause{5'000};            // of a lane after a failure; twice as long after each
  Millis longest_pause{60'000};
  Millis patience{120'000};  // an endpoint that failed for so long, and a message of that age
};

// Where a lane leads.
struct Place {
  bool http = false;
  std::string account{};             // who subscribed
  std::string host{};                // of HTTP
  std::optional<Millis> patience{};  // other than the limits'
};

class Turns {
 public:
  struct Turn {
    std::string message{};  // its key
    topics::Delivery row{};
    Time since{};           // the message's age
    bool hopeless = false;  // to be given up, not to be tried
    std::string lane{};
    Place place{};
  };
  enum class Came { good, bad, nothing };  // nothing: it was not tried

  explicit Turns(TurnLimits limits) : limits_(limits) {}

  void add(Turn turn, const Place& place);
  // Of one kind. None: nothing is due that may go now. REQUIRES: done() of each that is taken.
  std::optional<Turn> take(bool http, Time now);
  void done(const Turn& turn, Came came, Time now);

  std::size_t waiting() const { return waiting_; }
  std::size_t under_way() const { return under_way_; }

 private:
  using Rows = std::map<std::pair<Time, std::string>, Turn>;  // when it is due, and the message's key
  using Group = std::pair<std::string, std::string>;          // account and host
  struct Lane {
    Place place{};
    Rows rows{};
    std::size_t busy = 0;
    std::uint32_t failures = 0;  // one after the other
    Time failing_since{};
    Time not_before{};
    std::optional<Time> asleep_until{};
    bool ready = false;
  };
  using Lanes = std::map<std::string, Lane, std::less<>>;
  struct Kind {
    std::set<std::pair<Time, std::string>> asleep{};  // lanes, by when they are due
    std::list<Group> turns{};                         // whose lanes are ready, in their order
    std::map<Group, std::deque<std::string>> ready{};
    std::deque<Turn> hopeless{};
  };

  Kind& kind_of(const Lane& lane) { return kinds_[lane.place.http ? 1 : 0]; }
  bool is_due(Time time, Time now) const;
  bool is_free(const Group& group, bool http) const;
  bool may_go(const Lane& lane, Time now) const;
  std::size_t most_of(const Lane& lane) const;
  void wake(Kind& kind, Time now);
  std::optional<std::string> next_ready(Kind& kind, bool http);
  void forget_if_over(const std::string& name);
  void settle(const std::string& name, Lane& lane);
  void make_ready(const std::string& name, Lane& lane);
  Turn take_from(const std::string& name, Lane& lane);
  void back_off(Lane& lane, Time now);
  void give_up_old(Lane& lane, Time now);

  const TurnLimits limits_;
  Lanes lanes_;
  Kind kinds_[2];
  std::map<std::string, std::size_t, std::less<>> busy_accounts_;  // of HTTP
  std::map<std::string, std::size_t, std::less<>> busy_hosts_;
  std::size_t waiting_ = 0;
  std::size_t under_way_ = 0;
};

}  // namespace cairn::services::sns
