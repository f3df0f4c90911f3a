// Checksums of every algorithm, right and wrong, in a header and in a trailer; Content-MD5.
//
// The expected values are of Python's zlib and hashlib; CRC-32C's and CRC-64/NVME's are the published check
// values.
#include "services/s3/checksums.h"

#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

class ChecksumsTest : public S3Test {
 protected:
  void SetUp() override { make_bucket("mine"); }
  static constexpr std::string_view kText = "123456789";
};

constexpr struct {
  const char* algorithm;
  const char* right;
  const char* wrong;
} kAlgorithms[] = {
    {"CRC32", "y/Q5Jg==", "y/Q5Jw=="},
    {"CRC32C", "4waSgw==", "4waShA=="},
    {"CRC64NVME", "rosUhgp5mIg=", "rosUhgp5mIk="},
    {"SHA1", "98O8HYCOBHMq32eZZczDTKeuNEE=", "98O8HYCOBHMq32eZZczDTKeuNEI="},
    {"SHA256",
     "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiY="},
};

TEST_F(ChecksumsTest, in_a_header) {
  for (const auto& row : kAlgorithms) {
    const auto with = [&](const char* value) {
      const auto request = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}}, std::string(kText));
      request->head.headers.add("x-amz-checksum-" + codec::lower(row.algorithm), value);
      request->head.headers.add("x-amz-sdk-checksum-algorithm", row.algorithm);
      return perform(*request);
    };
    const auto done = with(row.right);
    ASSERT_TRUE(done) << row.algorithm << " " << done.error().message;
    EXPECT_EQ(at(done, std::string("/Checksum") + row.algorithm), row.right);
    EXPECT_EQ(at(done, "/ChecksumType"), "FULL_OBJECT");
    ASSERT_TRUE(remove("mine", "a"));
    const auto refused = with(row.wrong);
    EXPECT_EQ(said(refused), "BadDigest 400");
    EXPECT_EQ(refused.error().message,
              std::string("The ") + row.algorithm + " you specified did not match the calculated checksum.");
    for (const auto* odd : {"", "AAAA", "!", "y/Q5Jg", "y/Q5Jg== "}) {
      EXPECT_EQ(said(with(odd)), "InvalidRequest 400") << row.algorithm << " " << odd;
    }
    EXPECT_EQ(get("mine", "a"), "NoSuchKey 404");
  }
}

TEST_F(ChecksumsTest, in_a_trailer) {
  for (const std::size_t times : {1U, 2000U}) {  // in the document, in a blob
    for (const auto& row : kAlgorithms) {
      std::string body;
      for (std::size_t i = 0; i < times; ++i) {
        body += kText;
      }
      const auto header = "x-amz-checksum-" + codec::lower(row.algorithm);
      const auto with = [&](std::optional<std::string> value) {
        const auto request = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}}, body);
        request->head.headers.add("x-amz-trailer", header);
        if (value) {
          request->trailers.add(header, *value);
        }
        return perform(*request);
      };
      EXPECT_EQ(said(with(times == 1 ? row.wrong : row.right)), "BadDigest 400");
      EXPECT_EQ(said(with("AAAA")), "InvalidRequest 400");
      EXPECT_EQ(said(with({})), "InvalidRequest 400");
      EXPECT_EQ(get("mine", "a"), "NoSuchKey 404");
      EXPECT_THAT(blobs(), IsEmpty());
      if (times == 1) {
        EXPECT_EQ(at(with(row.right), std::string("/Checksum") + row.algorithm), row.right);
        ASSERT_TRUE(remove("mine", "a"));
      }
    }
  }
}

