// A message on its way: what was published, and to which subscriptions it still has to go.
//
//   sns/message/TIME-ID                 written in the commit that answers Publish; gone when nobody is left
//   sns/delivery/TIME-ID/SUBSCRIPTION   how far it has come there, once it was tried; goes with the message
//
// What was published lies sealed under the master key, bound to the document's key.
//
// TIME is milliseconds since 1970 in 14 digits, so that messages lie in about the order of their coming.
// Values; any thread. Errc::corrupt: not what was written. Tested by topics_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "topics/topic.h"

namespace cairn::topics {

struct MessageLimits {
  static constexpr std::size_t bytes_max = 256U
                                           << 10;  // of a message with its attributes; of a batch; as AWS's
  static constexpr std::size_t batch_max = 10;     // messages
};

struct Attribute {
  std::string type{};   // "String", "Number", "Binary", "String.Array", …
  std::string value{};  // as text; of Binary base64

  bool is_binary() const { return type == "Binary" || type.starts_with("Binary."); }
  bool is_number() const { return type == "Number" || type.starts_with("Number."); }
  friend bool operator==(const Attribute&, const Attribute&) = default;
};
using Attributes = std::map<std::string, Attribute>;

// To one subscription.
struct Delivery {
  std::string subscription{};  // its id
  std::uint32_t attempts = 0;  // that failed; of a dead one those at the queue for dead letters
  Time due{};                  // by a clock whose steps are not followed at once
  bool dead = false;           // it goes to the queue for dead letters

  friend bool operator==(const Delivery&, const Delivery&) = default;
};

struct Message {
  std::string id{};       // a UUID
  bool confirms = false;  // it asks the endpoint to confirm its subscription, by `token`
  TopicName topic{};
  std::optional<std::string> subject{};
  std::string text{};
  bool structured = false;  // `text` is a JSON object with a text for each protocol
  Attributes attributes{};
  Time time{};   // by the wall clock: what it says
  Time since{};  // by the clock of `due`: how old it is
  std::string token{};
  std::string signature_version{};  // "1", "2"
  std::vector<Delivery> deliveries{};

  std::string key() const;
  // What goes to a protocol.
  std::string text_for(std::string_view protocol) const;
  friend bool operator==(const Message&, const Message&) = default;
};

inline constexpr std::string_view kMessagesPrefix = "sns/message/";

std::string encode(const Message& message, const crypto::Sealer& sealer);
// Errc::denied: sealed under another master key. Errc::corrupt: not what was written.
Result<Message> decode_message(const catalog::Document& document, const crypto::Sealer& sealer);

// How far a message has come at one subscription: what its own row says no more.
struct Progress {
  Delivery delivery{};
  bool over = false;  // nothing is left to do there

  friend bool operator==(const Progress&, const Progress&) = default;
};
// REQUIRES: `message` is a message's key.
std::string progress_prefix(std::string_view message);
std::string progress_key(std::string_view message, std::string_view subscription);
std::string encode(const Progress& progress);
Result<Progress> decode_progress(const catalog::Document& document);

}  // namespace cairn::topics
