// Mail and programs: who may subscribe them, what they are sent, what is tried again, and how mail ends.
#include "services/sns/outlets.h"

#include "services/sns/testing.h"

namespace cairn::services::sns {
namespace {

using boost::json::object;
using testing::kElsewhere;
using testing::kHere;

// Keeps what goes out; `sent` answers it.
class KeptOutlets final : public Outlets {
 public:
  bool has_mail() const override { return mail; }
  bool has_commands() const override { return commands; }
  bool has_command(std::string_view name) const override { return commands && name == "keep"; }
  Task<Sent> send(mail::Mail letter) override {
    letters.push_back(std::move(letter));
    co_return sent;
  }
  Task<Sent> run(std::string command, std::string input) override {
    ran.emplace_back(std::move(command), std::move(input));
    co_return sent;
  }
  bool mail = true;
  bool commands = true;
  Sent sent = Sent::accepted;
  std::vector<mail::Mail> letters;
  std::vector<std::pair<std::string, std::string>> ran;
};

class OutletsTest : public testing::SnsWorld {
 protected:
  void SetUp() override {
    service = make_sns({.catalog = catalog, .sealer = sealer, .deliverer = sending, .outlets = &outlets});
    make_topic({{"Attributes", object{{"DisplayName", "Nests"}}}});
  }
  void send() { run(sending.work_off()); }
  static std::string token_in(const std::string& text) {
    const auto at = text.find("Token=") + 6;
    return text.substr(at, text.find_first_not_of("0123456789abcdef", at) - at);
  }
  std::string confirmed(std::string_view protocol = "email", object attributes = {},
                        bool ends_signed = false) {
    const auto one = subscribe(protocol, "ann@owl.example", std::move(attributes));
    send();
    const auto before = caller;
    caller = ends_signed ? caller : access::Caller();
    object input{{"TopicArn", arn()}, {"Token", token_in(outlets.letters.back().text)}};
    if (ends_signed) {
      input["AuthenticateOnUnsubscribe"] = "true";
    }
    EXPECT_EQ(code("ConfirmSubscription", input), "");
    caller = before;
    outlets.letters.clear();
    return one;
  }
  // As the link of a mail is followed.
  std::string follow(const std::string& link, const std::string& subscription) {
    const auto before = caller;
    caller = access::Caller();
    head.target = link.substr(link.find("/?"));
    auto answered = code("Unsubscribe", {{"SubscriptionArn", subscription}});
    head.target.clear();
    caller = before;
    return answered;
  }
  void pass(Millis time) {
    clock.time += time;
    send();
  }

