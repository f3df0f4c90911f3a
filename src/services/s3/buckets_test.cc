// Buckets: their names, regions and owners, and their end.
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

class BucketsTest : public S3Test {};

TEST_F(BucketsTest, names) {
  const struct {
    std::string name;
    bool good;
  } rows[] = {
      {"abc", true},
      {"a-b", true},
      {"a.b.c", true},
      {"1ab", true},
      {"123", true},
      {"1.2.3", true},
      {"1.2.3.4.5", true},
      {"a--b", true},
      {std::string(63, 'x'), true},
      {"ab", false},
      {"", false},
      {std::string(64, 'x'), false},
      {"Abc", false},
      {"a_b", false},
      {"a b", false},
      {"-ab", false},
      {"ab-", false},
      {".ab", false},
      {"ab.", false},
      {"a..b", false},
      {"192.168.5.4", false},
      {"xn--abc", false},
      {"sthree-abc", false},
      {"abc-s3alias", false},
      {"abc--ol-s3", false},
      {"abc.mrap", false},
      {"abc--x-s3", false},
      {"abc--table-s3", false},
      {"a/b", false},
      {"b\xc3\xbc"
       "cher",
       false},
      {std::string("ab\0", 3), false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(said(answer("CreateBucket", {{"Bucket", row.name}})), row.good ? "ok" : "InvalidBucketName 400")
        << row.name;
  }
}

TEST_F(BucketsTest, regions) {
  const struct {
    std::string signed_for;
    std::optional<std::string> wanted;
    std::string said;
    std::string region;
  } rows[] = {
      {"us-east-1", {}, "ok", "us-east-1"},
      {"us-east-1", "eu-west-1", "ok", "eu-west-1"},
      {"eu-west-1", "eu-west-1", "ok", "eu-west-1"},
      {"eu-west-1", "EU", "ok", "eu-west-1"},
      {"eu-west-1", {}, "IllegalLocationConstraintException 400", ""},
      {"eu-west-1", "us-west-2", "IllegalLocationConstraintException 400", ""},
      {"us-east-1", "nowhere", "InvalidLocationConstraint 400", ""},
  };
  int number = 0;
  for (const auto& row : rows) {
    const auto name = "bucket-" + std::to_string(number++);
    region = row.signed_for;
    object input{{"Bucket", name}};
    if (row.wanted) {
      input["CreateBucketConfiguration"] = object{{"LocationConstraint", *row.wanted}};
    }
    EXPECT_EQ(said(answer("CreateBucket", input)), row.said) << name;
    if (row.said == "ok") {
      EXPECT_EQ(at(answer("HeadBucket", {{"Bucket", name}}), "/BucketRegion"), row.region);
      EXPECT_EQ(at(answer("GetBucketLocation", {{"Bucket", name}}), "/LocationConstraint"),
                row.region == "us-east-1" ? "" : row.region);
    }
  }
  region = "eu-west-1";
  const auto refused = answer("CreateBucket", {{"Bucket", "last"}});
  EXPECT_THAT(refused.error().message, HasSubstr("The unspecified location constraint"));
}

TEST_F(BucketsTest, a_name_is_taken_once) {
  make_bucket("mine");
  EXPECT_EQ(said(answer("CreateBucket", {{"Bucket", "mine"}})), "ok");  // us-east-1 takes it as said twice
  EXPECT_EQ(writes, 0U);
  const object elsewhere{{"Bucket", "west"},
                         {"CreateBucketConfiguration", object{{"LocationConstraint", "eu-west-1"}}}};
  EXPECT_EQ(said(answer("CreateBucket", elsewhere)), "ok");
  EXPECT_EQ(said(answer("CreateBucket", elsewhere)), "BucketAlreadyOwnedByYou 409");
  account = kBob;
  EXPECT_EQ(said(answer("CreateBucket", {{"Bucket", "mine"}})), "BucketAlreadyExists 409");
}

TEST_F(BucketsTest, two_who_make_the_same_bucket_at_once) {
  const auto ann = make("CreateBucket", {{"Bucket", "both"}});
  account = kBob;
  const auto bob = make("CreateBucket", {{"Bucket", "both"}});
  auto one = run(service->run(*ann->call));
  auto two = run(service->run(*bob->call));
  ASSERT_TRUE(one && two);
  EXPECT_TRUE(run(catalog->commit(std::move(one->effects))));
  EXPECT_FALSE(run(catalog->commit(std::move(two->effects))));
  EXPECT_EQ(said(perform(*bob)), "BucketAlreadyExists 409");
}

TEST_F(BucketsTest, arguments_that_would_change_what_is_done_are_refused) {
  EXPECT_EQ(said(answer("CreateBucket", {{"Bucket", "abc"}, {"ACL", "public-read"}})),
            "AccessControlListNotSupported 400");
  EXPECT_EQ(said(answer("CreateBucket", {{"Bucket", "abc"}, {"ObjectOwnership", "ObjectWriter"}})),
            "NotImplemented 501");
  EXPECT_EQ(said(answer("CreateBucket", {{"Bucket", "abc"}, {"GrantRead", "id=1"}})), "NotImplemented 501");
  EXPECT_EQ(said(answer("CreateBucket", {{"Bucket", "abc"}, {"ACL", "private"}})), "ok");
}

class FewBucketsTest : public S3Test {
 protected:
  FewBucketsTest() : S3Test({.buckets_per_account_max = 3}) {}
};

TEST_F(FewBucketsTest, an_account_has_only_so_many) {
  for (const auto* name : {"one", "two", "three"}) {
    make_bucket(name);
  }
  EXPECT_EQ(said(answer("CreateBucket", {{"Bucket", "four"}})), "TooManyBuckets 400");
  EXPECT_EQ(said(answer("CreateBucket", {{"Bucket", "one"}})), "ok");
  account = kBob;
  make_bucket("four");
  account = kAnn;
  EXPECT_EQ(said(answer("DeleteBucket", {{"Bucket", "one"}})), "ok");
  make_bucket("five");
}

TEST_F(BucketsTest, what_is_not_there) {
  for (const auto* operation : {"HeadBucket", "GetBucketLocation", "GetBucketAcl", "GetBucketPolicy",
                                "DeleteBucketPolicy", "PutBucketPolicy", "DeleteBucket", "ListObjects",
                                "ListObjectsV2", "GetObject", "HeadObject", "PutObject", "DeleteObject"}) {
    const auto answered = answer(operation, {{"Bucket", "nothing"}, {"Key", "x"}, {"Policy", "{}"}});
    EXPECT_THAT(said(answered), ::testing::AnyOf("NoSuchBucket 404", "NotImplemented 501")) << operation;
    const auto plain = answer(operation, {{"Bucket", "nothing"}});
    EXPECT_EQ(said(plain), "NoSuchBucket 404") << operation;
    EXPECT_EQ(plain.error().extra.at(0).second, "nothing");
  }
}

TEST_F(BucketsTest, another_account_than_expected) {
  make_bucket("mine");
  EXPECT_EQ(said(answer("HeadBucket", {{"Bucket", "mine"}, {"ExpectedBucketOwner", kAnn}})), "ok");
  EXPECT_EQ(said(answer("HeadBucket", {{"Bucket", "mine"}, {"ExpectedBucketOwner", kBob}})),
            "AccessDenied 403");
}

TEST_F(BucketsTest, its_acl_is_its_owners) {
  make_bucket("mine");
  const auto acl = answer("GetBucketAcl", {{"Bucket", "mine"}});
  EXPECT_EQ(at(acl, "/Owner/ID"), canonical_id(kAnn));
  EXPECT_EQ(at(acl, "/Grants/0/Grantee/ID"), canonical_id(kAnn));
  EXPECT_EQ(at(acl, "/Grants/0/Permission"), "FULL_CONTROL");
  EXPECT_NE(canonical_id(kAnn), canonical_id(kBob));
  EXPECT_EQ(canonical_id(kAnn).size(), 64U);
}

// ---- lists ----

class ListBucketsTest : public S3Test {
 protected:
  // All names, page by page.
  std::vector<std::string> all(object input, std::size_t* pages = nullptr) {
    std::vector<std::string> names;
    for (int page = 0; page < 5000; ++page) {
      const auto answered = answer("ListBuckets", input);
      if (!answered) {
        return {said(answered)};
      }
      for (const auto& bucket : answered->output.at("Buckets").as_array()) {
        names.emplace_back(bucket.at("Name").as_string());
      }
      if (pages != nullptr) {
        *pages = static_cast<std::size_t>(page) + 1;
      }
      if (!answered->output.contains("ContinuationToken")) {
        return names;
      }
      input["ContinuationToken"] = answered->output.at("ContinuationToken");
    }
    return {"no end"};
  }
};

TEST_F(ListBucketsTest, ones_own_in_order_and_in_pages) {
  for (const auto* name : {"cherry", "apple", "banana", "apricot"}) {
    make_bucket(name);
  }
  ASSERT_TRUE(answer(
      "CreateBucket",
      {{"Bucket", "west"}, {"CreateBucketConfiguration", object{{"LocationConstraint", "eu-west-1"}}}}));
  account = kBob;
  make_bucket("bobs");
  EXPECT_THAT(all({}), ElementsAre("bobs"));
  account = kAnn;
  EXPECT_THAT(all({}), ElementsAre("apple", "apricot", "banana", "cherry", "west"));
  EXPECT_THAT(all({{"Prefix", "ap"}}), ElementsAre("apple", "apricot"));
  EXPECT_THAT(all({{"Prefix", "x"}}), IsEmpty());
  EXPECT_THAT(all({{"BucketRegion", "eu-west-1"}}), ElementsAre("west"));
  std::size_t pages = 0;
  EXPECT_THAT(all({{"MaxBuckets", 2}}, &pages), ElementsAre("apple", "apricot", "banana", "cherry", "west"));
  EXPECT_EQ(pages, 3U);
  EXPECT_THAT(all({{"MaxBuckets", 5}}, &pages), ElementsAre("apple", "apricot", "banana", "cherry", "west"));
  EXPECT_EQ(pages, 1U);
  EXPECT_THAT(all({{"MaxBuckets", 1}, {"Prefix", "ap"}}), ElementsAre("apple", "apricot"));
  EXPECT_THAT(all({{"ContinuationToken", "!"}}), ElementsAre("InvalidArgument 400"));
  EXPECT_EQ(at(answer("ListBuckets", {}), "/Owner/ID"), canonical_id(kAnn));
}

// The catalog may answer with a shorter page than was asked for.
TEST_F(ListBucketsTest, a_short_page_is_not_the_end) {
  catalog::Limits small;
  small.page_max = 2;
  catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock, small);
  make_service();
  for (const auto* name : {"one", "two", "three", "four", "five"}) {
    make_bucket(name);
  }
  EXPECT_THAT(all({}), ElementsAre("five", "four", "one", "three", "two"));
}

