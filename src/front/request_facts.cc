// Tested by front_test.cc and claims_test.cc.
#include "front/request_facts.h"

namespace cairn::front {

access::RequestFacts facts_of(const Call& call) {
  // In process there is no network between: no address to compare, and nothing insecure.
  const bool in_process = call.caller.principal.kind == access::PrincipalKind::service || !call.via.empty();
  return {.time = call.time,
          .source_address = in_process ? std::string_view{} : std::string_view(call.source_address),
          .user_agent = call.head.headers.get("User-Agent"),
          .region = call.region,
          .secure = in_process || call.tls.has_value(),
          .referer = call.head.headers.get("Referer")};
}

}  // namespace cairn::front
