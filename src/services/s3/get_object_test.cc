// Objects: put, overwritten, read whole and in part, deleted; small ones in their document and large ones in
// a blob.
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

constexpr std::size_t kSmall = Limits{}.inline_bytes_max;

class GetObjectTest : public S3Test {
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

TEST_F(GetObjectTest, ranges) {
  for (const std::size_t size : {std::size_t{10}, kSmall + 10}) {
    const auto bytes = noise(size);
    ASSERT_TRUE(put("mine", "a", bytes));
    const auto last = std::to_string(size - 1);
    const auto all = std::to_string(size);
    const struct {
      std::string range;
      std::string said;  // "first-last", "all", or the error
    } rows[] = {
        {"bytes=0-0", "0-0"},
        {"bytes=0-9", "0-9"},
        {"bytes=3-5", "3-5"},
        {"bytes=" + last + "-", last + "-" + last},
        {"bytes=0-" + last, "0-" + last},
        {"bytes=0-" + all, "0-" + last},
        {"bytes=4-18446744073709551615", "4-" + last},
        {"bytes=-1", last + "-" + last},
        {"bytes=-" + all, "0-" + last},
        {"bytes=-99999999", "0-" + last},
        {"bytes=-0", "InvalidRange 416"},
        {"bytes=" + all + "-", "InvalidRange 416"},
        {"bytes=" + all + "-" + all, "InvalidRange 416"},
        {"bytes=99999999-", "InvalidRange 416"},
        {"", "all"},
        {"bytes=5-3", "all"},
        {"bytes=1-2,4-5", "all"},
        {"bytes=a-b", "all"},
        {"bytes=1", "all"},
        {"bytes=-", "all"},
        {"bytes= 1-2", "all"},
        {"lines=1-2", "all"},
        {"bytes=99999999999999999999-", "all"},
    };
    for (const auto& row : rows) {
      const auto got = answer("GetObject", {{"Bucket", "mine"}, {"Key", "a"}, {"Range", row.range}});
      const auto head = answer("HeadObject", {{"Bucket", "mine"}, {"Key", "a"}, {"Range", row.range}});
      EXPECT_EQ(said(got), said(head));
      if (!got) {
        EXPECT_EQ(said(got), row.said) << row.range;
        EXPECT_EQ(got.error().extra.at(0), (std::pair<std::string, std::string>("ActualObjectSize", all)));
        continue;
      }
      EXPECT_EQ(head->output, got->output);
      EXPECT_EQ(head->status, got->status);
      if (row.said == "all") {
        EXPECT_EQ(got->body, bytes) << row.range;
        EXPECT_FALSE(got->status);
        EXPECT_EQ(at(got, "/ContentRange"), "");
        continue;
      }
      const auto dash = row.said.find('-');
      const auto first = std::stoul(row.said.substr(0, dash));
      const auto end = std::stoul(row.said.substr(dash + 1)) + 1;
      EXPECT_EQ(got->body, bytes.substr(first, end - first)) << row.range;
      EXPECT_EQ(got->status, 206);
      EXPECT_EQ(at(got, "/ContentRange"), "bytes " + row.said + "/" + all);
      EXPECT_EQ(at(got, "/ContentLength"), std::to_string(end - first));
    }
  }
  ASSERT_TRUE(put("mine", "empty", ""));
  for (const auto* range : {"bytes=0-0", "bytes=0-", "bytes=-1"}) {
    EXPECT_EQ(said(answer("GetObject", {{"Bucket", "mine"}, {"Key", "empty"}, {"Range", range}})),
              "InvalidRange 416");
  }
}

TEST_F(GetObjectTest, if_match) {
  ASSERT_TRUE(put("mine", "a", "x"));
  const auto etag = codec::hex_encode(crypto::md5("x"));
  const struct {
    std::string condition;
    bool holds;
  } rows[] = {
      {"\"" + etag + "\"", true}, {etag, true},    {"*", true},  {"\"other\", \"" + etag + "\"", true},
      {"\"other\"", false},       {"\"\"", false}, {" ", false}, {etag.substr(1), false}};
  for (const auto& row : rows) {
    for (const auto* operation : {"GetObject", "HeadObject"}) {
      const auto got = answer(operation, {{"Bucket", "mine"}, {"Key", "a"}, {"IfMatch", row.condition}});
      EXPECT_EQ(said(got), row.holds ? "ok" : "PreconditionFailed 412") << row.condition;
    }
  }
}

// A store in which something happens just before a blob is opened.
class Outrun final : public blob::Blob {
 public:
  Outrun(blob::Blob& inner, std::function<void()> before) : inner_(inner), before_(std::move(before)) {}
  Task<Result<std::unique_ptr<blob::Reader>>> reader(blob::Name name, blob::Range range) override {
    before_();
    return inner_.reader(std::move(name), range);
  }
  Task<Result<std::unique_ptr<blob::Writer>>> writer(blob::Name name) override {
    return inner_.writer(std::move(name));
  }
  Task<Result<void>> remove(blob::Name name) override { return inner_.remove(std::move(name)); }
  Task<Result<std::vector<blob::Listed>>> list(std::string prefix, blob::Name after,
                                               std::size_t limit) override {
    return inner_.list(std::move(prefix), std::move(after), limit);
  }
  Task<Result<blob::LocalFile>> local_file(blob::Name name) override {
    return inner_.local_file(std::move(name));
  }

