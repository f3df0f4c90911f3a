#include "catalog/sqlite/document_cache.h"

#include <gtest/gtest.h>

namespace cairn::catalog::sqlite {
namespace {

class DocumentCacheTest : public testing::Test {
 protected:
  void read(const std::string& key, const std::optional<std::string>& value) {
    const auto found = cache_.find(key);
    ASSERT_FALSE(found.known);
    cache_.keep(key, document(key, value), found.reading);
  }
  static std::optional<Document> document(const std::string& key, const std::optional<std::string>& value) {
    return value ? std::optional(Document{key, *value, 7}) : std::nullopt;
  }
  void begin(const std::vector<std::string>& keys) {
    change_ = {};
    for (const auto& key : keys) {
      change_.transaction.writes.push_back({key, "new", std::nullopt});
    }
    const Change* const group[] = {&change_};
    cache_.begin(group);
  }
  // "?": not known; "-": there is none.
  std::string known(const std::string& key) {
    const auto found = cache_.find(key);
    return !found.known ? "?" : found.document ? found.document->value : "-";
  }

  Change change_;
  DocumentCache cache_{4096};
};

TEST_F(DocumentCacheTest, knows_what_was_read_and_what_is_not_there) {
  EXPECT_EQ(known("a"), "?");
  read("a", "1");
  read("b", std::nullopt);
  EXPECT_EQ(known("a"), "1");
  EXPECT_EQ(known("b"), "-");
  EXPECT_EQ(cache_.find("a").document->version, 7U);
  EXPECT_EQ(cache_.find("a").document->key, "a");
}

TEST_F(DocumentCacheTest, what_is_being_changed_is_not_known_and_not_kept_until_the_end) {
  read("a", "1");
  read("b", "1");
  begin({"a"});
  EXPECT_EQ(known("a"), "?");
  EXPECT_EQ(known("b"), "1");
  read("a", "1");
  EXPECT_EQ(known("a"), "?");
  cache_.end();
  EXPECT_EQ(known("a"), "?");
  read("a", "new");
  EXPECT_EQ(known("a"), "new");
}

TEST_F(DocumentCacheTest, a_reading_that_began_before_a_change_is_not_kept_after_it) {
  const auto before = cache_.find("a");
  begin({"a"});
  const auto during = cache_.find("a");
  cache_.end();
  cache_.keep("a", document("a", "old"), before.reading);
  EXPECT_EQ(known("a"), "?");
  cache_.keep("a", document("a", "old"), during.reading);
  EXPECT_EQ(known("a"), "?");
}

TEST_F(DocumentCacheTest, is_bounded_and_forgets_what_was_read_longest_ago) {
  for (int i = 0; i < 20; ++i) {
    read(std::to_string(i), std::string(256, 'x'));
    EXPECT_EQ(known("0"), std::string(256, 'x'));  // read again each time
  }
  EXPECT_EQ(known("1"), "?");
  EXPECT_EQ(known("19"), std::string(256, 'x'));
}

TEST_F(DocumentCacheTest, large_documents_are_not_kept) {
  DocumentCache roomy(1U << 20);
  const auto found = roomy.find("a");
  roomy.keep("a", document("a", std::string(70'000, 'x')), found.reading);
  EXPECT_FALSE(roomy.find("a").known);
}

}  // namespace
}  // namespace cairn::catalog::sqlite
