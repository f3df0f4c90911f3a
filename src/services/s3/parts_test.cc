// Parts that are copied, parts that are read by their numbers, and what an upload in parts is begun with.
#include "services/s3/checksums.h"
#include "services/s3/s3_testing.h"
#include "services/s3/uploads.h"

namespace cairn::services::s3::testing {
namespace {

class PartsTest : public S3Test {
 protected:
  PartsTest()
      : S3Test({.object_bytes_max = 100'000, .multipart_bytes_max = 200'000, .part_bytes_min = 1000}) {}
  void SetUp() override {
    make_bucket("mine");
    source_ = noise(20'000, 7);
    ASSERT_TRUE(put("mine", "source", source_));
  }

  std::string begin(object more = {}) {
    more["Bucket"] = "mine";
    more["Key"] = "a";
    return at(answer("CreateMultipartUpload", std::move(more)), "/UploadId");
  }
  Answered copy_part(std::string_view id, int number, std::string_view range, object more = {}) {
    more["Bucket"] = "mine";
    more["Key"] = "a";
    more["UploadId"] = id;
    more["PartNumber"] = number;
    if (!more.contains("CopySource")) {
      more["CopySource"] = "mine/source";
    }
    if (!range.empty()) {
      more["CopySourceRange"] = range;
    }
    return answer("UploadPartCopy", std::move(more));
  }
  Answered complete(std::string_view id, const std::vector<Answered>& copied) {
    array parts;
    for (const auto& one : copied) {
      auto part = one->output.at("CopyPartResult").as_object();
      part.erase("LastModified");
      part["PartNumber"] = parts.size() + 1;
      parts.push_back(std::move(part));
    }
    return answer("CompleteMultipartUpload", {{"Bucket", "mine"},
                                              {"Key", "a"},
                                              {"UploadId", id},
                                              {"MultipartUpload", object{{"Parts", std::move(parts)}}}});
  }
  std::string source_;
};

TEST_F(PartsTest, parts_are_copied_from_ranges_of_an_object) {
  const auto id = begin({{"ChecksumAlgorithm", "CRC32"}, {"ChecksumType", "COMPOSITE"}});
  const std::vector<Answered> copied{copy_part(id, 1, "bytes=0-4999"), copy_part(id, 2, "bytes=5000-5999"),
                                     copy_part(id, 3, "")};
  for (const auto& one : copied) {
    ASSERT_TRUE(one) << one.error().message;
  }
  EXPECT_EQ(at(copied[1], "/CopyPartResult/ChecksumCRC32"),
            checksum_of("CRC32", std::as_bytes(std::span(source_).subspan(5000, 1000))));
  const auto md5 = crypto::md5(std::string_view(source_));
  EXPECT_EQ(at(copied[2], "/CopyPartResult/ETag"), "\"" + codec::hex_encode(md5) + "\"");
  ASSERT_TRUE(complete(id, copied));
  EXPECT_EQ(get("mine", "a"), source_.substr(0, 6000) + source_);
}

TEST_F(PartsTest, no_part_is_copied_where_there_is_no_room) {
  const auto id = begin();
  room.full = true;
  EXPECT_EQ(said(copy_part(id, 1, "")), "ServiceUnavailable 503");
  room.full = false;
  EXPECT_EQ(said(copy_part(id, 1, "")), "ok");
}

TEST_F(PartsTest, what_a_part_is_not_copied_from) {
  const auto id = begin();
  const struct {
    std::string range;
    object more;
    std::string error;
  } rows[] = {
      {"bytes=0-19999", {}, "ok"},
      {"bytes=0-20000", {}, "InvalidArgument 400"},
      {"bytes=5-4", {}, "InvalidArgument 400"},
      {"bytes=5-", {}, "InvalidArgument 400"},
      {"bytes=-5", {}, "InvalidArgument 400"},
      {"bytes=1-2,4-5", {}, "InvalidArgument 400"},
      {"0-5", {}, "InvalidArgument 400"},
      {"bytes=", {}, "InvalidArgument 400"},
      {"b", {}, "InvalidArgument 400"},
      {"", {{"CopySource", "mine/none"}}, "NoSuchKey 404"},
      {"", {{"CopySource", "nobodys/none"}}, "NoSuchBucket 404"},
      {"", {{"CopySource", "source"}}, "InvalidArgument 400"},
      {"", {{"CopySourceIfMatch", "\"other\""}}, "PreconditionFailed 412"},
      {"", {{"PartNumber", 1}, {"CopySourceIfNoneMatch", "*"}}, "PreconditionFailed 412"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(said(copy_part(id, 1, row.range, row.more)), row.error) << row.range;
  }
  EXPECT_EQ(said(copy_part(id, 0, "")), "InvalidArgument 400");
  EXPECT_EQ(said(copy_part(std::string(60, 'a'), 1, "")), "NoSuchUpload 404");
}

TEST_F(PartsTest, a_copied_part_is_asked_for_at_both_ends) {
  const auto id = begin();
  ASSERT_TRUE(copy_part(id, 1, ""));
  std::vector<std::string> asks;
  for (const auto& ask : asked) {
    asks.push_back(ask.action + " " + ask.resource);
  }
  EXPECT_THAT(asks, ElementsAre("s3:PutObject arn:aws:s3:::mine/a", "s3:GetObject arn:aws:s3:::mine/source"));
}

TEST_F(PartsTest, parts_are_read_by_their_numbers) {
  const auto id = begin();
  ASSERT_TRUE(complete(id, {copy_part(id, 1, "bytes=0-4999"), copy_part(id, 2, "bytes=100-1199"),
                            copy_part(id, 3, "bytes=0-9")}));
  const struct {
    std::string key;
    int number;
    std::string body;
    std::string range;
    std::string parts;
  } rows[] = {
      {"a", 1, source_.substr(0, 5000), "bytes 0-4999/6110", "3"},
      {"a", 2, source_.substr(100, 1100), "bytes 5000-6099/6110", "3"},
      {"a", 3, source_.substr(0, 10), "bytes 6100-6109/6110", "3"},
      {"a", 4, "InvalidPartNumber 416", "", ""},
      {"a", 0, "InvalidArgument 400", "", ""},
      {"a", 10'001, "InvalidArgument 400", "", ""},
      {"source", 1, source_, "bytes 0-19999/20000", ""},
      {"source", 2, "InvalidPartNumber 416", "", ""},
  };
  for (const auto& row : rows) {
    const object input{{"Bucket", "mine"}, {"Key", row.key}, {"PartNumber", row.number}};
    const auto got = answer("GetObject", input);
    EXPECT_EQ(got ? got->body : said(got), row.body) << row.key << row.number;
    const auto head = answer("HeadObject", input);
    ASSERT_EQ(head.has_value(), got.has_value());
    if (head) {
      EXPECT_EQ(head->status, 206);
      EXPECT_EQ(at(head, "/ContentRange"), row.range);
      EXPECT_EQ(at(head, "/ContentLength"), std::to_string(row.body.size()));
      EXPECT_EQ(at(head, "/PartsCount"), row.parts);
    }
  }
  const object both{{"Bucket", "mine"}, {"Key", "a"}, {"PartNumber", 1}, {"Range", "bytes=0-1"}};
  EXPECT_EQ(said(answer("GetObject", both)), "InvalidRequest 400");
}

// The part's own, with which its reader can check it; of what type the object's is.
TEST_F(PartsTest, a_part_that_is_read_shows_its_checksum) {
  const struct {
    const char* algorithm;
    const char* type;
  } rows[] = {{"CRC32", "COMPOSITE"}, {"SHA256", "COMPOSITE"}, {"CRC32", "FULL_OBJECT"}};
  const std::vector<std::string> pieces{source_.substr(0, 5000), source_.substr(100, 1100)};
  for (const auto& row : rows) {
    const std::string member = "/Checksum" + std::string(row.algorithm);
    const auto id = begin({{"ChecksumAlgorithm", row.algorithm}, {"ChecksumType", row.type}});
    ASSERT_TRUE(complete(id, {copy_part(id, 1, "bytes=0-4999"), copy_part(id, 2, "bytes=100-1199")}));
    for (int number : {1, 2}) {
      object input{{"Bucket", "mine"}, {"Key", "a"}, {"PartNumber", number}};
      EXPECT_EQ(at(answer("GetObject", input), member), "") << "not asked for";
      input["ChecksumMode"] = "ENABLED";
      const auto& bytes = pieces.at(static_cast<std::size_t>(number) - 1);
      for (const auto* operation : {"GetObject", "HeadObject"}) {
        const auto got = answer(operation, input);
        EXPECT_EQ(at(got, member), checksum_of(row.algorithm, std::as_bytes(std::span(bytes))));
        EXPECT_EQ(at(got, "/ChecksumType"), row.type);
      }
    }
    const object range{
        {"Bucket", "mine"}, {"Key", "a"}, {"Range", "bytes=0-4999"}, {"ChecksumMode", "ENABLED"}};
    EXPECT_EQ(at(answer("GetObject", range), member), "") << "of a range nobody knows one";
  }
}

TEST_F(PartsTest, attributes_list_the_parts) {
  const auto id = begin({{"ChecksumAlgorithm", "SHA256"}});
  ASSERT_TRUE(complete(id, {copy_part(id, 1, "bytes=0-4999"), copy_part(id, 2, "bytes=0-1999"),
                            copy_part(id, 3, "bytes=0-9")}));
  object input{{"Bucket", "mine"}, {"Key", "a"}, {"ObjectAttributes", array{"ObjectParts"}}, {"MaxParts", 2}};
  const auto first = answer("GetObjectAttributes", input);
  EXPECT_EQ(at(first, "/ObjectParts/TotalPartsCount"), "3");
  EXPECT_EQ(at(first, "/ObjectParts/IsTruncated"), "true");
  EXPECT_EQ(at(first, "/ObjectParts/Parts/1/Size"), "2000");
  EXPECT_EQ(at(first, "/ObjectParts/Parts/1/ChecksumSHA256"),
            checksum_of("SHA256", std::as_bytes(std::span(source_).first(2000))));
  EXPECT_EQ(at(first, "/ObjectParts/Parts/2"), "");
  EXPECT_EQ(at(first, "/ObjectParts/NextPartNumberMarker"), "2");
  input["PartNumberMarker"] = 2;
  const auto second = answer("GetObjectAttributes", input);
  EXPECT_EQ(at(second, "/ObjectParts/IsTruncated"), "false");
  EXPECT_EQ(at(second, "/ObjectParts/Parts/0/PartNumber"), "3");

  // A part that came while the upload was completed is none of the object's.
  const auto parts = run(catalog->scan("s3/part/", "", 10));
  ASSERT_TRUE(parts && parts->size() == 3);
  catalog::Transaction late;
  late.writes.push_back({part_key(parts->front().key.substr(8, parts->front().key.rfind('/') - 8), 4),
                         parts->front().value, 0});
  ASSERT_TRUE(run(catalog->commit(std::move(late))));
  const auto third = answer("GetObjectAttributes", input);
  EXPECT_EQ(at(third, "/ObjectParts/IsTruncated"), "false");
  EXPECT_EQ(at(third, "/ObjectParts/Parts/1"), "");
  input["Key"] = "source";
  EXPECT_EQ(at(answer("GetObjectAttributes", input), "/ObjectParts"), "") << "not in parts";
}

TEST_F(PartsTest, tags_and_locks_come_with_the_beginning) {
  const object lock{{"ObjectLockMode", "GOVERNANCE"},
                    {"ObjectLockRetainUntilDate",
                     static_cast<double>(clock.now().time_since_epoch().count()) / 1000 + 86'400.0},
                    {"ObjectLockLegalHoldStatus", "ON"}};
  auto input = lock;
  input["Bucket"] = "mine";
  input["Key"] = "a";
  EXPECT_EQ(said(answer("CreateMultipartUpload", input)), "InvalidRequest 400") << "no object lock";
  ASSERT_TRUE(answer("CreateBucket", {{"Bucket", "locked"}, {"ObjectLockEnabledForBucket", true}}));
  input["Bucket"] = "locked";
  input["Tagging"] = "team=blue";
  const auto begun = answer("CreateMultipartUpload", input);
  ASSERT_TRUE(begun) << begun.error().message;
  std::vector<std::string> asks;
  for (const auto& ask : asked) {
    asks.push_back(ask.action);
  }
  EXPECT_THAT(asks, ElementsAre("s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectRetention",
                                "s3:PutObjectLegalHold"));
  const auto id = at(begun, "/UploadId");
  const object named{{"Bucket", "locked"}, {"Key", "a"}, {"UploadId", id}};
  auto of_part = named;
  of_part["PartNumber"] = 1;
  const auto part = answer("UploadPart", of_part, "bytes");
  auto of_end = named;
  of_end["MultipartUpload"] =
      object{{"Parts", array{object{{"PartNumber", 1}, {"ETag", part->output.at("ETag")}}}}};
  ASSERT_TRUE(answer("CompleteMultipartUpload", of_end));
  const auto head = answer("HeadObject", {{"Bucket", "locked"}, {"Key", "a"}});
  EXPECT_EQ(at(head, "/ObjectLockMode"), "GOVERNANCE");
  EXPECT_EQ(at(head, "/ObjectLockLegalHoldStatus"), "ON");
  EXPECT_EQ(at(answer("GetObjectTagging", {{"Bucket", "locked"}, {"Key", "a"}}), "/TagSet/0/Value"), "blue");
}

}  // namespace
}  // namespace cairn::services::s3::testing
