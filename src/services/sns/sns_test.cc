// Topics and subscriptions: what is answered, what is refused and how, who may.
#include "services/sns/testing.h"

namespace cairn::services::sns {
namespace {

using testing::kElsewhere;
using testing::kHere;
using Sns = testing::SnsWorld;
using boost::json::array;
using boost::json::object;

TEST_F(Sns, makes_a_topic_once) {
  make_topic({{"Attributes", object{{"DisplayName", "Nests"}}},
              {"Tags", array{object{{"Key", "a"}, {"Value", "b"}}}}});
  make_topic();
  make_topic({{"Attributes", object{{"DisplayName", "Nests"}}}});
  EXPECT_EQ(text("CreateTopic", {{"Name", "nests"}, {"Attributes", object{{"DisplayName", "Others"}}}}),
            "InvalidParameter: Invalid parameter: Attributes Reason: Topic already exists with different "
            "attributes");
  EXPECT_EQ(text("CreateTopic", {{"Name", "nests"}, {"Tags", array{object{{"Key", "a"}, {"Value", "c"}}}}}),
            "InvalidParameter: Invalid parameter: Tags Reason: Topic already exists with different tags");
  EXPECT_EQ(text("ListTopics"), R"({"Topics":[{"TopicArn":")" + arn() + R"("}]})");
  EXPECT_EQ(text("ListTagsForResource", {{"ResourceArn", arn()}}), R"({"Tags":[{"Key":"a","Value":"b"}]})");
  EXPECT_EQ(text("DeleteTopic", {{"TopicArn", arn()}}), "{}");
  EXPECT_EQ(text("DeleteTopic", {{"TopicArn", arn()}}), "{}");
  EXPECT_EQ(text("ListTopics"), R"({"Topics":[]})");
  EXPECT_EQ(text("GetTopicAttributes", {{"TopicArn", arn()}}), "NotFound: Topic does not exist");
}

TEST_F(Sns, refuses_names_and_attributes) {
  const std::pair<object, const char*> rows[] = {
      {{{"Name", ""}}, "InvalidParameter: Invalid parameter: Topic Name"},
      {{{"Name", "a b"}}, "InvalidParameter: Invalid parameter: Topic Name"},
      {{{"Name", "a.fifo"}}, "UnsupportedOperation: A FIFO topic is not supported."},
      {{{"Name", "t"}, {"Attributes", object{{"KmsMasterKeyId", "alias/k"}}}},
       "UnsupportedOperation: KmsMasterKeyId is not supported."},
      {{{"Name", "t"}, {"Attributes", object{{"SQSSuccessFeedbackSampleRate", "1"}}}},
       "UnsupportedOperation: SQSSuccessFeedbackSampleRate is not supported."},
      {{{"Name", "t"}, {"Attributes", object{{"FifoTopic", "true"}}}},
       "UnsupportedOperation: FifoTopic is not supported."},
      {{{"Name", "t"}, {"Attributes", object{{"DeliveryPolicy", "{}"}}}},
       "UnsupportedOperation: DeliveryPolicy is not supported."},
      {{{"Name", "t"}, {"Attributes", object{{"SignatureVersion", "3"}}}},
       "InvalidParameter: Invalid parameter: Attributes Reason: SignatureVersion Reason: 1 or 2"},
      {{{"Name", "t"}, {"Attributes", object{{"Nonsense", "3"}}}},
       "InvalidParameter: Invalid parameter: Attributes Reason: AttributeName"},
      {{{"Name", "t"}, {"DataProtectionPolicy", "{}"}},
       "UnsupportedOperation: DataProtectionPolicy is not supported."},
      {{{"Name", "t"}, {"Tags", array{object{{"Key", "a"}}, object{{"Key", "a"}}}}},
       "InvalidParameter: Invalid parameter: Duplicated keys are not allowed."},
  };
  for (const auto& [input, expected] : rows) {
    EXPECT_EQ(text("CreateTopic", input), expected);
  }
  EXPECT_EQ(
      text("CreateTopic",
           {{"Name", "t"},
            {"Attributes",
             object{{"FifoTopic", "false"}, {"KmsMasterKeyId", ""}, {"SQSSuccessFeedbackSampleRate", "0"}}}}),
      R"({"TopicArn":")" + arn("t") + R"("})");
}

TEST_F(Sns, shows_a_topic_as_aws_does) {
  make_topic();
  const auto shown = attributes_of("GetTopicAttributes", "TopicArn", arn());
  EXPECT_EQ(shown.at("Owner"), kHere);
  EXPECT_EQ(shown.at("SubscriptionsConfirmed"), "0");
  EXPECT_FALSE(shown.contains("SignatureVersion"));
  const auto policy = json::parse_object(shown.at("Policy").as_string()).value();
  EXPECT_EQ(policy.at("Id"), "__default_policy_ID");
  EXPECT_EQ(policy.at("Statement").at(0).at("Condition").at("StringEquals").at("AWS:SourceOwner"), kHere);
  EXPECT_EQ(policy.at("Statement").at(0).at("Action").as_array().size(), 8U);
  EXPECT_EQ(text("SetTopicAttributes",
                 {{"TopicArn", arn()}, {"AttributeName", "SignatureVersion"}, {"AttributeValue", "2"}}),
            "{}");
  EXPECT_EQ(attributes_of("GetTopicAttributes", "TopicArn", arn()).at("SignatureVersion"), "2");
  EXPECT_EQ(
      text("SetTopicAttributes", {{"TopicArn", arn()}, {"AttributeName", "Policy"}, {"AttributeValue", "no"}})
          .substr(0, 48),
      "InvalidParameter: Invalid parameter: Policy Erro");
  EXPECT_EQ(recorded.resources.size(), 1U);
  EXPECT_EQ(recorded.resources.front().arn, arn());
}

TEST_F(Sns, reads_arns_as_aws_does) {
  make_topic();
  const std::pair<std::string, const char*> rows[] = {
      {"",
       "InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"},
      {"a:b",
       "InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 2"},
      {"arn:aws:sns:us-east-1:111122223333:nests", "InvalidParameter: Invalid parameter: TopicArn"},
      {"arn:aws:sqs:eu-west-1:111122223333:nests", "InvalidParameter: Invalid parameter: TopicArn"},
      {arn("none"), "NotFound: Topic does not exist"},
  };
  for (const auto& [given, expected] : rows) {
    EXPECT_EQ(text("GetTopicAttributes", {{"TopicArn", given}}), expected) << given;
  }
  EXPECT_EQ(text("TagResource", {{"ResourceArn", arn("none")}, {"Tags", array{}}}),
            "ResourceNotFound: Resource does not exist");
}

TEST_F(Sns, counts_characters_not_bytes) {
  make_topic();
  const auto texts = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      text += "\xF0\x9F\xA6\x89";
    }
    return text;
  };
  const auto refusal = [&](const std::string& key, const std::string& value) {
    return code("TagResource",
                {{"ResourceArn", arn()}, {"Tags", array{object{{"Key", key}, {"Value", value}}}}});
  };
  EXPECT_EQ(refusal(texts(128), texts(256)), "");
  EXPECT_EQ(refusal(texts(129), ""), "InvalidParameter");
  EXPECT_EQ(refusal(std::string(129, 'a'), ""), "InvalidParameter");
  EXPECT_EQ(refusal("a", std::string(257, 'a')), "InvalidParameter");
  const auto named = [&](const std::string& name) {
    return code("SetTopicAttributes",
                {{"TopicArn", arn()}, {"AttributeName", "DisplayName"}, {"AttributeValue", name}});
  };
  EXPECT_EQ(named(texts(100)), "");
  EXPECT_EQ(named(std::string(101, 'a')), "InvalidParameter");
  EXPECT_EQ(publish("m", {{"Subject", texts(100)}}).substr(0, 13), R"({"MessageId":)");
  EXPECT_EQ(publish("m", {{"Subject", texts(101)}}), "InvalidParameter: Invalid parameter: Subject");
  EXPECT_EQ(publish("m", {{"Subject", std::string(101, 'a')}}),
            "InvalidParameter: Invalid parameter: Subject");
}