// ---- the end of a bucket ----

TEST_F(BucketsTest, only_an_empty_bucket_is_deleted_and_nothing_of_it_stays) {
  make_bucket("mine");
  ASSERT_TRUE(put("mine", "a", "x"));
  EXPECT_EQ(said(answer("DeleteBucket", {{"Bucket", "mine"}})), "BucketNotEmpty 409");
  ASSERT_TRUE(remove("mine", "a"));
  EXPECT_EQ(said(answer("DeleteBucket", {{"Bucket", "mine"}})), "ok");
  EXPECT_THAT(documents(""), IsEmpty());
  EXPECT_EQ(said(answer("HeadBucket", {{"Bucket", "mine"}})), "NoSuchBucket 404");
}

// An object is put while its bucket is deleted: whoever commits first wins, and the other hears of it.
TEST_F(BucketsTest, a_put_and_a_deletion_at_once) {
  for (const bool put_first : {true, false}) {
    make_bucket("mine");
    const auto deletion = make("DeleteBucket", {{"Bucket", "mine"}});
    const auto putting = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}}, "x");
    ASSERT_TRUE(run(service->asks(*deletion->call)));
    ASSERT_TRUE(run(service->asks(*putting->call)));
    auto gone = run(service->run(*deletion->call));
    auto there = run(service->run(*putting->call));
    ASSERT_TRUE(gone && there);
    auto& first = put_first ? there->effects : gone->effects;
    auto& second = put_first ? gone->effects : there->effects;
    EXPECT_TRUE(run(catalog->commit(std::move(first))));
    const auto committed = run(catalog->commit(std::move(second)));
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().code, Errc::conflict);
    const auto again = run(service->run(put_first ? *deletion->call : *putting->call));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, put_first ? "BucketNotEmpty" : "NoSuchBucket");
    if (put_first) {
      ASSERT_TRUE(remove("mine", "a"));
      ASSERT_TRUE(answer("DeleteBucket", {{"Bucket", "mine"}}));
    }
    EXPECT_THAT(documents(""), IsEmpty());
  }
}