TEST_F(ChecksumsTest, what_is_announced_must_make_sense) {
  const struct {
    std::vector<codec::Headers::Field> headers;
    const char* said;
  } rows[] = {
      {{{"x-amz-checksum-crc32", "y/Q5Jg=="}, {"x-amz-checksum-crc32c", "4waSgw=="}}, "InvalidRequest 400"},
      {{{"x-amz-checksum-crc32", "y/Q5Jg=="}, {"x-amz-trailer", "x-amz-checksum-sha1"}},
       "InvalidRequest 400"},
      {{{"x-amz-trailer", "x-amz-checksum-md4"}}, "InvalidRequest 400"},
      {{{"x-amz-trailer", "x-amz-meta-a"}}, "InvalidRequest 400"},
      {{{"x-amz-trailer", ""}}, "InvalidRequest 400"},
      {{{"x-amz-sdk-checksum-algorithm", "MD4"}}, "InvalidRequest 400"},
      {{{"x-amz-sdk-checksum-algorithm", "CRC32"}}, "InvalidRequest 400"},
      {{{"x-amz-sdk-checksum-algorithm", "SHA1"}, {"x-amz-checksum-crc32", "y/Q5Jg=="}},
       "InvalidRequest 400"},
      {{{"X-Amz-Checksum-CRC32", "y/Q5Jg=="}, {"x-amz-sdk-checksum-algorithm", "crc32"}}, "ok"},
  };
  for (const auto& row : rows) {
    const auto request = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}}, std::string(kText));
    for (const auto& [name, value] : row.headers) {
      request->head.headers.add(name, value);
    }
    EXPECT_EQ(said(perform(*request)), row.said) << row.headers[0].first;
  }
}

TEST_F(ChecksumsTest, content_md5) {
  const struct {
    std::string value;
    const char* said;
    const char* message;
  } rows[] = {
      {"JfnnlDI7RTiF9RgfG2JNDA==", "BadDigest 400",
       "The Content-MD5 you specified did not match what we received."},
      {"JfnnlDI7RTiF9RgfG2JNCw==", "ok", ""},
      {"AAAA", "InvalidDigest 400", "The Content-MD5 you specified is not valid."},
      {"", "InvalidDigest 400", "The Content-MD5 you specified is not valid."},
      {"not base64!", "InvalidDigest 400", "The Content-MD5 you specified is not valid."},
  };
  for (const auto& row : rows) {
    const auto request = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}}, std::string(kText));
    request->head.headers.add("Content-MD5", row.value);
    const auto done = perform(*request);
    EXPECT_EQ(said(done), row.said) << row.value;
    if (!done) {
      EXPECT_EQ(done.error().message, row.message);
    }
  }
  EXPECT_EQ(at(answer("HeadObject", {{"Bucket", "mine"}, {"Key", "a"}}), "/ETag"),
            "\"25f9e794323b453885f5181f1b624d0b\"");
}

TEST_F(ChecksumsTest, a_stored_checksum_is_shown_to_who_asks_and_reads_all) {
  auto request = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}}, std::string(kText));
  request->head.headers.add("x-amz-checksum-crc32", "y/Q5Jg==");
  ASSERT_TRUE(perform(*request));
  ASSERT_TRUE(put("mine", "without", "x"));
  const auto checksum_of = [&](object more, const char* key = "a") {
    object input{{"Bucket", "mine"}, {"Key", key}};
    for (const auto& [name, value] : more) {
      input[name] = value;
    }
    const auto got = answer("GetObject", input);
    EXPECT_EQ(got->output, answer("HeadObject", input)->output);
    return at(got, "/ChecksumCRC32") + at(got, "/ChecksumType");
  };
  EXPECT_EQ(checksum_of({{"ChecksumMode", "ENABLED"}}), "y/Q5Jg==FULL_OBJECT");
  EXPECT_EQ(checksum_of({}), "");
  EXPECT_EQ(checksum_of({{"ChecksumMode", "ENABLED"}, {"Range", "bytes=0-3"}}), "");
  EXPECT_EQ(checksum_of({{"ChecksumMode", "ENABLED"}, {"PartNumber", 1}}), "y/Q5Jg==FULL_OBJECT");
  EXPECT_EQ(checksum_of({{"ChecksumMode", "ENABLED"}}, "without"), "");
  EXPECT_EQ(checksum_of({{"ChecksumMode", "ENABLED"}, {"PartNumber", 1}}, "without"), "");
}

}  // namespace
}  // namespace cairn::services::s3::testing
