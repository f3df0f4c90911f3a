#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "catalog/memory/memory_catalog.h"
#include "codec/base64.h"
#include "crypto/master_key.h"
#include "crypto/random.h"
#include "keys/ciphertext.h"
#include "keys/grant.h"
#include "keys/key.h"

namespace cairn::keys {
namespace {

constexpr Time kNow{Millis{1'772'446'500'123}};
constexpr const char* kId = "1234abcd-12ab-34cd-56ef-1234567890ab";

catalog::Document document(std::string value) {
  return {
      .key = "kms/key/111122223333/eu-west-1/" + std::string(kId), .value = std::move(value), .version = 1};
}

std::string sample(const std::string& name) {
  std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/src/keys/compat/" + name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Key kestrel() {
  return {.id = kId, .account = "111122223333", .region = "eu-west-1", .created = kNow, .policy = "{}"};
}

TEST(Keys, documents_of_version_1_are_read_and_written_alike) {
  const auto key = decode_key(document(sample("key_v1.json")));
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(encode(*key), sample("key_v1.json"));
  EXPECT_EQ(key->arn(), "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab");
  EXPECT_EQ(key->state(), State::pending_deletion);
  EXPECT_FALSE(key->is_due(kNow));
  EXPECT_TRUE(key->is_due(kNow + std::chrono::days(7)));
  EXPECT_EQ(key->materials.size(), 2U);
  const auto alias = decode_alias(document(sample("alias_v1.json")));
  ASSERT_TRUE(alias);
  EXPECT_EQ(encode(*alias), sample("alias_v1.json"));
  EXPECT_EQ(alias->arn(), "arn:aws:kms:eu-west-1:111122223333:alias/birds/nest");
}

TEST(Keys, keys_that_are_not_symmetric_are_of_version_2) {
  const auto key = decode_key(document(sample("key_v2.json")));
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(encode(*key), sample("key_v2.json"));
  EXPECT_EQ(key->kind().family, Family::curve);
  const auto read = [&](const std::string& from, const std::string& to) {
    auto changed = sample("key_v2.json");
    changed.replace(changed.find(from), from.size(), to);
    return decode_key(document(changed)).has_value();
  };
  EXPECT_TRUE(read("SIGN_VERIFY", "SIGN_VERIFY"));
  EXPECT_FALSE(read("\"v\":2", "\"v\":1")) << "an older Cairn takes these for symmetric";
  EXPECT_FALSE(read("\"v\":2", "\"v\":3"));
  EXPECT_FALSE(read("SIGN_VERIFY", "ENCRYPT_DECRYPT"));
  EXPECT_FALSE(read("ECC_NIST_P256", "ECC_NIST_P255"));
  EXPECT_FALSE(read("ECC_NIST_P256", "SYMMETRIC_DEFAULT"));
  EXPECT_FALSE(read("false]]", "false],[\"m\",\"AQID\",1,false]]")) << "they do not rotate";
}

TEST(Keys, material_is_what_the_spec_says) {
  const crypto::Sealer sealer(crypto::MasterKey::generate());
  for (const auto* name :
       {"SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_384", "HMAC_512", "ECC_NIST_P521", "RSA_2048"}) {
    const auto& spec = *find_spec(name);
    const auto made = new_material(spec);
    ASSERT_TRUE(made);
    const bool pair = spec.family == Family::rsa || spec.family == Family::curve;
    EXPECT_EQ(crypto::KeyPair::from_der(made->bytes()).has_value(), pair) << name;
    EXPECT_TRUE(pair || made->size() == spec.material_bytes) << name;
    auto key = kestrel();
    add_material(key, sealer, *made, kNow, false);
    EXPECT_EQ(*open_material(key, sealer, 0), *made);
  }
}

TEST(Spec, each_has_its_usages_and_algorithms) {
  EXPECT_EQ(find_spec("RSA_1024"), nullptr);
  EXPECT_EQ(find_pair_spec("HMAC_256"), nullptr);
  EXPECT_EQ(find_pair_spec("SYMMETRIC_DEFAULT"), nullptr);
  EXPECT_NE(find_pair_spec("ECC_SECG_P256K1"), nullptr);
  const auto& rsa = *find_spec("RSA_3072");
  EXPECT_TRUE(rsa.is_for(kEncrypts) && rsa.is_for(kSigns));
  EXPECT_FALSE(rsa.is_for(kMacs) || find_spec("HMAC_256")->is_for(kSigns) ||
               find_spec("ECC_NIST_P256")->is_for(kEncrypts));
  EXPECT_EQ(algorithms_of(rsa, kEncrypts).size(), 2U);
  for (const auto name : algorithms_of(rsa, kSigns)) {
    EXPECT_EQ(signing_algorithm(rsa, name)->name, name);
    EXPECT_FALSE(signing_algorithm(*find_spec("ECC_NIST_P256"), name));
  }
  EXPECT_EQ(signing_algorithm(*find_spec("ECC_SECG_P256K1"), "ECDSA_SHA_256")->scheme, crypto::Scheme::ecdsa);
  EXPECT_FALSE(signing_algorithm(*find_spec("ECC_NIST_P256"), "ECDSA_SHA_384"));
  EXPECT_FALSE(signing_algorithm(rsa, "ECDSA_SHA_256"));
  EXPECT_EQ(encryption_algorithm(rsa, "RSAES_OAEP_SHA_256")->sha, crypto::Sha::sha256);
  EXPECT_FALSE(encryption_algorithm(rsa, "SYMMETRIC_DEFAULT"));
  EXPECT_FALSE(encryption_algorithm(*find_spec("SYMMETRIC_DEFAULT"), "RSAES_OAEP_SHA_1"));
}

TEST(Keys, grants_of_version_1_are_read_and_written_alike) {
  const auto grant = decode_grant(document(sample("grant_v1.json")));
  ASSERT_TRUE(grant);
  EXPECT_EQ(encode(*grant), sample("grant_v1.json"));
  EXPECT_TRUE(grant->allows("Decrypt"));
  EXPECT_FALSE(grant->allows("Encrypt"));
  EXPECT_TRUE(grant->accepts({{"team", "owls"}, {"nest", "1"}}));
  EXPECT_FALSE(grant->accepts({}));
}

TEST(Keys, what_was_not_written_is_noticed) {
  const auto good = sample("key_v1.json");
  const auto with = [&](const std::string& from, const std::string& to) {
    auto bad = good;
    const auto at = bad.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    bad.replace(at, from.size(), to);
    return bad;
  };
  for (const auto& bad :
       {std::string(), std::string("[]"), with("\"v\":1", "\"v\":2"), with("\"policy\":", "\"polity\":"),
        with("\"rotationDays\":365", "\"rotationDays\":0"), with("\"enabled\":true", "\"enabled\":1"),
        with("AQID", "A")}) {
    const auto read = decode_key(document(bad));
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, Errc::corrupt);
  }
}

TEST(Keys, a_document_at_another_place_or_of_another_form_is_noticed) {
  const auto read = [](const Key& key, const std::string& at) {
    return decode_key({.key = at, .value = encode(key), .version = 1}).has_value();
  };
  auto good = kestrel();
  good.materials.push_back({.id = "m", .sealed = "abc"});
  EXPECT_TRUE(read(good, document("").key));
  for (const auto change :
       {+[](Key& key) { key.id = "1234abcd-12ab-34cd-56ef-1234567890ac"; },
        +[](Key& key) { key.account = "111122223334"; }, +[](Key& key) { key.region = "eu-west-2"; }}) {
    auto other = good;
    change(other);
    EXPECT_FALSE(read(other, document("").key));
    EXPECT_TRUE(read(other, key_key(other.account, other.region, other.id)));
  }
  for (const auto change : {+[](Key& key) { key.id = "1234abcd"; }, +[](Key& key) { key.id[0] = 'x'; },
                            +[](Key& key) { key.id[8] = 'a'; }, +[](Key& key) { key.account = "1"; },
                            +[](Key& key) { key.account[0] = 'x'; }}) {
    auto other = good;
    change(other);
    EXPECT_FALSE(read(other, key_key(other.account, other.region, other.id)));
  }
}

TEST(Keys, the_largest_fits_into_a_document) {
  const crypto::Sealer sealer(crypto::MasterKey::generate());
  auto full = kestrel();
  full.policy = std::string(Limits::policy_bytes_max, 'p');
  full.description = std::string(8192, 'd');
  for (std::size_t i = 0; i < Limits::tags_max; ++i) {
    full.tags.emplace_back(std::string(128, 'k') + std::to_string(i), std::string(256, 'v'));
    full.aliases.insert("alias/" + std::string(240, 'a') + std::to_string(i));
  }
  while (full.materials.size() < Limits::materials_max) {
    add_material(full, sealer, crypto::random_secret(32), kNow, true);
  }
  EXPECT_LT(encode(full).size(), catalog::Limits().value_bytes_max);
  EXPECT_EQ(*decode_key(document(encode(full))), full);
}

TEST(Keys, material_opens_where_it_was_sealed_and_nowhere_else) {
  const crypto::Sealer sealer(crypto::MasterKey::generate());
  auto key = kestrel();
  const auto first = crypto::random_secret(32);
  add_material(key, sealer, first, kNow, false);
  add_material(key, sealer, crypto::random_secret(32), kNow, true);
  EXPECT_EQ(*open_material(key, sealer, 0), first);
  EXPECT_FALSE(*open_material(key, sealer, 1) == first);
  EXPECT_EQ(open_material(key, sealer, 2).error().code, Errc::not_found);
  EXPECT_EQ(encode(key).find(codec::base64_encode(first.bytes())), std::string::npos);
  auto moved = key;
  moved.region = "us-east-1";
  EXPECT_EQ(open_material(moved, sealer, 0).error().code, Errc::corrupt);
  std::swap(key.materials[0], key.materials[1]);
  EXPECT_EQ(open_material(key, sealer, 0).error().code, Errc::corrupt);
  const crypto::Sealer other(crypto::MasterKey::generate());
  EXPECT_EQ(open_material(key, other, 0).error().code, Errc::denied);
}

const CiphertextHead kHead{.account = "111122223333", .key = kId, .material = 258};

TEST(Ciphertext, says_which_key_and_opens_with_it_alone) {
  const auto material = crypto::random_secret(32);
  const EncryptionContext context{{"purpose", "test"}, {"team", "owls"}};
  const auto text = encrypt(kHead, material, context, "a nest");
  EXPECT_EQ(text.size(), kCiphertextOverheadBytes + 6);
  EXPECT_EQ(*read_head(text), kHead);
  EXPECT_EQ(ByteView(decrypt(material, context, text)->bytes()).text(), "a nest");
  EXPECT_NE(text, encrypt(kHead, material, context, "a nest"));
  EXPECT_EQ(decrypt(crypto::random_secret(32), context, text).error().code, Errc::corrupt);
  for (const EncryptionContext& other : {EncryptionContext{},
                                         {{"purpose", "test"}},
                                         {{"purpose", "tes"}, {"tteam", "owls"}},
                                         {{"team", "owls"}, {"purpose", "Test"}}}) {
    EXPECT_EQ(decrypt(material, other, text).error().code, Errc::corrupt);
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(decrypt(material, context, changed)) << i;
    EXPECT_FALSE(decrypt(material, context, text.substr(0, i))) << i;
  }
}

// Made with Python's cryptography: AESGCM(bytes(range(32))).encrypt(b"\x07" * 12, b"a nest", head + context).
TEST(Ciphertext, a_sample_of_version_1_opens) {
  crypto::Secret material(32);
  for (std::size_t i = 0; i < material.size(); ++i) {
    material.writable()[i] = static_cast<std::byte>(i);
  }
  const auto text = codec::hex_decode(sample("ciphertext_v1.hex"));
  ASSERT_TRUE(text);
  EXPECT_EQ(*read_head(*text), kHead);
  const auto opened = decrypt(material, {{"team", "owls"}, {"purpose", "test"}}, *text);
  ASSERT_TRUE(opened);
  EXPECT_EQ(ByteView(opened->bytes()).text(), "a nest");
}

// Made with Python's cryptography: k = HMAC-SHA-256(bytes(range(32)), b"kms text key" + b"\x09" * 32);
// AESGCM(k).encrypt(bytes(12), b"a nest", head + context).
TEST(Ciphertext, a_sample_of_version_2_opens) {
  crypto::Secret material(32);
  for (std::size_t i = 0; i < material.size(); ++i) {
    material.writable()[i] = static_cast<std::byte>(i);
  }
  const auto text = codec::hex_decode(sample("ciphertext_v2.hex"));
  ASSERT_TRUE(text);
  EXPECT_EQ(*read_head(*text), kHead);
  const auto opened = decrypt(material, {{"team", "owls"}, {"purpose", "test"}}, *text);
  ASSERT_TRUE(opened);
  EXPECT_EQ(ByteView(opened->bytes()).text(), "a nest");
}

// Every text has a key of its own, so the material itself opens none.
TEST(Ciphertext, the_material_is_no_texts_key) {
  const auto material = crypto::random_secret(32);
  const auto text = encrypt(kHead, material, {}, "a nest");
  auto old = text;
  old[0] = 1;
  EXPECT_EQ(read_head(old)->key, kId);
  EXPECT_EQ(decrypt(material, {}, old).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace cairn::keys
