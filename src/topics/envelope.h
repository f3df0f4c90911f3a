// The envelope: what SNS sends around a message, and the text of it that is signed, as every SDK's validator
// rebuilds it. Pure; any thread. Tested by envelope_test.cc.
#pragma once

#include <string>
#include <string_view>

#include "topics/message.h"

namespace cairn::topics {

// Type, as x-amz-sns-message-type has it.
std::string_view type_of(const Message& message);

// What the links in it begin with: "https://cairn.example:4586".
struct Links {
  std::string base{};
  std::string certificate{};  // the path of it: "/SimpleNotificationService-….pem"
  std::string token{};        // that ends the subscription without a signature; empty: it takes one
};
std::string subscribe_url(const Links& links, const Message& message);
std::string unsubscribe_url(const Links& links, const Subscription& to);

// What people read: the protocol "email"; what programs read has a subject, too.
std::string mail_subject(const Message& message);
std::string mail_text(const Message& message, const Subscription& to, const Links& links);

// What goes to the subscription: its protocol's text where the message has one for each.
std::string message_text(const Message& message, const Subscription& to);
std::string text_to_sign(const Message& message, const Subscription& to, const Links& links);
// `signature`: of that text, in base64.
std::string envelope(const Message& message, const Subscription& to, const Links& links,
                     std::string_view signature);

}  // namespace cairn::topics