TEST_F(Sns, tags_a_topic) {
  make_topic();
  const auto tag = [](const char* key, const char* value) { return object{{"Key", key}, {"Value", value}}; };
  EXPECT_EQ(text("TagResource", {{"ResourceArn", arn()}, {"Tags", array{tag("a", "1"), tag("b", "2")}}}),
            "{}");
  EXPECT_EQ(text("TagResource", {{"ResourceArn", arn()}, {"Tags", array{tag("a", "3")}}}), "{}");
  EXPECT_EQ(text("UntagResource", {{"ResourceArn", arn()}, {"TagKeys", array{"b", "none"}}}), "{}");
  EXPECT_EQ(text("ListTagsForResource", {{"ResourceArn", arn()}}), R"({"Tags":[{"Key":"a","Value":"3"}]})");
  array many;
  for (int i = 0; i < 50; ++i) {
    many.push_back(tag(("k" + std::to_string(i)).c_str(), ""));
  }
  EXPECT_EQ(code("TagResource", {{"ResourceArn", arn()}, {"Tags", many}}), "TagLimitExceeded");
}

TEST_F(Sns, changes_its_policy_by_labels) {
  make_topic();
  const object input{{"TopicArn", arn()},
                     {"Label", "others"},
                     {"AWSAccountId", array{kElsewhere}},
                     {"ActionName", array{"Publish"}}};
  EXPECT_EQ(text("AddPermission", input), "{}");
  EXPECT_EQ(text("AddPermission", input), "InvalidParameter: Invalid parameter: Statement already exists");
  auto wrong = input;
  wrong["Label"] = "more";
  wrong["ActionName"] = array{"Fly"};
  EXPECT_EQ(text("AddPermission", wrong),
            "InvalidParameter: Invalid parameter: Policy statement action out of service scope!");
  caller = testing::root_of(kElsewhere);
  EXPECT_EQ(code("Publish", {{"TopicArn", arn()}, {"Message", "m"}}), "");
  caller = testing::root_of(kHere);
  EXPECT_EQ(text("RemovePermission", {{"TopicArn", arn()}, {"Label", "others"}}), "{}");
  EXPECT_EQ(text("RemovePermission", {{"TopicArn", arn()}, {"Label", "others"}}), "{}");
  caller = testing::root_of(kElsewhere);
  EXPECT_EQ(code("Publish", {{"TopicArn", arn()}, {"Message", "m"}}), "AuthorizationError");
}

