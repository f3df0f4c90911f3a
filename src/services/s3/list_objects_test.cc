// Listings, compared with the obvious way to make them.
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

struct Listed {
  std::vector<std::string> keys;
  std::vector<std::string> prefixes;
  bool truncated = false;
  bool operator==(const Listed&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Listed& listed) {
  return out << ::testing::PrintToString(listed.keys) << ::testing::PrintToString(listed.prefixes)
             << listed.truncated;
}

struct Question {
  std::string prefix;
  std::string delimiter;
  std::string after;
  std::size_t limit = 1000;
};

// Rolls up all keys, sorts, cuts.
Listed naive(const std::set<std::string>& keys, const Question& question) {
  std::map<std::string, bool> entries;  // by name; true: a common prefix
  for (const auto& key : keys) {
    if (!key.starts_with(question.prefix)) {
      continue;
    }
    const auto at =
        question.delimiter.empty() ? std::string::npos : key.find(question.delimiter, question.prefix.size());
    if (at == std::string::npos) {
      entries[key] = false;
    } else {
      entries[key.substr(0, at + question.delimiter.size())] = true;
    }
  }
  Listed listed;
  for (const auto& [name, is_prefix] : entries) {
    if (name <= question.after) {
      continue;
    }
    if (listed.keys.size() + listed.prefixes.size() == question.limit) {
      listed.truncated = question.limit > 0;
      break;
    }
    (is_prefix ? listed.prefixes : listed.keys).push_back(name);
  }
  return listed;
}

class ListObjectsTest : public S3Test {
 protected:
  explicit ListObjectsTest(Limits limits = {}) : S3Test(limits) {}
  void SetUp() override { make_bucket("mine"); }

  // Straight into the catalog: thousands of puts take their time.
  void add(const std::vector<std::string>& all) {
    const auto document = run(catalog->get(bucket_key("mine")));
    const auto bucket = *bucket_from((*document)->value);
    catalog::Transaction transaction;
    for (const auto& key : all) {
      if (keys.insert(key).second) {
        const Object object{.key = key,
                            .size = 1,
                            .etag = "abc",
                            .modified = clock.now(),
                            .inline_base64 = "eA==",
                            .blob = "",
                            .checksums = {},
                            .headers = {},
                            .metadata = {}};
        transaction.writes.push_back({object_key(bucket, key), to_document(object), 0});
      }
    }
    ASSERT_TRUE(run(catalog->commit(std::move(transaction))));
  }

  void add_markers(const std::vector<std::string>& all) {
    const auto document = run(catalog->get(bucket_key("mine")));
    const auto bucket = *bucket_from((*document)->value);
    catalog::Transaction transaction;
    for (const auto& key : all) {
      Object marker;
      marker.key = key;
      marker.marker = true;
      marker.modified = clock.now();
      transaction.writes.push_back({object_key(bucket, key), to_document(marker), 0});
    }
    ASSERT_TRUE(run(catalog->commit(std::move(transaction))));
  }

  static Listed listed_of(const Answered& answered) {
    Listed listed;
    if (!answered) {
      ADD_FAILURE() << said(answered);
      return listed;
    }
    for (const auto& one : answered->output.at("Contents").as_array()) {
      listed.keys.emplace_back(one.at("Key").as_string());
    }
    for (const auto& one : answered->output.at("CommonPrefixes").as_array()) {
      listed.prefixes.emplace_back(one.at("Prefix").as_string());
    }
    listed.truncated = answered->output.at("IsTruncated").as_bool();
    return listed;
  }
  static object input_of(const Question& question) {
    object input{{"Bucket", "mine"}, {"MaxKeys", question.limit}};
    if (!question.prefix.empty()) {
      input["Prefix"] = question.prefix;
    }
    if (!question.delimiter.empty()) {
      input["Delimiter"] = question.delimiter;
    }
    return input;
  }
  Answered v1(const Question& question) {
    auto input = input_of(question);
    input["Marker"] = question.after;
    return answer("ListObjects", input);
  }
  Answered v2(const Question& question) {
    auto input = input_of(question);
    input["StartAfter"] = question.after;
    return answer("ListObjectsV2", input);
  }

