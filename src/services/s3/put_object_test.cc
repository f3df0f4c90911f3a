// Objects: put, overwritten, read whole and in part, deleted; small ones in their document and large ones in
// a blob.
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

constexpr std::size_t kSmall = Limits{}.inline_bytes_max;

class PutObjectTest : public S3Test {
 protected:
  void SetUp() override { make_bucket("mine"); }
  Object document_of(std::string_view key) {
    const auto document = run(catalog->get("s3/object/" + bucket_id() + "/" + std::string(key)));
    return *object_from((*document)->value);
  }
  std::string bucket_id() {
    const auto document = run(catalog->get(bucket_key("mine")));
    return bucket_from((*document)->value)->id;
  }
};

TEST_F(PutObjectTest, what_was_put_comes_back) {
  const struct {
    std::size_t size;
    bool in_a_blob;
  } rows[] = {{0, false},      {1, false},         {1024, false},   {kSmall - 1, false},
              {kSmall, false}, {kSmall + 1, true}, {100'000, true}, {1'000'003, true}};
  std::size_t in_blobs = 0;
  for (const auto& row : rows) {
    const auto bytes = noise(row.size);
    const auto key = "key-" + std::to_string(row.size);
    const auto done = put("mine", key, bytes);
    EXPECT_EQ(at(done, "/ETag"), "\"" + codec::hex_encode(crypto::md5(bytes)) + "\"");
    EXPECT_EQ(writes, row.in_a_blob ? 2U : 1U);
    in_blobs += row.in_a_blob ? 1 : 0;
    EXPECT_EQ(blobs().size(), in_blobs) << row.size;
    const auto got = answer("GetObject", {{"Bucket", "mine"}, {"Key", key}});
    ASSERT_TRUE(got) << row.size;
    EXPECT_EQ(got->body, bytes);
    EXPECT_EQ(at(got, "/ContentLength"), std::to_string(row.size));
    EXPECT_EQ(at(got, "/ContentType"), "binary/octet-stream");
    EXPECT_EQ(at(got, "/AcceptRanges"), "bytes");
    EXPECT_EQ(at(got, "/LastModified"), "1772446500.123");
    const auto head = answer("HeadObject", {{"Bucket", "mine"}, {"Key", key}});
    EXPECT_EQ(head->output, got->output);
    EXPECT_EQ(head->body, "");
  }
  for (const auto& name : blobs()) {
    EXPECT_TRUE(name.starts_with("s3/run2/"));
  }
  expect_consistent();
}

// However the body's pieces fall around the limit.
TEST_F(PutObjectTest, a_body_in_pieces) {
  for (const std::size_t size : {kSmall - 1, kSmall, kSmall + 1, 3 * kSmall}) {
    for (const std::size_t piece : {std::size_t{1000}, kSmall - 1, kSmall, kSmall + 1, 10 * kSmall}) {
      const auto bytes = noise(size, static_cast<unsigned>(piece));
      auto request = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}});
      request->body = std::make_unique<Pieces>(bytes, piece);
      request->call->body = request->body.get();
      ASSERT_TRUE(perform(*request));
      EXPECT_EQ(get("mine", "a"), bytes) << size << " " << piece;
      EXPECT_EQ(document_of("a").blob.empty(), size <= kSmall);
    }
  }
  expect_consistent();
}

TEST_F(PutObjectTest, a_small_objects_document_is_far_below_the_catalogs_limit) {
  object metadata{{"a", std::string(2000, '\x01')}};
  ASSERT_TRUE(answer("PutObject",
                     {{"Bucket", "mine"},
                      {"Key", std::string(1024, '\x01')},
                      {"Metadata", metadata},
                      {"ContentType", std::string(8000, '\x01')},
                      {"ContentDisposition", std::string(8000, '\x01')}},
                     noise(kSmall)));
  const auto page = run(catalog->scan("s3/object/", "", 1));
  EXPECT_LT((*page)[0].value.size(), catalog::Limits{}.value_bytes_max / 4);
}

