// What every adapter of the blob store must do. An adapter's test includes this and instantiates
// BlobConformance with a maker.
//
// The suite's vocabulary: put(), get(), names(), open().
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "async/gate.h"
#include "async/loops.h"
#include "blob/blob.h"
#include "blob/blob_testing.h"

namespace cairn::blob::conformance {

using testing::ElementsAre;
using testing::IsEmpty;

class Adapter {
 public:
  virtual ~Adapter() = default;
  virtual Blob& blob() = 0;
  virtual void reopen() = 0;
};
using MakeAdapter = std::unique_ptr<Adapter> (*)(Limits limits);

class BlobConformance : public testing::TestWithParam<MakeAdapter> {
 protected:
  void SetUp() override { make(Limits{}); }
  void make(Limits limits) {
    adapter_.reset();
    adapter_ = GetParam()(limits);
  }

  template <class T>
  T wait(Task<T> task) {
    return async::run(loops_.next().get_executor(), std::move(task));
  }
  Blob& blob() { return adapter_->blob(); }
  void reopen() { adapter_->reopen(); }

  // "ok", or the error's code.
  template <class T>
  static std::string said(const Result<T>& result) {
    return result ? "ok" : std::string(to_string(result.error().code));
  }
  std::string put(Name name, std::string_view bytes) {
    return said(wait(blob().put(std::move(name), bytes_of(bytes))));
  }
  std::string remove(Name name) { return said(wait(blob().remove(std::move(name)))); }
  // The bytes, or the error's code in brackets.
  std::string get(Name name) {
    auto bytes = wait(blob().get(std::move(name)));
    return bytes ? *std::move(bytes) : "[" + said(bytes) + "]";
  }
  std::string get(Name name, Range range, std::size_t step) {
    auto opened = wait(blob().reader(std::move(name), range));
    if (!opened) {
      return "[" + said(opened) + "]";
    }
    std::string all;
    std::string part(step, '\0');
    for (;;) {
      const auto count = wait((*opened)->read(std::as_writable_bytes(std::span(part)))).value();
      if (count == 0) {
        EXPECT_EQ(all.size(), (*opened)->size());
        return all;
      }
      all.append(part, 0, count);
    }
  }
  std::vector<Name> names(std::string prefix = "", Name after = "", std::size_t limit = 1000) {
    std::vector<Name> found;
    auto page = wait(blob().list(std::move(prefix), std::move(after), limit)).value();
    for (auto& listed : page) {
      found.push_back(std::move(listed.name));
    }
    return found;
  }
  std::unique_ptr<Writer> writer(Name name) { return wait(blob().writer(std::move(name))).value(); }

