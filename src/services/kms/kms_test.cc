#include "keys/key.h"
#include "services/kms/testing.h"

namespace cairn::services::kms {
namespace {

using testing::kElsewhere;
using testing::kHere;
using testing::object;
using testing::root_of;
using testing::user_of;

constexpr const char* kNest = "bmVzdA==";

class KmsTest : public testing::KmsWorld {};

TEST_F(KmsTest, a_key_is_made_and_described) {
  const auto made = answer("CreateKey", {{"Description", "of the nest"}});
  ASSERT_TRUE(made);
  const auto& shown = made->at("KeyMetadata");
  const auto id = std::string(shown.at("KeyId").as_string());
  EXPECT_EQ(shown.at("Arn"), boost::json::value(arn_of(id)));
  EXPECT_EQ(shown.at("KeyState"), "Enabled");
  EXPECT_EQ(recorded.resources.at(0).arn, arn_of(id));
  for (const auto& name : {id, arn_of(id)}) {
    EXPECT_EQ(text("DescribeKey", {{"KeyId", name}}), json::serialize(*made));
  }
  EXPECT_EQ(text("ListKeys"), R"({"Keys":[{"KeyId":")" + id + R"(","KeyArn":")" + arn_of(id) + R"("}],"Truncated":false})");
  region = "us-east-1";
  EXPECT_EQ(text("ListKeys"), R"({"Keys":[],"Truncated":false})") << "every Region has its own";
  EXPECT_EQ(text("DescribeKey", {{"KeyId", id}}), "NotFoundException");
}

TEST_F(KmsTest, what_is_not_there_is_refused_by_name) {
  const std::vector<std::pair<object, std::string>> rows = {
      {{{"MultiRegion", true}}, "UnsupportedOperationException"},
      {{{"MultiRegion", false}}, ""},
      {{{"Origin", "EXTERNAL"}}, "UnsupportedOperationException"},
      {{{"CustomKeyStoreId", "cks-1"}}, "UnsupportedOperationException"},
      {{{"KeySpec", "SM2"}, {"KeyUsage", "SIGN_VERIFY"}}, "UnsupportedOperationException"},
      {{{"KeyUsage", "SIGN_VERIFY"}}, "ValidationException"},
      {{{"Policy", "{}"}}, "MalformedPolicyDocumentException"},
      {{{"Tags", {object{{"TagKey", "aws:x"}, {"TagValue", ""}}}}}, "TagException"},
  };
  for (const auto& [input, code] : rows) {
    const auto made = answer("CreateKey", input);
    EXPECT_EQ(made ? "" : made.error().code, code) << json::serialize(input);
  }
}

TEST_F(KmsTest, keys_are_named_in_four_ways_and_the_wrong_ones_are_told) {
  const auto id = new_key();
  ASSERT_EQ(text("CreateAlias", {{"AliasName", "alias/nest"}, {"TargetKeyId", id}}), "{}");
  const auto described = text("DescribeKey", {{"KeyId", id}});
  for (const auto& name : std::vector<std::string>{arn_of(id), "alias/nest", "arn:aws:kms:eu-west-1:111122223333:alias/nest"}) {
    EXPECT_EQ(text("DescribeKey", {{"KeyId", name}}), described) << name;
  }
  const std::pair<std::string, std::string> rows[] = {
      {"nest", "NotFoundException"},
      {"alias/", "NotFoundException"},
      {"alias/eyrie", "NotFoundException"},
      {"1234abcd-12ab-34cd-56ef-1234567890ab", "NotFoundException"},
      {"arn:aws:kms:us-east-1:111122223333:key/" + id, "NotFoundException"},
      {"arn:aws:s3:::nest", "NotFoundException"},
      {"arn:aws:kms:eu-west-1:444455556666:key/" + id, "AccessDeniedException"},
  };
  for (const auto& [name, code] : rows) {
    EXPECT_EQ(text("DescribeKey", {{"KeyId", name}}), code) << name;
  }
  EXPECT_EQ(text("EnableKey", {{"KeyId", "alias/nest"}}), "NotFoundException") << "takes no alias";
}

TEST_F(KmsTest, what_was_encrypted_is_decrypted_with_the_same_context_alone) {
  const auto id = new_key();
  const auto ciphertext = encrypted(id, {{"team", "owls"}});
  EXPECT_EQ(decrypted(ciphertext, {{"team", "owls"}}), kNest);
  EXPECT_EQ(decrypted(ciphertext, {{"team", "owls"}}, {{"KeyId", id}}), kNest);
  EXPECT_EQ(decrypted(ciphertext, {{"team", "Owls"}}), "InvalidCiphertextException");
  EXPECT_EQ(decrypted(ciphertext), "InvalidCiphertextException");
  EXPECT_EQ(decrypted("AQID"), "InvalidCiphertextException");
  EXPECT_EQ(decrypted(ciphertext, {{"team", "owls"}}, {{"KeyId", new_key()}}), "IncorrectKeyException");
  EXPECT_EQ(decrypted(ciphertext, {{"team", "owls"}}, {{"DryRun", true}}), "DryRunOperationException");
  EXPECT_EQ(decrypted(ciphertext, {{"team", "owls"}}, {{"EncryptionAlgorithm", "RSAES_OAEP_SHA_1"}}),
            "InvalidKeyUsageException");
  region = "us-east-1";
  EXPECT_EQ(decrypted(ciphertext, {{"team", "owls"}}), "AccessDeniedException");
}

TEST_F(KmsTest, data_keys_are_of_the_size_that_was_asked_for) {
  const auto id = new_key();
  const std::pair<object, std::size_t> rows[] = {
      {{{"KeySpec", "AES_128"}}, 16}, {{{"KeySpec", "AES_256"}}, 32}, {{{"NumberOfBytes", 1024}}, 1024}};
  for (auto [input, size] : rows) {
    input["KeyId"] = id;
    const auto made = answer("GenerateDataKey", input);
    ASSERT_TRUE(made);
    EXPECT_EQ(codec::base64_decode(std::string_view(made->at("Plaintext").as_string()))->size(), size);
    EXPECT_EQ(decrypted(made->at("CiphertextBlob")), std::string(made->at("Plaintext").as_string()));
    const auto hidden = answer("GenerateDataKeyWithoutPlaintext", input);
    EXPECT_FALSE(hidden->contains("Plaintext"));
  }
  EXPECT_EQ(text("GenerateDataKey", {{"KeyId", id}}), "ValidationException");
  EXPECT_EQ(text("GenerateDataKey", {{"KeyId", id}, {"KeySpec", "AES_128"}, {"NumberOfBytes", 16}}), "ValidationException");
  EXPECT_EQ(codec::base64_decode(std::string_view(answer("GenerateRandom", {{"NumberOfBytes", 7}})->at("Plaintext").as_string()))->size(), 7U);
}

TEST_F(KmsTest, a_text_is_encrypted_anew_for_another_key) {
  const auto from = new_key();
  const auto to = new_key();
  const auto made = answer("ReEncrypt", {{"CiphertextBlob", encrypted(from, {{"a", "b"}})},
                                         {"SourceEncryptionContext", object{{"a", "b"}}},
                                         {"DestinationKeyId", to}});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->at("SourceKeyId"), boost::json::value(arn_of(from)));
  EXPECT_EQ(made->at("KeyId"), boost::json::value(arn_of(to)));
  EXPECT_EQ(recorded.resources.size(), 2U);
  EXPECT_EQ(decrypted(made->at("CiphertextBlob"), {}, {{"KeyId", to}}), kNest);
}

TEST_F(KmsTest, a_disabled_key_encrypts_nothing) {
  const auto id = new_key();
  const auto ciphertext = encrypted(id);
  EXPECT_EQ(text("DisableKey", {{"KeyId", id}}), "{}");
  EXPECT_EQ(json::serialize(*recorded.response_elements), R"({"keyId":")" + arn_of(id) + "\"}");
  EXPECT_EQ(decrypted(ciphertext), "DisabledException");
  EXPECT_EQ(text("GenerateDataKey", {{"KeyId", id}, {"KeySpec", "AES_256"}}), "DisabledException");
  EXPECT_EQ(text("EnableKey", {{"KeyId", id}}), "{}");
  EXPECT_EQ(decrypted(ciphertext), kNest);
}

