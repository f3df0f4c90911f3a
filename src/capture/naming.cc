// Tested by capture_test.cc.
#include "capture/naming.h"

#include <algorithm>
#include <array>

#include "codec/uri.h"

namespace cairn::capture {
namespace {

bool is_word(std::string_view text) {
  constexpr auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.size() <= kNameBytesMax && std::ranges::all_of(text, is_letter);
}

// A signing name as it may stand in an event source: what a caller writes into a scope is not to be trusted
// with more.
bool is_service_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

std::string action_in(std::string_view pairs, bool is_form) {
  if (const auto parsed = codec::parse_query(pairs, is_form)) {
    for (const auto& [key, text] : *parsed) {
      if (key == "Action" && is_word(text)) {
        return text;
      }
    }
  }
  return {};
}

// What an unknown call says of itself: its target's last part, its action, its operation's path.
std::string said_name(const codec::RequestHead& head, std::string_view form) {
  const auto target = head.headers.get("X-Amz-Target");
  if (const auto name = target.substr(target.rfind('.') + 1); is_word(name)) {
    return std::string(name);
  }
  constexpr std::string_view kOperation = "/operation/";
  if (const auto at = head.path().find(kOperation); at != std::string_view::npos) {
    if (const auto name = head.path().substr(at + kOperation.size()); is_word(name)) {
      return std::string(name);
    }
  }
  auto action = action_in(head.query(), false);
  return action.empty() ? action_in(form, true) : action;
}

bool is_reading_method(std::string_view method) {
  constexpr std::array<std::string_view, 2> kReading = {"GET", "HEAD"};
  return std::ranges::find(kReading, method) != kReading.end();
}

// The service as far as it is known: the model's, or the signature's.
std::string service_of(const Subject& subject) {
  if (subject.refusal != nullptr && subject.refusal->service != nullptr) {
    return std::string(event::service_name(*subject.refusal->service));
  }
  return is_service_name(subject.scope_service) ? std::string(subject.scope_service) : "unknown";
}

}  // namespace

CallName call_name(const Subject& subject, const codec::RequestHead& request, std::string_view form) {
  if (subject.call != nullptr) {
    const auto service = event::service_name(*subject.call->service);
    const auto& operation = subject.call->operation->name;
    const auto what = event::classify(service, operation);
    return {event::event_source(service), event::event_name(service, operation), what.category,
            what.read_only};
  }
  const auto service = service_of(subject);
  auto name = said_name(request, form);
  if (name.empty()) {
    return {event::event_source(service), is_word(request.method) ? request.method : "Unknown",
            event::Category::management, is_reading_method(request.method)};
  }
  const auto what = event::classify(service, name);
  // What a caller calls it does not make it a read.
  const bool reads = what.read_only && is_reading_method(request.method);
  return {event::event_source(service), std::move(name), what.category, reads};
}

}  // namespace cairn::capture
