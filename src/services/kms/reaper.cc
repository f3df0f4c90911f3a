// Tested by reaper_test.cc.
#include "services/kms/reaper.h"

#include "async/loops.h"
#include "base/check.h"
#include "base/log.h"
#include "crypto/random.h"
#include "event/outbox_row.h"
#include "event/record.h"
#include "json/json.h"
#include "keys/grant.h"

namespace cairn::services::kms {
namespace {

constexpr std::string_view kPrincipal = "kms.amazonaws.com";
constexpr Millis kNap{100};
constexpr std::size_t kReapPage = 1000;

std::string record_of_end(const keys::Key& key, Time now) {
  event::Record record;
  record.identity.type = "AWSService";
  record.identity.invoked_by = kPrincipal;
  record.time = now;
  record.source = kPrincipal;
  record.name = "DeleteKey";
  record.region = key.region;
  record.source_address = kPrincipal;
  record.user_agent = kPrincipal;
  record.response_elements = json::object{{"keyId", key.arn()}};
  record.event_id = crypto::uuid4();
  record.resources = {{.arn = key.arn(), .account_id = key.account, .type = "AWS::KMS::Key", .arn_prefix = {}}};
  record.type = "AwsServiceEvent";
  record.recipient_account = key.account;
  return event::to_json(record);
}

}  // namespace

void Reaper::start(async::Executor executor) {
  CAIRN_CHECK(gate_.spawn(std::move(executor), run()));
}

void Reaper::stop() {
  stopping_ = true;
  gate_.close();
  while (!gate_.wait_empty(Millis{10'000})) {
    log::warn("the reaper of keys is slow to stop");
  }
}

Task<void> Reaper::run() {
  while (!stopping_) {
    const auto reaped = co_await reap();
    if (!reaped) {
      log::warn("cannot remove keys that are due, trying again later", {{"error", reaped.error().text()}});
    } else if (*reaped > 0) {
      log::info("keys were due and are gone", {{"keys", *reaped}});
    }
    for (Millis waited{0}; !stopping_ && waited < kEvery; waited += kNap) {
      co_await async::sleep(kNap);
    }
  }
}

Task<Result<std::size_t>> Reaper::reap() {
  std::size_t count = 0;
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page, co_await catalog_.scan(std::string(keys::kKeysPrefix), after, kReapPage));
    if (page.empty()) {
      break;
    }
    for (const auto& document : page) {
      after = document.key;
      auto key = keys::decode_key(document);
      if (!key) {
        log::error("a key's document cannot be read", {{"error", key.error().text()}});
        continue;
      }
      if (key->is_due(wall_.now())) {
        keys::Stored<keys::Key> due{.value = *std::move(key), .version = document.version};
        CAIRN_CO_TRY(const bool gone, co_await remove(std::move(due)));
        count += gone ? 1 : 0;
      }
    }
  }
  co_return count;
}

Task<Result<bool>> Reaper::remove(keys::Stored<keys::Key> key) {
  const auto& value = key.value;
  catalog::Transaction change;
  change.writes.push_back({.key = keys::key_key(value.account, value.region, value.id),
                           .value = std::nullopt,
                           .expected = key.version});
  for (const auto& alias : value.aliases) {
    change.writes.push_back({.key = keys::alias_key(value.account, value.region, alias),
                             .value = std::nullopt,
                             .expected = std::nullopt});
  }
  CAIRN_CO_TRY(const auto grants, co_await keys::grants_of(catalog_, value));
  for (const auto& grant : grants) {
    change.writes.push_back({.key = keys::grant_key(grant.value), .value = std::nullopt, .expected = std::nullopt});
  }
  change.outbox.push_back(
      event::encode_outbox_row(event::Kind::record, value.account, record_of_end(value, wall_.now())));
  const auto committed = co_await catalog_.commit(std::move(change));
  if (!committed && committed.error().code == Errc::conflict) {
    co_return false;
  }
  CAIRN_CO_TRY_VOID(committed);
  co_return true;
}

}  // namespace cairn::services::kms
