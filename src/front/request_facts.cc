// Tested by front_test.cc and claims_test.cc.
#include "front/request_facts.h"

#include "aws/regions.h"

namespace cairn::front {

access::RequestFacts facts_of(const Call& call) {
  // In process there is no network between: no address to compare, and nothing insecure.
  const bool in_process = call.caller.principal.kind == access::PrincipalKind::service || !call.via.empty();
  return {.time = call.time,
          .source_address = in_process ? std::string_view{} : std::string_view(call.source_address),
          .user_agent = call.head.headers.get("User-Agent"),
          .region = region_of(call),
          .secure = in_process || call.tls.has_value(),
          .referer = call.head.headers.get("Referer")};
}

std::string_view region_of(const Call& call) {
  const bool global = call.service.name == "iam" || call.service.name == "organizations";
  return global ? aws::kGlobalRegion : std::string_view(call.region);
}

}  // namespace cairn::front
