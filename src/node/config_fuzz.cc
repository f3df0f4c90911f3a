// Whatever a configuration holds, it is read or refused; and what is read shows as something that is read
// again.
#include "base/check.h"
#include "node/config.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  cairn::node::Config config;
  if (!cairn::node::apply_text(config, std::string(reinterpret_cast<const char*>(data), size), "fuzz.yaml")) {
    return 0;
  }
  cairn::node::Config again;
  CAIRN_CHECK(cairn::node::apply_text(again, cairn::node::show(config), "shown.yaml"));
  return 0;
}
