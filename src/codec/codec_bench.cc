// Throughput of what every byte of a batch, a segment or a log file passes through.
#include <benchmark/benchmark.h>

#include <random>

#include "codec/base64.h"
#include "codec/checksum.h"
#include "codec/gzip.h"
#include "codec/utf8.h"

namespace cairn::codec {
namespace {

std::string sample(std::size_t size) {
  static constexpr std::string_view kWords[] = {"\"eventName\":", "\"AssumeRole\",", "\"userIdentity\":{",
                                                "111122223333",   "us-east-1",       "0f8fad5b"};
  std::mt19937 random(1);
  std::string out;
  while (out.size() < size) {
    out += kWords[random() % std::size(kWords)];
    out += static_cast<char>('a' + random() % 26);
  }
  out.resize(size);
  return out;
}

template <auto Function>
void BM_over(benchmark::State& state) {
  const auto text = sample(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(Function(text));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

constexpr auto kCrc32 = [](const std::string& text) { return crc32(text); };
constexpr auto kCrc32c = [](const std::string& text) { return crc32c(text); };
constexpr auto kCrc32cTables = [](const std::string& text) { return detail::crc32c_tables(text, 0); };
constexpr auto kCrc64 = [](const std::string& text) { return crc64nvme(text); };
constexpr auto kBase64 = [](const std::string& text) { return base64_decode(base64_encode(text)); };
constexpr auto kUnbase64 = [](const std::string& text) {
  static const auto encoded = base64_encode(text);
  return base64_decode(encoded);
};
constexpr auto kUtf8 = [](const std::string& text) { return valid_utf8(text); };
constexpr auto kGzip1 = [](const std::string& text) { return gzip_compress(text, 1); };
constexpr auto kGzip6 = [](const std::string& text) { return gzip_compress(text, 6); };
constexpr auto kGunzip = [](const std::string& text) {
  static const auto packed = gzip_compress(text);
  return gzip_decompress(packed, text.size());
};

BENCHMARK(BM_over<kCrc32>)->Name("BM_crc32")->Arg(1 << 20);
BENCHMARK(BM_over<kCrc32c>)->Name("BM_crc32c")->Arg(1200)->Arg(1 << 20);
BENCHMARK(BM_over<kCrc32cTables>)->Name("BM_crc32c_tables")->Arg(1 << 20);
BENCHMARK(BM_over<kCrc64>)->Name("BM_crc64nvme")->Arg(1 << 20);
BENCHMARK(BM_over<kBase64>)->Name("BM_base64_both_ways")->Arg(1 << 20);
BENCHMARK(BM_over<kUnbase64>)->Name("BM_base64_decode")->Arg(8 << 10);
BENCHMARK(BM_over<kUtf8>)->Name("BM_utf8_ascii")->Arg(1 << 20);
BENCHMARK(BM_over<kGzip1>)->Name("BM_gzip_level_1")->Arg(1 << 20);
BENCHMARK(BM_over<kGzip6>)->Name("BM_gzip_level_6")->Arg(1 << 20);
BENCHMARK(BM_over<kGunzip>)->Name("BM_gunzip")->Arg(1 << 20);

}  // namespace
}  // namespace cairn::codec
