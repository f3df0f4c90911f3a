#include "services/s3/encryption.h"

#include <algorithm>
#include <array>

#include "aws/presigned_headers.h"
#include "aws/sigv2.h"
#include "codec/base64.h"
#include "codec/headers.h"
#include "codec/uri.h"
#include "json/json.h"
#include "services/s3/at_rest.h"
#include "services/s3/customer_key.h"
#include "services/s3/faults.h"
#include "services/s3/settings.h"

namespace cairn::services::s3 {
namespace {

constexpr std::string_view kArnInContext = "aws:s3:arn";
constexpr std::size_t kDataKeyBytes = 32;

// What a request asks for, or its bucket by default. No key: AES256.
struct Encryption {
  std::string key;      // id, ARN or alias, as it was named
  std::string context;  // the caller's, a JSON object of texts; empty: none
};

std::string arn_of(const Bucket& bucket, std::string_view key) {
  return bucket.arn() + "/" + std::string(key);
}

aws::Fault wrong_context() {
  return fault::invalid_argument(
             "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding "
             "JSON "
             "which represents a string-string map")
      .with("ArgumentName", "x-amz-server-side-encryption-context");
}

// The caller's context, as JSON that is written one way.
Result<std::string, aws::Fault> context_asked(const Call& call) {
  const auto given = text_member(call, "SSEKMSEncryptionContext");
  if (given.empty()) {
    return std::string();
  }
  const auto text = codec::base64_decode(given);
  const auto context = json::parse_object(text ? *text : "");
  if (!context || !std::ranges::all_of(*context, [](const auto& pair) { return pair.value().is_string(); })) {
    return wrong_context();
  }
  return json::serialize(*context);
}

json::object whole_context(const Seal& seal, const Bucket& bucket, std::string_view key) {
  json::object context;
  if (!seal.context.empty()) {
    if (auto asked = json::parse_object(seal.context)) {
      context = *std::move(asked);
    }
  }
  context[kArnInContext] = arn_of(bucket, key);
  return context;
}

// What KMS said, to S3's caller.
aws::Fault of_kms(aws::Fault fault) {
  if (fault.code == "AccessDeniedException") {
    return aws::Fault{"AccessDenied", 403, std::move(fault.message)};
  }
  if (fault.status >= 500) {
    return aws::Fault{"ServiceUnavailable", 503, "The key's service cannot be reached: " + fault.message};
  }
  return aws::Fault{"KMS." + fault.code, 400, std::move(fault.message)};
}

// As at AWS: KMS is asked for nobody whom it could not name, and for none whose signature is of the old kind.
Result<void, aws::Fault> check_signed(const Call& call) {
  if (call.caller.principal.kind != access::PrincipalKind::anonymous &&
      aws::sigv2::signature_in(call.head) == aws::sigv2::Place::none) {
    return {};
  }
  return fault::invalid_argument(
             "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature "
             "Version 4.")
      .with("ArgumentName", "Authorization")
      .with("ArgumentValue", "null");
}

Task<Result<json::object, aws::Fault>> ask_kms(const Dependencies& on, const Call& call,
                                               std::string operation, std::string region,
                                               json::object input) {
  if (on.kms == nullptr) {
    co_return fault::not_implemented("x-amz-server-side-encryption=aws:kms");
  }
  CAIRN_CO_TRY_VOID(check_signed(call));
  front::ForwardedCall asked{.service = "kms",
                             .operation = std::move(operation),
                             .region = std::move(region),
                             .input = std::move(input)};
  auto answer = co_await on.kms->forward(call, std::move(asked));
  if (!answer) {
    co_return of_kms(std::move(answer).error());
  }
  co_return std::move(answer->output);
}

Result<crypto::Secret, aws::Fault> plaintext_in(const json::object& output) {
  const auto bytes = codec::base64_decode(json::find_string(output, "Plaintext").value_or(""));
  if (!bytes || bytes->size() != kDataKeyBytes) {
    return internal({Errc::corrupt, "KMS's answer has no data key"});
  }
  return crypto::Secret(std::as_bytes(std::span(*bytes)));
}

// `how`: but for what is drawn anew.
Result<Sealing, aws::Fault> sealing_by(const Dependencies& on, Seal how, const crypto::Secret* data_key) {
  auto drawn = on.at_rest.new_seal();
  how.salt = std::move(drawn.salt);
  if (data_key == nullptr) {
    how.master = std::move(drawn.master);
  }
  auto key = on.at_rest.key(how, data_key);
  if (!key) {
    return internal(key.error());
  }
  return Sealing{std::move(how), *std::move(key)};
}

// What the bucket does where the request says nothing.
Task<Result<Encryption, aws::Fault>> by_default(const Dependencies& on, Bucket bucket) {
  CAIRN_CO_TRY(const auto setting, co_await find_setting(on, "encryption", std::move(bucket)));
  const auto* rules = setting ? json::find_array(*setting, "Rules") : nullptr;
  const auto* rule = rules != nullptr && !rules->empty() ? rules->front().if_object() : nullptr;
  const auto* wanted =
      rule != nullptr ? json::find_object(*rule, "ApplyServerSideEncryptionByDefault") : nullptr;
  Encryption encryption;
  if (wanted != nullptr && json::find_string(*wanted, "SSEAlgorithm") == kByKms) {
    encryption.key = json::find_string(*wanted, "KMSMasterKeyID").value_or("");
  }
  co_return encryption;
}

Task<Result<Encryption, aws::Fault>> encryption_of(const Dependencies& on, const Call& call, Bucket bucket) {
  const auto algorithm = text_member(call, "ServerSideEncryption");
  if (algorithm.empty()) {
    co_return co_await by_default(on, std::move(bucket));
  }
  Encryption encryption;
  if (algorithm == kByKms) {
    CAIRN_CO_TRY(encryption.context, context_asked(call));
    encryption.key = text_member(call, "SSEKMSKeyId");
  }
  co_return encryption;
}

constexpr std::array<std::string_view, 2> kInHeadersAlone = {"x-amz-server-side-encryption",
                                                             "x-amz-copy-source-server-side-encryption"};

}  // namespace

Result<void, aws::Fault> check_query(const Call& call) {
  const auto query = codec::parse_query(call.head.query());
  const bool presigned = call.head.query().find("X-Amz-Signature=") != std::string_view::npos;
  for (const auto& [name, value] : query ? *query : codec::QueryPairs()) {
    const auto lower = codec::lower(name);
    if (std::ranges::any_of(kInHeadersAlone,
                            [&](std::string_view prefix) { return lower.starts_with(prefix); })) {
      return fault::invalid_argument(
                 "Server side encryption is asked for in headers, not in the query string.")
          .with("ArgumentName", name);
    }
    if (presigned && aws::is_header_of_query(name) && !call.head.headers.contains(name)) {
      return fault::invalid_argument("The query string has a header that could not have been sent.")
          .with("ArgumentName", name);
    }
  }
  return {};
}

Result<void, aws::Fault> check_encryption_asked(const Call& call) {
  const auto algorithm = text_member(call, "ServerSideEncryption");
  const auto key = text_member(call, "SSEKMSKeyId");
  if (json::find_bool(call.input, "BucketKeyEnabled").value_or(false)) {
    return fault::not_implemented("x-amz-server-side-encryption-bucket-key-enabled");
  }
  if (algorithm != kByKms && (!key.empty() || !text_member(call, "SSEKMSEncryptionContext").empty())) {
    return fault::invalid_argument(
               "Server Side Encryption with AWS KMS managed key requires HTTP header "
               "x-amz-server-side-encryption : "
               "aws:kms")
        .with("ArgumentName", "x-amz-server-side-encryption");
  }
  if (algorithm == kByKms && key.empty()) {  // aws/s3, which AWS has
    return fault::not_implemented("x-amz-server-side-encryption=aws:kms without a key's id");
  }
  if (!algorithm.empty() && !text_member(call, "SSECustomerAlgorithm").empty()) {
    return fault::invalid_argument(
               "Server Side Encryption with Customer provided key is incompatible with the encryption method "
               "specified")
        .with("ArgumentName", "x-amz-server-side-encryption");
  }
  if (!algorithm.empty() && algorithm != kByKms && algorithm != kSealedByUs) {
    return fault::not_implemented("x-amz-server-side-encryption=" + std::string(algorithm));
  }
  CAIRN_TRY_VOID(context_asked(call));
  return {};
}

std::string_view algorithm_of(const Seal& seal) {
  return !seal.customer.empty() ? std::string_view() : !seal.kms_key.empty() ? kByKms : kSealedByUs;
}

Task<Result<Sealing, aws::Fault>> new_sealing(const Dependencies& on, const Call& call, Bucket bucket,
                                              std::string key) {
  CAIRN_CO_TRY(const auto customer, customer_key_in(call));
  if (customer) {
    const Seal seal{.customer = on.at_rest.mark_of(customer->key)};
    co_return sealing_by(on, seal, &customer->key);
  }
  CAIRN_CO_TRY(const auto encryption, co_await encryption_of(on, call, bucket));
  if (encryption.key.empty()) {
    co_return sealing_by(on, Seal(), nullptr);
  }
  Seal seal{.context = encryption.context};
  json::object input{{"KeyId", encryption.key},
                     {"KeySpec", "AES_256"},
                     {"EncryptionContext", whole_context(seal, bucket, key)}};
  CAIRN_CO_TRY(const auto made,
               co_await ask_kms(on, call, "GenerateDataKey", bucket.region, std::move(input)));
  seal.kms_key = json::find_string(made, "KeyId").value_or("");
  seal.wrapped = json::find_string(made, "CiphertextBlob").value_or("");
  CAIRN_CO_TRY(const auto data_key, plaintext_in(made));
  co_return sealing_by(on, std::move(seal), &data_key);
}

Task<Result<Sealing, aws::Fault>> new_part_sealing(const Dependencies& on, const Call& call, Bucket bucket,
                                                   std::string key, Seal seal) {
  CAIRN_CO_TRY(const auto data_key, co_await data_key_of(on, call, std::move(bucket), std::move(key), seal));
  const Seal part{.kms_key = seal.kms_key, .customer = seal.customer};
  co_return sealing_by(on, part, data_key ? &*data_key : nullptr);
}

Task<Result<std::optional<crypto::Secret>, aws::Fault>> data_key_of(const Dependencies& on, const Call& call,
                                                                    Bucket bucket, std::string key, Seal seal,
                                                                    std::string prefix) {
  CAIRN_CO_TRY(auto customer, customer_key_in(call, prefix));
  CAIRN_CO_TRY_VOID(check_customer_key(on, customer, seal));
  if (customer) {
    co_return std::optional(std::move(customer->key));
  }
  if (seal.kms_key.empty()) {
    co_return std::optional<crypto::Secret>();
  }
  json::object input{{"KeyId", seal.kms_key},
                     {"CiphertextBlob", seal.wrapped},
                     {"EncryptionContext", whole_context(seal, bucket, key)}};
  CAIRN_CO_TRY(const auto opened, co_await ask_kms(on, call, "Decrypt", bucket.region, std::move(input)));
  CAIRN_CO_TRY(auto secret, plaintext_in(opened));
  co_return std::optional(std::move(secret));
}

void show_encryption(const Object& object, json::object& output) {
  if (object.encryption.empty()) {
    return;
  }
  output["ServerSideEncryption"] = object.encryption;
  if (!object.seal.kms_key.empty()) {
    output["SSEKMSKeyId"] = object.seal.kms_key;
  }
}

}  // namespace cairn::services::s3
