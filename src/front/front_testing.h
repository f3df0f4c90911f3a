// For this folder's tests: a front over catalog and journal in memory, and calls to it as a client makes
// them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/testing.h"
#include "aws/sigv4.h"
#include "codec/base64.h"
#include "crypto/hash.h"
#include "event/entry.h"
#include "event/outbox_row.h"
#include "front/front.h"
#include "front/in_process_client.h"
#include "front/testing_room.h"
#include "journal/memory/memory_journal.h"
#include "json/json.h"
#include "services/iam/iam.h"
#include "services/sts/sts.h"

namespace cairn::front {

inline constexpr std::string_view kAccount = "111122223333";
inline constexpr journal::Partition kPartition{0};

// A service whose only resource belongs to another account, which lets everybody at it.
class Foreign final : public Service {
 public:
  explicit Foreign(std::string_view name) : name_(name) {}
  std::string_view name() const override { return name_; }
  bool answers(std::string_view operation) const override { return operation != "CreateTrail"; }
  bool checks_itself(std::string_view, std::string_view) const override { return false; }
  Task<Result<std::vector<access::Ask>, aws::Fault>> asks(Call& call) override {
    access::Ask ask;
    ask.action = "cloudtrail:" + call.operation.name;
    ask.resource = "arn:aws:cloudtrail:us-east-1:444455556666:trail/theirs";
    ask.resource_policy = *access::Policy::parse(policy_text, access::PolicyKind::resource);
    std::vector<access::Ask> all;
    for (const auto& owner : owners) {
      ask.resource_account = owner;
      all.push_back(ask);
    }
    co_return all;
  }
  Task<Answer> run(Call& call) override {
    if (during) {
      co_await std::exchange(during, nullptr)();
    }
    Outcome outcome;
    outcome.stale = std::exchange(stale, false);
    if (call.operation.name == "DeleteTrail") {
      outcome.effects.writes.push_back({.key = "foreign", .value = "changed", .expected = std::nullopt});
      outcome.effects.outbox = rows_before;
      outcome.outbox_behind = rows_behind;
      outcome.after_commit = [this](const Result<catalog::Committed>& committed) {
        commits.push_back(committed ? "done" : std::string(to_string(committed.error().code)));
      };
    }
    co_return outcome;
  }

  const std::string_view name_;
  std::function<Task<void>()> during;                  // of the next call
  std::vector<std::string> owners = {"444455556666"};  // of what a call touches
  std::vector<std::string> rows_before, rows_behind, commits;
  bool stale = false;  // is what the next call finds
  std::string policy_text =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"cloudtrail:*","Resource":"*"}})";
};

// Counts how often a body is asked for more.
class Watched final : public http::BodySource {
 public:
  Watched(std::unique_ptr<http::BodySource> body, int& reads) : body_(std::move(body)), reads_(reads) {}
  Task<Result<std::span<const std::byte>>> read() override {
    ++reads_;
    co_return co_await body_->read();
  }
  std::optional<std::uint64_t> size() const override { return body_->size(); }

 private:
  std::unique_ptr<http::BodySource> body_;
  int& reads_;
};

class FrontTest : public ::testing::Test, public access::testing::World {
 protected:
  void SetUp() override {
    std::vector<access::DeclaredAccount> declared;
    declared.push_back({.id = std::string(kAccount), .name = "main", .users = {}});
    declared[0].users.push_back({.name = "ann", .administrator = true, .policies = {}, .keys = {}});
    declared[0].users[0].keys.push_back({"AKIAEXAMPLE000000001", crypto::Secret(ByteView("ann-secret"))});
    declared[0].users.push_back({.name = "ben", .administrator = false, .policies = {}, .keys = {}});
    declared[0].users[1].keys.push_back({"AKIAEXAMPLE000000002", crypto::Secret(ByteView("ben-secret"))});
    ASSERT_TRUE(run(access::apply_declared(catalog, sealer, declared, access::testing::kNow)));
    Dependencies on{.catalog = catalog,
                    .directory = directory_,
                    .recorder = recorder_,
                    .forwarder = forwarder_,
                    .services = {},
                    .clock = system_clock(),
                    .metrics = metrics_,
                    .limits = limits_,
                    .regions = regions_};
    on.services.push_back(services::iam::make_iam(catalog, sealer));
    on.services.push_back(services::sts::make_sts(catalog, sealer));
    auto foreign = std::make_unique<Foreign>("cloudtrail");
    foreign_ = foreign.get();
    on.services.push_back(std::move(foreign));
    on.services.push_back(std::make_unique<Foreign>("s3"));
    on.rates = &rates_;
    on.room = &room_;
    front_ = std::make_unique<Front>(std::move(on));
  }