TEST_F(PutObjectTest, headers_and_metadata_come_back) {
  ASSERT_TRUE(answer("PutObject", {{"Bucket", "mine"},
                                   {"Key", "a"},
                                   {"CacheControl", "no-cache"},
                                   {"ContentDisposition", "inline"},
                                   {"ContentLanguage", "de"},
                                   {"ContentType", "text/plain"},
                                   {"StorageClass", "STANDARD"},
                                   {"Metadata", object{{"Team", "blue"}, {"empty", ""}}}}));
  const auto got = answer("HeadObject", {{"Bucket", "mine"}, {"Key", "a"}});
  EXPECT_EQ(at(got, "/CacheControl"), "no-cache");
  EXPECT_EQ(at(got, "/ContentDisposition"), "inline");
  EXPECT_EQ(at(got, "/ContentLanguage"), "de");
  EXPECT_EQ(at(got, "/ContentType"), "text/plain");
  EXPECT_EQ(at(got, "/Metadata"), R"({"empty":"","team":"blue"})");
  EXPECT_EQ(at(got, "/ContentEncoding"), "");
}

TEST_F(PutObjectTest, aws_chunked_is_no_encoding_of_the_object) {
  const struct {
    const char* sent;
    const char* kept;
  } rows[] = {
      {"aws-chunked", ""},
      {"aws-chunked,gzip", "gzip"},
      {"aws-chunked, gzip", "gzip"},
      {"gzip,aws-chunked", "gzip"},
      {"gzip , AWS-Chunked", "gzip"},
      {"gzip, aws-chunked, br", "gzip,br"},
      {"gzip", "gzip"},
      {"gzip,br", "gzip,br"},
      {"aws-chunkedx", "aws-chunkedx"},
      {" , ,", ""},
      {"", ""},
  };
  for (const auto& row : rows) {
    ASSERT_TRUE(answer("PutObject", {{"Bucket", "mine"}, {"Key", "a"}, {"ContentEncoding", row.sent}}));
    EXPECT_EQ(at(answer("HeadObject", {{"Bucket", "mine"}, {"Key", "a"}}), "/ContentEncoding"), row.kept)
        << row.sent;
  }
}

TEST_F(PutObjectTest, metadata_has_a_limit) {
  const auto with = [&](std::size_t name, std::size_t value) {
    return said(answer(
        "PutObject", {{"Bucket", "mine"},
                      {"Key", "a"},
                      {"Metadata", object{{std::string(name, 'n'), std::string(value, 'v')}, {"b", "c"}}}}));
  };
  EXPECT_EQ(with(46, 2000), "ok");
  EXPECT_EQ(with(46, 2001), "MetadataTooLarge 400");
  EXPECT_EQ(with(47, 2000), "MetadataTooLarge 400");
}

