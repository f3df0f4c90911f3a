// The key that a trail's files are encrypted with. AWS looks at it by asking KMS, as CloudTrail, for a data
// key that is thrown away: with the encryption context that each file will have. Tested by kms_key_test.cc.
#include "aws/ids.h"
#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

// An alias or a key, by name, id or ARN. Gives the Region in which to look for it: the ARN's, or the trail's.
// Is it the bucket's too? S3 asks there for a key when the bucket is verified. Nothing: it is neither.
std::optional<std::string> region_of(std::string_view named, const trail::Trail& trail) {
  if (!named.starts_with("arn:")) {
    const bool is_name = named.starts_with("alias/") || named.find_first_of(":/ ") == std::string_view::npos;
    return is_name ? std::optional(trail.home_region) : std::nullopt;
  }
  const auto arn = aws::Arn::parse(std::string(named));
  const bool is_key =
      arn && arn->service() == "kms" && (arn->resource_type() == "key" || arn->resource_type() == "alias");
  return is_key ? std::optional(std::string(arn->region())) : std::nullopt;
}

aws::Fault turned(std::string_view named, bool is_elsewhere, const aws::Fault& fault) {
  if (fault.code == "NotFoundException" && is_elsewhere) {
    return fault::kms_key_not_found(named);
  }
  if (fault.code == "NotFoundException" || fault.code == "AccessDeniedException" ||
      fault.code == "AccessDenied") {
    return fault::insufficient_encryption_policy(named);
  }
  if (fault.status >= 500) {
    return aws::fault::service_unavailable(aws::Family::json);
  }
  return fault::kms(fault.message);
}

}  // namespace

Task<Result<std::string, aws::Fault>> verify_key(const Dependencies& on, const Call& call,
                                                 trail::Trail trail) {
  const auto named = json::find_string(call.input, "KmsKeyId");
  if (!named || named->empty()) {
    co_return named ? std::string() : trail.kms_key;
  }
  const auto region = region_of(*named, trail);
  if (!region) {
    co_return fault::kms_key_not_found(*named);
  }
  aws::ClientCall ask;
  ask.service = "kms";
  ask.operation = "GenerateDataKey";
  ask.region = *region;
  ask.input = {{"KeyId", *named},
               {"KeySpec", "AES_256"},
               {"EncryptionContext", json::object{{trail::kEncryptionContext, trail.arn()}}}};
  ask.on_behalf = {.service_principal = "cloudtrail.amazonaws.com",
                   .source_arn = trail.arn(),
                   .source_account = trail.account};
  const auto made = co_await on.s3.call(std::move(ask));
  if (!made) {
    co_return turned(*named, *region != trail.home_region, made.error());
  }
  co_return std::string(json::find_string(made->output, "KeyId").value_or(*named));
}

}  // namespace cairn::services::cloudtrail