  KeptOutlets outlets;
  Deliverer sending{{.catalog = catalog,
                     .client = queues,
                     .http = endpoints,
                     .signer = signer,
                     .sealer = sealer,
                     .clock = clock,
                     .metrics = metrics,
                     .outlets = &outlets},
                    {.base_url = [] { return std::string("https://cairn.example"); }}};
};

TEST_F(OutletsTest, says_who_may_subscribe) {
  const std::string invalid = "InvalidParameter: Invalid parameter: ";
  const auto refusal = [this](std::string_view protocol, std::string_view endpoint, object attributes = {}) {
    return text("Subscribe", {{"TopicArn", arn()},
                              {"Protocol", protocol},
                              {"Endpoint", endpoint},
                              {"Attributes", std::move(attributes)}});
  };
  for (const auto* const bad : {"ann", "ann@owl.example\r\nBcc: b@c", "<ann@owl.example>", "a@b@c", ""}) {
    EXPECT_EQ(refusal("email", bad), invalid + "Email address") << bad;
  }
  EXPECT_EQ(refusal("command", "other"),
            invalid + "Endpoint Reason: the configuration has no command of this name");
  EXPECT_EQ(refusal("email-json", "a@b", {{"RawMessageDelivery", "true"}}),
            invalid +
                "Attributes Reason: RawMessageDelivery: Delivery protocol [email-json] does not support raw "
                "message delivery.");
  EXPECT_EQ(refusal("sms", "+123"), "UnsupportedOperation: Protocol sms is not supported.");
  outlets.mail = outlets.commands = false;
  EXPECT_EQ(refusal("email", "a@b"), "UnsupportedOperation: Protocol email is not supported.");
  EXPECT_EQ(refusal("command", "keep"),
            invalid + "Amazon SNS does not support this protocol string: command");
}

TEST_F(OutletsTest, mails_people) {
  EXPECT_EQ(text("Subscribe", {{"TopicArn", arn()}, {"Protocol", "email"}, {"Endpoint", "ann@owl.example"}}),
            R"({"SubscriptionArn":"pending confirmation"})");
  send();
  ASSERT_EQ(outlets.letters.size(), 1U);
  const auto& asking = outlets.letters.front();
  EXPECT_EQ(asking.subject, "AWS Notification - Subscription Confirmation");
  EXPECT_EQ(asking.from_name, "Nests");
  EXPECT_EQ(asking.to, "ann@owl.example");
  EXPECT_EQ(asking.unsubscribe, "");
  EXPECT_NE(asking.text.find("https://cairn.example/?Action=ConfirmSubscription&"), std::string::npos);
  const auto listed = answer("ListSubscriptions").value();
  EXPECT_EQ(listed.at("Subscriptions").at(0).at("SubscriptionArn"), "PendingConfirmation");
}

TEST_F(OutletsTest, a_mail_has_the_message_and_the_way_out) {
  const auto one = confirmed();
  publish("laid today", {{"Subject", "An egg"}});
  publish(R"({"default":"all","email":"for people"})", {{"MessageStructure", "json"}});
  send();
  ASSERT_EQ(outlets.letters.size(), 2U);
  const auto& first = outlets.letters.front();
  EXPECT_EQ(first.subject, "An egg");
  EXPECT_TRUE(first.text.starts_with("laid today\n\n--\nIf you wish to stop")) << first.text;
  EXPECT_NE(first.text.find(first.unsubscribe), std::string::npos);
  EXPECT_EQ(outlets.letters.back().subject, "AWS Notification Message");
  EXPECT_TRUE(outlets.letters.back().text.starts_with("for people\n"));
  EXPECT_EQ(waiting(), 0U);

  auto wrong = first.unsubscribe;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  EXPECT_EQ(follow(wrong, one), "InvalidParameter");
  EXPECT_EQ(follow(wrong.substr(0, wrong.find("&Token")), one), "InvalidParameter");
  EXPECT_EQ(follow("https://x/?", one + "0"), "InvalidParameter");
  EXPECT_EQ(follow(first.unsubscribe, one), "");
  EXPECT_EQ(code("GetSubscriptionAttributes", {{"SubscriptionArn", one}}), "NotFound");
  EXPECT_EQ(follow(first.unsubscribe, one), "InvalidParameter");
}

TEST_F(OutletsTest, who_confirms_with_a_signature_may_keep_the_way_out) {
  const auto one = confirmed("email", {}, true);
  publish("x");
  send();
  const auto& letter = outlets.letters.back();
  EXPECT_EQ(letter.text.find("Token="), std::string::npos);
  EXPECT_EQ(follow(letter.unsubscribe + "&Token=" + std::string(96, 'a'), one), "InvalidParameter");
  EXPECT_EQ(code("Unsubscribe", {{"SubscriptionArn", one}}), "");
}

TEST_F(OutletsTest, mails_programs_an_envelope) {
  subscribe("email-json", "robot@owl.example");
  send();
  const auto asked = json::parse_object(outlets.letters.back().text).value();
  EXPECT_EQ(asked.at("Type"), "SubscriptionConfirmation");
  caller = access::Caller();
  EXPECT_EQ(code("ConfirmSubscription", {{"TopicArn", arn()}, {"Token", asked.at("Token")}}), "");
  caller = testing::root_of(kHere);
  publish("laid today", {{"Subject", "An egg"}});
  send();
  const auto envelope = json::parse_object(outlets.letters.back().text).value();
  EXPECT_EQ(envelope.at("Message"), "laid today");
  EXPECT_EQ(outlets.letters.back().subject, "An egg");
  EXPECT_NE(std::string(envelope.at("UnsubscribeURL").as_string()).find("&Token="), std::string::npos);
}

TEST_F(OutletsTest, mail_is_tried_for_six_hours) {
  confirmed("email", {{"RedrivePolicy", R"({"deadLetterTargetArn":")" + queue("dead") + R"("})"}});
  outlets.sent = Outlets::Sent::later;
  publish("x");
  send();
  pass(Millis{9'999});
  EXPECT_EQ(outlets.letters.size(), 1U);
  for (const auto pause : {10'000, 10'000, 20'000, 40'000, 60'000, 60'000}) {
    const auto before = outlets.letters.size();
    pass(Millis{pause});
    EXPECT_EQ(outlets.letters.size(), before + 1) << pause;
  }
  pass(std::chrono::hours(5));
  EXPECT_TRUE(queues.calls.empty());
  pass(std::chrono::hours(1));
  ASSERT_EQ(queues.calls.size(), 1U);
  const auto body = std::string(queues.calls.front().input.at("MessageBody").as_string());
  EXPECT_EQ(json::parse_object(body)->at("Message"), "x");
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(OutletsTest, mail_that_is_refused_is_not_tried_again) {
  confirmed("email", {{"RedrivePolicy", R"({"deadLetterTargetArn":")" + queue("dead") + R"("})"}});
  outlets.sent = Outlets::Sent::refused;
  publish("x");
  send();
  EXPECT_EQ(outlets.letters.size(), 1U);
  EXPECT_EQ(queues.calls.size(), 1U);
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(OutletsTest, a_program_gets_the_envelope_or_the_message) {
  const auto one = subscribe("command", "keep");
  EXPECT_TRUE(one.starts_with(arn())) << one;
  publish("laid today", {{"Subject", "An egg"}});
  send();
  ASSERT_EQ(outlets.ran.size(), 1U);
  EXPECT_EQ(outlets.ran.back().first, "keep");
  const auto envelope = json::parse_object(outlets.ran.back().second).value();
  EXPECT_EQ(envelope.at("Message"), "laid today");
  EXPECT_EQ(envelope.at("Subject"), "An egg");
  EXPECT_EQ(
      code("SetSubscriptionAttributes",
           {{"SubscriptionArn", one}, {"AttributeName", "RawMessageDelivery"}, {"AttributeValue", "true"}}),
      "");
  publish("as it is");
  send();
  EXPECT_EQ(outlets.ran.back().second, "as it is");
}

TEST_F(OutletsTest, a_program_that_fails_is_run_three_times_more) {
  subscribe("command", "keep");
  outlets.sent = Outlets::Sent::later;
  publish("x");
  send();
  for (int i = 0; i < 5; ++i) {
    pass(Millis{20'000});
  }
  EXPECT_EQ(outlets.ran.size(), 4U);
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(OutletsTest, nobody_of_another_account_ends_what_is_not_his) {
  const auto one = confirmed();
  caller = testing::root_of(kElsewhere);
  EXPECT_EQ(code("Unsubscribe", {{"SubscriptionArn", one}}), "AuthorizationError");
  caller = access::Caller();
  EXPECT_EQ(code("Unsubscribe", {{"SubscriptionArn", one}}), "InvalidParameter");
}

TEST_F(OutletsTest, tokens_lie_sealed) {
  confirmed();
  publish("x");
  send();
  const auto token = token_in(outlets.letters.back().text);
  const auto documents = run(catalog.scan("sns/", "", 100));
  for (const auto& document : *documents) {
    EXPECT_EQ(document.value.find(token), std::string::npos) << document.key;
  }
}

}  // namespace
}  // namespace cairn::services::sns
