// The pipeline over memory: what is answered, what is committed, and what is recorded.
#include "front/front_testing.h"

namespace cairn::front {
namespace {

using ::testing::HasSubstr;

TEST_F(FrontTest, change_and_record_are_committed_together) {
  EXPECT_EQ(post(kCreate).status, 200);
  EXPECT_TRUE(user_exists("mallory"));
  const auto all = records();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(json::find_string(all[0], "eventName"), "CreateUser");
  EXPECT_EQ(json::find_string(all[0], "sourceIPAddress"), "198.51.100.24");
  EXPECT_EQ(journal_.end(kPartition), journal::Position{0}) << "the record goes through the outbox";
}

TEST_F(FrontTest, read_is_in_the_journal_before_the_answer) {
  EXPECT_EQ(post(kWhoAmI, "sts").status, 200);
  EXPECT_EQ(journal_.end(kPartition), journal::Position{1});
}

TEST_F(FrontTest, refused_call_is_recorded_with_its_code) {
  const auto answered = post(kCreate, "iam", "ben");
  EXPECT_EQ(answered.status, 403);
  EXPECT_THAT(answered.body, HasSubstr("<Code>AccessDenied</Code>"));
  EXPECT_FALSE(user_exists("mallory"));
  const auto all = records();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(json::find_string(all[0], "errorCode"), "AccessDenied");
  EXPECT_TRUE(all[0].at("responseElements").is_null());
}

TEST_F(FrontTest, regions_that_are_not_served_have_one_rate_together) {
  const auto refused = [&](std::string_view region) {
    InProcessClient client;
    client.connect(*front_);
    aws::ClientCall call;
    call.service = "cloudtrail";
    call.operation = "GenerateQuery";  // one in fifteen seconds
    call.region = region;
    call.on_behalf = {.service_principal = "x.amazonaws.com",
                      .source_arn = "arn:aws:x",
                      .source_account = std::string(kAccount)};
    const auto answered = run(client.call(std::move(call)));
    return !answered && answered.error().code == "ThrottlingException";
  };
  EXPECT_FALSE(refused("us-east-1"));
  EXPECT_FALSE(refused("eu-west-1"));
  EXPECT_FALSE(refused("ap-central-2r"));
  EXPECT_TRUE(refused("ap-central-3r"));
  EXPECT_TRUE(refused("us-east-1"));
}

TEST_F(FrontTest, a_call_whose_record_could_not_be_read_is_refused_before_anything_is_done) {
  const auto call = [&](std::string_view operation, std::string_view region) {
    ServiceCall made{
        .who = {.service_principal = "x.amazonaws.com",
                .source_arn = "arn",
                .source_account = std::string(kAccount)},
        .service = "cloudtrail",
        .region = std::string(region),
        .head = {.method = "POST",
                 .target = "/",
                 .headers = {{"Content-Type", "application/x-amz-json-1.1"},
                             {"X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101." +
                                                  std::string(operation)}}},
        .body = R"({"Name":"arn:aws:cloudtrail:us-east-1:444455556666:trail/theirs"})"};
    return run(front_->handle_for(std::move(made))).status;
  };
  EXPECT_EQ(call("DeleteTrail", "no region"), 500);
  EXPECT_FALSE(run(catalog.get("foreign"))->has_value());
  EXPECT_EQ(call("DescribeTrails", "no region"), 500);
  EXPECT_TRUE(records().empty());
  EXPECT_EQ(call("DeleteTrail", "us-east-1"), 200);
  EXPECT_TRUE(run(catalog.get("foreign"))->has_value());
}

TEST_F(FrontTest, on_a_full_disk_what_stores_is_refused_before_it_begins_and_what_removes_is_not) {
  using reserve::Claim;
  ASSERT_EQ(post("Action=CreateUser&Version=2010-05-08&UserName=old").status, 200);
  const auto records_before = records().size();
  room_.refused = {Claim::growth};
  const auto answered = post(kCreate);
  EXPECT_EQ(answered.status, 503);
  EXPECT_THAT(answered.body, HasSubstr("<Code>ServiceUnavailable</Code>"));
  EXPECT_THAT(answered.body, HasSubstr("The disk is full"));
  EXPECT_FALSE(user_exists("mallory"));
  EXPECT_EQ(records().size(), records_before) << "a record needs the room that is not there";
  EXPECT_EQ(post(kWhoAmI, "sts").status, 200);
  EXPECT_EQ(post("Action=DeleteUser&Version=2010-05-08&UserName=old").status, 200);
  EXPECT_EQ(records().size(), records_before + 2);
  room_.refused = {};
  EXPECT_EQ(post(kCreate).status, 200);
}

class SmallAnswers : public FrontTest {
 protected:
  SmallAnswers() {
    limits_.answer_bytes_small = 100;
    limits_.answer_bytes_max = 600;
  }
};

TEST_F(SmallAnswers, that_are_not_yet_read_are_bounded_together) {
  EXPECT_EQ(post(kWhoAmI, "sts").status, 200);
  ASSERT_NE(held_, nullptr) << "an answer of this size is counted";
  const auto slow_reader = std::move(held_);
  const auto refused = post(kWhoAmI, "sts");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("ServiceUnavailable"));
}

TEST_F(FrontTest, the_last_of_the_reserve_is_for_administrators) {
  using reserve::Claim;
  ASSERT_EQ(post(kCreate).status, 200);
  room_.refused = {Claim::growth, Claim::read, Claim::own, Claim::removal};
  EXPECT_EQ(post(kWhoAmI, "sts").status, 503);
  EXPECT_EQ(post("Action=DeleteUser&Version=2010-05-08&UserName=mallory", "iam", "ben").status, 503);
  EXPECT_EQ(post("Action=DeleteUser&Version=2010-05-08&UserName=mallory").status, 200);
}

TEST_F(FrontTest, a_body_that_would_fill_the_disk_is_refused) {
  room_.bytes_free = 1;
  EXPECT_EQ(post_json("DeleteTrail").status, 200);
  EXPECT_EQ(post_json("StartLogging").status, 503);
}

TEST_F(FrontTest, unanswered_operations_say_so_and_are_recorded) {
  const auto answered = post("Action=CreateVirtualMFADevice&Version=2010-05-08&VirtualMFADeviceName=x");
  EXPECT_GE(answered.status, 400);
  ASSERT_EQ(records().size(), 1U);
  EXPECT_EQ(json::find_string(records()[0], "eventName"), "CreateVirtualMFADevice");
}

TEST_F(FrontTest, without_a_journal_reads_are_refused) {
  journal_.fail(0, Errc::limit);
  EXPECT_EQ(post(kWhoAmI, "sts").status, 503);
  EXPECT_EQ(post(kWhoAmI, "sts").status, 200);
}

TEST_F(FrontTest, doubtful_commit_is_an_error_and_never_two_records) {
  using Kind = catalog::memory::Faults::Kind;
  catalog.fail({.every = 1, .kind = Kind::unknown_applied});
  EXPECT_GE(post(kCreate).status, 500);
  catalog.fail({});
  EXPECT_TRUE(user_exists("mallory"));
  ASSERT_EQ(records().size(), 1U) << "the effect has its record";
  catalog.fail({.every = 1, .kind = Kind::unknown_not_applied});
  EXPECT_GE(post("Action=CreateUser&Version=2010-05-08&UserName=other").status, 500);
  catalog.fail({});
  EXPECT_FALSE(user_exists("other"));
  EXPECT_EQ(records().size(), 1U) << "no record without its effect";
}

TEST_F(FrontTest, doubtful_record_is_an_error_and_never_two) {
  for (const auto applied : {journal::MemoryJournal::Applied::no, journal::MemoryJournal::Applied::yes}) {
    const auto before = journal_.end(kPartition);
    journal_.fail(0, Errc::unknown, applied);
    EXPECT_EQ(post(kWhoAmI, "sts").status, 503);
    EXPECT_EQ(journal_.end(kPartition) - before, applied == journal::MemoryJournal::Applied::yes ? 1U : 0U)
        << "a second one would have the same event id and contradict the first";
  }
}

TEST_F(FrontTest, owner_of_what_a_stranger_touches_is_told) {
  for (const auto* action : {"DeleteTrail", "GetTrail"}) {
    const auto before = records().size();
    const auto answered = post_json(action);
    ASSERT_EQ(answered.status, 200) << answered.body;
    auto all = records();
    ASSERT_EQ(all.size(), before + 2) << action;
    // Reads are in the journal, changes behind them in the outbox.
    std::vector<json::object> mine;
    for (auto& record : all) {
      if (json::find_string(record, "eventName") == action) {
        mine.push_back(std::move(record));
      }
    }
    ASSERT_EQ(mine.size(), 2U);
    EXPECT_EQ(json::find_string(mine[0], "recipientAccountId"), kAccount);
    EXPECT_EQ(json::find_string(mine[1], "recipientAccountId"), "444455556666");
    EXPECT_NE(mine[0].at("eventID"), mine[1].at("eventID"));
    EXPECT_EQ(mine[0].at("sharedEventID"), mine[1].at("sharedEventID"));
    EXPECT_EQ(json::find_string(mine[0].at("userIdentity").get_object(), "userName"), "ann");
    EXPECT_EQ(json::find_string(mine[1].at("userIdentity").get_object(), "type"), "AWSAccount");
    EXPECT_EQ(json::find_string(mine[1].at("userIdentity").get_object(), "accountId"), kAccount);
    EXPECT_FALSE(mine[1].at("userIdentity").get_object().contains("arn"))
        << "who exactly it was is not the owner's affair";
  }
}

TEST_F(FrontTest, every_owner_of_what_a_call_touches_is_told_once) {
  foreign_->owners = {"777788889999", "444455556666", std::string(kAccount), "777788889999"};
  for (const auto* action : {"DeleteTrail", "GetTrail"}) {
    ASSERT_EQ(post_json(action).status, 200);
    std::set<std::string> told;
    std::set<std::string> ids;
    std::set<std::string> shared;
    for (const auto& record : records()) {
      if (json::find_string(record, "eventName") == action) {
        EXPECT_TRUE(told.emplace(*json::find_string(record, "recipientAccountId")).second) << action;
        ids.emplace(*json::find_string(record, "eventID"));
        shared.emplace(*json::find_string(record, "sharedEventID"));
      }
    }
    EXPECT_EQ(told, (std::set<std::string>{std::string(kAccount), "444455556666", "777788889999"})) << action;
    EXPECT_EQ(ids.size(), 3U);
    EXPECT_EQ(shared.size(), 1U);
  }
}

TEST_F(FrontTest, owner_is_told_of_refused_strangers) {
  EXPECT_THAT(post_json("DeleteTrail", "ben").body, HasSubstr("AccessDeniedException"));
  const auto all = records();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(json::find_string(all[1], "recipientAccountId"), "444455556666");
  EXPECT_EQ(json::find_string(all[1], "errorCode"), "AccessDenied");
}

Task<void> refuse_all(Foreign& foreign) {
  foreign.policy_text =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"cloudtrail:*","Resource":"*"}})";
  co_return;
}

