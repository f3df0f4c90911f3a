// Tested by documents_test.cc; live_documents_fuzz.cc.
#include "live/documents.h"

#include <fmt/format.h>

#include <algorithm>

#include "json/json.h"
#include "match/eventbridge.h"

namespace cairn::live {
namespace {

Error invalid(std::string what) {
  return {Errc::invalid, std::move(what)};
}

Result<void> only_these(const json::object& document, std::initializer_list<std::string_view> members) {
  for (const auto& [name, value] : document) {
    if (std::ranges::find(members, std::string_view(name)) == members.end()) {
      return invalid(fmt::format("unknown member: {}", std::string_view(name)));
    }
  }
  return {};
}

Result<std::shared_ptr<const match::Pattern>> pattern_of(const json::object& document,
                                                         std::string_view member) {
  const auto* const pattern = json::find_object(document, member);
  if (pattern == nullptr) {
    return invalid(fmt::format("{} must be an event pattern, a JSON object", member));
  }
  auto read = match::parse_event_pattern(json::serialize(*pattern));
  if (!read) {
    return invalid(fmt::format("{}: {}", member, read.error().text()));
  }
  return std::make_shared<const match::Pattern>(*std::move(read));
}

Result<std::string> since_of(const json::object& document, std::string_view otherwise) {
  const auto* const since = json::find(document, "since");
  if (since == nullptr && !otherwise.empty()) {
    return std::string(otherwise);
  }
  if (since == nullptr || !since->is_string()) {
    return invalid("since must be a mark, a time, how long ago, or now");
  }
  return std::string(json::text_of(since->get_string()));
}

// -1: it is not there.
Result<std::int64_t> count_of(const json::object& document, std::string_view member) {
  if (json::find(document, member) == nullptr) {
    return -1;
  }
  const auto count = json::find_int(document, member);
  if (!count || *count < 0) {
    return invalid(fmt::format("{} must be a number of events", member));
  }
  return *count;
}

Result<Expectation> expectation_of(const json::object& document, std::size_t place) {
  CAIRN_TRY_VOID(only_these(document, {"name", "pattern", "count", "at_least", "at_most"}));
  Expectation expectation{.name = fmt::format("expectation {}", place + 1), .least = 1, .most = {}};
  if (const auto name = json::find_string(document, "name")) {
    expectation.name = *name;
  }
  CAIRN_TRY(const auto count, count_of(document, "count"));
  CAIRN_TRY(const auto least, count_of(document, "at_least"));
  CAIRN_TRY(const auto most, count_of(document, "at_most"));
  if (count >= 0 && (least >= 0 || most >= 0)) {
    return invalid("an expectation has count, or at_least and at_most");
  }
  if (least >= 0 || most >= 0 || count >= 0) {
    expectation.least = static_cast<std::uint64_t>(std::max({count, least, std::int64_t{0}}));
  }
  if (count >= 0 || most >= 0) {
    expectation.most = static_cast<std::uint64_t>(std::max(count, most));
  }
  if (expectation.most && *expectation.most < expectation.least) {
    return invalid("at_most is less than at_least");
  }
  return expectation;
}

Result<Millis> wait_of(const json::object& document, Millis wait_max) {
  if (json::find(document, "wait") == nullptr) {
    return Millis{0};
  }
  const auto text = json::find_string(document, "wait");
  const auto wait = parse_duration(text.value_or(""));
  if (!wait || *wait > wait_max) {
    return invalid(fmt::format("wait must be a duration of {} seconds at most", wait_max.count() / 1000));
  }
  return *wait;
}

Result<const json::object*> object_in(const json::value& value, std::string_view where) {
  if (!value.is_object()) {
    return invalid(fmt::format("{} must be objects", where));
  }
  return &value.get_object();
}

}  // namespace

std::string Expectation::wanted() const {
  if (!most) {
    return fmt::format("at least {}", least);
  }
  if (*most == 0) {
    return "none";
  }
  return *most == least ? fmt::format("exactly {}", least) : fmt::format("{} to {}", least, *most);
}

Result<TailQuestion> tail_question(std::string_view text) {
  TailQuestion question;
  if (text.empty()) {
    return question;
  }
  CAIRN_TRY(const auto document, json::parse_object(text));
  CAIRN_TRY_VOID(only_these(document, {"pattern", "since", "follow"}));
  CAIRN_TRY(question.since, since_of(document, "now"));
  if (const auto* const follow = json::find(document, "follow"); follow != nullptr) {
    if (!follow->is_bool()) {
      return invalid("follow must be true or false");
    }
    question.follow = follow->get_bool();
  }
  if (json::find(document, "pattern") != nullptr) {
    CAIRN_TRY(auto pattern, pattern_of(document, "pattern"));
    CAIRN_TRY(question.matcher, match::compile({{{.owner = 0, .id = 0, .pattern = std::move(pattern)}}}));
  }
  return question;
}

Result<AssertQuestion> assert_question(std::string_view text, const Limits& limits) {
  AssertQuestion question;
  CAIRN_TRY(const auto document, json::parse_object(text));
  CAIRN_TRY_VOID(only_these(document, {"since", "until", "wait", "expect", "only"}));
  CAIRN_TRY(question.since, since_of(document, ""));
  CAIRN_TRY(question.wait, wait_of(document, limits.wait_max));
  if (const auto* const until = json::find(document, "until"); until != nullptr) {
    CAIRN_TRY(question.until, Mark::parse(json::find_string(document, "until").value_or("")));
  }
  const auto* const expect = json::find_array(document, "expect");
  if (expect == nullptr || expect->empty() || expect->size() > limits.expectations_max) {
    return invalid(fmt::format("expect must have 1 to {} expectations", limits.expectations_max));
  }
  std::vector<match::OwnedPattern> patterns;
  for (const auto& value : *expect) {
    CAIRN_TRY(const auto* const one, object_in(value, "the members of expect"));
    CAIRN_TRY(auto expectation, expectation_of(*one, patterns.size()));
    CAIRN_TRY(auto pattern, pattern_of(*one, "pattern"));
    patterns.push_back({.owner = 0, .id = patterns.size(), .pattern = std::move(pattern)});
    question.expectations.push_back(std::move(expectation));
  }
  question.only = json::find(document, "only") != nullptr;
  if (question.only) {
    CAIRN_TRY(auto pattern, pattern_of(document, "only"));
    patterns.push_back({.owner = 0, .id = patterns.size(), .pattern = std::move(pattern)});
  }
  CAIRN_TRY(question.matcher, match::compile(patterns));
  return question;
}

}  // namespace cairn::live
