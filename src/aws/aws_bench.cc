#include <benchmark/benchmark.h>

#include <boost/json/object.hpp>

#include "aws/protocol.h"
#include "aws/recognise.h"
#include "aws/validate.h"

namespace cairn::aws {
namespace {

void BM_model_load_all(benchmark::State& state) {
  for (auto _ : state) {
    const Catalogue fresh;
    benchmark::DoNotOptimize(fresh.all().size());
  }
}
BENCHMARK(BM_model_load_all)->Unit(benchmark::kMillisecond);

void BM_recognise_s3_put(benchmark::State& state) {
  const codec::RequestHead head{"PUT", "/logs/AWSLogs/a.json.gz", {{"Host", "localhost:4586"}}};
  for (auto _ : state) {
    benchmark::DoNotOptimize(recognise({.head = head, .scope_service = "s3", .form = {}, .s3_domains = {}}));
  }
}
BENCHMARK(BM_recognise_s3_put);

void BM_request_lookup_events(benchmark::State& state) {
  const codec::RequestHead head{
      "POST",
      "/",
      {{"X-Amz-Target", "CloudTrail_20131101.LookupEvents"}, {"Content-Type", "application/x-amz-json-1.1"}}};
  for (auto _ : state) {
    const auto call = recognise({.head = head, .scope_service = "cloudtrail", .form = {}, .s3_domains = {}});
    const auto input = decode_request(*call, head, R"({"StartTime":1767323045,"MaxResults":3})");
    benchmark::DoNotOptimize(validate(Family::json, *call->operation, *input));
  }
}
BENCHMARK(BM_request_lookup_events);

}  // namespace
}  // namespace cairn::aws
