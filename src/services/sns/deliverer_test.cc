// Messages on their way: confirmed endpoints, queues, retries, dead letters, and what is left after a
// restart.
#include "codec/base64.h"
#include "services/sns/testing.h"

namespace cairn::services::sns {
namespace {

using boost::json::array;
using boost::json::object;
using testing::kElsewhere;
using testing::kHere;

using testing::kHook;

using testing::Delivery;

TEST_F(Delivery, asks_an_endpoint_to_confirm) {
  EXPECT_EQ(text("Subscribe", {{"TopicArn", arn()}, {"Protocol", "http"}, {"Endpoint", kHook}}),
            R"({"SubscriptionArn":"pending confirmation"})");
  deliver();
  ASSERT_EQ(endpoints.kept.size(), 1U);
  const auto& sent = endpoints.kept.front();
  EXPECT_EQ(sent.url, "http://hooks.example.org:8080");
  EXPECT_EQ(sent.head.target, "/in?a=1");
  EXPECT_EQ(sent.head.headers.get("x-amz-sns-message-type"), "SubscriptionConfirmation");
  EXPECT_EQ(sent.head.headers.get("x-amz-sns-topic-arn"), arn());
  EXPECT_FALSE(sent.head.headers.contains("x-amz-sns-subscription-arn"));
  const auto token = std::string(last_envelope().at("Token").as_string());
  EXPECT_EQ(attributes_of("GetTopicAttributes", "TopicArn", arn()).at("SubscriptionsPending"), "1");
  const auto listed = answer("ListSubscriptions").value();
  EXPECT_EQ(listed.at("Subscriptions").at(0).at("SubscriptionArn"), "PendingConfirmation");
  publish("too early");
  deliver();
  EXPECT_EQ(endpoints.kept.size(), 1U);

  caller = access::Caller();  // nobody
  auto other = token;
  other.back() = other.back() == '0' ? '1' : '0';
  const std::string wrong = "InvalidParameter: Invalid parameter: ";
  EXPECT_EQ(text("ConfirmSubscription", {{"TopicArn", arn()}, {"Token", other}}), wrong + "Token");
  EXPECT_EQ(text("ConfirmSubscription", {{"TopicArn", arn("none")}, {"Token", token}}), wrong + "Token");
  EXPECT_EQ(text("ConfirmSubscription", {{"TopicArn", "randomarn"}, {"Token", token}}), wrong + "Topic");
  EXPECT_EQ(text("ConfirmSubscription", {{"TopicArn", arn()}, {"Token", "randomtoken"}}),
            "InvalidParameter: Invalid token");
  const auto first = text("ConfirmSubscription", {{"TopicArn", arn()}, {"Token", token}});
  EXPECT_TRUE(first.starts_with(R"({"SubscriptionArn":"arn:aws:sns:)")) << first;
  EXPECT_EQ(text("ConfirmSubscription", {{"TopicArn", arn()}, {"Token", token}}), first);
  caller = testing::root_of(kHere);
  const auto one = std::string(json::parse_object(first)->at("SubscriptionArn").as_string());
  const auto shown = attributes_of("GetSubscriptionAttributes", "SubscriptionArn", one);
  EXPECT_EQ(shown.at("PendingConfirmation"), "false");
  EXPECT_EQ(shown.at("ConfirmationWasAuthenticated"), "false");
  const auto documents = run(catalog.scan("sns/subscription/", "", 10)).value();
  for (const auto& document : documents) {
    EXPECT_EQ(document.value.find(token), std::string::npos);
  }
}

TEST_F(Delivery, says_who_it_is_where_the_url_does) {
  const std::string url = "https://ann:s3cr%20t@hooks.example.org:8443/in";
  const std::string shown = "https://ann:****@hooks.example.org:8443/in";
  const auto one = subscribe("https", url);
  EXPECT_EQ(subscribe("https", url), one);
  const auto other = subscribe("https", "https://ann:other@hooks.example.org:8443/in");
  EXPECT_NE(other, one);
  EXPECT_EQ(code("Unsubscribe", {{"SubscriptionArn", other}}), "");
  deliver();
  ASSERT_EQ(endpoints.kept.size(), 1U);
  const auto kept = endpoints.kept.back();
  EXPECT_EQ(kept.url, "https://hooks.example.org:8443");
  EXPECT_EQ(kept.head.target, "/in");
  EXPECT_EQ(kept.head.headers.get("Authorization"),
            "Basic " + codec::base64_encode(std::string_view("ann:s3cr t")));
  EXPECT_EQ(code("ConfirmSubscription", {{"TopicArn", arn()}, {"Token", last_envelope().at("Token")}}), "");
  publish("m");
  deliver();
  EXPECT_EQ(endpoints.kept.back().head.headers.get("Authorization"), kept.head.headers.get("Authorization"));
  EXPECT_EQ(attributes_of("GetSubscriptionAttributes", "SubscriptionArn", one).at("Endpoint").as_string(),
            shown);
  EXPECT_EQ(answer("ListSubscriptions")->at("Subscriptions").at(0).at("Endpoint").as_string(), shown);
  for (const auto& line : all()) {
    EXPECT_EQ(line.find("s3cr"), std::string::npos) << line;
  }
}

TEST_F(Delivery, says_who_it_is_without_a_password) {
  subscribe("http", "http://ann@hooks.example.org/in");
  subscribe("http", "http://hooks.example.org/in");
  deliver();
  ASSERT_EQ(endpoints.kept.size(), 2U);
  std::set<std::string> said;
  for (const auto& one : endpoints.kept) {
    said.emplace(one.head.headers.get("Authorization"));
  }
  EXPECT_EQ(said, (std::set<std::string>{"", "Basic " + codec::base64_encode(std::string_view("ann:"))}));
}

TEST_F(Delivery, waits_while_it_cannot_open_a_password) {
  subscribe("http", "http://ann:s3cr3t@hooks.example.org/in");
  auto stored = run(catalog.scan("sns/subscription/", "", 1))->front();
  const auto whole = stored.value;
  const auto at = stored.value.find("\"password\":\"") + 20;
  stored.value[at] = stored.value[at] == 'A' ? 'B' : 'A';
  commit({{.key = stored.key, .value = stored.value, .expected = std::nullopt}});
  deliver();
  EXPECT_TRUE(endpoints.kept.empty());
  EXPECT_EQ(waiting(), 1U);
  commit({{.key = stored.key, .value = whole, .expected = std::nullopt}});
  clock.time += Millis{5'000};
  deliver();
  EXPECT_EQ(endpoints.kept.size(), 1U);
}

TEST_F(Delivery, forgets_whom_nobody_confirmed) {
  const auto one = subscribe("http", kHook);
  deliver();
  const auto token = last_envelope().at("Token");
  clock.time += std::chrono::hours(48);
  EXPECT_EQ(code("ConfirmSubscription", {{"TopicArn", arn()}, {"Token", token}}), "InvalidParameter");
  EXPECT_EQ(code("GetSubscriptionAttributes", {{"SubscriptionArn", one}}), "NotFound");
  EXPECT_EQ(text("ListSubscriptions"), R"({"Subscriptions":[]})");
  EXPECT_NE(subscribe("http", kHook), one);
  EXPECT_EQ(attributes_of("GetTopicAttributes", "TopicArn", arn()).at("SubscriptionsPending"), "1");
}

TEST_F(Delivery, signs_what_it_sends) {
  const auto one = confirmed();
  publish("laid", {{"Subject", "An egg"}});
  deliver();
  ASSERT_EQ(endpoints.kept.size(), 1U);
  EXPECT_EQ(endpoints.kept.front().head.headers.get("x-amz-sns-subscription-arn"), one);
  const auto shown = last_envelope();
  const auto of = [&](const char* name) { return std::string(shown.at(name).as_string()); };
  const auto signing = run(signer.signing()).value();
  EXPECT_EQ(of("SigningCertURL"), "https://cairn.example" + signing->path);
  const auto text = "Message\nlaid\nMessageId\n" + of("MessageId") + "\nSubject\nAn egg\nTimestamp\n" +
                    of("Timestamp") + "\nTopicArn\n" + arn() + "\nType\nNotification\n";
  EXPECT_EQ(of("SignatureVersion"), "1");
  EXPECT_EQ(of("Signature"), codec::base64_encode(signing->key.sign(text, crypto::Algorithm::sha1)));
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(Delivery, sends_the_bare_message_to_who_wants_it) {
  confirmed({{"RawMessageDelivery", "true"}});
  subscribe("sqs", queue(), {{"RawMessageDelivery", "true"}});
  publish("bare",
          {{"MessageAttributes", object{{"kind", object{{"DataType", "String"}, {"StringValue", "owl"}}},
                                        {"raw", object{{"DataType", "Binary"}, {"BinaryValue", "b3ds"}}}}}});
  deliver();
  EXPECT_EQ(endpoints.kept.back().body, "bare");
  EXPECT_EQ(endpoints.kept.back().head.headers.get("x-amz-sns-rawdelivery"), "true");
  if (aws::catalogue().by_name("sqs") == nullptr) {
    GTEST_SKIP() << "there are no queues yet";
  }
  ASSERT_EQ(queues.calls.size(), 1U);
  const auto& call = queues.calls.front();
  EXPECT_EQ(call.input.at("MessageBody"), "bare");
  EXPECT_EQ(call.input.at("QueueUrl"), "https://sqs.eu-west-1.amazonaws.com/111122223333/q");
  EXPECT_EQ(call.input.at("MessageAttributes").at("kind").at("StringValue"), "owl");
  EXPECT_EQ(call.input.at("MessageAttributes").at("raw").at("BinaryValue"), "b3ds");
  EXPECT_EQ(call.on_behalf.service_principal, "sns.amazonaws.com");
  EXPECT_EQ(call.on_behalf.source_arn, arn());
  EXPECT_EQ(call.on_behalf.source_account, kHere);
}

TEST_F(Delivery, sends_each_protocol_its_text_and_each_filter_its_messages) {
  confirmed({{"FilterPolicy", R"({"kind":["owl"]})"}});
  const auto of_kind = [](const char* kind) {
    return object{
        {"MessageAttributes", object{{"kind", object{{"DataType", "String"}, {"StringValue", kind}}}}}};
  };
  auto structured = of_kind("owl");
  structured["MessageStructure"] = "json";
  publish(R"({"default":"d","http":"h"})", structured);
  publish("other", of_kind("lark"));
  publish("none");
  deliver();
  ASSERT_EQ(endpoints.kept.size(), 1U);
  EXPECT_EQ(last_envelope().at("Message"), "h");
}

TEST_F(Delivery, tries_an_endpoint_again_that_is_not_there) {
  confirmed();
  publish("patience");
  for (const int status : {0, 503, 429}) {
    endpoints.status = status;
    deliver();
    deliver();  // not before its time
    clock.time += Millis{20'000};
  }
  EXPECT_EQ(endpoints.kept.size(), 3U);
  EXPECT_EQ(waiting(), 1U);
  endpoints.status = 204;
  deliver();
  EXPECT_EQ(endpoints.kept.size(), 4U);
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(Delivery, gives_up_on_what_is_refused_for_good_or_for_too_long) {
  confirmed();
  endpoints.status = 403;
  publish("refused");
  deliver();
  EXPECT_EQ(endpoints.kept.size(), 1U);
  EXPECT_EQ(waiting(), 0U);
  endpoints.status = 500;
  publish("too long");
  for (int i = 0; i < 10; ++i) {
    deliver();
    clock.time += Millis{20'000};
  }
  EXPECT_EQ(endpoints.kept.size(), 1U + 1U + 3U);
  EXPECT_EQ(waiting(), 0U);
  EXPECT_NE(metrics.text().find("cairn_sns_deliveries_total{outcome=\"dropped\"} 2"), std::string::npos)
      << metrics.text();
}

TEST_F(Delivery, takes_dead_letters_to_their_queue) {
  if (aws::catalogue().by_name("sqs") == nullptr) {
    GTEST_SKIP() << "there are no queues yet";
  }
  confirmed({{"RedrivePolicy", R"({"deadLetterTargetArn":")" + queue("dead") + R"("})"}});
  endpoints.status = 410;
  publish("lost");
  queues.fault = aws::Fault{.code = "ServiceUnavailable", .status = 503, .message = "later"};
  deliver();  // at once, and thrice more at once
  EXPECT_EQ(queues.calls.size(), 4U);
  queues.fault.reset();
  clock.time += Millis{1'000};
  deliver();
  ASSERT_EQ(queues.calls.size(), 5U);
  EXPECT_EQ(queues.calls.back().input.at("QueueUrl"),
            "https://sqs.eu-west-1.amazonaws.com/111122223333/dead");
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(Delivery, asks_the_owner_of_a_queue_that_is_not_the_callers) {
  const auto one = subscribe("sqs", queue("q", kElsewhere));
  EXPECT_EQ(attributes_of("GetSubscriptionAttributes", "SubscriptionArn", one).at("PendingConfirmation"),
            "true");
}

TEST_F(Delivery, stops_when_nobody_subscribes_any_more) {
  const auto one = confirmed();
  endpoints.status = 500;
  publish("late");
  deliver();
  EXPECT_EQ(text("Unsubscribe", {{"SubscriptionArn", one}}), "{}");
  endpoints.status = 200;
  clock.time += Millis{20'000};
  deliver();
  EXPECT_EQ(endpoints.kept.size(), 1U);
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(Delivery, goes_on_after_a_restart) {
  confirmed();
  publish("kept");
  Deliverer later({.catalog = catalog,
                   .client = queues,
                   .http = endpoints,
                   .signer = signer,
                   .sealer = sealer,
                   .clock = clock,
                   .metrics = metrics},
                  {});
  ASSERT_TRUE(run(later.load()));
  run(later.work_off());
  EXPECT_EQ(endpoints.kept.size(), 1U);
  EXPECT_EQ(waiting(), 0U);
  deliver();  // the first one finds that it is over
  EXPECT_EQ(endpoints.kept.size(), 1U);
}

TEST_F(Delivery, keeps_no_more_than_it_may) {
  confirmed();
  endpoints.status = 0;
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(publish("m").starts_with("{")) << i;
  }
  EXPECT_TRUE(publish("one more").starts_with("Throttled:"));
  deliver();  // they wait, and still count
  EXPECT_TRUE(publish("one more").starts_with("Throttled:"));
  endpoints.status = 200;
  clock.time += Millis{20'000};
  deliver();
  EXPECT_TRUE(publish("one more").starts_with("{"));
}

TEST_F(Delivery, waits_while_it_cannot_sign) {
  confirmed();
  const auto good = *run(catalog.get(std::string(topics::kSignerKey)));
  const auto put = [&](std::string value) {
    commit({{.key = good->key, .value = std::move(value), .expected = std::nullopt}});
  };
  put("{}");
  Deliverer other({.catalog = catalog,
                   .client = queues,
                   .http = endpoints,
                   .signer = fresh_signer,
                   .sealer = sealer,
                   .clock = clock,
                   .metrics = metrics},
                  {});
  publish("unsigned");
  ASSERT_TRUE(run(other.load()));
  for (int i = 0; i < 10; ++i) {
    run(other.work_off());
    clock.time += Millis{5'000};
  }
  EXPECT_TRUE(endpoints.kept.empty());
  EXPECT_EQ(waiting(), 1U);
  put(good->value);
  run(other.work_off());
  EXPECT_EQ(endpoints.kept.size(), 1U);
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(Delivery, leaves_room_for_others_where_one_is_slow) {
  confirmed();
  endpoints.status = 0;
  publish("first");
  deliver();
  const auto second = subscribe("http", "http://other.example.org/");
  deliver();
  EXPECT_EQ(endpoints.kept.back().url, "http://other.example.org");
}

// What the other gets does not wait for it.
TEST_F(Delivery, steps_over_a_subscription_that_cannot_be_read) {
  confirmed();
  const auto good = run(catalog.scan("sns/subscription/", "", 10))->front();
  publish("for the first");
  commit({{.key = good.key, .value = "{}", .expected = std::nullopt}});
  const auto make_other = [this] {
    make_topic({}, "others");
    EXPECT_TRUE(
        answer("Subscribe", {{"TopicArn", arn("others")}, {"Protocol", "sqs"}, {"Endpoint", queue()}}));
    EXPECT_TRUE(answer("Publish", {{"TopicArn", arn("others")}, {"Message", "for the second"}}));
  };
  clock.time += Millis{1};
  make_other();
  Deliverer later({.catalog = catalog,
                   .client = queues,
                   .http = endpoints,
                   .signer = signer,
                   .sealer = sealer,
                   .clock = clock,
                   .metrics = metrics},
                  {});
  ASSERT_TRUE(run(later.load()));
  run(later.work_off());
  EXPECT_EQ(queues.calls.size(), 1U);
  EXPECT_TRUE(endpoints.kept.empty());
  EXPECT_EQ(waiting(), 1U);
  EXPECT_EQ(metrics.text().find("cairn_sns_unreadable_subscriptions_total 0"), std::string::npos);
  commit({{.key = good.key, .value = good.value, .expected = std::nullopt}});
  clock.time += Millis{5'000};
  run(later.work_off());
  EXPECT_EQ(endpoints.kept.size(), 1U);
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(Delivery, a_queue_that_throttles_is_tried_again) {
  subscribe("sqs", queue());
  publish("x");
  for (const auto& [code, status] : {std::pair("ThrottlingException", 400), std::pair("Throttling", 400),
                                     std::pair("RequestThrottled", 403), std::pair("Slow", 429)}) {
    queues.fault = aws::Fault{.code = code, .status = status, .message = "later"};
    clock.time += Millis{20'000};
    deliver();
    EXPECT_EQ(waiting(), 1U) << code;
  }
  queues.fault.reset();
  clock.time += Millis{20'000};
  deliver();
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(Delivery, forgets_a_call_that_was_not_committed) {
  deliverer.published("sns/message/00000000000000-none");
  deliver();
  EXPECT_TRUE(endpoints.kept.empty());
}

}  // namespace
}  // namespace cairn::services::sns