Task<void> take_keys(catalog::Catalog& catalog, std::string name) {
  auto user = *co_await access::load_user(catalog, std::string(kAccount), std::move(name));
  user->value.keys.clear();
  catalog::Transaction change;
  change.writes.push_back(access::put(user->value, user->version));
  EXPECT_TRUE(co_await catalog.commit(std::move(change)));
}

TEST_F(FrontTest, permission_is_asked_for_anew_when_a_call_is_run_again) {
  foreign_->stale = true;
  foreign_->during = [this] { return refuse_all(*foreign_); };
  EXPECT_THAT(post_json("DeleteTrail").body, HasSubstr("AccessDeniedException"));
  EXPECT_FALSE(run(catalog.get("foreign"))->has_value());
  EXPECT_EQ(json::find_string(records().back(), "errorCode"), "AccessDenied");
}

TEST_F(FrontTest, a_call_that_is_run_again_is_done_once) {
  foreign_->stale = true;
  EXPECT_EQ(post_json("DeleteTrail").status, 200);
  EXPECT_EQ(run(catalog.get("foreign"))->value().version, 1U);
}

TEST_F(FrontTest, entries_go_in_front_of_the_record_or_behind_it) {
  foreign_->rows_before = {
      event::encode_outbox_row(event::Kind::control, std::string(kAccount), R"({"type":"first"})")};
  foreign_->rows_behind = {
      event::encode_outbox_row(event::Kind::control, std::string(kAccount), R"({"type":"last"})")};
  EXPECT_EQ(post_json("DeleteTrail").status, 200);
  std::vector<std::string> bodies;
  const auto rows = run(catalog.outbox(0, 1000));
  for (const auto& row : *rows) {
    bodies.emplace_back(event::decode_outbox_row(row.payload)->body);
  }
  // Two records: the caller's account has one, and the trail's.
  EXPECT_THAT(bodies, ::testing::ElementsAre(R"({"type":"first"})", HasSubstr("DeleteTrail"),
                                             HasSubstr("DeleteTrail"), R"({"type":"last"})"));
}

