// Handing in records: all or nothing, nothing twice, nobody else's account, and nothing lost when the journal
// says no.
#include "front/door.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <thread>

#include "access/testing.h"
#include "codec/base64.h"
#include "codec/gzip.h"
#include "crypto/hash.h"
#include "event/entry.h"
#include "front/testing_room.h"
#include "journal/memory/memory_journal.h"
#include "json/json.h"

namespace cairn::front {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kFirst = "111122223333";
constexpr std::string_view kSecond = "444455556666";
constexpr journal::Partition kPartition{0};

std::string record(std::string_view id, std::string_view account = kFirst) {
  return R"({"eventVersion":"1.11","eventID":")" + std::string(id) +
         R"(","eventTime":"2026-03-02T10:15:00Z","eventSource":"x.example.com","eventName":"Do","awsRegion":"eu-west-1","recipientAccountId":")" +
         std::string(account) + R"("})";
}

class DoorTest : public ::testing::Test, public access::testing::World {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ("door-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    std::vector<access::DeclaredAccount> declared;
    declared.push_back({.id = std::string(kFirst), .name = "main", .users = {}});
    add_user(declared[0], "ann", true, "");
    add_user(
        declared[0], "sender", false,
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cairn:PutRecords","Resource":"*"},
        {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.9/32"}}}]})");
    add_user(declared[0], "nobody", false, "");
    const auto allowed = [](std::string_view actions) {
      return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":)" + std::string(actions) +
             R"(,"Resource":"*"}})";
    };
    add_user(declared[0], "putter", false, allowed(R"("cairn:Put*")"));
    add_user(declared[0], "own", false, allowed(R"("cairn:*")"));
    add_user(declared[0], "named", false, allowed(R"(["cairn:PutRecords","cairn:SubmitForeignRecords"])"));
    add_user(declared[0], "guarded", false,
             R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"cairn:SubmitForeignRecords","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.9/32"}}}]})");
    declared.push_back({.id = std::string(kSecond), .name = "other", .users = {}});
    add_user(declared[1], "owen", true, "");
    ASSERT_TRUE(run(access::apply_declared(catalog, sealer, declared, access::testing::kNow)));
    dedupe_ = *dedupe::Index::open({.folder = folder_, .ids_max = 1000}, metrics_);
    open_door({});
  }
  void TearDown() override {
    door_.reset();
    dedupe_.reset();
    std::filesystem::remove_all(folder_);
  }
  static void add_user(access::DeclaredAccount& account, std::string_view name, bool administrator,
                       std::string_view policy) {
    access::DeclaredUser user{
        .name = std::string(name), .administrator = administrator, .policies = {}, .keys = {}};
    if (!policy.empty()) {
      user.policies.push_back({"p", std::string(policy)});
    }
    user.keys.push_back({key_of(name), crypto::Secret(ByteView("secret"))});
    account.users.push_back(std::move(user));
  }
  static std::string key_of(std::string_view user) {
    std::string id = "AKIAEXAMPLE";
    for (const char c : user) {
      id += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return id + std::string(20 - id.size(), 'X');
  }
  void open_door(DoorLimits limits) {
    door_ = std::make_unique<Door>(DoorDependencies{.directory = directory_,
                                                    .dedupe = *dedupe_,
                                                    .journal = journal_,
                                                    .is_account =
                                                        [this](const std::string& account) {
                                                          parsed_on_ = std::this_thread::get_id();
                                                          if (during_) {
                                                            std::exchange(during_, nullptr)();
                                                          }
                                                          return account == kFirst || account == kSecond;
                                                        },
                                                    .first_account = std::string(kFirst),
                                                    .open = [this] { return open_; },
                                                    .clock = system_clock(),
                                                    .metrics = metrics_,
                                                    .limits = limits,
                                                    .keeps_up = [this] { return asked_++ >= behind_; },
                                                    .room = &room_});
  }

  struct How {
    std::string_view user = "ann";
    std::string_view secret = "secret";
    std::string_view service = "cairn";
    std::string_view encoding = "";
    std::string_view address = "198.51.100.24";
    std::string_view method = "POST";
  };
  std::string put(std::string text, How how) {
    codec::RequestHead head{
        .method = std::string(how.method), .target = "/_cairn/records", .headers = {{"Host", "127.0.0.1"}}};
    if (!how.encoding.empty()) {
      head.headers.add("Content-Encoding", std::string(how.encoding));
    }
    const aws::sigv4::Credentials credentials{
        .access_key = key_of(how.user), .secret = crypto::Secret(ByteView(how.secret)), .session_token = {}};
    const auto hash = codec::hex_encode(crypto::sha256(text));
    aws::sigv4::sign_headers(head, {.credentials = credentials,
                                    .region = "us-east-1",
                                    .service = how.service,
                                    .time = system_clock().now(),
                                    .payload_hash = hash});
    const auto body = http::body_of(std::move(text));
    http::Request request{.head = head, .peer = {std::string(how.address), 1}, .body = *body};
    const auto response = run(door_->handle(request));
    return std::to_string(response.status) + " " + std::get<std::string>(response.body);
  }
  std::string put(std::string text) { return put(std::move(text), How{}); }
  std::vector<std::string> bodies() {
    std::vector<std::string> all;
    auto reader = journal_.reader(kPartition, journal::Position{0});
    while ((*reader)->position() < journal_.end(kPartition)) {
      const auto entries = (*reader)->read(Millis{0});
      for (const auto& entry : *entries) {
        all.emplace_back(event::decode_entry(entry.payload)->body);
      }
    }
    return all;
  }

  std::filesystem::path folder_;
  Metrics metrics_;
  journal::MemoryJournal journal_;
  access::Directory directory_{catalog, sealer};
  std::unique_ptr<dedupe::Index> dedupe_;
  bool open_ = true;
  int asked_ = 0;
  int behind_ = 0;  // so often the history is said to be behind
  std::thread::id parsed_on_;     // of the last request
  std::function<void()> during_;  // of the next one, when its records are looked at
  testing::FakeRoom room_;
  std::unique_ptr<Door> door_;
};

