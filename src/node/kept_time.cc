// Tested by kept_time_test.cc and conformance/test_clock.py.
#include "node/kept_time.h"

#include <algorithm>

#include "json/json.h"

namespace cairn::node {
namespace {

constexpr std::string_view kTimeKey = "node/time";

}  // namespace

Task<Result<Time>> kept_time(catalog::Catalog& catalog, Time now) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(std::string(kTimeKey)));
  if (!document) {
    co_return now;
  }
  CAIRN_CO_TRY(const auto object, json::parse_object(document->value));
  const auto millis = json::find_int(object, "millis");
  if (!millis) {
    co_return Error{Errc::corrupt, "the time that was kept is not what was written", std::string(kTimeKey)};
  }
  co_return std::min(now, Time{Millis{*millis}});
}

Task<Result<void>> keep_time(catalog::Catalog& catalog, Time time) {
  catalog::Transaction transaction;
  transaction.writes.push_back(
      {.key = std::string(kTimeKey),
       .value = json::serialize(json::object{{"millis", time.time_since_epoch().count()}}),
       .expected = std::nullopt});
  CAIRN_CO_TRY_VOID(co_await catalog.commit(std::move(transaction)));
  co_return Result<void>{};
}

}  // namespace cairn::node
