// What the tests here share: calls as the front makes them, a client that stands for SQS, and endpoints that
// answer.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "access/testing.h"
#include "json/json.h"
#include "services/sns/deliverer.h"
#include "services/sns/sns.h"

namespace cairn::services::sns::testing {

using boost::json::object;

inline constexpr const char* kHere = "111122223333";
inline constexpr const char* kElsewhere = "444455556666";

inline access::Caller root_of(std::string_view account) {
  access::Caller caller;
  caller.principal = {.kind = access::PrincipalKind::root,
                      .account = std::string(account),
                      .arn = "arn:aws:iam::" + std::string(account) + ":root",
                      .id = std::string(account)};
  return caller;
}

inline access::Caller user_of(std::string_view account, std::string_view policy = "") {
  access::Caller caller;
  caller.principal = {.kind = access::PrincipalKind::user,
                      .account = std::string(account),
                      .arn = "arn:aws:iam::" + std::string(account) + ":user/ann",
                      .id = "AIDAann",
                      .name = "ann"};
  if (!policy.empty()) {
    caller.policies.push_back(*access::Policy::parse(policy, access::PolicyKind::identity));
  }
  return caller;
}

inline access::Caller service_for(std::string_view account, std::string_view source) {
  access::Caller caller;
  caller.principal = {.kind = access::PrincipalKind::service,
                      .account = std::string(account),
                      .arn = "",
                      .id = "",
                      .name = "cloudtrail.amazonaws.com"};
  caller.context = {{"aws:SourceArn", source}, {"aws:SourceAccount", account}};
  return caller;
}

// Queues: each call is kept; `fault` answers them.
class Queues final : public aws::Client {
 public:
  Task<Result<aws::ClientAnswer, aws::Fault>> call(aws::ClientCall call) override {
    calls.push_back(std::move(call));
    if (fault) {
      co_return *fault;
    }
    co_return aws::ClientAnswer{};
  }
  std::vector<aws::ClientCall> calls;
  std::optional<aws::Fault> fault;
};

// Endpoints: each request is kept with its body; `status` answers them, 0: nobody is there.
class Endpoints final : public http::Client {
 public:
  struct Kept {
    std::string url;
    codec::RequestHead head;
    std::string body;
  };
  Task<Result<http::ClientResponse>> send(http::ClientRequest request) override {
    auto body = co_await http::read_all(*request.body, 1U << 20);
    kept.push_back({request.url, request.head, body ? *body : ""});
    if (status == 0) {
      co_return Error{Errc::unavailable, "nobody is there", request.url};
    }
    co_return http::ClientResponse{.head = {.status = status, .headers = {}}, .body = http::body_of("")};
  }
  std::vector<Kept> kept;
  int status = 200;
};

class SetClock final : public Clock {
 public:
  Time now() const override { return time; }
  Time time = access::testing::kNow;
};

class SnsWorld : public ::testing::Test, public access::testing::World {
 protected:
  Result<object, aws::Fault> answer(std::string_view operation, object input = {}) {
    const auto& model = *aws::catalogue().by_name("sns");
    front::Call call{
        .service = model, .operation = *model.operation(operation), .head = head, .caller = caller};
    call.account = caller.principal.account;
    call.region = region;
    call.time = clock.time + wall_ahead;
    call.input = std::move(input);
    const auto asks = run(service->asks(call));
    if (!asks) {
      return asks.error();
    }
    if (call.account.empty()) {
      call.account = asks->front().resource_account;
    }
    for (const auto& ask : *asks) {
      const auto decision = access::decide(caller, ask);
      if (!decision.allowed) {
        return aws::Fault{.code = std::string(service->denial()), .status = 403, .message = decision.reason};
      }
    }
    call.record = {};
    auto outcome = run(service->run(call));
    recorded = std::move(call.record);
    if (!outcome) {
      return outcome.error();
    }
    if (!outcome->effects.empty()) {
      const auto committed = run(catalog.commit(std::move(outcome->effects)));
      EXPECT_TRUE(committed) << committed.error().text();
    }
    return std::move(outcome->output);
  }
  // The answer, or the exception and what it says.
  std::string text(std::string_view operation, object input = {}) {
    const auto output = answer(operation, std::move(input));
    return output ? json::serialize(*output) : output.error().code + ": " + output.error().message;
  }
  std::string code(std::string_view operation, object input = {}) {
    const auto output = answer(operation, std::move(input));
    return output ? "" : output.error().code;
  }
  std::string arn(std::string_view name = "nests") const {
    return "arn:aws:sns:" + region + ":" + kHere + ":" + std::string(name);
  }
  void make_topic(object more = {}, std::string_view name = "nests") {
    more["Name"] = name;
    const auto made = answer("CreateTopic", std::move(more));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->at("TopicArn").as_string(), arn(name));
  }
  static std::string queue(std::string_view name = "q", std::string_view account = kHere) {
    return "arn:aws:sqs:eu-west-1:" + std::string(account) + ":" + std::string(name);
  }
  std::string subscribe(std::string_view protocol, std::string_view endpoint, object attributes = {}) {
    const auto made = answer("Subscribe", {{"TopicArn", arn()},
                                           {"Protocol", protocol},
                                           {"Endpoint", endpoint},
                                           {"Attributes", std::move(attributes)},
                                           {"ReturnSubscriptionArn", true}});
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::string(made->at("SubscriptionArn").as_string()) : std::string();
  }
  std::string publish(std::string_view message, object more = {}) {
    more["TopicArn"] = arn();
    more["Message"] = message;
    return text("Publish", std::move(more));
  }
  object attributes_of(std::string_view operation, std::string_view member, std::string_view of) {
    const auto shown = answer(operation, {{member, of}});
    EXPECT_TRUE(shown) << shown.error().message;
    return shown ? shown->at("Attributes").as_object() : object();
  }
  void deliver() { run(deliverer.work_off()); }
  object last_envelope() { return json::parse_object(endpoints.kept.back().body).value(); }
  std::size_t waiting() { return run(catalog.scan("sns/message/", "", 100))->size(); }

