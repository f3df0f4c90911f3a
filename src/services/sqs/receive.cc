// ReceiveMessage. Tested by receive_test.cc.
//
// What is received is held while its new state is on its way to the catalog: hidden until then, received once
// more. One commit has that of all its messages, and the record of the call; so a restart changes nothing of
// it. What was received too often goes to the queue for dead letters with the same commit, by whoever would
// have received it.
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>

#include "base/log.h"
#include "json/json.h"
#include "services/sqs/held.h"
#include "services/sqs/operations.h"
#include "services/sqs/waiting.h"

namespace cairn::services::sqs {
namespace {

using MailboxPtr = std::shared_ptr<queues::Mailbox>;

constexpr Millis kLeastWait{1};

struct Wish {
  std::int64_t count = 1;
  std::int64_t visibility = 0;  // seconds
  std::int64_t wait = 0;        // seconds
  std::vector<std::string> system_names{};
  std::vector<std::string> names{};
};

std::vector<std::string> texts_in(const Call& call, std::string_view member) {
  std::vector<std::string> texts;
  const auto* list = json::find_array(call.input, member);
  for (const auto& one : list != nullptr ? *list : json::array()) {
    texts.emplace_back(json::text_of(one.get_string()));
  }
  return texts;
}

constexpr std::array<std::string_view, 10> kSystemNames = {"All",
                                                           "SenderId",
                                                           "SentTimestamp",
                                                           "ApproximateReceiveCount",
                                                           "ApproximateFirstReceiveTimestamp",
                                                           "SequenceNumber",
                                                           "MessageGroupId",
                                                           "MessageDeduplicationId",
                                                           "AWSTraceHeader",
                                                           "DeadLetterQueueSourceArn"};

Found<Wish> wish_in(const Call& call, const queues::Settings& settings) {
  Wish wish;
  CAIRN_TRY(wish.count, number_in(call.input, "MaxNumberOfMessages",
                                  {.usual = 1, .least = 1, .most = Limits::batch_max}));
  CAIRN_TRY(
      wish.visibility,
      number_in(call.input, "VisibilityTimeout",
                {.usual = settings.visibility, .least = 0, .most = queues::Limits::visibility_seconds_max}));
  CAIRN_TRY(wish.wait,
            number_in(call.input, "WaitTimeSeconds",
                      {.usual = settings.wait, .least = 0, .most = queues::Limits::wait_seconds_max}));
  wish.system_names = texts_in(call, "AttributeNames");
  std::ranges::move(texts_in(call, "MessageSystemAttributeNames"), std::back_inserter(wish.system_names));
  for (const auto& name : wish.system_names) {
    if (std::ranges::find(kSystemNames, name) == kSystemNames.end()) {
      return fault::unknown_attribute(name);
    }
  }
  wish.names = texts_in(call, "MessageAttributeNames");
  return wish;
}

// "All", ".*", a name, or a prefix with ".*" behind it.
bool is_wanted(const std::vector<std::string>& wanted, std::string_view name) {
  return std::ranges::any_of(wanted, [&](std::string_view one) {
    if (one == "All" || one == ".*" || one == name) {
      return true;
    }
    return one.ends_with(".*") && name.starts_with(one.substr(0, one.size() - 2));
  });
}

std::string millis_text(Time time) {
  return std::to_string(time.time_since_epoch().count());
}

json::object system_attributes(const queues::Message& message, const queues::Content& content,
                               const std::vector<std::string>& wanted) {
  const std::pair<std::string_view, std::string> all[] = {
      {"SenderId", message.sender},
      {"SentTimestamp", millis_text(message.sent)},
      {"ApproximateReceiveCount", std::to_string(message.receives)},
      {"ApproximateFirstReceiveTimestamp", millis_text(message.received)},
      {"AWSTraceHeader", content.trace},
      {"DeadLetterQueueSourceArn", message.from},
  };
  json::object shown;
  for (const auto& [name, value] : all) {
    const bool asked =
        std::ranges::any_of(wanted, [&](const auto& one) { return one == "All" || one == name; });
    if (asked && !value.empty()) {
      shown[name] = value;
    }
  }
  return shown;
}

json::object shown(const queues::Message& message, const queues::Content& content, const Wish& wish) {
  const queues::Receipt receipt{
      .queue = message.queue, .number = message.number, .receive = message.receives};
  json::object out{{"MessageId", message.id},
                   {"ReceiptHandle", receipt.text()},
                   {"MD5OfBody", queues::md5_of(content.body)},
                   {"Body", content.body}};
  if (auto attributes = system_attributes(message, content, wish.system_names); !attributes.empty()) {
    out["Attributes"] = std::move(attributes);
  }
  json::object attributes;
  for (const auto& [name, value] : content.attributes) {
    if (is_wanted(wish.names, name)) {
      attributes[name] = value;
    }
  }
  if (!attributes.empty()) {
    out["MD5OfMessageAttributes"] = queues::md5_of(attributes);
    out["MessageAttributes"] = std::move(attributes);
  }
  return out;
}

// Where a queue's dead letters go.
struct DeadLetters {
  queues::StoredQueue queue{};
  MailboxPtr mailbox{};
};

class Receiving {
 public:
  Receiving(const Dependencies& on, const queues::Queue& queue, MailboxPtr mailbox, Wish wish)
      : on_(on), queue_(queue), mailbox_(std::move(mailbox)), wish_(std::move(wish)) {}

