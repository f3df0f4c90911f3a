// Objects' bytes on the disk: sealed, read in ranges, and read still when they are from before.
#include "services/s3/at_rest.h"

#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

constexpr std::string_view kKnown = "the words that nobody may find on the disk";

class AtRestTest : public S3Test {
 protected:
  AtRestTest() { make_bucket("mine"); }

  // The known words again and again, so that they are in every block.
  static std::string known_words(std::size_t size) {
    std::string text;
    while (text.size() < size) {
      text += std::string(kKnown) + std::to_string(text.size());
    }
    text.resize(size);
    return text;
  }
  std::vector<std::string> all_stored() {
    std::vector<std::string> all;
    const auto documents = *run(catalog->scan("s3/", "", 1000));
    for (const auto& document : documents) {
      all.push_back(document.value);
      const auto parsed = json::parse_object(document.value);
      if (const auto bytes = parsed ? json::find_string(*parsed, "bytes") : std::nullopt) {
        all.push_back(*codec::base64_decode(*bytes));
      }
    }
    const auto blobs = *run(blob->list("s3/", "", 1000));
    for (const auto& listed : blobs) {
      all.push_back(*run(blob->get(listed.name)));
    }
    return all;
  }
  // What reading an object to its end comes to.
  std::string error_of(const std::string& key) {
    const auto request = make("GetObject", {{"Bucket", "mine"}, {"Key", key}});
    EXPECT_TRUE(run(service->asks(*request->call)));
    const auto outcome = run(service->run(*request->call));
    EXPECT_TRUE(outcome && outcome->stream);
    const auto bytes = run(http::read_all(*outcome->stream, 64U << 20));
    return bytes ? "none" : std::string(to_string(bytes.error().code));
  }
  Object stored(const std::string& key) {
    const auto documents = *run(catalog->scan("s3/object/", "", 1000));
    for (const auto& document : documents) {
      if (document.key.ends_with("/" + key)) {
        return *object_from(document.value);
      }
    }
    return {};
  }
  void store(const std::string& key, const Object& object) {
    const auto documents = *run(catalog->scan("s3/object/", "", 1000));
    for (const auto& document : documents) {
      if (document.key.ends_with("/" + key)) {
        catalog::Transaction transaction;
        transaction.writes.push_back({document.key, to_document(object), std::nullopt});
        ASSERT_TRUE(run(catalog->commit(std::move(transaction))));
      }
    }
  }
};

