// SendMessage, one or ten at a time. Tested by sqs_test.cc.
#include <fmt/format.h>

#include <algorithm>

#include "codec/base64.h"
#include "codec/utf8.h"
#include "crypto/random.h"
#include "json/json.h"
#include "services/sqs/operations.h"

namespace cairn::services::sqs {
namespace {

using MailboxPtr = std::shared_ptr<queues::Mailbox>;

constexpr std::size_t kAttributeNameMax = 256;
constexpr std::string_view kTrace = "AWSTraceHeader";

// The characters that XML 1.0 has.
bool is_text(std::string_view text) {
  if (!codec::valid_utf8(text) || text.find("\xEF\xBF\xBE") != std::string_view::npos ||
      text.find("\xEF\xBF\xBF") != std::string_view::npos) {
    return false;
  }
  return std::ranges::all_of(text, [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r';
  });
}

aws::Fault bad_attribute(std::string_view name, std::string_view why) {
  return {.code = "InvalidParameterValue",
          .status = 400,
          .message = fmt::format("The message attribute '{}' {}",
                                 std::string(name.substr(0, kAttributeNameMax)), why)};
}

Found<void> check_attribute_name(std::string_view name) {
  const bool sound =
      !name.empty() && name.size() <= kAttributeNameMax && std::ranges::all_of(name, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               c == '-' || c == '.';
      });
  const auto lower = codec::lower(name);
  const bool taken = lower.starts_with("aws.") || lower.starts_with("amazon.");
  return sound && !taken && !name.starts_with('.') && !name.ends_with('.') &&
                 name.find("..") == std::string_view::npos
             ? Found<void>()
             : bad_attribute(name, "has a name that is not allowed.");
}

Found<void> check_attribute(std::string_view name, const json::object& attribute) {
  CAIRN_TRY_VOID(check_attribute_name(name));
  if (attribute.contains("StringListValues") || attribute.contains("BinaryListValues")) {
    return bad_attribute(name, "has a list of values, which is not supported.");
  }
  const auto type = text(attribute, "DataType");
  const auto base = type.substr(0, type.find('.'));
  const bool binary = base == "Binary";
  if (type.size() > Limits::attribute_type_bytes_max || !is_text(type)) {
    return bad_attribute(name, "has a data type that is longer than 256 bytes, or no text.");
  }
  if (!binary && base != "String" && base != "Number") {
    return bad_attribute(
        name,
        "has an invalid message attribute type, the set of supported type prefixes is Binary, "
        "Number, and String.");
  }
  const auto value = text(attribute, binary ? "BinaryValue" : "StringValue");
  if (value.empty() || attribute.contains(binary ? "StringValue" : "BinaryValue")) {
    return bad_attribute(name, fmt::format("must contain a non-empty value of type {}.", base));
  }
  return binary || is_text(value) ? Found<void>() : fault::invalid_contents();
}

// Null members are as good as absent.
json::object without_nulls(const json::object& given) {
  json::object kept;
  for (const auto& [name, value] : given) {
    if (!value.is_null()) {
      kept[name] = value;
    }
  }
  return kept;
}

Found<json::object> attributes_in(const json::object& entry) {
  json::object attributes;
  const auto* given = json::find_object(entry, "MessageAttributes");
  for (const auto& [name, value] : given != nullptr ? *given : json::object()) {
    auto attribute = value.is_object() ? without_nulls(value.get_object()) : json::object();
    CAIRN_TRY_VOID(check_attribute(name, attribute));
    attributes[name] = std::move(attribute);
  }
  return attributes.size() <= Limits::attributes_max
             ? Found<json::object>(std::move(attributes))
             : fault::invalid_parameter("MessageAttributes", std::to_string(attributes.size()),
                                        "Number of message attributes exceeds the allowed maximum [10].");
}

Found<json::object> system_attributes_in(const json::object& entry) {
  const auto* given = json::find_object(entry, "MessageSystemAttributes");
  if (given == nullptr || given->empty()) {
    return json::object();
  }
  const auto* trace = json::find_object(*given, kTrace);
  const auto value = trace != nullptr ? text(*trace, "StringValue") : std::string();
  if (value.empty() || given->size() != 1 || text(*trace, "DataType") != "String") {
    return fault::invalid_parameter("MessageSystemAttributes", given->begin()->key(),
                                    "There is AWSTraceHeader, of type String.");
  }
  if (value.size() > queues::Limits::trace_bytes_max) {
    return fault::invalid_parameter("AWSTraceHeader", value, "It is longer than a trace header is.");
  }
  if (!is_text(value)) {
    return fault::invalid_contents();
  }
  return json::object{{kTrace, json::object{{"DataType", "String"}, {"StringValue", value}}}};
}

Found<void> refuse_fifo(const json::object& entry) {
  for (const auto* member : {"MessageDeduplicationId", "MessageGroupId"}) {
    if (json::find(entry, member) != nullptr) {
      return fault::invalid_parameter(member, text(entry, member),
                                      "The request include parameter that is not valid for this queue type");
    }
  }
  return {};
}

struct Letter {
  queues::Message message{};
  std::vector<std::string> parts{};
  json::object answer{};
};

class Sending {
 public:
  Sending(const Dependencies& on, const Call& call, const queues::Queue& queue, MailboxPtr mailbox)
      : on_(on), call_(call), queue_(queue), mailbox_(std::move(mailbox)) {}

