#include "services/s3/draft.h"

#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

class DraftTest : public S3Test {
 protected:
  void SetUp() override {
    catalog::Transaction made;
    for (const auto* key : {"p/a", "p/b", "q"}) {
      made.writes.push_back({key, "old", std::nullopt});
    }
    ASSERT_TRUE(run(catalog->commit(std::move(made))));
  }
  std::string get(Draft& draft, std::string key) {
    const auto got = run(draft.get(std::move(key)));
    return got ? got->value_or("none") : "error";
  }
  std::string first(Draft& draft, std::string prefix) {
    const auto found = run(draft.first(std::move(prefix)));
    return !found ? "error" : *found ? (*found)->key + "=" + (*found)->value : "none";
  }
  void write(std::string key, std::optional<std::string> value) {
    catalog::Transaction one;
    one.writes.push_back({std::move(key), std::move(value), std::nullopt});
    ASSERT_TRUE(run(catalog->commit(std::move(one))));
  }
  bool commit(Draft& draft) { return run(catalog->commit(draft.take())).has_value(); }
};

TEST_F(DraftTest, sees_what_it_changed) {
  Draft draft(*catalog);
  EXPECT_EQ(get(draft, "q"), "old");
  EXPECT_FALSE(draft.changes());
  draft.put("q", "new");
  draft.put("r", "made");
  draft.remove("p/a");
  EXPECT_TRUE(draft.changes());
  EXPECT_EQ(get(draft, "q"), "new");
  EXPECT_EQ(get(draft, "r"), "made");
  EXPECT_EQ(get(draft, "p/a"), "none");
  EXPECT_EQ(first(draft, "p/"), "p/b=old");
  draft.put("p/b", "newer");
  EXPECT_EQ(first(draft, "p/"), "p/b=newer");
  draft.put("p/0", "in front");
  EXPECT_EQ(first(draft, "p/"), "p/0=in front");
  draft.remove("p/0");
  draft.remove("p/b");
  EXPECT_EQ(first(draft, "p/"), "none");
  ASSERT_TRUE(commit(draft));
  EXPECT_THAT(documents(""), ElementsAre("q", "r"));
}

TEST_F(DraftTest, what_was_read_must_still_be_so) {
  const struct {
    const char* read;
    const char* changed;
    bool fits;
  } rows[] = {{"q", "q", false}, {"absent", "absent", false}, {"q", "absent", true}, {"p/a", "q", true}};
  for (const auto& row : rows) {
    Draft draft(*catalog);
    get(draft, row.read);
    draft.put("new", "x");
    write(row.changed, "other");
    EXPECT_EQ(commit(draft), row.fits) << row.read << " " << row.changed;
    write("absent", std::nullopt);
  }
  Draft draft(*catalog);
  EXPECT_EQ(first(draft, "p/"), "p/a=old");
  draft.put("new", "x");
  write("p/a", "other");
  EXPECT_FALSE(commit(draft));
}

TEST_F(DraftTest, what_is_written_unread_is_written_over_anything) {
  Draft draft(*catalog);
  draft.put("q", "new");
  write("q", "other");
  EXPECT_TRUE(commit(draft));
  Draft expecting(*catalog);
  expecting.expect("q", 3);
  expecting.put("r", "x");
  EXPECT_TRUE(commit(expecting));
  expecting.expect("q", 2);
  expecting.put("r", "x");
  EXPECT_FALSE(commit(expecting));
}

TEST_F(DraftTest, reads_alone_change_nothing) {
  Draft draft(*catalog);
  get(draft, "q");
  draft.expect("p/a", 7);
  EXPECT_TRUE(draft.take().empty());
}

}  // namespace
}  // namespace cairn::services::s3::testing
