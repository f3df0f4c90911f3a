// A machine that eats bytes: a line (chunk head or trailer), or as much of a chunk's data as there is, or the
// line end after it.
//
// Tested by aws_chunked_test.cc (each body cut at every byte gives the same) and aws_chunked_fuzz.cc.
#include "aws/aws_chunked.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "codec/base64.h"

namespace cairn::aws {
namespace {

constexpr std::string_view kChunkAlgorithm = "AWS4-HMAC-SHA256-PAYLOAD";
constexpr std::string_view kTrailerAlgorithm = "AWS4-HMAC-SHA256-TRAILER";
constexpr std::string_view kSignatureExtension = "chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";
constexpr std::string_view kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

using Problem = ChunkedDecoder::Problem;
using Failure = ChunkedDecoder::Failure;

Unexpected<Failure> fail(Problem problem, std::string what) {
  return {Failure{problem, std::move(what)}};
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::optional<std::uint64_t> decoded_size(const codec::RequestHead& head) {
  const auto text = head.headers.get("x-amz-decoded-content-length");
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty() ? std::optional(size)
                                                                                   : std::nullopt;
}

std::optional<ChunkMode> chunk_mode(std::string_view content_sha256) {
  if (content_sha256 == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") {
    return ChunkMode::signed_chunks;
  }
  if (content_sha256 == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
    return ChunkMode::signed_chunks_trailer;
  }
  if (content_sha256 == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    return ChunkMode::unsigned_chunks_trailer;
  }
  return std::nullopt;
}

class ChunkedDecoder::Machine {
 public:
  explicit Machine(Setup setup) : setup_(std::move(setup)), previous_signature_(setup_.seed.signature) {
    CAIRN_CHECK(!is_signed() || setup_.seed.key != nullptr);
  }

  Result<void, Failure> push(std::span<const std::byte> piece, const Sink& sink) {
    while (!piece.empty() && !failure_.has_value()) {
      if (auto taken = step(piece, sink); !taken.has_value()) {
        failure_ = std::move(taken).error();
      }
    }
    return failure_.has_value() ? Result<void, Failure>(*failure_) : Result<void, Failure>();
  }

  Result<void, Failure> finish() {
    if (!failure_.has_value() && state_ != State::done) {
      failure_ = Failure{Problem::malformed, "the chunked body ends early"};
    }
    if (!failure_.has_value() && setup_.decoded_size.value_or(size_) != size_) {
      failure_ = Failure{Problem::wrong_size, "the chunked body holds " + std::to_string(size_) +
                                                  " bytes, not " + std::to_string(*setup_.decoded_size) +
                                                  " as x-amz-decoded-content-length says"};
    }
    return failure_.has_value() ? Result<void, Failure>(*failure_) : Result<void, Failure>();
  }

  const codec::Headers& trailers() const { return trailers_; }
  std::uint64_t size() const { return size_; }

 private:
  enum class State { chunk_head, data, data_end, trailer, done };

  bool is_signed() const { return setup_.mode != ChunkMode::unsigned_chunks_trailer; }

  Result<void, Failure> step(std::span<const std::byte>& piece, const Sink& sink) {
    switch (state_) {
      case State::data:
        return data(piece, sink);
      case State::done:
        return fail(Problem::malformed, "something follows the last chunk");
      case State::chunk_head:
      case State::data_end:
      case State::trailer:
        break;
    }
    CAIRN_TRY(const bool whole, line(piece));
    if (!whole) {
      return {};
    }
    const auto text = std::exchange(line_, {});
    switch (state_) {
      case State::chunk_head:
        return chunk_head(text);
      case State::data_end:
        return data_end(text);
      default:
        return trailer(text);
    }
  }

  // Adds to line_ up to the next LF; true once the line is whole, without its end.
  Result<bool, Failure> line(std::span<const std::byte>& piece) {
    const std::string_view text = ByteView(piece).text();
    const auto end = text.find('\n');
    const auto part = text.substr(0, end);
    const std::size_t max =
        state_ == State::trailer ? setup_.limits.trailer_bytes_max : setup_.limits.line_bytes_max;
    if (line_.size() + part.size() > max) {
      return fail(Problem::limit, "a line of the chunked body is too long");
    }
    line_ += part;
    piece = piece.subspan(end == std::string_view::npos ? part.size() : part.size() + 1);
    if (end == std::string_view::npos) {
      return false;
    }
    bare_line_end_ = !line_.ends_with('\r');
    if (!bare_line_end_) {
      line_.pop_back();
    }
    return true;
  }

  Result<void, Failure> chunk_head(std::string_view text) {
    const auto mark = std::min(text.find(';'), text.size());
    const auto digits = trimmed(text.substr(0, mark));
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() || bare_line_end_) {
      return fail(Problem::malformed, "a chunk does not begin with its size");
    }
    if (left_ > setup_.limits.chunk_bytes_max) {
      return fail(Problem::limit, "a chunk is too large");
    }
    if (left_ > setup_.decoded_size.value_or(~0ULL) - size_) {
      return fail(Problem::wrong_size, "the chunked body holds more than x-amz-decoded-content-length says");
    }
    signature_.clear();
    if (is_signed()) {
      auto extension = trimmed(text.substr(std::min(mark + 1, text.size())));
      if (!extension.starts_with(kSignatureExtension)) {
        return fail(Problem::malformed, "a chunk has no signature");
      }
      signature_ = trimmed(extension.substr(kSignatureExtension.size()));
    }
    if (left_ > 0) {
      state_ = State::data;
      return {};
    }
    state_ = State::trailer;
    return check_chunk();
  }

  Result<void, Failure> data(std::span<const std::byte>& piece, const Sink& sink) {
    const auto part = piece.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece.size())));
    if (is_signed()) {
      hasher_.add(part);
    }
    left_ -= part.size();
    size_ += part.size();
    piece = piece.subspan(part.size());
    sink(part);
    if (left_ > 0) {
      return {};
    }
    state_ = State::data_end;
    return check_chunk();
  }

  Result<void, Failure> data_end(std::string_view text) {
    if (!text.empty() || bare_line_end_) {
      return fail(Problem::malformed, "a chunk is longer than its size says");
    }
    state_ = State::chunk_head;
    return {};
  }

  Result<void, Failure> trailer(std::string_view text) {
    if (text.empty()) {
      // The second half of a line end written as LF CRLF.
      if (std::exchange(after_bare_line_end_, false)) {
        return {};
      }
      return end_of_trailers();
    }
    after_bare_line_end_ = bare_line_end_;
    trailer_bytes_ += text.size();
    if (trailer_bytes_ > setup_.limits.trailer_bytes_max) {
      return fail(Problem::limit, "the trailers are too long");
    }
    const auto mark = text.find(':');
    if (setup_.mode == ChunkMode::signed_chunks || mark == 0 || mark == std::string_view::npos ||
        trailer_is_signed_) {
      return fail(Problem::malformed, "an unexpected line after the last chunk");
    }
    auto name = codec::lower(trimmed(text.substr(0, mark)));
    const auto value = trimmed(text.substr(mark + 1));
    if (is_signed() && name == kTrailerSignature) {
      trailer_is_signed_ = true;
      return check("trailer", value, string_to_sign(kTrailerAlgorithm, {}));
    }
    hasher_.add(name).add(":").add(value).add("\n");
    trailers_.add(std::move(name), std::string(value));
    return {};
  }

  Result<void, Failure> end_of_trailers() {
    if (setup_.mode == ChunkMode::signed_chunks_trailer && !trailer_is_signed_) {
      return fail(Problem::malformed, "the trailers have no signature");
    }
    state_ = State::done;
    return {};
  }

  // Each signature is over the one before, the first over the request's. `between` is what a chunk has and a
  // trailer has not.
  std::string string_to_sign(std::string_view algorithm, std::string_view between) {
    std::string out(algorithm);
    for (const std::string_view part : {std::string_view(setup_.seed.timestamp), std::string_view(scope_),
                                        std::string_view(previous_signature_)}) {
      out += '\n';
      out += part;
    }
    out += between;
    out += '\n';
    out += codec::hex_encode(hasher_.finish());
    return out;
  }

  Result<void, Failure> check_chunk() {
    if (!is_signed()) {
      return {};
    }
    return check("chunk", signature_, string_to_sign(kChunkAlgorithm, "\n" + std::string(kEmptyHash)));
  }

  Result<void, Failure> check(std::string_view what, std::string_view signature, std::string_view to_sign) {
    auto expected = codec::hex_encode(crypto::hmac_sha256(setup_.seed.key->bytes(), to_sign));
    if (!crypto::constant_time_equal(expected, signature)) {
      return fail(Problem::signature_mismatch, "the signature of a " + std::string(what) + " does not match");
    }
    previous_signature_ = std::move(expected);
    return {};
  }

  Setup setup_;
  std::string scope_ = setup_.seed.scope.text();
  std::string previous_signature_;
  State state_ = State::chunk_head;
  std::string line_;
  bool bare_line_end_ = false;        // the last line ended with LF alone
  bool after_bare_line_end_ = false;  // … and was a trailer
  std::uint64_t left_ = 0;            // of the chunk's data
  std::string signature_;             // of the chunk
  crypto::Sha256 hasher_;             // of the chunk's data, then of the trailers
  std::uint64_t size_ = 0;
  codec::Headers trailers_;
  std::size_t trailer_bytes_ = 0;
  bool trailer_is_signed_ = false;
  std::optional<Failure> failure_;
};

ChunkedDecoder::ChunkedDecoder(Setup setup) : machine_(std::make_unique<Machine>(std::move(setup))) {}
ChunkedDecoder::~ChunkedDecoder() = default;
ChunkedDecoder::ChunkedDecoder(ChunkedDecoder&&) noexcept = default;
ChunkedDecoder& ChunkedDecoder::operator=(ChunkedDecoder&&) noexcept = default;

Result<void, ChunkedDecoder::Failure> ChunkedDecoder::push(std::span<const std::byte> piece,
                                                           const Sink& sink) {
  return machine_->push(piece, sink);
}

Result<void, ChunkedDecoder::Failure> ChunkedDecoder::finish() {
  return machine_->finish();
}

const codec::Headers& ChunkedDecoder::trailers() const {
  return machine_->trailers();
}

std::uint64_t ChunkedDecoder::decoded_size() const {
  return machine_->size();
}

}  // namespace cairn::aws
