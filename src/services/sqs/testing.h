// What the tests here share: calls as the front makes them: permission first, then the operation, then its
// commit.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "access/testing.h"
#include "json/json.h"
#include "services/sqs/reaper.h"
#include "services/sqs/sqs.h"

namespace cairn::services::sqs::testing {

using boost::json::object;

inline constexpr const char* kHere = "111122223333";
inline constexpr const char* kElsewhere = "444455556666";

class SetClock final : public Clock {
 public:
  Time now() const override { return time; }
  Time time = access::testing::kNow;
};

inline access::Caller root_of(std::string_view account) {
  access::Caller caller;
  caller.principal = {.kind = access::PrincipalKind::root,
                      .account = std::string(account),
                      .arn = "arn:aws:iam::" + std::string(account) + ":root",
                      .id = std::string(account)};
  return caller;
}

class SqsWorld : public ::testing::Test, public access::testing::World {
 protected:
  SqsWorld() { head.headers.set("Host", "localhost:4586"); }

  Result<object, aws::Fault> answer(std::string_view operation, object input = {}) {
    const auto& model = *aws::catalogue().by_name("sqs");
    front::Call call{
        .service = model, .operation = *model.operation(operation), .head = head, .caller = caller};
    call.account = caller.principal.account;
    call.region = "eu-west-1";
    call.time = clock.time;
    call.input = std::move(input);
    while (true) {
      const auto asks = run(service->asks(call));
      if (!asks) {
        return asks.error();
      }
      asked.clear();
      for (const auto& ask : *asks) {
        asked.push_back(ask.action + " " + ask.resource);
        if (!access::decide(caller, ask).allowed) {
          return aws::fault::access_denied(aws::Family::json);
        }
      }
      call.record = {};
      auto outcome = run(service->run(call));
      recorded = std::move(call.record);
      if (!outcome) {
        return outcome.error();
      }
      if (before_commit) {
        std::exchange(before_commit, nullptr)();
      }
      if (outcome->effects.empty()) {
        return std::move(outcome->output);
      }
      const auto committed = run(catalog.commit(std::move(outcome->effects)));
      if (outcome->after_commit) {
        outcome->after_commit(committed);
      }
      if (committed) {
        return std::move(outcome->output);
      }
      if (committed.error().code != Errc::conflict) {
        return aws::to_fault(aws::Family::json, committed.error());
      }
      ++conflicts;
    }
  }
  // The answer, or the exception.
  std::string text(std::string_view operation, object input = {}) {
    const auto output = answer(operation, std::move(input));
    return output ? json::serialize(*output) : output.error().code;
  }
  object about(object input = {}, std::string_view queue = "nest") const {
    input["QueueUrl"] = "http://localhost:4586/" + std::string(kHere) + "/" + std::string(queue);
    return input;
  }
  void new_queue(std::string_view name = "nest", object attributes = {}) {
    const auto made = answer("CreateQueue", {{"QueueName", name}, {"Attributes", std::move(attributes)}});
    ASSERT_TRUE(made) << made.error().message;
  }
  void send(std::string_view body, std::string_view queue = "nest") {
    const auto sent = answer("SendMessage", about({{"MessageBody", body}}, queue));
    ASSERT_TRUE(sent) << sent.error().message;
  }
  // The bodies of what is received, parted by spaces; `handle` is the last one's.
  std::string receive(object input = {}, std::string_view queue = "nest") {
    const auto got = answer("ReceiveMessage", about(std::move(input), queue));
    if (!got) {
      return got.error().code;
    }
    std::string bodies;
    const auto* messages = json::find_array(*got, "Messages");
    for (const auto& one : messages != nullptr ? *messages : json::array()) {
      message = one.get_object();
      handle = std::string(*json::find_string(message, "ReceiptHandle"));
      bodies += (bodies.empty() ? "" : " ") + std::string(*json::find_string(message, "Body"));
    }
    return bodies;
  }
  std::string attribute(std::string_view name, std::string_view queue = "nest") {
    const auto got =
        answer("GetQueueAttributes", about({{"AttributeNames", json::array{json::value(name)}}}, queue));
    if (!got) {
      return got.error().code;
    }
    const auto* all = json::find_object(*got, "Attributes");
    return all != nullptr ? std::string(json::find_string(*all, name).value_or("")) : "";
  }
  // As after kill -9: what was in memory is gone.
  void restart() {
    service.reset();
    mailboxes = std::make_unique<Mailboxes>(catalog, clock);
    service = make_service();
  }
  std::size_t reaped() {
    Reaper reaper({catalog, *mailboxes, clock});
    const auto count = run(reaper.reap());
    EXPECT_TRUE(count);
    return count ? *count : 0;
  }
  std::size_t documents(const std::string& prefix) { return run(catalog.scan(prefix, "", 4000))->size(); }
  std::unique_ptr<front::Service> make_service() {
    return make_sqs(
        {.catalog = catalog, .sealer = sealer, .mailboxes = *mailboxes, .wall = wall(), .room = room});
  }

  const Clock& wall() const { return stepped ? *stepped : static_cast<const Clock&>(clock); }

  Room room;
  codec::RequestHead head;
  access::Caller caller = root_of(kHere);
  SetClock clock;
  std::optional<SetClock> stepped;  // the wall clock, where it is another
  front::Recorded recorded;
  std::vector<std::string> asked;
  std::function<void()> before_commit;
  int conflicts = 0;
  std::string handle;
  object message;
  std::unique_ptr<Mailboxes> mailboxes = std::make_unique<Mailboxes>(catalog, clock);
  std::unique_ptr<front::Service> service = make_service();
};

}  // namespace cairn::services::sqs::testing
