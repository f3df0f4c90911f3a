#include "topics/envelope.h"

#include <gtest/gtest.h>

#include "json/json.h"

namespace cairn::topics {
namespace {

const Links kLinks{.base = "https://cairn.example", .certificate = "/SimpleNotificationService-00.pem"};

Message notification() {
  Message message{.id = "m-1",
                  .topic = {.account = "111122223333", .region = "eu-west-1", .name = "nests"},
                  .subject = "An egg",
                  .text = "laid\n\"today\"",
                  .time = Time{Millis{1'772'446'500'020}},
                  .signature_version = "1"};
  message.attributes = {{"kind", {.type = "String", .value = "owl"}}};
  return message;
}

Subscription receiver() {
  return {.topic = notification().topic, .id = "0f8fad5b-d9cb-469f-a165-70867728950e", .protocol = "http"};
}

TEST(Envelope, of_a_notification) {
  EXPECT_EQ(text_to_sign(notification(), receiver(), kLinks),
            "Message\nlaid\n\"today\"\nMessageId\nm-1\nSubject\nAn egg\nTimestamp\n2026-03-02T10:15:00.020Z\n"
            "TopicArn\narn:aws:sns:eu-west-1:111122223333:nests\nType\nNotification\n");
  EXPECT_EQ(
      envelope(notification(), receiver(), kLinks, "c2ln"),
      R"({"Type":"Notification","MessageId":"m-1","TopicArn":"arn:aws:sns:eu-west-1:111122223333:nests","Subject":"An egg",)"
      R"("Message":"laid\n\"today\"","Timestamp":"2026-03-02T10:15:00.020Z","SignatureVersion":"1","Signature":"c2ln",)"
      R"("SigningCertURL":"https://cairn.example/SimpleNotificationService-00.pem",)"
      R"("UnsubscribeURL":"https://cairn.example/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:eu-west-1:111122223333:nests:0f8fad5b-d9cb-469f-a165-70867728950e",)"
      R"("MessageAttributes":{"kind":{"Type":"String","Value":"owl"}}})");
}

TEST(Envelope, without_a_subject_signs_none) {
  auto plain = notification();
  plain.subject.reset();
  EXPECT_EQ(text_to_sign(plain, receiver(), kLinks).find("Subject"), std::string::npos);
  EXPECT_EQ(envelope(plain, receiver(), kLinks, "").find("Subject"), std::string::npos);
}

TEST(Envelope, has_a_way_out_for_who_holds_a_token) {
  auto links = kLinks;
  links.token = "ab12";
  const std::string url =
      "https://cairn.example/?Action=Unsubscribe&Version=2010-03-31&SubscriptionArn="
      "arn:aws:sns:eu-west-1:111122223333:nests:0f8fad5b-d9cb-469f-a165-70867728950e&Token=ab12";
  EXPECT_EQ(unsubscribe_url(links, receiver()), url);
  const auto shown = json::parse_object(envelope(notification(), receiver(), links, ""));
  EXPECT_EQ(json::find_string(*shown, "UnsubscribeURL"), url);
}

TEST(Envelope, of_a_mail_is_for_people) {
  EXPECT_EQ(mail_subject(notification()), "An egg");
  const auto out = unsubscribe_url(kLinks, receiver());
  EXPECT_EQ(
      mail_text(notification(), receiver(), kLinks),
      "laid\n\"today\"\n\n--\nIf you wish to stop receiving notifications from this topic, please click "
      "or visit the link below to unsubscribe:\n" +
          out + "\n\nPlease do not reply directly to this email.\n");
  auto plain = notification();
  plain.subject.reset();
  EXPECT_EQ(mail_subject(plain), "AWS Notification Message");
  auto asks = notification();
  asks.confirms = true;
  asks.token = "ab12";
  EXPECT_EQ(mail_subject(asks), "AWS Notification - Subscription Confirmation");
  EXPECT_EQ(
      mail_text(asks, receiver(), kLinks),
      "You have chosen to subscribe to the topic:\narn:aws:sns:eu-west-1:111122223333:nests\n\nTo confirm "
      "this subscription, click or visit the link below (If this was in error no action is necessary):\n" +
          subscribe_url(kLinks, asks) + "\n\nPlease do not reply directly to this email.\n");
}

TEST(Envelope, that_asks_for_confirmation) {
  auto asks = notification();
  asks.confirms = true;
  asks.token = "ab12";
  const auto url =
      "https://cairn.example/"
      "?Action=ConfirmSubscription&Version=2010-03-31&TopicArn=arn:aws:sns:eu-west-1:111122223333:nests&"
      "Token=ab12";
  const auto shown = json::parse_object(envelope(asks, receiver(), kLinks, "c2ln"));
  EXPECT_EQ(json::find_string(*shown, "Type"), "SubscriptionConfirmation");
  EXPECT_EQ(json::find_string(*shown, "SubscribeURL"), url);
  EXPECT_EQ(json::find_string(*shown, "Token"), "ab12");
  EXPECT_FALSE(shown->contains("UnsubscribeURL"));
  const auto text = text_to_sign(asks, receiver(), kLinks);
  const std::string message =
      "You have chosen to subscribe to the topic arn:aws:sns:eu-west-1:111122223333:nests.\nTo confirm the "
      "subscription, "
      "visit the SubscribeURL included in this message.";
  EXPECT_EQ(text, "Message\n" + message + "\nMessageId\nm-1\nSubscribeURL\n" + url +
                      "\nTimestamp\n2026-03-02T10:15:00.020Z\nToken\nab12\nTopicArn\n"
                      "arn:aws:sns:eu-west-1:111122223333:nests\nType\nSubscriptionConfirmation\n");
}

}  // namespace
}  // namespace cairn::topics