TEST_F(KmsTest, a_key_goes_when_its_time_has_come) {
  const auto id = new_key();
  const auto ciphertext = encrypted(id);
  EXPECT_EQ(text("ScheduleKeyDeletion", {{"KeyId", id}, {"PendingWindowInDays", 6}}), "ValidationException");
  const auto scheduled = answer("ScheduleKeyDeletion", {{"KeyId", id}, {"PendingWindowInDays", 7}});
  ASSERT_TRUE(scheduled);
  EXPECT_EQ(scheduled->at("KeyState"), "PendingDeletion");
  for (const auto* operation : {"EnableKey", "DisableKey", "ScheduleKeyDeletion"}) {
    EXPECT_EQ(text(operation, {{"KeyId", id}}), "KMSInvalidStateException") << operation;
  }
  EXPECT_EQ(decrypted(ciphertext), "KMSInvalidStateException");
  EXPECT_EQ(text("CancelKeyDeletion", {{"KeyId", id}}), R"({"KeyId":")" + arn_of(id) + "\"}");
  EXPECT_EQ(text("CancelKeyDeletion", {{"KeyId", id}}), "KMSInvalidStateException");
  EXPECT_EQ(decrypted(ciphertext), "DisabledException") << "it is disabled then";
  ASSERT_TRUE(answer("ScheduleKeyDeletion", {{"KeyId", id}, {"PendingWindowInDays", 7}}));
  now += std::chrono::days(7);
  EXPECT_EQ(text("DescribeKey", {{"KeyId", id}}), "NotFoundException");
  EXPECT_EQ(text("CancelKeyDeletion", {{"KeyId", id}}), "NotFoundException");
  EXPECT_EQ(decrypted(ciphertext), "AccessDeniedException");
  EXPECT_EQ(text("ListKeys"), R"({"Keys":[],"Truncated":false})");
}

