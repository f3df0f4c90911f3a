// Multipart uploads: begun, given parts, completed or given up; and that nothing of them stays behind.
#include "services/s3/checksums.h"
#include "services/s3/s3_testing.h"
#include "services/s3/uploads.h"

namespace cairn::services::s3::testing {
namespace {

using CatalogFault = catalog::memory::Faults::Kind;

std::string sum_of(std::string_view algorithm, const std::string& bytes) {
  return checksum_of(algorithm, std::as_bytes(std::span(bytes)));
}

class MultipartTest : public S3Test {
 protected:
  MultipartTest()
      : S3Test({.object_bytes_max = 100'000, .multipart_bytes_max = 200'000, .part_bytes_min = 1000}) {}
  void SetUp() override { make_bucket("mine"); }

  std::string begin(std::string_view key = "a", object more = {}) {
    more["Bucket"] = "mine";
    more["Key"] = key;
    return at(answer("CreateMultipartUpload", std::move(more)), "/UploadId");
  }
  Answered put_part(std::string_view id, int number, std::string bytes, std::string_view key = "a") {
    return answer("UploadPart", {{"Bucket", "mine"}, {"Key", key}, {"UploadId", id}, {"PartNumber", number}},
                  std::move(bytes));
  }
  static object part_of(const Answered& uploaded, int number) {
    object part{{"PartNumber", number}};
    if (uploaded) {
      for (const auto& [name, value] : uploaded->output) {
        part[name] = value;
      }
    }
    return part;
  }
  Answered complete(std::string_view id, array parts, object more = {}, std::string_view key = "a") {
    more["Bucket"] = "mine";
    more["Key"] = key;
    more["UploadId"] = id;
    more["MultipartUpload"] = object{{"Parts", std::move(parts)}};
    return answer("CompleteMultipartUpload", std::move(more));
  }
  // Of parts with these sizes; their bytes are noise of their numbers.
  Answered upload(std::string_view key, const std::vector<std::size_t>& sizes) {
    const auto id = begin(key);
    array parts;
    int number = 0;
    for (const auto size : sizes) {
      ++number;
      parts.push_back(part_of(put_part(id, number, noise(size, static_cast<unsigned>(number)), key), number));
    }
    return complete(id, std::move(parts), {}, key);
  }
  std::size_t dropped() { return run(sweeper->sweep_dropped()).value(); }
  std::size_t garbage() { return run(sweeper->sweep_garbage()).value(); }
  void expect_nothing_left() {
    timers.advance(Sweeper::kPartsGrace);
    dropped();
    garbage();
    EXPECT_THAT(blobs(), IsEmpty());
    for (const auto* prefix : {"s3/part/", "s3/dropped/", "s3/blob/", "s3/garbage/", "s3/upload/"}) {
      EXPECT_THAT(documents(prefix), IsEmpty()) << prefix;
    }
  }
};

TEST_F(MultipartTest, parts_become_an_object) {
  const auto done = upload("a", {5000, 3000, 10});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(at(done, "/ETag"), HasSubstr("-3\""));
  EXPECT_EQ(at(done, "/Location"), "http://127.0.0.1/mine/a");
  EXPECT_EQ(get("mine", "a"), noise(5000, 1) + noise(3000, 2) + noise(10, 3));
  EXPECT_EQ(at(answer("HeadObject", {{"Bucket", "mine"}, {"Key", "a"}}), "/ContentLength"), "8010");
  EXPECT_THAT(documents("s3/upload/"), IsEmpty());
  ASSERT_TRUE(remove("mine", "a"));
  expect_nothing_left();
}

TEST_F(MultipartTest, ranges_go_over_the_parts) {
  ASSERT_TRUE(upload("a", {2000, 1000, 3000, 1}));
  const auto all = noise(2000, 1) + noise(1000, 2) + noise(3000, 3) + noise(1, 4);
  for (const auto& [first, last] : std::vector<std::pair<std::size_t, std::size_t>>{{0, 0},
                                                                                    {0, 1999},
                                                                                    {1999, 2000},
                                                                                    {2000, 2999},
                                                                                    {1500, 5999},
                                                                                    {6000, 6000},
                                                                                    {0, 6000},
                                                                                    {2999, 3000}}) {
    const auto range = "bytes=" + std::to_string(first) + "-" + std::to_string(last);
    const auto got = answer("GetObject", {{"Bucket", "mine"}, {"Key", "a"}, {"Range", range}});
    ASSERT_TRUE(got) << range;
    EXPECT_EQ(got->body, all.substr(first, last - first + 1)) << range;
  }
}

TEST_F(MultipartTest, more_parts_than_are_read_ahead) {
  std::string all;
  const auto id = begin();
  array parts;
  for (int number = 1; number <= 600; ++number) {
    all += noise(1000, static_cast<unsigned>(number));
    parts.push_back(part_of(put_part(id, number, noise(1000, static_cast<unsigned>(number))), number));
    if (all.size() >= 199'000) {
      break;
    }
  }
  ASSERT_TRUE(complete(id, parts));
  EXPECT_EQ(get("mine", "a"), all);
}

TEST_F(MultipartTest, headers_and_metadata_are_those_of_the_beginning) {
  const auto id = begin("a", {{"ContentType", "text/plain"}, {"Metadata", object{{"team", "blue"}}}});
  ASSERT_TRUE(complete(id, {part_of(put_part(id, 1, "x"), 1)}));
  const auto head = answer("HeadObject", {{"Bucket", "mine"}, {"Key", "a"}});
  EXPECT_EQ(at(head, "/ContentType"), "text/plain");
  EXPECT_EQ(at(head, "/Metadata/team"), "blue");
}

TEST_F(MultipartTest, what_completing_refuses) {
  const auto id = begin();
  const auto one = part_of(put_part(id, 1, noise(1000, 1)), 1);
  const auto two = part_of(put_part(id, 2, noise(999, 2)), 2);
  const auto three = part_of(put_part(id, 3, noise(2000, 3)), 3);
  auto wrong = one;
  wrong["ETag"] = "\"0123\"";
  auto none = one;
  none["PartNumber"] = 9;
  auto summed = one;
  summed["ChecksumCRC32"] = "AAAAAA==";
  const struct {
    array parts;
    object more;
    const char* said;
  } rows[] = {
      {{}, {}, "MalformedXML 400"},
      {{object{{"PartNumber", 1}}}, {}, "MalformedXML 400"},
      {{three, one}, {}, "InvalidPartOrder 400"},
      {{one, one}, {}, "InvalidPartOrder 400"},
      {{wrong}, {}, "InvalidPart 400"},
      {{none}, {}, "InvalidPart 400"},
      {{summed}, {}, "InvalidPart 400"},
      {{one, two, three}, {}, "EntityTooSmall 400"},
      {{one}, {{"MpuObjectSize", 999}}, "InvalidRequest 400"},
      {{one}, {{"ChecksumCRC32", "AAAAAA=="}}, "InvalidRequest 400"},
      {{one}, {{"IfMatch", "x"}}, "NoSuchKey 404"},
      {{one, two}, {{"MpuObjectSize", 1999}}, "ok"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(said(complete(id, row.parts, row.more)), row.said)
        << json::serialize(row.parts) << json::serialize(row.more);
  }
  EXPECT_EQ(get("mine", "a"), noise(1000, 1) + noise(999, 2));
  EXPECT_EQ(said(complete(begin(), {one})), "InvalidPart 400");
  EXPECT_EQ(said(complete("none", {one})), "NoSuchUpload 404");
  EXPECT_EQ(said(complete("../../x", {one})), "NoSuchUpload 404");
  const auto other = begin();
  const auto again = part_of(put_part(other, 1, "x"), 1);
  EXPECT_EQ(said(complete(other, {again}, {{"IfNoneMatch", "*"}})), "PreconditionFailed 412");
}

TEST_F(MultipartTest, an_object_in_parts_has_a_limit_too) {
  const auto id = begin();
  array parts;
  for (int number = 1; number <= 3; ++number) {
    parts.push_back(part_of(put_part(id, number, noise(100'000)), number));
  }
  EXPECT_EQ(said(put_part(id, 4, noise(100'001))), "EntityTooLarge 400");
  EXPECT_EQ(said(complete(id, parts)), "EntityTooLarge 400");
}

// Who asks twice, because the answer was lost, gets it twice.
TEST_F(MultipartTest, completing_again_says_the_same) {
  const auto id = begin();
  const array parts{part_of(put_part(id, 1, "x"), 1)};
  const auto first = complete(id, parts);
  const auto second = complete(id, parts);
  ASSERT_TRUE(second);
  EXPECT_EQ(at(first, "/ETag"), at(second, "/ETag"));
  ASSERT_TRUE(put("mine", "a", "y"));
  EXPECT_EQ(said(complete(id, parts)), "NoSuchUpload 404");
}

TEST_F(MultipartTest, a_part_may_be_put_again_and_parts_may_be_left_out) {
  const auto id = begin();
  ASSERT_TRUE(put_part(id, 1, noise(2000, 1)));
  const auto right = part_of(put_part(id, 1, noise(2000, 2)), 1);
  ASSERT_TRUE(put_part(id, 2, noise(2000, 3)));
  const auto last = part_of(put_part(id, 5, noise(5, 4)), 5);
  ASSERT_TRUE(complete(id, {right, last}));
  EXPECT_EQ(get("mine", "a"), noise(2000, 2) + noise(5, 4));
  timers.advance(Sweeper::kGrace);
  EXPECT_EQ(garbage(), 2U);
  EXPECT_EQ(blobs().size(), 2U);
}

TEST_F(MultipartTest, part_numbers_and_uploads_that_are_none) {
  const auto id = begin();
  for (const int number : {0, 10'001, -1}) {
    EXPECT_EQ(said(put_part(id, number, "x")), "InvalidArgument 400") << number;
  }
  EXPECT_EQ(said(put_part("none", 1, "x")), "NoSuchUpload 404");
  EXPECT_EQ(said(put_part(id, 1, "x", "other key")), "NoSuchUpload 404");
  EXPECT_EQ(said(answer("AbortMultipartUpload", {{"Bucket", "mine"}, {"Key", "a"}, {"UploadId", "none"}})),
            "NoSuchUpload 404");
  EXPECT_EQ(said(answer("ListParts", {{"Bucket", "mine"}, {"Key", "a"}, {"UploadId", "none"}})),
            "NoSuchUpload 404");
}

TEST_F(MultipartTest, an_upload_that_is_given_up_leaves_nothing) {
  const auto id = begin();
  ASSERT_TRUE(put_part(id, 1, noise(2000, 1)));
  ASSERT_TRUE(put_part(id, 2, noise(2000, 2)));
  ASSERT_TRUE(answer("AbortMultipartUpload", {{"Bucket", "mine"}, {"Key", "a"}, {"UploadId", id}}));
  EXPECT_EQ(said(put_part(id, 3, "x")), "NoSuchUpload 404");
  EXPECT_EQ(dropped(), 0U);  // not yet
  EXPECT_EQ(blobs().size(), 2U);
  expect_nothing_left();
}

// Of a part that comes and the upload's end one happens.
TEST_F(MultipartTest, a_part_and_the_end_at_once) {
  for (const bool aborts : {true, false}) {
    const auto id = begin();
    const array parts{part_of(put_part(id, 1, "x"), 1)};
    auto late = make("UploadPart", {{"Bucket", "mine"}, {"Key", "a"}, {"UploadId", id}, {"PartNumber", 2}},
                     noise(2000));
    auto outcome = run(service->run(*late->call));
    ASSERT_TRUE(outcome);
    if (aborts) {
      ASSERT_TRUE(answer("AbortMultipartUpload", {{"Bucket", "mine"}, {"Key", "a"}, {"UploadId", id}}));
    } else {
      ASSERT_TRUE(complete(id, parts));
    }
    EXPECT_FALSE(run(catalog->commit(std::move(outcome->effects))));
    late.reset();
    EXPECT_EQ(run(sweeper->sweep_leftovers()).value(), 1U);
  }
}

// Its number lies between those that are listed: it would become a piece of the object.
TEST_F(MultipartTest, a_part_that_comes_in_between_meanwhile_is_noticed) {
  const auto id = begin();
  const array parts{part_of(put_part(id, 1, noise(5000, 1)), 1), part_of(put_part(id, 3, "end"), 3)};
  const auto late = make(
      "CompleteMultipartUpload",
      {{"Bucket", "mine"}, {"Key", "a"}, {"UploadId", id}, {"MultipartUpload", object{{"Parts", parts}}}});
  auto outcome = run(service->run(*late->call));
  ASSERT_TRUE(outcome) << outcome.error().message;
  ASSERT_TRUE(put_part(id, 2, noise(2000, 2)));
  EXPECT_FALSE(run(catalog->commit(std::move(outcome->effects))));
}

// What was looked at is what becomes the object.
TEST_F(MultipartTest, a_part_that_is_put_again_meanwhile_is_noticed) {
  const auto id = begin();
  const auto one = part_of(put_part(id, 1, noise(2000, 1)), 1);
  const auto late = make("CompleteMultipartUpload", {{"Bucket", "mine"},
                                                     {"Key", "a"},
                                                     {"UploadId", id},
                                                     {"MultipartUpload", object{{"Parts", array{one}}}}});
  auto outcome = run(service->run(*late->call));
  ASSERT_TRUE(outcome);
  ASSERT_TRUE(put_part(id, 1, noise(2000, 2)));
  EXPECT_FALSE(run(catalog->commit(std::move(outcome->effects))));
}

TEST_F(MultipartTest, checksums_of_parts_make_the_objects) {
  const auto all = noise(2000, 1) + noise(10, 2);
  const struct {
    const char* algorithm;
    const char* type;
  } rows[] = {{"CRC32", "COMPOSITE"},      {"CRC32C", "COMPOSITE"},  {"SHA1", "COMPOSITE"},
              {"SHA256", "COMPOSITE"},     {"CRC32", "FULL_OBJECT"}, {"CRC32C", "FULL_OBJECT"},
              {"CRC64NVME", "FULL_OBJECT"}};
  for (const auto& row : rows) {
    const std::string member = "Checksum" + std::string(row.algorithm);
    const auto id = begin("a", {{"ChecksumAlgorithm", row.algorithm}, {"ChecksumType", row.type}});
    const auto one = put_part(id, 1, noise(2000, 1));
    EXPECT_EQ(at(one, "/" + member), sum_of(row.algorithm, noise(2000, 1)));
    const auto done = complete(id, {part_of(one, 1), part_of(put_part(id, 2, noise(10, 2)), 2)});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(at(done, "/ChecksumType"), row.type);
    const auto shown = at(done, "/" + member);
    if (row.type == std::string_view("FULL_OBJECT")) {
      EXPECT_EQ(shown, sum_of(row.algorithm, all));
    } else {
      EXPECT_TRUE(shown.ends_with("-2")) << shown;
    }
    const auto head = answer("HeadObject", {{"Bucket", "mine"}, {"Key", "a"}, {"ChecksumMode", "ENABLED"}});
    EXPECT_EQ(at(head, "/" + member), shown);
    EXPECT_EQ(at(head, "/ChecksumType"), row.type);
  }
}

TEST_F(MultipartTest, a_composite_checksum_needs_every_parts) {
  const auto id = begin("a", {{"ChecksumAlgorithm", "CRC32"}});
  auto one = part_of(put_part(id, 1, "x"), 1);
  one.erase("ChecksumCRC32");
  EXPECT_EQ(said(complete(id, {one})), "InvalidRequest 400");
  const auto full = begin("a", {{"ChecksumAlgorithm", "CRC32"}, {"ChecksumType", "FULL_OBJECT"}});
  auto first = part_of(put_part(full, 1, "x"), 1);
  first.erase("ChecksumCRC32");
  EXPECT_EQ(said(complete(full, {first}, {{"ChecksumCRC32", "AAAAAA=="}})), "BadDigest 400");
  EXPECT_EQ(said(complete(full, {first}, {{"ChecksumType", "COMPOSITE"}})), "InvalidRequest 400");
  EXPECT_EQ(said(complete(full, {first})), "ok");
}

// With the number of parts or without it (minio-go).
TEST_F(MultipartTest, a_composite_checksum_may_be_promised_in_two_spellings) {
  for (const auto* algorithm : {"CRC32", "SHA256"}) {
    const std::string member = "Checksum" + std::string(algorithm);
    const auto ended = [&](std::string_view promised) {
      const auto id = begin("a", {{"ChecksumAlgorithm", algorithm}});
      const auto one = part_of(put_part(id, 1, noise(2000, 1)), 1);
      const auto two = part_of(put_part(id, 2, noise(10, 2)), 2);
      return promised.empty() ? complete(id, {one, two}) : complete(id, {one, two}, {{member, promised}});
    };
    const auto value = at(ended(""), "/" + member);
    ASSERT_TRUE(value.ends_with("-2"));
    const auto bare = value.substr(0, value.size() - 2);
    EXPECT_EQ(at(ended(value), "/" + member), value);
    EXPECT_EQ(at(ended(bare), "/" + member), value);
    for (const auto& wrong : {bare + "-", bare + "-1", bare + "-22", bare + "2", bare.substr(1), value + "-2",
                              sum_of(algorithm, noise(2000, 1)), std::string("-2")}) {
      EXPECT_EQ(said(ended(wrong)), "BadDigest 400") << wrong;
    }
  }
  const auto full = begin("a", {{"ChecksumAlgorithm", "CRC32"}, {"ChecksumType", "FULL_OBJECT"}});
  const auto part = part_of(put_part(full, 1, "x"), 1);
  const auto sum = sum_of("CRC32", "x");
  EXPECT_EQ(said(complete(full, {part}, {{"ChecksumCRC32", sum + "-1"}})), "BadDigest 400");
  EXPECT_EQ(said(complete(full, {part}, {{"ChecksumCRC32", sum}})), "ok");
}

TEST_F(MultipartTest, parts_are_listed_a_page_at_a_time) {
  const auto id = begin();
  for (const int number : {1, 2, 7}) {
    ASSERT_TRUE(put_part(id, number, noise(static_cast<std::size_t>(number))));
  }
  object question{{"Bucket", "mine"}, {"Key", "a"}, {"UploadId", id}, {"MaxParts", 2}};
  auto page = answer("ListParts", question);
  EXPECT_EQ(at(page, "/IsTruncated"), "true");
  EXPECT_EQ(at(page, "/Parts/1/PartNumber"), "2");
  EXPECT_EQ(at(page, "/NextPartNumberMarker"), "2");
  question["PartNumberMarker"] = 2;
  page = answer("ListParts", question);
  EXPECT_EQ(at(page, "/IsTruncated"), "false");
  EXPECT_EQ(at(page, "/Parts/0/PartNumber"), "7");
  EXPECT_EQ(at(page, "/Parts/0/Size"), "7");
  EXPECT_EQ(at(page, "/Parts/1"), "");
}

TEST_F(MultipartTest, uploads_are_listed_by_key_and_beginning) {
  std::map<std::string, std::vector<std::string>> begun;
  for (const auto* key : {"b/1", "a", "b/2", "a", "c", "a"}) {
    begun[key].push_back(begin(key));
    clock.advance(Millis{1});
  }
  std::vector<std::string> seen;
  object question{{"Bucket", "mine"}, {"MaxUploads", 2}, {"Delimiter", "/"}};
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = answer("ListMultipartUploads", question);
    ASSERT_TRUE(page);
    for (const auto& one : page->output.at("Uploads").get_array()) {
      seen.push_back(std::string(json::text_of(one.at("Key").get_string())) + " " +
                     std::string(json::text_of(one.at("UploadId").get_string())));
    }
    for (const auto& one : page->output.at("CommonPrefixes").get_array()) {
      seen.emplace_back(json::text_of(one.at("Prefix").get_string()));
    }
    if (at(page, "/IsTruncated") == "false") {
      break;
    }
    question["KeyMarker"] = at(page, "/NextKeyMarker");
    question["UploadIdMarker"] = at(page, "/NextUploadIdMarker");
  }
  EXPECT_THAT(seen, ElementsAre("a " + begun["a"][0], "a " + begun["a"][1], "a " + begun["a"][2], "b/",
                                "c " + begun["c"][0]));
  const auto some = answer("ListMultipartUploads", {{"Bucket", "mine"}, {"Prefix", "b/"}});
  EXPECT_EQ(at(some, "/Uploads/1/Key"), "b/2");
  EXPECT_EQ(at(some, "/Uploads/2"), "");
}

TEST_F(MultipartTest, a_crash_at_every_commit_leaves_nothing_for_ever) {
  for (const auto kind :
       {CatalogFault::unavailable, CatalogFault::unknown_not_applied, CatalogFault::unknown_applied}) {
    for (std::size_t nth = 1; nth <= 5; ++nth) {
      catalog->fail({.every = nth, .kind = kind});
      const auto id = begin();
      const auto one = put_part(id, 1, noise(2000, 1));
      const auto two = put_part(id, 2, noise(2000, 2));
      static_cast<void>(complete(id, {part_of(one, 1), part_of(two, 2)}));
      static_cast<void>(put("mine", "a", "small"));
      catalog->fail({});
      restart("run" + std::to_string(nth) + std::to_string(static_cast<int>(kind)));
      for (const auto& upload : documents("s3/upload/")) {
        const auto read = upload_from((*run(catalog->get(upload)))->value);
        ASSERT_TRUE(
            answer("AbortMultipartUpload", {{"Bucket", "mine"}, {"Key", "a"}, {"UploadId", read->id}}));
      }
      static_cast<void>(remove("mine", "a"));
      static_cast<void>(run(sweeper->sweep_orphans()));
      expect_nothing_left();
    }
  }
}

TEST(UploadDocument, is_read_as_it_was_written_and_damage_is_an_error) {
  Upload upload{
      .id = "1", .object = {}, .algorithm = "CRC32", .checksum_type = "COMPOSITE", .initiator = "arn"};
  upload.object.key = "a";
  upload.object.etag = "1";
  const auto back = upload_from(to_document(upload));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_document(*back), to_document(upload));
  for (const auto* damaged : {"", "{}", R"({"id":"1"})", R"({"id":"1","object":"{}"})"}) {
    EXPECT_FALSE(upload_from(damaged)) << damaged;
  }
}

}  // namespace
}  // namespace cairn::services::s3::testing