  Found<Letter> letter_of(const json::object& entry) const {
    CAIRN_TRY_VOID(refuse_fifo(entry));
    queues::Content content{.body = text(entry, "MessageBody")};
    if (content.body.empty()) {
      return fault::missing_parameter("MessageBody");
    }
    if (!is_text(content.body)) {
      return fault::invalid_contents();
    }
    CAIRN_TRY(content.attributes, attributes_in(entry));
    CAIRN_TRY(const auto system, system_attributes_in(entry));
    if (!system.empty()) {
      content.trace = text(system.at(kTrace).get_object(), "StringValue");
    }
    const auto& settings = queue_.settings;
    const auto bytes = content.body.size() + queues::bytes_of(content.attributes);
    if (bytes > static_cast<std::size_t>(settings.message_bytes)) {
      return fault::too_long(settings.message_bytes);
    }
    CAIRN_TRY(const auto delay,
              number_in(entry, "DelaySeconds",
                        {.usual = settings.delay, .least = 0, .most = queues::Limits::delay_seconds_max}));
    return made(content, system, bytes, std::chrono::seconds(delay));
  }

 private:
  Found<Letter> made(const queues::Content& content, const json::object& system, std::size_t bytes,
                     std::chrono::seconds delay) const {
    const auto& who = call_.caller.principal;
    Letter letter;
    letter.message = {.queue = queue_.id,
                      .number = mailbox_->next_number(),
                      .id = crypto::uuid4(),
                      .sender = who.id.empty() ? who.name : who.id,
                      .sent = on_.wall.now(),
                      .since = mailbox_->now(),
                      .bytes = bytes,
                      .sealed = queue_.settings.sealed};
    queues::hide(letter.message, letter.message.since, delay);
    auto parts =
        queues::encode_content(letter.message, content, queue_.settings.sealed ? &on_.sealer : nullptr);
    if (!parts) {
      return fault::too_long(queue_.settings.message_bytes);
    }
    letter.parts = *std::move(parts);
    letter.message.parts = letter.parts.size();
    letter.answer["MD5OfMessageBody"] = queues::md5_of(content.body);
    if (!content.attributes.empty()) {
      letter.answer["MD5OfMessageAttributes"] = queues::md5_of(content.attributes);
    }
    if (!system.empty()) {
      letter.answer["MD5OfMessageSystemAttributes"] = queues::md5_of(system);
    }
    letter.answer["MessageId"] = letter.message.id;
    return letter;
  }

