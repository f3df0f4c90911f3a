#include "crypto/random.h"

#include <openssl/rand.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstring>

#include "base/check.h"

namespace cairn::crypto {
namespace {

constexpr std::size_t kBufferBytes = 4096;

// Counts forks, so that parent and child never cut from copies of one buffer.
std::atomic<std::uint32_t>& fork_generation() {
  static std::atomic<std::uint32_t> generation{0};
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { fork_generation().fetch_add(1, std::memory_order_relaxed); });
  CAIRN_CHECK(registered == 0);
  return generation;
}

class Buffer {
 public:
  ~Buffer() { wipe(bytes_); }

  void take(std::span<std::byte> out) {
    CAIRN_CHECK(out.size() <= bytes_.size());
    const auto generation = fork_generation().load(std::memory_order_relaxed);
    if (bytes_.size() - used_ < out.size() || generation != generation_) {
      random_bytes(bytes_);
      used_ = 0;
      generation_ = generation;
    }
    std::memcpy(out.data(), bytes_.data() + used_, out.size());
    std::memset(bytes_.data() + used_, 0, out.size());
    used_ += out.size();
  }

 private:
  std::array<std::byte, kBufferBytes> bytes_{};
  std::size_t used_ = kBufferBytes;
  std::uint32_t generation_ = 0;
};

void take(std::span<std::byte> out) {
  thread_local Buffer buffer;
  buffer.take(out);
}

}  // namespace

void random_bytes(std::span<std::byte> out) {
  CAIRN_CHECK(out.size() <= INT_MAX);
  CAIRN_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) == 1);
}

Secret random_secret(std::size_t size) {
  Secret secret(size);
  random_bytes(secret.writable());
  return secret;
}

std::uint64_t random_number() {
  std::uint64_t number = 0;
  take(std::as_writable_bytes(std::span(&number, 1)));
  return number;
}

std::string uuid4() {
  static constexpr char kHex[] = "0123456789abcdef";
  std::array<std::byte, 16> bytes;
  take(bytes);
  bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};  // version 4
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};  // RFC 4122's variant
  std::string out(36, '-');
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    at += i == 4 || i == 6 || i == 8 || i == 10 ? 1 : 0;
    out[at++] = kHex[std::to_integer<unsigned>(bytes[i] >> 4)];
    out[at++] = kHex[std::to_integer<unsigned>(bytes[i] & std::byte{15})];
  }
  return out;
}

std::string random_text(std::size_t length, std::string_view alphabet) {
  CAIRN_CHECK(alphabet.size() >= 2 && alphabet.size() <= 256);
  // Bytes from here on would favour the alphabet's beginning.
  const std::size_t even = 256 - 256 % alphabet.size();
  std::string out;
  out.reserve(length);
  std::array<std::byte, 64> bytes;
  while (out.size() < length) {
    take(bytes);
    for (const std::byte b : bytes) {
      if (out.size() < length && std::to_integer<std::size_t>(b) < even) {
        out += alphabet[std::to_integer<std::size_t>(b) % alphabet.size()];
      }
    }
  }
  wipe(bytes);
  return out;
}

}  // namespace cairn::crypto