TEST_F(DoorTest, takes_every_form_and_keeps_the_text) {
  EXPECT_EQ(put(R"({"Records": [)" + record("a") + "," + record("b") + "]}"),
            R"(200 {"accepted":2,"duplicates":0})");
  EXPECT_EQ(put("[" + record("c") + "]"), R"(200 {"accepted":1,"duplicates":0})");
  EXPECT_EQ(put(record("d") + "\n" + record("a") + "\n"), R"(200 {"accepted":1,"duplicates":1})");
  EXPECT_EQ(put(codec::gzip_compress(record("e")), {.encoding = "gzip"}),
            R"(200 {"accepted":1,"duplicates":0})");
  EXPECT_EQ(put(codec::gzip_compress(record("f")), {.encoding = "GZIP"}),
            R"(200 {"accepted":1,"duplicates":0})");
  EXPECT_EQ(put("[" + record("g") + "," + record("g") + "]"), R"(200 {"accepted":1,"duplicates":1})")
      << "twice in one";
  EXPECT_EQ(bodies(), (std::vector<std::string>{record("a"), record("b"), record("c"), record("d"),
                                                record("e"), record("f"), record("g")}));
}

TEST_F(DoorTest, all_or_nothing_with_the_first_bad_records_index) {
  const auto batch = [](const std::string& second, const std::string& third = record("z")) {
    return "[" + record("a") + "," + second + "," + third + "]";
  };
  const struct {
    std::string body;
    std::string_view answer;
  } rows[] = {
      {batch(R"({"eventID":"x"})"), R"("index":1)"},
      {batch("7"), R"("index":1)"},
      {batch(record("b", "999999999999")), R"("index":1)"},
      {batch(record("b", "999999999999"), R"({"eventID":"x"})"), R"("index":1)"},
      {batch(R"({"eventID":"x"})", record("b", "999999999999")), R"("index":1)"},
      {batch(R"({"eventID":"x"})", "{"), R"("index":1)"},
      {batch(record("b", "999999999999"), "\xff"), R"("index":1)"},
      {batch(record("b"), "{"), R"("index":2)"},
      {batch(record("b"), R"({"eventID":"\xff"})"), R"("index":2)"},
      {"[]", "there are no records"},
      {"", "no"},
      {"{", ""},
  };
  for (const auto& row : rows) {
    const auto answered = put(row.body);
    EXPECT_THAT(answered, ::testing::StartsWith("400 ")) << row.body;
    EXPECT_THAT(answered, HasSubstr(std::string(row.answer))) << row.body;
  }
  EXPECT_TRUE(bodies().empty());
  EXPECT_EQ(put(record("a")), R"(200 {"accepted":1,"duplicates":0})") << "what was refused was not seen";
}