// The usual policy lets everybody of the account in; one of its own does not. Others cannot tell what is
// there.
TEST_F(Sns, asks_the_topics_policy) {
  make_topic();
  const object message{{"TopicArn", arn()}, {"Message", "m"}};
  caller = testing::user_of(kHere);
  EXPECT_EQ(code("Publish", message), "");
  EXPECT_EQ(code("ListTopics"), "AuthorizationError");
  EXPECT_EQ(code("CreateTopic", {{"Name", "more"}}), "AuthorizationError");
  caller = testing::root_of(kElsewhere);
  EXPECT_EQ(text("Publish", message), text("Publish", {{"TopicArn", arn("none")}, {"Message", "m"}}));
  EXPECT_EQ(code("DeleteTopic", {{"TopicArn", arn()}}), "AuthorizationError");
  caller = testing::service_for(kHere, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main");
  EXPECT_EQ(code("Publish", message), "AuthorizationError");
  caller = testing::root_of(kHere);
  const auto policy =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"SNS:Publish","Resource":")" +
      arn() +
      R"(","Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"}}}})";
  ASSERT_EQ(text("SetTopicAttributes",
                 {{"TopicArn", arn()}, {"AttributeName", "Policy"}, {"AttributeValue", policy}}),
            "{}");
  caller = testing::service_for(kHere, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main");
  EXPECT_EQ(code("Publish", message), "");
  caller = testing::service_for(kHere, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/other");
  EXPECT_EQ(code("Publish", message), "AuthorizationError");
  caller = testing::user_of(kHere);
  EXPECT_EQ(code("Publish", message), "AuthorizationError");
}

TEST_F(Sns, subscribes_a_queue_at_once) {
  make_topic();
  const auto one = subscribe("sqs", queue(), {{"RawMessageDelivery", "true"}});
  EXPECT_EQ(subscribe("sqs", queue()), one);
  EXPECT_EQ(text("Subscribe", {{"TopicArn", arn()},
                               {"Protocol", "sqs"},
                               {"Endpoint", queue()},
                               {"Attributes", object{{"RawMessageDelivery", "false"}}}}),
            "InvalidParameter: Invalid parameter: Attributes Reason: Subscription already exists with "
            "different attributes");
  const auto shown = attributes_of("GetSubscriptionAttributes", "SubscriptionArn", one);
  EXPECT_EQ(
      json::serialize(shown),
      R"({"SubscriptionArn":")" + one + R"(","TopicArn":")" + arn() +
          R"(","Owner":"111122223333","Protocol":"sqs","Endpoint":")" + queue() +
          R"(","PendingConfirmation":"false","ConfirmationWasAuthenticated":"true","RawMessageDelivery":"true",)"
          R"("SubscriptionPrincipal":"arn:aws:iam::111122223333:root"})");
  const auto row = R"({"Subscriptions":[{"SubscriptionArn":")" + one +
                   R"(","Owner":"111122223333","Protocol":"sqs","Endpoint":")" + queue() +
                   R"(","TopicArn":")" + arn() + R"("}]})";
  EXPECT_EQ(text("ListSubscriptions"), row);
  EXPECT_EQ(text("ListSubscriptionsByTopic", {{"TopicArn", arn()}}), row);
  EXPECT_EQ(attributes_of("GetTopicAttributes", "TopicArn", arn()).at("SubscriptionsConfirmed"), "1");
  EXPECT_EQ(text("Unsubscribe", {{"SubscriptionArn", one}}), "{}");
  EXPECT_EQ(text("Unsubscribe", {{"SubscriptionArn", one}}), "{}");
  EXPECT_EQ(text("GetSubscriptionAttributes", {{"SubscriptionArn", one}}),
            "NotFound: Subscription does not exist");
  EXPECT_EQ(text("ListSubscriptions"), R"({"Subscriptions":[]})");
  EXPECT_EQ(attributes_of("GetTopicAttributes", "TopicArn", arn()).at("SubscriptionsDeleted"), "1");
}