  struct Answered {
    int status;
    std::string body;
  };
  Answered post(std::string form, std::string_view service = "iam", std::string_view user = "ann",
                std::string_view secret = {}) {
    const codec::Headers headers{{"Host", "127.0.0.1"},
                                 {"Content-Type", "application/x-www-form-urlencoded"}};
    return send({.method = "POST", .target = "/", .headers = headers}, std::move(form), service, user,
                secret);
  }
  // To CloudTrail, of a trail that is not ours.
  Answered post_json(
      std::string_view operation, std::string_view user = "ann",
      std::string_view input = R"({"Name":"arn:aws:cloudtrail:us-east-1:444455556666:trail/theirs"})") {
    const codec::Headers headers{
        {"Host", "127.0.0.1"},
        {"Content-Type", "application/x-amz-json-1.1"},
        {"X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101." + std::string(operation)}};
    return send({.method = "POST", .target = "/", .headers = headers}, std::string(input), "cloudtrail", user,
                {});
  }
  Answered send(codec::RequestHead head, std::string text, std::string_view service, std::string_view user,
                std::string_view secret) {
    sign(head, text, service, user, secret);
    return hand(head, std::move(text));
  }
  void sign(codec::RequestHead& head, std::string_view text, std::string_view service, std::string_view user,
            std::string_view secret) {
    const aws::sigv4::Credentials credentials{
        .access_key = user == "ann"   ? "AKIAEXAMPLE000000001"
                      : user == "ben" ? "AKIAEXAMPLE000000002"
                                      : std::string(user),
        .secret =
            crypto::Secret(ByteView(secret.empty() ? std::string(user) + "-secret" : std::string(secret))),
        .session_token = {}};
    const auto hash = codec::hex_encode(crypto::sha256(text));
    aws::sigv4::sign_headers(head, {.credentials = credentials,
                                    .region = region_,
                                    .service = service,
                                    .time = system_clock().now(),
                                    .payload_hash = hash});
  }
  Answered hand(const codec::RequestHead& head, std::string text) {
    body_reads_ = 0;
    Watched body(http::body_of(std::move(text)), body_reads_);
    http::Request request{.head = head, .peer = {"198.51.100.24", 1, tls_}, .body = body};
    auto response = run(front_->handle(request));
    if (auto* counted = std::get_if<std::unique_ptr<http::BodySource>>(&response.body)) {
      held_ = std::move(*counted);
      return {response.status, *run(http::read_all(*held_, 1U << 20))};
    }
    return {response.status, std::get<std::string>(response.body)};
  }

  // Records in the journal, and those that wait in the outbox.
  std::vector<json::object> records() {
    std::vector<json::object> all;
    auto reader = journal_.reader(kPartition, journal::Position{0});
    while ((*reader)->position() < journal_.end(kPartition)) {
      const auto entries = (*reader)->read(Millis{0});
      for (const auto& entry : *entries) {
        all.push_back(*json::parse_object(event::decode_entry(entry.payload)->body));
      }
    }
    const auto rows = run(catalog.outbox(0, 1000));
    for (const auto& row : *rows) {
      all.push_back(*json::parse_object(event::decode_outbox_row(row.payload)->body));
    }
    return all;
  }
  bool user_exists(std::string_view name) {
    return run(access::load_user(catalog, std::string(kAccount), std::string(name)))->has_value();
  }

  Metrics metrics_;
  journal::MemoryJournal journal_;
  access::Directory directory_{catalog, sealer};
  Recorder recorder_{journal_};
  Forwarder forwarder_{catalog, journal_, {}, metrics_};
  Rates rates_;
  testing::FakeRoom room_;
  Limits limits_;
  aws::Regions regions_{{"eu-west-1", "us-east-1"}};
  std::string region_ = "us-east-1";  // that calls are signed for
  int body_reads_ = 0;                // of the last call
  Foreign* foreign_ = nullptr;
  std::unique_ptr<http::BodySource> held_;  // of the last large answer
  std::optional<http::TlsFacts> tls_;       // of the connections to come
  std::unique_ptr<Front> front_;
};

inline constexpr auto kCreate = "Action=CreateUser&Version=2010-05-08&UserName=mallory";
inline constexpr auto kWhoAmI = "Action=GetCallerIdentity&Version=2011-06-15";

}  // namespace cairn::front
