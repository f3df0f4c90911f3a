// Copies, removals of many, tags, conditions and attributes.
#include "services/s3/copy_object.h"

#include "services/s3/checksums.h"
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

class CopyObjectTest : public S3Test {
 protected:
  void SetUp() override {
    make_bucket("mine");
    make_bucket("other");
  }
  Answered answer(std::string_view operation, object input, std::string body = {}) {
    constexpr std::string_view kMost =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
            {"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::mine/secret*"}]})";
    const auto request = make(operation, std::move(input), std::move(body));
    request->head.target = target;
    auto& caller = request->call->caller;
    caller.principal.kind = access::PrincipalKind::root;
    caller.policies = {*access::Policy::parse(kMost, access::PolicyKind::identity)};
    return perform(*request);
  }
  Answered copy(std::string_view source, std::string_view key, object more = {}) {
    more["Bucket"] = "mine";
    more["Key"] = key;
    more["CopySource"] = source;
    return answer("CopyObject", std::move(more));
  }
  void enable(std::string_view bucket) {
    ASSERT_TRUE(answer("PutBucketVersioning",
                       {{"Bucket", bucket}, {"VersioningConfiguration", object{{"Status", "Enabled"}}}}));
  }

  std::string target = "/";
};

TEST_F(CopyObjectTest, sources) {
  const struct {
    std::string text;
    std::string bucket;  // empty: refused
    std::string key;
    std::optional<std::string> version;
  } rows[] = {
      {"b/k", "b", "k", {}},
      {"/b/k", "b", "k", {}},
      {"b/a%20b/c%3Fd", "b", "a b/c?d", {}},
      {"b%2Fk", "b", "k", {}},
      {"b/k?versionId=v1", "b", "k", "v1"},
      {"b/k%3FversionId=v1", "b", "k?versionId=v1", {}},
      {"b//k", "b", "/k", {}},
      {"b/+", "b", "+", {}},
      {"b", "", "", {}},
      {"b/", "", "", {}},
      {"//k", "", "", {}},
      {"", "", "", {}},
      {"b/%", "", "", {}},
  };
  for (const auto& row : rows) {
    const auto source = parse_copy_source(row.text);
    ASSERT_EQ(source.has_value(), !row.bucket.empty()) << row.text;
    if (source) {
      EXPECT_EQ(source->bucket, row.bucket);
      EXPECT_EQ(source->key, row.key);
      EXPECT_EQ(source->version, row.version);
    }
  }
}

TEST_F(CopyObjectTest, bytes_and_what_is_said_of_them) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{100}, std::size_t{300'000}}) {
    ASSERT_TRUE(answer("PutObject",
                       {{"Bucket", "other"},
                        {"Key", "a b"},
                        {"ContentType", "text/plain"},
                        {"Tagging", "team=blue&x=y"},
                        {"Metadata", object{{"one", "1"}}}},
                       noise(size)));
    const auto copied = copy("other/a%20b", "to");
    EXPECT_EQ(at(copied, "/CopyObjectResult/ETag"),
              "\"" + codec::hex_encode(crypto::md5(noise(size))) + "\"");
    const auto got = answer("GetObject", {{"Bucket", "mine"}, {"Key", "to"}});
    EXPECT_EQ(got->body, noise(size));
    EXPECT_EQ(at(got, "/ContentType"), "text/plain");
    EXPECT_EQ(at(got, "/Metadata/one"), "1");
    EXPECT_EQ(at(got, "/TagCount"), "2");
    ASSERT_TRUE(copy("other/a%20b", "new",
                     {{"MetadataDirective", "REPLACE"},
                      {"TaggingDirective", "REPLACE"},
                      {"ContentType", "text/html"},
                      {"Tagging", "z=1"}}));
    const auto anew = answer("HeadObject", {{"Bucket", "mine"}, {"Key", "new"}});
    EXPECT_EQ(at(anew, "/ContentType"), "text/html");
    EXPECT_EQ(at(anew, "/Metadata"), "");
    EXPECT_EQ(at(anew, "/TagCount"), "1");
    const auto bytes = noise(size);
    const auto summed = copy("other/a%20b", "summed", {{"ChecksumAlgorithm", "SHA256"}});
    EXPECT_EQ(at(summed, "/CopyObjectResult/ChecksumSHA256"),
              checksum_of("SHA256", std::as_bytes(std::span<const char>(bytes))));
  }
  expect_consistent();
}

