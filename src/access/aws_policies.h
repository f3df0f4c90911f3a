// The managed policies that AWS has in every account ("arn:aws:iam::aws:policy/AdministratorAccess"): those
// that name services answered here, with the documents that AWS publishes. Others are not found. Immutable;
// any thread. Tested by entities_test.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/time.h"

namespace cairn::access {

struct AwsPolicy {
  std::string_view name;
  std::string_view id;
  std::string_view description;  // in our words
  int version;                   // of AWS, whose document this is
  std::string_view created;      // RFC 3339
  std::string_view updated;
  std::string_view document;

  std::string arn() const { return "arn:aws:iam::aws:policy/" + std::string(name); }
};

// In order of name.
std::span<const AwsPolicy> aws_policies();
// Null: there is none of this ARN.
const AwsPolicy* find_aws_policy(std::string_view arn);

}  // namespace cairn::access
