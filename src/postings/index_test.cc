// An index against the vectors and maps it was made of.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "postings/postings_testing.h"

namespace cairn::postings::testing {
namespace {

TEST(Terms, are_xxh64) {
  // From the xxHash project's documentation and test program.
  EXPECT_EQ(xxh64(""), 0xEF46DB3751D8E999);
  EXPECT_EQ(xxh64("a"), 0xD24EC4F1A98C6E5B);
  EXPECT_EQ(xxh64("abc"), 0x44BC2CF5AD770999);
  EXPECT_EQ(xxh64("Nobody inspects the spammish repetition"), 0xFBCEA83C8A378BF1);
}

void expect_same(const Sample& made) {
  std::size_t others = 0;
  const auto index = Index::over(made.bytes).value();
  ASSERT_EQ(index->rows(), made.keys.size());
  EXPECT_TRUE(index->verify().has_value());
  for (const auto& [name, range] : made.scopes) {
    EXPECT_EQ(index->scope(name).value(), range) << name;
  }
  EXPECT_EQ(index->scope("scope").value(), (Range{0, 0}));
  for (Row row = 0; row < index->rows(); ++row) {
    ASSERT_EQ(index->key(row).value(), made.keys[row]) << row;
  }
  for (const auto& [term, rows] : made.terms) {
    const auto found = all(index->find(Term{term}).value());
    ASSERT_TRUE(std::ranges::includes(found, naive(rows), std::greater())) << term;
    others += found.size() != rows.size() ? 1 : 0;
  }
  EXPECT_LE(others, made.terms.size() / 100) << "terms that share their fingerprint";
}

TEST(Index, says_what_was_put) {
  expect_same(sample(1, 1, 1, 1));
  expect_same(sample(1, 129, 3, 2));
  expect_same(sample(5, 400, 20, 3));
  expect_same(sample(2, 9'000, 40, 4));
}

TEST(Index, absent_terms_seldom_have_rows) {
  std::mt19937_64 random(9);
  Builder builder;
  builder.scope("");
  for (Row row = 0; row < 20'000; ++row) {
    builder.row({});
    builder.term(Term{random()});
  }
  const auto bytes = std::move(builder).finish();
  const auto index = Index::over(bytes).value();
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) {
    hits += index->find(Term{random()})->count() > 0 ? 1 : 0;
  }
  EXPECT_LE(hits, 300);
}

TEST(Index, terms_of_one_fingerprint_share_rows) {
  Builder builder;
  builder.scope("s");
  builder.row({});
  builder.term(Term{5ULL << 32 | 1});
  builder.row({});
  builder.term(Term{5ULL << 32 | 2});
  builder.term(Term{5ULL << 32 | 2});
  const auto bytes = std::move(builder).finish();
  EXPECT_EQ(all(Index::over(bytes).value()->find(Term{5ULL << 32}).value()), (std::vector<Row>{1, 0}));
}

TEST(Index, bounds_a_time_within_a_scope) {
  const auto made = sample(4, 500, 1, 6);
  const auto index = Index::over(made.bytes).value();
  for (const auto& [name, range] : made.scopes) {
    for (auto row = range.begin; row < range.end; row += 17) {
      for (const std::int64_t step : {-1, 0, 1}) {
        const Key key{.time_ms = made.keys[row].time_ms + step, .position = made.keys[row].position};
        const auto expected =
            std::lower_bound(made.keys.begin() + range.begin, made.keys.begin() + range.end, key);
        EXPECT_EQ(index->lower_bound(range, key).value(), expected - made.keys.begin());
      }
    }
    EXPECT_EQ(index->lower_bound(range, {.time_ms = INT64_MIN, .position = 0}).value(), range.begin);
    EXPECT_EQ(index->lower_bound(range, {.time_ms = INT64_MAX, .position = 0}).value(), range.end);
  }
}

TEST(Index, keeps_keys_at_the_ends_of_their_types) {
  Builder builder;
  const std::vector<Key> keys{{INT64_MIN, 0}, {INT64_MIN, UINT64_MAX}, {0, 5}, {INT64_MAX, UINT64_MAX}};
  builder.scope("");
  for (const auto& key : keys) {
    builder.row(key);
  }
  const auto bytes = std::move(builder).finish();
  const auto index = Index::over(bytes).value();
  for (Row row = 0; row < keys.size(); ++row) {
    EXPECT_EQ(index->key(row).value(), keys[row]);
  }
}

TEST(Index, of_nothing_is_empty) {
  const auto bytes = Builder().finish();
  const auto index = Index::over(bytes).value();
  EXPECT_EQ(index->rows(), 0U);
  EXPECT_EQ(index->scope("").value(), Range{});
  EXPECT_EQ(all(index->find(Term{1}).value()), std::vector<Row>{});
}

TEST(Index, keeps_the_callers_sections) {
  const auto made = sample(1, 1, 1, 1);
  const auto index = Index::over(made.bytes).value();
  EXPECT_EQ(index->section(kFirstTag).value(), "the caller's");
  EXPECT_EQ(index->section(kFirstTag + 7).value(), "");
  EXPECT_EQ(index->section(kFirstTag + 1).error().code, Errc::not_found);
}

// A row as CloudTrail has them: two unique values (an id, a resource), six of 2 to 700.
TEST(Index, takes_few_bytes_a_row) {
  std::mt19937_64 random(1);
  Builder builder;
  builder.scope("");
  constexpr Row kRows = 50'000;
  for (Row row = 0; row < kRows; ++row) {
    builder.row({.time_ms = 1'700'000'000'000 + row * 200LL, .position = row * 3ULL + random() % 3});
    builder.term(Term{random()});
    builder.term(Term{random()});
    std::uint32_t field = 0;
    for (const auto values : {2U, 20U, 30U, 200U, 500U, 700U}) {
      builder.term(Term{xxh64(std::to_string(random() % values), ++field)});
    }
  }
  EXPECT_LT(std::move(builder).finish().size() / kRows, 21U);
}

std::string folder_path(const std::string& name) {
  return (std::filesystem::temp_directory_path() / name).native();
}

TEST(File, is_written_and_read) {
  const auto path = folder_path("cairn-postings-" + std::to_string(::getpid()));
  const auto made = sample(3, 300, 5, 7);
  ASSERT_TRUE(write_file(path, made.bytes).has_value());
  EXPECT_EQ(write_file(path, made.bytes).error().code, Errc::conflict) << "it does not overwrite";
  const auto cache = std::make_shared<BlockCache>(1U << 20);
  const auto index = Index::open(path, cache).value();
  EXPECT_EQ(index->bytes(), made.bytes.size());
  EXPECT_EQ(index->key(299).value(), made.keys[299]);
  EXPECT_TRUE(index->verify().has_value());
  std::filesystem::resize_file(path, made.bytes.size() - 8);
  EXPECT_EQ(Index::open(path, cache).error().code, Errc::corrupt);
  std::filesystem::resize_file(path, 5);
  EXPECT_EQ(Index::open(path, cache).error().code, Errc::corrupt);
  std::filesystem::remove(path);
  EXPECT_EQ(Index::open(path, cache).error().code, Errc::not_found);
}

// What a mapping would answer with a signal.
TEST(File, that_goes_or_is_cut_while_it_is_open_is_an_error) {
  const auto path = folder_path("cairn-postings-cut-" + std::to_string(::getpid()));
  const auto made = sample(3, 3'000, 5, 7);
  ASSERT_TRUE(write_file(path, made.bytes).has_value());
  const auto index = Index::open(path, std::make_shared<BlockCache>(0)).value();
  const auto last = static_cast<Row>(made.keys.size() - 1);
  ASSERT_EQ(index->key(last).value(), made.keys[last]);
  std::filesystem::resize_file(path, 4096);
  EXPECT_EQ(index->key(last).error().code, Errc::corrupt);
  auto rows = index->find(Term{kind_term(0)});
  EXPECT_FALSE(rows.has_value());
  std::filesystem::remove(path);
  EXPECT_EQ(index->key(last).error().code, Errc::not_found);
}

// Several indexes of one cache: each says its own, whatever the cache has room for.
TEST(File, shares_a_cache_with_others) {
  for (const std::size_t bytes_max : {std::size_t{0}, std::size_t{20'000}, std::size_t{1} << 20}) {
    const auto cache = std::make_shared<BlockCache>(bytes_max);
    std::vector<Sample> made;
    std::vector<std::unique_ptr<const Index>> indexes;
    for (unsigned i = 0; i < 3; ++i) {
      made.push_back(sample(2, 2'000, 4, i));
      const auto path = folder_path("cairn-postings-" + std::to_string(i) + std::to_string(::getpid()));
      ASSERT_TRUE(write_file(path, made.back().bytes).has_value());
      indexes.push_back(Index::open(path, cache).value());
    }
    for (Row row = 0; row < 4'000; row += 13) {
      const auto i = row % 3;
      ASSERT_EQ(indexes[i]->key(row).value(), made[i].keys[row]);
      ASSERT_GT(std::ranges::count(all(indexes[i]->find(Term{own_term(row)}).value()), row), 0);
      ASSERT_LE(cache->bytes(), bytes_max);
    }
    EXPECT_EQ(cache->bytes() > 0, bytes_max > 0);
    for (unsigned i = 0; i < 3; ++i) {
      std::filesystem::remove(
          folder_path("cairn-postings-" + std::to_string(i) + std::to_string(::getpid())));
    }
  }
}

// compat/ has a file of each version. CAIRN_WRITE_COMPAT=1 writes the present one's anew.
TEST(Compat, every_version_is_read) {
  const auto made = sample(3, 200, 12, 8);
  const std::string folder = CAIRN_SOURCE_DIR "/src/postings/compat/";
  if (std::getenv("CAIRN_WRITE_COMPAT") != nullptr) {
    std::ofstream(folder + "postings_v2.idx", std::ios::binary) << made.bytes;
  }
  for (const auto* name : {"postings_v1.idx", "postings_v2.idx"}) {
    SCOPED_TRACE(name);
    const auto index = Index::open(folder + name, std::make_shared<BlockCache>(1U << 20)).value();
    EXPECT_TRUE(index->verify().has_value());
    ASSERT_EQ(index->rows(), 600U);
    for (const auto& [term, rows] : made.terms) {
      ASSERT_EQ(all(index->find(Term{term}).value()), naive(rows));
    }
    for (Row row = 0; row < index->rows(); ++row) {
      ASSERT_EQ(index->key(row).value(), made.keys[row]);
    }
  }
}

// A file of version 1 has no checksums of its blocks: it is verified as a whole when it is opened.
TEST(Compat, a_damaged_file_of_version_1_is_refused) {
  std::ifstream stream(CAIRN_SOURCE_DIR "/src/postings/compat/postings_v1.idx", std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  ASSERT_TRUE(Index::over(bytes).has_value());
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  const auto index = Index::over(bytes);
  ASSERT_FALSE(index.has_value());
  EXPECT_EQ(index.error().code, Errc::corrupt);
}

}  // namespace
}  // namespace cairn::postings::testing
