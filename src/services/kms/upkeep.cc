// Tested by upkeep_test.cc.
#include "services/kms/upkeep.h"

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
constexpr std::size_t kPage = 1000;

std::string row_of(std::string_view event_name, const keys::Key& key, Time now) {
  event::Record record;
  record.identity.type = "AWSService";
  record.identity.invoked_by = kPrincipal;
  record.time = now;
  record.source = kPrincipal;
  record.name = event_name;
  record.region = key.region;
  record.source_address = kPrincipal;
  record.user_agent = kPrincipal;
  record.response_elements = json::object{{"keyId", key.arn()}};
  record.event_id = crypto::uuid4();
  record.resources = {
      {.arn = key.arn(), .account_id = key.account, .type = "AWS::KMS::Key", .arn_prefix = {}}};
  record.type = "AwsServiceEvent";
  record.recipient_account = key.account;
  return event::encode_outbox_row(event::Kind::record, key.account, event::to_json(record));
}

}  // namespace

void Upkeep::start(async::Executor executor) {
  CAIRN_CHECK(gate_.spawn(std::move(executor), run()));
}

void Upkeep::stop() {
  stopping_ = true;
  gate_.close();
  while (!gate_.wait_empty(Millis{10'000})) {
    log::warn("the upkeep of keys is slow to stop");
  }
}

Task<void> Upkeep::run() {
  while (!stopping_) {
    const auto done = co_await pass();
    if (!done) {
      log::warn("cannot do what is due to keys, trying again later", {{"error", done.error().text()}});
    } else if (done->removed + done->rotated > 0) {
      log::info("did what was due to keys", {{"removed", done->removed}, {"rotated", done->rotated}});
    }
    for (Millis waited{0}; !stopping_ && waited < kEvery; waited += kNap) {
      co_await async::sleep(kNap);
    }
  }
}

Task<Result<Upkeep::Done>> Upkeep::pass() {
  Done done;
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page, co_await catalog_.scan(std::string(keys::kKeysPrefix), after, kPage));
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
      keys::Stored<keys::Key> stored{.value = *std::move(key), .version = document.version};
      const auto next = stored.value.next_rotation();
      if (stored.value.is_due(wall_.now())) {
        CAIRN_CO_TRY(const bool gone, co_await remove(std::move(stored)));
        done.removed += gone ? 1 : 0;
      } else if (next && wall_.now() >= *next) {
        CAIRN_CO_TRY(const bool rotated, co_await rotate(std::move(stored)));
        done.rotated += rotated ? 1 : 0;
      }
    }
  }
  co_return done;
}

Task<Result<bool>> Upkeep::remove(keys::Stored<keys::Key> key) {
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
    change.writes.push_back(
        {.key = keys::grant_key(grant.value), .value = std::nullopt, .expected = std::nullopt});
  }
  change.outbox.push_back(row_of("DeleteKey", value, wall_.now()));
  co_return co_await commit(std::move(change));
}

// A disabled key rotates on, as in AWS.
Task<Result<bool>> Upkeep::rotate(keys::Stored<keys::Key> key) {
  keys::add_material(key.value, sealer_, keys::new_material(), wall_.now(), false);
  catalog::Transaction change;
  change.writes.push_back(keys::put(key.value, key.version));
  change.outbox.push_back(row_of("RotateKey", key.value, wall_.now()));
  co_return co_await commit(std::move(change));
}

Task<Result<bool>> Upkeep::commit(catalog::Transaction change) {
  const auto committed = co_await catalog_.commit(std::move(change));
  if (!committed && committed.error().code == Errc::conflict) {
    co_return false;
  }
  CAIRN_CO_TRY_VOID(committed);
  co_return true;
}

}  // namespace cairn::services::kms
