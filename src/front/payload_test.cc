// Bodies against what was promised of them: a hash, chunks, or nothing.
#include "front/payload.h"

#include <gtest/gtest.h>

#include "async/loops.h"
#include "codec/base64.h"
#include "crypto/hash.h"

namespace cairn::front {
namespace {

class PayloadTest : public ::testing::Test {
 protected:
  // What came through, or the fault's code.
  std::string read(std::string sent, PayloadProof proof) {
    const auto source = http::body_of(std::move(sent));
    const auto payload = checked_payload(*source, std::move(proof));
    auto text = async::run(executor(), http::read_all(*payload, 1U << 20));
    const auto fault = payload->fault(aws::Family::s3);
    EXPECT_EQ(text.has_value(), !fault.has_value());
    if (!text) {
      EXPECT_FALSE(async::run(executor(), payload->read())) << "a bad body does not become good";
      return fault ? fault->code : "no fault";
    }
    trailer = payload->trailers().get("x-amz-checksum-crc32");
    return *text;
  }
  async::Executor executor() { return loops_.at(0).get_executor(); }

  std::string trailer;

 private:
  async::Loops loops_{1};
};

TEST_F(PayloadTest, hash) {
  const auto hash = codec::hex_encode(crypto::sha256("hello"));
  auto upper = hash;
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return std::toupper(static_cast<unsigned char>(c)); });
  EXPECT_EQ(read("hello", {.content_sha256 = hash, .decoded_size = {}, .seed = {}}), "hello");
  EXPECT_EQ(read("hello", {.content_sha256 = upper, .decoded_size = {}, .seed = {}}), "hello");
  EXPECT_EQ(read("hellO", {.content_sha256 = hash, .decoded_size = {}, .seed = {}}),
            "XAmzContentSHA256Mismatch");
  EXPECT_EQ(read("", {.content_sha256 = hash, .decoded_size = {}, .seed = {}}), "XAmzContentSHA256Mismatch");
  EXPECT_EQ(read("hello", {.content_sha256 = "nonsense", .decoded_size = {}, .seed = {}}),
            "XAmzContentSHA256Mismatch");
  EXPECT_EQ(read("hello", {.content_sha256 = "UNSIGNED-PAYLOAD", .decoded_size = {}, .seed = {}}), "hello");
}

TEST_F(PayloadTest, unsigned_chunks) {
  const auto proof = [](std::optional<std::uint64_t> size) {
    return PayloadProof{.content_sha256 = "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                        .decoded_size = size,
                        .seed = {},
                        .announced = "x-amz-checksum-crc32"};
  };
  const std::string good = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
  EXPECT_EQ(read(good, proof(5)), "hello");
  EXPECT_EQ(trailer, "NhCmhg==");
  EXPECT_EQ(read(good, proof({})), "hello");
  EXPECT_EQ(read(good, proof(6)), "IncompleteBody");
  EXPECT_EQ(read(good.substr(0, 9), proof(5)), "InvalidRequest") << "cut short";
  EXPECT_EQ(read("xyz\r\n", proof(5)), "InvalidRequest");
}

TEST_F(PayloadTest, trailers_are_those_that_were_announced) {
  const struct {
    std::string_view announced;
    std::string_view trailers;
    std::string_view read;
  } rows[] = {
      {"", "", "hello"},
      {"x-amz-checksum-crc32", "x-amz-checksum-crc32:NhCmhg==\r\n", "hello"},
      {"X-Amz-Checksum-Crc32", "x-amz-checksum-crc32:NhCmhg==\r\n", "hello"},
      {"x-amz-checksum-crc32, x-other", "x-other:1\r\nx-amz-checksum-crc32:NhCmhg==\r\n", "hello"},
      {"", "x-amz-checksum-crc32:NhCmhg==\r\n", "MalformedTrailerError"},
      {"x-amz-checksum-crc32", "", "MalformedTrailerError"},
      {"x-amz-checksum-crc32", "x-amz-checksum-sha1:NhCmhg==\r\n", "MalformedTrailerError"},
      {"x-amz-checksum-crc32", "x-amz-checksum-crc32:NhCmhg==\r\nx-other:1\r\n", "MalformedTrailerError"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(read("5\r\nhello\r\n0\r\n" + std::string(row.trailers) + "\r\n",
                   {.content_sha256 = "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                    .decoded_size = 5,
                    .seed = {},
                    .announced = std::string(row.announced)}),
              row.read)
        << row.announced << " / " << row.trailers;
  }
}

TEST_F(PayloadTest, signed_chunk_with_a_wrong_signature) {
  const auto signed_with = ";chunk-signature=" + std::string(64, '0') + "\r\n";
  const auto wrong = "5" + signed_with + "hello\r\n0" + signed_with + "\r\n";
  const aws::sigv4::Scope scope{"20260302", "eu-west-1", "s3"};
  const crypto::Secret secret(ByteView("secret"));
  const aws::sigv4::ChunkSeed seed{
      std::make_shared<const crypto::Secret>(aws::sigv4::signing_key(secret, scope)), std::string(64, '1'),
      "20260302T101500Z", scope};
  PayloadProof proof{.content_sha256 = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", .decoded_size = 5, .seed = seed};
  EXPECT_EQ(read(wrong, std::move(proof)), "SignatureDoesNotMatch");
}

}  // namespace
}  // namespace cairn::front
