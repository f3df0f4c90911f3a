// Tested by queues_test.cc; fuzzed by queue_documents_fuzz.cc.
#include "queues/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "catalog/document_reader.h"
#include "codec/base64.h"
#include "crypto/hash.h"
#include "json/json.h"
#include "queues/queue.h"

namespace cairn::queues {
namespace {

constexpr std::int64_t kMessageFormat = 1;
constexpr std::int64_t kContentFormat = 1;
constexpr std::size_t kNumberChars = 16;
constexpr std::uint64_t kNumbersAMilli = 1U << 20;
constexpr std::string_view kReceiptForm = "1";
constexpr Millis kHiddenMost = std::chrono::seconds(Limits::visibility_seconds_max);
constexpr char kTextType = 1;
constexpr char kBinaryType = 2;

bool is_number(std::string_view text) {
  return text.size() == kNumberChars &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string binding_of(const Message& message) {
  return message_key(message.queue, message.number);
}

// An attribute's value as its bytes.
std::string value_of(const json::object& attribute) {
  if (const auto text = json::find_string(attribute, "StringValue")) {
    return std::string(*text);
  }
  auto bytes = codec::base64_decode(json::find_string(attribute, "BinaryValue").value_or(""));
  return bytes ? *std::move(bytes) : std::string();
}

const json::object& attribute_in(const json::value& value) {
  static const json::object kNone;
  return value.is_object() ? value.get_object() : kNone;
}

void append_sized(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((size >> shift) & 0xFFU));
  }
  out += text;
}

std::string hex_md5(std::string_view bytes) {
  return codec::hex_encode(crypto::md5(bytes));
}

}  // namespace

void hide(Message& message, Time now, Millis time) {
  message.visible = now + time;
  message.hidden = time;
}

std::string message_prefix(std::string_view queue) {
  return fmt::format("sqs/message/{}/", queue);
}

std::string message_key(std::string_view queue, std::string_view number) {
  return fmt::format("sqs/message/{}/{}", queue, number);
}

std::string content_prefix(std::string_view queue) {
  return fmt::format("sqs/content/{}/", queue);
}

std::string content_key(std::string_view queue, std::string_view number, std::uint64_t part) {
  return fmt::format("sqs/content/{}/{}/{}", queue, number, part);
}

std::string encode(const Message& message) {
  return json::serialize(json::object{{"v", kMessageFormat},
                                      {"queue", message.queue},
                                      {"number", message.number},
                                      {"id", message.id},
                                      {"sender", message.sender},
                                      {"sent", catalog::millis(message.sent)},
                                      {"visible", catalog::millis(message.visible)},
                                      {"since", catalog::millis(message.since)},
                                      {"hidden", message.hidden.count()},
                                      {"receives", message.receives},
                                      {"receivesElsewhere", message.receives_elsewhere},
                                      {"received", catalog::millis(message.received)},
                                      {"bytes", message.bytes},
                                      {"parts", message.parts},
                                      {"sealed", message.sealed},
                                      {"from", message.from}});
}

Result<Message> decode_message(const catalog::Document& document) {
  catalog::DocumentReader read(document, kMessageFormat);
  Message message{.queue = read.text("queue"),
                  .number = read.text("number"),
                  .id = read.text("id"),
                  .sender = read.text("sender"),
                  .sent = read.time("sent"),
                  .since = read.time_or("since", read.time("sent")),
                  .visible = read.time("visible"),
                  .hidden = Millis(read.number_or("hidden", kHiddenMost.count())),
                  .receives = read.count("receives"),
                  .receives_elsewhere = read.count_or_none("receivesElsewhere"),
                  .received = read.time("received"),
                  .bytes = read.count("bytes"),
                  .parts = read.count("parts"),
                  .sealed = read.truth("sealed"),
                  .from = read.text("from")};
  read.expect(is_number(message.number) && document.key == message_key(message.queue, message.number));
  read.expect(message.receives_elsewhere <= message.receives && message.hidden <= kHiddenMost &&
              message.hidden >= Millis{0});
  read.expect(message.parts > 0 && message.parts <= kPartsMax);
  return read.finish(std::move(message));
}

std::string number_after(std::string_view last, Time now) {
  std::uint64_t before = 0;
  std::from_chars(last.data(), last.data() + last.size(), before, 16);
  const auto by_time =
      static_cast<std::uint64_t>(std::max<std::int64_t>(catalog::millis(now), 0)) * kNumbersAMilli;
  return fmt::format("{:016x}", std::max(before + 1, by_time));
}

