// What keys of pairs and of MACs are for: signatures, MACs, the public key. Tested by signing_test.cc.
#include <fmt/format.h>

#include "codec/base64.h"
#include "crypto/secret.h"
#include "json/json.h"
#include "services/kms/describe.h"
#include "services/kms/operations.h"
#include "services/kms/workshop.h"

namespace cairn::services::kms {
namespace {

Found<void> check_used(const Call& call, const keys::Key& key, std::string_view usage) {
  CAIRN_TRY_VOID(check_usable(key));
  if (key.usage != usage) {
    return fault::wrong_usage(key.arn(), key.usage, call.operation.name);
  }
  return {};
}

std::string bytes_in(const Call& call, std::string_view member) {
  const auto bytes = codec::base64_decode(text(call, member));  // the model has checked it
  return bytes ? *bytes : std::string();
}

struct ToSign {
  keys::SigningAlgorithm algorithm;
  std::string digest;
};

// What the call signs or verifies, and how; and the record says whether it is a digest.
Found<ToSign> to_sign(Call& call, const keys::Key& key) {
  CAIRN_TRY_VOID(check_used(call, key, keys::kSigns));
  const auto name = text(call, "SigningAlgorithm");
  const auto algorithm = keys::signing_algorithm(key.kind(), name);
  if (!algorithm) {
    return fault::wrong_algorithm(name, key.spec);
  }
  const auto message = bytes_in(call, "Message");
  const auto type = text(call, "MessageType");
  if (type == "EXTERNAL_MU") {
    return fault::validation(fmt::format("MessageType EXTERNAL_MU is not valid for algorithm {}.", name));
  }
  if (type == "DIGEST") {
    if (message.size() != crypto::size_of(algorithm->sha)) {
      return fault::validation(fmt::format("Digest is invalid length for algorithm {}.", name));
    }
    return ToSign{*algorithm, message};
  }
  call.input["MessageType"] = "RAW";
  return ToSign{*algorithm, crypto::digest(algorithm->sha, message)};
}

Found<crypto::KeyPair> pair_of(const Dependencies& on, const keys::Key& key) {
  const auto material = keys::open_material(key, on.sealer, 0);
  if (!material) {
    return fault::failure(material.error());
  }
  auto pair = crypto::KeyPair::from_der(material->bytes());
  if (!pair) {
    return fault::failure(pair.error());
  }
  return *std::move(pair);
}

Found<std::string> mac_of(const Dependencies& on, const Call& call, const keys::Key& key) {
  CAIRN_TRY_VOID(check_used(call, key, keys::kMacs));
  const auto name = text(call, "MacAlgorithm");
  if (name != key.kind().algorithm) {
    return fault::wrong_mac(name, key.spec);
  }
  const auto material = keys::open_material(key, on.sealer, 0);
  if (!material) {
    return fault::failure(material.error());
  }
  return crypto::hmac(key.kind().sha, material->bytes(), bytes_in(call, "Message"));
}

}  // namespace

Task<Answer> sign(const Dependencies& on, Call& call, Asked asked) {
  const auto& key = asked.keys.front().value;
  CAIRN_CO_TRY(const auto wanted, to_sign(call, key));
  CAIRN_CO_TRY_VOID(check_dry_run(call));
  CAIRN_CO_TRY(const auto pair, pair_of(on, key));
  const auto made = [pair, wanted] {
    return pair.sign(wanted.algorithm.scheme, wanted.algorithm.sha, wanted.digest);
  };
  const auto signature = co_await on.workshop->run(made);
  Outcome outcome;
  outcome.output = {{"KeyId", key.arn()},
                    {"Signature", codec::base64_encode(signature)},
                    {"SigningAlgorithm", wanted.algorithm.name}};
  co_return outcome;
}

Task<Answer> verify(const Dependencies& on, Call& call, Asked asked) {
  const auto& key = asked.keys.front().value;
  CAIRN_CO_TRY(const auto wanted, to_sign(call, key));
  CAIRN_CO_TRY(const auto pair, pair_of(on, key));
  if (!pair.verifies(wanted.algorithm.scheme, wanted.algorithm.sha, wanted.digest,
                     bytes_in(call, "Signature"))) {
    co_return fault::invalid_signature();
  }
  CAIRN_CO_TRY_VOID(check_dry_run(call));
  Outcome outcome;
  outcome.output = {
      {"KeyId", key.arn()}, {"SignatureValid", true}, {"SigningAlgorithm", wanted.algorithm.name}};
  co_return outcome;
}

Task<Answer> generate_mac(const Dependencies& on, Call& call, Asked asked) {
  const auto& key = asked.keys.front().value;
  CAIRN_CO_TRY(const auto mac, mac_of(on, call, key));
  CAIRN_CO_TRY_VOID(check_dry_run(call));
  Outcome outcome;
  outcome.output = {
      {"KeyId", key.arn()}, {"Mac", codec::base64_encode(mac)}, {"MacAlgorithm", key.kind().algorithm}};
  co_return outcome;
}

Task<Answer> verify_mac(const Dependencies& on, Call& call, Asked asked) {
  const auto& key = asked.keys.front().value;
  CAIRN_CO_TRY(const auto mac, mac_of(on, call, key));
  if (!crypto::constant_time_equal(mac, bytes_in(call, "Mac"))) {
    co_return fault::invalid_mac();
  }
  CAIRN_CO_TRY_VOID(check_dry_run(call));
  Outcome outcome;
  outcome.output = {{"KeyId", key.arn()}, {"MacValid", true}, {"MacAlgorithm", key.kind().algorithm}};
  co_return outcome;
}

Task<Answer> get_public_key(const Dependencies& on, Call& call, Asked asked) {
  const auto& key = asked.keys.front().value;
  const auto family = key.kind().family;
  if (family == keys::Family::symmetric || family == keys::Family::mac) {
    co_return fault::unsupported(fmt::format("{} key spec is {} which is not valid for {}.", key.arn(),
                                             key.spec, call.operation.name));
  }
  CAIRN_CO_TRY_VOID(check_usable(key));
  CAIRN_CO_TRY(const auto pair, pair_of(on, key));
  Outcome outcome;
  outcome.output = {{"KeyId", key.arn()},
                    {"PublicKey", codec::base64_encode(pair.to_subject_public_key_info())},
                    {"CustomerMasterKeySpec", key.spec},
                    {"KeySpec", key.spec},
                    {"KeyUsage", key.usage}};
  show_algorithms(key, outcome.output);
  co_return outcome;
}

}  // namespace cairn::services::kms