TEST_F(KmsTest, aliases_are_for_one_key_at_a_time) {
  const auto one = new_key();
  const auto other = new_key();
  const std::pair<std::string, std::string> wrong[] = {{"nest", "InvalidAliasNameException"},
                                                       {"alias/", "InvalidAliasNameException"},
                                                       {"alias/a:b", "InvalidAliasNameException"},
                                                       {"alias/aws/s3", "NotAuthorizedException"}};
  for (const auto& [name, code] : wrong) {
    EXPECT_EQ(text("CreateAlias", {{"AliasName", name}, {"TargetKeyId", one}}), code) << name;
  }
  EXPECT_EQ(text("CreateAlias", {{"AliasName", "alias/nest"}, {"TargetKeyId", one}}), "{}");
  EXPECT_EQ(recorded.resources.at(0).type, "AWS::KMS::Alias");
  EXPECT_EQ(text("CreateAlias", {{"AliasName", "alias/nest"}, {"TargetKeyId", other}}), "AlreadyExistsException");
  EXPECT_EQ(text("UpdateAlias", {{"AliasName", "alias/nest"}, {"TargetKeyId", other}}), "{}");
  EXPECT_EQ(answer("DescribeKey", {{"KeyId", "alias/nest"}})->at("KeyMetadata").at("KeyId"), boost::json::value(other));
  EXPECT_EQ(answer("ListAliases", {{"KeyId", one}})->at("Aliases").as_array().size(), 0U);
  EXPECT_EQ(answer("ListAliases", {{"KeyId", other}})->at("Aliases").as_array().size(), 1U);
  EXPECT_EQ(text("DeleteAlias", {{"AliasName", "alias/nest"}}), "{}");
  EXPECT_EQ(text("DeleteAlias", {{"AliasName", "alias/nest"}}), "NotFoundException");
  EXPECT_EQ(answer("ListAliases")->at("Aliases").as_array().size(), 0U);
  for (std::size_t i = 0; i < keys::Limits::aliases_max; ++i) {
    ASSERT_EQ(text("CreateAlias", {{"AliasName", "alias/" + std::to_string(i)}, {"TargetKeyId", one}}), "{}");
  }
  EXPECT_EQ(text("CreateAlias", {{"AliasName", "alias/more"}, {"TargetKeyId", one}}), "LimitExceededException");
}