Result<std::vector<std::string>> encode_content(const Message& message, const Content& content,
                                                const crypto::Sealer* sealer) {
  auto text = json::serialize(json::object{{"v", kContentFormat},
                                           {"body", content.body},
                                           {"attributes", content.attributes},
                                           {"trace", content.trace}});
  if (sealer != nullptr) {
    text = sealer->seal(ByteView(text), ByteView(binding_of(message)));
  }
  if (text.size() > kPartsMax * kPartBytes) {
    return Error{Errc::limit, "a message takes too many pieces", binding_of(message)};
  }
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size(); at += kPartBytes) {
    parts.push_back(text.substr(at, kPartBytes));
  }
  return parts;
}

Result<Content> decode_content(const Message& message, std::string_view text, const crypto::Sealer& sealer) {
  std::string opened;
  if (message.sealed) {
    CAIRN_TRY(const auto plain, sealer.open(ByteView(text), ByteView(binding_of(message))));
    opened = ByteView(plain.bytes()).text();
    text = opened;
  }
  catalog::DocumentReader read(binding_of(message), text, kContentFormat);
  Content content{
      .body = read.text("body"), .attributes = read.object("attributes"), .trace = read.text("trace")};
  return read.finish(std::move(content));
}

void put_state(const Message& message, catalog::Transaction& change) {
  change.writes.push_back({.key = message_key(message.queue, message.number),
                           .value = encode(message),
                           .expected = std::nullopt});
}

void put_content(const Message& message, const std::vector<std::string>& parts,
                 catalog::Transaction& change) {
  CAIRN_CHECK(parts.size() == message.parts);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    change.writes.push_back(
        {.key = content_key(message.queue, message.number, part), .value = parts[part], .expected = 0});
  }
}

void remove(const Message& message, catalog::Transaction& change) {
  change.writes.push_back(
      {.key = message_key(message.queue, message.number), .value = std::nullopt, .expected = std::nullopt});
  for (std::uint64_t part = 0; part < message.parts; ++part) {
    change.writes.push_back({.key = content_key(message.queue, message.number, part),
                             .value = std::nullopt,
                             .expected = std::nullopt});
  }
}

catalog::Expectation still_there(const Message& message) {
  return {.key = content_key(message.queue, message.number, 0), .version = 1};
}

std::string Receipt::text() const {
  return codec::base64_encode(fmt::format("{}:{}:{}:{}", kReceiptForm, queue, number, receive));
}

Result<Receipt> Receipt::parse(std::string_view text) {
  const Error wrong{Errc::invalid, "read a receipt handle"};
  const auto plain = codec::base64_decode(text);
  if (!plain || !plain->starts_with("1:")) {
    return wrong;
  }
  std::string_view rest(*plain);
  rest.remove_prefix(2);
  const auto first = rest.find(':');
  const auto second = first == std::string_view::npos ? first : rest.find(':', first + 1);
  if (second == std::string_view::npos) {
    return wrong;
  }
  Receipt receipt{.queue = std::string(rest.substr(0, first)),
                  .number = std::string(rest.substr(first + 1, second - first - 1))};
  const auto count = rest.substr(second + 1);
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), receipt.receive);
  if (error != std::errc{} || end != count.data() + count.size() || !is_number(receipt.number) ||
      receipt.queue.empty()) {
    return wrong;
  }
  return receipt;
}

std::string md5_of(std::string_view body) {
  return hex_md5(body);
}

std::string md5_of(const boost::json::object& attributes) {
  std::vector<std::string> names;
  for (const auto& [name, value] : attributes) {
    names.emplace_back(name);
  }
  std::ranges::sort(names);
  std::string bytes;
  for (const auto& name : names) {
    const auto& attribute = attribute_in(attributes.at(name));
    append_sized(bytes, name);
    append_sized(bytes, json::find_string(attribute, "DataType").value_or(""));
    bytes.push_back(attribute.contains("BinaryValue") ? kBinaryType : kTextType);
    append_sized(bytes, value_of(attribute));
  }
  return hex_md5(bytes);
}

std::size_t bytes_of(const boost::json::object& attributes) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : attributes) {
    const auto& attribute = attribute_in(value);
    bytes += name.size() + json::find_string(attribute, "DataType").value_or("").size() +
             value_of(attribute).size();
  }
  return bytes;
}

}  // namespace cairn::queues
