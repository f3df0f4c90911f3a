// What we record of calls that AWS has recorded. Each recorded call is turned back into a request and an
// answer by the models (a naive inverse of what the forms do), these go the way of a relayed call, and the
// record is compared with AWS's own. What differs is counted for each operation; docs/fidelity.md
// is written with CAIRN_WRITE_FIDELITY=1.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "capture/capture.h"
#include "capture/unrecorded_testing.h"
#include "event/real_records.h"
#include "json/json.h"

namespace cairn::capture {
namespace {

using boost::json::object;
using boost::json::value;

bool same(const value& a, const value& b) {
  if (a.is_number() && b.is_number()) {
    return a.to_number<double>() == b.to_number<double>();
  }
  if (a.is_object() && b.is_object()) {
    return a.get_object().size() == b.get_object().size() &&
           std::ranges::all_of(a.get_object(), [&](const auto& pair) {
             const auto* other = b.get_object().if_contains(pair.key());
             return other != nullptr && same(pair.value(), *other);
           });
  }
  if (a.is_array() && b.is_array()) {
    return std::ranges::equal(a.get_array(), b.get_array(), same);
  }
  return a == b;
}

std::optional<object> recorded_by_us(const aws::Operation& operation, const object& record) {
  const auto* given = json::find_object(record, "requestParameters");
  const auto request = naive::request_of(operation, given == nullptr ? object() : *given);
  if (!request) {
    return std::nullopt;
  }
  const auto& scope = operation.service->signing_name;
  const auto call = aws::recognise(
      {.head = request->head,
       .scope_service = scope,
       .form = aws::reads_form(request->head) ? std::string_view(request->body) : std::string_view{},
       .s3_domains = {},
       .among = aws::everything(),
       .lenient = true});
  const auto answer = naive::answer_of(operation, record);
  const codec::ResponseHead response{answer.status, answer.headers};
  Circumstances facts;
  facts.account = json::find_string(record, "recipientAccountId").value_or("111122223333");
  facts.region = json::find_string(record, "awsRegion").value_or("us-east-1");
  return *json::parse_object(event::to_json(record_of(
      {.call = call ? &*call : nullptr, .refusal = call ? nullptr : &call.error(), .scope_service = scope},
      {.request = request->head,
       .request_body = {request->body},
       .response = &response,
       .response_body = {answer.body}},
      facts)));
}

// Operations by "source name"; several where services share them.
const std::map<std::string, std::vector<const aws::Operation*>>& operations() {
  static const auto known = [] {
    std::map<std::string, std::vector<const aws::Operation*>> all;
    for (const auto* service : aws::everything().all()) {
      const auto key = event::service_name(*service);
      for (const auto& [name, operation] : service->operations) {
        all[event::event_source(key) + " " + event::event_name(key, name)].push_back(&operation);
      }
    }
    return all;
  }();
  return known;
}

// What was compared of an operation's records, and how often it was the same.
struct Fidelity {
  std::size_t records = 0;
  std::map<std::string, std::pair<std::size_t, std::size_t>> members;  // same, of
  std::map<std::string, std::string> example;                          // of a difference
};

constexpr const char* kCompared[] = {
    "eventSource",      "eventName", "readOnly",     "managementEvent", "apiVersion", "requestParameters",
    "responseElements", "errorCode", "errorMessage", "requestID",       "resources"};

bool is_comparable(const std::string& member, const object& record) {
  const auto* theirs = record.if_contains(member);
  if (theirs == nullptr || theirs->is_null()) {
    return false;  // where AWS says nothing there is nothing to be like
  }
  return member != "requestID" || theirs->is_string();
}

void compare(const object& ours, const object& record, Fidelity& fidelity) {
  ++fidelity.records;
  for (const std::string member : kCompared) {
    if (!is_comparable(member, record)) {
      continue;
    }
    auto& [right, all] = fidelity.members[member];
    ++all;
    const auto* found = ours.if_contains(member);
    if (found != nullptr && same(*found, record.at(member))) {
      ++right;
    } else {
      fidelity.example.emplace(
          member, fmt::format("{} and not {}", found == nullptr ? "nothing" : json::serialize(*found),
                              json::serialize(record.at(member))));
    }
  }
}

std::size_t score(const Fidelity& fidelity) {
  std::size_t sum = 0;
  for (const auto& [member, counts] : fidelity.members) {
    sum += counts.first;
  }
  return sum;
}

using Report = std::map<std::string, Fidelity>;

Report compared() {
  Report report;
  std::set<std::string> seen;
  for (const auto& [file, json] : event::testing::real_records()) {
    const auto call =
        std::string(json.at("eventSource").as_string()) + " " + std::string(json.at("eventName").as_string());
    const auto found = operations().find(call);
    const auto* type = json.if_contains("eventType");
    if (found == operations().end() || found->second.front()->service->name == "ec2" ||
        (type != nullptr && *type != "AwsApiCall")) {
      continue;
    }
    Fidelity best;
    for (const auto* operation : found->second) {
      Fidelity one;
      if (const auto ours = recorded_by_us(*operation, json)) {
        compare(*ours, json, one);
      }
      best = best.records == 0 || score(one) > score(best) ? one : best;
    }
    auto& sum = report[call];
    sum.records += best.records;
    for (const auto& [member, counts] : best.members) {
      sum.members[member].first += counts.first;
      sum.members[member].second += counts.second;
    }
    sum.example.insert(best.example.begin(), best.example.end());
  }
  return report;
}

using Counts = std::pair<std::size_t, std::size_t>;  // the same, of

std::map<std::string, Counts> sums_of(const Report& report) {
  std::map<std::string, Counts> sums;
  for (const auto& [call, fidelity] : report) {
    for (const auto& [member, counts] : fidelity.members) {
      sums[member].first += counts.first;
      sums[member].second += counts.second;
    }
  }
  return sums;
}

std::string cell(const Fidelity& fidelity, const std::string& member) {
  const auto found = fidelity.members.find(member);
  return found == fidelity.members.end() ? ""
                                         : fmt::format("{}/{}", found->second.first, found->second.second);
}

void write_document(const Report& report) {
  std::ofstream out(std::string(CAIRN_SOURCE_DIR) + "/docs/fidelity.md");
  out << "# Relayed calls, beside AWS's own records\n\n"
         "Written by `src/capture/fidelity_test.cc` with CAIRN_WRITE_FIDELITY=1; do not edit. Public "
         "recorded events of AWS are turned back "
         "into requests and answers by the service models, and these are recorded as a gateway records a "
         "call that it relays. Counted is "
         "where AWS's record has the member, and how often ours is the same, value for value. Calls of EC2, "
         "whose form cannot be turned back "
         "by the models alone, are rows of `ec2_form_test.cc` instead. Calls of every service that moto "
         "implements: [fidelity_calls.md](fidelity_calls.md).\n\n"
         "| member | the same | of |\n|---|---|---|\n";
  for (const auto& [member, counts] : sums_of(report)) {
    out << fmt::format("| {} | {} | {} |\n", member, counts.first, counts.second);
  }
  out << "\n## What differs, and why\n\n"
         "- Values that the service adds to what was asked (`monitorMode: false`, `template: false` of some "
         "calls): they were not on the "
         "wire.\n"
         "- Times of before 2021 have no second comma; ours are as they are today. Nanoseconds are cut to "
         "milliseconds.\n"
         "- Answers of a few reads (STS GetCallerIdentity, lists of some services), which these records have "
         "and today's do not.\n"
         "- CloudFront's, Elasticsearch's and RDS's answers have members that no answer on the wire has, or "
         "that the model calls otherwise.\n"
         "- Examples of documentation and tests that were written or altered by hand: names left out, "
         "parameters of another operation, a bucket "
         "that is not the host's.\n\n"
         "## By operation\n\n"
         "| event source | event name | records | requestParameters | responseElements | errorCode | "
         "resources |\n|---|---|---|---|---|---|---|\n";
  for (const auto& [call, fidelity] : report) {
    const auto space = call.find(' ');
    out << fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", call.substr(0, space),
                       call.substr(space + 1), fidelity.records, cell(fidelity, "requestParameters"),
                       cell(fidelity, "responseElements"), cell(fidelity, "errorCode"),
                       cell(fidelity, "resources"));
  }
}

TEST(Fidelity, records_are_as_aws_wrote_them) {
  const auto report = compared();
  if (report.empty()) {
    GTEST_SKIP() << "no records in " << event::testing::data_folder();
  }
  if (std::getenv("CAIRN_WRITE_FIDELITY") != nullptr) {
    write_document(report);
  }
  // In thousandths. What is missing is listed in docs/fidelity.md, with the reasons.
  const std::map<std::string, std::size_t> wanted = {
      {"eventSource", 1000},      {"eventName", 998},        {"readOnly", 999},  {"managementEvent", 999},
      {"requestParameters", 993}, {"responseElements", 930}, {"errorCode", 999}, {"errorMessage", 1000},
      {"requestID", 999},         {"resources", 997},        {"apiVersion", 950}};
  const auto sums = sums_of(report);
  for (const auto& [member, thousandths] : wanted) {
    const auto [right, all] = sums.at(member);
    EXPECT_GE(right * 1000, all * thousandths) << member << ": " << right << " of " << all;
  }
  EXPECT_GT(report.size(), 300U);
  if (testing::Test::HasFailure()) {
    for (const auto& [call, fidelity] : report) {
      for (const auto& [member, text] : fidelity.example) {
        fmt::print("{} {}: {}\n", call, member, text.substr(0, 1000));
      }
    }
  }
}

}  // namespace
}  // namespace cairn::capture