  // None: there is nothing to receive now.
  Task<Found<std::optional<Outcome>>> attempt() {
    CAIRN_CO_TRY_VOID(check_in_flight());
    held_ = std::make_shared<Held>(mailbox_);
    effects_ = {};
    messages_ = {};
    moved_.clear();
    dead_letters_.reset();
    while (messages_.size() + moved_.size() < Limits::batch_max &&
           messages_.size() < static_cast<std::size_t>(wish_.count)) {
      const auto taken =
          held_->take({.count = 1, .retention = std::chrono::seconds(queue_.settings.retention)});
      if (taken.empty()) {
        break;
      }
      CAIRN_CO_TRY_VOID(co_await take(taken.front()));
    }
    if (effects_.empty()) {
      co_return std::optional<Outcome>();
    }
    co_return finish();
  }

 private:
  Found<void> check_in_flight() const {
    return mailbox_->counts().in_flight < Limits::in_flight_max ? Found<void>() : fault::in_flight_limit();
  }

  Task<Found<void>> take(queues::Message message) {
    auto content = co_await load(message);
    const bool damaged =
        !content && (content.error().code == Errc::corrupt || content.error().code == Errc::denied);
    if (!content && !damaged) {
      co_return fault::failure(content.error());
    }
    if (damaged) {  // it must not stand in the way of the others
      log::error("a message cannot be read and is left out",
                 {{"queue", queue_.arn()}, {"error", content.error().text()}});
    }
    if (damaged || !*content) {
      held_->drop(message.number);
      co_return Found<void>();
    }
    const auto most = static_cast<std::uint64_t>(queue_.settings.receives_most);
    if (most > 0 && message.receives - message.receives_elsewhere >= most) {
      CAIRN_CO_TRY(const bool moved, co_await move(message, **content));
      if (moved) {
        co_return Found<void>();
      }
    }
    deliver(std::move(message), **content);
    co_return Found<void>();
  }

  // None: it was deleted meanwhile.
  Task<Result<std::optional<queues::Content>>> load(const queues::Message& message) {
    std::string text;
    for (std::uint64_t part = 0; part < message.parts; ++part) {
      CAIRN_CO_TRY(const auto document,
                   co_await on_.catalog.get(queues::content_key(message.queue, message.number, part)));
      if (!document) {
        co_return std::optional<queues::Content>();
      }
      text += document->value;
    }
    CAIRN_CO_TRY(auto content, queues::decode_content(message, text, on_.sealer));
    co_return std::optional(std::move(content));
  }

  void deliver(queues::Message message, const queues::Content& content) {
    ++message.receives;
    message.received = message.receives == 1 ? on_.wall.now() : message.received;
    queues::hide(message, mailbox_->now(), std::chrono::seconds(wish_.visibility));
    queues::put_state(message, effects_);
    effects_.expectations.push_back(queues::still_there(message));
    messages_.push_back(shown(message, content, wish_));
    held_->settle(std::move(message));
  }

