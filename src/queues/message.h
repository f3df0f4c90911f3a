// A message: its state, which changes with each receive, and its content, which does not. Documents as
// queue.h says.
//
// A message's number orders it within its queue: sixteen hexadecimal digits that rise with time. Values; any
// thread. Errc::corrupt: not what was written. Tested by queues_test.cc; fuzzed by queue_documents_fuzz.cc.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "crypto/sealer.h"

namespace cairn::queues {

struct Message {
  std::string queue{};   // its id
  std::string number{};  // "018f3c…"
  std::string id{};      // MessageId
  std::string sender{};  // SenderId
  Time sent{};           // by the wall clock, to be shown
  Time since{};          // its age counts from here; by the mailbox's clock
  Time visible{};        // from when on it can be received; by the mailbox's clock
  Millis hidden{};       // so long it was to be hidden, when that was set
  std::uint64_t receives = 0;
  std::uint64_t receives_elsewhere = 0;  // of these: before it came to this queue as a dead letter
  Time received{};                       // for the first time, by the wall clock
  std::uint64_t bytes = 0;               // of body and attributes
  std::uint64_t parts = 0;               // of its content
  bool sealed = false;                   // is its content
  std::string from{};                    // the ARN of the queue that it was a dead letter of

  friend bool operator==(const Message&, const Message&) = default;
};

// It cannot be seen for so long.
void hide(Message& message, Time now, Millis time);

std::string message_prefix(std::string_view queue);
std::string message_key(std::string_view queue, std::string_view number);
std::string content_prefix(std::string_view queue);
std::string content_key(std::string_view queue, std::string_view number, std::uint64_t part);

std::string encode(const Message& message);
Result<Message> decode_message(const catalog::Document& document);

// The number behind `last`, and not before the time.
std::string number_after(std::string_view last, Time now);

// MessageAttributes: names to {"DataType", "StringValue" or "BinaryValue" in base64}.
struct Content {
  std::string body{};
  boost::json::object attributes{};
  std::string trace{};  // AWSTraceHeader

  friend bool operator==(const Content&, const Content&) = default;
};

// As it is stored, in pieces that fit into documents. With a sealer: sealed, bound to the queue and the
// number.
inline constexpr std::size_t kPartBytes = 900U << 10;
inline constexpr std::uint64_t kPartsMax = 4;
// Errc::limit: it takes more pieces than kPartsMax; what the limits of queue.h allow does not.
Result<std::vector<std::string>> encode_content(const Message& message, const Content& content,
                                                const crypto::Sealer* sealer);
// Errc::denied: sealed under another master key.
Result<Content> decode_content(const Message& message, std::string_view text, const crypto::Sealer& sealer);

// What is written and removed together.
void put_state(const Message& message, catalog::Transaction& change);
// REQUIRES: `message.parts` is their count.
void put_content(const Message& message, const std::vector<std::string>& parts, catalog::Transaction& change);
void remove(const Message& message, catalog::Transaction& change);
// Holds only while the message is there.
catalog::Expectation still_there(const Message& message);

// What a receiver deletes it by: which message, and which receive of it.
struct Receipt {
  std::string queue{};
  std::string number{};
  std::uint64_t receive = 0;

  std::string text() const;
  // Errc::invalid.
  static Result<Receipt> parse(std::string_view text);
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

// As AWS computes them, and clients check: of the body, and of the attributes by their names' order.
std::string md5_of(std::string_view body);
std::string md5_of(const boost::json::object& attributes);
// Names, types and values: what counts for a message's size.
std::size_t bytes_of(const boost::json::object& attributes);

}  // namespace cairn::queues