TEST_F(FrontTest, a_service_hears_that_its_commit_is_done) {
  EXPECT_EQ(post_json("DeleteTrail").status, 200);
  EXPECT_EQ(foreign_->commits, std::vector<std::string>{"done"});
}

TEST_F(FrontTest, a_service_hears_that_its_commit_ended_in_doubt) {
  catalog.fail({.every = 1, .kind = catalog::memory::Faults::Kind::unknown_applied});
  EXPECT_GE(post_json("DeleteTrail").status, 500);
  EXPECT_EQ(foreign_->commits, std::vector<std::string>{"unknown"});
}

TEST_F(FrontTest, who_lost_his_key_meanwhile_is_nobody_when_his_call_is_run_again) {
  foreign_->stale = true;
  foreign_->during = [this] { return take_keys(catalog, "ann"); };
  EXPECT_THAT(post_json("DeleteTrail").body, HasSubstr("UnrecognizedClientException"));
  EXPECT_FALSE(run(catalog.get("foreign"))->has_value());
}

TEST_F(FrontTest, a_form_whose_policy_does_not_hold_is_no_failure_to_sign) {
  const auto upload = [this](std::string_view secret) {
    const std::string policy = codec::base64_encode(ByteView(
        R"({"expiration":"2020-01-01T00:00:00Z","conditions":[{"bucket":"mine"},["starts-with","$key",""]]})"));
    const aws::sigv4::Scope scope{.date = "20260302", .region = "us-east-1", .service = "s3"};
    const auto signature = codec::hex_encode(crypto::hmac_sha256(
        aws::sigv4::signing_key(crypto::Secret(ByteView(secret)), scope).bytes(), policy));
    std::string body;
    const auto add = [&](std::string_view name, std::string_view value) {
      body += "--B\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
              std::string(value) + "\r\n";
    };
    add("key", "a");
    add("x-amz-algorithm", "AWS4-HMAC-SHA256");
    add("x-amz-credential", "AKIAEXAMPLE000000001/" + scope.text());
    add("x-amz-date", "20260302T101500Z");
    add("policy", policy);
    add("x-amz-signature", signature);
    add("file", "content");
    body += "--B--\r\n";
    return hand({.method = "POST",
                 .target = "/mine",
                 .headers = {{"Host", "127.0.0.1"}, {"Content-Type", "multipart/form-data; boundary=B"}}},
                std::move(body));
  };
  EXPECT_THAT(upload("ann-secret").body, HasSubstr("Policy expired"));
  EXPECT_THAT(metrics_.text(), HasSubstr("cairn_calls_failed_authentication_total 0"));
  EXPECT_THAT(upload("another-secret").body, HasSubstr("SignatureDoesNotMatch"));
  EXPECT_THAT(metrics_.text(), HasSubstr("cairn_calls_failed_authentication_total 1"));
}

