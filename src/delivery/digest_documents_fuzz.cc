// Stored chains of digests, files that wait for one, and records that wait for company: whatever the bytes,
// an answer; and what was read is written alike.
#include <cstdlib>

#include "delivery/chain.h"
#include "delivery/echoes.h"
#include "delivery/plan.h"

using namespace cairn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Where the samples lie: a document is read at its own place alone.
  const std::string lane = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/kestrel/111122223333/us-east-1";
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto chain_place = "delivery/chain/" + lane;
  if (const auto read = delivery::chain_from({.key = chain_place, .value = text, .version = 1})) {
    const auto again = delivery::chain_from({.key = chain_place, .value = read->document(), .version = 1});
    if (!again || *again != *read) {
      std::abort();
    }
  }
  const auto file_place = "delivery/undigested/" + lane + "/00000000000000000031";
  if (const auto read = delivery::undigested_from({.key = file_place, .value = text, .version = 1})) {
    const auto again =
        delivery::undigested_from({.key = file_place, .value = read->document(), .version = 1});
    if (!again || again->document() != read->document()) {
      std::abort();
    }
  }
  const auto echoes_place = "delivery/echoes/" + lane + "/CloudTrail";
  if (const auto read = delivery::echoes_from({.key = echoes_place, .value = text, .version = 1})) {
    const auto again = delivery::echoes_from({.key = echoes_place, .value = read->document(), .version = 1});
    if (!again || *again != *read) {
      std::abort();
    }
  }
  if (const auto read = delivery::plan_from(text)) {
    const auto again = delivery::plan_from(delivery::to_document(*read));
    if (!again || again->listing != read->listing || again->digest.has_value() != read->digest.has_value()) {
      std::abort();
    }
  }
  return 0;
}
