// The policy of a form that uploads to S3 (POST Object): what its signer allows whoever has it to send, until
// when. Pure. Tested by post_policy_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/fault.h"
#include "base/result.h"
#include "base/time.h"

namespace cairn::front {

using FormFields = std::vector<std::pair<std::string, std::string>>;

// The first field of that name; names have no case.
std::optional<std::string_view> form_field(const FormFields& fields, std::string_view name);

struct PostRules {
  std::uint64_t bytes_min = 0;
  std::optional<std::uint64_t> bytes_max;
};

// `policy` is the document itself. Every condition holds, and every field has one. AccessDenied,
// InvalidPolicyDocument.
Result<PostRules, aws::Fault> check_post_policy(std::string_view policy, const FormFields& fields,
                                                std::string_view bucket, Time now);

}  // namespace cairn::front
