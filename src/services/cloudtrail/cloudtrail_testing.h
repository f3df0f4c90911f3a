// What the tests of services/cloudtrail share: a catalog in memory, an S3 that answers as told and an event
// history that answers as told.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "access/testing.h"
#include "event/outbox_row.h"
#include "json/json.h"
#include "services/cloudtrail/cloudtrail.h"
#include "trail/trail.h"

namespace cairn::services::cloudtrail {

using access::testing::kNow;
using boost::json::array;
using boost::json::object;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

inline constexpr std::string_view kAccount = "111122223333";

class FakeS3 final : public aws::Client {
 public:
  Task<Result<aws::ClientAnswer, aws::Fault>> call(aws::ClientCall call) override {
    calls.push_back(call.operation + " " + std::string(json::find_string(call.input, "Bucket").value_or("")) +
                    " " + std::string(json::find_string(call.input, "Key").value_or("")) + " " +
                    call.on_behalf.source_arn);
    regions.push_back(call.region);
    if (refuse == call.operation) {
      co_return aws::Fault{code, status, "no"};
    }
    co_return aws::ClientAnswer{};
  }
  std::vector<std::string> calls;
  std::vector<std::string> regions;  // of the calls
  std::string refuse;                // operation
  std::string code = "AccessDenied";
  int status = 403;
};

class FakeStore final : public store::Store {
 public:
  journal::Position cursor() const override { return {}; }
  journal::Position end() const override { return {}; }
  Result<void> append(const std::vector<store::Row>&, journal::Position) override { return {}; }
  Result<void> maintain(Time) override { return {}; }
  Result<void> seal() override { return {}; }
  bool working() const override { return false; }
  Task<Result<store::Page>> lookup(store::Query query, std::optional<store::Bookmark> after) override {
    asked = std::move(query);
    bookmark = after;
    if (error) {
      co_return Error{*error, "as the test asked for"};
    }
    store::Page page;
    store::Found found;
    found.view.event_id = "id-1";
    found.view.name = "CreateTrail";
    found.view.source = "cloudtrail.amazonaws.com";
    found.view.time = kNow;
    found.view.resources = {{"", "nameless"}, {"AWS::S3::Bucket", "kestrel"}};
    found.json = "{}";
    page.events.push_back(std::move(found));
    page.next = next;
    co_return page;
  }
  store::Query asked;
  std::optional<store::Bookmark> bookmark, next;
  std::optional<Errc> error;
};

class CloudTrailTest : public ::testing::Test, public access::testing::World {
 protected:
  front::Call make(std::string_view operation, object input, std::string_view region = "us-east-1") {
    const auto& model = *aws::catalogue().by_name("cloudtrail");
    front::Call call{.service = model,
                     .operation = *model.operation(operation),
                     .head = head,
                     .account = std::string(kAccount)};
    call.region = region;
    call.time = now;
    call.input = std::move(input);
    return call;
  }
  bool commit_effects(front::Answer& outcome) {
    if (!outcome || outcome->effects.empty()) {
      return true;
    }
    return run(catalog.commit(std::move(outcome->effects))).has_value();
  }
  // Runs it as the front does; the code of the fault, or the output as JSON.
  std::string text(std::string_view operation, object input = {}, std::string_view region = "us-east-1") {
    auto call = make(operation, std::move(input), region);
    auto outcome = run(service->run(call));
    if (!outcome) {
      return outcome.error().code + ": " + outcome.error().message;
    }
    EXPECT_TRUE(commit_effects(outcome));
    return json::serialize(outcome->output);
  }
  std::string create(std::string_view name, std::string_view region = "us-east-1", bool multi = false) {
    return text("CreateTrail", {{"Name", name}, {"S3BucketName", "kestrel"}, {"IsMultiRegionTrail", multi}},
                region);
  }
  static std::string arn(std::string_view name, std::string_view region = "us-east-1") {
    return "arn:aws:cloudtrail:" + std::string(region) + ":111122223333:trail/" + std::string(name);
  }
  // Kinds of what went into the outbox.
  std::size_t controls() { return run(catalog.outbox(0, 1000))->size(); }

  Time now = kNow;
  bool ready = true;
  codec::RequestHead head;
  FakeS3 s3;
  FakeStore history;
  std::unique_ptr<front::Service> service = make_cloudtrail({.catalog = catalog,
                                                             .history = history,
                                                             .history_ready = [this] { return ready; },
                                                             .s3 = s3,
                                                             .options = {}});
};

}  // namespace cairn::services::cloudtrail
