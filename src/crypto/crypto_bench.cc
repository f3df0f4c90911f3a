// What one request or one event pays for.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "crypto/hash.h"
#include "crypto/messages.h"
#include "crypto/random.h"
#include "crypto/sealed_file.h"
#include "crypto/sealer.h"

namespace cairn::crypto {
namespace {

void BM_sha256_one_shot(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'a');
  for (auto _ : state) {
    benchmark::DoNotOptimize(sha256(text));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_sha256_one_shot)->Arg(32)->Arg(200)->Arg(4096)->Arg(1 << 20);

void BM_md5_one_shot(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'a');
  for (auto _ : state) {
    benchmark::DoNotOptimize(md5(text));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_md5_one_shot)->Arg(1 << 20);

void BM_hmac_sha256(benchmark::State& state) {
  const std::string key(32, 'k');
  const std::string text(120, 'a');
  for (auto _ : state) {
    benchmark::DoNotOptimize(hmac_sha256(key, text));
  }
}
BENCHMARK(BM_hmac_sha256);

void BM_uuid4(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(uuid4());
  }
}
BENCHMARK(BM_uuid4);

void BM_seal_and_open(benchmark::State& state) {
  const Sealer sealer(MasterKey::generate());
  const std::string secret(40, 's');
  for (auto _ : state) {
    benchmark::DoNotOptimize(sealer.open(sealer.seal(secret, "keys/1"), "keys/1"));
  }
}
BENCHMARK(BM_seal_and_open);

// A journal entry, an intent: 1.1 KB is a record.
void BM_message_seal(benchmark::State& state) {
  const MessageSealer sealer(random_secret(32));
  const std::string plain(static_cast<std::size_t>(state.range(0)), 'r');
  std::string out(plain.size() + Messages::kOverheadBytes, '\0');
  for (auto _ : state) {
    sealer.seal({"p"}, {plain}, std::as_writable_bytes(std::span(out)));
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_message_seal)->Arg(0)->Arg(1100)->Arg(8000);

void BM_message_open(benchmark::State& state) {
  const auto key = random_secret(32);
  const MessageSealer sealer(key.clone());
  MessageOpener opener(key);
  const std::string plain(static_cast<std::size_t>(state.range(0)), 'r');
  std::string sealed(plain.size() + Messages::kOverheadBytes, '\0');
  sealer.seal({"p"}, {plain}, std::as_writable_bytes(std::span(sealed)));
  std::string out(plain.size(), '\0');
  for (auto _ : state) {
    benchmark::DoNotOptimize(opener.open({"p"}, sealed, std::as_writable_bytes(std::span(out))).has_value());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_message_open)->Arg(0)->Arg(1100)->Arg(8000);

// A segment's file, and what a lookup reads of one: a block of an index, or a part of a page.
void BM_seal_file(benchmark::State& state) {
  const auto key = random_secret(SealedFile::kKeyBytes);
  const std::string plain(static_cast<std::size_t>(state.range(0)), 'p');
  for (auto _ : state) {
    benchmark::DoNotOptimize(seal_file(key, plain));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_seal_file)->Arg(1000)->Arg(5 << 20);

void BM_read_sealed_file(benchmark::State& state) {
  const auto key = random_secret(SealedFile::kKeyBytes);
  const auto sealed = seal_file(key, std::string(1 << 20, 'p'));
  const auto input = sealed_input(memory_input(sealed), key).value();
  std::string part(static_cast<std::size_t>(state.range(0)), '\0');
  std::uint64_t at = 0;
  for (auto _ : state) {
    CAIRN_CHECK(input->read(at, part).has_value());
    at = (at + 4096 * 7) % (512 << 10);
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_read_sealed_file)->Arg(4096)->Arg(64 << 10);

void BM_open_sealed_file(benchmark::State& state) {
  const auto key = random_secret(SealedFile::kKeyBytes);
  const auto sealed = seal_file(key, std::string(1 << 20, 'p'));
  for (auto _ : state) {
    benchmark::DoNotOptimize(sealed_input(memory_input(sealed), key));
  }
}
BENCHMARK(BM_open_sealed_file);

}  // namespace
}  // namespace cairn::crypto