  async::Loops loops_{2};
  std::unique_ptr<Adapter> adapter_;
};

TEST_P(BlobConformance, what_was_put_is_read_whatever_its_size) {
  for (const std::size_t size :
       {0UL, 1UL, 1000UL, 65'535UL, 65'536UL, 65'537UL, 1UL << 20, (1UL << 20) + 1, 3'500'000UL}) {
    const auto name = "size/" + std::to_string(size);
    const auto bytes = pattern(size);
    EXPECT_EQ(put(name, bytes), "ok");
    EXPECT_TRUE(get(name) == bytes) << size;
  }
  reopen();
  EXPECT_EQ(names().size(), 9U);
  EXPECT_TRUE(get("size/3500000") == pattern(3'500'000));
}

TEST_P(BlobConformance, pieces_make_one_blob) {
  const auto bytes = pattern(2'600'000);
  const auto out = writer("pieces");
  std::size_t at = 0;
  for (std::size_t piece = 1; at < bytes.size(); piece = piece * 3 + 1) {
    const auto part = std::string_view(bytes).substr(at, piece);
    ASSERT_EQ(said(wait(out->write(bytes_of(part)))), "ok");
    at += part.size();
  }
  EXPECT_EQ(get("pieces"), "[not_found]");  // not before it is committed
  ASSERT_EQ(said(wait(out->commit())), "ok");
  EXPECT_TRUE(get("pieces") == bytes);
}

TEST_P(BlobConformance, ranges_are_parts_of_the_whole) {
  const auto bytes = pattern(2'300'000);
  ASSERT_EQ(put("whole", bytes), "ok");
  const struct {
    std::uint64_t offset;
    std::optional<std::uint64_t> length;
  } rows[] = {
      {0, {}},         {0, 0},         {0, 10},         {1, 70'000},    {65'530, 20}, {1'048'570, 1'100'000},
      {2'299'999, {}}, {2'299'999, 5}, {2'300'000, {}}, {2'300'000, 7}, {100, ~0ULL}};
  for (const auto& row : rows) {
    for (const std::size_t step : {997UL, 5'000'000UL}) {
      const auto expected = bytes.substr(row.offset, row.length.value_or(std::string::npos));
      EXPECT_TRUE(get("whole", {row.offset, row.length}, step) == expected) << row.offset << " " << step;
    }
  }
  EXPECT_EQ(get("whole", {2'300'001, {}}, 10), "[invalid]");
  EXPECT_EQ(get("none", {0, {}}, 10), "[not_found]");
}

TEST_P(BlobConformance, a_name_is_put_once) {
  EXPECT_EQ(put("a/b", "one"), "ok");
  EXPECT_EQ(put("a/b", "two"), "conflict");
  EXPECT_EQ(get("a/b"), "one");

  const auto first = writer("race");
  const auto second = writer("race");
  ASSERT_EQ(said(wait(first->write(bytes_of("first")))), "ok");
  ASSERT_EQ(said(wait(second->write(bytes_of("second")))), "ok");
  EXPECT_EQ(said(wait(second->commit())), "ok");
  EXPECT_EQ(said(wait(first->commit())), "conflict");
  EXPECT_EQ(get("race"), "second");
}

TEST_P(BlobConformance, a_name_is_a_blob_or_a_folder) {
  ASSERT_EQ(put("a/b", "x"), "ok");
  EXPECT_EQ(put("a", "x"), "conflict");
  EXPECT_EQ(put("a/b/c", "x"), "conflict");
  EXPECT_EQ(put("a/b/c/d", "x"), "conflict");
  EXPECT_EQ(get("a"), "[not_found]");
  EXPECT_EQ(get("a/b/c"), "[not_found]");
  EXPECT_EQ(remove("a"), "ok");
  EXPECT_EQ(remove("a/b/c"), "ok");
  EXPECT_THAT(names(), ElementsAre("a/b"));
  ASSERT_EQ(remove("a/b"), "ok");
  EXPECT_EQ(put("a", "x"), "ok");  // the folder went with its last blob
}

TEST_P(BlobConformance, a_writer_that_is_dropped_leaves_nothing) {
  const auto large = pattern(3'000'000);
  for (const auto& bytes : {std::string("small"), large}) {
    auto out = writer("dropped/blob");
    ASSERT_EQ(said(wait(out->write(bytes_of(bytes)))), "ok");
    out.reset();
    EXPECT_EQ(get("dropped/blob"), "[not_found]");
    EXPECT_THAT(names(), IsEmpty());
  }
  EXPECT_EQ(put("dropped", "x"), "ok");
}

TEST_P(BlobConformance, a_blob_that_is_too_large_is_refused_and_leaves_nothing) {
  make(Limits{.blob_bytes_max = 2'000'000});
  EXPECT_EQ(put("large", pattern(2'000'001)), "limit");
  const auto out = writer("grown");
  ASSERT_EQ(said(wait(out->write(bytes_of(pattern(1'500'000))))), "ok");
  EXPECT_EQ(said(wait(out->write(bytes_of(pattern(500'001))))), "limit");
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(put("fits", pattern(2'000'000)), "ok");
}

TEST_P(BlobConformance, a_reader_sees_the_whole_though_the_blob_is_removed) {
  const auto bytes = pattern(2'500'000);
  ASSERT_EQ(put("a/removed", bytes), "ok");
  const Range whole;
  const auto in = wait(blob().reader("a/removed", whole)).value();
  ASSERT_EQ(remove("a/removed"), "ok");
  EXPECT_EQ(get("a/removed"), "[not_found]");
  std::string read;
  std::string part(300'000, '\0');
  while (read.size() < in->size()) {
    const auto count = wait(in->read(std::as_writable_bytes(std::span(part)))).value();
    ASSERT_GT(count, 0U);
    read.append(part, 0, count);
  }
  EXPECT_TRUE(read == bytes);
}

TEST_P(BlobConformance, removing_what_is_not_there_is_no_error) {
  EXPECT_EQ(remove("none"), "ok");
  EXPECT_EQ(remove("no/such/folder"), "ok");
  ASSERT_EQ(put("a", "x"), "ok");
  EXPECT_EQ(remove("a"), "ok");
  EXPECT_EQ(remove("a"), "ok");
  reopen();
  EXPECT_THAT(names(), IsEmpty());
}

TEST_P(BlobConformance, names_are_listed_in_the_order_of_their_bytes) {
  const std::vector<Name> sorted = {"a-b",  "a.c/x", "a/0", "a/b-c", "a/b/c/d", "a/b/d",
                                    "a/b0", "a0",    "a_",  "b/x",   "c"};
  for (auto at = sorted.rbegin(); at != sorted.rend(); ++at) {
    ASSERT_EQ(put(*at, *at), "ok");
  }
  EXPECT_EQ(names(), sorted);
  EXPECT_THAT(names("a/"), ElementsAre("a/0", "a/b-c", "a/b/c/d", "a/b/d", "a/b0"));
  EXPECT_THAT(names("a/b/"), ElementsAre("a/b/c/d", "a/b/d"));
  EXPECT_THAT(names("none/"), IsEmpty());
  EXPECT_THAT(names("c/"), IsEmpty());
  EXPECT_EQ(said(wait(blob().list("a", "", 10))), "invalid");
  for (const auto& after : {"", "0", "a", "a-b", "a/", "a/a", "a/b", "a/b/", "a/b/c", "a/b/c/d", "a/b/c/e",
                            "a/b/d", "a/bz", "a/z", "a0", "b", "b/x", "c", "d"}) {
    std::vector<Name> expected(std::upper_bound(sorted.begin(), sorted.end(), Name(after)), sorted.end());
    EXPECT_EQ(names("", after), expected) << after;
    std::erase_if(expected, [](const Name& name) { return !name.starts_with("a/"); });
    EXPECT_EQ(names("a/", after), expected) << after;
  }
  for (const std::size_t limit : {1U, 2U, 3U, 4U, 50U}) {
    std::vector<Name> all;
    for (auto page = names("", "", limit); !page.empty(); page = names("", all.back(), limit)) {
      EXPECT_LE(page.size(), limit);
      all.insert(all.end(), page.begin(), page.end());
    }
    EXPECT_EQ(all, sorted) << limit;
  }
  EXPECT_THAT(names("", "", 0), IsEmpty());
}

TEST_P(BlobConformance, a_list_tells_size_and_time_and_ends_at_its_limit) {
  make(Limits{.page_max = 3});
  const auto before = std::chrono::system_clock::now() - std::chrono::seconds(5);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(put(std::to_string(i), pattern(static_cast<std::size_t>(i))), "ok");
  }
  const auto page = wait(blob().list("", "", 100)).value();
  ASSERT_EQ(page.size(), 3U);
  EXPECT_EQ(page[2].size, 2U);
  EXPECT_GT(page[2].modified, before);
  EXPECT_LT(page[2].modified, std::chrono::system_clock::now() + std::chrono::seconds(5));
}

TEST_P(BlobConformance, names_that_are_no_names_are_refused) {
  const auto long_part = std::string(256, 'a');
  std::string deep = "a";
  for (int i = 0; i < 32; ++i) {
    deep += "/a";
  }
  const std::string with_zero("a\0b", 3);
  for (const auto& name : {std::string(),
                           std::string("/"),
                           std::string("/etc/passwd"),
                           std::string(".."),
                           std::string("../a"),
                           std::string("a/../b"),
                           std::string("a/.."),
                           std::string("."),
                           std::string("a/./b"),
                           std::string("a//b"),
                           std::string("a/"),
                           std::string(".tmp/1"),
                           std::string("a/.hidden"),
                           std::string("A"),
                           std::string("a b"),
                           std::string("a\\b"),
                           std::string("a\nb"),
                           std::string("\xc3\xa9"),
                           std::string("a%2e"),
                           std::string("*"),
                           with_zero,
                           long_part,
                           "a/" + long_part,
                           deep,
                           std::string(1025, 'a')}) {
    EXPECT_EQ(put(name, "x"), "invalid") << name;
    EXPECT_EQ(get(name), "[invalid]") << name;
    EXPECT_EQ(remove(name), "invalid") << name;
  }
  EXPECT_THAT(names(), IsEmpty());
  const auto longest = std::string(255, 'a');
  EXPECT_EQ(put(longest + "/" + longest + "/" + longest + "/" + longest, "x"), "ok");
  EXPECT_EQ(put(deep.substr(2), "x"), "ok");
  EXPECT_EQ(put("a-z_0.9", "x"), "ok");
}

inline Task<void> put_one(Blob& blob, Name name, std::string bytes, std::atomic<int>& succeeded) {
  const auto done = co_await blob.put(std::move(name), bytes_of(bytes));
  succeeded += done.has_value() ? 1 : 0;
}

TEST_P(BlobConformance, of_many_puts_at_once_each_name_gets_one) {
  std::atomic<int> succeeded{0};
  async::Gate gate;
  for (std::uint32_t i = 0; i < 128; ++i) {
    const auto name = "f" + std::to_string(i % 4) + "/sub/" + std::to_string(i % 64);
    gate.spawn(loops_.next().get_executor(),
               put_one(blob(), name, pattern(1000 + 30'000 * (i % 64), i % 64), succeeded));
  }
  ASSERT_TRUE(gate.wait_empty(Millis(60'000)));
  EXPECT_EQ(succeeded.load(), 64);
  ASSERT_EQ(names().size(), 64U);
  for (std::uint32_t i = 0; i < 64; ++i) {
    const auto name = "f" + std::to_string(i % 4) + "/sub/" + std::to_string(i);
    EXPECT_TRUE(get(name) == pattern(1000 + 30'000 * i, i)) << name;
  }
}

inline Task<void> put_and_remove(Blob& blob, Name name, int rounds, std::atomic<int>& failed) {
  const std::string bytes = "x";
  for (int i = 0; i < rounds; ++i) {
    const auto put = co_await blob.put(name, bytes_of(bytes));
    const auto read = co_await blob.get(name);
    const auto removed = co_await blob.remove(name);
    failed += put && read && removed ? 0 : 1;
  }
}

TEST_P(BlobConformance, a_folder_that_comes_and_goes_stands_in_nobodys_way) {
  std::atomic<int> failed{0};
  async::Gate gate;
  for (int i = 0; i < 8; ++i) {
    gate.spawn(loops_.next().get_executor(),
               put_and_remove(blob(), "a/b/c/" + std::to_string(i), 40, failed));
  }
  ASSERT_TRUE(gate.wait_empty(Millis(60'000)));
  EXPECT_EQ(failed.load(), 0);
  EXPECT_THAT(names(), IsEmpty());
}

}  // namespace cairn::blob::conformance
