// KMS's exceptions, each spelt once. All of them are answered with 400.
#pragma once

#include <string>
#include <string_view>

#include "aws/fault.h"

namespace cairn::services::kms::fault {

aws::Fault no_such_key(std::string_view arn);
aws::Fault no_such_alias(std::string_view arn);
aws::Fault invalid_key_id(std::string_view id);
aws::Fault invalid_arn(std::string_view what);
aws::Fault invalid_alias(std::string message);
aws::Fault alias_exists(std::string_view arn);
aws::Fault disabled(std::string_view arn);
aws::Fault pending_deletion(std::string_view arn);
aws::Fault not_pending_deletion(std::string_view arn);
aws::Fault wrong_usage(std::string_view arn, std::string_view usage, std::string_view operation);
aws::Fault wrong_algorithm(std::string_view algorithm, std::string_view spec);
aws::Fault wrong_mac(std::string_view algorithm, std::string_view spec);
aws::Fault invalid_signature();
aws::Fault invalid_mac();
aws::Fault throttled();
aws::Fault invalid_ciphertext();
aws::Fault incorrect_key();
aws::Fault unreadable_key();  // the ciphertext's key is not there, or not for the caller
aws::Fault malformed_policy(std::string message);
aws::Fault limit(std::string message);
aws::Fault tag(std::string message);
aws::Fault invalid_marker();
aws::Fault unsupported(std::string message);
aws::Fault validation(std::string message);
aws::Fault no_such_grant(std::string_view id);
aws::Fault dry_run();
aws::Fault failure(const Error& error);

}  // namespace cairn::services::kms::fault
