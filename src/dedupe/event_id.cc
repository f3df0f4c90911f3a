#include "dedupe/event_id.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "crypto/hash.h"

namespace cairn::dedupe {
namespace {

constexpr std::string_view kUuidForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

int digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<Id> parse_uuid(std::string_view text) {
  if (text.size() != kUuidForm.size()) {
    return std::nullopt;
  }
  Id id{};
  std::size_t nibbles = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto value = digit(text[i]);
    if (kUuidForm[i] == '-' ? text[i] != '-' : value < 0) {
      return std::nullopt;
    }
    if (kUuidForm[i] == 'x') {
      auto& byte = id[nibbles++ / 2];
      byte = (byte << 4) | static_cast<std::byte>(value);
    }
  }
  return id;
}

}  // namespace

Id to_id(std::string_view event_id) {
  if (const auto uuid = parse_uuid(event_id)) {
    return *uuid;
  }
  const auto hash = crypto::sha256(event_id);
  Id id;
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

}  // namespace cairn::dedupe
