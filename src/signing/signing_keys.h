// The keys that sign digest files: RSA of 2048 bits, one for each Region and 30 days.
//
//   signing/key/REGION/<valid from, ms, 13 digits>   the pair: the public part readable, the private part
//   sealed
//
// The windows lie end to end, and are the same for all Regions. What ends at a moment is signed with the key
// of the window that has the moment, however late that is done: whoever asks for the keys of that time finds
// it. A key is made when it is first needed, and stays: a digest is asked about years later. The private part
// is bound to its place: it opens nowhere else, and not without the master key.
//
// Any thread. Errc::corrupt: not what was written. Tested by signing_keys_test.cc, fuzzed by
// signing_key_fuzz.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "crypto/rsa.h"
#include "crypto/sealer.h"
#include "integrity/public_key.h"

namespace cairn::signing {

inline constexpr Millis kWindow{30LL * 86'400'000};
inline constexpr std::string_view kKeysPrefix = "signing/key/";
inline constexpr std::size_t kListedMax = 1000;  // 80 years of one Region's

// The last multiple of kWindow since 1970 that is not after it. REQUIRES: not before 1970.
Time window_start(Time moment);
std::string document_key(std::string_view region, Time valid_from);

// What a document holds.
struct StoredKey {
  std::string region;
  integrity::PublicKey shown;
  std::string sealed;  // the private part

  std::string document() const;
};
Result<StoredKey> read_key(const catalog::Document& document);

struct SigningKey {
  integrity::PublicKey shown;
  crypto::RsaPrivateKey pair;
};

// The key of the window that has the moment; none: it was not made yet. Errc::denied: another master key
// sealed it.
Task<Result<std::optional<SigningKey>>> find_key(catalog::Catalog& catalog, const crypto::Sealer& sealer,
                                                 std::string region, Time moment);
// A new one for that window, in nobody's hands yet. Takes a tenth of a second, sometimes a whole one: not on
// a loop.
struct NewKey {
  StoredKey stored;
  SigningKey key;
};
Result<NewKey> make_key(const crypto::Sealer& sealer, std::string region, Time moment);
// Durable when this returns. Of two for the same window the first one stays, and is what both get.
Task<Result<SigningKey>> keep_key(catalog::Catalog& catalog, const crypto::Sealer& sealer, NewKey made);

// All whose validity meets [from, to], the oldest first; at most kListedMax.
Task<Result<std::vector<integrity::PublicKey>>> list_keys(catalog::Catalog& catalog, std::string region,
                                                          Time from, Time to);

}  // namespace cairn::signing
