// Stored documents of queues and messages, and receipt handles: whatever the bytes, an answer; and what was
// read is written alike.
#include <cstdlib>

#include "crypto/master_key.h"
#include "queues/message.h"
#include "queues/queue.h"

using namespace cairn;

namespace {

template <class Decode>
void there_and_back(const catalog::Document& document, Decode decode) {
  if (const auto read = decode(document)) {
    const auto again = decode({.key = document.key, .value = queues::encode(*read), .version = 1});
    if (!again || *again != *read) {
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::Sealer sealer(crypto::MasterKey::generate());
  const std::string text(reinterpret_cast<const char*>(data), size);
  // Where the samples lie: a document is read at its own place alone.
  there_and_back({.key = "sqs/queue/111122223333/eu-west-1/nest", .value = text, .version = 1},
                 queues::decode_queue);
  there_and_back({.key = "sqs/message/Q1/0123456789abcdef", .value = text, .version = 1},
                 queues::decode_message);
  queues::Message message{.queue = "Q1", .number = "0123456789abcdef"};
  for (const bool sealed : {false, true}) {
    message.sealed = sealed;
    (void)queues::decode_content(message, text, sealer);
  }
  if (const auto receipt = queues::Receipt::parse(text)) {
    const auto again = queues::Receipt::parse(receipt->text());
    if (!again || *again != *receipt) {
      std::abort();
    }
  }
  return 0;
}
