// All services: every operation is recognised by a request of its own, and the archive is what the reference
// says.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <set>

#include "aws/protocol.h"
#include "aws/recognise.h"
#include "codec/uri.h"

namespace cairn::aws {
namespace {

using boost::json::object;
using boost::json::value;

value sample(const Member& member) {
  switch (member.shape->kind) {
    case Kind::boolean:
      return true;
    case Kind::integer:
    case Kind::long_integer:
    case Kind::timestamp:
      return 7;
    case Kind::floating:
      return 1.5;
    case Kind::list:
      return boost::json::array{sample(member.shape->element)};
    case Kind::map:
      return object{{"k", sample(member.shape->element)}};
    case Kind::structure:
      return object{};
    default:
      return value("sample");
  }
}

// What the request's head must have: labels, and the required keys and headers.
object filled(const Operation& operation) {
  object input;
  if (operation.input.shape == nullptr) {
    return input;
  }
  for (const auto& member : operation.input.shape->members) {
    const bool in_head = member.location == Location::querystring || member.location == Location::header;
    if (member.location == Location::uri || (in_head && member.required)) {
      input.emplace(member.name, sample(member));
    }
  }
  return input;
}

// Forms and CBOR, as plain as they can be written.
EncodedRequest plain_request(Protocol protocol, const Operation& operation) {
  EncodedRequest out{.method = "POST", .target = "/", .headers = {}, .body = {}};
  if (protocol == Protocol::ec2) {
    out.headers.set("Content-Type", "application/x-www-form-urlencoded");
    out.body = fmt::format("Action={}&Version={}", operation.name, operation.service->api_version);
  } else {
    out.headers.set("smithy-protocol", "rpc-v2-cbor");
    out.headers.set("Content-Type", "application/cbor");
    out.target =
        fmt::format("/service/{}/operation/{}", operation.service->target_prefixes.front(), operation.name);
    out.body = "\xa0";
  }
  return out;
}

EncodedRequest request_of(Protocol protocol, const Operation& operation) {
  if (protocol == Protocol::ec2 || protocol == Protocol::cbor) {
    return plain_request(protocol, operation);
  }
  auto encoded = encode_request(protocol, operation, filled(operation));
  EXPECT_TRUE(encoded.has_value()) << operation.service->name << " " << operation.name;
  return encoded ? *std::move(encoded) : EncodedRequest{};
}

std::string recognised_as(const EncodedRequest& request, std::string_view scope, std::string_view host) {
  codec::RequestHead head{request.method, request.target, request.headers};
  head.headers.set("Host", std::string(host));
  const auto call = recognise({.head = head,
                               .scope_service = scope,
                               .form = reads_form(head) ? std::string_view(request.body) : std::string_view{},
                               .s3_domains = {},
                               .among = everything(),
                               .lenient = true});
  return call ? call->service->name + " " + call->operation->name : "! " + call.error().fault.code;
}

// Each line is one call that another one cannot be told from.
struct Ambiguous {
  std::string_view wanted;
  std::string_view recognised;
};
constexpr Ambiguous kSameRequest[] = {
    // The older of two operations of one request, which the newer replaced.
    {"s3 GetBucketLifecycle", "s3 GetBucketLifecycleConfiguration"},
    {"s3 GetBucketNotification", "s3 GetBucketNotificationConfiguration"},
    {"s3 PutBucketLifecycle", "s3 PutBucketLifecycleConfiguration"},
    {"s3 PutBucketNotification", "s3 PutBucketNotificationConfiguration"},
    // Differ in the endpoint alone, which is another service's by its signing name (s3express).
    {"s3 ListDirectoryBuckets", "s3 ListBuckets"},
    // Both are POST /imports/: Lex's two versions are told apart by their hosts.
    {"lex-models StartImport", "lexv2-models ListImports"},
};
bool is_known_ambiguity(std::string_view wanted, std::string_view recognised) {
  return std::ranges::any_of(
      kSameRequest, [&](const auto& row) { return row.wanted == wanted && row.recognised == recognised; });
}

// An operation of that name is in several services of one signing name, under one path: the record is the
// same whichever it is.
bool is_shared_operation(const Service& service, const Operation& operation, std::string_view recognised) {
  const auto space = recognised.find(' ');
  const auto* other = everything().by_name(recognised.substr(0, space));
  return other != nullptr && recognised.substr(space + 1) == operation.name &&
         other->signing_name == service.signing_name;
}

TEST(Everything, every_operation_of_every_service_is_recognised) {
  std::size_t operations = 0;
  std::size_t requests = 0;
  std::size_t ambiguous = 0;
  std::size_t shared = 0;
  for (const auto* service : everything().all()) {
    operations += service->operations.size();
    for (const auto protocol : service->protocols) {
      for (const auto& [name, operation] : service->operations) {
        const auto request = request_of(protocol, operation);
        const auto wanted = service->name + " " + name;
        const auto got = recognised_as(request, service->signing_name, "127.0.0.1:4586");
        ++requests;
        if (got != wanted && is_known_ambiguity(wanted, got)) {
          ++ambiguous;
          continue;
        }
        if (got != wanted && is_shared_operation(*service, operation, got)) {
          ++shared;
          continue;
        }
        EXPECT_EQ(got, wanted) << to_string(protocol) << " " << request.method << " " << request.target;
      }
    }
  }
  fmt::print("{} operations, {} requests, {} shared, {} ambiguous\n", operations, requests, shared,
             ambiguous);
  EXPECT_GT(operations, 18'000U);
}

TEST(Everything, a_host_tells_apart_what_a_signing_name_does_not) {
  for (const auto* service : everything().all()) {
    for (const auto& [name, operation] : service->operations) {
      const auto host = service->endpoint_prefix + ".eu-west-1.amazonaws.com";
      const auto wanted = service->name + " " + name;
      const auto got = recognised_as(request_of(service->protocol(), operation), service->signing_name, host);
      const auto* other = everything().by_name(got.substr(0, got.find(' ')));
      const bool same_host = other != nullptr && other->endpoint_prefix == service->endpoint_prefix &&
                             is_shared_operation(*service, operation, got);
      if (got != wanted && !same_host && !is_known_ambiguity(wanted, got)) {
        ADD_FAILURE() << wanted << " is recognised as " << got;
      }
    }
  }
}

TEST(Everything, has_our_own_services_as_they_are) {
  for (const auto* ours : catalogue().all()) {
    EXPECT_EQ(everything().by_name(ours->name), ours) << ours->name;
    EXPECT_EQ(everything().by_signing_name(ours->signing_name), ours) << ours->name;
  }
  EXPECT_EQ(everything().by_signing_name("rds")->name, "rds");
  EXPECT_EQ(everything().by_target_prefix("DynamoDB_20120810")->name, "dynamodb");
  EXPECT_EQ(everything().by_action("RunInstances", "2016-11-15")->name, "ec2");
  EXPECT_EQ(everything().by_action("CreateDBCluster", "2014-10-31")->name, "rds");
  EXPECT_EQ(everything().by_name("nothing"), nullptr);
}

// docs/reference/services.md has a row for each service, and no other.
TEST(Everything, is_what_the_reference_says) {
  std::set<std::string> written;
  std::ifstream file(std::string(CAIRN_SOURCE_DIR) + "/docs/reference/services.md");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| ") && !line.starts_with("| service |")) {
      written.insert(line);
    }
  }
  std::set<std::string> known;
  for (const auto* service : everything().all()) {
    std::set<std::string> protocols;
    for (const auto protocol : service->protocols) {
      protocols.insert(std::string(to_string(protocol)));
    }
    const bool answered = catalogue().by_name(service->name) != nullptr;
    const auto found = std::ranges::find_if(written, [&](const std::string& line) {
      return line.starts_with(fmt::format("| {} | {} | ", service->name, service->signing_name)) &&
             line.ends_with(fmt::format(" | {} | {} | {} |", service->api_version, service->operations.size(),
                                        answered ? "answered" : "")) &&
             std::ranges::all_of(protocols, [&](const auto& p) { return line.find(p) != std::string::npos; });
    });
    EXPECT_NE(found, written.end()) << service->name << " is not in docs/reference/services.md as it is";
    known.insert(service->name);
  }
  EXPECT_EQ(written.size(), known.size());
}

TEST(Everything, loads_at_its_first_use) {
  const auto start = std::chrono::steady_clock::now();
  const auto fresh = Catalogue::of_everything(catalogue());
  const auto indexed = std::chrono::steady_clock::now();
  EXPECT_EQ(fresh->by_signing_name("ec2")->name, "ec2");
  const auto loaded = std::chrono::steady_clock::now();
  fmt::print("index: {} us, ec2: {} us\n", (indexed - start) / std::chrono::microseconds(1),
             (loaded - indexed) / std::chrono::microseconds(1));
}

}  // namespace
}  // namespace cairn::aws
