// ListObjectVersions while others change what is listed: what was there all the time is listed once.
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

// Another catalog's, with something done before the next reading of older versions.
class Interrupted final : public catalog::Catalog {
 public:
  explicit Interrupted(catalog::Catalog& catalog) : catalog_(catalog) {}

  Task<Result<std::optional<catalog::Document>>> get(std::string key) override {
    return catalog_.get(std::move(key));
  }
  Task<Result<std::vector<catalog::Document>>> scan(std::string prefix, std::string after,
                                                    std::size_t limit) override {
    if (prefix.starts_with("s3/version/")) {
      for (auto& transaction : std::exchange(between, {})) {
        const auto committed = co_await catalog_.commit(std::move(transaction));
        EXPECT_TRUE(committed);
      }
    }
    co_return co_await catalog_.scan(std::move(prefix), std::move(after), limit);
  }
  Task<Result<catalog::Committed>> commit(catalog::Transaction transaction) override {
    return catalog_.commit(std::move(transaction));
  }
  Task<Result<std::vector<catalog::OutboxRow>>> outbox(std::uint64_t after, std::size_t limit) override {
    return catalog_.outbox(after, limit);
  }
  Task<Result<void>> outbox_delete(std::uint64_t number, std::vector<catalog::Write> writes) override {
    return catalog_.outbox_delete(number, std::move(writes));
  }
  Task<void> outbox_wait(std::uint64_t after, Millis patience) override {
    return catalog_.outbox_wait(after, patience);
  }
  Task<Result<catalog::Lease>> acquire(std::string name, std::string holder, Millis duration) override {
    return catalog_.acquire(std::move(name), std::move(holder), duration);
  }
  Task<Result<void>> release(catalog::Lease lease) override { return catalog_.release(std::move(lease)); }

  std::vector<catalog::Transaction> between;

 private:
  catalog::Catalog& catalog_;
};

class ChangingListingTest : public S3Test {
 protected:
  void SetUp() override {
    make_bucket("mine");
    set("Enabled");
    reader_ = make_s3({.catalog = interrupted_, .blob = *blob, .run = "run2", .timers = timers, .at_rest = at_rest});
  }
  void set(std::string_view status) {
    ASSERT_TRUE(answer("PutBucketVersioning",
                       {{"Bucket", "mine"}, {"VersioningConfiguration", object{{"Status", status}}}}));
  }
  std::string put_version(std::string_view key) { return at(put("mine", key, "x"), "/VersionId"); }
  // What a call would commit.
  catalog::Transaction effects_of(std::string_view operation, object input, std::string body = {}) {
    const auto request = make(operation, std::move(input), std::move(body));
    EXPECT_TRUE(run(service->asks(*request->call)));
    auto outcome = run(service->run(*request->call));
    EXPECT_TRUE(outcome);
    return std::move(outcome->effects);
  }
  // All pages, of so many rows each; what is between them is done once.
  std::vector<std::string> listed(int page, const std::function<void()>& between = {}) {
    std::vector<std::string> ids;
    object input{{"Bucket", "mine"}, {"MaxKeys", page}};
    auto once = between;
    while (ids.size() < 100) {
      const auto request = make("ListObjectVersions", input);
      EXPECT_TRUE(run(reader_->asks(*request->call)));
      auto outcome = run(reader_->run(*request->call));
      EXPECT_TRUE(outcome);
      const auto reply = Answered(reply_of(*std::move(outcome)));
      for (const auto* kind : {"Versions", "DeleteMarkers"}) {
        for (const auto& row : reply->output.at(kind).as_array()) {
          ids.emplace_back(row.at("VersionId").as_string());
        }
      }
      if (at(reply, "/IsTruncated") == "false") {
        break;
      }
      input["KeyMarker"] = at(reply, "/NextKeyMarker");
      input["VersionIdMarker"] = at(reply, "/NextVersionIdMarker");
      if (const auto act = std::exchange(once, nullptr)) {
        act();
      }
    }
    return ids;
  }

  Interrupted interrupted_{*catalog};
  std::unique_ptr<front::Service> reader_;
};

TEST_F(ChangingListingTest, a_version_that_comes_while_a_key_is_read_repeats_none) {
  const auto one = put_version("a");
  const auto two = put_version("a");
  interrupted_.between.push_back(effects_of("PutObject", {{"Bucket", "mine"}, {"Key", "a"}}, "new"));
  const auto ids = listed(100);
  EXPECT_EQ(std::ranges::count(ids, one), 1);
  EXPECT_EQ(std::ranges::count(ids, two), 1);
}

TEST_F(ChangingListingTest, a_version_that_goes_while_a_key_is_read_hides_none) {
  const auto one = put_version("a");
  const auto two = put_version("a");
  const auto three = put_version("a");
  interrupted_.between.push_back(
      effects_of("DeleteObject", {{"Bucket", "mine"}, {"Key", "a"}, {"VersionId", three}}));
  const auto ids = listed(100);
  EXPECT_EQ(std::ranges::count(ids, one), 1);
  EXPECT_EQ(std::ranges::count(ids, two), 1);
}

TEST_F(ChangingListingTest, a_key_that_goes_while_it_is_read_ends_nothing) {
  put_version("a");
  const auto other = put_version("b");
  auto gone =
      effects_of("DeleteObject", {{"Bucket", "mine"}, {"Key", "a"}, {"VersionId", listed(1).front()}});
  interrupted_.between.push_back(std::move(gone));
  EXPECT_EQ(std::ranges::count(listed(100), other), 1);
}

// One that is older than the bucket's versioning, and the last in its row.
TEST_F(ChangingListingTest, the_first_null_version_is_replaced_between_two_pages_and_nothing_is_repeated) {
  make_bucket("plain");
  ASSERT_TRUE(put("plain", "a", "old"));
  const object bucket{{"Bucket", "plain"}};
  const auto set_plain = [&](std::string_view status) {
    auto input = bucket;
    input["VersioningConfiguration"] = object{{"Status", status}};
    ASSERT_TRUE(answer("PutBucketVersioning", input));
  };
  set_plain("Enabled");
  ASSERT_TRUE(put("plain", "a", "new"));
  ASSERT_TRUE(put("plain", "b", "new"));
  auto input = bucket;
  input["MaxKeys"] = 2;
  const auto first = answer("ListObjectVersions", input);
  EXPECT_EQ(at(first, "/Versions/1/VersionId"), "null");
  set_plain("Suspended");
  ASSERT_TRUE(put("plain", "a", "newest"));  // the null version is on top now
  input["KeyMarker"] = at(first, "/NextKeyMarker");
  input["VersionIdMarker"] = at(first, "/NextVersionIdMarker");
  const auto second = answer("ListObjectVersions", input);
  EXPECT_EQ(at(second, "/Versions/0/Key"), "b");
}

TEST_F(ChangingListingTest, a_null_version_that_is_replaced_between_two_pages_repeats_none) {
  set("Suspended");
  EXPECT_EQ(put_version("a"), "null");
  set("Enabled");
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(put_version("a"));
  }
  set("Suspended");
  EXPECT_EQ(put_version("a"), "null");
  // The first page ends with the null version; then another is on top of all.
  const auto seen = listed(1, [&] {
    set("Enabled");
    ids.push_back(put_version("a"));
    set("Suspended");
    EXPECT_EQ(put_version("a"), "null");
  });
  EXPECT_EQ(std::ranges::count(seen, "null"), 1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(std::ranges::count(seen, ids[static_cast<std::size_t>(i)]), 1);
  }
}

}  // namespace
}  // namespace cairn::services::s3::testing
