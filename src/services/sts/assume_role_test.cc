// AssumeRole: who may, for how long, with which policies and tags; and the users' own sessions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/entities.h"
#include "access/testing.h"
#include "json/json.h"
#include "services/sts/sts.h"

namespace cairn::services::sts {
namespace {

using access::testing::kNow;
using boost::json::array;
using boost::json::object;

constexpr std::string_view kHere = "111122223333";
constexpr std::string_view kThere = "444455556666";
constexpr std::string_view kRole = "arn:aws:iam::444455556666:role/svc/Collector";
constexpr std::string_view kAllowRead =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}})";

std::string trusting(std::string_view principal, std::string_view more = "") {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")" +
         std::string(principal) +
         R"("},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"])" + std::string(more) +
         "}]}";
}

class AssumeRoleTest : public ::testing::Test, public access::testing::World {
 protected:
  void SetUp() override {
    role.trust = trusting(kHere);
    commit(
        {access::put(access::AccountDocument{.id = std::string(kHere), .name = "here", .created = kNow}, 0),
         access::put(access::AccountDocument{.id = std::string(kThere), .name = "there", .created = kNow}, 0),
         access::put_entity(role, 0), access::put(user, 0)});
    caller = person();
  }
  access::Caller person() {
    access::Caller made;
    made.principal = {.kind = access::PrincipalKind::user,
                      .account = std::string(kHere),
                      .arn = "arn:aws:iam::111122223333:user/ann",
                      .id = user.id,
                      .name = "ann",
                      .access_key = "AKIAAAAAAAAAAAAAAAAA"};
    made.policies.push_back(*access::Policy::parse(
        R"({"Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}})", access::PolicyKind::identity));
    return made;
  }
  void change_role() {
    commit({catalog::Write{.key = access::RoleDocument::key_of(role.account, role.name),
                           .value = access::encode(role),
                           .expected = std::nullopt}});
  }
  // As the front does it: permission first.
  Result<object, aws::Fault> call_as(const access::Caller& who, std::string_view operation, object input) {
    const auto& model = *aws::catalogue().by_name("sts");
    front::Call call{.service = model,
                     .operation = *model.operation(operation),
                     .head = head,
                     .caller = who,
                     .account = who.principal.account};
    call.time = kNow;
    call.input = std::move(input);
    const auto asks = run(service->asks(call));
    if (!asks) {
      return asks.error();
    }
    for (const auto& ask : *asks) {
      if (const auto decision = access::decide(who, ask); !decision.allowed) {
        return aws::Fault{.code = "Refused", .message = ask.action + " " + decision.reason};
      }
    }
    if (between) {
      std::exchange(between, nullptr)();
    }
    auto outcome = run(service->run(call));
    if (outcome && outcome->stale) {
      return aws::Fault{.code = "Stale", .message = "ask anew"};
    }
    record = std::move(call.record);
    return outcome ? Result<object, aws::Fault>(std::move(outcome->output)) : outcome.error();
  }
  Result<object, aws::Fault> assume(object more = {}) {
    more.emplace("RoleArn", kRole);
    more.emplace("RoleSessionName", "nightly");
    return call_as(caller, "AssumeRole", std::move(more));
  }
  std::string refusal(object more = {}) {
    const auto made = assume(std::move(more));
    return made ? "allowed" : made.error().code + ": " + made.error().message;
  }
  std::optional<access::Caller> caller_with(const object& output) {
    const auto& credentials = output.at("Credentials").as_object();
    const auto text = [&](std::string_view name) { return std::string(credentials.at(name).as_string()); };
    const auto key = run(directory.key(text("AccessKeyId"), text("SessionToken")));
    EXPECT_TRUE(key && *key);
    EXPECT_EQ(ByteView((*key)->secret.bytes()).text(), text("SecretAccessKey"));
    return *run(directory.caller(**key));
  }
  std::int64_t lifetime(const object& output) {
    return output.at("Credentials").at("Expiration").to_number<std::int64_t>() -
           std::chrono::floor<std::chrono::seconds>(kNow).time_since_epoch().count();
  }

  access::RoleDocument role{.id = "AROAAAAAAAAAAAAAAAAAA",
                            .account = std::string(kThere),
                            .name = "Collector",
                            .path = "/svc/",
                            .created = kNow,
                            .attached = {"arn:aws:iam::aws:policy/AdministratorAccess"},
                            .session_seconds_max = 7200};
  access::UserDocument user{.id = "AIDAAAAAAAAAAAAAAAAAA",
                            .account = std::string(kHere),
                            .name = "ann",
                            .created = kNow,
                            .tags = {},
                            .policies = {},
                            .keys = {}};
  access::Directory directory{catalog, sealer};
  codec::RequestHead head;
  std::function<void()> between;  // of the next call: when it is allowed and before it runs
  access::Caller caller;
  front::Recorded record;
  std::unique_ptr<front::Service> service = make_sts(catalog, sealer);
};

