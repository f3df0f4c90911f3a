// A trail that takes the records of its own deliveries: they open no file, and go with the next that does.
#include <gmock/gmock.h>

#include "delivery/delivery_fixture.h"
#include "delivery/echoes.h"

namespace cairn::delivery::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EchoesTest : public DeliveryTest {
 protected:
  void echoes(std::string_view id, std::string_view region = "eu-west-1") {
    entries.add_record(echo(id, kAccount, region));
  }
  std::size_t stored() { return run(catalog->scan(std::string(kEchoesPrefix), "", 1000))->size(); }
  // What has come is taken, and an interval passes.
  void interval() {
    ASSERT_TRUE(take());
    pass();
    ASSERT_TRUE(all_uploaded());
  }
};

TEST(Echoes, are_the_calls_that_delivering_makes) {
  const auto is = [](std::string_view source, std::string_view name, std::string_view by) {
    event::View view;
    view.source = event::Text(source);
    view.name = event::Text(name);
    view.invoked_by = event::Text(by);
    return is_echo(view);
  };
  EXPECT_TRUE(is("s3.amazonaws.com", "PutObject", "cloudtrail.amazonaws.com"));
  EXPECT_TRUE(is("kms.amazonaws.com", "GenerateDataKey", "cloudtrail.amazonaws.com"));
  EXPECT_TRUE(is("sns.amazonaws.com", "Publish", "cloudtrail.amazonaws.com"));
  EXPECT_FALSE(is("s3.amazonaws.com", "PutObject", ""));
  EXPECT_FALSE(is("s3.amazonaws.com", "PutObject", "config.amazonaws.com"));
  EXPECT_FALSE(is("s3.amazonaws.com", "GetBucketAcl", "cloudtrail.amazonaws.com"));
  EXPECT_FALSE(is("kms.amazonaws.com", "PutObject", "cloudtrail.amazonaws.com"));
}

TEST_F(EchoesTest, open_no_file_and_go_with_the_next) {
  open();
  control(make_trail("kestrel", "audit"));
  say("1");
  interval();
  ASSERT_THAT(ids("audit"), ElementsAre("1"));
  for (const auto* id : {"e1", "e2", "e3"}) {
    echoes(id);
    interval();
  }
  for (int i = 0; i < 20; ++i) {
    pass();
  }
  EXPECT_THAT(ids("audit"), ElementsAre("1"));
  EXPECT_EQ(delivery->cursor(kPartition).raw(), entries.size()) << "the journal is not held up";
  EXPECT_EQ(stored(), 1U);
  say("2");
  interval();
  EXPECT_THAT(ids("audit"), ElementsAre("1", "e1 e2 e3 2"));
  EXPECT_EQ(stored(), 0U);
  EXPECT_EQ(status_of(make_trail("kestrel", "audit")).events, 5U);
  expect_all_delivered();
}

TEST_F(EchoesTest, wait_through_restarts_and_behind_other_files) {
  open();
  control(make_trail("kestrel", "audit", "eu-west-1", true));
  for (int i = 0; i < 4; ++i) {
    echoes("e" + std::to_string(i));
    say("r" + std::to_string(i), "us-east-1");
    interval();
    reopen();
  }
  EXPECT_THAT(ids("audit"), ElementsAre("r0", "r1", "r2", "r3"));
  say("1");
  interval();
  EXPECT_EQ(ids("audit").back(), "e0 e1 e2 e3 1");
  expect_all_delivered();
  reopen();
  say("2");
  interval();
  EXPECT_EQ(ids("audit").back(), "2");
}