TEST_F(Sns, refuses_endpoints) {
  make_topic();
  const std::tuple<const char*, std::string, const char*> rows[] = {
      {"email", "ann@example.org", "UnsupportedOperation: Protocol email is not supported."},
      {"lambda", "arn:aws:lambda:eu-west-1:111122223333:function:f",
       "UnsupportedOperation: Protocol lambda is not supported."},
      {"pigeon", "x",
       "InvalidParameter: Invalid parameter: Amazon SNS does not support this protocol string: pigeon"},
      {"sqs", "https://sqs.eu-west-1.amazonaws.com/1/q",
       "InvalidParameter: Invalid parameter: SQS endpoint ARN"},
      {"sqs", queue("q.fifo"),
       "InvalidParameter: Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be "
       "subscribed to "
       "standard SNS topics"},
      {"http", "https://example.org/",
       "InvalidParameter: Invalid parameter: Endpoint must match the specified protocol"},
      {"https", "https://ann:sec@ret@example.org/",
       "InvalidParameter: Invalid parameter: Endpoint must match the specified protocol"},
  };
  for (const auto& [protocol, endpoint, expected] : rows) {
    EXPECT_EQ(text("Subscribe", {{"TopicArn", arn()}, {"Protocol", protocol}, {"Endpoint", endpoint}}),
              expected);
  }
}

TEST_F(Sns, sends_only_where_the_operator_lets_it) {
  make_topic();
  service = make_sns({.catalog = catalog,
                      .sealer = sealer,
                      .deliverer = deliverer,
                      .options = {.http_hosts = {"*.example.org"}}});
  subscribe("https", "https://hooks.example.org/in");
  EXPECT_EQ(text("Subscribe",
                 {{"TopicArn", arn()}, {"Protocol", "http"}, {"Endpoint", "http://169.254.169.254/latest"}}),
            "InvalidParameter: Invalid parameter: Endpoint Reason: messages may not be sent to this host");
}

TEST_F(Sns, sends_to_public_hosts_unless_the_operator_names_others) {
  make_topic();
  subscribe("https", "https://hooks.example.org/in");
  for (const auto* const host : {"127.0.0.1:4586", "localhost", "[::1]:80", "10.0.0.1", "169.254.169.254"}) {
    EXPECT_EQ(
        text("Subscribe",
             {{"TopicArn", arn()}, {"Protocol", "http"}, {"Endpoint", "http://" + std::string(host) + "/"}}),
        "InvalidParameter: Invalid parameter: Endpoint Reason: messages may not be sent to this host");
  }
}

