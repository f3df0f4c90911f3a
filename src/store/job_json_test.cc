// Jobs and results come back as they were written, and what is none is refused.
#include <gtest/gtest.h>

#include "store/job.h"

namespace cairn::store {
namespace {

const Time kNow{Millis{1'774'000'800'123}};

std::shared_ptr<const crypto::Secret> key_of(char fill) {
  return std::make_shared<const crypto::Secret>(ByteView(std::string(32, fill)));
}
std::string text_of(const std::shared_ptr<const crypto::Secret>& key) {
  return std::string(ByteView(key->bytes()).text());
}

TEST(JobJson, gives_a_seal_back_as_it_was_written) {
  const Job job{.id = "00000000000000025000-6b1f0c2d9e8a7355",
                .folder = "/data/scratch/history",
                .memory_bytes_max = 400U << 20,
                .deadline = Millis{60'000},
                .key = key_of('j'),
                .work = SealJob{.partition = journal::Partition{3},
                                .from = journal::Position{5},
                                .to = journal::Position{18'446'744'073'709'551'615ULL},
                                .now = kNow,
                                .oldest = kNow - Millis{90}}};
  const auto read = parse_job(to_json(job));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(to_json(*read), to_json(job));
  EXPECT_EQ(read->deadline, job.deadline);
  const auto& seal = std::get<SealJob>(read->work);
  EXPECT_EQ(seal.to.raw(), 18'446'744'073'709'551'615ULL);
  EXPECT_EQ(seal.oldest, kNow - Millis{90});
}

TEST(JobJson, gives_a_merge_back_as_it_was_written) {
  const Job job{
      .id = "a",
      .folder = "f",
      .memory_bytes_max = 1,
      .deadline = Millis{2},
      .key = key_of('j'),
      .work = MergeJob{.group = "2026-03",
                       .sources = {{{"a.parquet", nullptr}, 7}, {{"b \"ä\".parquet", key_of('b')}, 8}}}};
  const auto read = parse_job(to_json(job));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  const auto& merge = std::get<MergeJob>(read->work);
  EXPECT_EQ(merge.group, "2026-03");
  ASSERT_EQ(merge.sources.size(), 2U);
  EXPECT_EQ(text_of(read->key), text_of(job.key));
  EXPECT_EQ(merge.sources[0].file.key, nullptr);
  EXPECT_EQ(text_of(merge.sources[1].file.key), text_of(key_of('b')));
  EXPECT_EQ(merge.sources[1].file.path, "b \"ä\".parquet");
  EXPECT_EQ(merge.sources[1].rows, 8U);
}

TEST(JobJson, gives_a_result_back_as_it_was_written) {
  const JobResult result{.made = {{.group = "2026-03-20",
                                   .parquet = "x.parquet",
                                   .postings = "x.postings",
                                   .first = journal::Position{1},
                                   .last = journal::Position{2},
                                   .min_time = kNow - Millis{1},
                                   .max_time = kNow,
                                   .rows = 3,
                                   .parquet_bytes = 4,
                                   .postings_bytes = 5,
                                   .json_bytes = 6,
                                   .accounts = {"111122223333"},
                                   .regions = {}}},
                         .repeats = 9};
  const auto read = parse_job_result(to_json(result));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(to_json(*read), to_json(result));
  EXPECT_EQ(read->repeats, 9U);
  EXPECT_EQ(read->made.at(0).postings_bytes, 5U);
}

TEST(JobJson, refuses_what_is_no_job_or_a_newer_one) {
  for (
      const std::string_view text :
      {"", "[]", "{}", R"({"format":2})",
       R"({"format":1,"id":"a","folder":"f","memoryBytesMax":1,"deadline":1,"key":"KEY"})",
       R"({"format":1,"id":"a","folder":"f","memoryBytesMax":1,"deadline":1,"key":"KEY","merge":{"group":"g","sources":[]}})",
       R"({"format":1,"id":"a","folder":"f","memoryBytesMax":1,"deadline":1,"key":"6b","merge":)"
       R"({"group":"g","sources":[{"path":"p","rows":1}]}})",
       R"({"format":1,"id":"a","folder":"f","memoryBytesMax":1,"deadline":1,"merge":)"
       R"({"group":"g","sources":[{"path":"p","rows":1}]}})"}) {
    std::string whole(text);
    if (const auto at = whole.find("KEY"); at != whole.npos) {
      whole.replace(at, 3, std::string(64, '6'));
    }
    const auto read = parse_job(whole);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().code, Errc::invalid) << text;
    EXPECT_FALSE(parse_job_result(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace cairn::store
