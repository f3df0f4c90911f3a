// The places that are verified: a folder with a copy, and a bucket behind an AWS client that pages, refuses
// and is away for a while.
#include "integrity/objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>

#include "async/loops.h"
#include "codec/base64.h"
#include "integrity/folder_objects.h"
#include "integrity/integrity_testing.h"
#include "integrity/s3_objects.h"
#include "json/json.h"

namespace cairn::integrity {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

template <class T>
T run(Task<T> task) {
  async::Loops loops(1);
  return async::run(async::Executor(loops.at(0).get_executor()), std::move(task));
}

std::vector<std::string> keys_in(Objects& objects) {
  std::vector<std::string> keys;
  const auto listed = run(objects.list([&](const Listed& one) {
    keys.push_back(one.key);
    return Result<void>();
  }));
  EXPECT_TRUE(listed.has_value());
  return keys;
}

class Folder : public ::testing::Test {
 protected:
  Folder() {
    write("a/b.gz", "bytes");
    write("a/b.gz.metadata.json", R"({"signature":"ab","more":1})");
    write("c.gz", "other");
    write("d.gz", "");
    write("d.gz.metadata.json", "no JSON");
    write("../integrity_secret", "not yours");
    std::filesystem::create_symlink(folder_ / "c.gz", folder_ / "link.gz");
  }
  ~Folder() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::remove(folder_ / "../integrity_secret");
  }
  void write(const std::string& name, std::string_view text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  const std::filesystem::path folder_ = std::filesystem::path(::testing::TempDir()) / "integrity_folder";
};

TEST_F(Folder, files_and_the_metadata_beside_them) {
  const auto objects = folder_objects(folder_, "");
  EXPECT_THAT(keys_in(*objects), UnorderedElementsAre("a/b.gz", "a/b.gz.metadata.json", "c.gz", "d.gz",
                                                      "d.gz.metadata.json", "link.gz"))
      << "a link is there, and is never read";
  const auto object = run(objects->get("any", "a/b.gz")).value();
  EXPECT_EQ(object.bytes, "bytes");
  EXPECT_EQ(object.metadata, (std::map<std::string, std::string>{{"signature", "ab"}}));
  EXPECT_FALSE(run(objects->get("", "c.gz"))->metadata.has_value());
  EXPECT_TRUE(run(objects->get("", "d.gz"))->metadata->empty()) << "what is there says nothing";
}

TEST_F(Folder, stands_below_a_prefix) {
  const auto objects = folder_objects(folder_ / "a", "x/y/");
  EXPECT_THAT(keys_in(*objects), UnorderedElementsAre("x/y/b.gz", "x/y/b.gz.metadata.json"));
  EXPECT_EQ(run(objects->get("", "x/y/b.gz"))->bytes, "bytes");
}

// A digest may name anything.
TEST_F(Folder, nothing_outside_is_read) {
  const auto objects = folder_objects(folder_, "");
  for (const auto& key : {std::string("../integrity_secret"), std::string("a/../../integrity_secret"),
                          std::string("/etc/passwd"), std::string("link.gz"), std::string("a"), std::string(),
                          std::string("."), std::string("none")}) {
    const auto got = run(objects->get("", key));
    ASSERT_FALSE(got.has_value()) << key;
    EXPECT_EQ(got.error().code, Errc::not_found) << key;
  }
  EXPECT_FALSE(run(folder_objects(folder_ / "none", "")->list([](const Listed&) {
                 return Result<void>();
               })).has_value());
}

// Answers in turn; keeps what was asked.
class Scripted final : public aws::Client {
 public:
  Task<Result<aws::ClientAnswer, aws::Fault>> call(aws::ClientCall call) override {
    asked.push_back(call.operation + " " + json::serialize(call.input));
    auto answer = std::move(answers.front());
    answers.pop_front();
    co_return answer;
  }

  std::deque<Result<aws::ClientAnswer, aws::Fault>> answers;
  std::vector<std::string> asked;
};

aws::ClientAnswer answer(std::string_view output, std::string body = "") {
  return {.output = json::parse_object(output).value(), .body = std::move(body)};
}

aws::Fault away() {
  return {aws::kUnreachable, 503, "down", false};
}

TEST(S3Objects, lists_page_by_page) {
  Scripted client;
  client.answers.push_back(answer(
      R"({"IsTruncated":true,"NextContinuationToken":"t","Contents":[{"Key":"a","LastModified":1772446500}]})"));
  client.answers.push_back(away());
  client.answers.push_back(answer(R"({"IsTruncated":false,"Contents":[{"Key":"b"}]})"));
  const auto objects = s3_objects(client, "eu-west-1", "kestrel", "p/");
  EXPECT_EQ(objects->bucket(), "kestrel");
  std::vector<Listed> listed;
  ASSERT_TRUE(run(objects->list([&](Listed one) {
                listed.push_back(std::move(one));
                return Result<void>();
              })).has_value());
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].key, "a");
  EXPECT_EQ(listed[0].put, Time{Millis{1'772'446'500'000}});
  EXPECT_FALSE(listed[1].put.has_value());
  EXPECT_THAT(client.asked,
              ElementsAre(R"(ListObjectsV2 {"Bucket":"kestrel","Prefix":"p/"})",
                          R"(ListObjectsV2 {"Bucket":"kestrel","Prefix":"p/","ContinuationToken":"t"})",
                          R"(ListObjectsV2 {"Bucket":"kestrel","Prefix":"p/","ContinuationToken":"t"})"));
}

TEST(S3Objects, gets_with_metadata_and_knows_what_is_not_there) {
  Scripted client;
  client.answers.push_back(answer(R"({"Metadata":{"signature":"ab"}})", "bytes"));
  client.answers.push_back(aws::Fault{"NoSuchKey", 404, "", false});
  client.answers.push_back(aws::Fault{"AccessDenied", 403, "", false});
  for (int tries = 0; tries < 4; ++tries) {
    client.answers.push_back(away());
  }
  const auto objects = s3_objects(client, "eu-west-1", "kestrel", "");
  const auto object = run(objects->get("kestrel", "k")).value();
  EXPECT_EQ(object.bytes, "bytes");
  EXPECT_EQ(object.metadata->at("signature"), "ab");
  EXPECT_EQ(run(objects->get("kestrel", "k")).error().code, Errc::not_found);
  EXPECT_EQ(run(objects->get("kestrel", "k")).error().code, Errc::denied);
  EXPECT_EQ(run(objects->get("kestrel", "k")).error().code, Errc::unavailable);
  EXPECT_TRUE(client.answers.empty());
}

TEST(S3Objects, public_keys_come_in_pages) {
  const auto der = testing::signing_key().public_key().to_pkcs1();
  const auto page = [&](std::string_view name, std::string_view more) {
    return answer(fmt::format(R"({{"PublicKeyList":[{{"Value":"{}","Fingerprint":"{}"}}]{}}})",
                              codec::base64_encode(der), name, more));
  };
  Scripted client;
  client.answers.push_back(page("one", R"(,"NextToken":"t")"));
  client.answers.push_back(page("two", ""));
  const auto keys =
      run(listed_public_keys(client, "eu-west-1", {testing::hour(0), testing::hour(1)})).value();
  EXPECT_TRUE(keys.contains("one") && keys.contains("two"));
  EXPECT_EQ(client.asked[1],
            R"(ListPublicKeys {"StartTime":1772443800.0,"EndTime":1772447400.0,"NextToken":"t"})");
}

}  // namespace
}  // namespace cairn::integrity
