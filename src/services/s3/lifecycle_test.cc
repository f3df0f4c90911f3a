// Lifecycle rules applied: what is over goes, by the rules of versions and locks, each with its record.
#include "services/s3/lifecycle.h"

#include "event/outbox_row.h"
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

constexpr Millis kDay{86'400'000};

class LifecycleTest : public S3Test {
 protected:
  void SetUp() override { make_bucket("mine"); }
  void set_rules(std::string_view rules) {
    const auto put =
        answer("PutBucketLifecycleConfiguration",
               {{"Bucket", "mine"},
                {"LifecycleConfiguration", *json::parse(R"({"Rules":[)" + std::string(rules) + "]}")}});
    ASSERT_TRUE(put) << put.error().message;
  }
  Lifecycle::Applied apply_all() {
    Lifecycle lifecycle(
        {.catalog = *catalog, .blob = *blob, .run = "run2", .timers = timers, .at_rest = at_rest}, clock);
    const auto applied = run(lifecycle.apply());
    EXPECT_TRUE(applied) << applied.error().text();
    return applied ? *applied : Lifecycle::Applied{};
  }
  // How many went; all were done.
  std::size_t apply() {
    const auto applied = apply_all();
    EXPECT_EQ(applied.failed, 0U);
    return applied.removed;
  }
  // The version's id of the delete marker that is a key's current one.
  std::string marker_of(std::string_view key) {
    const auto bucket = *bucket_from((*run(catalog->get(bucket_key("mine"))))->value);
    return object_from((*run(catalog->get(object_key(bucket, key))))->value)->version;
  }
  std::vector<std::string> records() {
    std::vector<std::string> all;
    const auto rows = run(catalog->outbox(0, 100));
    for (const auto& row : *rows) {
      all.push_back(row.payload);
    }
    return all;
  }
};

