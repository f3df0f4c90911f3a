// Saved blocks of event ids from foreign bytes: never a crash, and what is decoded encodes to the same bytes.
#include <cstdlib>

#include "codec/checksum.h"
#include "dedupe/block.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  // The second try has a good mark and checksum, so that what is behind them is reached.
  for (int attempt = 0; attempt < 2; ++attempt) {
    std::size_t used = 0;
    if (const auto block = cairn::dedupe::decode(bytes, used)) {
      if (cairn::dedupe::encode(*block) != bytes.substr(0, used)) {
        std::abort();
      }
    }
    if (size < cairn::dedupe::kBlockHeadBytes) {
      break;
    }
    const auto length = std::min(cairn::dedupe::block_bytes("ids\x1e" + bytes.substr(4)), bytes.size());
    const auto checksum =
        cairn::codec::crc32c(std::string_view(bytes).substr(8, length < 8 ? 0 : length - 8));
    bytes.replace(0, 4, "ids\x1e");
    bytes.replace(4, 4, reinterpret_cast<const char*>(&checksum), 4);
  }
  return 0;
}
