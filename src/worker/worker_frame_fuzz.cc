// Any bytes, in any pieces: no crash, and what comes out is what encode() makes.
#include "worker/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  worker::FrameBuffer buffer;
  std::string again;
  const auto whole = bytes;
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, 1 + bytes.size() / 2);
    buffer.feed(piece);
    bytes.remove_prefix(piece.size());
    while (true) {
      auto frame = buffer.take();
      if (!frame || !*frame) {
        break;
      }
      again += worker::encode((*frame)->kind, (*frame)->number, (*frame)->text).value();
      const auto failure = worker::parse_failure((*frame)->text);
      CAIRN_CHECK(worker::parse_failure(worker::failure_text(failure)).what == failure.what);
    }
  }
  CAIRN_CHECK(whole.starts_with(again));
  return 0;
}