  // Both operations give what the obvious way gives, and so do all pages, one after the other.
  void compare(const Question& question) {
    const auto expected = naive(keys, question);
    const auto where = "prefix " + question.prefix + " delimiter " + question.delimiter + " after " +
                       question.after + " limit " + std::to_string(question.limit);
    EXPECT_EQ(listed_of(v1(question)), expected) << where;
    EXPECT_EQ(listed_of(v2(question)), expected) << where;
    if (question.limit > 0) {
      auto whole = question;
      whole.limit = keys.size() + 1;
      const auto all = naive(keys, whole);
      EXPECT_EQ(walk_v1(question), all) << where;
      EXPECT_EQ(walk_v2(question), all) << where;
    }
  }

  Listed walk_v1(Question question) {
    Listed all;
    while (true) {
      const auto page = v1(question);
      const auto listed = listed_of(page);
      append(all, listed);
      if (!listed.truncated) {
        EXPECT_FALSE(page->output.contains("NextMarker"));
        return all;
      }
      // Without a delimiter there is no NextMarker: clients take the last key. But where it may not be there.
      const bool named = page->output.contains("NextMarker");
      EXPECT_TRUE(named || question.delimiter.empty());
      question.after = named ? at(page, "/NextMarker") : listed.keys.back();
    }
  }
  Listed walk_v2(const Question& question) {
    Listed all;
    auto input = input_of(question);
    input["StartAfter"] = question.after;
    while (true) {
      const auto page = answer("ListObjectsV2", input);
      const auto listed = listed_of(page);
      EXPECT_EQ(at(page, "/KeyCount"), std::to_string(listed.keys.size() + listed.prefixes.size()));
      append(all, listed);
      if (!listed.truncated) {
        EXPECT_FALSE(page->output.contains("NextContinuationToken"));
        return all;
      }
      input["ContinuationToken"] = page->output.at("NextContinuationToken");
    }
  }
  static void append(Listed& all, const Listed& page) {
    all.keys.insert(all.keys.end(), page.keys.begin(), page.keys.end());
    all.prefixes.insert(all.prefixes.end(), page.prefixes.begin(), page.prefixes.end());
  }

