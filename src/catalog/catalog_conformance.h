// What every adapter of the catalog must do. An adapter's test includes this, in one file, and instantiates
// CatalogConformance with a maker.
#pragma once

#include <thread>

#include "catalog/catalog_fixture.h"
#include "catalog/lease_conformance.h"
#include "catalog/turn_conformance.h"

namespace cairn::catalog::conformance {

TEST_P(CatalogConformance, a_version_is_one_when_created_and_rises_with_each_write) {
  EXPECT_EQ(version("trail/a"), 0U);
  EXPECT_EQ(write("trail/a", "one"), "ok");
  EXPECT_EQ(version("trail/a"), 1U);
  EXPECT_EQ(write("trail/a", "two"), "ok");
  EXPECT_EQ(version("trail/a"), 2U);
  EXPECT_EQ(get("trail/a")->value, "two");
  EXPECT_EQ(get("trail/a")->key, "trail/a");
  EXPECT_EQ(write("trail/a", std::nullopt), "ok");
  EXPECT_EQ(version("trail/a"), 0U);
  EXPECT_EQ(write("trail/a", "again"), "ok");
  EXPECT_EQ(version("trail/a"), 1U);
}

TEST_P(CatalogConformance, a_write_happens_only_at_the_version_it_expects) {
  struct Row {
    const char* why;
    const char* key;
    std::optional<std::string> value;
    std::optional<Version> expected;
    const char* said;
    Version version_after;
  };
  ASSERT_EQ(write("two", "1"), "ok");
  ASSERT_EQ(write("two", "2"), "ok");
  const Row rows[] = {
      {"create where nothing is", "new", "x", 0, "ok", 1},
      {"create where something is", "two", "x", 0, "conflict", 2},
      {"change at an old version", "two", "x", 1, "conflict", 2},
      {"change at a version to come", "two", "x", 3, "conflict", 2},
      {"change what is not there", "none", "x", 1, "conflict", 0},
      {"delete at an old version", "two", std::nullopt, 1, "conflict", 2},
      {"change at its version", "two", "x", 2, "ok", 3},
      {"a version no document can have", "two", "x", ~0ULL, "conflict", 3},
      {"change whatever is there", "two", "x", std::nullopt, "ok", 4},
      {"delete at its version", "two", std::nullopt, 4, "ok", 0},
      {"delete what is not there", "two", std::nullopt, std::nullopt, "ok", 0},
      {"delete, and nothing may be there", "two", std::nullopt, 0, "ok", 0},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(write(row.key, row.value, row.expected), row.said) << row.why;
    EXPECT_EQ(version(row.key), row.version_after) << row.why;
  }
}

TEST_P(CatalogConformance, a_transaction_is_whole_or_not_at_all) {
  ASSERT_EQ(write("there", "1"), "ok");
  Transaction refused;
  refused.writes.push_back({"first", "x", 0});
  refused.writes.push_back({"there", "x", std::nullopt});
  refused.writes.push_back({"last", "x", 7});
  refused.outbox.push_back("row");
  EXPECT_EQ(commit(refused), "conflict");
  EXPECT_THAT(keys(""), ElementsAre("there"));
  EXPECT_EQ(version("there"), 1U);
  EXPECT_THAT(rows(), IsEmpty());

  refused.writes.back().expected = 0;
  EXPECT_EQ(commit(refused), "ok");
  EXPECT_THAT(keys(""), ElementsAre("first", "last", "there"));
  EXPECT_THAT(rows(), ElementsAre(1));
}

TEST_P(CatalogConformance, an_expectation_is_compared_without_being_written) {
  ASSERT_EQ(write("fence", "1"), "ok");
  Transaction fenced;
  fenced.writes.push_back({"effect", "x", std::nullopt});
  fenced.expectations = {{"fence", 1}, {"nobody", 0}};
  EXPECT_EQ(commit(fenced), "ok");
  EXPECT_EQ(version("fence"), 1U);

  ASSERT_EQ(write("fence", "2"), "ok");
  EXPECT_EQ(commit(fenced), "conflict");
  EXPECT_EQ(version("effect"), 1U);

  Transaction both;  // a key may be expected and written: compared with what was there before
  both.expectations = {{"fence", 2}};
  both.writes.push_back({"fence", "3", 2});
  EXPECT_EQ(commit(both), "ok");

  Transaction only;
  only.expectations = {{"fence", 3}};
  EXPECT_EQ(commit(only), "ok");
  only.expectations = {{"fence", 2}};
  EXPECT_EQ(commit(only), "conflict");
  EXPECT_EQ(commit({}), "ok");
}

TEST_P(CatalogConformance, a_prefix_can_be_expected_to_be_empty) {
  ASSERT_EQ(write("a/x", "1"), "ok");
  ASSERT_EQ(write("a/\xff", "1"), "ok");
  ASSERT_EQ(write("\xff\xff", "1"), "ok");
  struct Row {
    const char* prefix;
    const char* said;
  };
  const Row rows[] = {
      {"a", "conflict"},    {"a/", "conflict"},       {"a/x", "conflict"},    {"a/x/", "ok"},
      {"a/y", "ok"},        {"a/\xff", "conflict"},   {"a0", "ok"},           {"b", "ok"},
      {"\xff", "conflict"}, {"\xff\xff", "conflict"}, {"\xff\xff\xff", "ok"}, {"", "invalid"}};
  for (const auto& row : rows) {
    Transaction guarded;
    guarded.absent = {"nobody/", row.prefix};
    guarded.writes.push_back({"effect", "x", std::nullopt});
    const auto before = version("effect");
    EXPECT_EQ(commit(guarded), row.said) << row.prefix;
    EXPECT_EQ(version("effect"), before + (row.said == std::string("ok") ? 1 : 0)) << row.prefix;
  }
  Transaction same;  // compared with what was there before the transaction
  same.absent = {"new/"};
  same.writes.push_back({"new/one", "x", 0});
  EXPECT_EQ(commit(same), "ok");
  EXPECT_EQ(commit(same), "conflict");
  Transaction last;  // and what it deletes was still there
  last.absent = {"new/"};
  last.writes.push_back({"new/one", std::nullopt, 1});
  EXPECT_EQ(commit(last), "conflict");
}

// Of a container's deletion and what is put into it at the same moment, one happens.
TEST_P(CatalogConformance, a_container_is_deleted_empty_whoever_is_faster) {
  for (int round = 0; round < 60; ++round) {
    const auto container = "container/" + std::to_string(round);
    ASSERT_EQ(write(container, "x"), "ok");
    Transaction remove;
    remove.writes.push_back({container, std::nullopt, 1});
    remove.absent = {container + "/"};
    Transaction put;
    put.writes.push_back({container + "/item", "x", 0});
    put.expectations = {{container, 1}};
    std::string removed;
    std::string added;
    const bool remove_elsewhere = round % 2 == 0;
    std::thread other([&] { remove_elsewhere ? removed = commit(remove) : added = commit(put); });
    remove_elsewhere ? added = commit(put) : removed = commit(remove);
    other.join();
    EXPECT_NE(removed, added) << round;
    EXPECT_EQ(version(container) == 1, added == "ok") << round;
    EXPECT_EQ(version(container + "/item") == 1, added == "ok") << round;
  }
}

TEST_P(CatalogConformance, what_is_too_large_or_senseless_is_refused_whole) {
  Limits small;
  small.value_bytes_max = 10;
  small.key_bytes_max = 5;
  small.transaction_bytes_max = 1000;
  make(small);
  Transaction many;
  for (int i = 0; i < 20; ++i) {
    many.writes.push_back({std::to_string(i), "x", std::nullopt});
  }
  Transaction twice;
  twice.writes = {{"a", "x", std::nullopt}, {"a", "y", std::nullopt}};
  Transaction row;
  row.outbox = {std::string(11, 'x')};
  EXPECT_EQ(write("a", std::string(11, 'x')), "limit");
  EXPECT_EQ(write("123456", "x"), "limit");
  EXPECT_EQ(write("", "x"), "invalid");
  EXPECT_EQ(commit(many), "limit");
  EXPECT_EQ(commit(twice), "invalid");
  EXPECT_EQ(commit(row), "limit");
  EXPECT_EQ(said(wait(catalog().get("123456"))), "limit");
  EXPECT_THAT(keys(""), IsEmpty());
  EXPECT_THAT(rows(), IsEmpty());
  EXPECT_EQ(write("12345", std::string(10, 'x')), "ok");
}

TEST_P(CatalogConformance, values_and_keys_are_any_bytes) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all.push_back(static_cast<char>(byte));
  }
  const std::string with_zero("a\0b", 3);
  EXPECT_EQ(write(all, all), "ok");
  EXPECT_EQ(write(with_zero, ""), "ok");
  EXPECT_EQ(write("a", "the part before the zero"), "ok");
  EXPECT_EQ(write("large", std::string(1U << 20, '\xfe')), "ok");
  reopen();
  EXPECT_EQ(get(all)->value, all);
  EXPECT_EQ(get(with_zero)->value, "");
  EXPECT_EQ(version(with_zero), 1U);
  EXPECT_EQ(get("large")->value, std::string(1U << 20, '\xfe'));
}