TEST_F(AssumeRoleTest, nothing_is_issued_of_a_role_that_is_another_than_was_asked_for) {
  between = [&] {
    role.trust = trusting(kThere);
    change_role();
  };
  EXPECT_EQ(refusal(), "Stale: ask anew");
  EXPECT_THAT(refusal(), testing::StartsWith("Refused: "));
  role.trust = trusting(kHere);
  change_role();
  between = [&] { commit({access::remove_entity(role, 3)}); };
  EXPECT_EQ(refusal(), "Stale: ask anew");
  commit({access::put_entity(role, 0)});
  between = [&] {  // as old as the one that was asked for, and not that one
    commit({access::remove_entity(role, 1)});
    role.id = "AROABBBBBBBBBBBBBBBBB";
    commit({access::put_entity(role, 0)});
  };
  EXPECT_EQ(refusal(), "Stale: ask anew");
  EXPECT_EQ(refusal(), "allowed");
}

TEST_F(AssumeRoleTest, gives_credentials_of_the_role) {
  const auto made = assume();
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->at("AssumedRoleUser").at("Arn"),
            "arn:aws:sts::444455556666:assumed-role/Collector/nightly");
  EXPECT_EQ(made->at("AssumedRoleUser").at("AssumedRoleId"), "AROAAAAAAAAAAAAAAAAAA:nightly");
  EXPECT_TRUE(made->at("Credentials").at("AccessKeyId").as_string().starts_with("ASIA"));
  EXPECT_FALSE(made->contains("PackedPolicySize"));
  EXPECT_EQ(lifetime(*made), 3600);
  const auto session = caller_with(*made);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->principal.arn, "arn:aws:sts::444455556666:assumed-role/Collector/nightly");
  // The record has all but the secret.
  ASSERT_TRUE(record.response_elements);
  const auto shown = json::serialize(*record.response_elements);
  EXPECT_NE(shown.find("sessionToken"), std::string::npos);
  EXPECT_EQ(shown.find("secretAccessKey"), std::string::npos);
  ASSERT_EQ(record.resources.size(), 1U);
  EXPECT_EQ(record.resources[0].arn, kRole);
}

TEST_F(AssumeRoleTest, both_sides_must_allow) {
  caller.policies.clear();
  EXPECT_THAT(refusal(), ::testing::StartsWith("Refused: sts:AssumeRole because no identity-based"));
  caller = person();
  role.trust = trusting("arn:aws:iam::111122223333:user/bob");
  change_role();
  EXPECT_THAT(refusal(), ::testing::StartsWith("Refused: sts:AssumeRole because no role trust"));
  role.trust = trusting("arn:aws:iam::111122223333:user/ann");
  change_role();
  EXPECT_EQ(refusal(), "allowed");
  // In its own account, a user whom the trust names needs nothing else; one whose account it names does.
  caller.principal.account = kThere;
  caller.principal.arn = "arn:aws:iam::444455556666:user/ann";
  caller.policies.clear();
  role.trust = trusting("arn:aws:iam::444455556666:user/ann");
  change_role();
  EXPECT_EQ(refusal(), "allowed");
  role.trust = trusting(kThere);
  change_role();
  EXPECT_THAT(refusal(), ::testing::StartsWith("Refused: sts:AssumeRole"));
}

TEST_F(AssumeRoleTest, nobody_gets_what_is_not_there) {
  EXPECT_EQ(refusal({{"RoleArn", "nothing-valid-in-here"}}),
            "ValidationError: nothing-valid-in-here is invalid");
  for (const auto* arn :
       {"arn:aws:iam::444455556666:role/Collector", "arn:aws:iam::444455556666:user/ann",
        "arn:aws:iam::999999999999:role/svc/Collector", "arn:aws:iam::444455556666:role/svc/No"}) {
    EXPECT_THAT(refusal({{"RoleArn", arn}}), ::testing::StartsWith("Refused: sts:AssumeRole")) << arn;
  }
  caller.principal.kind = access::PrincipalKind::root;
  EXPECT_EQ(refusal(), "AccessDenied: Roles may not be assumed by root accounts.");
  caller = person();
  auto closed =
      access::AccountDocument{.id = std::string(kThere), .name = "there", .created = kNow, .active = false};
  commit({access::put(closed, 1)});
  EXPECT_THAT(refusal(), ::testing::StartsWith("Refused: sts:AssumeRole"));
}

