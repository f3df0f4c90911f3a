// Any bytes: no harm. What is accepted is what encode_entry writes, byte for byte.
#include "base/check.h"
#include "event/entry.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  const auto entry = cairn::event::decode_entry(payload);
  if (entry) {
    CAIRN_CHECK(cairn::event::encode_entry(entry->kind, entry->outbox_number, entry->body) == payload);
  }
  return 0;
}