TEST_P(CatalogConformance, keys_are_scanned_in_the_order_of_their_bytes) {
  const std::vector<std::string> sorted = {
      "A",          "a",  std::string("a\0", 2), "a/1",  "a/2",      "a/\x7f",      "a/\x80", "a/\xff",
      "a/\xff\xff", "a0", "b\xc3\xa9",           "\xff", "\xff\xff", "\xff\xff\x01"};
  for (auto at = sorted.rbegin(); at != sorted.rend(); ++at) {
    ASSERT_EQ(write(*at, "x"), "ok");
  }
  EXPECT_EQ(keys(""), sorted);
  EXPECT_THAT(keys("a/"), ElementsAre("a/1", "a/2", "a/\x7f", "a/\x80", "a/\xff", "a/\xff\xff"));
  EXPECT_THAT(keys("a/\xff"), ElementsAre("a/\xff", "a/\xff\xff"));
  EXPECT_THAT(keys("\xff"), ElementsAre("\xff", "\xff\xff", "\xff\xff\x01"));
  EXPECT_THAT(keys("\xff\xff"), ElementsAre("\xff\xff", "\xff\xff\x01"));
  EXPECT_THAT(keys("a/", "a/\x7f"), ElementsAre("a/\x80", "a/\xff", "a/\xff\xff"));
  EXPECT_THAT(keys("a/", "a/\x7e"), ElementsAre("a/\x7f", "a/\x80", "a/\xff", "a/\xff\xff"));
  EXPECT_THAT(keys("a/", "A"), ElementsAre("a/1", "a/2", "a/\x7f", "a/\x80", "a/\xff", "a/\xff\xff"));
  EXPECT_THAT(keys("a/", "a/\xff\xff"), IsEmpty());
  EXPECT_THAT(keys("a/", "b"), IsEmpty());
  EXPECT_THAT(keys("c"), IsEmpty());
  EXPECT_THAT(keys("", "\xff\xff\x01"), IsEmpty());
}

