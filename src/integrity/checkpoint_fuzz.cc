// Checkpoints from foreign bytes: never a crash, and what is read is written and read the same.
#include "integrity/checkpoint.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto checkpoint = integrity::checkpoint_from(text)) {
    CAIRN_CHECK(integrity::checkpoint_from(integrity::to_json(*checkpoint)).value() == *checkpoint);
    for (const auto& kept : std::vector(checkpoint->chains)) {
      integrity::advance(*checkpoint, kept);
    }
  }
  return 0;
}
