// Any body in any mode: whole or in pieces, the decoder says the same and gives the same bytes.
#include "aws/aws_chunked.h"

namespace {

using namespace cairn;

struct Outcome {
  bool good = false;
  std::string data;
  std::size_t trailers = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(std::span<const std::byte> body, aws::ChunkMode mode, std::size_t piece) {
  static const auto key = std::make_shared<const crypto::Secret>(crypto::Secret("key"));
  aws::ChunkedDecoder decoder({mode, {key, "seed", "20260302T101500Z", {"20260302", "r", "s3"}}, {}, {}});
  Outcome out;
  const aws::ChunkedDecoder::Sink sink = [&](std::span<const std::byte> data) {
    out.data += ByteView(data).text();
  };
  while (!body.empty()) {
    const auto part = body.first(std::min(piece, body.size()));
    body = body.subspan(part.size());
    static_cast<void>(decoder.push(part, sink).has_value());
  }
  out.good = decoder.finish().has_value();
  out.trailers = decoder.trailers().size();
  CAIRN_CHECK(decoder.decoded_size() == out.data.size());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const auto mode = static_cast<aws::ChunkMode>(data[0] % 3);
  const std::size_t piece = data[1] % 16 + 1U;
  const auto body = std::as_bytes(std::span(data + 2, size - 2));
  CAIRN_CHECK(decode(body, mode, body.size() + 1) == decode(body, mode, piece));
  return 0;
}
