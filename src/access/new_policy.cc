// Tested by policy_test.cc.
#include "access/new_policy.h"

#include "json/repeats.h"

namespace cairn::access {

Result<std::shared_ptr<const Policy>> parse_new_policy(std::string_view text, PolicyKind kind) {
  auto policy = Policy::parse(text, kind);
  if (policy && json::has_repeated_member(text)) {
    return Error{Errc::invalid, "Syntax errors in policy: an element is there twice."};
  }
  return policy;
}

}  // namespace cairn::access
