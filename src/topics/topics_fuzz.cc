// Stored documents of topics, subscriptions and messages: whatever the bytes, an answer; what was read is
// written alike.
#include <cstdlib>

#include "topics/message.h"

using namespace cairn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const catalog::Document document{
      .key = "k", .value = std::string(reinterpret_cast<const char*>(data), size), .version = 1};
  const auto again = [](std::string value) {
    return catalog::Document{.key = "k", .value = std::move(value), .version = 1};
  };
  if (const auto read = topics::decode_topic(document)) {
    const auto once_more = topics::decode_topic(again(topics::encode(*read)));
    if (!once_more || *once_more != *read) {
      std::abort();
    }
  }
  if (const auto read = topics::decode_subscription(document)) {
    const auto once_more = topics::decode_subscription(again(topics::encode(*read)));
    if (!once_more || *once_more != *read) {
      std::abort();
    }
  }
  if (const auto read = topics::decode_progress(document)) {
    const auto once_more = topics::decode_progress(again(topics::encode(*read)));
    if (!once_more || *once_more != *read) {
      std::abort();
    }
  }
  static const crypto::Sealer sealer(crypto::MasterKey::generate());
  if (const auto read = topics::decode_message(document, sealer)) {
    const auto once_more = topics::decode_message(again(topics::encode(*read, sealer)), sealer);
    if (!once_more || *once_more != *read) {
      std::abort();
    }
  }
  return 0;
}
