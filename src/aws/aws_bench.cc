#include <benchmark/benchmark.h>

#include <boost/json/object.hpp>

#include "aws/protocol.h"
#include "aws/recognise.h"
#include "aws/validate.h"

namespace cairn::aws {
namespace {

void BM_model_load_all(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(Catalogue::of_companions()->all().size());
  }
}
BENCHMARK(BM_model_load_all)->Unit(benchmark::kMillisecond);

void BM_index_of_everything(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(Catalogue::of_everything(catalogue()));
  }
}
BENCHMARK(BM_index_of_everything)->Unit(benchmark::kMillisecond);

// The largest of all: its index is made anew, too.
void BM_index_and_ec2(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(Catalogue::of_everything(catalogue())->by_name("ec2"));
  }
}
BENCHMARK(BM_index_and_ec2)->Unit(benchmark::kMillisecond);

void BM_recognise_s3_put(benchmark::State& state) {
  const codec::RequestHead head{"PUT", "/logs/AWSLogs/a.json.gz", {{"Host", "localhost:4586"}}};
  for (auto _ : state) {
    benchmark::DoNotOptimize(recognise({.head = head, .scope_service = "s3", .form = {}, .s3_domains = {}}));
  }
}
BENCHMARK(BM_recognise_s3_put);

// Over all services, one request a protocol.
struct Asked {
  codec::RequestHead head;
  std::string scope;
  std::string form;
};

void recognise_one(benchmark::State& state, const Asked& asked) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(recognise({.head = asked.head,
                                        .scope_service = asked.scope,
                                        .form = asked.form,
                                        .s3_domains = {},
                                        .among = everything(),
                                        .lenient = true}));
  }
}

const codec::Headers kForm = {{"Content-Type", "application/x-www-form-urlencoded"}};
BENCHMARK_CAPTURE(recognise_one, json,
                  Asked{{"POST", "/", {{"X-Amz-Target", "DynamoDB_20120810.PutItem"}}}, "dynamodb", ""});
BENCHMARK_CAPTURE(recognise_one, query,
                  Asked{{"POST", "/", kForm}, "rds", "Action=CreateDBCluster&Version=2014-10-31"});
BENCHMARK_CAPTURE(recognise_one, ec2,
                  Asked{{"POST", "/", kForm}, "ec2", "Action=RunInstances&Version=2016-11-15&MinCount=1"});
BENCHMARK_CAPTURE(recognise_one, rest_json,
                  Asked{{"POST", "/2015-03-31/functions/x/invocations", {}}, "lambda", ""});
BENCHMARK_CAPTURE(recognise_one, rest_json_of_two_services,
                  Asked{{"GET", "/v2/apis/abc/integrations/def", {}}, "apigateway", ""});
BENCHMARK_CAPTURE(recognise_one, rest_xml, Asked{{"PUT", "/logs/AWSLogs/a.json.gz", {}}, "s3", ""});
BENCHMARK_CAPTURE(recognise_one, cbor,
                  Asked{{"POST",
                         "/service/GraniteServiceVersion20100801/operation/PutMetricData",
                         {{"smithy-protocol", "rpc-v2-cbor"}}},
                        "monitoring",
                        ""});

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
