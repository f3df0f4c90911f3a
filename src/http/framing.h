// Where a message's body ends. BodyDecoder takes a body out of the bytes that arrive: by length, by chunks,
// or to the connection's end. Pure: it sees bytes and says what they are.
//
// Chunks are read strictly: hexadecimal size without sign, space or prefix; every line ends in CR LF;
// extensions are bounded, checked and dropped, trailers kept but for those that frame messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "codec/headers.h"
#include "http/refusal.h"

namespace cairn::http {

enum class Framing : std::uint8_t { none, length, chunked, to_end };

struct BodyFraming {
  Framing kind = Framing::none;
  std::uint64_t length = 0;  // for Framing::length
};

inline constexpr std::size_t kChunkLineBytesMax = 1024;       // size and extensions
inline constexpr std::size_t kExtensionBytesMax = 16U << 10;  // of all chunks of a body
inline constexpr std::size_t kTrailerBytesMax = 8U << 10;

class BodyDecoder {
 public:
  // A body longer than `bytes_max` is refused when its length is seen.
  BodyDecoder(BodyFraming framing, std::uint64_t bytes_max);

  struct Step {
    std::size_t used = 0;    // bytes eaten from the front, piece included
    std::string_view piece;  // of the body; a view into `bytes`
  };
  // Nothing used and not done(): more bytes are needed.
  Result<Step, Refusal> step(std::string_view bytes);
  // The peer will send no more. False: the body is cut short.
  bool end();
  bool done() const { return state_ == State::done; }
  // What is still to come, where that is known.
  std::optional<std::uint64_t> remaining() const;
  const codec::Headers& trailers() const { return trailers_; }

 private:
  enum class State : std::uint8_t { bytes, to_end, size_line, chunk, chunk_end, trailers, done };

  Step take(std::string_view bytes);
  Result<Step, Refusal> size_line(std::string_view bytes);
  Result<Step, Refusal> chunk_end(std::string_view bytes);
  Result<Step, Refusal> trailer_line(std::string_view bytes);

  State state_;
  std::uint64_t left_ = 0;    // of the body or of the chunk
  std::uint64_t budget_ = 0;  // chunks may still add up to this
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  codec::Headers trailers_;
};

}  // namespace cairn::http
