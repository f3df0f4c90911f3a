// Assertions over a journal.
#include "live/assertion.h"

#include "json/json.h"
#include "live/live_testing.h"

namespace cairn::live {
namespace {

class AssertionTest : public LiveTesting {
 protected:
  json::object check(std::string_view document, Limits limits = {}) {
    auto question = assert_question(document, limits);
    EXPECT_TRUE(question) << (question ? "" : question.error().text());
    Assertion assertion(journal_, *std::move(question), {journal::kPartition, journal::Position{0}}, kOwn,
                        limits);
    auto counted = assertion.count(journal_.end(journal::kPartition));
    while (counted && !*counted) {
      counted = assertion.count(journal_.end(journal::kPartition));
    }
    EXPECT_TRUE(counted) << (counted ? "" : counted.error().text());
    auto answer = json::parse_object(assertion.answer());
    EXPECT_TRUE(answer) << assertion.answer();
    EXPECT_EQ(json::find_bool(*answer, "holds"), assertion.holds());
    failed_ = assertion.failed();
    return *std::move(answer);
  }
  // "true 2 exactly 3 2": holds, found, wanted, events shown; of the nth expectation.
  static std::string told(const json::object& answer, std::size_t n) {
    const auto& one = json::find_array(answer, "expectations")->at(n).as_object();
    return std::string(json::find_bool(one, "holds").value() ? "holds" : "broken") + ", found " +
           std::to_string(json::find_int(one, "found").value()) + " of " +
           std::string(json::find_string(one, "wanted").value()) + ", shown " +
           std::to_string(json::find_array(one, "events")->size());
  }
  bool failed_ = false;
};

constexpr const char* kThreePutsNoDelete =
    R"({"since":"now","expect":[{"pattern":{"eventName":["PutObject"]},"count":3},
                                {"pattern":{"eventName":["DeleteObject"]},"count":0}]})";

TEST_F(AssertionTest, counts_what_happened_and_shows_what_broke_it) {
  append("1", "PutObject");
  append("2", "PutObject");
  append("3", "PutObject", kOthers);
  auto answer = check(kThreePutsNoDelete);
  EXPECT_EQ(json::find_bool(answer, "holds"), false);
  EXPECT_EQ(told(answer, 0), "broken, found 2 of exactly 3, shown 2");
  EXPECT_EQ(told(answer, 1), "holds, found 0 of none, shown 0");
  EXPECT_FALSE(failed_);  // one more may come
  append("4", "PutObject");
  append("5", "GetObject");
  answer = check(kThreePutsNoDelete);
  EXPECT_EQ(json::find_bool(answer, "holds"), true);
  EXPECT_EQ(json::find_int(answer, "looked_at"), 4);
  append("6", "DeleteObject");
  answer = check(kThreePutsNoDelete);
  EXPECT_EQ(told(answer, 1), "broken, found 1 of none, shown 1");
  EXPECT_TRUE(failed_);
}

TEST_F(AssertionTest, only_means_nothing_else) {
  const auto* const document =
      R"({"since":"now","expect":[{"pattern":{"eventName":["PutObject"]}}],"only":{"eventSource":["s3.amazonaws.com"]}})";
  append("1", "PutObject");
  EXPECT_EQ(json::find_bool(check(document), "holds"), true);
  append("2", "GetObject");
  const auto answer = check(document);
  EXPECT_EQ(json::find_bool(answer, "holds"), false);
  EXPECT_TRUE(failed_);
  const auto* const unexpected = json::find_object(answer, "unexpected");
  EXPECT_EQ(json::find_int(*unexpected, "found"), 1);
  EXPECT_EQ(json::find_string(json::find_array(*unexpected, "events")->at(0).as_object(), "eventID"), "2");
}

TEST_F(AssertionTest, shows_and_looks_at_no_more_than_its_limits) {
  for (int i = 0; i < 30; ++i) {
    append(std::to_string(i), "PutObject");
  }
  EXPECT_EQ(told(check(kThreePutsNoDelete), 0), "broken, found 30 of exactly 3, shown 20");
  EXPECT_EQ(told(check(kThreePutsNoDelete, {.events_bytes_max = 1000}), 0),
            "broken, found 30 of exactly 3, shown 5");
  const Limits few{.entries_max = 29};
  Assertion assertion(journal_, assert_question(kThreePutsNoDelete, few).value(),
                      {journal::kPartition, journal::Position{0}}, kOwn, few);
  EXPECT_EQ(assertion.count(journal_.end(journal::kPartition)).error().code, Errc::limit);
}

}  // namespace
}  // namespace cairn::live