TEST_P(CatalogConformance, pages_are_bounded_in_rows_and_bytes_and_miss_nothing) {
  Limits small;
  small.page_max = 5;
  small.page_bytes_max = 100;
  make(small);
  std::vector<std::string> sorted;
  for (int i = 10; i < 30; ++i) {
    sorted.push_back("k/" + std::to_string(i));
    ASSERT_EQ(write(sorted.back(), std::string(i < 20 ? 1 : 60, 'x')), "ok");
    append({std::string(i < 20 ? 1 : 60, 'x')});
  }
  for (const std::size_t limit : {1U, 3U, 5U, 50U}) {
    std::vector<std::string> all;
    for (auto page = keys("k/", "", limit); !page.empty(); page = keys("k/", all.back(), limit)) {
      EXPECT_LE(page.size(), std::min<std::size_t>(limit, page[0] < "k/20" ? 5 : 2));
      all.insert(all.end(), page.begin(), page.end());
    }
    EXPECT_EQ(all, sorted) << limit;
    std::vector<std::uint64_t> numbers;
    for (auto page = rows(0, limit); !page.empty(); page = rows(numbers.back(), limit)) {
      numbers.insert(numbers.end(), page.begin(), page.end());
    }
    EXPECT_EQ(numbers.size(), 20U) << limit;
  }
  EXPECT_THAT(keys("k/", "", 0), IsEmpty());
}

