// Tested by frame_test.cc and worker_frame_fuzz.cc.
#include "worker/frame.h"

#include <fmt/format.h>

#include <array>

#include "json/json.h"

namespace cairn::worker {
namespace {

constexpr std::string_view kMark = "CRNW";
constexpr std::size_t kVersionAt = 4;
constexpr std::size_t kKindAt = 5;
constexpr std::size_t kNumberAt = 6;
constexpr std::size_t kLengthAt = 8;

constexpr std::array kCodes = {Errc::invalid, Errc::not_found, Errc::conflict,
                               Errc::limit,   Errc::denied,    Errc::unavailable,
                               Errc::unknown, Errc::corrupt,   Errc::cancelled};

struct Head {
  FrameKind kind;
  JobNumber number;
  std::uint32_t length;
};

Error bad(std::string_view what) {
  return Error{Errc::invalid, fmt::format("read frame: {}", what)};
}

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    number |= std::uint32_t{byte_at(bytes, at + i)} << (8 * i);
  }
  return number;
}

void put_number(std::string& out, std::size_t number, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    out += static_cast<char>((number >> (8 * i)) & 0xFFU);
  }
}

Result<Head> decode_head(std::string_view bytes) {
  if (!bytes.starts_with(kMark)) {
    return bad("it does not begin like one");
  }
  if (byte_at(bytes, kVersionAt) != kFrameVersion) {
    return bad("of another version");
  }
  const auto kind = byte_at(bytes, kKindAt);
  if (kind < static_cast<std::uint8_t>(FrameKind::ready) ||
      kind > static_cast<std::uint8_t>(FrameKind::failure)) {
    return bad("of no known kind");
  }
  const auto number = static_cast<JobNumber>(number_at(bytes, kNumberAt, sizeof(JobNumber)));
  const auto length = number_at(bytes, kLengthAt, sizeof(std::uint32_t));
  if (length > kFrameTextBytesMax) {
    return bad("longer than any");
  }
  return Head{static_cast<FrameKind>(kind), number, length};
}

}  // namespace

Result<std::string> encode(FrameKind kind, JobNumber number, std::string_view text) {
  if (text.size() > kFrameTextBytesMax) {
    return Error{Errc::limit, fmt::format("write frame: a text of {} bytes, the limit is {}", text.size(),
                                          kFrameTextBytesMax)};
  }
  std::string out(kMark);
  out += static_cast<char>(kFrameVersion);
  out += static_cast<char>(kind);
  put_number(out, number, sizeof(JobNumber));
  put_number(out, text.size(), sizeof(std::uint32_t));
  out += text;
  return out;
}

Result<std::optional<Frame>> FrameBuffer::take() {
  // A bad beginning shows before the head is whole.
  if (!kMark.starts_with(std::string_view(bytes_).substr(0, kMark.size()))) {
    return bad("it does not begin like one");
  }
  if (bytes_.size() < kFrameHeadBytes) {
    return std::optional<Frame>();
  }
  CAIRN_TRY(const auto head, decode_head(bytes_));
  if (bytes_.size() - kFrameHeadBytes < head.length) {
    return std::optional<Frame>();
  }
  Frame frame{.kind = head.kind, .number = head.number, .text = bytes_.substr(kFrameHeadBytes, head.length)};
  bytes_.erase(0, kFrameHeadBytes + head.length);
  return std::optional<Frame>(std::move(frame));
}

std::string failure_text(const Error& error) {
  return json::serialize(
      json::object{{"code", to_string(error.code)}, {"what", error.what}, {"subject", error.subject}});
}

Error parse_failure(std::string_view text) {
  const auto document = json::parse_object(text);
  const auto word = [&](std::string_view name) {
    return document ? json::find_string(*document, name) : std::nullopt;
  };
  for (const auto known : kCodes) {
    if (word("code") == to_string(known)) {
      return Error{known, std::string(word("what").value_or("")), std::string(word("subject").value_or(""))};
    }
  }
  return Error{Errc::unavailable, "the job failed, and what the worker said of it cannot be read"};
}

}  // namespace cairn::worker
