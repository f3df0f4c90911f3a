// Tested by digests_test.cc.
#include "delivery/signer.h"

#include "base/log.h"

namespace cairn::delivery {

Result<const signing::SigningKey*> Signer::key_for(const std::string& region, Time moment) {
  const auto kept = last_.find(region);
  if (kept != last_.end() && kept->second.shown.valid_from == signing::window_start(moment)) {
    return &kept->second;
  }
  CAIRN_TRY(auto key, found_or_made(region, moment));
  return &last_.insert_or_assign(region, std::move(key)).first->second;
}

Result<signing::SigningKey> Signer::found_or_made(const std::string& region, Time moment) {
  CAIRN_TRY(auto found, async::run(executor_, signing::find_key(catalog_, sealer_, region, moment)));
  if (found) {
    return *std::move(found);
  }
  CAIRN_TRY(auto made, signing::make_key(sealer_, region, moment));
  CAIRN_TRY(auto key, async::run(executor_, signing::keep_key(catalog_, sealer_, std::move(made))));
  log::info("a key to sign digests with was made", {{"region", region},
                                                    {"fingerprint", key.shown.fingerprint},
                                                    {"until", rfc3339(key.shown.valid_until)}});
  return key;
}

}  // namespace cairn::delivery
