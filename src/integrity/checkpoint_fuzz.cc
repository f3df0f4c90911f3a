// Checkpoints from foreign bytes: never a crash, and what is read is written and read the same.
#include "integrity/checkpoint.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto checkpoint = integrity::checkpoint_from(text)) {
    CAIRN_CHECK(integrity::checkpoint_from(integrity::to_json(*checkpoint)).value() == *checkpoint);
    auto again = *checkpoint;
    integrity::advance(again, integrity::Ends(again));
    CAIRN_CHECK(again == *checkpoint);
    CAIRN_CHECK(integrity::kept_since(again, std::nullopt) == again.chains);
    CAIRN_CHECK(integrity::kept_since(again, Time::max()).size() <= again.chains.size());
  }
  return 0;
}
