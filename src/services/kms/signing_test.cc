// Keys that sign, make MACs, or encrypt by RSA: over a catalog in memory, with the decision in front.
#include <array>
#include <vector>

#include "crypto/key_pair.h"
#include "keys/key.h"
#include "services/kms/testing.h"
#include "services/kms/workshop.h"

namespace cairn::services::kms::testing {
namespace {

constexpr const char* kNest = "bmVzdA==";

class SigningTest : public KmsWorld {
 protected:
  std::string key_of(std::string_view spec, std::string_view usage) {
    return new_key({{"KeySpec", spec}, {"KeyUsage", usage}});
  }
  std::string member(const Result<object, aws::Fault>& output, std::string_view name) {
    return output ? std::string(output->at(name).as_string()) : output.error().code;
  }
};

TEST_F(SigningTest, a_key_says_what_it_is_for) {
  const struct {
    const char* spec;
    const char* usage;
    const char* member;
    std::size_t algorithms;
  } rows[] = {{"ECC_NIST_P256", "SIGN_VERIFY", "SigningAlgorithms", 1},
              {"RSA_2048", "SIGN_VERIFY", "SigningAlgorithms", 6},
              {"RSA_2048", "ENCRYPT_DECRYPT", "EncryptionAlgorithms", 2},
              {"HMAC_384", "GENERATE_VERIFY_MAC", "MacAlgorithms", 1}};
  for (const auto& row : rows) {
    const auto key = key_of(row.spec, row.usage);
    const auto shown = answer("DescribeKey", {{"KeyId", key}})->at("KeyMetadata").as_object();
    EXPECT_EQ(shown.at("KeySpec"), row.spec);
    EXPECT_EQ(shown.at("CustomerMasterKeySpec"), row.spec);
    EXPECT_EQ(shown.at("KeyUsage"), row.usage);
    EXPECT_EQ(shown.at(row.member).as_array().size(), row.algorithms);
    EXPECT_FALSE(shown.contains("CurrentKeyMaterialId"));
    for (const auto* other : {"SigningAlgorithms", "EncryptionAlgorithms", "MacAlgorithms"}) {
      EXPECT_EQ(shown.contains(other), std::string_view(other) == row.member) << row.spec;
    }
    for (const auto* operation : {"EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"}) {
      EXPECT_EQ(text(operation, {{"KeyId", key}}), "UnsupportedOperationException") << operation;
    }
    EXPECT_EQ(answer("GetKeyRotationStatus", {{"KeyId", key}})->at("KeyRotationEnabled"), false);
  }
}

TEST_F(SigningTest, specs_and_usages_that_do_not_fit_are_refused) {
  const struct {
    object input;
    const char* code;
    const char* message;
  } rows[] = {
      {{{"KeySpec", "HMAC_256"}},
       "ValidationException",
       "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."},
      {{{"KeySpec", "ECC_NIST_P256"}, {"KeyUsage", "ENCRYPT_DECRYPT"}},
       "ValidationException",
       "KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec ECC_NIST_P256"},
      {{{"KeySpec", "HMAC_256"}, {"KeyUsage", "SIGN_VERIFY"}},
       "ValidationException",
       "KeyUsage SIGN_VERIFY is not compatible with KeySpec HMAC_256"},
      {{{"KeyUsage", "SIGN_VERIFY"}},
       "ValidationException",
       "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT"},
      {{{"KeySpec", "RSA_2048"}, {"KeyUsage", "KEY_AGREEMENT"}},
       "ValidationException",
       "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048"},
      {{{"KeySpec", "ECC_NIST_P256"}, {"KeyUsage", "KEY_AGREEMENT"}},
       "UnsupportedOperationException",
       "KeyUsage KEY_AGREEMENT is not supported."},
      {{{"KeySpec", "ML_DSA_44"}, {"KeyUsage", "SIGN_VERIFY"}},
       "UnsupportedOperationException",
       "KeySpec ML_DSA_44 is not supported."},
  };
  for (const auto& row : rows) {
    const auto made = answer("CreateKey", row.input);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, row.code);
    EXPECT_EQ(made.error().message, row.message);
  }
}

TEST_F(SigningTest, what_is_signed_verifies_here_and_with_the_public_key) {
  const struct {
    const char* spec;
    const char* algorithm;
    crypto::Sha sha;
  } rows[] = {{"ECC_NIST_P384", "ECDSA_SHA_384", crypto::Sha::sha384},
              {"ECC_SECG_P256K1", "ECDSA_SHA_256", crypto::Sha::sha256},
              {"RSA_2048", "RSASSA_PSS_SHA_512", crypto::Sha::sha512},
              {"RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", crypto::Sha::sha256}};
  for (const auto& [spec, algorithm, sha] : rows) {
    const auto key = key_of(spec, "SIGN_VERIFY");
    const object how{{"KeyId", key}, {"Message", kNest}, {"SigningAlgorithm", algorithm}};
    const auto made = answer("Sign", how);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(member(made, "KeyId"), arn_of(key));
    EXPECT_EQ(made->at("SigningAlgorithm"), algorithm);
    EXPECT_EQ(recorded_input.at("MessageType"), "RAW");
    auto again = how;
    again["Signature"] = made->at("Signature");
    EXPECT_EQ(answer("Verify", again)->at("SignatureValid"), true);
    again["MessageType"] = "DIGEST";
    EXPECT_EQ(text("Verify", again), "ValidationException") << "four bytes are no digest";
    again["Message"] = codec::base64_encode(crypto::digest(sha, "nest"));
    EXPECT_EQ(answer("Verify", again)->at("SignatureValid"), true) << "of its digest, the same";
    again["Message"] = codec::base64_encode(crypto::digest(sha, "eggs"));
    EXPECT_EQ(text("Verify", again), "KMSInvalidSignatureException");
    const auto shown = answer("GetPublicKey", {{"KeyId", key}});
    EXPECT_EQ(shown->at("KeySpec"), spec);
    EXPECT_FALSE(member(shown, "PublicKey").empty());
    EXPECT_TRUE(shown->contains("SigningAlgorithms"));
  }
}

struct Misuse {
  const char* operation;
  std::string key;
  object input;
  const char* code;
  std::string message;
};

// Of four keys: one that signs, one that encrypts by RSA, one that makes MACs, a symmetric one.
std::vector<Misuse> misuses(const std::array<std::string, 4>& ids, const std::array<std::string, 4>& arns) {
  const auto& [curve, rsa, mac, plain] = ids;
  const auto& curve_arn = arns[0];
  const auto& mac_arn = arns[2];
  const auto& plain_arn = arns[3];
  const object sign{{"Message", kNest}, {"SigningAlgorithm", "ECDSA_SHA_256"}};
  const object make_mac{{"Message", kNest}, {"MacAlgorithm", "HMAC_SHA_224"}};
  return {
      {"Sign", mac, sign, "InvalidKeyUsageException",
       mac_arn + " key usage is GENERATE_VERIFY_MAC which is not valid for Sign."},
      {"Verify",
       plain,
       {{"Message", kNest}, {"SigningAlgorithm", "ECDSA_SHA_256"}, {"Signature", kNest}},
       "InvalidKeyUsageException",
       plain_arn + " key usage is ENCRYPT_DECRYPT which is not valid for Verify."},
      {"GenerateMac", plain, make_mac, "InvalidKeyUsageException",
       plain_arn + " key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac."},
      {"GenerateMac",
       mac,
       {{"Message", kNest}, {"MacAlgorithm", "HMAC_SHA_256"}},
       "InvalidKeyUsageException",
       "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224."},
      {"Encrypt",
       curve,
       {{"Plaintext", kNest}},
       "InvalidKeyUsageException",
       curve_arn + " key usage is SIGN_VERIFY which is not valid for Encrypt."},
      {"Encrypt",
       rsa,
       {{"Plaintext", kNest}},
       "InvalidKeyUsageException",
       "Algorithm SYMMETRIC_DEFAULT and key spec RSA_2048 are incompatible."},
      {"Encrypt",
       plain,
       {{"Plaintext", kNest}, {"EncryptionAlgorithm", "RSAES_OAEP_SHA_1"}},
       "InvalidKeyUsageException",
       "Algorithm RSAES_OAEP_SHA_1 and key spec SYMMETRIC_DEFAULT are incompatible."},
      {"Sign",
       curve,
       {{"Message", kNest}, {"SigningAlgorithm", "ECDSA_SHA_384"}},
       "InvalidKeyUsageException",
       "Algorithm ECDSA_SHA_384 and key spec ECC_NIST_P256 are incompatible."},
      {"Sign",
       curve,
       {{"Message", kNest}, {"SigningAlgorithm", "ECDSA_SHA_256"}, {"MessageType", "DIGEST"}},
       "ValidationException",
       "Digest is invalid length for algorithm ECDSA_SHA_256."},
      {"Sign",
       curve,
       {{"Message", kNest}, {"SigningAlgorithm", "ECDSA_SHA_256"}, {"DryRun", true}},
       "DryRunOperationException",
       "The request would have succeeded, but the DryRun option is set."},
      {"GenerateDataKey",
       rsa,
       {{"KeySpec", "AES_256"}},
       "InvalidKeyUsageException",
       "Algorithm SYMMETRIC_DEFAULT and key spec RSA_2048 are incompatible."},
      {"GenerateDataKey",
       curve,
       {{"KeySpec", "AES_256"}},
       "InvalidKeyUsageException",
       curve_arn + " key usage is SIGN_VERIFY which is not valid for GenerateDataKey."},
      {"GetPublicKey",
       plain,
       {},
       "UnsupportedOperationException",
       plain_arn + " key spec is SYMMETRIC_DEFAULT which is not valid for GetPublicKey."},
  };
}

TEST_F(SigningTest, each_use_is_of_a_key_that_is_for_it) {
  const auto curve = key_of("ECC_NIST_P256", "SIGN_VERIFY");
  const auto rsa = key_of("RSA_2048", "ENCRYPT_DECRYPT");
  const auto mac = key_of("HMAC_224", "GENERATE_VERIFY_MAC");
  const auto plain = new_key();
  const object sign{{"Message", kNest}, {"SigningAlgorithm", "ECDSA_SHA_256"}};
  for (const auto& row :
       misuses({curve, rsa, mac, plain}, {arn_of(curve), arn_of(rsa), arn_of(mac), arn_of(plain)})) {
    auto input = row.input;
    input["KeyId"] = row.key;
    const auto refused = answer(row.operation, input);
    ASSERT_FALSE(refused) << row.operation;
    EXPECT_EQ(refused.error().code, row.code) << row.operation;
    EXPECT_EQ(refused.error().message, row.message);
  }
  ASSERT_TRUE(answer("DisableKey", {{"KeyId", curve}}));
  for (const auto* operation : {"Sign", "GetPublicKey"}) {
    auto input = sign;
    input["KeyId"] = curve;
    EXPECT_EQ(text(operation, input), "DisabledException");
  }
}

TEST_F(SigningTest, macs) {
  for (const auto& [spec, algorithm, bytes] :
       {std::tuple("HMAC_224", "HMAC_SHA_224", 28U), std::tuple("HMAC_512", "HMAC_SHA_512", 64U)}) {
    const auto key = key_of(spec, "GENERATE_VERIFY_MAC");
    object input{{"KeyId", key}, {"Message", kNest}, {"MacAlgorithm", algorithm}};
    const auto made = answer("GenerateMac", input);
    ASSERT_TRUE(made);
    EXPECT_EQ(codec::base64_decode(member(made, "Mac"))->size(), bytes);
    EXPECT_EQ(member(made, "Mac"), member(answer("GenerateMac", input), "Mac"));
    input["Mac"] = made->at("Mac");
    EXPECT_EQ(answer("VerifyMac", input)->at("MacValid"), true);
    input["Message"] = "ZWdncw==";
    EXPECT_EQ(text("VerifyMac", input), "KMSInvalidMacException");
    input["Mac"] = "AAAA";
    EXPECT_EQ(text("VerifyMac", input), "KMSInvalidMacException");
    EXPECT_EQ(text("GetPublicKey", {{"KeyId", key}}), "UnsupportedOperationException");
  }
}

TEST_F(SigningTest, rsa_encrypts_what_fits_and_opens_with_its_key_named) {
  const auto key = key_of("RSA_2048", "ENCRYPT_DECRYPT");
  const auto plain = new_key();
  const object how{{"KeyId", key}, {"EncryptionAlgorithm", "RSAES_OAEP_SHA_256"}};
  auto input = how;
  input["Plaintext"] = kNest;
  const auto made = answer("Encrypt", input);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->at("EncryptionAlgorithm"), "RSAES_OAEP_SHA_256");
  EXPECT_FALSE(recorded.additional.contains("keyMaterialId"));
  input["EncryptionContext"] = object{{"a", "b"}};
  EXPECT_EQ(text("Encrypt", input), "ValidationException") << "a pair binds to no context";
  input.erase("EncryptionContext");
  input["Plaintext"] = codec::base64_encode(std::string(191, 'x'));
  EXPECT_EQ(answer("Encrypt", input).error().message,
            "Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.");
  auto open = how;
  open["CiphertextBlob"] = made->at("CiphertextBlob");
  EXPECT_EQ(answer("Decrypt", open)->at("Plaintext"), kNest);
  open["EncryptionAlgorithm"] = "RSAES_OAEP_SHA_1";
  EXPECT_EQ(text("Decrypt", open), "InvalidCiphertextException");
  open.erase("EncryptionAlgorithm");
  EXPECT_EQ(text("Decrypt", open), "InvalidKeyUsageException");
  open["KeyId"] = plain;
  EXPECT_EQ(text("Decrypt", open), "InvalidCiphertextException");
  open = {{"CiphertextBlob", made->at("CiphertextBlob")}, {"EncryptionAlgorithm", "RSAES_OAEP_SHA_256"}};
  EXPECT_EQ(text("Decrypt", open), "ValidationException") << "it does not say by itself which key";
  const auto moved = answer("ReEncrypt", {{"CiphertextBlob", made->at("CiphertextBlob")},
                                          {"SourceKeyId", key},
                                          {"SourceEncryptionAlgorithm", "RSAES_OAEP_SHA_256"},
                                          {"DestinationKeyId", plain}});
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_FALSE(moved->contains("SourceKeyMaterialId"));
  EXPECT_TRUE(moved->contains("DestinationKeyMaterialId"));
  EXPECT_EQ(decrypted(moved->at("CiphertextBlob")), kNest);
}