  codec::RequestHead head;
  access::Caller caller = root_of(kHere);
  std::string region = "eu-west-1";
  SetClock clock;
  Millis wall_ahead{0};  // of the deliverer's clock
  front::Recorded recorded;
  Metrics metrics;
  async::Pool pool{1};
  Queues queues;
  Endpoints endpoints;
  topics::Signer signer{catalog, sealer, pool, clock};
  DelivererParts parts() {
    return {.catalog = catalog,
            .client = queues,
            .http = endpoints,
            .signer = signer,
            .sealer = sealer,
            .clock = clock,
            .metrics = metrics};
  }
  Deliverer deliverer{parts(), {.deliveries_max = 20, .bytes_max = 100'000, .base_url = [] {
                                  return std::string("https://cairn.example");
                                }}};
  std::unique_ptr<front::Service> service =
      make_sns({.catalog = catalog, .sealer = sealer, .deliverer = deliverer});
};

inline constexpr const char* kHook = "http://hooks.example.org:8080/in?a=1";

// With a topic.
class Delivery : public SnsWorld {
 protected:
  topics::Signer fresh_signer{catalog, sealer, pool, clock};  // that has not read its key yet

  void SetUp() override { make_topic(); }
  // An endpoint that has confirmed, as its owner does: without a signature.
  std::string confirmed(object attributes = {}) {
    const auto one = subscribe("http", kHook, std::move(attributes));
    deliver();
    const auto token = last_envelope().at("Token");
    const auto before = caller;
    caller = access::Caller();
    const auto answered = answer("ConfirmSubscription", {{"TopicArn", arn()}, {"Token", token}});
    EXPECT_TRUE(answered) << answered.error().message;
    caller = before;
    endpoints.kept.clear();
    return one;
  }
};

}  // namespace cairn::services::sns::testing
