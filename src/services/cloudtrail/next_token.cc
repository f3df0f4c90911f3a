#include "services/cloudtrail/next_token.h"

#include <fmt/format.h>

#include <cstring>

#include "codec/base64.h"
#include "crypto/hash.h"
#include "services/cloudtrail/faults.h"

namespace cairn::services::cloudtrail {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kHashBytes = 8;
constexpr std::size_t kTokenBytes = 1 + 8 + 8 + 8 + kHashBytes;

std::string hash_of(const store::Query& query) {
  const auto number = [](const std::optional<Time>& time) {
    return time ? time->time_since_epoch().count() : -1;
  };
  const auto text = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", query.account, query.region,
                                query.attribute ? static_cast<int>(query.attribute->first) : -1,
                                query.attribute ? query.attribute->second : "", number(query.from),
                                number(query.to), query.limit);
  const auto digest = crypto::sha256(text);
  return {reinterpret_cast<const char*>(digest.data()), kHashBytes};
}

void put(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) {
    out += static_cast<char>(value >> (8 * i));
  }
}

std::uint64_t take(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return value;
}

}  // namespace

std::string write_token(const store::Bookmark& bookmark, const store::Query& query) {
  std::string bytes(1, kVersion);
  put(bytes, bookmark.snapshot.raw());
  put(bytes, static_cast<std::uint64_t>(bookmark.time.time_since_epoch().count()));
  put(bytes, bookmark.position.raw());
  bytes += hash_of(query);
  return codec::base64_encode(bytes);
}

Result<store::Bookmark, aws::Fault> read_token(std::string_view token, const store::Query& query) {
  const auto decoded = codec::base64_decode(token);
  if (!decoded) {
    return fault::invalid_next_token();
  }
  const std::string_view bytes(*decoded);
  if (bytes.size() != kTokenBytes || bytes[0] != kVersion || bytes.substr(25) != hash_of(query)) {
    return fault::invalid_next_token();
  }
  return store::Bookmark{.snapshot = journal::Position{take(bytes, 1)},
                         .time = Time{Millis{static_cast<std::int64_t>(take(bytes, 9))}},
                         .position = journal::Position{take(bytes, 17)}};
}

}  // namespace cairn::services::cloudtrail
