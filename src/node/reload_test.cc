#include "node/reload.h"

#include <gtest/gtest.h>

namespace cairn::node {
namespace {

TEST(Reload, SaysWhatOnlyAStartChanges) {
  Config running;
  EXPECT_TRUE(needs_restart(running, running).empty());
  Config fresh;
  fresh.log.level = log::Level::debug;
  fresh.log.format = log::Format::json;
  EXPECT_TRUE(needs_restart(running, fresh).empty());
  fresh.listen = "127.0.0.1:1";
  fresh.delivery.interval = Millis{60'000};
  const auto changed = needs_restart(running, fresh);
  ASSERT_EQ(changed.size(), 2U);
  EXPECT_EQ(changed[0].setting, "listen");
  EXPECT_EQ(changed[0].running, "127.0.0.1:4586");
  EXPECT_EQ(changed[0].configured, "127.0.0.1:1");
  EXPECT_EQ(changed[1].setting, "delivery.interval");
  EXPECT_EQ(changed[1].configured, "1m");
}

TEST(Reload, SaysWhatIsInForceAtOnce) {
  Config running;
  EXPECT_TRUE(changes_at_once(running, running).empty());
  Config fresh;
  fresh.history.retention = Millis{86'400'000};
  fresh.limits.aws_rates = true;
  fresh.limits.trails_per_region = 9;
  fresh.trails.require_bucket_policy = false;
  EXPECT_TRUE(needs_restart(running, fresh).empty());
  const auto changed = changes_at_once(running, fresh);
  ASSERT_EQ(changed.size(), 4U);
  EXPECT_EQ(changed[0].setting, "history.retention");
  EXPECT_EQ(changed[0].running, "90d");
  EXPECT_EQ(changed[0].configured, "1d");
}

TEST(Reload, ACertificateChangesAtOnceAndTlsItselfAtAStart) {
  Config running;
  Config fresh;
  fresh.tls.cert = "new.pem";
  fresh.tls.key = "new.key";
  EXPECT_EQ(needs_restart(running, fresh).size(), 2U);
  running.tls.cert = "old.pem";
  running.tls.key = "new.key";
  EXPECT_TRUE(needs_restart(running, fresh).empty());
  ASSERT_EQ(changes_at_once(running, fresh).size(), 1U);
  EXPECT_EQ(changes_at_once(running, fresh)[0].setting, "tls.cert");
  Config without;
  EXPECT_EQ(needs_restart(running, without).size(), 2U);
}

TEST(Reload, TheFirstAccountStaysTheFirst) {
  Config running;
  Config fresh;
  fresh.accounts.resize(2);
  fresh.accounts[0].id = access::kDefaultAccount;
  fresh.accounts[1].id = "444455556666";
  EXPECT_TRUE(needs_restart(running, fresh).empty());
  std::swap(fresh.accounts[0].id, fresh.accounts[1].id);
  ASSERT_EQ(needs_restart(running, fresh).size(), 1U);
}

}  // namespace
}  // namespace cairn::node