TEST_F(AtRestTest, nothing_that_was_put_is_found_in_what_is_stored) {
  for (const auto size : {100UL, 8'000UL, 9'000UL, 200'000UL}) {
    const auto body = known_words(size);
    const auto put_answer = answer("PutObject", {{"Bucket", "mine"}, {"Key", std::to_string(size)}}, body);
    ASSERT_TRUE(put_answer);
    EXPECT_EQ(at(put_answer, "/ServerSideEncryption"), "AES256");
    const auto got = answer("GetObject", {{"Bucket", "mine"}, {"Key", std::to_string(size)}});
    EXPECT_EQ(got->body, body);
    EXPECT_EQ(at(got, "/ServerSideEncryption"), "AES256");
  }
  for (const auto& bytes : all_stored()) {
    EXPECT_EQ(bytes.find(kKnown), std::string::npos);
  }
}

TEST_F(AtRestTest, ranges_are_those_of_the_plain_bytes) {
  const std::size_t block = crypto::Blocks::kPlainBytes;
  for (const std::size_t blocks : {6UL, 40UL}) {  // the longer one's are opened on the pool
    const auto body = known_words(blocks * block + 1000);
    ASSERT_TRUE(put("mine", "a", body));
    const std::size_t places[] = {0,
                                  1,
                                  block - 1,
                                  block,
                                  block + 1,
                                  4 * block,
                                  5 * block,
                                  5 * block + 7,
                                  15 * block - 15,
                                  16 * block - 1,
                                  17 * block + 1,
                                  body.size() - 1};
    for (const auto first : places) {
      for (const auto last : places) {
        if (last < first || last >= body.size()) {
          continue;
        }
        const auto range = "bytes=" + std::to_string(first) + "-" + std::to_string(last);
        const auto got = answer("GetObject", {{"Bucket", "mine"}, {"Key", "a"}, {"Range", range}});
        ASSERT_TRUE(got) << range;
        EXPECT_TRUE(got->body == body.substr(first, last - first + 1)) << blocks << " " << range;
      }
    }
  }
}

TEST_F(AtRestTest, objects_from_before_are_read_as_they_lie) {
  const auto body = known_words(100'000);
  ASSERT_TRUE(put("mine", "small", "x"));
  ASSERT_TRUE(put("mine", "large", body));
  auto small = stored("small");
  small.seal = {};
  small.encryption = "";
  small.inline_base64 = codec::base64_encode("y");
  store("small", small);
  auto large = stored("large");
  large.seal = {};
  large.encryption = "";
  large.blob = "s3/before/large";
  ASSERT_TRUE(run(blob->put(large.blob, std::as_bytes(std::span(body)))));
  store("large", large);
  EXPECT_EQ(get("mine", "small"), "y");
  const auto got = answer("GetObject", {{"Bucket", "mine"}, {"Key", "large"}});
  EXPECT_EQ(got->body, body);
  EXPECT_EQ(at(got, "/ServerSideEncryption"), "");
}

TEST_F(AtRestTest, what_was_exchanged_or_changed_is_no_object) {
  for (const auto size : {3'000'000UL, 100'000UL}) {
    const auto body = known_words(size);
    ASSERT_TRUE(put("mine", "a", body));
    ASSERT_TRUE(put("mine", "b", std::string(body.rbegin(), body.rend())));
    auto object = stored("a");
    object.blob = stored("b").blob;
    store("a", object);
    EXPECT_EQ(error_of("a"), "corrupt") << size;

    // Its beginning is its own: only what is opened later is not.
    ASSERT_TRUE(put("mine", "a", body));
    auto bytes = *run(blob->get(stored("a").blob));
    bytes[size - 1] = static_cast<char>(bytes[size - 1] ^ 1);
    object = stored("a");
    object.blob = "s3/changed/" + std::to_string(size);
    ASSERT_TRUE(run(blob->put(object.blob, std::as_bytes(std::span(bytes)))));
    store("a", object);
    EXPECT_EQ(error_of("a"), "corrupt") << size;
  }

  auto cut = stored("b");
  cut.size -= 1;
  store("b", cut);
  EXPECT_EQ(error_of("b"), "corrupt");

  ASSERT_TRUE(put("mine", "c", "few"));
  auto few = stored("c");
  few.seal.salt = stored("b").seal.salt;
  store("c", few);
  EXPECT_EQ(get("mine", "c"), "InternalError 500");
}

TEST_F(AtRestTest, another_master_key_is_told_by_its_name) {
  ASSERT_TRUE(put("mine", "a", known_words(100'000)));
  const AtRest other(crypto::MasterKey::generate());
  EXPECT_EQ(other.key(stored("a").seal, nullptr).error().code, Errc::denied);
  EXPECT_TRUE(at_rest.key(stored("a").seal, nullptr));
}

// An earlier Cairn reads "blob" and "bytes" alone: it says that a document lacks a member, and gives no
// sealed bytes.
TEST_F(AtRestTest, who_knows_of_no_seal_finds_no_bytes) {
  ASSERT_TRUE(put("mine", "a", known_words(100'000)));
  const auto document = json::parse_object(to_document(stored("a")));
  ASSERT_TRUE(document);
  EXPECT_FALSE(document->contains("blob"));
  EXPECT_TRUE(document->contains("sealed"));
}

}  // namespace
}  // namespace cairn::services::s3::testing
