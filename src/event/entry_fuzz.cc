// Any bytes: no harm. What is accepted is what encode_entry writes, byte for byte; of what is sealed the head
// says the same as of the same bytes unsealed.
#include "base/check.h"
#include "event/entry.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  const auto entry = cairn::event::decode_entry(payload);
  const auto head = cairn::event::decode_entry_head(payload);
  CAIRN_CHECK(entry.has_value() == (head.has_value() && !head->sealed));
  if (head && head->sealed) {
    auto plain = std::string(payload);
    plain[0] = cairn::event::kPlainFormat;
    const auto same = cairn::event::decode_entry(plain);
    CAIRN_CHECK(same && same->kind == head->kind && same->outbox_number == head->outbox_number &&
                same->body.size() == payload.size() - head->bytes);
  }
  if (entry) {
    CAIRN_CHECK(cairn::event::encode_entry(entry->kind, entry->outbox_number, entry->body) == payload);
  }
  return 0;
}