TEST_F(FrontTest, calls_over_plain_http_say_so_and_calls_in_process_do_not) {
  foreign_->policy_text = R"({"Version":"2012-10-17","Statement":[
      {"Effect":"Allow","Principal":"*","Action":"cloudtrail:*","Resource":"*"},
      {"Effect":"Deny","Principal":"*","Action":"cloudtrail:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]})";
  EXPECT_THAT(post_json("DeleteTrail").body, HasSubstr("explicit deny"));
  InProcessClient client;
  client.connect(*front_);
  aws::ClientCall call;
  call.service = "cloudtrail";
  call.operation = "DeleteTrail";
  call.region = "eu-west-1";
  call.input = {{"Name", "arn:aws:cloudtrail:us-east-1:444455556666:trail/theirs"}};
  call.on_behalf = {.service_principal = "cloudtrail.amazonaws.com",
                    .source_arn = "arn:aws:x",
                    .source_account = std::string(kAccount)};
  const auto answered = run(client.call(std::move(call)));
  EXPECT_TRUE(answered) << answered.error().message;
}

TEST_F(FrontTest, tls_is_in_the_record) {
  tls_ = http::TlsFacts{.version = "TLSv1.3", .cipher = "TLS_AES_128_GCM_SHA256"};
  EXPECT_EQ(post(kWhoAmI, "sts").status, 200);
  tls_.reset();
  EXPECT_EQ(post(kWhoAmI, "sts").status, 200);
  const auto all = records();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(
      json::serialize(all[0].at("tlsDetails")),
      R"({"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"127.0.0.1"})");
  EXPECT_FALSE(all[1].contains("tlsDetails"));
}