TEST_F(KmsTest, pages_go_on_where_they_ended) {
  for (int i = 0; i < 5; ++i) {
    const auto id = new_key();
    ASSERT_EQ(text("CreateAlias", {{"AliasName", "alias/" + std::to_string(i)}, {"TargetKeyId", id}}), "{}");
  }
  for (const auto& [operation, member] : {std::pair("ListKeys", "Keys"), std::pair("ListAliases", "Aliases")}) {
    std::set<std::string> seen;
    object input{{"Limit", 2}};
    for (int pages = 0; pages < 3; ++pages) {
      const auto page = answer(operation, input);
      ASSERT_TRUE(page);
      for (const auto& one : page->at(member).as_array()) {
        seen.insert(json::serialize(one));
      }
      EXPECT_EQ(page->at("Truncated"), pages < 2);
      input["Marker"] = pages < 2 ? page->at("NextMarker") : "";
    }
    EXPECT_EQ(seen.size(), 5U);
    EXPECT_EQ(text(operation, {{"Marker", "?"}}), "InvalidMarkerException");
  }
}

TEST_F(KmsTest, tags_and_descriptions_change) {
  const auto tag = [](const char* key, const char* value) { return object{{"TagKey", key}, {"TagValue", value}}; };
  const auto id = new_key({{"Tags", {tag("team", "owls")}}});
  EXPECT_EQ(text("TagResource", {{"KeyId", id}, {"Tags", {tag("team", "larks"), tag("a", "b")}}}), "{}");
  EXPECT_EQ(answer("ListResourceTags", {{"KeyId", id}})->at("Tags"), (boost::json::array{tag("a", "b"), tag("team", "larks")}));
  EXPECT_EQ(text("UntagResource", {{"KeyId", id}, {"TagKeys", {"team"}}}), "{}");
  EXPECT_EQ(answer("ListResourceTags", {{"KeyId", id}})->at("Tags"), boost::json::array{tag("a", "b")});
  EXPECT_EQ(text("UpdateKeyDescription", {{"KeyId", id}, {"Description", "new"}}), "{}");
  EXPECT_EQ(answer("DescribeKey", {{"KeyId", id}})->at("KeyMetadata").at("Description"), "new");
}

constexpr const char* kAll = R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}})";

TEST_F(KmsTest, the_key_policy_decides_and_iam_where_it_lets_the_account) {
  const auto id = new_key();
  caller = user_of(kHere, "ann");
  EXPECT_EQ(text("DescribeKey", {{"KeyId", id}}), "AccessDeniedException") << "no policy of his allows it";
  caller = user_of(kHere, "ann", kAll);
  EXPECT_NE(text("DescribeKey", {{"KeyId", id}}), "AccessDeniedException") << "the account may, and IAM lets him";
  const std::string mine = R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"},"Action":"kms:*","Resource":"*"}})";
  EXPECT_EQ(text("PutKeyPolicy", {{"KeyId", id}, {"Policy", mine}}), "{}");
  EXPECT_EQ(answer("GetKeyPolicy", {{"KeyId", id}})->at("Policy"), boost::json::value(mine));
  caller = user_of(kHere, "bob", kAll);
  EXPECT_EQ(text("DescribeKey", {{"KeyId", id}}), "AccessDeniedException") << "IAM alone is not enough";
  caller = root_of(kHere);
  EXPECT_EQ(text("DescribeKey", {{"KeyId", id}}), "AccessDeniedException") << "not even for root";
  caller = user_of(kHere, "ann");
  EXPECT_EQ(text("PutKeyPolicy", {{"KeyId", id}, {"Policy", R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"},"Action":"kms:*","Resource":"*"}})"}}),
            "MalformedPolicyDocumentException") << "nobody locks himself out";
}

TEST_F(KmsTest, other_accounts_use_a_key_that_both_sides_allow) {
  const auto policy = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":["kms:Encrypt","kms:Decrypt"],"Resource":"*","Condition":{"StringEquals":{"kms:EncryptionContext:team":"owls","kms:CallerAccount":"444455556666"}}}]})";
  const auto id = new_key({{"Policy", policy}});
  const object owls{{"team", "owls"}};
  const auto ciphertext = encrypted(id, owls);
  caller = user_of(kElsewhere, "eve", kAll);
  EXPECT_EQ(decrypted(ciphertext, owls), kNest);
  EXPECT_EQ(decrypted(encrypted(arn_of(id), owls), owls), kNest);
  EXPECT_EQ(decrypted(ciphertext), "AccessDeniedException") << "not with another context";
  EXPECT_EQ(text("DescribeKey", {{"KeyId", arn_of(id)}}), "AccessDeniedException");
  EXPECT_EQ(text("PutKeyPolicy", {{"KeyId", arn_of(id)}, {"Policy", policy}}), "AccessDeniedException");
  caller = user_of(kElsewhere, "eve");
  EXPECT_EQ(decrypted(ciphertext, owls), "AccessDeniedException") << "nor without his own account's permission";
}

