// Digests against the reference's vector, a chain that AWS's own client accepts, and one of our own; what is
// changed in them; and names of objects.
#include "integrity/digest.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "codec/base64.h"
#include "codec/gzip.h"
#include "integrity/digest_name.h"
#include "integrity/public_key.h"
#include "integrity/signature.h"
#include "json/json.h"

namespace cairn::integrity {
namespace {

constexpr std::string_view kVector =
    R"({"awsAccountId":"210987654321","digestStartTime":"2026-03-02T09:30:00Z","digestEndTime":"2026-03-02T10:30:00Z","digestS3Bucket":"kestrel-audit",)"
    R"("digestS3Object":"AWSLogs/210987654321/CloudTrail-Digest/eu-west-1/2026/03/02/210987654321_CloudTrail-Digest_eu-west-1_kestrel-main_eu-west-1_20260302T103000Z.json.gz",)"
    R"("digestPublicKeyFingerprint":"00112233445566778899aabbccddeeff","digestSignatureAlgorithm":"SHA256withRSA","newestEventTime":null,"oldestEventTime":null,)"
    R"("previousDigestS3Bucket":null,"previousDigestS3Object":null,"previousDigestHashValue":null,"previousDigestHashAlgorithm":null,"previousDigestSignature":null,"logFiles":[]})";

const crypto::RsaPrivateKey& key() {
  static const auto made = crypto::RsaPrivateKey::generate().value();
  return made;
}

Time at(std::string_view text) {
  return parse_rfc3339(text).value();
}

Digest full() {
  return {
      .account = "210987654321",
      .start = at("2026-03-02T10:30:00Z"),
      .end = at("2026-03-02T11:30:00Z"),
      .bucket = "kestrel-audit",
      .key = "logs/d.json.gz",
      .fingerprint = fingerprint_of(key().public_key()),
      .newest_event = at("2026-03-02T10:34:41Z"),
      .oldest_event = at("2026-03-02T10:30:02Z"),
      .previous =
          PreviousDigest{.bucket = "kestrel-audit", .key = "logs/c.json.gz", .hash = "ab", .signature = "cd"},
      .log_files = {{.bucket = "kestrel-audit",
                     .key = "logs/l.json.gz",
                     .hash = "ef",
                     .newest_event = at("2026-03-02T10:34:41Z"),
                     .oldest_event = at("2026-03-02T10:30:02Z")},
                    {.bucket = "b", .key = "\"\xc3\xa9", .hash = "01"}}};
}

TEST(Digest, the_vector_of_the_reference) {
  ASSERT_EQ(kVector.size(), 636U);
  EXPECT_EQ(sha256_hex(kVector), "8ce0fc1a451bfdc250e169e9a4cc67a096bb793c143660d247cf61b9c88c44d7");
  const auto digest = digest_from(kVector).value();
  EXPECT_EQ(to_json(digest), kVector);
  EXPECT_EQ(sha256_hex(data_to_sign(digest, kVector)),
            "fbce9fa114dc0c61925cd63b45d087b21b40a8fb172f3878740dc9fa16b6bd99");
}

TEST(Digest, what_is_written_reads_as_it_was) {
  EXPECT_EQ(digest_from(to_json(full())).value(), full());
  EXPECT_TRUE(to_json(full()).ends_with(
      R"("previousDigestS3Bucket":"kestrel-audit","previousDigestS3Object":"logs/c.json.gz","previousDigestHashValue":"ab",)"
      R"("previousDigestHashAlgorithm":"SHA-256","previousDigestSignature":"cd","logFiles":[{"s3Bucket":"kestrel-audit",)"
      R"("s3Object":"logs/l.json.gz","hashValue":"ef","hashAlgorithm":"SHA-256","newestEventTime":"2026-03-02T10:34:41Z",)"
      R"("oldestEventTime":"2026-03-02T10:30:02Z"},{"s3Bucket":"b","s3Object":"\"é","hashValue":"01","hashAlgorithm":"SHA-256",)"
      R"("newestEventTime":null,"oldestEventTime":null}]})"))
      << to_json(full());
}

TEST(Digest, order_space_and_unknown_members_do_not_matter) {
  auto object = json::parse_object(to_json(full())).value();
  json::object turned{{"more", 1}};
  for (auto it = object.end(); it != object.begin();) {
    --it;
    turned[it->key()] = it->value();
  }
  EXPECT_EQ(digest_from(" \n" + json::serialize(turned) + "\t").value(), full());
}

// Each row: a member, and what it may not be.
TEST(Digest, what_is_not_of_the_form_is_refused) {
  const std::pair<std::string_view, json::value> kRows[] = {
      {"awsAccountId", nullptr},
      {"awsAccountId", 1},
      {"digestStartTime", "2026-03-02T10:30:00.000Z"},
      {"digestEndTime", "2026-03-02T11:30:00+00:00"},
      {"digestEndTime", "20260302T113000Z"},
      {"digestEndTime", nullptr},
      {"digestS3Bucket", ""},
      {"digestS3Object", nullptr},
      {"digestPublicKeyFingerprint", nullptr},
      {"digestSignatureAlgorithm", "SHA1withRSA"},
      {"newestEventTime", "yesterday"},
      {"previousDigestS3Bucket", nullptr},
      {"previousDigestHashAlgorithm", "MD5"},
      {"previousDigestHashValue", nullptr},
      {"previousDigestSignature", nullptr},
      {"logFiles", nullptr},
      {"logFiles", json::array{1}},
      {"logFiles", json::array{json::object{{"s3Bucket", "b"}}}},
  };
  for (const auto& [member, value] : kRows) {
    auto object = json::parse_object(to_json(full())).value();
    object[member] = value;
    const auto read = digest_from(json::serialize(object));
    ASSERT_FALSE(read.has_value()) << member;
    EXPECT_EQ(read.error().code, Errc::invalid) << member;
  }
  EXPECT_FALSE(digest_from("").has_value());
  EXPECT_FALSE(digest_from("[]").has_value());
  EXPECT_EQ(digest_from(std::string(kDigestBytesMax + 1, ' ')).error().code, Errc::limit);
}

TEST(Signature, verifies_for_this_text_at_this_place_after_this_digest) {
  const auto text = to_json(full());
  const auto signature = sign(key(), full(), text);
  EXPECT_EQ(signature.size(), 512U);
  EXPECT_TRUE(verifies(key().public_key(), full(), text, signature));
  EXPECT_FALSE(verifies(key().public_key(), full(), text + " ", signature));
  auto moved = full();
  moved.key = "logs/elsewhere.json.gz";
  auto later = full();
  later.end += std::chrono::seconds(1);
  auto after_another = full();
  after_another.previous->signature = "ce";
  auto first = full();
  first.previous.reset();
  for (const auto& digest : {moved, later, after_another, first}) {
    EXPECT_FALSE(verifies(key().public_key(), digest, text, signature));
  }
  for (const auto& wrong : {std::string(), std::string("zz"), signature.substr(2), std::string(512, '0')}) {
    EXPECT_FALSE(verifies(key().public_key(), full(), text, wrong)) << wrong;
  }
}

TEST(PublicKey, reads_what_list_public_keys_prints) {
  const auto made = public_key_of(key().public_key(), at("2026-03-02T00:00:00Z"), at("2026-04-01T00:00:00Z"));
  EXPECT_EQ(made.fingerprint.size(), 32U);
  const auto one = R"({"Value":")" + codec::base64_encode(made.der) +
                   R"(","ValidityStartTime":1.5,"Fingerprint":")" + made.fingerprint + "\"}";
  for (const auto& text : {one, "[" + one + "]", R"({"PublicKeyList":[)" + one + "]}"}) {
    const auto keys = public_keys_from(text);
    ASSERT_TRUE(keys.has_value()) << text;
    ASSERT_TRUE(keys->contains(made.fingerprint));
    EXPECT_TRUE(keys->find(made.fingerprint)->second.verifies("data", key().sign("data")));
  }
  EXPECT_TRUE(public_keys_from(R"({"PublicKeyList":[]})").value().empty());
  for (const auto& text : {R"({})", R"([1])", R"({"Value":"AA==","Fingerprint":"x"})",
                           R"({"Value":"A","Fingerprint":"x"})", ""}) {
    EXPECT_FALSE(public_keys_from(text).has_value()) << text;
  }
}