TEST_F(LifecycleTest, objects_go_when_their_days_are_over) {
  set_rules(R"({"ID":"a","Status":"Enabled","Filter":{"Prefix":"logs/"},"Expiration":{"Days":2}})");
  ASSERT_TRUE(put("mine", "logs/a", noise(10'000)));
  ASSERT_TRUE(put("mine", "keep", "x"));
  EXPECT_EQ(apply(), 0U);
  clock.advance(kDay + kDay);
  EXPECT_EQ(apply(), 0U);  // until the next midnight
  ASSERT_TRUE(put("mine", "logs/b", "x"));
  clock.advance(kDay);
  EXPECT_EQ(apply(), 1U);
  EXPECT_EQ(get("mine", "logs/a"), "NoSuchKey 404");
  EXPECT_EQ(get("mine", "logs/b"), "x");
  EXPECT_EQ(get("mine", "keep"), "x");
  ASSERT_EQ(records().size(), 1U);
  EXPECT_THAT(records()[0], HasSubstr(R"("eventType":"AwsServiceEvent")"));
  EXPECT_THAT(records()[0], HasSubstr(R"("key":"logs/a")"));
  EXPECT_EQ(apply(), 0U);
}

TEST_F(LifecycleTest, disabled_rules_and_buckets_made_anew_are_left_alone) {
  set_rules(R"({"ID":"a","Status":"Disabled","Filter":{},"Expiration":{"Days":1}})");
  ASSERT_TRUE(put("mine", "a", "x"));
  clock.advance(Millis{5 * kDay});
  EXPECT_EQ(apply(), 0U);
  EXPECT_EQ(get("mine", "a"), "x");
}

TEST_F(LifecycleTest, by_size_and_date) {
  const auto at = [](std::int64_t day) { return std::to_string(day * 86'400); };
  const auto today = clock.now().time_since_epoch().count() / kDay.count();
  set_rules(R"({"ID":"big","Status":"Enabled","Filter":{"ObjectSizeGreaterThan":5},"Expiration":{"Date":)" +
            at(today) + R"(}},{"ID":"b","Status":"Enabled","Filter":{"Prefix":"b"},"Expiration":{"Date":)" +
            at(today + 1) + "}}");
  ASSERT_TRUE(put("mine", "a", "12345"));
  ASSERT_TRUE(put("mine", "a6", "123456"));
  ASSERT_TRUE(put("mine", "b", "x"));
  EXPECT_EQ(apply(), 1U);
  EXPECT_EQ(get("mine", "a"), "12345");
  EXPECT_EQ(get("mine", "a6"), "NoSuchKey 404");
  clock.advance(kDay);
  EXPECT_EQ(apply(), 1U);
  EXPECT_EQ(get("mine", "b"), "NoSuchKey 404");
}

TEST_F(LifecycleTest, uploads_that_nobody_completes) {
  set_rules(
      R"({"ID":"u","Status":"Enabled","Filter":{"Prefix":"a"},"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":1}})");
  for (const auto* key : {"a", "b"}) {
    const auto id = at(answer("CreateMultipartUpload", {{"Bucket", "mine"}, {"Key", key}}), "/UploadId");
    ASSERT_TRUE(answer("UploadPart", {{"Bucket", "mine"}, {"Key", key}, {"UploadId", id}, {"PartNumber", 1}},
                       noise(10'000)));
  }
  EXPECT_EQ(apply(), 0U);
  clock.advance(Millis{3 * kDay});
  EXPECT_EQ(apply(), 1U);
  EXPECT_EQ(documents("s3/upload/").size(), 1U);
  ASSERT_TRUE(answer("DeleteBucket", {{"Bucket", "mine"}}));
  EXPECT_EQ(apply(), 1U);
  EXPECT_THAT(documents("s3/upload/"), IsEmpty());
  timers.advance(Sweeper::kPartsGrace);
  EXPECT_EQ(run(sweeper->sweep_dropped()).value(), 2U);
  EXPECT_THAT(blobs(), IsEmpty());
}

// The job may do no more than anybody: what is locked stays until it is not.
TEST_F(LifecycleTest, locked_versions_stay) {
  ASSERT_TRUE(answer("CreateBucket", {{"Bucket", "locked"}, {"ObjectLockEnabledForBucket", true}}));
  ASSERT_TRUE(answer(
      "PutBucketLifecycleConfiguration",
      {{"Bucket", "locked"},
       {"LifecycleConfiguration",
        *json::parse(
            R"({"Rules":[{"ID":"v","Status":"Enabled","Filter":{},"NoncurrentVersionExpiration":{"NoncurrentDays":1}}]})")}}));
  ASSERT_TRUE(answer("PutObject", {{"Bucket", "locked"}, {"Key", "a"}, {"ObjectLockLegalHoldStatus", "ON"}}));
  ASSERT_TRUE(answer("PutObject", {{"Bucket", "locked"}, {"Key", "a"}}));
  clock.advance(Millis{9 * kDay});
  EXPECT_EQ(apply(), 0U);
  EXPECT_EQ(documents("s3/version/").size(), 1U);
}

TEST_F(LifecycleTest, versions_become_markers_and_go_later) {
  ASSERT_TRUE(answer("PutBucketVersioning",
                     {{"Bucket", "mine"}, {"VersioningConfiguration", object{{"Status", "Enabled"}}}}));
  set_rules(
      R"({"ID":"v","Status":"Enabled","Filter":{},"Expiration":{"Days":1},"NoncurrentVersionExpiration":{"NoncurrentDays":1}},
         {"ID":"m","Status":"Enabled","Filter":{},"Expiration":{"ExpiredObjectDeleteMarker":true}})");
  ASSERT_TRUE(put("mine", "a", "one"));
  clock.advance(Millis{3 * kDay});
  EXPECT_EQ(apply(), 1U);
  EXPECT_EQ(get("mine", "a"), "NoSuchKey 404");
  EXPECT_EQ(documents("s3/version/").size(), 1U);
  EXPECT_EQ(apply(), 0U);
  clock.advance(Millis{3 * kDay});
  EXPECT_EQ(apply(), 2U);  // the version, and then the marker that is alone
  EXPECT_THAT(documents("s3/version/"), IsEmpty());
  EXPECT_THAT(documents("s3/object/"), IsEmpty());
}

// With the rule that most buckets of logs have, nothing is left for ever.
TEST_F(LifecycleTest, days_are_over_for_lone_markers_too) {
  ASSERT_TRUE(answer("PutBucketVersioning",
                     {{"Bucket", "mine"}, {"VersioningConfiguration", object{{"Status", "Enabled"}}}}));
  set_rules(
      R"({"ID":"v","Status":"Enabled","Filter":{"Prefix":"logs/"},"Expiration":{"Days":5},"NoncurrentVersionExpiration":{"NoncurrentDays":1}})");
  ASSERT_TRUE(put("mine", "logs/a", "x"));
  ASSERT_TRUE(remove("mine", "logs/b"));
  ASSERT_TRUE(remove("mine", "other"));
  clock.advance(Millis{7 * kDay});
  EXPECT_EQ(apply(), 2U);  // a marker for the one, and the other one's marker
  clock.advance(Millis{3 * kDay});
  EXPECT_EQ(apply(), 1U);  // the version; its marker is not old enough
  EXPECT_EQ(documents("s3/object/").size(), 2U);
  clock.advance(Millis{4 * kDay});
  EXPECT_EQ(apply(), 1U);
  EXPECT_EQ(documents("s3/object/").size(), 1U);
  ASSERT_TRUE(
      answer("DeleteObject", {{"Bucket", "mine"}, {"Key", "other"}, {"VersionId", marker_of("other")}}));
  EXPECT_TRUE(answer("DeleteBucket", {{"Bucket", "mine"}}));
}

// Not from when the upload was begun that replaced it.
TEST_F(LifecycleTest, a_version_is_noncurrent_since_it_was_replaced) {
  ASSERT_TRUE(answer("PutBucketVersioning",
                     {{"Bucket", "mine"}, {"VersioningConfiguration", object{{"Status", "Enabled"}}}}));
  set_rules(
      R"({"ID":"v","Status":"Enabled","Filter":{},"NoncurrentVersionExpiration":{"NoncurrentDays":30}})");
  object upload{{"Bucket", "mine"}, {"Key", "a"}};
  upload["UploadId"] = at(answer("CreateMultipartUpload", upload), "/UploadId");
  clock.advance(kDay);
  ASSERT_TRUE(put("mine", "a", "one"));
  clock.advance(Millis{39 * kDay});
  upload["PartNumber"] = 1;
  const auto part = answer("UploadPart", upload, "two");
  upload.erase("PartNumber");
  upload["MultipartUpload"] =
      object{{"Parts", array{object{{"PartNumber", 1}, {"ETag", part->output.at("ETag")}}}}};
  ASSERT_TRUE(answer("CompleteMultipartUpload", upload));
  clock.advance(kDay);
  EXPECT_EQ(apply(), 0U);
  ASSERT_EQ(documents("s3/version/").size(), 1U);
  const auto at_version = documents("s3/version/").at(0);
  auto as_before = object_from((*run(catalog->get(at_version)))->value);
  as_before->noncurrent_since.reset();  // written by an earlier Cairn
  as_before->modified = clock.now();
  catalog::Transaction transaction;
  transaction.writes.push_back({at_version, to_document(*as_before), std::nullopt});
  ASSERT_TRUE(run(catalog->commit(std::move(transaction))));
  EXPECT_EQ(apply(), 0U);
  clock.advance(Millis{32 * kDay});
  EXPECT_EQ(apply(), 1U);
  EXPECT_EQ(get("mine", "a"), "two");
}

TEST_F(LifecycleTest, days_begin_anew_for_what_was_current_again) {
  ASSERT_TRUE(answer("PutBucketVersioning",
                     {{"Bucket", "mine"}, {"VersioningConfiguration", object{{"Status", "Enabled"}}}}));
  set_rules(
      R"({"ID":"v","Status":"Enabled","Filter":{},"NoncurrentVersionExpiration":{"NoncurrentDays":30}})");
  ASSERT_TRUE(put("mine", "a", "one"));
  ASSERT_TRUE(remove("mine", "a"));
  clock.advance(Millis{20 * kDay});
  ASSERT_TRUE(answer("DeleteObject", {{"Bucket", "mine"}, {"Key", "a"}, {"VersionId", marker_of("a")}}));
  const auto current = (*run(catalog->get(documents("s3/object/").at(0))))->value;
  EXPECT_FALSE(object_from(current)->noncurrent_since);
  EXPECT_EQ(get("mine", "a"), "one");
  ASSERT_TRUE(put("mine", "a", "two"));
  clock.advance(Millis{20 * kDay});
  EXPECT_EQ(apply(), 0U);
  clock.advance(Millis{12 * kDay});
  EXPECT_EQ(apply(), 1U);
}

// What cannot be committed is for the next time.
TEST_F(LifecycleTest, a_refused_commit_changes_nothing) {
  set_rules(R"({"ID":"a","Status":"Enabled","Filter":{},"Expiration":{"Days":1}})");
  ASSERT_TRUE(put("mine", "a", "x"));
  clock.advance(Millis{3 * kDay});
  catalog->fail({.every = 1, .kind = catalog::memory::Faults::Kind::unavailable});
  const auto applied = apply_all();
  EXPECT_EQ(applied.removed, 0U);
  EXPECT_EQ(applied.failed, 1U);
  catalog->fail({});
  EXPECT_EQ(get("mine", "a"), "x");
  EXPECT_EQ(apply(), 1U);
}

// Neither of its bucket's other objects, nor of other buckets' and accounts', nor of uploads.
TEST_F(LifecycleTest, what_cannot_be_done_is_in_nobodys_way) {
  const object days{
      {"Rules",
       *json::parse(
           R"([{"ID":"a","Status":"Enabled","Filter":{},"Expiration":{"Days":1},"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":1}}])")}};
  for (const auto* name : {"mine", "one", "two", "three"}) {
    if (name != std::string_view("mine")) {
      make_bucket(name);
    }
    ASSERT_TRUE(answer("PutBucketVersioning",
                       {{"Bucket", name}, {"VersioningConfiguration", object{{"Status", "Enabled"}}}}));
    ASSERT_TRUE(
        answer("PutBucketLifecycleConfiguration", {{"Bucket", name}, {"LifecycleConfiguration", days}}));
    ASSERT_TRUE(put(name, "a", "x"));
    ASSERT_TRUE(put(name, "z", "x"));
    ASSERT_TRUE(answer("CreateMultipartUpload", {{"Bucket", name}, {"Key", "u"}}));
  }
  const auto bucket = *bucket_from((*run(catalog->get(bucket_key("mine"))))->value);
  auto object = *object_from((*run(catalog->get(object_key(bucket, "a"))))->value);
  object.key = std::string(1000, '\0');  // as an earlier Cairn took it: no version of it has room
  catalog::Transaction transaction;
  transaction.writes.push_back({object_key(bucket, object.key), to_document(object), 0});
  transaction.writes.push_back({object_key(bucket, "b"), "no document", 0});
  transaction.writes.push_back({"s3/upload/" + bucket.id + "/a", "no document", 0});
  ASSERT_TRUE(run(catalog->commit(std::move(transaction))));
  clock.advance(Millis{5 * kDay});
  const auto applied = apply_all();
  EXPECT_EQ(applied.failed, 3U);
  EXPECT_EQ(applied.removed, 12U);  // two objects and one upload of each bucket
  for (const auto* name : {"mine", "one", "two", "three"}) {
    EXPECT_EQ(get(name, "a"), "NoSuchKey 404") << name;
    EXPECT_EQ(get(name, "z"), "NoSuchKey 404") << name;
  }
  EXPECT_EQ(documents("s3/upload/").size(), 1U);
}

TEST_F(LifecycleTest, keys_whose_versions_have_no_room_are_refused) {
  const std::string key(1000, '\0');
  EXPECT_EQ(said(put("mine", key, "x")), "KeyTooLongError 400");
  EXPECT_EQ(said(answer("CreateMultipartUpload", {{"Bucket", "mine"}, {"Key", key}})), "KeyTooLongError 400");
  ASSERT_TRUE(put("mine", "a", "x"));
  EXPECT_EQ(said(answer("CopyObject", {{"Bucket", "mine"}, {"Key", key}, {"CopySource", "mine/a"}})),
            "KeyTooLongError 400");
  EXPECT_EQ(said(put("mine", std::string(900, '\0'), "x")), "ok");
  EXPECT_EQ(said(put("mine", std::string(1024, 'a'), "x")), "ok");
}

TEST_F(LifecycleTest, by_tag) {
  set_rules(
      R"({"ID":"t","Status":"Enabled","Filter":{"Tag":{"Key":"keep","Value":"no"}},"Expiration":{"Days":1}})");
  for (const auto* value : {"no", "yes"}) {
    ASSERT_TRUE(
        answer("PutObject", {{"Bucket", "mine"}, {"Key", value}, {"Tagging", std::string("keep=") + value}}));
  }
  clock.advance(Millis{3 * kDay});
  EXPECT_EQ(apply(), 1U);
  EXPECT_EQ(get("mine", "no"), "NoSuchKey 404");
  EXPECT_EQ(get("mine", "yes"), "");
}

}  // namespace
}  // namespace cairn::services::s3::testing