  const Dependencies& on_;
  const Call& call_;
  const queues::Queue& queue_;
  const MailboxPtr mailbox_;
};

Found<void> check_room(const Dependencies& on, const queues::Mailbox& mailbox) {
  if (mailbox.messages() >= on.room.messages_max) {
    return fault::full("The queue holds as many messages as it may");
  }
  const auto& of_account = mailbox.totals();
  if (of_account.messages() >= on.room.account_messages_max ||
      of_account.bytes() >= on.room.account_bytes_max) {
    return fault::full("The account's queues together hold as much as they may");
  }
  if (on.mailboxes.messages() >= on.room.messages_in_all_max ||
      on.mailboxes.bytes() >= on.room.bytes_in_all_max) {
    return fault::full("All queues together hold as much as they may");
  }
  return {};
}

// Into the queue as it was read: if it goes, or is purged, meanwhile, this conflicts.
void post(const queues::StoredQueue& queue, const MailboxPtr& mailbox, const std::vector<Letter>& letters,
          Outcome& outcome) {
  std::vector<queues::Message> messages;
  for (const auto& letter : letters) {
    queues::put_state(letter.message, outcome.effects);
    queues::put_content(letter.message, letter.parts, outcome.effects);
    messages.push_back(letter.message);
  }
  outcome.effects.expectations.push_back(queues::unchanged(queue));
  outcome.after_commit = [mailbox,
                          messages = std::move(messages)](const Result<catalog::Committed>& committed) {
    if (committed) {
      std::ranges::for_each(messages, [&](const auto& message) { mailbox->add(message); });
    } else if (committed.error().code == Errc::unknown) {
      mailbox->doubt();
    }
  };
}

}  // namespace

Task<Answer> send_message(const Dependencies& on, Call& call, Asked asked) {
  const auto& queue = asked.queue->value;
  CAIRN_CO_TRY(const auto mailbox, co_await mailbox_of(on, queue));
  CAIRN_CO_TRY_VOID(check_room(on, *mailbox));
  const Sending sending(on, call, queue, mailbox);
  CAIRN_CO_TRY(auto letter, sending.letter_of(call.input));
  Outcome outcome;
  outcome.output = letter.answer;
  std::vector<Letter> letters;
  letters.push_back(std::move(letter));
  post(*asked.queue, mailbox, letters, outcome);
  co_return outcome;
}

Task<Answer> send_message_batch(const Dependencies& on, Call& call, Asked asked) {
  const auto& queue = asked.queue->value;
  CAIRN_CO_TRY(const auto entries, entries_of(call));
  CAIRN_CO_TRY(const auto mailbox, co_await mailbox_of(on, queue));
  CAIRN_CO_TRY_VOID(check_room(on, *mailbox));
  const Sending sending(on, call, queue, mailbox);
  std::vector<Letter> letters;
  json::array sent;
  json::array refused;
  std::size_t bytes = 0;
  for (const auto* entry : entries) {
    const auto id = text(*entry, "Id");
    auto letter = sending.letter_of(*entry);
    if (!letter) {
      refused.push_back(failed(id, letter.error()));
      continue;
    }
    bytes += letter->message.bytes;
    json::object answer{{"Id", id}};
    answer.insert(letter->answer.begin(), letter->answer.end());
    sent.push_back(std::move(answer));
    letters.push_back(*std::move(letter));
  }
  if (bytes > queues::Limits::message_bytes_max) {
    co_return fault::batch_too_long(bytes);
  }
  Outcome outcome;
  outcome.output = {{"Successful", std::move(sent)}, {"Failed", std::move(refused)}};
  if (!letters.empty()) {
    post(*asked.queue, mailbox, letters, outcome);
  }
  co_return outcome;
}

}  // namespace cairn::services::sqs