TEST_F(Sns, sets_a_subscriptions_attributes) {
  make_topic();
  const auto one = subscribe("sqs", queue());
  const auto set = [&](const char* name, const std::string& value) {
    return text("SetSubscriptionAttributes",
                {{"SubscriptionArn", one}, {"AttributeName", name}, {"AttributeValue", value}});
  };
  const std::string wrong = "InvalidParameter: Invalid parameter: ";
  EXPECT_EQ(set("Fake", "x"), wrong + "AttributeName");
  EXPECT_EQ(set("RawMessageDelivery", "test-ValUe"),
            wrong + "RawMessageDelivery: Invalid value [test-ValUe]. Must be true or false.");
  EXPECT_EQ(set("RedrivePolicy", R"({"deadLetterTargetArn":"fake"})"),
            wrong + "RedrivePolicy: deadLetterTargetArn is an invalid arn");
  EXPECT_EQ(set("RedrivePolicy", "no").substr(0, 72), wrong + "RedrivePolicy: failed to parse JSON");
  EXPECT_EQ(
      set("FilterPolicyScope", "Random"),
      wrong +
          "FilterPolicyScope: Invalid value [Random]. Please use either MessageBody or MessageAttributes");
  EXPECT_EQ(set("FilterPolicy", R"({"a":{"b":["c"]}})"),
            wrong + "Filter policy scope MessageAttributes does not support nested filter policy");
  EXPECT_EQ(set("FilterPolicy", R"({"a":"b"})"),
            wrong + R"(FilterPolicy: "a" must be an object or an array)");
  EXPECT_EQ(set("DeliveryPolicy", "{}"), "UnsupportedOperation: DeliveryPolicy is not supported.");
  EXPECT_EQ(set("FilterPolicyScope", "MessageBody"), "{}");
  EXPECT_EQ(set("FilterPolicy", R"({"a":{"b":["c"]}})"), "{}");
  EXPECT_EQ(set("FilterPolicyScope", "MessageAttributes"),
            wrong + "Filter policy scope MessageAttributes does not support nested filter policy");
  EXPECT_EQ(set("RedrivePolicy", R"({"deadLetterTargetArn":")" + queue("dead") + R"("})"), "{}");
  const auto shown = attributes_of("GetSubscriptionAttributes", "SubscriptionArn", one);
  EXPECT_EQ(shown.at("FilterPolicy"), R"({"a":{"b":["c"]}})");
  EXPECT_EQ(shown.at("FilterPolicyScope"), "MessageBody");
  EXPECT_EQ(shown.at("RedrivePolicy").as_string(), R"({"deadLetterTargetArn":")" + queue("dead") + R"("})");
  EXPECT_EQ(set("FilterPolicy", "{}"), "{}");
  EXPECT_EQ(set("RedrivePolicy", ""), "{}");
  EXPECT_FALSE(attributes_of("GetSubscriptionAttributes", "SubscriptionArn", one).contains("FilterPolicy"));
}

TEST_F(Sns, shows_lists_in_pages) {
  make_topic();
  for (int i = 0; i < 101; ++i) {
    subscribe("sqs", queue("q" + std::to_string(i)));
  }
  for (const auto* const operation : {"ListSubscriptions", "ListSubscriptionsByTopic"}) {
    object input;
    if (std::string_view(operation) == "ListSubscriptionsByTopic") {
      input["TopicArn"] = arn();
    }
    const auto first = answer(operation, input).value();
    EXPECT_EQ(first.at("Subscriptions").as_array().size(), 100U);
    input["NextToken"] = first.at("NextToken");
    const auto second = answer(operation, input).value();
    EXPECT_EQ(second.at("Subscriptions").as_array().size(), 1U);
    EXPECT_FALSE(second.contains("NextToken"));
    input["NextToken"] = "?";
    EXPECT_EQ(text(operation, input), "InvalidParameter: Invalid parameter: NextToken");
  }
  for (int i = 0; i < 100; ++i) {
    make_topic({}, "t" + std::to_string(i));
  }
  const auto first = answer("ListTopics").value();
  EXPECT_EQ(first.at("Topics").as_array().size(), 100U);
  EXPECT_EQ(
      answer("ListTopics", {{"NextToken", first.at("NextToken")}}).value().at("Topics").as_array().size(),
      1U);
}

TEST_F(Sns, takes_a_topics_subscriptions_with_it) {
  make_topic();
  subscribe("sqs", queue());
  subscribe("http", "http://example.org/");
  EXPECT_EQ(text("DeleteTopic", {{"TopicArn", arn()}}), "{}");
  for (const auto* const prefix : {"sns/topic/", "sns/subscription/", "sns/subscriber/"}) {
    EXPECT_TRUE(run(catalog.scan(prefix, "", 10))->empty()) << prefix;
  }
}

}  // namespace
}  // namespace cairn::services::sns