// A bucket is deleted and made again, by somebody else, between a call's decision and its commit. Versions
// start again, so only the bucket's life tells.
TEST_F(BucketsTest, what_was_decided_of_a_bucket_is_not_done_to_its_successor) {
  const std::string policy =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::mine"}})";
  const struct {
    const char* operation;
    object input;
  } rows[] = {
      {"PutObject", {{"Bucket", "mine"}, {"Key", "a"}}},
      {"DeleteBucket", {{"Bucket", "mine"}}},
      {"PutBucketPolicy", {{"Bucket", "mine"}, {"Policy", policy}}},
      {"DeleteBucketPolicy", {{"Bucket", "mine"}}},
  };
  for (const auto& row : rows) {
    account = kAnn;
    make_bucket("mine");
    const auto request = make(row.operation, row.input, "x");
    ASSERT_TRUE(run(service->asks(*request->call)));
    auto outcome = run(service->run(*request->call));
    ASSERT_TRUE(outcome);
    ASSERT_TRUE(answer("DeleteBucket", {{"Bucket", "mine"}}));
    account = kBob;
    make_bucket("mine");
    const auto before = documents("");
    const auto committed = run(catalog->commit(std::move(outcome->effects)));
    ASSERT_FALSE(committed) << row.operation;
    EXPECT_EQ(committed.error().code, Errc::conflict);
    const auto again = run(service->run(*request->call));  // whose policy was asked, is gone
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "NoSuchBucket");
    EXPECT_EQ(documents(""), before);
    ASSERT_TRUE(answer("DeleteBucket", {{"Bucket", "mine"}}));
  }
}

