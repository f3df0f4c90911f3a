// What a batch of records costs at the door, and a record where it is looked at.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "json/json.h"
#include "json/records.h"
#include "json/scan.h"

namespace cairn::json {
namespace {

constexpr std::string_view kRecord =
    R"({"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDAQRSTUVWXYZEXAMPLE","arn":"arn:aws:iam::111122223333:user/ann","accountId":"111122223333","accessKeyId":"AKIAKESTREL0EXAMPLE1","userName":"ann","sessionContext":{"sessionIssuer":{},"webIdFederationData":{},"attributes":{"creationDate":"2026-03-02T09:58:11Z","mfaAuthenticated":"false"}}},"eventTime":"2026-03-02T10:15:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.24","userAgent":"[aws-cli/2.15.0 Python/3.11.6 Linux/6.1.0 exe/x86_64.debian.12 prompt/off command/s3.cp]","requestParameters":{"bucketName":"kestrel-audit","Host":"kestrel-audit.s3.eu-west-1.amazonaws.com","key":"logs/2026/03/02/part-00017.json.gz"},"responseElements":null,"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"Zk0Xw0yqkTwUV1rXb0mUyp5hGJ3mS0X2cTn2xkqR1d7fP0==","bytesTransferredOut":48211},"requestID":"5F3Q2M8C7B1N4K6D","eventID":"0f8fad5b-d9cb-469f-a165-70867728950e","readOnly":true,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::kestrel-audit/logs/2026/03/02/part-00017.json.gz"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::kestrel-audit"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data"})";

std::string batch() {
  std::string text = "{\"Records\":[";
  for (int i = 0; i < 1'000; ++i) {
    text += i == 0 ? "" : ",";
    text += kRecord;
  }
  return text + "]}";
}

void BM_split_batch_of_1000(benchmark::State& state) {
  const auto text = batch();
  std::vector<Record> records;
  for (auto _ : state) {
    records.clear();
    benchmark::DoNotOptimize(split_records(text, {}, records).has_value());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
  state.SetItemsProcessed(state.iterations() * 1'000);
}
BENCHMARK(BM_split_batch_of_1000);

void scan(benchmark::State& state, Scanner scanner) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(scanner.scan(kRecord).has_value());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kRecord.size()));
}

void BM_scan_5_fields(benchmark::State& state) {
  scan(state, {"eventID", "eventTime", "eventName", "userIdentity.accessKeyId", "recipientAccountId"});
}
BENCHMARK(BM_scan_5_fields);

void BM_scan_20_fields(benchmark::State& state) {
  scan(state, {"eventID",
               "eventTime",
               "eventName",
               "eventSource",
               "awsRegion",
               "userIdentity.accessKeyId",
               "userIdentity.userName",
               "userIdentity.arn",
               "userIdentity.type",
               "userIdentity.accountId",
               "recipientAccountId",
               "readOnly",
               "managementEvent",
               "errorCode",
               "resources",
               "requestParameters",
               "eventType",
               "eventCategory",
               "sourceIPAddress",
               "userAgent"});
}
BENCHMARK(BM_scan_20_fields);

void BM_parse_tree(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse(kRecord).has_value());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kRecord.size()));
}
BENCHMARK(BM_parse_tree);

void BM_serialize_tree(benchmark::State& state) {
  const auto tree = parse(kRecord).value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(serialize(tree));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kRecord.size()));
}
BENCHMARK(BM_serialize_tree);

void BM_minify(benchmark::State& state) {
  const std::string text = "  " + batch();
  for (auto _ : state) {
    benchmark::DoNotOptimize(minify(text));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(BM_minify);

}  // namespace
}  // namespace cairn::json
