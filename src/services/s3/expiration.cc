// Tested by expiration_test.cc.
#include "services/s3/expiration.h"

#include "codec/uri.h"
#include "json/json.h"
#include "services/s3/lifecycle_rules.h"
#include "services/s3/settings.h"

namespace cairn::services::s3 {

Task<Result<void, aws::Fault>> show_expiration(const Dependencies& on, const Bucket& bucket,
                                               const Object& object, json::object& output) {
  CAIRN_CO_TRY(const auto configuration, co_await find_setting(on, "lifecycle", bucket));
  if (!configuration) {
    co_return Result<void, aws::Fault>{};
  }
  const Subject subject{.key = object.key, .size = object.size, .tags = object.tags};
  if (const auto expiry = expiry_of(enabled_rules(*configuration), subject, object.modified)) {
    output["Expiration"] = "expiry-date=\"" + http_date(expiry->when) + "\", rule-id=\"" +
                           codec::percent_encode(expiry->rule) + "\"";
  }
  co_return Result<void, aws::Fault>{};
}

}  // namespace cairn::services::s3