// Policies read kms:EncryptionContext:NAME without case: the one could hide the other.
TEST_F(KmsTest, names_of_an_encryption_context_differ_by_more_than_case) {
  const auto id = new_key();
  const object both{{"team", "owls"}, {"Team", "kites"}};
  EXPECT_EQ(text("Encrypt", {{"KeyId", id}, {"Plaintext", kNest}, {"EncryptionContext", both}}), "ValidationException");
  const auto ciphertext = encrypted(id, {{"Team", "owls"}});
  EXPECT_EQ(decrypted(ciphertext, both), "ValidationException");
  EXPECT_EQ(decrypted(ciphertext, {{"Team", "owls"}}), kNest);
  EXPECT_EQ(decrypted(ciphertext, {{"team", "owls"}}), "InvalidCiphertextException");
}

TEST_F(KmsTest, other_accounts_cannot_tell_what_is_there_from_what_is_not) {
  const auto id = new_key();
  const auto ciphertext = encrypted(id);
  ASSERT_EQ(text("CreateAlias", {{"AliasName", "alias/there"}, {"TargetKeyId", id}}), "{}");
  const auto place = "arn:aws:kms:" + region + ":" + std::string(kHere) + ":";
  caller = user_of(kElsewhere, "eve", kAll);
  const auto own = new_key();
  // What is told of `name`, with the name itself left out.
  const auto told = [&](const std::string& operation, object input, const std::string& name) {
    const auto made = answer(operation, std::move(input));
    if (made) {
      return std::string("it may");
    }
    auto message = made.error().code + ": " + made.error().message;
    EXPECT_EQ(message.find(name == place + "alias/there" ? id : "none"), std::string::npos) << message;
    const auto at = message.find(name);
    EXPECT_NE(at, std::string::npos) << message;
    return at == std::string::npos ? message : message.replace(at, name.size(), "NAME");
  };
  const auto same = [&](const std::string& operation, object input, const char* member) {
    for (const auto& [there, missing] : {std::pair(place + "alias/there", place + "alias/missing"),
                                         std::pair(arn_of(id), arn_of("1234abcd-12ab-34cd-56ef-1234567890ab"))}) {
      input[member] = there;
      const auto of_there = told(operation, input, there);
      input[member] = missing;
      EXPECT_EQ(of_there, told(operation, input, missing)) << operation;
    }
  };
  same("DescribeKey", {}, "KeyId");
  same("Encrypt", {{"Plaintext", kNest}}, "KeyId");
  same("Decrypt", {{"CiphertextBlob", ciphertext}}, "KeyId");
  same("ReEncrypt", {{"CiphertextBlob", encrypted(own)}}, "DestinationKeyId");
  same("ReEncrypt", {{"CiphertextBlob", ciphertext}, {"DestinationKeyId", own}}, "SourceKeyId");
  const std::string grant(64, 'a');
  EXPECT_EQ(told("RetireGrant", {{"KeyId", arn_of(id)}, {"GrantId", grant}}, arn_of(id)),
            told("RetireGrant", {{"KeyId", arn_of(own)}, {"GrantId", grant}}, arn_of(own)));
}

TEST_F(KmsTest, nothing_secret_is_in_a_document) {
  const auto id = new_key();
  const auto made = answer("GenerateDataKey", {{"KeyId", id}, {"KeySpec", "AES_256"}});
  const auto plain = std::string(made->at("Plaintext").as_string());
  for (const auto& line : all()) {
    EXPECT_EQ(line.find(plain), std::string::npos);
  }
  EXPECT_EQ(json::serialize(recorded_input), R"({"KeyId":")" + id + R"(","KeySpec":"AES_256"})");
}

}  // namespace
}  // namespace cairn::services::kms
