#include "http/framing.h"

#include <algorithm>
#include <charconv>

#include "http/head.h"

namespace cairn::http {
namespace {

constexpr Refusal kBadChunk{400, Reason::framing, "a chunk is malformed"};
constexpr Refusal kBadTrailer{400, Reason::malformed, "a trailer is malformed"};
constexpr Refusal kTooLong{413, Reason::body_size, "the body is too long"};

// A line without its CR LF; nothing while it is not all there.
Result<std::optional<std::string_view>, Refusal> line_of(std::string_view bytes, std::size_t bytes_max,
                                                         const Refusal& refusal) {
  const auto newline = bytes.substr(0, bytes_max).find('\n');
  if (newline == std::string_view::npos) {
    if (bytes.size() >= bytes_max) {
      return refusal;
    }
    return std::optional<std::string_view>();
  }
  if (newline == 0 || bytes[newline - 1] != '\r') {
    return refusal;
  }
  return std::optional(bytes.substr(0, newline - 1));
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

}  // namespace

BodyDecoder::BodyDecoder(BodyFraming framing, std::uint64_t bytes_max)
    : state_(State::done), budget_(bytes_max) {
  switch (framing.kind) {
    case Framing::none:
      break;
    case Framing::length:
      left_ = framing.length;
      state_ = left_ > 0 ? State::bytes : State::done;
      break;
    case Framing::chunked:
      state_ = State::size_line;
      break;
    case Framing::to_end:
      state_ = State::to_end;
      break;
  }
}

Result<BodyDecoder::Step, Refusal> BodyDecoder::step(std::string_view bytes) {
  switch (state_) {
    case State::bytes:
      if (left_ > budget_) {
        return kTooLong;
      }
      return take(bytes);
    case State::chunk:
      return take(bytes);
    case State::to_end:
      if (bytes.size() > budget_) {
        return kTooLong;
      }
      budget_ -= bytes.size();
      return Step{bytes.size(), bytes};
    case State::size_line:
      return size_line(bytes);
    case State::chunk_end:
      return chunk_end(bytes);
    case State::trailers:
      return trailer_line(bytes);
    case State::done:
      break;
  }
  return Step{};
}

BodyDecoder::Step BodyDecoder::take(std::string_view bytes) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  left_ -= count;
  if (left_ == 0) {
    state_ = state_ == State::chunk ? State::chunk_end : State::done;
  }
  return Step{count, bytes.substr(0, count)};
}

Result<BodyDecoder::Step, Refusal> BodyDecoder::size_line(std::string_view bytes) {
  CAIRN_TRY(const auto line, line_of(bytes, kChunkLineBytesMax, kBadChunk));
  if (!line) {
    return Step{};
  }
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), size, 16);
  if (error != std::errc{}) {
    return kBadChunk;
  }
  const auto extensions = line->substr(static_cast<std::size_t>(end - line->data()));
  extension_bytes_ += extensions.size();
  if (!extensions.empty() && (!without_blanks(extensions).starts_with(';') || !is_field_value(extensions) ||
                              extension_bytes_ > kExtensionBytesMax)) {
    return kBadChunk;
  }
  if (size > budget_) {
    return kTooLong;
  }
  budget_ -= size;
  left_ = size;
  state_ = size > 0 ? State::chunk : State::trailers;
  return Step{line->size() + 2, {}};
}

Result<BodyDecoder::Step, Refusal> BodyDecoder::chunk_end(std::string_view bytes) {
  constexpr std::string_view kEnd = "\r\n";
  if (bytes.substr(0, 2) != kEnd.substr(0, bytes.size())) {
    return kBadChunk;
  }
  if (bytes.size() < 2) {
    return Step{};
  }
  state_ = State::size_line;
  return Step{2, {}};
}

Result<BodyDecoder::Step, Refusal> BodyDecoder::trailer_line(std::string_view bytes) {
  CAIRN_TRY(const auto line, line_of(bytes, kTrailerBytesMax - trailer_bytes_, kBadTrailer));
  if (!line) {
    return Step{};
  }
  trailer_bytes_ += line->size() + 2;
  if (line->empty()) {
    state_ = State::done;
    return Step{2, {}};
  }
  const auto colon = line->find(':');
  if (colon == std::string_view::npos || !is_token(line->substr(0, colon)) ||
      !is_field_value(line->substr(colon))) {
    return kBadTrailer;
  }
  if (!belongs_to_connection(line->substr(0, colon))) {
    auto value = without_blanks(line->substr(colon + 1));
    value = value.substr(0, value.find_last_not_of(" \t") + 1);
    trailers_.add(std::string(line->substr(0, colon)), std::string(value));
  }
  return Step{line->size() + 2, {}};
}

bool BodyDecoder::end() {
  if (state_ == State::to_end) {
    state_ = State::done;
  }
  return done();
}

std::optional<std::uint64_t> BodyDecoder::remaining() const {
  switch (state_) {
    case State::done:
      return 0;
    case State::bytes:
      return left_;
    default:
      return std::nullopt;
  }
}

}  // namespace cairn::http
