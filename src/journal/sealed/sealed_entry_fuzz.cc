// Any bytes as a stored payload: no harm; what begins as a sealed one does not open. Any bytes as an entry:
// they come back.
#include <string>

#include "base/check.h"
#include "event/entry.h"
#include "journal/sealed/entry_sealer.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace cairn::journal;
  static const cairn::crypto::Secret key(std::string(32, 'k'));
  static const EntrySealer sealer(key.clone());
  static EntryOpener opener(key);
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  std::string room(size, '\0');
  const auto foreign = opener.open(Partition{0}, text, room);
  const bool looks_sealed = size > 0 && text[0] == cairn::event::kSealedFormat;
  CAIRN_CHECK(looks_sealed ? !foreign : foreign.has_value() && *foreign == text);

  const auto sealed = sealer.seal(Partition{0}, text);
  room.resize(sealed.size());
  const auto again = opener.open(Partition{0}, sealed, room);
  CAIRN_CHECK(again && *again == text);
  return 0;
}
