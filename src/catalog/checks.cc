#include "catalog/checks.h"

#include <algorithm>
#include <unordered_set>

namespace cairn::catalog {

namespace {

constexpr std::size_t kRowBytes = 64;  // what a write, an expectation or a row costs beside its bytes

Result<void> check_value(std::string_view value, std::string_view key, const Limits& limits) {
  if (value.size() > limits.value_bytes_max) {
    return Error{Errc::limit, "catalog value has more than value_bytes_max", std::string(key)};
  }
  return {};
}

Result<void> check_writes(const std::vector<Write>& writes, const Limits& limits) {
  std::unordered_set<std::string_view> seen;
  for (const auto& write : writes) {
    CAIRN_TRY_VOID(check_key(write.key, limits));
    CAIRN_TRY_VOID(check_value(write.value.value_or(""), write.key, limits));
    if (!seen.insert(write.key).second) {
      return Error{Errc::invalid, "a transaction writes one catalog key twice", write.key};
    }
  }
  return {};
}

// The smallest byte string that is greater than all that start with `prefix`.
std::string prefix_end(std::string_view prefix, const Limits& limits) {
  while (!prefix.empty() && prefix.back() == '\xff') {
    prefix.remove_suffix(1);
  }
  if (prefix.empty()) {
    return std::string(limits.key_bytes_max + 1, '\xff');  // greater than any key
  }
  std::string end(prefix);
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace

Result<void> check_key(std::string_view key, const Limits& limits) {
  if (key.empty()) {
    return Error{Errc::invalid, "a catalog key is empty"};
  }
  if (key.size() > limits.key_bytes_max) {
    return Error{Errc::limit, "catalog key has more than key_bytes_max", std::string(key.substr(0, 64))};
  }
  return {};
}

Result<void> check(const Transaction& transaction, const Limits& limits) {
  CAIRN_TRY_VOID(check_writes(transaction.writes, limits));
  for (const auto& expectation : transaction.expectations) {
    CAIRN_TRY_VOID(check_key(expectation.key, limits));
  }
  for (const auto& prefix : transaction.absent) {
    CAIRN_TRY_VOID(check_key(prefix, limits));
  }
  for (const auto& payload : transaction.outbox) {
    CAIRN_TRY_VOID(check_value(payload, "outbox", limits));
  }
  if (bytes_of(transaction) > limits.transaction_bytes_max) {
    return Error{Errc::limit, "catalog transaction has more than transaction_bytes_max"};
  }
  return {};
}

std::size_t bytes_of(const Transaction& transaction) {
  std::size_t bytes = kRowBytes;
  for (const auto& write : transaction.writes) {
    bytes += kRowBytes + write.key.size() + (write.value ? write.value->size() : 0);
  }
  for (const auto& expectation : transaction.expectations) {
    bytes += kRowBytes + expectation.key.size();
  }
  for (const auto& prefix : transaction.absent) {
    bytes += kRowBytes + prefix.size();
  }
  for (const auto& payload : transaction.outbox) {
    bytes += kRowBytes + payload.size();
  }
  return bytes;
}

KeyRange key_range(std::string_view prefix, std::string_view after, const Limits& limits) {
  KeyRange range{.from = std::string(prefix), .end = prefix_end(prefix, limits)};
  if (after >= prefix) {
    range.from = std::string(after);
    range.from.push_back('\0');  // the next byte string after it
  }
  return range;
}

PageRoom::PageRoom(std::size_t limit, const Limits& limits)
    : rows_(std::min(limit, limits.page_max)), bytes_(limits.page_bytes_max) {}

void PageRoom::take(std::size_t bytes) {
  rows_ -= 1;
  bytes_ -= std::min(bytes, bytes_);
}

}  // namespace cairn::catalog
