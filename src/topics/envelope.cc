// Tested by envelope_test.cc.
#include "topics/envelope.h"

#include <fmt/format.h>

#include "json/json.h"

namespace cairn::topics {
namespace {

// With the version, by which the front knows whose call it is.
constexpr std::string_view kVersion = "2010-03-31";
constexpr std::string_view kNoReply = "Please do not reply directly to this email.";

void add_line(std::string& text, std::string_view name, std::string_view value) {
  text += fmt::format("{}\n{}\n", name, value);
}

json::object shown_attributes(const Attributes& attributes) {
  json::object shown;
  for (const auto& [name, attribute] : attributes) {
    shown[name] = json::object{{"Type", attribute.type}, {"Value", attribute.value}};
  }
  return shown;
}

}  // namespace

std::string_view type_of(const Message& message) {
  return message.confirms ? "SubscriptionConfirmation" : "Notification";
}

std::string subscribe_url(const Links& links, const Message& message) {
  return fmt::format("{}/?Action=ConfirmSubscription&Version={}&TopicArn={}&Token={}", links.base, kVersion,
                     message.topic.arn(), message.token);
}

std::string unsubscribe_url(const Links& links, const Subscription& to) {
  const auto version = links.token.empty() ? std::string() : fmt::format("Version={}&", kVersion);
  const auto token = links.token.empty() ? std::string() : "&Token=" + links.token;
  return fmt::format("{}/?Action=Unsubscribe&{}SubscriptionArn={}{}", links.base, version, to.arn(), token);
}

std::string mail_subject(const Message& message) {
  return message.confirms ? "AWS Notification - Subscription Confirmation"
                          : message.subject.value_or("AWS Notification Message");
}

std::string mail_text(const Message& message, const Subscription& to, const Links& links) {
  if (message.confirms) {
    return fmt::format(
        "You have chosen to subscribe to the topic:\n{}\n\nTo confirm this subscription, click or visit the "
        "link below (If this was in error no action is necessary):\n{}\n\n{}\n",
        message.topic.arn(), subscribe_url(links, message), kNoReply);
  }
  return fmt::format(
      "{}\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link "
      "below to unsubscribe:\n{}\n\n{}\n",
      message.text_for(to.protocol), unsubscribe_url(links, to), kNoReply);
}

std::string message_text(const Message& message, const Subscription& to) {
  if (message.confirms) {
    return fmt::format(
        "You have chosen to subscribe to the topic {}.\nTo confirm the subscription, visit the SubscribeURL "
        "included in "
        "this message.",
        message.topic.arn());
  }
  return message.text_for(to.protocol);
}

std::string text_to_sign(const Message& message, const Subscription& to, const Links& links) {
  std::string text;
  add_line(text, "Message", message_text(message, to));
  add_line(text, "MessageId", message.id);
  if (message.confirms) {
    add_line(text, "SubscribeURL", subscribe_url(links, message));
  } else if (message.subject) {
    add_line(text, "Subject", *message.subject);
  }
  add_line(text, "Timestamp", rfc3339_millis(message.time));
  if (message.confirms) {
    add_line(text, "Token", message.token);
  }
  add_line(text, "TopicArn", message.topic.arn());
  add_line(text, "Type", type_of(message));
  return text;
}

std::string envelope(const Message& message, const Subscription& to, const Links& links,
                     std::string_view signature) {
  json::object shown{{"Type", type_of(message)}, {"MessageId", message.id}};
  if (message.confirms) {
    shown["Token"] = message.token;
  }
  shown["TopicArn"] = message.topic.arn();
  if (message.subject && !message.confirms) {
    shown["Subject"] = *message.subject;
  }
  shown["Message"] = message_text(message, to);
  if (message.confirms) {
    shown["SubscribeURL"] = subscribe_url(links, message);
  }
  shown["Timestamp"] = rfc3339_millis(message.time);
  shown["SignatureVersion"] = message.signature_version;
  shown["Signature"] = signature;
  shown["SigningCertURL"] = links.base + links.certificate;
  if (!message.confirms) {
    shown["UnsubscribeURL"] = unsubscribe_url(links, to);
    if (!message.attributes.empty()) {
      shown["MessageAttributes"] = shown_attributes(message.attributes);
    }
  }
  return json::serialize(shown);
}

}  // namespace cairn::topics