TEST_F(DoorTest, who_may) {
  const struct {
    std::string_view why;
    How how;
    std::string_view account;
    std::string_view status;
  } rows[] = {
      {"an administrator", {.user = "ann"}, kFirst, "200"},
      {"who was given the action", {.user = "sender"}, kFirst, "200"},
      {"his policy denies the address", {.user = "sender", .address = "203.0.113.9"}, kFirst, "403"},
      {"a user without", {.user = "nobody"}, kFirst, "403"},
      {"an unknown key", {.user = "stranger"}, kFirst, "403"},
      {"a wrong secret", {.user = "ann", .secret = "wrong"}, kFirst, "403"},
      {"another service's signature", {.user = "ann", .service = "iam"}, kFirst, "403"},
      {"the first account's administrator, another account", {.user = "ann"}, kSecond, "200"},
      {"the first account's sender, another account", {.user = "sender"}, kSecond, "400"},
      {"who was given all that begins with Put, another account", {.user = "putter"}, kSecond, "400"},
      {"the same, his own", {.user = "putter"}, kFirst, "200"},
      {"who was given all of Cairn's actions, another account", {.user = "own"}, kSecond, "200"},
      {"who was given the second action by name, another account", {.user = "named"}, kSecond, "200"},
      {"whose policy denies the second action at another address", {.user = "guarded"}, kSecond, "200"},
      {"the same, at that address", {.user = "guarded", .address = "203.0.113.9"}, kSecond, "400"},
      {"the same, at that address, his own", {.user = "guarded", .address = "203.0.113.9"}, kFirst, "200"},
      {"another account's administrator, its own", {.user = "owen"}, kSecond, "200"},
      {"another account's administrator, the first", {.user = "owen"}, kFirst, "400"},
      {"another method", {.method = "PUT"}, kFirst, "405"},
  };
  int id = 0;
  for (const auto& row : rows) {
    EXPECT_THAT(put(record("who-" + std::to_string(++id), row.account), row.how),
                ::testing::StartsWith(std::string(row.status)))
        << row.why;
  }
}

TEST_F(DoorTest, failed_append_is_an_error_and_its_ids_are_free_again) {
  using Applied = journal::MemoryJournal::Applied;
  journal_.fail(0, Errc::limit);
  EXPECT_THAT(put(record("a")), ::testing::StartsWith("503"));
  EXPECT_EQ(put(record("a")), R"(200 {"accepted":1,"duplicates":0})");
  journal_.fail(0, Errc::unknown, Applied::no);
  EXPECT_THAT(put(record("b")), ::testing::StartsWith("503"));
  EXPECT_EQ(put(record("b")), R"(200 {"accepted":1,"duplicates":0})");
  EXPECT_EQ(bodies().size(), 2U);
}

TEST_F(DoorTest, closed_until_the_ids_are_known) {
  open_ = false;
  EXPECT_THAT(put(record("a")), ::testing::StartsWith("503"));
  EXPECT_THAT(put(record("a"), {.user = "stranger"}), ::testing::StartsWith("403"));
}

