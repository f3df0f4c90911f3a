// Lists of every density against the vector they were made of: walked, and walked after a jump.
#include <gtest/gtest.h>

#include "postings/postings_testing.h"

namespace cairn::postings::testing {
namespace {

struct Made {
  std::string bytes;
  std::unique_ptr<const Index> index;
};

constexpr Term kTerm{42ULL << 32};

Made index_of(const std::vector<Row>& rows, Row count) {
  Builder builder;
  builder.scope("");
  auto next = rows.begin();
  for (Row row = 0; row < count; ++row) {
    builder.row({});
    if (next != rows.end() && *next == row) {
      builder.term(kTerm);
      ++next;
    }
  }
  Made made{.bytes = std::move(builder).finish(), .index = nullptr};
  made.index = Index::over(made.bytes).value();
  return made;
}

std::vector<Row> every(Row step, Row count, Row from = 0) {
  std::vector<Row> rows;
  for (auto row = from; row < count; row += step) {
    rows.push_back(row);
  }
  return rows;
}

std::vector<Row> drawn(Row one_in, Row count) {
  std::mt19937 random(one_in);
  std::vector<Row> rows;
  for (Row row = 0; row < count; ++row) {
    if (random() % one_in == 0) {
      rows.push_back(row);
    }
  }
  return rows;
}

void expect_same(const std::vector<Row>& rows, Row count) {
  const auto made = index_of(rows, count);
  const auto found = made.index->find(kTerm);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->count(), rows.size());
  EXPECT_EQ(all(*found), naive(rows));
  std::mt19937 random(1);
  for (int i = 0; i < 50; ++i) {
    auto walked = *found;
    const auto bound = static_cast<Row>(random() % (count + 2));
    walked.seek_before(bound);
    EXPECT_EQ(all(walked), naive(rows, bound)) << "before " << bound;
  }
}

TEST(Rows, give_what_was_put_newest_first) {
  struct Case {
    const char* what;
    std::vector<Row> rows;
    Row count;
  };
  const Case cases[] = {
      {"one row", {7}, 10},
      {"the first row", {0}, 1},
      {"two rows", {0, 9}, 10},
      {"all rows: dense", every(1, 5000), 5000},
      {"every third: dense", every(3, 5000), 5000},
      {"dense, and not from the start", every(2, 5000, 4321), 5000},
      {"a whole block", every(40, 128 * 40), 128 * 40},
      {"one more than a block", every(40, 128 * 40 + 1), 128 * 40 + 1},
      {"three blocks and a bit", every(37, 15'000), 15'000},
      {"far apart", every(9'999, 30'000), 30'000},
      {"drawn, one in 7", drawn(7, 20'000), 20'000},
      {"drawn, one in 15", drawn(15, 20'000), 20'000},
      {"drawn, one in 200", drawn(200, 60'000), 60'000},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    expect_same(c.rows, c.count);
  }
}

TEST(Rows, jumps_in_the_middle_of_a_walk) {
  const auto rows = drawn(20, 50'000);
  const auto made = index_of(rows, 50'000);
  auto walked = made.index->find(kTerm).value();
  std::mt19937 random(3);
  Row bound = 50'000;
  while (const auto row = walked.next()) {
    const auto expected = naive(rows, bound);
    ASSERT_FALSE(expected.empty());
    ASSERT_EQ(*row, expected.front());
    bound = random() % 3 == 0 && *row > 3000 ? *row - static_cast<Row>(random() % 3000) : *row;
    walked.seek_before(bound);
    walked.seek_before(bound + 5);  // upwards: nothing changes
  }
  EXPECT_TRUE(naive(rows, bound).empty());
  EXPECT_TRUE(walked.good());
}

TEST(Rows, frequent_terms_take_a_byte_a_row_at_most) {
  for (const Row one_in : {1U, 2U, 5U, 20U, 100U}) {
    const auto rows = drawn(one_in, 100'000);
    const auto without = index_of({}, 100'000).bytes.size();
    const auto with = index_of(rows, 100'000).bytes.size();
    EXPECT_LE(with - without, rows.size() + rows.size() / 3 + 64) << "one row in " << one_in;
    if (one_in <= 5) {
      EXPECT_LE(with - without, 100'000 / 8 + 64) << "one row in " << one_in;
    }
  }
}

}  // namespace
}  // namespace cairn::postings::testing
