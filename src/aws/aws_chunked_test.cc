// aws-chunked bodies: the reference's vector, every mode, every cut, and everything that must be refused.
#include "aws/aws_chunked.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/base64.h"

namespace cairn::aws {
namespace {

using testing::HasSubstr;
using Problem = ChunkedDecoder::Problem;

// Vector 3 of cloudtrail-reference 15.5.
const sigv4::Credentials& kestrel() {
  static const sigv4::Credentials credentials{
      "AKIAKESTREL0EXAMPLE1", crypto::Secret("kestrelSecret/0123456789+abcdefEXAMPLEKEY"), {}};
  return credentials;
}
const sigv4::Scope kScope{"20260302", "eu-west-1", "s3"};
constexpr std::string_view kSeed = "ba68d8d6b7f5013aad1caefbda10a74d733e341a441058b428c8c9660e70a4ad";
constexpr std::string_view kVector =
    "7;chunk-signature=44a014ce0730ebd846c6c43cff9f9cec8d4947c724fb51f8caf4d9d4f1e8c87c\r\nkestrel\r\n"
    "0;chunk-signature=9042a3408ced94b3cad280b01a968ab30c35bb6a522c4a48ec6b968e05216b6a\r\n"
    "x-amz-checksum-crc32:HTD68w==\r\n"
    "x-amz-trailer-signature:221cc2d66494324aaadc063493f95dc71c80f0d79bf92395fec6be2d36792f4f\r\n\r\n";

sigv4::ChunkSeed seed() {
  const auto key = std::make_shared<const crypto::Secret>(sigv4::signing_key(kestrel().secret, kScope));
  return {key, std::string(kSeed), "20260302T101500Z", kScope};
}

TEST(AwsChunked, reference_vector_3_seed) {
  codec::RequestHead head{"PUT",
                          "/k.txt",
                          {{"Host", "kestrel-audit.s3.eu-west-1.amazonaws.com"},
                           {"Content-Encoding", "aws-chunked"},
                           {"X-Amz-Decoded-Content-Length", "7"},
                           {"X-Amz-Trailer", "x-amz-checksum-crc32"}}};
  sigv4::sign_headers(head, {kestrel(), "eu-west-1", "s3", parse_basic("20260302T101500Z").value(),
                             "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"});
  const auto authorization = sigv4::parse_authorization(head).value();
  EXPECT_EQ(authorization.signature, kSeed);
  sigv4::KeyCache cache;
  const auto hash = sigv4::s3_payload_hash(head, authorization).value();
  const auto verified =
      sigv4::verify({head, authorization, kestrel().secret, hash, authorization.time}, cache);
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(verified->signature, kSeed);
  EXPECT_EQ(verified->scope, kScope);
}

struct Outcome {
  std::optional<Problem> problem;
  std::string what;
  std::string data;
  std::string trailers;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Decodes a body given in pieces of a size.
Outcome decode(std::string_view body, ChunkedDecoder::Setup setup,
               std::size_t piece_size = std::string_view::npos) {
  ChunkedDecoder decoder(std::move(setup));
  Outcome out;
  const auto sink = [&](std::span<const std::byte> data) { out.data += ByteView(data).text(); };
  while (!body.empty()) {
    const auto piece = body.substr(0, piece_size);
    body.remove_prefix(piece.size());
    // A copy of its own, so that reading beyond it is found.
    const std::vector<char> copy(piece.begin(), piece.end());
    if (!decoder.push(std::as_bytes(std::span(copy)), sink).has_value()) {
      break;
    }
  }
  const auto finished = decoder.finish();
  if (!finished.has_value()) {
    out.problem = finished.error().problem;
    out.what = finished.error().what;
  }
  for (const auto& [name, value] : decoder.trailers()) {
    out.trailers += name + "=" + value + ";";
  }
  EXPECT_EQ(decoder.decoded_size(), out.data.size());
  return out;
}

ChunkedDecoder::Setup signed_with_trailer(std::optional<std::uint64_t> size = 7) {
  return {ChunkMode::signed_chunks_trailer, seed(), size};
}

TEST(AwsChunked, reference_vector_3_body_in_pieces_of_every_size) {
  for (std::size_t size = 1; size <= kVector.size(); ++size) {
    const auto out = decode(kVector, signed_with_trailer(), size);
    ASSERT_EQ(out.problem, std::nullopt) << size << out.what;
    ASSERT_EQ(out.data, "kestrel");
    ASSERT_EQ(out.trailers, "x-amz-checksum-crc32=HTD68w==;");
  }
}

TEST(AwsChunked, reference_vector_3_body_changed_anywhere_is_refused) {
  for (std::size_t i = 0; i < kVector.size(); ++i) {
    std::string changed(kVector);
    changed[i] = changed[i] == '1' ? '2' : '1';
    const auto out = decode(changed, signed_with_trailer());
    ASSERT_TRUE(out.problem.has_value()) << i;
    ASSERT_EQ(decode(changed, signed_with_trailer(), 1), out) << "the same, byte by byte: " << i;
    ASSERT_TRUE(decode(kVector.substr(0, i), signed_with_trailer()).problem.has_value()) << "cut at " << i;
  }
}

// Signs as a client does, apart from the decoder's code.
class Encoder {
 public:
  std::string chunk(std::string_view data, bool end = true) {
    const auto signature = sign("AWS4-HMAC-SHA256-PAYLOAD", codec::hex_encode(crypto::sha256("")) + "\n" +
                                                                codec::hex_encode(crypto::sha256(data)));
    char size[24];
    std::snprintf(size, sizeof size, "%zx", data.size());
    return std::string(size) + ";chunk-signature=" + signature + "\r\n" + std::string(data) +
           (end ? "\r\n" : "");
  }
  std::string trailer(std::string_view canonical) {
    return "x-amz-trailer-signature:" +
           sign("AWS4-HMAC-SHA256-TRAILER", codec::hex_encode(crypto::sha256(canonical))) + "\r\n";
  }

