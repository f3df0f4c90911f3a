// Ranges of the journal, read once more.
#include "live/scan.h"

#include "live/documents.h"
#include "live/live_testing.h"

namespace cairn::live {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ScanTest : public LiveTesting {
 protected:
  // Ids of what is found from there to `until`.
  std::vector<std::string> ids(Scan& scan, std::uint64_t until) {
    std::vector<std::string> found;
    while (scan.at().position.raw() < until) {
      const auto part = scan.read(journal::Position{until});
      if (!part) {
        found.emplace_back(to_string(part.error().code));
        break;
      }
      for (const auto& one : part->found) {
        found.push_back(one.record.substr(12, 1) + "@" + std::to_string(one.position.raw()));
      }
    }
    return found;
  }
  std::vector<std::string> ids(std::uint64_t from, std::uint64_t until,
                               std::shared_ptr<const match::Matcher> matcher = nullptr) {
    Scan scan(journal_, {journal::kPartition, journal::Position{from}}, kOwn, std::move(matcher));
    return ids(scan, until);
  }
  Result<std::uint64_t> at(std::string_view time) {
    const auto position = position_at(journal_, journal::kPartition, parse_rfc3339(time).value());
    return position ? Result<std::uint64_t>(position->raw()) : position.error();
  }
};

TEST_F(ScanTest, finds_the_accounts_records_between_two_places) {
  append("a", "PutObject");
  append("b", "PutObject", kOthers);
  append_entry(event::Kind::control, "{}");
  append("c", "GetObject");
  append_entry(event::Kind::outcome, record("d", "PutObject"));
  append_entry(event::Kind::record, "{no record");
  append("e", "PutObject");
  EXPECT_THAT(ids(0, 7), ElementsAre("a@0", "c@3", "d@4", "e@6"));
  EXPECT_THAT(ids(1, 4), ElementsAre("c@3"));
  EXPECT_THAT(ids(4, 4), IsEmpty());
  const auto matcher = tail_question(R"({"pattern":{"eventName":["PutObject"]}})").value().matcher;
  EXPECT_THAT(ids(0, 7, matcher), ElementsAre("a@0", "d@4", "e@6"));
}

TEST_F(ScanTest, goes_on_where_it_stopped) {
  append("a", "PutObject");
  append("b", "PutObject");
  append("c", "PutObject");
  Scan scan(journal_, {journal::kPartition, journal::Position{0}}, kOwn, nullptr);
  EXPECT_THAT(ids(scan, 1), ElementsAre("a@0"));
  EXPECT_THAT(ids(scan, 2), ElementsAre("b@1"));
  append("d", "PutObject");
  EXPECT_THAT(ids(scan, 4), ElementsAre("c@2", "d@3"));
}

TEST_F(ScanTest, what_was_retired_is_not_found) {
  append("a", "PutObject");
  append("b", "PutObject");
  ASSERT_TRUE(journal_.retire(journal::kPartition, journal::Position{1}));
  EXPECT_THAT(ids(0, 2), ElementsAre("not_found"));
  EXPECT_THAT(ids(1, 2), ElementsAre("b@1"));
}

TEST_F(ScanTest, a_time_is_the_first_entry_appended_then_or_later) {
  EXPECT_EQ(at("2026-03-02T09:00:00Z").value(), 0U);
  for (unsigned minute = 10; minute < 20; ++minute) {
    clock_.set("2026-03-02T10:" + std::to_string(minute) + ":00Z");
    append("a", "PutObject");
    append("b", "PutObject");
  }
  for (unsigned minute = 10; minute < 20; ++minute) {
    EXPECT_EQ(at("2026-03-02T10:" + std::to_string(minute) + ":00Z").value(), (minute - 10) * 2U);
    EXPECT_EQ(at("2026-03-02T10:" + std::to_string(minute) + ":01Z").value(), (minute - 9) * 2U);
  }
  EXPECT_EQ(at("2026-03-02T09:00:00Z").value(), 0U);
  ASSERT_TRUE(journal_.retire(journal::kPartition, journal::Position{4}));
  EXPECT_EQ(at("2026-03-02T10:13:00Z").value(), 6U);
  EXPECT_EQ(at("2026-03-02T10:11:00Z").error().code, Errc::not_found);
}

TEST_F(ScanTest, marks_are_read_as_written) {
  const Mark mark{journal::Partition{0}, journal::Position{1234}};
  EXPECT_EQ(mark.text(), "0-1234");
  EXPECT_EQ(Mark::parse("0-1234").value().position.raw(), 1234U);
  for (const auto* text :
       {"", "-", "0", "0-", "-1", "0-1x", "x-1", "0--1", "0-99999999999999999999", "99999999999-1"}) {
    EXPECT_EQ(Mark::parse(text).error().code, Errc::invalid) << text;
  }
}

}  // namespace
}  // namespace cairn::live