  // False: the queue for dead letters is not there, or does not take it.
  Task<Found<bool>> move(const queues::Message& message, const queues::Content& content) {
    CAIRN_CO_TRY(const auto target, co_await dead_letters());
    if (!target.mailbox) {
      co_return false;
    }
    const auto& queue = target.queue.value;
    auto dead = message;
    dead.queue = queue.id;
    dead.number = target.mailbox->next_number();
    dead.receives_elsewhere = dead.receives;
    queues::hide(dead, target.mailbox->now(), Millis{0});
    dead.from = queue_.arn();
    dead.sealed = queue.settings.sealed;
    const auto parts = queues::encode_content(dead, content, dead.sealed ? &on_.sealer : nullptr);
    if (!parts) {
      co_return false;
    }
    dead.parts = parts->size();
    queues::remove(message, effects_);
    effects_.expectations.push_back(queues::still_there(message));
    queues::put_state(dead, effects_);
    queues::put_content(dead, *parts, effects_);
    if (moved_.empty()) {
      effects_.expectations.push_back(queues::unchanged(target.queue));
    }
    moved_.push_back(std::move(dead));
    held_->settle_gone(message.number);
    co_return true;
  }

  Task<Found<DeadLetters>> dead_letters() {
    if (dead_letters_) {
      co_return *dead_letters_;
    }
    DeadLetters found;
    const auto name = queue_.settings.dead_letters.substr(queue_.settings.dead_letters.rfind(':') + 1);
    auto target = co_await queues::load_queue(on_.catalog, queue_.account, queue_.region, name);
    if (!target) {
      co_return fault::failure(target.error());
    }
    if (*target && !(*target)->value.gone && (*target)->value.id != queue_.id) {
      found.queue = **std::move(target);
      CAIRN_CO_TRY(found.mailbox, co_await mailbox_of(on_, found.queue.value));
    }
    dead_letters_ = found;
    co_return found;
  }

  Outcome finish() {
    Outcome outcome;
    if (!messages_.empty()) {
      outcome.output["Messages"] = std::move(messages_);
    }
    outcome.effects = std::move(effects_);
    const auto target = dead_letters_ ? dead_letters_->mailbox : MailboxPtr();
    outcome.after_commit = [held = std::move(held_), target,
                            moved = moved_](const Result<catalog::Committed>& committed) {
      if (committed) {
        held->commit();
        std::ranges::for_each(moved, [&](const auto& message) { target->add(message); });
      } else if (committed.error().code == Errc::unknown && target) {
        target->doubt();
      }
    };
    return outcome;
  }

  const Dependencies& on_;
  const queues::Queue& queue_;
  const MailboxPtr mailbox_;
  const Wish wish_;
  std::shared_ptr<Held> held_;
  catalog::Transaction effects_;
  json::array messages_;
  std::vector<queues::Message> moved_;
  std::optional<DeadLetters> dead_letters_;
};

// So long it may sleep: until its time is over, or a message that is hidden is seen again.
Millis patience(const Waiting& waiting, std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::ceil<Millis>(until - std::chrono::steady_clock::now());
  return std::max(std::min(left, waiting.next_visible().value_or(left)), kLeastWait);
}

// Messages that went to the dead letters on the way to one for the caller, who still waits. If somebody was
// faster, they are let go, and whoever looks next begins again.
Task<Found<void>> commit_moves(const Dependencies& on, Outcome moves) {
  const auto committed = co_await on.catalog.commit(std::move(moves.effects));
  moves.after_commit(committed);
  co_return committed || committed.error().code == Errc::conflict ? Found<void>()
                                                                  : fault::failure(committed.error());
}

}  // namespace

Task<Answer> receive_message(const Dependencies& on, Call& call, Asked asked) {
  call.record.response_elements = json::value(nullptr);  // messages are nobody else's
  const auto& queue = asked.queue->value;
  CAIRN_CO_TRY(auto wish, wish_in(call, queue.settings));
  CAIRN_CO_TRY(const auto mailbox, co_await mailbox_of(on, queue));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(wish.wait);
  const auto executor = co_await boost::asio::this_coro::executor;
  Receiving receiving(on, queue, mailbox, std::move(wish));
  while (true) {
    Waiting waiting(mailbox, executor);
    CAIRN_CO_TRY(auto received, co_await receiving.attempt());
    const bool late = std::chrono::steady_clock::now() >= until;
    if (received && (late || received->output.contains("Messages"))) {
      co_return *std::move(received);
    }
    if (received) {
      CAIRN_CO_TRY_VOID(co_await commit_moves(on, *std::move(received)));
      continue;
    }
    if (!waiting.is_on() || late) {
      co_return Outcome();
    }
    const auto left = patience(waiting, until);
    co_await waiting.wait(left);
  }
}

}  // namespace cairn::services::sqs