TEST(DigestName, is_built_and_read) {
  const DigestName plain{.account = "210987654321",
                         .region = "eu-west-1",
                         .trail = "kestrel_main-1.x",
                         .home_region = "us-east-1",
                         .end = at("2026-03-02T10:30:00Z")};
  EXPECT_EQ(plain.key(),
            "AWSLogs/210987654321/CloudTrail-Digest/eu-west-1/2026/03/02/"
            "210987654321_CloudTrail-Digest_eu-west-1_kestrel_main-1.x_us-east-1_20260302T103000Z.json.gz");
  auto deep = plain;
  deep.prefix = "a/AWSLogs/b";
  deep.organization = "o-k3strel9ab";
  deep.backfill = true;
  EXPECT_TRUE(deep.key().starts_with("a/AWSLogs/b/AWSLogs/o-k3strel9ab/210987654321/CloudTrail-Digest/"))
      << deep.key();
  EXPECT_TRUE(deep.key().ends_with("_20260302T103000Z_backfill.json.gz"));
  EXPECT_EQ(parse_digest_key(plain.key()), plain);
  EXPECT_EQ(parse_digest_key(deep.key()), deep);
}

TEST(DigestName, other_keys_are_none) {
  for (const std::string_view key :
       {"", "/",
        "/AWSLogs/1/CloudTrail-Digest/r/2026/03/02/1_CloudTrail-Digest_r_t_h_20260302T103000Z.json.gz",
        "AWSLogs/1/CloudTrail-Digest/",
        "AWSLogs/1/CloudTrail-Digest/r/2026/03/02/1_CloudTrail-Digest_r_t_h_20260302T103000Z.json",
        "AWSLogs/1/CloudTrail-Digest/r/2026/03/03/1_CloudTrail-Digest_r_t_h_20260302T103000Z.json.gz",
        "AWSLogs/2/CloudTrail-Digest/r/2026/03/02/1_CloudTrail-Digest_r_t_h_20260302T103000Z.json.gz",
        "AWSLogs/1/CloudTrail-Digest/r/2026/03/02/1_CloudTrail-Digest_r_t_h_20260302T1030Z.json.gz",
        "AWSLogs/1/CloudTrail-Digest/r/2026/03/02/1_CloudTrail-Digest_r_t_20260302T103000Z.json.gz",
        "AWSLogs/1/CloudTrail/r/2026/03/02/1_CloudTrail_r_t_h_20260302T103000Z.json.gz",
        "AWSLogs/1/CloudTrail-Digest/r/2/02603/02/1_CloudTrail-Digest_r_t_h_20260302T103000Z.json.gz",
        "Logs/1/CloudTrail-Digest/r/2026/03/02/1_CloudTrail-Digest_r_t_h_20260302T103000Z.json.gz",
        "1/CloudTrail-Digest/r/2026/03/02/1_CloudTrail-Digest_r_t_h_20260302T103000Z.json.gz",
        "xAWSLogs/1/CloudTrail-Digest/r/2026/03/02/1_CloudTrail-Digest_r_t_h_20260302T103000Z.json.gz"}) {
    EXPECT_FALSE(parse_digest_key(key)) << key;
  }
}