 private:
  blob::Blob& inner_;
  std::function<void()> before_;
};

TEST_F(GetObjectTest, a_read_that_the_sweep_outran_reads_the_successor) {
  for (const std::size_t size : {std::size_t{5}, std::size_t{20'000}}) {
    ASSERT_TRUE(put("mine", "a", noise(10'000, 1)));
    ASSERT_TRUE(put("mine", "b", noise(size, 2)));
    const auto first = document_of("a").blob;
    auto successor = document_of("b");
    successor.key = "a";
    const auto key = "s3/object/" + bucket_id() + "/a";
    async::Loops elsewhere(1);
    bool once = false;
    Outrun outrun(*blob, [&] {
      if (std::exchange(once, true)) {
        return;
      }
      catalog::Transaction overwrite;
      overwrite.writes.push_back({key, to_document(successor), std::nullopt});
      const async::Executor executor = elsewhere.at(0).get_executor();
      EXPECT_TRUE(async::run(executor, catalog->commit(overwrite)));
      EXPECT_TRUE(async::run(executor, blob->remove(first)));
    });
    const auto slow =
        make_s3({.catalog = *catalog, .blob = outrun, .run = "run2", .timers = timers, .at_rest = at_rest});
    const auto request = make("GetObject", {{"Bucket", "mine"}, {"Key", "a"}});
    auto outcome = run(slow->run(*request->call));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(reply_of(*std::move(outcome)).body, noise(size, 2));
  }
}

TEST_F(GetObjectTest, a_lost_blob_is_an_error) {
  ASSERT_TRUE(put("mine", "a", noise(10'000)));
  ASSERT_TRUE(run(blob->remove(blobs().at(0))));
  EXPECT_EQ(get("mine", "a"), "InternalError 500");
}

TEST_F(GetObjectTest, damage_is_an_error_and_no_short_answer) {
  ASSERT_TRUE(put("mine", "a", noise(100)));
  auto damaged = document_of("a");
  damaged.size = 99;
  const auto key = "s3/object/" + bucket_id() + "/a";
  const auto write = [&](std::string value) {
    catalog::Transaction transaction;
    transaction.writes.push_back({key, std::move(value), std::nullopt});
    ASSERT_TRUE(run(catalog->commit(transaction)));
  };
  write(to_document(damaged));
  EXPECT_EQ(get("mine", "a"), "InternalError 500");
  damaged.inline_base64 = "!";
  write(to_document(damaged));
  EXPECT_EQ(get("mine", "a"), "InternalError 500");
  const std::string text = "too short";
  ASSERT_TRUE(run(blob->put("s3/run1/short", std::as_bytes(std::span(text)))));
  damaged.inline_base64.clear();
  damaged.blob = "s3/run1/short";
  write(to_document(damaged));
  EXPECT_EQ(get("mine", "a"), "InternalError 500");
  damaged.inline_base64 = codec::base64_encode(noise(99));
  write(to_document(damaged));  // in two places
  EXPECT_EQ(get("mine", "a"), "InternalError 500");
  for (const auto* value :
       {"", "{}", "[]", R"({"key":"a","size":1,"etag":"x"})", R"({"key":"a","size":0})"}) {
    write(value);
    EXPECT_EQ(get("mine", "a"), "InternalError 500") << value;
  }
}

// Written by an earlier version, or by another one: members that are not there are not there.
TEST_F(GetObjectTest, a_document_as_it_was_written_first) {
  const auto read = object_from(
      R"({"key":"k","size":3,"etag":"e","modified":1772446500123,"blob":"s3/r/00/x","checksums":{"CRC32":"AAAAAA=="},"headers":{"ContentType":"text/plain"},"metadata":{"a":"b"}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->blob, "s3/r/00/x");
  EXPECT_EQ(read->inline_base64, "");
  EXPECT_EQ(read->checksums.at(0).algorithm, "CRC32");
  EXPECT_EQ(read->headers.at("ContentType"), "text/plain");
  EXPECT_EQ(read->metadata.at("a"), "b");
  EXPECT_EQ(to_document(*read).find("bytes"), std::string::npos);
  const auto small = object_from(R"({"key":"k","size":1,"etag":"e","modified":1,"bytes":"eA=="})");
  ASSERT_TRUE(small);
  EXPECT_EQ(small->inline_base64, "eA==");
}

}  // namespace
}  // namespace cairn::services::s3::testing
