// Foreign bytes as a sealed file: refused. And a sealed file that the bytes change somewhere: what opens of
// it is what was sealed.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "crypto/sealed_file.h"

namespace {

using namespace cairn;
using namespace cairn::crypto;

const Secret& fuzz_key() {
  static const Secret key(ByteView(std::string(SealedFile::kKeyBytes, 'k')));
  return key;
}

// In pieces, as readers do; what opens is compared with what was sealed.
void read_all(std::string_view sealed, std::string_view plain) {
  const auto input = sealed_input(memory_input(sealed), fuzz_key());
  if (!input) {
    return;
  }
  std::string piece;
  for (std::uint64_t at = 0; at < (*input)->bytes(); at += piece.size()) {
    piece.resize(std::min<std::uint64_t>(5000, (*input)->bytes() - at));
    if ((*input)->read(at, piece) && plain.substr(std::min(at, plain.size()), piece.size()) != piece) {
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_all(bytes, "");
  if (size < 4) {
    return 0;
  }
  const auto plain = std::string(1 + (data[0] % 4) * 4099, 'p') + std::string(bytes);
  static const std::string head = seal_file(fuzz_key(), "").substr(0, 8);
  auto sealed = seal_file(fuzz_key(), plain);
  const std::size_t at = (data[1] * 256U + data[2]) % sealed.size();
  switch (data[3] % 4) {
    case 0:
      sealed.replace(at, size, bytes);
      break;
    case 1:
      sealed.resize(at);
      break;
    case 2:
      sealed += bytes;
      break;
    default:
      sealed = head + std::string(bytes);
  }
  read_all(sealed, plain);
  return 0;
}
