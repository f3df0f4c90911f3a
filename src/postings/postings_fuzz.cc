// A postings file of foreign bytes: never a crash. The second try has a good mark, length and checksum, so
// that what is behind them is reached.
#include <string>

#include "codec/checksum.h"
#include "postings/bits.h"
#include "postings/layout.h"
#include "postings/walk_all.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn::postings;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  testing::walk_all(bytes);
  std::uint32_t sections = 0;
  if (size < kHeadBytes || !get(bytes, 12, sections) || sections > (size - kHeadBytes) / kLineBytes) {
    return 0;
  }
  std::string head(kMark);
  put(head, kFormatVersion);
  put(head, sections);
  put(head, std::uint64_t{size});
  head += bytes.substr(24, 4);
  put(head,
      cairn::codec::crc32c(bytes.substr(kHeadBytes, sections * kLineBytes), cairn::codec::crc32c(head)));
  bytes.replace(0, kHeadBytes, head);
  testing::walk_all(bytes);
  return 0;
}