TEST(LogFileName, is_read) {
  const auto name = parse_log_file_key(
      "p/q/AWSLogs/o-1/345678901234/CloudTrail/eu-west-1/2026/03/02/"
      "345678901234_CloudTrail_eu-west-1_20260302T1015Z_q7GmT2xLw0RbZ4nC.json.gz");
  ASSERT_TRUE(name);
  EXPECT_EQ(*name, (LogFileName{.prefix = "p/q",
                                .organization = "o-1",
                                .account = "345678901234",
                                .region = "eu-west-1",
                                .delivered = at("2026-03-02T10:15:00Z")}));
  EXPECT_FALSE(parse_log_file_key("AWSLogs/1/CloudTrail/"));
  EXPECT_FALSE(parse_log_file_key("AWSLogs/1/CloudTrail/r/2026/03/02/1_CloudTrail_r_20260302T1015Z.json.gz"));
  EXPECT_FALSE(parse_log_file_key("AWSLogs/1/CloudTrail/r/2026/03/02/1_CloudTrail_r_20260302T1015Z_u.csv"));
}

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// A chain of three that `aws cloudtrail validate-logs` accepts.
TEST(Digest, the_fixture_verifies_and_is_what_we_would_write) {
  const char* const data = std::getenv("CAIRN_TEST_DATA");
  const auto folder = std::filesystem::path(data == nullptr ? "" : data) / "wire/digest-fixture";
  if (data == nullptr || !std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no digest fixture: set CAIRN_TEST_DATA";
  }
  const auto keys = public_keys_from(contents(folder / "public-key.json")).value();
  std::map<std::string, std::pair<std::string, std::string>> texts;  // by key: text, signature
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "s3")) {
    const auto key = std::filesystem::relative(entry.path(), folder / "s3").string();
    if (parse_digest_key(key)) {
      const auto metadata = json::parse_object(contents(entry.path().string() + ".metadata.json")).value();
      texts[key] = {codec::gzip_decompress(contents(entry.path()), kDigestBytesMax).value(),
                    std::string(*json::find_string(metadata, "signature"))};
      EXPECT_EQ(parse_digest_key(key)->key(), key);
    }
  }
  ASSERT_EQ(texts.size(), 3U);
  for (const auto& [key, object] : texts) {
    const auto& [text, signature] = object;
    const auto digest = digest_from(text).value();
    EXPECT_EQ(to_json(digest), text);
    EXPECT_EQ(digest.key, key);
    const auto& public_key = keys.find(digest.fingerprint)->second;
    EXPECT_EQ(fingerprint_of(public_key), digest.fingerprint);
    EXPECT_TRUE(verifies(public_key, digest, text, signature));
    EXPECT_FALSE(verifies(public_key, digest, text + " ", signature));
    if (digest.previous) {
      const auto& before = texts.at(digest.previous->key);
      EXPECT_EQ(sha256_hex(before.first), digest.previous->hash);
      EXPECT_EQ(before.second, digest.previous->signature);
    }
    for (const auto& file : digest.log_files) {
      EXPECT_EQ(sha256_hex(codec::gzip_decompress(contents(folder / "s3" / file.key), 1U << 20).value()),
                file.hash);
      EXPECT_TRUE(parse_log_file_key(file.key)) << file.key;
    }
  }
}

}  // namespace
}  // namespace cairn::integrity
