// Versions of objects: put, read, listed, removed; against the obvious way to keep them.
#include "services/s3/keeping.h"
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

class VersioningTest : public S3Test {
 protected:
  void SetUp() override { make_bucket("mine"); }

  Answered set(std::string_view status) {
    return answer("PutBucketVersioning",
                  {{"Bucket", "mine"}, {"VersioningConfiguration", object{{"Status", status}}}});
  }
  std::string put_version(std::string_view key, std::string body) {
    return at(put("mine", key, std::move(body)), "/VersionId");
  }
  Answered on_version(std::string_view operation, std::string_view key, std::string_view version) {
    return answer(operation, {{"Bucket", "mine"}, {"Key", key}, {"VersionId", version}});
  }
  std::string get_version(std::string_view key, std::string_view version) {
    const auto got = on_version("GetObject", key, version);
    return got ? got->body : said(got);
  }
  // "a=id* b=marker", of one page; a star at the current ones.
  std::vector<std::string> rows_of(const Answered& listed) {
    std::vector<std::string> rows;
    for (const auto* member : {"Versions", "DeleteMarkers"}) {
      for (const auto& row : listed->output.at(member).as_array()) {
        rows.push_back(std::string(row.at("Key").as_string()) + "=" +
                       std::string(row.at("VersionId").as_string()) +
                       (row.at("IsLatest").as_bool() ? "*" : "") + (*member == 'D' ? "!" : ""));
      }
    }
    return rows;
  }
  std::vector<std::string> all_rows() { return rows_of(answer("ListObjectVersions", {{"Bucket", "mine"}})); }
};