TEST_F(PutObjectTest, keys) {
  const struct {
    std::string key;
    std::string said;
  } rows[] = {
      {"a", "ok"},
      {"a/b/c", "ok"},
      {"/", "ok"},
      {"//a", "ok"},
      {"a/", "ok"},
      {"../../etc/passwd", "ok"},
      {".", "ok"},
      {"space and +%&?#", "ok"},
      {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "ok"},
      {std::string("a\0b", 3), "ok"},
      {std::string(1024, 'x'), "ok"},
      {std::string(1025, 'x'), "KeyTooLongError 400"},
      {"\xff", "InvalidURI 400"},
      {"a\xc3", "InvalidURI 400"},
      {"", "InvalidURI 400"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(said(put("mine", row.key, row.key)), row.said) << row.key;
    if (row.said == "ok") {
      EXPECT_EQ(get("mine", row.key), row.key);
    }
  }
}

TEST_F(PutObjectTest, arguments_that_would_change_what_is_done_are_refused) {
  const struct {
    const char* operation;
    const char* member;
    json::value value;
    const char* said;
  } rows[] = {
      {"PutObject", "ACL", "public-read", "AccessControlListNotSupported 400"},
      {"PutObject", "ACL", "bucket-owner-full-control", "ok"},
      {"PutObject", "ACL", "private", "ok"},
      {"PutObject", "StorageClass", "GLACIER", "NotImplemented 501"},
      {"PutObject", "ServerSideEncryption", "aws:kms", "NotImplemented 501"},
      {"PutObject", "WebsiteRedirectLocation", "/b", "NotImplemented 501"},
      {"PutObject", "IfNoneMatch", "\"x\"", "NotImplemented 501"},
      {"GetObject", "SSECustomerAlgorithm", "AES256", "InvalidRequest 400"},
      {"DeleteObject", "MFA", "1", "NotImplemented 501"},
  };
  for (const auto& row : rows) {
    ASSERT_TRUE(put("mine", "a", "x"));
    EXPECT_EQ(said(answer(row.operation, {{"Bucket", "mine"}, {"Key", "a"}, {row.member, row.value}})),
              row.said)
        << row.operation << " " << row.member;
  }
}

class SmallLimitTest : public S3Test {
 protected:
  SmallLimitTest() : S3Test({.object_bytes_max = 20'000}) {}
};

TEST_F(SmallLimitTest, an_object_has_a_limit) {
  make_bucket("mine");
  EXPECT_EQ(said(put("mine", "a", noise(20'000))), "ok");
  EXPECT_EQ(said(put("mine", "a", noise(20'001))), "EntityTooLarge 400");
  auto request = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}});  // of unknown size
  request->body = std::make_unique<Pieces>(noise(20'001), 4096);
  request->call->body = request->body.get();
  EXPECT_EQ(said(perform(*request)), "EntityTooLarge 400");
  EXPECT_EQ(get("mine", "a"), noise(20'000));
  EXPECT_EQ(blobs().size(), 1U);
}

TEST_F(PutObjectTest, a_body_that_breaks_off_leaves_nothing) {
  const struct {
    Errc code;
    std::optional<aws::Fault> of_the_signature;
    const char* said;
  } rows[] = {
      {Errc::unavailable, {}, "IncompleteBody 400"},
      {Errc::invalid, {}, "IncompleteBody 400"},
      {Errc::invalid, aws::Fault{"SignatureDoesNotMatch", 403, ""}, "SignatureDoesNotMatch 403"},
  };
  for (const std::size_t size : {std::size_t{100}, 3 * kSmall}) {
    for (const auto& row : rows) {
      auto request = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}});
      request->body = std::make_unique<Pieces>(noise(size), 1000, Error{row.code, "read a body"});
      request->call->body = request->body.get();
      request->call->body_fault = [&row] { return row.of_the_signature; };
      EXPECT_EQ(said(perform(*request)), row.said);
    }
  }
  EXPECT_EQ(get("mine", "a"), "NoSuchKey 404");
  EXPECT_THAT(blobs(), IsEmpty());
}

TEST_F(PutObjectTest, a_store_that_fails_is_an_error) {
  blob->fail({.every = 1, .kind = blob::memory::Faults::Kind::unavailable});
  EXPECT_EQ(said(put("mine", "large", noise(10'000))), "ServiceUnavailable 503");
  EXPECT_EQ(said(put("mine", "small", "x")), "ok");
  EXPECT_EQ(get("mine", "large"), "NoSuchKey 404");
}

TEST_F(PutObjectTest, a_body_is_taken_once_however_often_the_call_runs) {
  for (const std::size_t size : {std::size_t{10}, std::size_t{10'000}}) {
    const auto first = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}}, noise(size, 1));
    const auto second = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}}, noise(size, 2));
    auto one = run(service->run(*first->call));
    auto two = run(service->run(*second->call));
    ASSERT_TRUE(one && two);
    ASSERT_TRUE(run(catalog->commit(std::move(one->effects))));
    const auto refused = run(catalog->commit(std::move(two->effects)));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    const auto before = blobs().size();
    auto again = run(service->run(*second->call));
    ASSERT_TRUE(again);
    EXPECT_EQ(blobs().size(), before);
    ASSERT_TRUE(run(catalog->commit(std::move(again->effects))));
    EXPECT_EQ(get("mine", "a"), noise(size, 2));
    expect_consistent();
    EXPECT_EQ(documents("s3/garbage/").size(), size > kSmall ? 1U : 0U);  // the first one's
  }
}

TEST_F(PutObjectTest, overwrites_and_deletions_name_their_garbage) {
  const auto now = std::to_string(clock.now().time_since_epoch().count());
  ASSERT_TRUE(put("mine", "a", noise(10'000, 1)));
  const auto first = blobs().at(0);
  ASSERT_TRUE(put("mine", "a", "small"));
  EXPECT_THAT(documents("s3/garbage/"), ElementsAre("s3/garbage/" + first));
  EXPECT_EQ((*run(catalog->get("s3/garbage/" + first)))->value, now);
  ASSERT_TRUE(put("mine", "a", noise(10'000, 2)));
  EXPECT_EQ(get("mine", "a"), noise(10'000, 2));
  ASSERT_TRUE(remove("mine", "a"));
  EXPECT_EQ(documents("s3/garbage/").size(), 2U);
  EXPECT_EQ(get("mine", "a"), "NoSuchKey 404");
  ASSERT_TRUE(remove("mine", "a"));
  EXPECT_EQ(writes, 0U);
  ASSERT_TRUE(put("mine", "b", "small"));
  ASSERT_TRUE(remove("mine", "b"));
  EXPECT_EQ(documents("s3/garbage/").size(), 2U);
  expect_consistent();
}

}  // namespace
}  // namespace cairn::services::s3::testing
