// Tested by upstreams_test.cc.
#include "gateway/access_key.h"

#include <fmt/format.h>

#include <cstdint>

namespace cairn::gateway {

std::optional<std::string> account_of(std::string_view access_key) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  constexpr std::size_t kPrefix = 4;
  constexpr std::size_t kLength = 20;
  constexpr std::size_t kUsed = 10;  // characters: 50 bits, of which the account has 40 behind the first
  constexpr std::uint64_t kAccounts = 1'000'000'000'000;
  const bool is_aws = access_key.size() == kLength &&
                      (access_key.starts_with("AKIA") || access_key.starts_with("ASIA")) &&
                      access_key.find_first_not_of(kAlphabet, kPrefix) == std::string_view::npos;
  if (!is_aws || access_key[kPrefix] == 'I' || access_key[kPrefix] == 'J') {
    return std::nullopt;
  }
  std::uint64_t bits = 0;
  for (const char c : access_key.substr(kPrefix, kUsed)) {
    bits = bits << 5U | kAlphabet.find(c);
  }
  const auto account = bits >> 9U & 0xffffffffffU;
  return account < kAccounts ? std::optional(fmt::format("{:012}", account)) : std::nullopt;
}

}  // namespace cairn::gateway