TEST_F(CopyObjectTest, what_is_refused) {
  ASSERT_TRUE(put("mine", "a", "x"));
  const auto etag = codec::hex_encode(crypto::md5("x"));
  const auto now = seconds_since_epoch(clock.now());
  const struct {
    const char* source;
    const char* key;
    object more;
    const char* said;
  } rows[] = {
      {"mine/a", "b", {}, "ok"},
      {"mine/none", "b", {}, "NoSuchKey 404"},
      {"none/a", "b", {}, "NoSuchBucket 404"},
      {"mine/a", "a", {}, "InvalidRequest 400"},
      {"mine/a", "a", {{"MetadataDirective", "REPLACE"}}, "ok"},
      {"mine/a", "b", {{"MetadataDirective", "OTHER"}}, "InvalidArgument 400"},
      {"mine/a", "b", {{"Tagging", "a=b"}}, "InvalidArgument 400"},
      {"mine/a", "b", {{"CopySourceIfMatch", etag}}, "ok"},
      {"mine/a", "b", {{"CopySourceIfMatch", "other"}}, "PreconditionFailed 412"},
      {"mine/a", "b", {{"CopySourceIfNoneMatch", etag}}, "PreconditionFailed 412"},
      {"mine/a", "b", {{"CopySourceIfModifiedSince", now + 9}}, "PreconditionFailed 412"},
      {"mine/a", "b", {{"CopySourceIfUnmodifiedSince", now - 9}}, "PreconditionFailed 412"},
      {"mine/a", "b", {{"IfNoneMatch", "*"}}, "PreconditionFailed 412"},
      {"mine/a", "c", {{"IfNoneMatch", "*"}}, "ok"},
      {"mine/a", "b", {{"ExpectedSourceBucketOwner", kBob}}, "AccessDenied 403"},
      {"mine/a", "b", {{"ServerSideEncryption", "aws:kms"}}, "NotImplemented 501"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(said(copy(row.source, row.key, row.more)), row.said)
        << row.source << " " << row.key << " " << json::serialize(row.more);
  }
}

TEST_F(CopyObjectTest, takes_no_room_where_there_is_none) {
  ASSERT_TRUE(answer("PutObject", {{"Bucket", "other"}, {"Key", "large"}}, std::string(100'000, 'x')));
  const auto blobs = run(blob->list("", "", 1000))->size();
  room.full = true;
  EXPECT_EQ(said(copy("other/large", "to")), "ServiceUnavailable 503");
  EXPECT_EQ(run(blob->list("", "", 1000))->size(), blobs);
  room.full = false;
  EXPECT_EQ(said(copy("other/large", "to")), "ok");
}

TEST_F(CopyObjectTest, asks_for_the_source_too) {
  enable("other");
  ASSERT_TRUE(put("other", "a", "x"));
  ASSERT_TRUE(copy("other/a", "b"));
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].action + " " + asked[0].resource, "s3:PutObject arn:aws:s3:::mine/b");
  EXPECT_EQ(asked[1].action + " " + asked[1].resource, "s3:GetObject arn:aws:s3:::other/a");
  const auto version = at(answer("HeadObject", {{"Bucket", "other"}, {"Key", "a"}}), "/VersionId");
  const auto copied = copy("other/a?versionId=" + version, "b");
  EXPECT_EQ(at(copied, "/CopySourceVersionId"), version);
  EXPECT_EQ(asked[1].action, "s3:GetObjectVersion");
}

TEST_F(CopyObjectTest, many_are_deleted_each_by_itself) {
  enable("mine");
  for (const auto* key : {"a", "b", "secret", "c"}) {
    ASSERT_TRUE(put("mine", key, key));
  }
  const auto version = at(answer("HeadObject", {{"Bucket", "mine"}, {"Key", "c"}}), "/VersionId");
  const array objects{object{{"Key", "a"}}, object{{"Key", "none"}}, object{{"Key", "secret"}},
                      object{{"Key", "c"}, {"VersionId", version}},
                      object{{"Key", "c"}, {"VersionId", "nonsense"}}};
  target = "/mine?delete&long-parameter=" + std::string(5'000, 'x');
  const auto done = answer("DeleteObjects", {{"Bucket", "mine"}, {"Delete", object{{"Objects", objects}}}});
  target = "/";
  ASSERT_EQ(said(done), "ok");
  EXPECT_EQ(done->output.at("Deleted").as_array().size(), 3U);
  EXPECT_EQ(at(done, "/Deleted/0/DeleteMarker"), "true");
  EXPECT_EQ(at(done, "/Deleted/2/VersionId"), version);
  EXPECT_EQ(at(done, "/Errors/0/Code"), "AccessDenied");
  EXPECT_EQ(at(done, "/Errors/1/Code"), "InvalidArgument");
  EXPECT_EQ(get("mine", "a"), "NoSuchKey 404");
  EXPECT_EQ(get("mine", "b"), "b");
  EXPECT_EQ(get("mine", "secret"), "secret");
  const auto rows = run(catalog->outbox(0, 100));
  ASSERT_EQ(rows->size(), 5U);
  EXPECT_THAT(rows->at(0).payload, HasSubstr(R"("eventName":"DeleteObject")"));
  EXPECT_THAT(rows->at(2).payload, HasSubstr(R"("errorCode":"AccessDenied")"));
  EXPECT_THAT(rows->at(0).payload, ::testing::Not(HasSubstr("long-parameter"))) << "that is the whole call's";
  const auto quiet = answer(
      "DeleteObjects",
      {{"Bucket", "mine"}, {"Delete", object{{"Objects", array{object{{"Key", "b"}}}}, {"Quiet", true}}}});
  EXPECT_EQ(at(quiet, "/Deleted"), "[]");
  EXPECT_EQ(get("mine", "b"), "NoSuchKey 404");
}

TEST_F(CopyObjectTest, deletions_are_recorded_as_the_call_came) {
  ASSERT_TRUE(put("mine", "a", "a"));
  const auto request = make(
      "DeleteObjects", {{"Bucket", "mine"}, {"Delete", object{{"Objects", array{object{{"Key", "a"}}}}}}});
  request->call->tls = {.version = "TLSv1.3", .cipher = "TLS_AES_128_GCM_SHA256"};
  ASSERT_TRUE(perform(*request));
  const auto rows = run(catalog->outbox(0, 100));
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_THAT(rows->at(0).payload, HasSubstr(R"("cipherSuite":"TLS_AES_128_GCM_SHA256")"));
}

// All versions of a key in one call.
TEST_F(CopyObjectTest, a_key_may_be_named_more_than_once) {
  enable("mine");
  array objects;
  for (int i = 0; i < 5; ++i) {
    const auto version = at(put("mine", "a", noise(9'000, static_cast<unsigned>(i))), "/VersionId");
    objects.push_back(object{{"Key", "a"}, {"VersionId", version}});
  }
  std::ranges::reverse(objects);
  ASSERT_TRUE(answer("DeleteObjects", {{"Bucket", "mine"}, {"Delete", object{{"Objects", objects}}}}));
  EXPECT_THAT(documents("s3/object/"), IsEmpty());
  EXPECT_THAT(documents("s3/version/"), IsEmpty());
  EXPECT_EQ(documents("s3/garbage/").size(), 5U);
  expect_consistent();
}

TEST_F(CopyObjectTest, tags) {
  ASSERT_TRUE(answer("PutObject", {{"Bucket", "mine"}, {"Key", "a"}, {"Tagging", "team=blue%20sky&x="}}));
  EXPECT_EQ(at(answer("GetObjectTagging", {{"Bucket", "mine"}, {"Key", "a"}}), "/TagSet"),
            R"([{"Key":"team","Value":"blue sky"},{"Key":"x","Value":""}])");
  // As forms write it: Go's and Python's libraries, and so Terraform.
  ASSERT_TRUE(answer("PutObject", {{"Bucket", "mine"}, {"Key", "a"}, {"Tagging", "My+team=blue+sky%2B"}}));
  EXPECT_EQ(at(answer("GetObjectTagging", {{"Bucket", "mine"}, {"Key", "a"}}), "/TagSet"),
            R"([{"Key":"My team","Value":"blue sky+"}])");
  ASSERT_TRUE(answer("PutObject", {{"Bucket", "mine"}, {"Key", "a"}, {"Tagging", "team=blue%20sky&x="}}));
  array eleven;
  for (int i = 0; i < 11; ++i) {
    eleven.push_back(object{{"Key", std::to_string(i)}, {"Value", "v"}});
  }
  const struct {
    array set;
    const char* said;
  } rows[] = {
      {{object{{"Key", "a"}, {"Value", "b"}}}, "ok"},
      {{}, "ok"},
      {eleven, "BadRequest 400"},
      {{object{{"Key", ""}, {"Value", "b"}}}, "InvalidTag 400"},
      {{object{{"Key", "a*"}, {"Value", "b"}}}, "InvalidTag 400"},
      {{object{{"Key", std::string(129, 'a')}, {"Value", "b"}}}, "InvalidTag 400"},
      {{object{{"Key", "a"}, {"Value", std::string(257, 'b')}}}, "InvalidTag 400"},
      {{object{{"Key", "a"}, {"Value", "b"}}, object{{"Key", "a"}, {"Value", "c"}}}, "InvalidTag 400"},
      {{object{{"Key", "last"}, {"Value", "\xc3\xa4"}}}, "ok"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(said(answer("PutObjectTagging",
                          {{"Bucket", "mine"}, {"Key", "a"}, {"Tagging", object{{"TagSet", row.set}}}})),
              row.said);
  }
  EXPECT_EQ(at(answer("HeadObject", {{"Bucket", "mine"}, {"Key", "a"}}), "/TagCount"), "1");
  ASSERT_TRUE(answer("DeleteObjectTagging", {{"Bucket", "mine"}, {"Key", "a"}}));
  EXPECT_EQ(at(answer("GetObjectTagging", {{"Bucket", "mine"}, {"Key", "a"}}), "/TagSet"), "[]");
}

TEST_F(CopyObjectTest, conditions) {
  ASSERT_TRUE(put("mine", "a", "x"));
  const auto etag = "\"" + codec::hex_encode(crypto::md5("x")) + "\"";
  const auto now = seconds_since_epoch(clock.now());
  const struct {
    object given;
    const char* said;  // "ok", "304", or the error
  } rows[] = {
      {{{"IfNoneMatch", etag}}, "304"},
      {{{"IfNoneMatch", "*"}}, "304"},
      {{{"IfNoneMatch", "other"}}, "ok"},
      {{{"IfModifiedSince", now}}, "304"},
      {{{"IfModifiedSince", now + 9}}, "304"},
      {{{"IfModifiedSince", now - 9}}, "ok"},
      {{{"IfNoneMatch", "other"}, {"IfModifiedSince", now + 9}}, "ok"},
      {{{"IfUnmodifiedSince", now}}, "ok"},
      {{{"IfUnmodifiedSince", now - 9}}, "PreconditionFailed 412"},
      {{{"IfMatch", etag}, {"IfUnmodifiedSince", now - 9}}, "ok"},
      {{{"IfMatch", "other"}, {"IfNoneMatch", etag}}, "PreconditionFailed 412"},
      {{{"IfMatch", etag}, {"IfNoneMatch", etag}}, "304"},
  };
  for (const auto& row : rows) {
    for (const auto* operation : {"GetObject", "HeadObject"}) {
      auto input = row.given;
      input["Bucket"] = "mine";
      input["Key"] = "a";
      const auto got = answer(operation, input);
      EXPECT_EQ(got && got->status ? std::to_string(*got->status) : said(got), row.said)
          << json::serialize(row.given);
    }
  }
  const auto put_if = [&](const char* key, object more) {
    more["Bucket"] = "mine";
    more["Key"] = key;
    return said(answer("PutObject", std::move(more), "y"));
  };
  EXPECT_EQ(put_if("a", {{"IfNoneMatch", "*"}}), "PreconditionFailed 412");
  EXPECT_EQ(put_if("b", {{"IfNoneMatch", "*"}}), "ok");
  EXPECT_EQ(put_if("c", {{"IfMatch", etag}}), "NoSuchKey 404");
  EXPECT_EQ(put_if("a", {{"IfMatch", "other"}}), "PreconditionFailed 412");
  EXPECT_EQ(put_if("a", {{"IfMatch", etag}}), "ok");
  EXPECT_EQ(put_if("a", {{"IfNoneMatch", etag}}), "NotImplemented 501");
}

TEST_F(CopyObjectTest, attributes_and_other_headers) {
  ASSERT_TRUE(put("mine", "a", "x"));
  const array all{"ETag", "ObjectSize", "StorageClass", "Checksum", "ObjectParts"};
  const auto got =
      answer("GetObjectAttributes", {{"Bucket", "mine"}, {"Key", "a"}, {"ObjectAttributes", all}});
  EXPECT_EQ(at(got, "/ETag"), codec::hex_encode(crypto::md5("x")));
  EXPECT_EQ(at(got, "/ObjectSize"), "1");
  EXPECT_EQ(asked.size(), 2U);
  const auto other =
      answer("GetObject",
             {{"Bucket", "mine"}, {"Key", "a"}, {"ResponseContentType", "text/x"}, {"ResponseExpires", 0}});
  EXPECT_EQ(at(other, "/ContentType"), "text/x");
  EXPECT_EQ(at(other, "/Expires"), "Thu, 01 Jan 1970 00:00:00 GMT");
}

}  // namespace
}  // namespace cairn::services::s3::testing
