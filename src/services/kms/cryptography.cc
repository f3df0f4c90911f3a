// What keys are for: encrypting, decrypting, data keys, random bytes. Tested by kms_test.cc.
#include <fmt/format.h>

#include "codec/base64.h"
#include "crypto/random.h"
#include "json/json.h"
#include "services/kms/operations.h"
#include "services/kms/texts.h"
#include "services/kms/workshop.h"

namespace cairn::services::kms {
namespace {

using keys::kSymmetric;
constexpr std::size_t kAes128Bytes = 16;
constexpr std::size_t kAes256Bytes = 32;

// With what one key encrypts or decrypts one text.
struct Use {
  std::string algorithm{};
  keys::EncryptionContext context{};
};

// The key can be used so; and the record says with which algorithm. `side`: of ReEncrypt's members.
Found<Use> use_of(Call& call, const keys::Key& key, const std::string& side = {}) {
  CAIRN_TRY_VOID(check_usable(key));
  if (key.usage != keys::kEncrypts) {
    return fault::wrong_usage(key.arn(), key.usage, call.operation.name);
  }
  Use use{.algorithm = text(call, side + "EncryptionAlgorithm")};
  if (use.algorithm.empty()) {
    use.algorithm = kSymmetric;
  }
  const bool fits = key.is_symmetric() ? use.algorithm == kSymmetric
                                       : keys::encryption_algorithm(key.kind(), use.algorithm).has_value();
  if (!fits) {
    return fault::wrong_algorithm(use.algorithm, key.spec);
  }
  call.input[side + "EncryptionAlgorithm"] = use.algorithm;
  CAIRN_TRY(use.context, context_in(call, side + "EncryptionContext"));
  if (!key.is_symmetric() && !use.context.empty()) {
    return fault::validation(side + "EncryptionContext is for symmetric encryption keys alone.");
  }
  return use;
}

Found<crypto::KeyPair> pair_of(const Dependencies& on, const keys::Key& key) {
  const auto material = keys::open_material(key, on.sealer, 0);
  auto pair =
      material ? crypto::KeyPair::from_der(material->bytes()) : Result<crypto::KeyPair>(material.error());
  if (!pair) {
    return fault::failure(pair.error());
  }
  return *std::move(pair);
}

Found<std::string> sealed(const Dependencies& on, const keys::Key& key, const Use& use, ByteView plaintext) {
  if (key.is_symmetric()) {
    return sealed_text(on, key, use.context, plaintext);
  }
  const auto sha = keys::encryption_algorithm(key.kind(), use.algorithm)->sha;
  CAIRN_TRY(const auto pair, pair_of(on, key));
  if (plaintext.size() > pair.plaintext_max(sha)) {
    return fault::validation(
        fmt::format("Algorithm {} and key spec {} cannot encrypt data larger than {} bytes.", use.algorithm,
                    key.spec, pair.plaintext_max(sha)));
  }
  return codec::base64_encode(pair.encrypt(sha, plaintext));
}

struct Opened {
  crypto::Secret plaintext{};
  std::string material{};  // its id; empty: the key has but one
};

Task<Found<Opened>> opened_by_pair(const Dependencies& on, keys::Key key, std::string algorithm,
                                   std::string bytes) {
  const auto sha = keys::encryption_algorithm(key.kind(), algorithm)->sha;
  CAIRN_CO_TRY(const auto pair, pair_of(on, key));
  const auto open = [pair, sha, text = std::move(bytes)] { return pair.decrypt(sha, text); };
  auto plaintext = co_await on.workshop->run(open);
  if (!plaintext) {
    co_return fault::invalid_ciphertext();
  }
  co_return Opened{.plaintext = *std::move(plaintext)};
}

Found<Opened> opened_text(const Dependencies& on, const keys::Key& key,
                          const keys::EncryptionContext& context, std::string_view ciphertext) {
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

Task<Found<Opened>> opened(const Dependencies& on, keys::Key key, Use use, std::string ciphertext) {
  if (key.is_symmetric()) {
    co_return opened_text(on, key, use.context, ciphertext);
  }
  const auto bytes = codec::base64_decode(ciphertext);
  co_return co_await opened_by_pair(on, std::move(key), use.algorithm, bytes ? *bytes : "");
}

// Whose material it was, where that can change.
void show_material(const std::string& id, std::string_view member, std::string_view recorded, Call& call,
                   Outcome& outcome) {
  if (!id.empty()) {
    call.record.additional[recorded] = id;
    if (!member.empty()) {
      outcome.output[member] = id;
    }
  }
}

std::string newest_material(const keys::Key& key) {
  return key.is_symmetric() ? key.materials.back().id : std::string();
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
  CAIRN_TRY(outcome.output["CiphertextBlob"], sealed_text(on, key, context, made.bytes()));
  if (shown) {
    outcome.output["Plaintext"] = codec::base64_encode(made.bytes());
  }
  outcome.output["KeyId"] = key.arn();
  outcome.output["KeyMaterialId"] = key.materials.back().id;
  call.record.additional["keyMaterialId"] = key.materials.back().id;
  return outcome;
}

}  // namespace

Found<std::string> sealed_text(const Dependencies& on, const keys::Key& key,
                               const keys::EncryptionContext& context, ByteView plaintext) {
  const auto number = key.materials.size() - 1;
  const auto material = keys::open_material(key, on.sealer, number);
  if (!material) {
    return fault::failure(material.error());
  }
  const keys::CiphertextHead head{
      .account = key.account, .key = key.id, .material = static_cast<std::uint32_t>(number)};
  return codec::base64_encode(keys::encrypt(head, *material, context, plaintext));
}

Found<void> check_generates(Call& call, const keys::Key& key) {
  CAIRN_TRY_VOID(check_usable(key));
  if (key.usage != keys::kEncrypts) {
    return fault::wrong_usage(key.arn(), key.usage, call.operation.name);
  }
  return key.is_symmetric() ? Found<void>() : Found<void>(fault::wrong_algorithm(kSymmetric, key.spec));
}

Task<Answer> encrypt(const Dependencies& on, Call& call, Asked asked) {
  const auto& key = asked.keys.front().value;
  CAIRN_CO_TRY(const auto use, use_of(call, key));
  const auto plaintext = codec::base64_decode(text(call, "Plaintext"));
  Outcome outcome;
  CAIRN_CO_TRY(outcome.output["CiphertextBlob"], sealed(on, key, use, plaintext ? *plaintext : ""));
  CAIRN_CO_TRY_VOID(check_dry_run(call));
  outcome.output["KeyId"] = key.arn();
  outcome.output["EncryptionAlgorithm"] = use.algorithm;
  show_material(newest_material(key), "", "keyMaterialId", call, outcome);
  co_return outcome;
}

Task<Answer> decrypt(const Dependencies& on, Call& call, Asked asked) {
  const auto& key = asked.keys.front().value;
  CAIRN_CO_TRY_VOID(refuse_members(call, {"Recipient", "DryRunModifiers"}));
  CAIRN_CO_TRY(const auto use, use_of(call, key));
  CAIRN_CO_TRY(const auto found, co_await opened(on, key, use, text(call, "CiphertextBlob")));
  CAIRN_CO_TRY_VOID(check_dry_run(call));
  Outcome outcome;
  outcome.output = {{"KeyId", key.arn()},
                    {"Plaintext", codec::base64_encode(found.plaintext.bytes())},
                    {"EncryptionAlgorithm", use.algorithm}};
  show_material(found.material, "KeyMaterialId", "keyMaterialId", call, outcome);
  co_return outcome;
}

Task<Answer> re_encrypt(const Dependencies& on, Call& call, Asked asked) {
  const auto& from = asked.keys.front().value;
  const auto& to = asked.keys.back().value;
  CAIRN_CO_TRY_VOID(refuse_members(call, {"DryRunModifiers"}));
  CAIRN_CO_TRY(const auto old_use, use_of(call, from, "Source"));
  CAIRN_CO_TRY(const auto new_use, use_of(call, to, "Destination"));
  CAIRN_CO_TRY(const auto found, co_await opened(on, from, old_use, text(call, "CiphertextBlob")));
  Outcome outcome;
  CAIRN_CO_TRY(outcome.output["CiphertextBlob"], sealed(on, to, new_use, found.plaintext.bytes()));
  CAIRN_CO_TRY_VOID(check_dry_run(call));
  outcome.output["SourceKeyId"] = from.arn();
  outcome.output["KeyId"] = to.arn();
  outcome.output["SourceEncryptionAlgorithm"] = old_use.algorithm;
  outcome.output["DestinationEncryptionAlgorithm"] = new_use.algorithm;
  show_material(found.material, "SourceKeyMaterialId", "sourceKeyMaterialId", call, outcome);
  show_material(newest_material(to), "DestinationKeyMaterialId", "destinationKeyMaterialId", call, outcome);
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
