// What a signature costs a request: read, verified with a key at hand, and made.
#include <benchmark/benchmark.h>

#include "aws/aws_chunked.h"
#include "aws/sigv4.h"
#include "codec/base64.h"

namespace cairn::aws::sigv4 {
namespace {

const Time kNow = parse_basic("20260302T101500Z").value();
constexpr std::string_view kBody = R"({"MaxResults":1})";

codec::RequestHead unsigned_head() {
  return {"POST",
          "/",
          {{"Host", "cloudtrail.eu-west-1.amazonaws.com"},
           {"Content-Type", "application/x-amz-json-1.1"},
           {"User-Agent", "aws-cli/2.15.0 Python/3.11.6 Linux/6.1.0"},
           {"X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"}}};
}

void BM_sigv4_sign(benchmark::State& state) {
  const Credentials credentials{"AKIAKESTREL0EXAMPLE1", crypto::Secret("secret"), {}};
  const auto hash = codec::hex_encode(crypto::sha256(kBody));
  for (auto _ : state) {
    auto head = unsigned_head();
    sign_headers(head, {credentials, "eu-west-1", "cloudtrail", kNow, hash});
    benchmark::DoNotOptimize(head);
  }
}
BENCHMARK(BM_sigv4_sign);

void BM_sigv4_parse_and_verify(benchmark::State& state) {
  const Credentials credentials{"AKIAKESTREL0EXAMPLE1", crypto::Secret("secret"), {}};
  auto head = unsigned_head();
  sign_headers(head,
               {credentials, "eu-west-1", "cloudtrail", kNow, codec::hex_encode(crypto::sha256(kBody))});
  KeyCache cache;
  for (auto _ : state) {
    const auto authorization = parse_authorization(head).value();
    const auto hash = codec::hex_encode(crypto::sha256(kBody));
    benchmark::DoNotOptimize(
        verify({head, authorization, credentials.secret, hash, kNow}, cache).has_value());
  }
}
BENCHMARK(BM_sigv4_parse_and_verify);

void BM_chunked_unsigned_1_mib(benchmark::State& state) {
  const std::string body = "100000\r\n" + std::string(1U << 20, 'x') + "\r\n0\r\n\r\n";
  for (auto _ : state) {
    ChunkedDecoder decoder({ChunkMode::unsigned_chunks_trailer, {}, {}, {}});
    std::size_t size = 0;
    const ChunkedDecoder::Sink sink = [&](std::span<const std::byte> data) { size += data.size(); };
    benchmark::DoNotOptimize(decoder.push(ByteView(body).bytes(), sink).has_value() &&
                             decoder.finish().has_value());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(BM_chunked_unsigned_1_mib);

}  // namespace
}  // namespace cairn::aws::sigv4
