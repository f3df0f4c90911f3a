// A session token comes from the caller. None that was not sealed here may open, whatever it holds.
#include <cstdlib>

#include "access/session.h"
#include "codec/base64.h"
#include "crypto/master_key.h"

using namespace cairn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::Sealer sealer{crypto::MasterKey::generate()};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (access::open_session(sealer, "ASIAAAAAAAAAAAAAAAAA", text) ||
      access::open_session(sealer, "ASIAAAAAAAAAAAAAAAAA", codec::base64_encode(text))) {
    std::abort();
  }
  // What lies under the seal is ours; it must not harm either, were it not.
  const auto sealed = sealer.seal(text, "access/session/ASIAAAAAAAAAAAAAAAAA");
  (void)access::open_session(sealer, "ASIAAAAAAAAAAAAAAAAA", codec::base64_encode(sealed));
  return 0;
}