 private:
  std::string sign(std::string_view algorithm, const std::string& rest) {
    const auto to_sign =
        std::string(algorithm) + "\n20260302T101500Z\n" + kScope.text() + "\n" + previous_ + "\n" + rest;
    return previous_ = codec::hex_encode(crypto::hmac_sha256(key_.bytes(), to_sign));
  }
  crypto::Secret key_ = sigv4::signing_key(kestrel().secret, kScope);
  std::string previous_{kSeed};
};

TEST(AwsChunked, signed_chunks_without_trailer) {
  Encoder encoder;
  const std::string big(70'000, 'b');
  const auto body = encoder.chunk("first") + encoder.chunk(big) + encoder.chunk("");
  for (const std::size_t piece : {1UL, 7UL, 4096UL, std::string_view::npos}) {
    const auto out = decode(body, {ChunkMode::signed_chunks, seed(), 70'005}, piece);
    EXPECT_EQ(out.problem, std::nullopt) << out.what;
    EXPECT_EQ(out.data, "first" + big);
  }
  EXPECT_EQ(decode(body, {ChunkMode::signed_chunks, seed(), {}}).problem, std::nullopt);
  Encoder other;
  const auto first = other.chunk("first");
  const auto second = other.chunk("second");
  const auto last = other.chunk("");
  EXPECT_EQ(decode(second + first + last, {ChunkMode::signed_chunks, seed(), {}}).problem,
            Problem::signature_mismatch)
      << "their order is signed";
  EXPECT_EQ(decode(first + last, {ChunkMode::signed_chunks, seed(), {}}).problem, Problem::signature_mismatch)
      << "none may be left out";
  EXPECT_EQ(decode(first + second, {ChunkMode::signed_chunks, seed(), {}}).problem, Problem::malformed)
      << "nor the last one";
}

struct BodyCase {
  std::string_view body;
  std::string_view data;
  std::string_view trailers;
  std::optional<Problem> refused;
};

TEST(AwsChunked, unsigned_chunks) {
  const BodyCase cases[] = {
      {"7\r\nkestrel\r\n0\r\nx-amz-checksum-crc32:HTD68w==\r\n\r\n",
       "kestrel",
       "x-amz-checksum-crc32=HTD68w==;",
       {}},
      {"7\r\nkestrel\r\n0\r\nx-amz-checksum-crc32:HTD68w==\n\r\n\r\n",
       "kestrel",
       "x-amz-checksum-crc32=HTD68w==;",
       {}},
      {"3\r\nkes\r\n4\r\ntrel\r\n0\r\n\r\n", "kestrel", "", {}},
      {"07\r\nkestrel\r\n00\r\nA: b c \r\nB:\r\n\r\n", "kestrel", "a=b c;b=;", {}},
      {"7;x=y\r\nkestrel\r\n0\r\n\r\n", "kestrel", "", {}},
      {"7\r\nk\r\ntrel\r\n0\r\n\r\n", "k\r\ntrel", "", {}},
      {"7\r\nkestrel\r\n0\r\n", "kestrel", "", Problem::malformed},
      {"7\r\nkestrel\r\n0\r\na:b\r\n", "kestrel", "a=b;", Problem::malformed},
      {"7\r\nkestrel\r\n", "kestrel", "", Problem::malformed},
      {"7\r\nkest", "kest", "", Problem::malformed},
      {"", "", "", Problem::malformed},
      {"7\r\nkestrels\r\n0\r\n\r\n", "kestrel", "", Problem::malformed},
      {"7\nkestrel\r\n0\r\n\r\n", "", "", Problem::malformed},
      {"7\r\nkestrel\n0\r\n\r\n", "kestrel", "", Problem::malformed},
      {"7\r\nkestrel\r\n0\r\n\r\nx", "kestrel", "", Problem::malformed},
      {"x\r\nkestrel\r\n0\r\n\r\n", "", "", Problem::malformed},
      {"\r\nkestrel\r\n0\r\n\r\n", "", "", Problem::malformed},
      {"-7\r\nkestrel\r\n0\r\n\r\n", "", "", Problem::malformed},
      {"0x7\r\nkestrel\r\n0\r\n\r\n", "", "", Problem::malformed},
      {"10000000000000007\r\nkestrel\r\n0\r\n\r\n", "", "", Problem::malformed},
      {"140000001\r\nkestrel\r\n0\r\n\r\n", "", "", Problem::limit},
      {"7\r\nkestrel\r\n0\r\nno colon\r\n\r\n", "kestrel", "", Problem::malformed},
      {"7\r\nkestrel\r\n0\r\n:x\r\n\r\n", "kestrel", "", Problem::malformed},
      {"6\r\nkestre\r\n0\r\n\r\n", "kestre", "", Problem::wrong_size},
      {"8\r\nkestrels\r\n0\r\n\r\n", "", "", Problem::wrong_size},
      {"7\r\nkestrel\r\n1\r\ns\r\n0\r\n\r\n", "kestrel", "", Problem::wrong_size},
  };
  for (const auto& c : cases) {
    const bool too_large = c.refused == Problem::limit;
    const std::optional<std::uint64_t> size = too_large ? std::nullopt : std::optional<std::uint64_t>(7);
    const auto out = decode(c.body, {ChunkMode::unsigned_chunks_trailer, {}, size});
    EXPECT_EQ(out.problem, c.refused) << c.body << out.what;
    EXPECT_EQ(out.data, c.data) << c.body;
    EXPECT_EQ(out.trailers, c.trailers) << c.body;
    for (const std::size_t piece : {1UL, 2UL, 3UL}) {
      EXPECT_EQ(decode(c.body, {ChunkMode::unsigned_chunks_trailer, {}, size}, piece), out) << c.body;
    }
  }
}

TEST(AwsChunked, a_signed_trailer_must_be_signed) {
  const auto with = [](const std::function<std::string(Encoder&)>& trailers) {
    Encoder encoder;
    auto body = encoder.chunk("kestrel") + encoder.chunk("", false);
    return decode(body + trailers(encoder), signed_with_trailer());
  };
  EXPECT_EQ(with([](Encoder& e) { return "a:1\r\nb:2\r\n" + e.trailer("a:1\nb:2\n") + "\r\n"; }).trailers,
            "a=1;b=2;");
  EXPECT_EQ(with([](Encoder& e) { return "A: 1 \n\r\n" + e.trailer("a:1\n") + "\r\n"; }).problem,
            std::nullopt);
  EXPECT_EQ(with([](Encoder& e) { return e.trailer("") + "\r\n"; }).problem, std::nullopt);
  EXPECT_EQ(with([](Encoder&) { return "\r\n"; }).problem, Problem::malformed);
  EXPECT_EQ(with([](Encoder&) { return "a:1\r\n\r\n"; }).problem, Problem::malformed);
  EXPECT_EQ(with([](Encoder& e) { return "a:2\r\n" + e.trailer("a:1\n") + "\r\n"; }).problem,
            Problem::signature_mismatch);
  EXPECT_EQ(with([](Encoder& e) { return e.trailer("a:1\n") + "a:1\r\n\r\n"; }).problem,
            Problem::signature_mismatch);
  EXPECT_EQ(with([](Encoder& e) { return e.trailer("") + "a:1\r\n\r\n"; }).problem, Problem::malformed);
  Encoder encoder;
  const auto body = encoder.chunk("kestrel") + encoder.chunk("", false) + "a:1\r\n\r\n";
  EXPECT_EQ(decode(body, {ChunkMode::signed_chunks, seed(), 7}).problem, Problem::malformed)
      << "no trailers were announced";
}

TEST(AwsChunked, stops_at_its_limits) {
  const ChunkedDecoder::Setup setup{ChunkMode::unsigned_chunks_trailer,
                                    {},
                                    {},
                                    {.chunk_bytes_max = 8, .line_bytes_max = 20, .trailer_bytes_max = 12}};
  EXPECT_EQ(decode("8\r\n12345678\r\n0\r\n\r\n", setup).problem, std::nullopt);
  EXPECT_EQ(decode("9\r\n123456789\r\n0\r\n\r\n", setup).problem, Problem::limit);
  EXPECT_EQ(decode("1;" + std::string(50, 'x'), setup).problem, Problem::limit);
  EXPECT_EQ(decode("1;" + std::string(50, 'x'), setup, 1).problem, Problem::limit);
  EXPECT_EQ(decode("0\r\na:" + std::string(50, 'x'), setup).problem, Problem::limit);
  EXPECT_EQ(decode("0\r\na:1234\r\nb:1234\r\n\r\n", setup).problem, std::nullopt);
  EXPECT_EQ(decode("0\r\na:1234\r\nb:1234\r\nc:1\r\n\r\n", setup).problem, Problem::limit);
}

TEST(AwsChunked, fails_for_good) {
  ChunkedDecoder decoder({ChunkMode::unsigned_chunks_trailer, {}, {}, {}});
  const auto bytes = [](std::string_view text) { return ByteView(text).bytes(); };
  int calls = 0;
  const auto sink = [&](std::span<const std::byte>) { ++calls; };
  EXPECT_FALSE(decoder.push(bytes("x\r\n"), sink).has_value());
  EXPECT_FALSE(decoder.push(bytes("1\r\na\r\n0\r\n\r\n"), sink).has_value());
  EXPECT_THAT(decoder.finish().error().what, HasSubstr("does not begin with its size"));
  EXPECT_EQ(calls, 0);
}

TEST(AwsChunked, modes_by_their_names) {
  EXPECT_EQ(chunk_mode("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), ChunkMode::signed_chunks);
  EXPECT_EQ(chunk_mode("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"), ChunkMode::signed_chunks_trailer);
  EXPECT_EQ(chunk_mode("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), ChunkMode::unsigned_chunks_trailer);
  for (const std::string_view text :
       {"", "UNSIGNED-PAYLOAD", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "STREAMING"}) {
    EXPECT_EQ(chunk_mode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace cairn::aws
