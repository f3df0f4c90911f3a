// The names and kinds of calls against the models of all services: every recorded call is an operation that
// we know, and is what we say it is.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "aws/model.h"
#include "event/names.h"
#include "event/real_records.h"
#include "event/record.h"

namespace cairn::event {
namespace {

using Names = std::map<std::string, std::set<std::string>, std::less<>>;  // by event source

const Names& known_calls() {
  static const auto names = [] {
    Names all;
    for (const auto* service : aws::everything().all()) {
      auto& of_source = all[event_source(service_name(*service))];
      for (const auto& [name, operation] : service->operations) {
        of_source.insert(event_name(service_name(*service), name));
      }
    }
    return all;
  }();
  return names;
}

bool is_known(const std::string& source, const std::string& name) {
  const auto found = known_calls().find(source);
  return found != known_calls().end() && found->second.contains(name);
}

// Recorded calls that no model has, and why: "source name", or "source *".
const std::map<std::string_view, std::string_view> kNoOperations = {
    {"... ...", "an example with its names left out"},
    {"... CreateNetworkAclEntry", "an example with its names left out"},
    {"... PutObjectAcl", "an example with its names left out"},
    {" PutObjectAcl", "an example with its names left out"},
    {"bedrock.amazonaws.com PutFoundationModelEntitlement", "the console's alone"},
    {"es.amazonaws.com ListNotifications", "the console's alone"},
    {"ec2.amazonaws.com DeleteBucketPublicAccessBlock", "an example whose eventSource was changed by hand"},
    {"ec2.amazonaws.com PutBucketVersioning", "an example whose eventSource was changed by hand"},
    {"iam.amazonaws.com DetachUserGroup", "an example written by hand"},
    {"s3.amazonaws.com ListBucket", "an example written by hand"},
    {"robomaker.amazonaws.com *", "the service is no more"},
    {"sms.amazonaws.com *", "the service is no more"},
};

TEST(EventCatalogue, knows_every_recorded_call) {
  std::map<std::string, std::string> calls;  // where one is
  for (const auto& [file, json] : testing::real_records()) {
    const auto* type = json.if_contains("eventType");
    if (type == nullptr || *type == "AwsApiCall") {
      calls[std::string(json.at("eventSource").as_string()) + " " +
            std::string(json.at("eventName").as_string())] = file;
    }
  }
  if (calls.empty()) {
    GTEST_SKIP() << "no records in " << testing::data_folder();
  }
  std::size_t known = 0;
  for (const auto& [call, file] : calls) {
    const auto space = call.find(' ');
    const auto source = call.substr(0, space);
    if (is_known(source, call.substr(space + 1))) {
      EXPECT_FALSE(kNoOperations.contains(call)) << call << " is listed, but known";
      ++known;
    } else {
      EXPECT_TRUE(kNoOperations.contains(call) || kNoOperations.contains(source + " *"))
          << call << " in " << file;
    }
  }
  fmt::print("{} of {} recorded calls are operations\n", known, calls.size());
  EXPECT_GT(known, 350U);
}

TEST(EventCatalogue, api_versions_are_as_records_have_them) {
  std::map<std::string, std::set<std::string>> recorded;
  for (const auto& [file, json] : testing::real_records()) {
    if (const auto* version = json.if_contains("apiVersion"); version != nullptr && version->is_string()) {
      recorded[std::string(json.at("eventSource").as_string())].emplace(version->as_string());
    }
  }
  for (const auto& [source, versions] : recorded) {
    bool found = false;
    for (const auto* service : aws::everything().all()) {
      found = found ||
              (event_source(service_name(*service)) == source && versions.contains(api_version(*service)));
    }
    EXPECT_TRUE(found) << source;
  }
  const struct {
    std::string_view service;
    std::string_view version;
  } rows[] = {{"dynamodb", "2012-08-10"},
              {"cloudfront", "2020_05_31"},
              {"logs", "20140328"},
              {"elb", "2012-06-01"},
              {"elbv2", "2015-12-01"},
              {"sqs", ""},
              {"s3", ""},
              {"ec2", ""},
              {"lambda", ""}};
  for (const auto& row : rows) {
    EXPECT_EQ(api_version(*aws::everything().by_name(row.service)), row.version) << row.service;
  }
}

}  // namespace
}  // namespace cairn::event
