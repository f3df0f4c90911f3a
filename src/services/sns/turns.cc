// Tested by turns_test.cc.
#include "services/sns/turns.h"

#include <algorithm>

namespace cairn::services::sns {
namespace {

constexpr std::uint32_t kDoublings = 10;
constexpr std::string_view kDeadLane = "/dead";

void drop_one(std::map<std::string, std::size_t, std::less<>>& counts, const std::string& of) {
  const auto at = counts.find(of);
  if (at != counts.end() && --at->second == 0) {
    counts.erase(at);
  }
}

std::size_t count_in(const std::map<std::string, std::size_t, std::less<>>& counts, std::string_view of) {
  const auto at = counts.find(of);
  return at == counts.end() ? 0 : at->second;
}

}  // namespace

// Nothing is put off for longer than the longest pause: a time beyond it is from before the clock went back.
bool Turns::is_due(Time time, Time now) const {
  return time <= now || time > now + limits_.longest_pause;
}

bool Turns::is_free(const Group& group, bool http) const {
  return !http || (count_in(busy_accounts_, group.first) < limits_.of_account_max &&
                   count_in(busy_hosts_, group.second) < limits_.of_host_max);
}

void Turns::add(Turn turn, const Place& place) {
  turn.lane = turn.row.subscription + std::string(turn.row.dead ? kDeadLane : "");
  const auto [at, made] = lanes_.try_emplace(turn.lane);
  auto& lane = at->second;
  if (made) {
    lane.place = place;
  }
  turn.place = place;
  std::pair key(turn.row.due, turn.message);
  waiting_ += lane.rows.try_emplace(std::move(key), std::move(turn)).second ? 1 : 0;
  settle(at->first, lane);
}

// Where the lane waits: for its time, or for its turn once wake() has seen that it has come.
void Turns::settle(const std::string& name, Lane& lane) {
  auto& kind = kind_of(lane);
  if (lane.asleep_until) {
    kind.asleep.erase({*lane.asleep_until, name});
    lane.asleep_until.reset();
  }
  if (!lane.ready && !lane.rows.empty() && lane.busy < most_of(lane)) {
    lane.asleep_until = std::max(lane.rows.begin()->first.first, lane.not_before);
    kind.asleep.emplace(*lane.asleep_until, name);
  }
}

void Turns::make_ready(const std::string& name, Lane& lane) {
  auto& kind = kind_of(lane);
  const Group group(lane.place.account, lane.place.host);
  const auto [at, made] = kind.ready.try_emplace(group);
  if (made) {
    kind.turns.push_back(group);
  }
  at->second.push_back(name);
  lane.ready = true;
}

void Turns::wake(Kind& kind, Time now) {
  while (!kind.asleep.empty() && is_due(kind.asleep.begin()->first, now)) {
    const auto name = kind.asleep.begin()->second;
    kind.asleep.erase(kind.asleep.begin());
    auto& lane = lanes_.at(name);
    lane.asleep_until.reset();
    make_ready(name, lane);
  }
}

Turns::Turn Turns::take_from(const std::string& name, Lane& lane) {
  auto turn = std::move(lane.rows.begin()->second);
  lane.rows.erase(lane.rows.begin());
  ++lane.busy;
  if (lane.place.http) {
    ++busy_accounts_[lane.place.account];
    ++busy_hosts_[lane.place.host];
  }
  settle(name, lane);
  return turn;
}

std::optional<Turns::Turn> Turns::take(bool http, Time now) {
  auto& kind = kinds_[http ? 1 : 0];
  if (!kind.hopeless.empty()) {
    auto turn = std::move(kind.hopeless.front());
    kind.hopeless.pop_front();
    --waiting_;
    ++under_way_;
    return turn;
  }
  wake(kind, now);
  while (auto name = next_ready(kind, http)) {
    auto& lane = lanes_.at(*name);
    lane.ready = false;
    if (!may_go(lane, now)) {  // it failed since it was ready
      settle(*name, lane);
      forget_if_over(*name);
      continue;
    }
    auto turn = take_from(*name, lane);
    --waiting_;
    ++under_way_;
    return turn;
  }
  return std::nullopt;
}

// The next in turn, of those that have a place.
std::optional<std::string> Turns::next_ready(Kind& kind, bool http) {
  const auto at = std::ranges::find_if(kind.turns, [&](const Group& group) { return is_free(group, http); });
  if (at == kind.turns.end()) {
    return std::nullopt;
  }
  auto& names = kind.ready.at(*at);
  auto name = std::move(names.front());
  names.pop_front();
  if (names.empty()) {
    kind.ready.erase(*at);
    kind.turns.erase(at);
  } else {
    kind.turns.splice(kind.turns.end(), kind.turns, at);
  }
  return name;
}

std::size_t Turns::most_of(const Lane& lane) const {
  return lane.failures > 0 ? 1 : limits_.of_subscription_max;
}

bool Turns::may_go(const Lane& lane, Time now) const {
  return !lane.rows.empty() && lane.busy < most_of(lane) &&
         is_due(std::max(lane.rows.begin()->first.first, lane.not_before), now);
}

void Turns::forget_if_over(const std::string& name) {
  const auto at = lanes_.find(name);
  if (at->second.busy == 0 && at->second.rows.empty() && !at->second.ready) {
    lanes_.erase(at);
  }
}

void Turns::done(const Turn& turn, Came came, Time now) {
  --under_way_;
  if (turn.hopeless) {
    return;
  }
  const auto at = lanes_.find(turn.lane);
  auto& lane = at->second;
  --lane.busy;
  if (lane.place.http) {
    drop_one(busy_accounts_, lane.place.account);
    drop_one(busy_hosts_, lane.place.host);
  }
  if (came == Came::good) {
    lane.failures = 0;
    lane.not_before = {};
  } else if (came == Came::bad && lane.place.http) {
    back_off(lane, now);
    give_up_old(lane, now);
  }
  settle(turn.lane, lane);
  forget_if_over(turn.lane);
}

void Turns::back_off(Lane& lane, Time now) {
  lane.failing_since = lane.failures == 0 ? now : std::min(lane.failing_since, now);
  const auto doubled = limits_.least_pause * (1 << std::min(lane.failures, kDoublings));
  ++lane.failures;
  lane.not_before = now + std::min<Millis>(doubled, limits_.longest_pause);
}

void Turns::give_up_old(Lane& lane, Time now) {
  const auto patience = lane.place.patience.value_or(limits_.patience);
  if (now - lane.failing_since < patience) {
    return;
  }
  auto& kind = kind_of(lane);
  for (auto at = lane.rows.begin(); at != lane.rows.end();) {
    if (now - at->second.since < patience) {
      ++at;
      continue;
    }
    at->second.hopeless = true;
    kind.hopeless.push_back(std::move(at->second));
    at = lane.rows.erase(at);
  }
}

}  // namespace cairn::services::sns
