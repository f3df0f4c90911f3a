// A postings file of foreign bytes: never a crash. The second try has a good mark, length and checksums, so
// that what is behind them is reached.
#include <string>

#include "postings/walk_all.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn::postings;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  testing::walk_all(bytes);
  if (const auto summed = testing::resummed(bytes)) {
    testing::walk_all(*summed);
  }
  return 0;
}
