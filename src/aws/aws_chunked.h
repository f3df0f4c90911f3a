// ChunkedDecoder: takes S3's aws-chunked body apart (cloudtrail-reference 15.3) and checks the signature of
// every chunk.
//
//   body    = *(size [signed] CRLF data CRLF) "0" [signed] CRLF *trailer CRLF
//   signed  = ";chunk-signature=" 64hex
//   trailer = name ":" value (CRLF / LF CRLF)      ; the latter as AWS's guide and MinIO's clients have it
//
// One thread at a time. Needs no more memory than one line, whatever a chunk's size: data is handed out and
// hashed as it comes. So data is handed out before its chunk's signature is known to be right; nobody may act
// on it before finish() said yes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aws/sigv4.h"
#include "codec/headers.h"

namespace cairn::aws {

enum class ChunkMode {
  signed_chunks,           // STREAMING-AWS4-HMAC-SHA256-PAYLOAD
  signed_chunks_trailer,   // STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
  unsigned_chunks_trailer  // STREAMING-UNSIGNED-PAYLOAD-TRAILER
};

// The mode that x-amz-content-sha256 names; nothing if the body is not in chunks (or in SigV4A's, which is
// not supported).
std::optional<ChunkMode> chunk_mode(std::string_view content_sha256);

// What x-amz-decoded-content-length says of such a body's data; nothing if it is not there, or no number.
std::optional<std::uint64_t> decoded_size(const codec::RequestHead& head);

struct ChunkLimits {
  std::uint64_t chunk_bytes_max = 5ULL << 30;  // S3's largest put
  std::size_t line_bytes_max = 1024;           // a chunk's first line
  std::size_t trailer_bytes_max = 16U << 10;   // all trailers together
};

class ChunkedDecoder {
 public:
  struct Setup {
    ChunkMode mode;
    sigv4::ChunkSeed seed{};                    // for the signed modes
    std::optional<std::uint64_t> decoded_size;  // x-amz-decoded-content-length
    ChunkLimits limits{};
  };
  enum class Problem {
    malformed,           // S3: IncompleteBody or InvalidRequest
    signature_mismatch,  // S3: SignatureDoesNotMatch
    wrong_size,          // not x-amz-decoded-content-length. S3: IncompleteBody
    limit,
  };
  struct Failure {
    Problem problem;
    std::string what;
  };

  explicit ChunkedDecoder(Setup setup);
  ~ChunkedDecoder();
  ChunkedDecoder(ChunkedDecoder&&) noexcept;
  ChunkedDecoder& operator=(ChunkedDecoder&&) noexcept;

  // Takes the next piece of the encoded body; `sink` gets the decoded bytes in it, as views into the piece.
  // After a failure every further call fails alike.
  using Sink = std::function<void(std::span<const std::byte>)>;
  Result<void, Failure> push(std::span<const std::byte> piece, const Sink& sink);
  // The encoded body is over. Fails if it is cut, has not the promised size, or failed before.
  Result<void, Failure> finish();

  // Complete after finish(). In the signed modes the trailer's signature is checked, and not among them.
  const codec::Headers& trailers() const;
  std::uint64_t decoded_size() const;

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace cairn::aws
