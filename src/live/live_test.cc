// The live view over a journal in memory.
#include "live/live.h"

#include "json/json.h"
#include "live/live_testing.h"

namespace cairn::live {
namespace {

using testing::ElementsAre;

class LiveTest : public LiveTesting {
 protected:
  void SetUp() override { make({}); }
  void make(Limits limits) {
    live_.emplace(Dependencies{.journal = journal_,
                               .settle = [this] { return settle(); },
                               .clock = clock_,
                               .metrics = metrics_,
                               .limits = limits});
  }
  Task<Result<void>> settle() {
    settled_ += 1;
    co_return Result<void>{};
  }
  Result<std::unique_ptr<http::BodySource>> tail(std::string document, std::string account = kOwn) {
    return wait(live_->tail(std::move(account), std::move(document)));
  }
  // The next piece; "" at the end.
  std::string next(http::BodySource& lines) {
    const auto piece = wait(lines.read());
    EXPECT_TRUE(piece);
    return {reinterpret_cast<const char*>(piece->data()), piece->size()};
  }
  std::string line(int position, std::string_view record) {
    return R"({"mark":"0-)" + std::to_string(position) + R"(","record":)" + std::string(record) + "}\n";
  }

  Metrics metrics_;
  int settled_ = 0;
  std::optional<Live> live_;
};

TEST_F(LiveTest, a_tail_shows_what_comes) {
  append("a", "PutObject");
  const auto lines = tail(R"({"pattern":{"eventName":["PutObject"]}})").value();
  EXPECT_EQ(settled_, 1);
  EXPECT_EQ(next(*lines), "{\"mark\":\"0-1\"}\n");  // at once: who asked knows where he stands
  append("b", "GetObject");
  append("c", "PutObject");
  append("d", "PutObject", kOthers);
  EXPECT_EQ(next(*lines), line(3, record("c", "PutObject")));
  append("e", "PutObject");
  EXPECT_EQ(next(*lines), line(5, record("e", "PutObject")));
}

TEST_F(LiveTest, a_tail_that_does_not_follow_ends_where_the_journal_does) {
  append("a", "PutObject");
  append("b", "PutObject");
  const auto lines = tail(R"({"since":"0-0","follow":false})").value();
  append("c", "PutObject");
  EXPECT_EQ(next(*lines), line(1, record("a", "PutObject")) + line(2, record("b", "PutObject")));
  EXPECT_EQ(next(*lines), "{\"mark\":\"0-2\"}\n");
  EXPECT_EQ(next(*lines), "");
}

TEST_F(LiveTest, a_quiet_tail_says_that_it_lives) {
  make({.heartbeat = Millis{30}});
  const auto lines = tail("").value();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(next(*lines), "{\"mark\":\"0-0\"}\n");
  }
}

TEST_F(LiveTest, a_tail_that_was_overtaken_by_retirement_says_so) {
  append("a", "PutObject");
  const auto lines = tail(R"({"since":"0-0"})").value();
  append("b", "PutObject");
  ASSERT_TRUE(journal_.retire(journal::kPartition, journal::Position{1}));
  EXPECT_EQ(next(*lines),
            "{\"mark\":\"0-0\",\"error\":\"what follows is not kept in the journal any more\"}\n");
  EXPECT_EQ(next(*lines), "");
}

TEST_F(LiveTest, a_stop_ends_all_who_follow) {
  const auto lines = tail("").value();
  EXPECT_NE(next(*lines), "");
  live_->stop();
  EXPECT_NE(next(*lines), "");
  EXPECT_EQ(next(*lines), "");
}

TEST_F(LiveTest, a_tail_ends_after_its_time_and_says_where) {
  make({.heartbeat = Millis{10}, .tail_max = Millis{100}});
  const auto lines = tail("").value();
  int pieces = 0;
  while (!next(*lines).empty()) {
    ++pieces;
  }
  EXPECT_GE(pieces, 2);
}

TEST_F(LiveTest, only_so_many_follow) {
  make({.tails_max = 3, .tails_of_account_max = 2});
  std::vector<std::unique_ptr<http::BodySource>> all;
  all.push_back(tail("").value());
  all.push_back(tail("").value());
  EXPECT_EQ(tail("").error().code, Errc::limit);
  all.push_back(tail("", kOthers).value());
  EXPECT_EQ(tail("", kOthers).error().code, Errc::limit);
  all.pop_back();
  all.pop_back();
  all.push_back(tail("").value());
}

TEST_F(LiveTest, since_is_a_mark_a_time_or_how_long_ago) {
  append("a", "PutObject");
  clock_.set("2026-03-02T10:10:00Z");
  append("b", "PutObject");
  const auto from = [this](const std::string& since) {
    auto lines = tail(R"({"follow":false,"since":")" + since + "\"}");
    return lines ? next(**lines).substr(0, 16) : lines.error().text();
  };
  EXPECT_EQ(from("0-1"), "{\"mark\":\"0-2\",\"r");
  EXPECT_EQ(from("5m"), "{\"mark\":\"0-2\",\"r");
  EXPECT_EQ(from("1h"), "{\"mark\":\"0-1\",\"r");
  EXPECT_EQ(from("2026-03-02T10:05:00Z"), "{\"mark\":\"0-2\",\"r");
  EXPECT_EQ(from("now"), "{\"mark\":\"0-2\"}\n");
  for (const auto* since : {"0-3", "1-0", "yesterday", ""}) {
    EXPECT_EQ(tail(R"({"since":")" + std::string(since) + "\"}").error().code, Errc::invalid) << since;
  }
}

TEST_F(LiveTest, an_assertion_waits_for_what_is_to_come) {
  const auto mark = wait(live_->mark()).value();
  EXPECT_EQ(mark, "0-0");
  const auto ask = [&](const std::string& wait) {
    return R"({"since":")" + mark + R"(","wait":")" + wait +
           R"(","expect":[{"pattern":{"eventName":["A"]},"count":1}]})";
  };
  EXPECT_EQ(wait(live_->assert_that(kOwn, ask("50ms"))).value().substr(0, 14), "{\"holds\":false");
  std::thread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const std::vector<std::string> payloads{event::encode_entry(event::Kind::record, 0, record("a", "A"))};
    async::Loops loops(1);
    EXPECT_TRUE(async::run(loops.at(0).get_executor(), journal_.append(journal::kPartition, payloads)));
  });
  EXPECT_EQ(wait(live_->assert_that(kOwn, ask("60s"))).value().substr(0, 13), "{\"holds\":true");
  later.join();
  append("b", "A");
  EXPECT_EQ(wait(live_->assert_that(kOwn, ask("60s"))).value().substr(0, 14),
            "{\"holds\":false");  // at once: it cannot hold
}

TEST_F(LiveTest, an_assertion_may_end_at_a_mark) {
  append("a", "A");
  append("b", "A");
  const auto ask = [](std::string_view until) {
    return R"({"since":"0-0","until":")" + std::string(until) +
           R"(","expect":[{"pattern":{"eventName":["A"]},"count":1}]})";
  };
  EXPECT_EQ(wait(live_->assert_that(kOwn, ask("0-1"))).value().substr(0, 13), "{\"holds\":true");
  EXPECT_EQ(wait(live_->assert_that(kOwn, ask("0-2"))).value().substr(0, 14), "{\"holds\":false");
  EXPECT_EQ(wait(live_->assert_that(kOwn, ask("0-3"))).error().code, Errc::invalid);
}

}  // namespace
}  // namespace cairn::live