TEST_F(SigningTest, data_key_pairs) {
  const auto key = new_key();
  const object input{
      {"KeyId", key}, {"KeyPairSpec", "ECC_NIST_P256"}, {"EncryptionContext", object{{"a", "b"}}}};
  const auto made = answer("GenerateDataKeyPair", input);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(decrypted(made->at("PrivateKeyCiphertextBlob"), {{"a", "b"}}),
            member(made, "PrivateKeyPlaintext"));
  const auto pair = crypto::KeyPair::from_der(*codec::base64_decode(member(made, "PrivateKeyPlaintext")));
  ASSERT_TRUE(pair);
  EXPECT_EQ(codec::base64_encode(pair->to_subject_public_key_info()), member(made, "PublicKey"));
  EXPECT_EQ(text("GenerateDataKeyPair", {{"KeyId", key}, {"KeyPairSpec", "SM2"}}),
            "UnsupportedOperationException");
  const auto without = answer("GenerateDataKeyPairWithoutPlaintext", input);
  EXPECT_FALSE(without->contains("PrivateKeyPlaintext"));
  EXPECT_EQ(without->at("KeyPairSpec"), "ECC_NIST_P256");
}

TEST_F(SigningTest, policies_decide_by_algorithm_and_kind) {
  const auto key = key_of("ECC_NIST_P256", "SIGN_VERIFY");
  const object sign{{"KeyId", key}, {"Message", kNest}, {"SigningAlgorithm", "ECDSA_SHA_256"}};
  const auto allowed_with = [&](const char* action, const char* name, const char* value,
                                std::string_view operation, const object& input) {
    caller = user_of(kHere, "ann",
                     std::string(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":")") +
                         action + R"(","Resource":"*","Condition":{"StringEquals":{")" + name + "\":\"" +
                         value + "\"}}}]}");
    return text(operation, input) != "AccessDeniedException";
  };
  EXPECT_TRUE(allowed_with("kms:Sign", "kms:SigningAlgorithm", "ECDSA_SHA_256", "Sign", sign));
  EXPECT_FALSE(allowed_with("kms:Sign", "kms:SigningAlgorithm", "ECDSA_SHA_384", "Sign", sign));
  EXPECT_FALSE(allowed_with("kms:Verify", "kms:SigningAlgorithm", "ECDSA_SHA_256", "Sign", sign));
  EXPECT_TRUE(allowed_with("kms:Sign", "kms:MessageType", "RAW", "Sign", sign));
  EXPECT_FALSE(allowed_with("kms:Sign", "kms:MessageType", "DIGEST", "Sign", sign));
  EXPECT_TRUE(allowed_with("kms:Sign", "kms:KeySpec", "ECC_NIST_P256", "Sign", sign));
  EXPECT_FALSE(allowed_with("kms:Sign", "kms:KeyUsage", "ENCRYPT_DECRYPT", "Sign", sign));
  EXPECT_TRUE(
      allowed_with("kms:GetPublicKey", "kms:KeyUsage", "SIGN_VERIFY", "GetPublicKey", {{"KeyId", key}}));
  EXPECT_TRUE(allowed_with("kms:CreateKey", "kms:KeySpec", "SYMMETRIC_DEFAULT", "CreateKey", {}));
  EXPECT_FALSE(allowed_with("kms:CreateKey", "kms:KeySpec", "SYMMETRIC_DEFAULT", "CreateKey",
                            {{"KeySpec", "HMAC_256"}, {"KeyUsage", "GENERATE_VERIFY_MAC"}}));
  caller = root_of(kHere);
  const auto plain = new_key();
  const object encrypt{{"KeyId", plain}, {"Plaintext", kNest}};
  EXPECT_TRUE(
      allowed_with("kms:Encrypt", "kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT", "Encrypt", encrypt));
  EXPECT_FALSE(
      allowed_with("kms:Encrypt", "kms:EncryptionAlgorithm", "RSAES_OAEP_SHA_1", "Encrypt", encrypt));
  caller = root_of(kHere);
  const auto mac = key_of("HMAC_256", "GENERATE_VERIFY_MAC");
  const object make_mac{{"KeyId", mac}, {"Message", kNest}, {"MacAlgorithm", "HMAC_SHA_256"}};
  EXPECT_TRUE(allowed_with("kms:GenerateMac", "kms:MacAlgorithm", "HMAC_SHA_256", "GenerateMac", make_mac));
  EXPECT_FALSE(allowed_with("kms:GenerateMac", "kms:MacAlgorithm", "HMAC_SHA_512", "GenerateMac", make_mac));
}

TEST_F(SigningTest, grants_are_for_what_the_key_does) {
  const auto curve = key_of("ECC_NIST_P256", "SIGN_VERIFY");
  const auto mac = key_of("HMAC_256", "GENERATE_VERIFY_MAC");
  const auto plain = new_key();
  const std::string ann = std::string("arn:aws:iam::") + kHere + ":user/ann";
  const auto granted = [&](const std::string& key, const char* operation, const object& more = {}) {
    object input = more;
    input["KeyId"] = key;
    input["GranteePrincipal"] = ann;
    input["Operations"] = boost::json::array{operation};
    return answer("CreateGrant", input).has_value();
  };
  EXPECT_TRUE(granted(curve, "Sign") && granted(curve, "GetPublicKey") && granted(curve, "DescribeKey"));
  EXPECT_TRUE(granted(mac, "GenerateMac") && granted(mac, "VerifyMac"));
  EXPECT_TRUE(granted(plain, "GenerateDataKeyPairWithoutPlaintext"));
  EXPECT_FALSE(granted(curve, "Encrypt") || granted(curve, "GenerateMac") ||
               granted(curve, "GenerateDataKey"));
  EXPECT_FALSE(granted(mac, "Sign") || granted(mac, "GetPublicKey") || granted(plain, "GetPublicKey"));
  const object constraint{{"Constraints", object{{"EncryptionContextSubset", object{{"a", "b"}}}}}};
  EXPECT_FALSE(granted(curve, "Verify", constraint));
  EXPECT_TRUE(granted(plain, "Encrypt", constraint));
  caller = user_of(kHere, "ann");
  EXPECT_TRUE(answer("Sign", {{"KeyId", curve}, {"Message", kNest}, {"SigningAlgorithm", "ECDSA_SHA_256"}}));
  EXPECT_EQ(text("Verify", {{"KeyId", curve},
                            {"Message", kNest},
                            {"Signature", kNest},
                            {"SigningAlgorithm", "ECDSA_SHA_256"}}),
            "AccessDeniedException");
}

TEST_F(SigningTest, an_alias_stays_with_one_kind) {
  const auto curve = key_of("ECC_NIST_P256", "SIGN_VERIFY");
  const auto other = key_of("RSA_2048", "SIGN_VERIFY");
  const auto mac = key_of("HMAC_256", "GENERATE_VERIFY_MAC");
  ASSERT_TRUE(answer("CreateAlias", {{"AliasName", "alias/nest"}, {"TargetKeyId", curve}}));
  EXPECT_EQ(text("UpdateAlias", {{"AliasName", "alias/nest"}, {"TargetKeyId", mac}}), "ValidationException");
  EXPECT_TRUE(answer("UpdateAlias", {{"AliasName", "alias/nest"}, {"TargetKeyId", other}}));
  EXPECT_TRUE(answer(
      "Sign", {{"KeyId", "alias/nest"}, {"Message", kNest}, {"SigningAlgorithm", "RSASSA_PSS_SHA_256"}}));
}

TEST_F(SigningTest, so_many_keys_and_no_more) {
  Workshop workshop(nullptr, {.keys_max = 2, .making_max = 1});
  const auto prefix = keys::key_prefix(kHere, region);
  const auto admitted = [&](Time at) { return run(workshop.admit(catalog, prefix, at)).has_value(); };
  const auto first = new_key();
  EXPECT_TRUE(admitted(now)) << "one is there";
  EXPECT_FALSE(admitted(now));
  EXPECT_FALSE(admitted(now + std::chrono::seconds(59))) << "not counted anew yet";
  EXPECT_TRUE(admitted(now + std::chrono::minutes(2))) << "who was admitted made none";
  EXPECT_TRUE(run(workshop.admit(catalog, keys::key_prefix(kElsewhere, region), now)));
  new_key();
  const auto full = run(workshop.admit(catalog, prefix, now + std::chrono::minutes(4)));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, "LimitExceededException");
}

TEST_F(SigningTest, rsa_pairs_are_made_beside_and_so_many_at_a_time) {
  async::Pool pool(1);
  const auto& rsa = *keys::find_spec("RSA_2048");
  Workshop one(&pool, {.keys_max = 2, .making_max = 1});
  EXPECT_TRUE(run(one.make(rsa)));
  EXPECT_TRUE(run(one.make(rsa))) << "the first one is done";
  Workshop none(&pool, {.keys_max = 2, .making_max = 0});
  EXPECT_EQ(run(none.make(rsa)).error().code, "ThrottlingException");
  EXPECT_TRUE(run(none.make(*keys::find_spec("ECC_NIST_P256"))));
}

}  // namespace
}  // namespace cairn::services::kms::testing
