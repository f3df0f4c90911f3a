// Any policy of an upload form: the first line is the document, each further one a field of the form. It is
// refused, or what it allows is within its bounds, and only before it expires.
#include "base/check.h"
#include "front/post_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto policy = text.substr(0, text.find('\n'));
  text.remove_prefix(policy.size());
  front::FormFields fields;
  while (!text.empty()) {
    text.remove_prefix(1);
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size());
    const auto equals = std::min(line.find('='), line.size());
    fields.emplace_back(line.substr(0, equals), line.substr(std::min(equals + 1, line.size())));
  }
  const Time now{Millis{1'772'446'500'000}};
  if (const auto rules = front::check_post_policy(policy, fields, "mine", now)) {
    CAIRN_CHECK(front::check_post_policy(policy, fields, "mine", now - Millis{1}).has_value());
    const Time never{Millis{253'402'300'800'000}};  // the year 10000
    CAIRN_CHECK(!front::check_post_policy(policy, fields, "mine", never).has_value());
    auto more = fields;
    more.emplace_back("x-amz-meta-not-in-any-policy", "x");
    CAIRN_CHECK(policy.find("x-amz-meta-not-in-any-policy") != std::string_view::npos ||
                !front::check_post_policy(policy, more, "mine", now).has_value());
  } else {
    CAIRN_CHECK(!rules.error().code.empty());
  }
  return 0;
}