TEST_F(AssumeRoleTest, external_ids_are_compared) {
  role.trust = trusting(kHere, R"(,"Condition":{"StringEquals":{"sts:ExternalId":"s3cret-7"}})");
  change_role();
  EXPECT_THAT(refusal(), ::testing::StartsWith("Refused"));
  EXPECT_THAT(refusal({{"ExternalId", "other"}}), ::testing::StartsWith("Refused"));
  EXPECT_EQ(refusal({{"ExternalId", "s3cret-7"}}), "allowed");
}

TEST_F(AssumeRoleTest, for_as_long_as_the_role_says) {
  EXPECT_EQ(lifetime(*assume({{"DurationSeconds", 7200}})), 7200);
  EXPECT_EQ(
      refusal({{"DurationSeconds", 7201}}),
      "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  // A session that assumes a role gets an hour at most.
  caller = *caller_with(*assume());
  role.trust = trusting(kThere);
  change_role();
  EXPECT_EQ(
      refusal({{"DurationSeconds", 3601}}),
      "ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed "
      "by role chaining.");
  EXPECT_EQ(refusal({{"DurationSeconds", 3600}}), "allowed");
}

TEST_F(AssumeRoleTest, session_policies) {
  const auto made = assume({{"Policy", kAllowRead},
                            {"PolicyArns", array{{{"arn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}}}}});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_GE(made->at("PackedPolicySize").to_number<int>(), 1);
  const auto session = caller_with(*made);
  ASSERT_TRUE(session && session->session_policies);
  EXPECT_EQ(session->session_policies->size(), 2U);
  EXPECT_THAT(refusal({{"Policy", "{"}}), ::testing::StartsWith("MalformedPolicyDocument"));
  EXPECT_THAT(refusal({{"Policy", std::string(kAllowRead) + std::string(2048, ' ')}}),
              ::testing::StartsWith("PackedPolicyTooLarge: Packed policy consumes 105%"));
  EXPECT_THAT(refusal({{"PolicyArns", array{{{"arn", "arn:aws:iam::444455556666:policy/none"}}}}}),
              ::testing::StartsWith("ValidationError: Policy arn:aws:iam::444455556666:policy/none"));
  // Not the caller's account's, the role's.
  EXPECT_THAT(refusal({{"PolicyArns", array{{{"arn", "arn:aws:iam::111122223333:policy/none"}}}}}),
              ::testing::StartsWith("ValidationError"));
}

TEST_F(AssumeRoleTest, tags_go_along_the_chain) {
  const auto tag = [](std::string_view key, std::string_view value) {
    return object{{"Key", key}, {"Value", value}};
  };
  const auto made =
      assume({{"Tags", array{tag("team", "red"), tag("cost", "7")}}, {"TransitiveTagKeys", array{"TEAM"}}});
  ASSERT_TRUE(made) << made.error().message;
  caller = *caller_with(*made);
  EXPECT_EQ(*caller.context.single("aws:PrincipalTag/cost"), "7");
  role.trust = trusting(kThere);
  change_role();
  const auto next = assume({{"Tags", array{tag("cost", "8")}}});
  ASSERT_TRUE(next) << next.error().message;
  const auto session = caller_with(*next);
  EXPECT_EQ(*session->context.single("aws:PrincipalTag/team"), "red");
  EXPECT_EQ(*session->context.single("aws:PrincipalTag/cost"), "8");
  EXPECT_EQ(session->principal.session->transitive_tags.size(), 1U);
  EXPECT_EQ(
      refusal({{"Tags", array{tag("Team", "x")}}}),
      "InvalidParameterValue: One of the specified transitive tag keys can't be set because it conflicts "
      "with a transitive tag key from the calling session.");
  EXPECT_EQ(
      refusal({{"Tags", array{tag("a", "x"), tag("A", "y")}}}),
      "InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  EXPECT_EQ(
      refusal({{"Tags", array{tag("a", "x")}}, {"TransitiveTagKeys", array{"b"}}}),
      "InvalidParameterValue: The specified transitive tag key must be included in the requested tags.");
}

TEST_F(AssumeRoleTest, tags_and_source_identities_take_permission) {
  role.trust =
      R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}})";
  change_role();
  EXPECT_EQ(refusal(), "allowed");
  EXPECT_THAT(refusal({{"Tags", array{{{"Key", "a"}, {"Value", "b"}}}}}),
              ::testing::StartsWith("Refused: sts:TagSession"));
  EXPECT_THAT(refusal({{"SourceIdentity", "ann"}}), ::testing::StartsWith("Refused: sts:SetSourceIdentity"));
}

TEST_F(AssumeRoleTest, a_source_identity_stays) {
  const auto made = assume({{"SourceIdentity", "ann"}});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->at("SourceIdentity"), "ann");
  caller = *caller_with(*made);
  role.trust = trusting(kThere);
  change_role();
  EXPECT_EQ(assume()->at("SourceIdentity"), "ann");
  EXPECT_THAT(refusal({{"SourceIdentity", "eve"}}), ::testing::StartsWith("ValidationError"));
}

TEST_F(AssumeRoleTest, refuses_what_is_not_there_by_name) {
  EXPECT_THAT(refusal({{"SerialNumber", "arn:aws:iam::111122223333:mfa/ann"}}),
              ::testing::HasSubstr("SerialNumber"));
  EXPECT_THAT(refusal({{"TokenCode", "123456"}}), ::testing::HasSubstr("TokenCode"));
  EXPECT_THAT(refusal({{"ProvidedContexts", array{object{}}}}), ::testing::HasSubstr("ProvidedContexts"));
}

TEST_F(AssumeRoleTest, too_many_tags_for_a_token) {
  array tags;
  std::uint64_t state = 7;
  for (int i = 0; i < 50; ++i) {
    std::string value;
    while (value.size() < 256) {  // that does not compress
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      value += static_cast<char>('!' + (state >> 33U) % 90);
    }
    tags.push_back(object{{"Key", "k" + std::to_string(i)}, {"Value", value}});
  }
  EXPECT_THAT(refusal({{"Tags", tags}}),
              ::testing::StartsWith("PackedPolicyTooLarge: Packed policy consumes"));
}

TEST_F(AssumeRoleTest, get_session_token) {
  const auto made = call_as(caller, "GetSessionToken", {});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(lifetime(*made), 43200);
  const auto session = caller_with(*made);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->principal.arn, caller.principal.arn);
  EXPECT_TRUE(session->principal.session->issuer_type.empty());
  // It reaches AssumeRole, and not itself.
  const auto again = call_as(*session, "GetSessionToken", {});
  EXPECT_EQ(again.error().message, "Cannot call GetSessionToken with session credentials");
  EXPECT_EQ(again.error().code, "AccessDenied");
  EXPECT_TRUE(call_as(*session, "GetCallerIdentity", {}));
  caller = *session;
  caller.policies = person().policies;
  EXPECT_EQ(refusal(), "allowed");
  auto root = person();
  root.principal = {.kind = access::PrincipalKind::root,
                    .account = std::string(kHere),
                    .arn = "arn:aws:iam::111122223333:root",
                    .id = std::string(kHere),
                    .name = {},
                    .access_key = {}};
  EXPECT_EQ(lifetime(*call_as(root, "GetSessionToken", {{"DurationSeconds", 7200}})), 3600);
}

TEST_F(AssumeRoleTest, get_federation_token) {
  const auto made = call_as(caller, "GetFederationToken",
                            {{"Name", "bob"}, {"Policy", kAllowRead}, {"DurationSeconds", 900}});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(lifetime(*made), 900);
  EXPECT_EQ(made->at("FederatedUser").at("Arn"), "arn:aws:sts::111122223333:federated-user/bob");
  EXPECT_EQ(made->at("FederatedUser").at("FederatedUserId"), "111122223333:bob");
  const auto bob = caller_with(*made);
  ASSERT_TRUE(bob && bob->session_policies);
  EXPECT_EQ(bob->principal.kind, access::PrincipalKind::federated);
  const auto bare = call_as(caller, "GetFederationToken", {{"Name", "bob"}});
  EXPECT_EQ(bare->at("PackedPolicySize"), 0);
  EXPECT_TRUE(caller_with(*bare)->session_policies->empty());
  EXPECT_TRUE(call_as(*bob, "GetCallerIdentity", {}));
  EXPECT_EQ(call_as(*bob, "AssumeRole", {{"RoleArn", kRole}, {"RoleSessionName", "x"}}).error().code,
            "AccessDenied");
  auto without = person();
  without.policies.clear();
  EXPECT_EQ(call_as(without, "GetFederationToken", {{"Name", "bob"}}).error().code, "Refused");
}

}  // namespace
}  // namespace cairn::services::sts
