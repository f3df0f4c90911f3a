// What is to be delivered: messages as they are published, and those of earlier runs. Tested by
// deliverer_test.cc.
#include "async/loops.h"
#include "base/log.h"
#include "services/sns/deliverer.h"

namespace cairn::services::sns {
namespace {

constexpr std::size_t kLoadPage = 100;
constexpr std::size_t kOneByOneMax = 16;  // subscriptions of a message that are read each for itself
constexpr Millis kAgainAfter{1'000};

// No host has such a name: of all mail, and of all programs, only so much is under way at once.
constexpr std::string_view kMailHost = ":mail";
constexpr std::string_view kCommandHost = ":command";

std::string host_of(const topics::Subscription& subscription) {
  if (subscription.is_mail()) {
    return std::string(kMailHost);
  }
  if (subscription.is_command()) {
    return std::string(kCommandHost);
  }
  const auto endpoint = subscription.is_http() ? http_endpoint(subscription.endpoint) : std::nullopt;
  return endpoint ? endpoint->host : std::string();
}

}  // namespace

Place Deliverer::place_of(const topics::Subscription& subscription) const {
  Place place{.http = !subscription.is_queue(), .account = subscription.owner, .host = host_of(subscription)};
  if (subscription.is_mail()) {
    place.patience = options_.mail_patience;
  }
  return place;
}

void Deliverer::step_over(const topics::SubscriptionName& name, const Error& error) {
  unreadable_.add();
  log::error("a subscription cannot be read; what is for it waits",
             {{"topic", name.topic.arn()}, {"subscription", name.id}, {"error", error.text()}});
}

Task<void> Deliverer::begin() {
  while (!stopping_) {
    const auto loaded = co_await load();
    if (loaded) {
      co_return;
    }
    log::warn("cannot read the messages that wait, trying again", {{"error", loaded.error().text()}});
    co_await async::sleep(kAgainAfter);
  }
}

Task<Result<void>> Deliverer::load() {
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page,
                 co_await on_.catalog.scan(std::string(topics::kMessagesPrefix), after, kLoadPage));
    if (page.empty()) {
      break;
    }
    for (const auto& document : page) {
      after = document.key;
      auto message = topics::decode_message(document, on_.sealer);
      if (!message) {
        log::error("a message cannot be read and stays where it is", {{"error", message.error().text()}});
        continue;
      }
      CAIRN_CO_TRY(auto left, co_await with_progress(*std::move(message)));
      CAIRN_CO_TRY_VOID(co_await add(std::move(left), document.value.size()));
    }
  }
  co_return Result<void>();
}

// With the rows as they were left.
Task<Result<topics::Message>> Deliverer::with_progress(topics::Message message) {
  const auto prefix = topics::progress_prefix(message.key());
  std::map<std::string, topics::Progress> noted;
  std::string after;
  while (true) {
    CAIRN_CO_TRY(const auto page,
                 co_await on_.catalog.scan(prefix, after, topics::Limits::subscriptions_max));
    if (page.empty()) {
      break;
    }
    after = page.back().key;
    for (const auto& document : page) {
      if (auto progress = topics::decode_progress(document)) {
        auto subscription = progress->delivery.subscription;
        noted.emplace(std::move(subscription), *std::move(progress));
      }
    }
  }
  std::vector<topics::Delivery> left;
  for (auto& row : message.deliveries) {
    const auto at = noted.find(row.subscription);
    if (at == noted.end()) {
      left.push_back(std::move(row));
    } else if (!at->second.over) {
      left.push_back(at->second.delivery);
    }
  }
  message.deliveries = std::move(left);
  co_return message;
}

// Twice is once: a message that was announced while it was loaded.
Task<Result<void>> Deliverer::add(topics::Message message, std::uint64_t bytes) {
  const auto key = message.key();
  if (message.deliveries.empty()) {
    co_await remove(key);
    co_return Result<void>();
  }
  CAIRN_CO_TRY(const auto places, co_await places_of(message));
  const std::lock_guard lock(mutex_);
  const auto& account = message.topic.account;
  const auto [at, added] =
      going_.try_emplace(key, Going{.account = account, .left = message.deliveries.size(), .bytes = bytes});
  if (!added) {
    co_return Result<void>();
  }
  count(account, {.deliveries = message.deliveries.size(), .bytes = bytes});
  for (auto& row : message.deliveries) {
    const auto found = places.find(row.subscription);
    auto place = found == places.end() ? Place{.account = message.topic.account} : found->second;
    place.http = place.http && !row.dead;
    turns_.add({.message = key, .row = std::move(row), .since = message.since}, place);
  }
  measure();
  co_return Result<void>();
}

Task<Result<std::map<std::string, Place>>> Deliverer::places_of(const topics::Message& message) {
  std::map<std::string, Place> places;
  if (message.deliveries.size() > kOneByOneMax) {
    const auto all = co_await topics::subscriptions_of(on_.catalog, message.topic);
    if (!all && all.error().code != Errc::corrupt) {
      co_return all.error();
    }
    for (const auto& one : all ? *all : std::vector<topics::Stored<topics::Subscription>>()) {
      places.emplace(one.value.id, place_of(one.value));
    }
    if (all) {
      co_return places;
    }
  }
  for (const auto& row : message.deliveries) {
    const topics::SubscriptionName name{.topic = message.topic, .id = row.subscription};
    const auto found = co_await topics::load_subscription(on_.catalog, name);
    if (!found && found.error().code != Errc::corrupt) {
      co_return found.error();
    }
    if (!found) {
      step_over(name, found.error());
    } else if (*found) {
      places.emplace(row.subscription, place_of((*found)->value));
    }
  }
  co_return places;
}

std::optional<Deliverer::Announced> Deliverer::next_announced() {
  const std::lock_guard lock(mutex_);
  if (inbox_.empty()) {
    return std::nullopt;
  }
  auto announced = std::move(inbox_.front());
  inbox_.pop_front();
  return announced;
}

// False: there is nothing to do.
Task<bool> Deliverer::take_next_in() {
  auto announced = next_announced();
  if (!announced) {
    co_return false;
  }
  const auto taken = co_await take_in(announced->key);
  if (taken) {
    release(*announced);
    co_return true;
  }
  log::warn("cannot read a message, trying again",
            {{"key", announced->key}, {"error", taken.error().text()}});
  {
    const std::lock_guard lock(mutex_);
    inbox_.push_back(*std::move(announced));
  }
  co_await async::sleep(kAgainAfter);
  co_return !stopping_;
}

Task<Result<void>> Deliverer::take_in(std::string key) {
  CAIRN_CO_TRY(const auto document, co_await on_.catalog.get(key));
  if (!document) {
    co_return Result<void>();  // the call that would have published it failed
  }
  auto message = topics::decode_message(*document, on_.sealer);
  if (!message) {
    log::error("a message cannot be read and stays where it is", {{"error", message.error().text()}});
    co_return Result<void>();
  }
  co_return co_await add(*std::move(message), document->value.size());
}

Task<void> Deliverer::intake() {
  while (!stopping_) {
    const bool took = co_await take_next_in();
    if (!took) {
      co_await async::sleep(options_.idle);
    }
  }
}

}  // namespace cairn::services::sns
