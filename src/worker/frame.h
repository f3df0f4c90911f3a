// Frames: what parent and worker process say to each other. A head of 12 bytes ("CRNW", version, kind, two
// bytes of number, length; in little endian), then a text of that length.
//
//   parent → worker   job, with a number
//   worker → parent   ready, once; then for each job one answer or one failure, with the job's number
//
// Pure; not thread-safe. The far end is not trusted: a worker that lost its mind may send any bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cairn::worker {

inline constexpr std::uint8_t kFrameVersion = 2;
inline constexpr std::size_t kFrameHeadBytes = 12;
inline constexpr std::size_t kFrameTextBytesMax = 16U << 20;

enum class FrameKind : std::uint8_t { ready = 1, job = 2, answer = 3, failure = 4 };

// Which job it is about; they count from 1 and begin again after 65535. Of `ready`: 0.
using JobNumber = std::uint16_t;

struct Frame {
  FrameKind kind;
  JobNumber number = 0;
  std::string text;
};

// Errc::limit: the text is longer than kFrameTextBytesMax.
Result<std::string> encode(FrameKind kind, JobNumber number, std::string_view text);

// Bytes as they come, frames as they are whole. Holds at most one frame and what came with it: take() after
// each feed().
class FrameBuffer {
 public:
  void feed(std::string_view bytes) { bytes_ += bytes; }
  // Nothing: it is not whole yet. Errc::invalid: these are no frames; it stays so.
  Result<std::optional<Frame>> take();
  bool is_empty() const { return bytes_.empty(); }

 private:
  std::string bytes_;
};

// A job's failure as text, and back. What cannot be read is a failure, too: Errc::unavailable.
std::string failure_text(const Error& error);
Error parse_failure(std::string_view text);

}  // namespace cairn::worker
