// A key's life: shown, listed, switched off and on, described anew, deleted after a while. Tested by kms_test.cc.
#include "json/json.h"
#include "services/kms/describe.h"
#include "services/kms/operations.h"

namespace cairn::services::kms {
namespace {

constexpr std::int64_t kWindowLeast = 7;
constexpr std::int64_t kWindowMost = 30;

Answer switched(Call& call, Asked& asked, bool on) {
  auto& key = asked.keys.front();
  CAIRN_TRY_VOID(check_not_pending(key.value));
  key.value.enabled = on;
  return changed(call, key);
}

}  // namespace

Task<Answer> describe_key(const Dependencies& /*on*/, Call& /*call*/, Asked asked) {
  Outcome outcome;
  outcome.output["KeyMetadata"] = described(asked.keys.front().value);
  co_return outcome;
}

Task<Answer> list_keys(const Dependencies& on, Call& call, Asked /*asked*/) {
  CAIRN_CO_TRY(auto after, marker_in(call));
  const auto most = static_cast<std::size_t>(
      json::find_int(call.input, "Limit").value_or(static_cast<std::int64_t>(Limits::page_usual)));
  const auto prefix = keys::key_prefix(call.account, call.region);
  json::array list;
  bool truncated = false;
  for (bool more = true; more;) {
    const auto page = co_await on.catalog.scan(prefix, after.empty() ? "" : prefix + after, most + 1);
    if (!page) {
      co_return fault::failure(page.error());
    }
    more = !page->empty();
    for (const auto& document : *page) {
      if (list.size() == most) {
        truncated = true;
        more = false;
        break;
      }
      const auto key = keys::decode_key(document);
      if (!key) {
        co_return fault::failure(key.error());
      }
      after = document.key.substr(prefix.size());
      if (!key->is_due(call.time)) {
        list.push_back(json::object{{"KeyId", key->id}, {"KeyArn", key->arn()}});
      }
    }
  }
  Outcome outcome;
  outcome.output["Keys"] = std::move(list);
  mark(outcome.output, truncated, after);
  co_return outcome;
}

Task<Answer> enable_key(const Dependencies& /*on*/, Call& call, Asked asked) {
  co_return switched(call, asked, true);
}

Task<Answer> disable_key(const Dependencies& /*on*/, Call& call, Asked asked) {
  co_return switched(call, asked, false);
}

Task<Answer> update_key_description(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& key = asked.keys.front();
  CAIRN_CO_TRY_VOID(check_not_pending(key.value));
  key.value.description = text(call, "Description");
  co_return changed(call, key);
}

Task<Answer> schedule_key_deletion(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& key = asked.keys.front();
  CAIRN_CO_TRY_VOID(check_not_pending(key.value));
  const auto days = json::find_int(call.input, "PendingWindowInDays").value_or(kWindowMost);
  if (days < kWindowLeast || days > kWindowMost) {
    co_return fault::validation("PendingWindowInDays must be between 7 and 30, inclusive.");
  }
  key.value.deletion = call.time + std::chrono::days(days);
  key.value.window_days = days;
  auto outcome = changed(call, key);
  outcome.output = {{"KeyId", key.value.arn()},
                    {"DeletionDate", seconds(*key.value.deletion)},
                    {"KeyState", std::string(keys::to_string(key.value.state()))},
                    {"PendingWindowInDays", days}};
  call.record.response_elements.reset();
  co_return outcome;
}

// The key is disabled then, as in AWS.
Task<Answer> cancel_key_deletion(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& key = asked.keys.front();
  if (!key.value.deletion) {
    co_return fault::not_pending_deletion(key.value.arn());
  }
  key.value.deletion.reset();
  key.value.window_days = 0;
  key.value.enabled = false;
  auto outcome = changed(call, key);
  outcome.output["KeyId"] = key.value.arn();
  co_return outcome;
}

}  // namespace cairn::services::kms