TEST_F(BucketsTest, a_successor_does_not_see_its_predecessors_objects) {
  make_bucket("mine");
  ASSERT_TRUE(put("mine", "a", noise(10'000)));
  ASSERT_TRUE(remove("mine", "a"));
  ASSERT_TRUE(answer("DeleteBucket", {{"Bucket", "mine"}}));
  make_bucket("mine");
  EXPECT_EQ(get("mine", "a"), "NoSuchKey 404");
}

TEST_F(BucketsTest, puts_do_not_stand_in_each_others_way) {
  make_open_bucket("mine");
  std::vector<RequestPtr> requests;
  std::vector<catalog::Transaction> effects;
  for (const auto* key : {"a", "b", "c"}) {
    requests.push_back(make("PutObject", {{"Bucket", "mine"}, {"Key", key}}, "x"));
    auto outcome = run(service->run(*requests.back()->call));
    effects.push_back(std::move(outcome->effects));
  }
  ASSERT_TRUE(answer(
      "PutBucketPolicy",
      {{"Bucket", "mine"},
       {"Policy",
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::mine/*"}})"}}));
  for (auto& one : effects) {
    EXPECT_TRUE(run(catalog->commit(std::move(one))));
  }
}

}  // namespace
}  // namespace cairn::services::s3::testing