TEST_P(CatalogConformance, outbox_numbers_rise_and_are_never_used_again) {
  EXPECT_EQ(append({"a", "b"}), 2U);
  EXPECT_EQ(append({"c"}), 3U);
  EXPECT_EQ(write("no rows", "x"), "ok");
  const auto page = wait(catalog().outbox(1, 10)).value();
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].number, 2U);
  EXPECT_EQ(page[0].payload, "b");
  EXPECT_EQ(page[1].payload, "c");

  EXPECT_EQ(outbox_delete(2), "ok");
  EXPECT_THAT(rows(), ElementsAre(3));
  EXPECT_EQ(outbox_delete(~0ULL), "ok");
  EXPECT_THAT(rows(), IsEmpty());
  reopen();
  EXPECT_EQ(append({"d"}), 4U);
  EXPECT_EQ(outbox_delete(4), "ok");
  reopen();
  EXPECT_EQ(append({"e"}), 5U);
  EXPECT_THAT(rows(), ElementsAre(5));
}

TEST_P(CatalogConformance, outbox_rows_go_together_with_their_cursor) {
  append({"a", "b", "c"});
  ASSERT_EQ(write("cursor", "0"), "ok");
  EXPECT_EQ(outbox_delete(2, {{"cursor", "2", 9}}), "conflict");
  EXPECT_THAT(rows(), ElementsAre(1, 2, 3));
  EXPECT_EQ(get("cursor")->value, "0");
  EXPECT_EQ(outbox_delete(2, {{"cursor", "2", 1}}), "ok");
  EXPECT_THAT(rows(), ElementsAre(3));
  EXPECT_EQ(get("cursor")->value, "2");
}

TEST_P(CatalogConformance, what_was_committed_is_there_after_a_restart) {
  ASSERT_EQ(write("a", "1"), "ok");
  ASSERT_EQ(write("a", "2"), "ok");
  ASSERT_EQ(write("gone", "1"), "ok");
  ASSERT_EQ(write("gone", std::nullopt), "ok");
  append({"row"});
  reopen();
  EXPECT_EQ(version("a"), 2U);
  EXPECT_EQ(get("a")->value, "2");
  EXPECT_EQ(version("gone"), 0U);
  EXPECT_THAT(rows(), ElementsAre(1));
  EXPECT_EQ(write("a", "3", 2), "ok");
}

// Reads the counter, adds one, commits at the version it read; again until it succeeds. Each success appends
// one row.
inline Task<void> add_one(Catalog& catalog, std::string own_key, std::atomic<int>& conflicts) {
  for (;;) {
    const auto read = co_await catalog.get("counter");
    const auto document = read.value();
    const int count = document ? std::stoi(document->value) : 0;
    Transaction transaction;
    transaction.writes.push_back({"counter", std::to_string(count + 1), document ? document->version : 0});
    transaction.writes.push_back({own_key, "x", 0});
    transaction.outbox.push_back(own_key);
    const auto committed = co_await catalog.commit(std::move(transaction));
    if (committed.has_value()) {
      co_return;
    }
    CAIRN_CHECK(committed.error().code == Errc::conflict);
    conflicts += 1;
  }
}