TEST_F(FrontTest, who_fails_too_often_is_held_off_in_his_own_protocol) {
  Dependencies on{.catalog = catalog,
                  .directory = directory_,
                  .recorder = recorder_,
                  .forwarder = forwarder_,
                  .services = {},
                  .clock = system_clock(),
                  .metrics = metrics_};
  on.failures_a_minute = std::uint64_t{2};
  front_ = std::make_unique<Front>(std::move(on));
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(post(kWhoAmI, "sts", "ann", "wrong").body, HasSubstr("SignatureDoesNotMatch"));
  }
  EXPECT_THAT(post(kWhoAmI, "sts").body, HasSubstr("<Code>Throttling</Code>"));
  EXPECT_EQ(body_reads_, 0) << "nothing of it was read";
  EXPECT_THAT(metrics_.text(), HasSubstr("cairn_calls_failed_authentication_total 2"));
  EXPECT_THAT(metrics_.text(), HasSubstr("cairn_calls_throttled_by_address_total 1"));
}

TEST_F(FrontTest, throttled_calls_are_recorded_like_any_refused_one) {
  ASSERT_THAT(post_json("GenerateQuery").body, ::testing::Not(HasSubstr("ThrottlingException")));
  const auto answered = post_json("GenerateQuery");  // one in fifteen seconds
  EXPECT_EQ(answered.status, 400);
  EXPECT_THAT(answered.body, HasSubstr("ThrottlingException"));
  EXPECT_THAT(answered.body, HasSubstr("Rate exceeded"));
  EXPECT_EQ(json::find_string(records().back(), "errorCode"), "ThrottlingException");
}

TEST_F(FrontTest, null_in_a_list_never_reaches_a_service) {
  for (const auto* input : {R"({"trailNameList":[null]})", R"({"trailNameList":["main",null]})"}) {
    EXPECT_THAT(post_json("DescribeTrails", "ann", input).body, HasSubstr("SerializationException"));
  }
}

TEST_F(FrontTest, too_many_bytes_in_flight_are_refused) {
  Dependencies on{.catalog = catalog,
                  .directory = directory_,
                  .recorder = recorder_,
                  .forwarder = forwarder_,
                  .services = {},
                  .clock = system_clock(),
                  .metrics = metrics_};
  on.limits.bytes_in_flight_max = 20;
  front_ = std::make_unique<Front>(std::move(on));
  EXPECT_EQ(post(kWhoAmI, "sts").status, 503);
}

TEST_F(FrontTest, services_call_in_process_and_are_recorded_as_services) {
  InProcessClient client;
  client.connect(*front_);
  aws::ClientCall call;
  call.service = "sts";
  call.operation = "GetCallerIdentity";
  call.region = "eu-west-1";
  call.on_behalf = {.service_principal = "cloudtrail.amazonaws.com",
                    .source_arn = "arn:aws:x",
                    .source_account = std::string(kAccount)};
  static_cast<void>(run(client.call(std::move(call))));
  const auto all = records();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(json::serialize(all[0].at("userIdentity")),
            R"({"type":"AWSService","invokedBy":"cloudtrail.amazonaws.com"})");
  EXPECT_EQ(json::find_string(all[0], "sourceIPAddress"), "cloudtrail.amazonaws.com");
}

}  // namespace
}  // namespace cairn::front
