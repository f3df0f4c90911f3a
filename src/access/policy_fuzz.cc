// Policies are foreign text. Whatever parses must be judged without harm, and a second parse must judge
// alike.
#include <cstdlib>

#include "access/policy.h"

using namespace cairn::access;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Context context = {
      {"aws:username", "ann"}, {"aws:SourceIp", "203.0.113.7"}, {"aws:EpochTime", "1772446500"}};
  const Principal user{.kind = PrincipalKind::user,
                       .account = "111122223333",
                       .arn = "arn:aws:iam::111122223333:user/ann",
                       .id = "AIDAAAAAAAAAAAAAAAAAA",
                       .name = "ann",
                       .access_key = {}};
  for (const auto kind : {PolicyKind::identity, PolicyKind::resource}) {
    const auto policy = Policy::parse(text, kind);
    if (!policy) {
      continue;
    }
    const auto again = Policy::parse((*policy)->text(), kind);
    for (const auto* resource : {"*", "arn:aws:s3:::bucket/some/key"}) {
      const Question question{user, "s3:GetObject", resource, context};
      if (!again || (*policy)->evaluate(question) != (*again)->evaluate(question)) {
        std::abort();
      }
    }
  }
  return 0;
}