TEST_P(CatalogConformance, concurrent_writers_lose_no_update) {
  constexpr int kWriters = 32;
  async::Gate gate;
  std::atomic<int> conflicts{0};
  for (int i = 0; i < kWriters; ++i) {
    gate.spawn(loops_.next().get_executor(), add_one(catalog(), "own/" + std::to_string(i), conflicts));
  }
  ASSERT_TRUE(gate.wait_empty(Millis(30'000)));
  EXPECT_EQ(get("counter")->value, std::to_string(kWriters));
  EXPECT_EQ(version("counter"), static_cast<Version>(kWriters));
  EXPECT_EQ(keys("own/").size(), static_cast<std::size_t>(kWriters));
  EXPECT_EQ(rows().size(), static_cast<std::size_t>(kWriters));
  EXPECT_EQ(rows().back(), static_cast<std::uint64_t>(kWriters));  // a conflict uses up no number
  EXPECT_GT(conflicts.load(), 0);                                  // or nothing was concurrent
}

// Writes its own document again and again, beside others that are always there; what is read back is never
// older.
inline Task<void> write_and_read(Catalog& catalog, std::string own_key, std::atomic<int>& stale) {
  for (int i = 1; i <= 40; ++i) {
    const bool gone = i % 8 == 0;
    Transaction transaction;
    transaction.writes.push_back(
        {own_key, gone ? std::nullopt : std::optional(std::to_string(i)), std::nullopt});
    transaction.writes.push_back({own_key + "/beside", std::to_string(i), std::nullopt});
    const auto committed = co_await catalog.commit(std::move(transaction));
    CAIRN_CHECK(committed.has_value());
    const auto own = co_await catalog.get(own_key);
    stale += gone ? own->has_value() : !own->has_value() || (*own)->value != std::to_string(i);
  }
}

// Reads what others write: versions of a document that is never deleted only rise.
inline Task<void> read_on(Catalog& catalog, std::string key, std::atomic<int>& stale) {
  Version last = 0;
  while (last < 40) {
    const auto read = co_await catalog.get(key);
    const auto version = read.value() ? (*read)->version : 0;
    stale += version < last ? 1 : 0;
    last = version;
    co_await async::sleep(Millis(0));
  }
}

TEST_P(CatalogConformance, what_was_committed_is_what_is_read_from_then_on) {
  async::Gate gate;
  std::atomic<int> stale{0};
  for (int i = 0; i < 8; ++i) {
    const auto own = "own" + std::to_string(i);
    gate.spawn(loops_.next().get_executor(), write_and_read(catalog(), own, stale));
    for (int reader = 0; reader < 2; ++reader) {
      gate.spawn(loops_.next().get_executor(), read_on(catalog(), own + "/beside", stale));
    }
  }
  ASSERT_TRUE(gate.wait_empty(Millis(60'000)));
  EXPECT_EQ(stale.load(), 0);
}

inline Task<void> commit_one(Catalog& catalog, Transaction transaction, std::string& answer) {
  const auto committed = co_await catalog.commit(std::move(transaction));
  answer = committed ? "ok" : std::string(to_string(committed.error().code));
}

TEST_P(CatalogConformance, a_conflict_in_a_group_undoes_only_its_own) {
  constexpr std::size_t kTransactions = 100;
  ASSERT_EQ(write("guard", "x"), "ok");
  std::vector<std::string> answers(kTransactions);
  async::Gate gate;
  for (std::size_t i = 0; i < kTransactions; ++i) {
    Transaction transaction;
    transaction.writes.push_back({"g/" + std::to_string(1000 + i), "x", 0});
    transaction.writes.push_back({"all/" + std::to_string(1000 + i), "x", std::nullopt});
    transaction.outbox.push_back(std::to_string(1000 + i));
    transaction.expectations.push_back({"guard", i % 10 == 3 ? 2U : 1U});
    gate.spawn(loops_.next().get_executor(), commit_one(catalog(), std::move(transaction), answers[i]));
  }
  ASSERT_TRUE(gate.wait_empty(Millis(30'000)));
  for (std::size_t i = 0; i < kTransactions; ++i) {
    EXPECT_EQ(answers[i], i % 10 == 3 ? "conflict" : "ok") << i;
    EXPECT_EQ(version("g/" + std::to_string(1000 + i)), i % 10 == 3 ? 0U : 1U) << i;
  }
  EXPECT_EQ(keys("all/").size(), kTransactions - kTransactions / 10);
  EXPECT_EQ(rows().size(), kTransactions - kTransactions / 10);
  EXPECT_EQ(rows().back(), kTransactions - kTransactions / 10);
}

TEST_P(CatalogConformance, the_wait_for_rows_ends_with_a_row_or_with_its_patience) {
  using std::chrono::steady_clock;
  const auto waited = [this](std::uint64_t after, Millis patience) {
    const auto start = steady_clock::now();
    wait(catalog().outbox_wait(after, patience));
    return std::chrono::duration_cast<Millis>(steady_clock::now() - start);
  };
  EXPECT_GE(waited(0, Millis(30)), Millis(30));
  append({"a"});
  EXPECT_LT(waited(0, Millis(10'000)), Millis(5'000));  // a row is there
  EXPECT_GE(waited(1, Millis(30)), Millis(30));

  std::thread later([this] {
    std::this_thread::sleep_for(Millis(30));
    append({"b"});
  });
  EXPECT_LT(waited(1, Millis(10'000)), Millis(5'000));  // a row comes
  later.join();

  outbox_delete(2);
  EXPECT_GE(waited(0, Millis(30)), Millis(30));  // rows were there, but are gone: a forwarder must not spin
  append({"c"});
  reopen();
  EXPECT_LT(waited(0, Millis(10'000)), Millis(5'000));
}

}  // namespace cairn::catalog::conformance
