// Any setting of a bucket, as the wire's decoder gives it: the first byte picks which, the rest is JSON. It
// is refused with a code, or taken; a lifecycle that is taken is read by the job that applies it, and what is
// taken is taken again.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/check.h"
#include "services/s3/lifecycle_rules.h"
#include "services/s3/setting_checks.h"

namespace {

using namespace cairn::services::s3;

void apply(const boost::json::object& configuration) {
  const std::map<std::string, std::string> tags{{"a", "b"}};
  const Subject subject{.key = "p/x", .size = 7, .tags = tags};
  const cairn::Time modified{cairn::Millis{1'772'446'500'000}};
  const auto rules = enabled_rules(configuration);
  CAIRN_CHECK(!configuration.contains("Rules") ||
              rules.size() <= configuration.at("Rules").as_array().size());
  if (const auto expiry = expiry_of(rules, subject, modified)) {
    CAIRN_CHECK(expiry->rule.size() <= 255);
  }
  (void)noncurrent_expiry_of(rules, subject, modified, 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr Checked (*kChecks[])(boost::json::object&) = {
      check_lifecycle,          check_cors,         check_tagging,
      check_encryption,         check_notification, check_ownership,
      check_public_access_block};
  if (size == 0) {
    return 0;
  }
  const auto check = kChecks[data[0] % std::size(kChecks)];
  boost::system::error_code failed;
  auto parsed = boost::json::parse({reinterpret_cast<const char*>(data) + 1, size - 1}, failed);
  if (failed || !parsed.is_object()) {
    return 0;
  }
  auto& configuration = parsed.as_object();
  const auto taken = check(configuration);
  if (!taken) {
    CAIRN_CHECK(!taken.error().code.empty());
    return 0;
  }
  if (check == check_lifecycle) {
    apply(configuration);
  }
  CAIRN_CHECK(check(configuration).has_value());
  return 0;
}
