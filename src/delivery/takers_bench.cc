// What it costs to select: a record is matched once with what all trails ask, and put to the trails of its account and
// Region. 10 trails in one account beside 1,000 in 20 accounts and 10 Regions: at most twice as much (the plan's
// bound). In the third, no two of the trails that name a bucket name the same. Prints records a second.
#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include "base/check.h"
#include "delivery/takers.h"
#include "json/json.h"

namespace cairn::delivery {
namespace {

constexpr int kRegions = 10;
constexpr int kRecords = 20'000;

std::string account_of(int number) {
  return fmt::format("{:012}", 100'000'000'000 + number);
}
std::string region_of(int number) {
  return fmt::format("eu-west-{}", number);
}

// Five sorts of selectors, some of them with names of their own.
trail::Selectors selectors_of(int number, int buckets) {
  const auto data = [](std::string field) {
    return R"({"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]},)" +
           std::move(field) + "]}";
  };
  const std::string all[] = {
      R"([{}])",
      R"([{"ReadWriteType":"WriteOnly","ExcludeManagementEventSources":["kms.amazonaws.com"]}])",
      fmt::format(R"([{{"DataResources":[{{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::bucket-{}/"]}}]}}])", number % buckets),
      "[" + data(fmt::format(R"({{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::bucket-{}/a"]}})", number % buckets)) + "]",
      "[" + data(R"({"Field":"eventName","NotEquals":["GetObject","HeadObject"]})") + "]",
  };
  const int kind = number % 5;
  const auto list = json::parse(all[kind])->as_array();
  return trail::read_selectors(kind < 3 ? &list : nullptr, kind < 3 ? nullptr : &list).value();
}

std::vector<trail::Trail> trails_of(int count, int accounts, int buckets) {
  std::vector<trail::Trail> trails;
  for (int i = 0; i < count; ++i) {
    trails.push_back({.account = account_of(i % accounts),
                      .name = fmt::format("trail-{}", i),
                      .home_region = region_of(i / accounts % kRegions),
                      .multi_region = i % 3 == 0,
                      .logging = true,
                      .selectors = selectors_of(i, buckets)});
  }
  return trails;
}

std::vector<std::string> records_of(int accounts) {
  std::vector<std::string> records;
  for (int i = 0; i < kRecords; ++i) {
    const bool data = i % 2 == 0;
    const auto bucket = fmt::format("arn:aws:s3:::bucket-{}", i % 60);
    records.push_back(fmt::format(
        R"({{"eventVersion":"1.11","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::{0}:user/wren","accountId":"{0}"}},)"
        R"("eventTime":"2026-03-02T10:15:00Z","eventSource":"{1}.amazonaws.com","eventName":"{2}","awsRegion":"{3}",)"
        R"("requestParameters":{{"bucketName":"bucket-{4}","key":"{5}","padding":"{6}"}},"eventID":"00000000-0000-4000-8000-{7:012}",)"
        R"("readOnly":{8},"resources":[{{"type":"AWS::S3::Object","ARN":"{9}/{5}"}},{{"type":"AWS::S3::Bucket","ARN":"{9}"}}],)"
        R"("eventType":"AwsApiCall","managementEvent":{10},"recipientAccountId":"{0}","eventCategory":"{11}"}})",
        account_of(i % accounts), data ? "s3" : "iam", data ? (i % 4 == 0 ? "GetObject" : "PutObject") : "CreateUser",
        region_of(i / accounts % kRegions), i % 60, i % 3 == 0 ? "a/b" : "c/d", std::string(400, 'x'), i, i % 4 == 0,
        bucket, !data, data ? "Data" : "Management"));
  }
  return records;
}

void select(benchmark::State& state, int count, int accounts, int buckets) {
  const auto trails = trails_of(count, accounts, buckets);
  std::vector<const trail::Trail*> all;
  for (const auto& trail : trails) {
    all.push_back(&trail);
  }
  const Takers takers(all);
  std::vector<match::OwnedPattern> patterns;
  for (const auto& one : takers.patterns()) {
    patterns.push_back({.owner = 0, .id = one.id, .pattern = one.pattern});
  }
  const auto matcher = match::compile(patterns).value();
  const auto records = records_of(accounts);
  std::vector<event::View> views;
  for (const auto& record : records) {
    views.push_back(event::view(record).value());
  }
  match::Scratch scratch;
  std::vector<match::Hit> hits;
  std::size_t taken = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      hits.clear();
      CAIRN_CHECK(matcher->match(records[i], scratch, hits).has_value());
      takers.each(views[i], hits, [&](const Taker&) { ++taken; });
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kRecords);
  state.counters["patterns"] = static_cast<double>(takers.patterns().size());
  state.counters["files a record"] =
      static_cast<double>(taken) / (static_cast<double>(state.iterations()) * kRecords);
}

BENCHMARK_CAPTURE(select, trails_10, 10, 1, 50);
BENCHMARK_CAPTURE(select, trails_1000, 1'000, 20, 50);
BENCHMARK_CAPTURE(select, trails_1000_each_its_bucket, 1'000, 20, 1'000);

}  // namespace
}  // namespace cairn::delivery