TEST_F(VersioningTest, the_setting) {
  EXPECT_EQ(at(answer("GetBucketVersioning", {{"Bucket", "mine"}}), "/Status"), "");
  const struct {
    object configuration;
    const char* said;
    const char* then;
  } rows[] = {
      {{{"Status", "Enabled"}}, "ok", "Enabled"},
      {{{"Status", "Suspended"}}, "ok", "Suspended"},
      {{{"Status", "Enabled"}, {"MFADelete", "Disabled"}}, "ok", "Enabled"},
      {{{"Status", "Enabled"}, {"MFADelete", "Enabled"}}, "NotImplemented 501", "Enabled"},
      {{{"Status", "Off"}}, "IllegalVersioningConfigurationException 400", "Enabled"},
      {{}, "IllegalVersioningConfigurationException 400", "Enabled"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(said(answer("PutBucketVersioning",
                          {{"Bucket", "mine"}, {"VersioningConfiguration", row.configuration}})),
              row.said);
    EXPECT_EQ(at(answer("GetBucketVersioning", {{"Bucket", "mine"}}), "/Status"), row.then);
  }
}

TEST_F(VersioningTest, every_version_is_kept) {
  EXPECT_EQ(put_version("a", "before"), "");
  ASSERT_TRUE(set("Enabled"));
  const auto one = put_version("a", "one");
  const auto two = put_version("a", noise(10'000));
  EXPECT_EQ(one.size(), 32U);
  EXPECT_NE(one, two);
  EXPECT_EQ(get("mine", "a"), noise(10'000));
  EXPECT_EQ(get_version("a", two), noise(10'000));
  EXPECT_EQ(get_version("a", one), "one");
  EXPECT_EQ(get_version("a", "null"), "before");
  EXPECT_EQ(at(on_version("HeadObject", "a", one), "/VersionId"), one);
  EXPECT_EQ(at(answer("HeadObject", {{"Bucket", "mine"}, {"Key", "a"}}), "/VersionId"), two);
  EXPECT_EQ(get_version("a", std::string(32, '0')), "NoSuchVersion 404");
  EXPECT_EQ(get_version("b", one), "NoSuchVersion 404");
  EXPECT_EQ(get_version("a", "nonsense"), "InvalidArgument 400");
  EXPECT_EQ(get_version("a", ""), "InvalidArgument 400");
  EXPECT_THAT(all_rows(), ElementsAre("a=" + two + "*", "a=" + one, "a=null"));
  EXPECT_EQ(said(answer("DeleteBucket", {{"Bucket", "mine"}})), "BucketNotEmpty 409");
}

TEST_F(VersioningTest, a_delete_marker_hides) {
  ASSERT_TRUE(set("Enabled"));
  const auto one = put_version("a", "one");
  const auto marked = remove("mine", "a");
  const auto marker = at(marked, "/VersionId");
  EXPECT_EQ(at(marked, "/DeleteMarker"), "true");
  const auto hidden = answer("GetObject", {{"Bucket", "mine"}, {"Key", "a"}});
  ASSERT_EQ(said(hidden), "NoSuchKey 404");
  EXPECT_THAT(hidden.error().headers,
              ElementsAre(std::pair("x-amz-version-id", marker), std::pair("x-amz-delete-marker", "true")));
  const auto named = on_version("GetObject", "a", marker);
  ASSERT_EQ(said(named), "MethodNotAllowed 405");
  EXPECT_EQ(named.error().headers.front(), std::pair(std::string("Allow"), std::string("DELETE")));
  EXPECT_EQ(get_version("a", one), "one");
  EXPECT_EQ(at(answer("ListObjectsV2", {{"Bucket", "mine"}}), "/KeyCount"), "0");
  EXPECT_THAT(all_rows(), ElementsAre("a=" + one, "a=" + marker + "*!"));
  const auto unmarked = on_version("DeleteObject", "a", marker);
  EXPECT_EQ(at(unmarked, "/DeleteMarker"), "true");
  EXPECT_EQ(get("mine", "a"), "one");
  EXPECT_EQ(at(on_version("DeleteObject", "a", one), "/VersionId"), one);
  EXPECT_THAT(all_rows(), IsEmpty());
  EXPECT_EQ(said(answer("DeleteBucket", {{"Bucket", "mine"}})), "ok");
  EXPECT_THAT(documents("s3/gone/"), IsEmpty());
}

TEST_F(VersioningTest, suspended_there_is_one_null_version) {
  ASSERT_TRUE(set("Enabled"));
  const auto one = put_version("a", noise(10'000, 1));
  ASSERT_TRUE(set("Suspended"));
  EXPECT_EQ(put_version("a", noise(10'000, 2)), "null");
  EXPECT_EQ(put_version("a", noise(10'000, 3)), "null");
  EXPECT_EQ(get_version("a", one), noise(10'000, 1));
  EXPECT_THAT(all_rows(), ElementsAre("a=null*", "a=" + one));
  ASSERT_TRUE(set("Enabled"));
  const auto two = put_version("a", "two");
  EXPECT_EQ(get_version("a", "null"), noise(10'000, 3));
  ASSERT_TRUE(set("Suspended"));
  EXPECT_EQ(at(remove("mine", "a"), "/VersionId"), "null");
  EXPECT_THAT(all_rows(), ElementsAre("a=" + two, "a=" + one, "a=null*!"));
  EXPECT_EQ(documents("s3/garbage/").size(), 2U);
  expect_consistent();
}

// Old listings go on where versions were removed meanwhile.
TEST_F(VersioningTest, a_listing_goes_on_behind_what_is_gone) {
  ASSERT_TRUE(set("Enabled"));
  std::vector<std::string> ids;
  for (int i = 0; i < 6; ++i) {
    ids.push_back(put_version("a", "x"));
  }
  std::size_t seen = 0;
  object input{{"Bucket", "mine"}, {"MaxKeys", 2}};
  for (int page = 0; page < 10; ++page) {
    const auto listed = answer("ListObjectVersions", input);
    for (const auto& row : listed->output.at("Versions").as_array()) {
      ++seen;
      ASSERT_TRUE(on_version("DeleteObject", "a", row.at("VersionId").as_string()));
    }
    if (at(listed, "/IsTruncated") == "false") {
      break;
    }
    input["KeyMarker"] = at(listed, "/NextKeyMarker");
    input["VersionIdMarker"] = at(listed, "/NextVersionIdMarker");
  }
  EXPECT_EQ(seen, 6U);
  EXPECT_THAT(documents("s3/object/"), IsEmpty());
  EXPECT_THAT(documents("s3/version/"), IsEmpty());
}

// The obvious way: a list of versions for each key, the newest first.
struct Naive {
  struct One {
    std::string id;
    std::optional<std::string> body;  // none: a delete marker
  };
  std::map<std::string, std::vector<One>> keys;
  std::string status;

  void add(const std::string& key, One one) {
    auto& all = keys[key];
    if (one.id == "null") {
      std::erase_if(all, [](const One& other) { return other.id == "null"; });
    }
    all.insert(all.begin(), std::move(one));
  }
  std::vector<std::string> rows() const {
    std::vector<std::string> shown;
    for (const bool markers : {false, true}) {
      for (const auto& [key, all] : keys) {
        for (std::size_t i = 0; i < all.size(); ++i) {
          if (all[i].body.has_value() != markers) {
            shown.push_back(key + "=" + all[i].id + (i == 0 ? "*" : "") + (markers ? "!" : ""));
          }
        }
      }
    }
    return shown;
  }
};

class AgainstTheObviousTest : public VersioningTest {
 protected:
  void step(Naive& naive, std::mt19937& random, int number) {
    static const std::vector<std::string> kKeys = {"a", "a/", "a/b", std::string("a\0b", 3), "b"};
    const auto key = kKeys[random() % kKeys.size()];
    const bool large = random() % 3 == 0;
    const auto what = random() % 8;
    if (what < 3) {
      const auto body = large ? noise(9'000, static_cast<unsigned>(number)) : std::to_string(number);
      const auto id = at(put("mine", key, body), "/VersionId");
      naive.add(key, {id.empty() ? "null" : id, body});
    } else if (what == 3) {
      const auto id = at(remove("mine", key), "/VersionId");
      if (naive.status.empty()) {
        naive.keys.erase(key);
      } else {
        naive.add(key, {id, std::nullopt});
      }
    } else if (what < 7) {
      auto& all = naive.keys[key];
      if (!all.empty()) {
        const auto it = all.begin() + static_cast<std::ptrdiff_t>(random() % all.size());
        ASSERT_TRUE(on_version("DeleteObject", key, it->id));
        all.erase(it);
      }
    } else if (number > 20) {
      naive.status = random() % 2 == 0 ? "Enabled" : "Suspended";
      ASSERT_TRUE(set(naive.status));
    }
    std::erase_if(naive.keys, [](const auto& entry) { return entry.second.empty(); });
  }
  void expect_same(const Naive& naive) {
    ASSERT_EQ(all_rows(), naive.rows());
    for (const auto& [key, all] : naive.keys) {
      EXPECT_EQ(get("mine", key), all[0].body.value_or("NoSuchKey 404"));
      for (const auto& one : all) {
        EXPECT_EQ(get_version(key, one.id), one.body.value_or("MethodNotAllowed 405"));
      }
    }
  }
};

TEST_F(AgainstTheObviousTest, whatever_is_done) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    std::mt19937 random(seed);
    Naive naive;
    for (int number = 0; number < 120; ++number) {
      step(naive, random, number);
      if (HasFatalFailure()) {
        return;
      }
      expect_same(naive);
    }
    expect_consistent();
    for (const auto& [key, all] : naive.keys) {
      for (const auto& one : all) {
        ASSERT_TRUE(on_version("DeleteObject", key, one.id));
      }
    }
    ASSERT_TRUE(answer("DeleteBucket", {{"Bucket", "mine"}}));
    EXPECT_THAT(documents("s3/version/"), IsEmpty());
    EXPECT_THAT(documents("s3/blob/"), IsEmpty());
    make_bucket("mine");
  }
}

// Page by page, with and without a delimiter, the same rows come once each.
TEST_F(AgainstTheObviousTest, pages) {
  std::mt19937 random(7);
  Naive naive;
  naive.status = "Enabled";
  ASSERT_TRUE(set("Enabled"));
  for (int number = 0; number < 20; ++number) {
    step(naive, random, number);
  }
  const auto whole = [&](object input) {
    std::vector<std::string> rows;
    for (int page = 0; page < 100; ++page) {
      const auto listed = answer("ListObjectVersions", input);
      EXPECT_TRUE(listed);
      const auto some = rows_of(listed);
      rows.insert(rows.end(), some.begin(), some.end());
      for (const auto& prefix : listed->output.at("CommonPrefixes").as_array()) {
        rows.push_back(std::string(prefix.at("Prefix").as_string()));
      }
      if (at(listed, "/IsTruncated") == "false") {
        break;
      }
      input["KeyMarker"] = at(listed, "/NextKeyMarker");
      input.erase("VersionIdMarker");
      if (const auto version = at(listed, "/NextVersionIdMarker"); !version.empty()) {
        input["VersionIdMarker"] = version;
      }
    }
    std::ranges::sort(rows);
    return rows;
  };
  for (const auto* prefix : {"", "a", "a/", "b", "c"}) {
    for (const auto* delimiter : {"", "/"}) {
      const auto all =
          whole({{"Bucket", "mine"}, {"Prefix", prefix}, {"Delimiter", delimiter}, {"MaxKeys", 1000}});
      for (const int size : {1, 2, 3, 5}) {
        EXPECT_EQ(
            whole({{"Bucket", "mine"}, {"Prefix", prefix}, {"Delimiter", delimiter}, {"MaxKeys", size}}), all)
            << prefix << " " << delimiter << " " << size;
      }
    }
  }
}

// As version 1 of the format has them: docs/formats/s3.md.
TEST_F(VersioningTest, documents_as_they_were_written_first) {
  const auto bucket = bucket_from((*run(catalog->get("s3/bucket/mine")))->value);
  const auto older = version_key(*bucket, "a", 0);
  EXPECT_EQ(older, "s3/version/" + bucket->id + "/a" + std::string("\0\x01", 2) + "ffffffffffffffff");
  EXPECT_EQ(version_key(*bucket, std::string("\0", 1), 1),
            "s3/version/" + bucket->id + "/" + std::string("\0\xff\0\x01", 4) + "fffffffffffffffe");
  const std::string id = "00000001aaaaaaaaaaaaaaaaaaaaaaaa";
  catalog::Transaction made;
  made.writes.push_back(
      {"s3/object/" + bucket->id + "/a",
       R"({"key":"a","size":5,"etag":"x","modified":1,"checksums":{},"headers":{},"metadata":{},
                             "bytes":"aGVsbG8=","tags":{"team":"blue"},"version":")" +
           id + R"(","sequence":1,"null_at":0,"lock_mode":"GOVERNANCE","retain_until":2,"legal_hold":true})",
       std::nullopt});
  made.writes.push_back(
      {older,
       R"({"key":"a","size":2,"etag":"y","modified":1,"checksums":{},"headers":{},"metadata":{},
                             "bytes":"aGk="})",
       std::nullopt});
  ASSERT_TRUE(run(catalog->commit(std::move(made))));
  ASSERT_TRUE(set("Enabled"));
  EXPECT_EQ(get_version("a", id), "hello");
  EXPECT_EQ(get_version("a", "null"), "hi");
  const auto head = answer("HeadObject", {{"Bucket", "mine"}, {"Key", "a"}});
  EXPECT_EQ(at(head, "/ObjectLockMode") + at(head, "/ObjectLockLegalHoldStatus") + at(head, "/TagCount"),
            "GOVERNANCEON1");
  EXPECT_EQ(said(on_version("DeleteObject", "a", id)), "AccessDenied 403");
  const auto text =
      R"({"name":"b","id":"i","account":"1","region":"r","created":0,"policy":"","versioning":"Enabled",
                        "object_lock":{"mode":"COMPLIANCE","days":0,"years":2}})";
  const auto locked = bucket_from(text);
  ASSERT_TRUE(locked);
  EXPECT_EQ(locked->versioning + locked->default_mode, "EnabledCOMPLIANCE");
  EXPECT_TRUE(locked->object_lock && locked->default_years == 2);
}

// A put that began under the rules of before is done by those of now, or not at all.
TEST_F(VersioningTest, a_change_of_the_rules_is_noticed) {
  ASSERT_TRUE(put("mine", "a", "first"));
  for (const auto* operation : {"PutObject", "DeleteObject"}) {
    const auto late = make(operation, {{"Bucket", "mine"}, {"Key", "a"}}, "late");
    auto outcome = run(service->run(*late->call));
    ASSERT_TRUE(outcome);
    ASSERT_TRUE(set("Enabled"));
    const auto committed = run(catalog->commit(std::move(outcome->effects)));
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().code, Errc::conflict);
  }
  EXPECT_EQ(get("mine", "a"), "first");
}

}  // namespace
}  // namespace cairn::services::s3::testing
