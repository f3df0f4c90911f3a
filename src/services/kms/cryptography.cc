// What keys are for: encrypting, decrypting, data keys, random bytes. Tested by kms_test.cc.
#include <fmt/format.h>

#include "codec/base64.h"
#include "crypto/random.h"
#include "json/json.h"
#include "services/kms/operations.h"

namespace cairn::services::kms {
namespace {

constexpr std::string_view kSymmetric = "SYMMETRIC_DEFAULT";
constexpr std::size_t kAes128Bytes = 16;
constexpr std::size_t kAes256Bytes = 32;

// The key can be used so; and the record says with which algorithm.
Found<void> check_encrypts(Call& call, const keys::Key& key, std::string_view member = "EncryptionAlgorithm") {
  CAIRN_TRY_VOID(check_usable(key));
  if (key.usage != "ENCRYPT_DECRYPT") {
    return fault::wrong_usage(key.arn(), key.usage, call.operation.name);
  }
  const auto algorithm = text(call, member);
  if (!algorithm.empty() && algorithm != kSymmetric) {
    return fault::wrong_algorithm(algorithm, key.spec);
  }
  if (!member.empty()) {
    call.input[member] = kSymmetric;
  }
  return {};
}

// Data keys are made by symmetric keys, and say nothing of an algorithm.
Found<void> check_generates(Call& call, const keys::Key& key) {
  CAIRN_TRY_VOID(check_usable(key));
  if (key.usage != "ENCRYPT_DECRYPT" || !key.is_symmetric()) {
    return fault::wrong_usage(key.arn(), key.usage, call.operation.name);
  }
  return {};
}

Found<void> check_dry_run(const Call& call) {
  return truth(call, "DryRun") ? Found<void>(fault::dry_run()) : Found<void>();
}

Found<std::string> sealed(const Dependencies& on, const keys::Key& key, const keys::EncryptionContext& context,
                          ByteView plaintext) {
  const auto number = key.materials.size() - 1;
  const auto material = keys::open_material(key, on.sealer, number);
  if (!material) {
    return fault::failure(material.error());
  }
  const keys::CiphertextHead head{.account = key.account, .key = key.id, .material = static_cast<std::uint32_t>(number)};
  return codec::base64_encode(keys::encrypt(head, *material, context, plaintext));
}

struct Opened {
  crypto::Secret plaintext{};
  std::string material{};  // its id
};

Found<Opened> opened(const Dependencies& on, const keys::Key& key, const keys::EncryptionContext& context,
                     std::string_view ciphertext) {
  const auto bytes = codec::base64_decode(ciphertext);
  const auto head = keys::read_head(bytes ? *bytes : "");
  if (!head || head->material >= key.materials.size()) {
    return fault::invalid_ciphertext();
  }
  const auto material = keys::open_material(key, on.sealer, head->material);
  if (!material) {
    return fault::failure(material.error());
  }
  auto plaintext = keys::decrypt(*material, context, *bytes);
  if (!plaintext) {
    return fault::invalid_ciphertext();
  }
  return Opened{.plaintext = *std::move(plaintext), .material = key.materials[head->material].id};
}

Found<std::size_t> size_in(const Call& call) {
  const auto bytes = json::find_int(call.input, "NumberOfBytes");
  const auto spec = text(call, "KeySpec");
  if (bytes.has_value() == !spec.empty()) {
    return fault::validation("Please specify either number of bytes or key spec.");
  }
  return bytes ? static_cast<std::size_t>(*bytes) : spec == "AES_128" ? kAes128Bytes : kAes256Bytes;
}

Answer data_key(const Dependencies& on, Call& call, const keys::Key& key, bool shown) {
  CAIRN_TRY_VOID(refuse_members(call, {"Recipient"}));
  CAIRN_TRY_VOID(check_generates(call, key));
  CAIRN_TRY(const auto size, size_in(call));
  CAIRN_TRY(const auto context, context_in(call, "EncryptionContext"));
  CAIRN_TRY_VOID(check_dry_run(call));
  const auto made = crypto::random_secret(size);
  Outcome outcome;
  CAIRN_TRY(outcome.output["CiphertextBlob"], sealed(on, key, context, made.bytes()));
  if (shown) {
    outcome.output["Plaintext"] = codec::base64_encode(made.bytes());
  }
  outcome.output["KeyId"] = key.arn();
  outcome.output["KeyMaterialId"] = key.materials.back().id;
  call.record.additional["keyMaterialId"] = key.materials.back().id;
  return outcome;
}

}  // namespace

Task<Answer> encrypt(const Dependencies& on, Call& call, Asked asked) {
  const auto& key = asked.keys.front().value;
  CAIRN_CO_TRY_VOID(check_encrypts(call, key));
  CAIRN_CO_TRY(const auto context, context_in(call, "EncryptionContext"));
  CAIRN_CO_TRY_VOID(check_dry_run(call));
  const auto plaintext = codec::base64_decode(text(call, "Plaintext"));
  Outcome outcome;
  CAIRN_CO_TRY(outcome.output["CiphertextBlob"], sealed(on, key, context, plaintext ? *plaintext : ""));
  outcome.output["KeyId"] = key.arn();
  outcome.output["EncryptionAlgorithm"] = kSymmetric;
  call.record.additional["keyMaterialId"] = key.materials.back().id;
  co_return outcome;
}

Task<Answer> decrypt(const Dependencies& on, Call& call, Asked asked) {
  const auto& key = asked.keys.front().value;
  CAIRN_CO_TRY_VOID(refuse_members(call, {"Recipient", "DryRunModifiers"}));
  CAIRN_CO_TRY_VOID(check_encrypts(call, key));
  CAIRN_CO_TRY(const auto context, context_in(call, "EncryptionContext"));
  CAIRN_CO_TRY(const auto found, opened(on, key, context, text(call, "CiphertextBlob")));
  CAIRN_CO_TRY_VOID(check_dry_run(call));
  Outcome outcome;
  outcome.output = {{"KeyId", key.arn()},
                    {"Plaintext", codec::base64_encode(found.plaintext.bytes())},
                    {"EncryptionAlgorithm", kSymmetric},
                    {"KeyMaterialId", found.material}};
  call.record.additional["keyMaterialId"] = found.material;
  co_return outcome;
}

Task<Answer> re_encrypt(const Dependencies& on, Call& call, Asked asked) {
  const auto& from = asked.keys.front().value;
  const auto& to = asked.keys.back().value;
  CAIRN_CO_TRY_VOID(refuse_members(call, {"DryRunModifiers"}));
  CAIRN_CO_TRY_VOID(check_encrypts(call, from, "SourceEncryptionAlgorithm"));
  CAIRN_CO_TRY_VOID(check_encrypts(call, to, "DestinationEncryptionAlgorithm"));
  CAIRN_CO_TRY(const auto old_context, context_in(call, "SourceEncryptionContext"));
  CAIRN_CO_TRY(const auto new_context, context_in(call, "DestinationEncryptionContext"));
  CAIRN_CO_TRY(const auto found, opened(on, from, old_context, text(call, "CiphertextBlob")));
  CAIRN_CO_TRY_VOID(check_dry_run(call));
  Outcome outcome;
  CAIRN_CO_TRY(outcome.output["CiphertextBlob"], sealed(on, to, new_context, found.plaintext.bytes()));
  outcome.output["SourceKeyId"] = from.arn();
  outcome.output["KeyId"] = to.arn();
  outcome.output["SourceEncryptionAlgorithm"] = kSymmetric;
  outcome.output["DestinationEncryptionAlgorithm"] = kSymmetric;
  outcome.output["SourceKeyMaterialId"] = found.material;
  outcome.output["DestinationKeyMaterialId"] = to.materials.back().id;
  call.record.additional["sourceKeyMaterialId"] = found.material;
  call.record.additional["destinationKeyMaterialId"] = to.materials.back().id;
  co_return outcome;
}

Task<Answer> generate_data_key(const Dependencies& on, Call& call, Asked asked) {
  co_return data_key(on, call, asked.keys.front().value, true);
}

Task<Answer> generate_data_key_without_plaintext(const Dependencies& on, Call& call, Asked asked) {
  co_return data_key(on, call, asked.keys.front().value, false);
}

Task<Answer> generate_random(const Dependencies& /*on*/, Call& call, Asked /*asked*/) {
  CAIRN_CO_TRY_VOID(refuse_members(call, {"Recipient", "CustomKeyStoreId"}));
  const auto bytes = json::find_int(call.input, "NumberOfBytes");
  if (!bytes) {
    co_return fault::validation("NumberOfBytes is required.");
  }
  Outcome outcome;
  outcome.output["Plaintext"] =
      codec::base64_encode(crypto::random_secret(static_cast<std::size_t>(*bytes)).bytes());
  co_return outcome;
}

}  // namespace cairn::services::kms
