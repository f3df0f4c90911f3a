// What the tests here share: calls as the front makes them: permission first, then the operation, then its commit.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "access/testing.h"
#include "codec/base64.h"
#include "json/json.h"
#include "services/kms/kms.h"

namespace cairn::services::kms::testing {

using boost::json::object;

inline constexpr const char* kHere = "111122223333";
inline constexpr const char* kElsewhere = "444455556666";

inline access::Caller root_of(std::string_view account) {
  access::Caller caller;
  caller.principal = {.kind = access::PrincipalKind::root,
                      .account = std::string(account),
                      .arn = "arn:aws:iam::" + std::string(account) + ":root",
                      .id = std::string(account)};
  return caller;
}

// A user with one identity policy; empty: with none.
inline access::Caller user_of(std::string_view account, std::string_view name, std::string_view policy = "") {
  access::Caller caller;
  caller.principal = {.kind = access::PrincipalKind::user,
                      .account = std::string(account),
                      .arn = "arn:aws:iam::" + std::string(account) + ":user/" + std::string(name),
                      .id = "AIDA" + std::string(name),
                      .name = std::string(name)};
  if (!policy.empty()) {
    caller.policies.push_back(*access::Policy::parse(policy, access::PolicyKind::identity));
  }
  return caller;
}

class KmsWorld : public ::testing::Test, public access::testing::World {
 protected:
  Result<object, aws::Fault> answer(std::string_view operation, object input = {}) {
    const auto& model = *aws::catalogue().by_name("kms");
    front::Call call{.service = model, .operation = *model.operation(operation), .head = head, .caller = caller};
    call.account = caller.principal.account;
    call.region = region;
    call.time = now;
    call.input = std::move(input);
    const auto asks = run(service->asks(call));
    if (!asks) {
      return asks.error();
    }
    for (const auto& ask : *asks) {
      const auto decision = access::decide(caller, ask);
      if (!decision.allowed) {
        return aws::fault::access_denied(aws::Family::json, {.user = caller.principal.arn,
                                                             .action = ask.action,
                                                             .resource = ask.shown_resource.empty() ? ask.resource : ask.shown_resource,
                                                             .reason = decision.reason});
      }
    }
    call.record = {};
    auto outcome = run(service->run(call));
    recorded = std::move(call.record);
    recorded_input = call.input;
    if (!outcome) {
      return outcome.error();
    }
    if (!outcome->effects.empty()) {
      written = outcome->effects.writes;
      const auto committed = run(catalog.commit(std::move(outcome->effects)));
      EXPECT_TRUE(committed) << committed.error().text();
    }
    return std::move(outcome->output);
  }
  // The answer, or the exception.
  std::string text(std::string_view operation, object input = {}) {
    const auto output = answer(operation, std::move(input));
    return output ? json::serialize(*output) : output.error().code;
  }
  std::string new_key(object input = {}) {
    const auto made = answer("CreateKey", std::move(input));
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::string(made->at("KeyMetadata").at("KeyId").as_string()) : std::string();
  }
  std::string arn_of(const std::string& key) const {
    return "arn:aws:kms:" + region + ":" + std::string(kHere) + ":key/" + key;
  }
  boost::json::value encrypted(const std::string& key, const object& context = {}) {
    const auto made = answer("Encrypt", {{"KeyId", key}, {"Plaintext", "bmVzdA=="}, {"EncryptionContext", context}});
    EXPECT_TRUE(made) << made.error().message;
    return made ? made->at("CiphertextBlob") : boost::json::value("");
  }
  // The plaintext in base64, or the exception.
  std::string decrypted(const boost::json::value& ciphertext, const object& context = {}, object more = {}) {
    more["CiphertextBlob"] = ciphertext;
    more["EncryptionContext"] = context;
    const auto made = answer("Decrypt", std::move(more));
    return made ? std::string(made->at("Plaintext").as_string()) : made.error().code;
  }

  codec::RequestHead head;
  access::Caller caller = root_of(kHere);
  std::string region = "eu-west-1";
  Time now = access::testing::kNow;
  front::Recorded recorded;
  object recorded_input;
  std::vector<catalog::Write> written;  // by the last call that wrote
  std::unique_ptr<front::Service> service = make_kms({.catalog = catalog, .sealer = sealer});
};

}  // namespace cairn::services::kms::testing