TEST_F(DoorTest, waits_a_little_for_the_history) {
  behind_ = 3;
  EXPECT_EQ(put(record("a")), R"(200 {"accepted":1,"duplicates":0})");
  EXPECT_EQ(asked_, 4) << "until it keeps up";
  asked_ = 0;
  EXPECT_THAT(put(record("b"), {.user = "stranger"}), ::testing::StartsWith("403"));
  EXPECT_EQ(asked_, 0) << "a stranger is not kept waiting";
  behind_ = std::numeric_limits<int>::max();
  open_door({.pace_max = Millis{20}});
  EXPECT_EQ(put(record("c")), R"(200 {"accepted":1,"duplicates":0})");
  EXPECT_EQ(asked_, 4) << "and no longer than that";
}

TEST_F(DoorTest, closed_while_the_disk_is_full) {
  room_.refused = {reserve::Claim::growth};
  EXPECT_THAT(put(record("a")),
              ::testing::AllOf(::testing::StartsWith("503"), ::testing::HasSubstr("the disk is full")));
  EXPECT_THAT(put(record("a"), {.user = "stranger"}), ::testing::StartsWith("403"));
  room_.refused = {};
  EXPECT_EQ(put(record("a")), R"(200 {"accepted":1,"duplicates":0})");
}

TEST_F(DoorTest, limits) {
  open_door({.body_bytes_max = 2000,
             .inflated_bytes_max = 2000,
             .record_bytes_max = 1000,
             .records_max = 3,
             .bytes_in_flight_max = 5000});
  EXPECT_THAT(put(record("a")), ::testing::StartsWith("200"));
  EXPECT_THAT(put(record("b") + std::string(2000, ' ')), ::testing::StartsWith("413"));
  EXPECT_THAT(put(codec::gzip_compress(std::string(100'000, ' ')), {.encoding = "gzip"}),
              ::testing::StartsWith("413"));
  EXPECT_THAT(put(record("b") + record("c") + record("d") + record("e")), ::testing::StartsWith("400"));
  EXPECT_THAT(put(record("b"), {.encoding = "br"}), ::testing::StartsWith("400"));
  EXPECT_THAT(put(record("b") + std::string(1700, ' ')), ::testing::StartsWith("503"))
      << "more than may be in flight";
  EXPECT_THAT(put(record("b")), ::testing::StartsWith("200")) << "all of it came back";
}

TEST_F(DoorTest, unverified_bodies_have_a_share_and_verified_ones_do_not) {
  open_door({.one_address_bytes_max = 60'000});
  const auto sized = [](std::string_view id, std::size_t bytes) {
    const auto text = record(id);
    return text + std::string(kShareFreeBytesMax + bytes - text.size(), ' ');
  };
  EXPECT_THAT(put(sized("a", 60'001)), ::testing::StartsWith("503"));
  EXPECT_THAT(put(sized("a", 60'000)), ::testing::StartsWith("200"));
  std::string second;
  during_ = [&] { second = put(sized("c", 60'000)); };
  EXPECT_THAT(put(sized("b", 60'000)), ::testing::StartsWith("200"));
  EXPECT_THAT(second, ::testing::StartsWith("200"));
}

// A small body may become a large one, and others wait for the loop.
TEST_F(DoorTest, what_is_packed_is_unpacked_on_threads_of_its_own) {
  EXPECT_THAT(put(record("a")), ::testing::StartsWith("200"));
  const auto loops_thread = parsed_on_;
  EXPECT_THAT(put(codec::gzip_compress(record("b")), {.encoding = "gzip"}), ::testing::StartsWith("200"));
  EXPECT_NE(parsed_on_, loops_thread);
  EXPECT_THAT(put(record("c")), ::testing::StartsWith("200"));
  EXPECT_EQ(parsed_on_, loops_thread) << "what is small and not packed is quicker here";
}

}  // namespace
}  // namespace cairn::front