  std::set<std::string> keys;
};

const std::vector<std::string> kPhotos = {
    "a",
    "a/",
    "a/b",
    "a/b/c",
    "a/b/d",
    "a/c",
    "a0",
    "b",
    "b/",
    "b/c",
    "c/d/e/f",
    "c//d",
    "c//e",
    "/",
    "//",
    "/x",
    "photo 1",
    "photo+2",
    "photo%3",
    "photo&<4>",
    "Z",
    "z/z/z",
    "zz-z--z",
    "zz-z",
    "\xc3\xa4",
    "\xc3\xa4/\xe2\x82\xac",
    "\xc3\xa4/x",
    "\xe2\x82\xac",
    "\xf0\x9f\x98\x80/a",
    "\xf4\x8f\xbf\xbf",
};

TEST_F(ListObjectsTest, as_the_obvious_way_says) {
  add(kPhotos);
  for (const auto* prefix :
       {"", "a", "a/", "a/b", "c/", "c//", "b", "none", "z", "zz", "/", "\xc3\xa4", "\xc3\xa4/"}) {
    for (const auto* delimiter : {"", "/", "//", "b", "-", "--", "z"}) {
      for (const std::size_t limit : {0U, 1U, 2U, 3U, 7U, 1000U}) {
        compare({.prefix = prefix, .delimiter = delimiter, .after = "", .limit = limit});
      }
    }
  }
}

TEST_F(ListObjectsTest, after_every_key_prefix_and_place_between) {
  add(kPhotos);
  auto places = kPhotos;
  for (const auto* place :
       {"a/a", "a/b/", "a/zzz", "a1", "c", "c/", "c/d", "c/d/", "\xc3", "zzzz", "zz-", "0"}) {
    places.emplace_back(place);
  }
  for (const auto& after : places) {
    for (const auto* delimiter : {"", "/", "-"}) {
      for (const std::size_t limit : {1U, 4U, 1000U}) {
        compare({.prefix = "", .delimiter = delimiter, .after = after, .limit = limit});
        compare({.prefix = "a", .delimiter = delimiter, .after = after, .limit = limit});
      }
    }
  }
}

TEST_F(ListObjectsTest, random_keys) {
  std::mt19937 random(3);
  const auto pick = [&](std::size_t below) { return random() % below; };
  const std::string letters = "ab/-";
  std::vector<std::string> some;
  for (int i = 0; i < 300; ++i) {
    std::string key;
    for (std::size_t n = 1 + pick(6); n > 0; --n) {
      key += letters[pick(letters.size())];
    }
    some.push_back(key);
  }
  add(some);
  for (int i = 0; i < 300; ++i) {
    const auto& key = some[pick(some.size())];
    compare({.prefix = key.substr(0, pick(3)),
             .delimiter = std::vector<std::string>{"", "/", "-", "a", "ab", "/-"}[pick(6)],
             .after = pick(2) == 0 ? "" : some[pick(some.size())].substr(0, 1 + pick(4)),
             .limit = std::vector<std::size_t>{1, 2, 5, 50, 1000}[pick(5)]});
  }
}

// A page ends where it has passed so many delete markers, and the next one goes on there.
class CutListingTest : public ListObjectsTest {
 protected:
  CutListingTest() : ListObjectsTest({.markers_passed_max = 3}) {}
};

TEST_F(CutListingTest, nothing_but_delete_markers) {
  add_markers({"a/1", "a/2", "a/3", "a/4", "b", "c", "d"});
  for (const auto* delimiter : {"", "/"}) {
    const auto first = v2({.prefix = "", .delimiter = delimiter, .after = "", .limit = 1});
    EXPECT_EQ(listed_of(first), (Listed{{}, {}, true}));
    EXPECT_EQ(at(first, "/KeyCount"), "0");
    EXPECT_EQ(listed_of(v1({.prefix = "", .delimiter = delimiter, .after = "", .limit = 1})),
              (Listed{{}, {}, true}));
    EXPECT_EQ(walk_v1({.prefix = "", .delimiter = delimiter, .after = "", .limit = 5}), Listed());
    EXPECT_EQ(walk_v2({.prefix = "", .delimiter = delimiter, .after = "", .limit = 5}), Listed());
  }
  EXPECT_EQ(listed_of(v2({.prefix = "b", .delimiter = "", .after = "", .limit = 5})), Listed());
}

// What comes behind the place inside it is still to be listed.
TEST_F(CutListingTest, inside_a_common_prefix) {
  add_markers({"a/1", "a/2", "a/3"});
  add({"a/4", "b"});
  const Question question{.prefix = "", .delimiter = "/", .after = "", .limit = 5};
  EXPECT_EQ(walk_v1(question), (Listed{{"b"}, {"a/"}, false}));
  EXPECT_EQ(walk_v2(question), (Listed{{"b"}, {"a/"}, false}));
}

TEST_F(CutListingTest, all_pages_are_the_whole) {
  std::mt19937 random(5);
  const auto pick = [&](std::size_t below) { return random() % below; };
  const std::vector<std::string> letters{"a", "b", "/", "-", "\xf4\x8f\xbf\xbf"};
  std::set<std::string> live;
  std::set<std::string> gone;
  for (int i = 0; i < 400; ++i) {
    std::string key;
    for (std::size_t n = 1 + pick(6); n > 0; --n) {
      key += letters[pick(letters.size())];
    }
    (pick(4) == 0 ? live : gone).insert(key);
  }
  std::erase_if(gone, [&](const std::string& key) { return live.contains(key); });
  add({live.begin(), live.end()});
  add_markers({gone.begin(), gone.end()});
  for (int i = 0; i < 50; ++i) {
    const Question question{
        .prefix = letters[pick(5)].substr(0, pick(2) * 4),
        .delimiter = std::vector<std::string>{"", "/", "-", "a", "ab", "\xf4\x8f\xbf\xbf"}[pick(6)],
        .after = "",
        .limit = std::vector<std::size_t>{1, 2, 5, 1000}[pick(4)]};
    auto whole = question;
    whole.limit = keys.size() + 1;
    const auto where = question.prefix + " " + question.delimiter + " " + std::to_string(question.limit);
    EXPECT_EQ(walk_v1(question), naive(keys, whole)) << where;
    EXPECT_EQ(walk_v2(question), naive(keys, whole)) << where;
  }
}

// More than a page of the answer, more than a page of the catalog, and prefixes larger and smaller than both.
TEST_F(ListObjectsTest, thousands_of_keys) {
  std::vector<std::string> many;
  for (int i = 0; i < 2500; ++i) {
    const auto number = std::to_string(10'000 + i);
    many.push_back("flat-" + number);
    many.push_back("large/" + number);
    many.push_back("small/" + number.substr(0, 4) + "/" + number);
  }
  add(many);
  for (const auto* prefix : {"", "flat-", "large/", "small/"}) {
    for (const auto* delimiter : {"", "/"}) {
      for (const std::size_t limit : {999U, 1000U}) {
        compare({.prefix = prefix, .delimiter = delimiter, .after = "", .limit = limit});
      }
    }
  }
  compare({.prefix = "", .delimiter = "/", .after = "flat-12490", .limit = 10});
  EXPECT_EQ(listed_of(v2({.prefix = "", .delimiter = "/", .after = "flat-9"})).prefixes,
            (std::vector<std::string>{"large/", "small/"}));
}

TEST_F(ListObjectsTest, whatever_the_catalogs_pages_are) {
  catalog::Limits small;
  small.page_max = 3;
  catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock, small);
  make_service();
  make_bucket("mine");
  add(kPhotos);
  for (const auto* delimiter : {"", "/"}) {
    for (const std::size_t limit : {1U, 3U, 4U, 1000U}) {
      compare({.prefix = "", .delimiter = delimiter, .after = "", .limit = limit});
    }
  }
}

TEST_F(ListObjectsTest, another_buckets_keys_are_not_in_it) {
  make_bucket("other");
  ASSERT_TRUE(put("other", "theirs", "x"));
  ASSERT_TRUE(put("mine", "ours", "x"));
  EXPECT_EQ(listed_of(v2({})).keys, std::vector<std::string>{"ours"});
}

TEST_F(ListObjectsTest, what_is_said_of_an_object) {
  auto request = make("PutObject", {{"Bucket", "mine"}, {"Key", "a"}}, "123456789");
  request->head.headers.add("x-amz-checksum-crc32", "y/Q5Jg==");
  ASSERT_TRUE(perform(*request));
  ASSERT_TRUE(put("mine", "b", noise(10'000)));
  const auto list = answer("ListObjectsV2", {{"Bucket", "mine"}});
  EXPECT_EQ(
      at(list, "/Contents/0"),
      R"({"Key":"a","LastModified":1772446500.123,"ETag":"\"25f9e794323b453885f5181f1b624d0b\"","Size":9,"StorageClass":"STANDARD","ChecksumAlgorithm":["CRC32"],"ChecksumType":"FULL_OBJECT"})");
  EXPECT_EQ(at(list, "/Contents/1/Size"), "10000");
  EXPECT_EQ(at(list, "/Contents/1/Owner"), "");
  EXPECT_EQ(at(list, "/Name"), "mine");
  EXPECT_EQ(at(list, "/MaxKeys"), "1000");
  EXPECT_EQ(at(list, "/KeyCount"), "2");
  EXPECT_EQ(at(answer("ListObjectsV2", {{"Bucket", "mine"}, {"FetchOwner", true}}), "/Contents/0/Owner/ID"),
            canonical_id(kAnn));
  EXPECT_EQ(at(answer("ListObjects", {{"Bucket", "mine"}}), "/Contents/0/Owner/ID"), canonical_id(kAnn));
}

TEST_F(ListObjectsTest, url_encoded) {
  add(kPhotos);
  const auto plain = answer("ListObjects", {{"Bucket", "mine"}, {"Prefix", "photo"}});
  EXPECT_EQ(at(plain, "/Contents/1/Key"), "photo%3");
  const auto url = answer("ListObjects", {{"Bucket", "mine"},
                                          {"Prefix", "photo"},
                                          {"Marker", "photo "},
                                          {"Delimiter", "<"},
                                          {"EncodingType", "url"}});
  EXPECT_EQ(at(url, "/EncodingType"), "url");
  EXPECT_EQ(listed_of(url).keys, (std::vector<std::string>{"photo%201", "photo%253", "photo%2B2"}));
  EXPECT_EQ(listed_of(url).prefixes, std::vector<std::string>{"photo%26%3C"});
  EXPECT_EQ(at(url, "/Marker"), "photo%20");
  EXPECT_EQ(at(url, "/Delimiter"), "%3C");
  const auto v2 = answer(
      "ListObjectsV2",
      {{"Bucket", "mine"}, {"Prefix", "\xc3\xa4/"}, {"StartAfter", "\xc3\xa4/a"}, {"EncodingType", "url"}});
  EXPECT_EQ(listed_of(v2).keys, (std::vector<std::string>{"%C3%A4/x", "%C3%A4/%E2%82%AC"}));
  EXPECT_EQ(at(v2, "/Prefix"), "%C3%A4/");
  EXPECT_EQ(at(v2, "/StartAfter"), "%C3%A4/a");
  const auto cut = answer(
      "ListObjects",
      {{"Bucket", "mine"}, {"Prefix", "photo"}, {"Delimiter", "/"}, {"MaxKeys", 1}, {"EncodingType", "url"}});
  EXPECT_EQ(at(cut, "/NextMarker"), "photo%201");
}

TEST_F(ListObjectsTest, arguments) {
  add({"a", "b"});
  EXPECT_EQ(said(answer("ListObjects", {{"Bucket", "mine"}, {"MaxKeys", -1}})), "InvalidArgument 400");
  EXPECT_EQ(said(answer("ListObjects", {{"Bucket", "mine"}, {"EncodingType", "base64"}})),
            "InvalidArgument 400");
  EXPECT_EQ(said(answer("ListObjectsV2", {{"Bucket", "mine"}, {"ContinuationToken", "!"}})),
            "InvalidArgument 400");
  EXPECT_EQ(said(answer("ListObjectsV2", {{"Bucket", "mine"}, {"OptionalObjectAttributes", array{"x"}}})),
            "NotImplemented 501");
  EXPECT_EQ(at(answer("ListObjects", {{"Bucket", "mine"}, {"MaxKeys", 100'000}}), "/MaxKeys"), "1000");
  const auto none = answer("ListObjectsV2", {{"Bucket", "mine"}, {"MaxKeys", 0}});
  EXPECT_EQ(at(none, "/KeyCount"), "0");
  EXPECT_EQ(at(none, "/IsTruncated"), "false");
  // The token counts, not where the listing began.
  const auto first = answer("ListObjectsV2", {{"Bucket", "mine"}, {"MaxKeys", 1}, {"StartAfter", "0"}});
  const auto second = answer(
      "ListObjectsV2",
      {{"Bucket", "mine"}, {"StartAfter", "0"}, {"ContinuationToken", at(first, "/NextContinuationToken")}});
  EXPECT_EQ(listed_of(second).keys, std::vector<std::string>{"b"});
  EXPECT_EQ(at(second, "/ContinuationToken"), at(first, "/NextContinuationToken"));
}

}  // namespace
}  // namespace cairn::services::s3::testing