TEST_F(EchoesTest, of_a_trail_that_is_not_there_stay_and_hold_up_nobody) {
  open();
  control(make_trail("kestrel", "audit"));
  echoes("e1");
  interval();
  close();
  const Echoes lost{.trail_arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/gone",
                    .account = std::string(kAccount),
                    .region = "eu-west-1",
                    .folder = "CloudTrail",
                    .since = clock.now(),
                    .file = R"({"Records":[{}]})"};
  catalog::Transaction transaction;
  transaction.writes.push_back({lost.catalog_key(), lost.document(), 0});
  ASSERT_TRUE(run(catalog->commit(transaction)));
  open();
  say("1");
  interval();
  EXPECT_THAT(ids("audit"), ElementsAre("e1 1"));
  EXPECT_EQ(stored(), 1U);
  EXPECT_TRUE(*run(catalog->get(lost.catalog_key())));
}

TEST_F(EchoesTest, wait_no_longer_than_they_may) {
  auto options = quick();
  options.echoes_wait_max = Millis{10 * 60'000};
  open(options);
  control(make_trail("kestrel", "audit"));
  echoes("e1");
  interval();
  for (int i = 0; i < 5; ++i) {
    pass();
  }
  reopen(options);
  echoes("e2");
  for (int i = 0; i < 3; ++i) {
    interval();
  }
  ASSERT_THAT(ids("audit"), IsEmpty());
  pass();
  pass();
  ASSERT_TRUE(all_uploaded());
  EXPECT_THAT(ids("audit"), ElementsAre("e1 e2"));
  EXPECT_EQ(stored(), 0U);
}

TEST_F(EchoesTest, that_are_many_or_large_are_a_file) {
  auto options = quick();
  options.echoes_max = 3;
  options.file_bytes_max = 1600;
  open(options);
  control(make_trail("kestrel", "audit", "eu-west-1", true));
  echoes("1");
  echoes("2");
  interval();
  EXPECT_THAT(ids("audit"), IsEmpty());
  echoes("3");
  interval();
  EXPECT_THAT(ids("audit"), ElementsAre("1 2 3"));

  options.echoes_max = 100;
  reopen(options);
  for (const auto* id : {"a", "b", "c"}) {
    echoes(id);
    interval();
  }
  EXPECT_THAT(ids("audit"), ElementsAre("1 2 3", "a b c")) << "half a file";

  options.echoes_bytes_max = 800;
  reopen(options);
  for (const auto* region : {"eu-west-1", "eu-west-2", "eu-west-3"}) {
    echoes(region, region);
  }
  interval();
  EXPECT_EQ(stored(), 2U) << "of all together";
  EXPECT_EQ(ids("audit").back(), "eu-west-3");
}

// Whatever ends what a trail logs ends the wait.
TEST_F(EchoesTest, do_not_wait_for_a_trail_that_has_changed) {
  auto trail = make_trail("kestrel", "audit", "eu-west-1", true);
  trail.organization = "o-k3strel9ab";
  const auto joins = [&](std::optional<std::string> organization) {
    entries.add_control(organization::control_of(
        {.account = std::string(kAccount), .organization = std::move(organization)}));
  };
  const std::vector<std::function<void()>> changes = {
      [&] { trail.bucket = "other"; }, [&] { trail.prefix = "logs"; },
      [&] { trail.logging = false; },  [&] { trail.multi_region = false; },
      [&] { joins(std::nullopt); },    [&] { entries.add_control(trail::deletion_control_of(trail)); },
  };
  for (const auto& change : changes) {
    entries = {};
    s3.forget();
    close();
    catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock);
    open();
    trail.bucket = "audit";
    trail.prefix = "";
    trail.logging = true;
    trail.multi_region = true;
    joins(trail.organization);
    control(trail);
    echoes("e", "us-east-1");
    interval();
    ASSERT_THAT(ids("audit"), IsEmpty());
    const auto before = entries.size();
    change();
    if (entries.size() == before) {
      control(trail);
    }
    interval();
    EXPECT_THAT(ids("audit"), ElementsAre("e")) << &change - changes.data();
    EXPECT_EQ(stored(), 0U);
    reopen();
  }
}

}  // namespace
}  // namespace cairn::delivery::testing
