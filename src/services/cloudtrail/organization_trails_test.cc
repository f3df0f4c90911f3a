// Trails of an organization and who administers for them: each refusal, and what a change writes.
#include <gtest/gtest.h>

#include "access/entities.h"
#include "access/testing.h"
#include "delivery/status.h"
#include "json/json.h"
#include "organization/organization.h"
#include "services/cloudtrail/cloudtrail.h"
#include "trail/trail.h"

namespace cairn::services::cloudtrail {
namespace {

using access::testing::kNow;
using boost::json::object;

constexpr const char* kManagement = "111122223333";
constexpr const char* kMember = "444455556666";
constexpr const char* kOutsider = "777788889999";

class WillingS3 final : public aws::Client {
 public:
  Task<Result<aws::ClientAnswer, aws::Fault>> call(aws::ClientCall call) override {
    keys.emplace_back(json::find_string(call.input, "Key").value_or(""));
    co_return aws::ClientAnswer{};
  }
  std::vector<std::string> keys;
};

class NoStore final : public store::Store {
 public:
  journal::Position cursor() const override { return {}; }
  journal::Position end() const override { return {}; }
  Result<void> append(const std::vector<store::Row>&, journal::Position) override { return {}; }
  Result<void> maintain(Time) override { return {}; }
  Result<void> seal() override { return {}; }
  bool working() const override { return false; }
  Task<Result<store::Page>> lookup(store::Query, std::optional<store::Bookmark>) override {
    co_return store::Page();
  }
};

class OrganizationTrailsTest : public ::testing::Test, public access::testing::World {
 protected:
  void SetUp() override {
    std::vector<access::DeclaredAccount> declared;
    for (const auto* id : {kManagement, kMember, kOutsider}) {
      declared.push_back({.id = id, .name = id, .users = {}});
    }
    ASSERT_TRUE(run(access::apply_declared(catalog, sealer, declared, kNow)));
    organization = organization::make(kManagement, true, kNow);
    organization.services[std::string(organization::kCloudTrail)] = kNow;
    organization.members[kMember] = {.parent = organization.root, .joined = kNow};
    for (const auto* id : {kManagement, kMember}) {
      auto account = **run(access::load_account(catalog, id));
      account.value.organization = organization.id;
      account.value.organization_path = organization.path_of(organization.root);
      commit({access::put(account.value, account.version)});
    }
    keep();
  }
  void keep() {
    commit({{.key = organization::key_of(organization.id),
             .value = organization::encode(organization),
             .expected = {}}});
  }
  void reread() { organization = run(organization::load(catalog, organization.id))->value; }

  front::Call make(std::string_view operation, object input, const std::string& account) {
    const auto& model = *aws::catalogue().by_name("cloudtrail");
    front::Call call{
        .service = model, .operation = *model.operation(operation), .head = head, .account = account};
    call.region = "us-east-1";
    call.time = kNow;
    call.input = std::move(input);
    call.caller.principal = {.kind = who, .account = account, .arn = "arn:aws:iam::" + account + ":root"};
    call.caller.policies = policies;
    return call;
  }
  // The exception, or "".
  std::string refused(std::string_view operation, object input = {},
                      const std::string& account = kManagement) {
    auto call = make(operation, std::move(input), account);
    auto outcome = run(service->run(call));
    if (!outcome) {
      return outcome.error().code;
    }
    output = std::move(outcome->output);
    if (!outcome->effects.empty()) {
      const auto committed = run(catalog.commit(std::move(outcome->effects)));
      return committed ? "" : committed.error().text();
    }
    return "";
  }
  std::string create(std::string_view name = "all", const std::string& account = kManagement) {
    return refused("CreateTrail",
                   {{"Name", name}, {"S3BucketName", "kestrel"}, {"IsOrganizationTrail", true}}, account);
  }
  static object arn(std::string_view name) {
    return {{"Name", "arn:aws:cloudtrail:us-east-1:111122223333:trail/" + std::string(name)}};
  }
  bool has_role() {
    return run(access::load<access::RoleDocument>(catalog, kManagement, "AWSServiceRoleForCloudTrail"))
        ->has_value();
  }

  codec::RequestHead head;
  WillingS3 s3;
  NoStore history;
  organization::Organization organization;
  access::PrincipalKind who = access::PrincipalKind::root;
  access::Policies policies;
  object output;
  std::unique_ptr<front::Service> service = make_cloudtrail({.catalog = catalog,
                                                             .history = history,
                                                             .history_ready = [] { return true; },
                                                             .s3 = s3,
                                                             .options = {}});
};

TEST_F(OrganizationTrailsTest, each_precondition_has_its_exception) {
  EXPECT_EQ(create("all", kOutsider), "OrganizationsNotInUseException");
  EXPECT_EQ(create("all", kMember), "NotOrganizationMasterAccountException");
  who = access::PrincipalKind::user;
  EXPECT_EQ(create(), "InsufficientDependencyServiceAccessPermissionException");
  who = access::PrincipalKind::root;
  organization.services.clear();
  keep();
  EXPECT_EQ(create(), "CloudTrailAccessNotEnabledException");
  organization.all_features = false;
  keep();
  EXPECT_EQ(create(), "OrganizationNotInAllFeaturesModeException");
  EXPECT_TRUE(s3.keys.empty()) << "the bucket is not asked";
}

TEST_F(OrganizationTrailsTest, the_management_accounts_role_comes_with_its_first_trail) {
  organization.delegations[{kMember, std::string(organization::kCloudTrail)}] = kNow;
  keep();
  EXPECT_EQ(create("all", kMember), "NoManagementAccountSLRExistsException");
  EXPECT_FALSE(has_role());
  EXPECT_EQ(create(), "");
  EXPECT_TRUE(has_role());
  EXPECT_EQ((*run(access::load_account(catalog, kManagement)))->value.roles, 1U);
  EXPECT_EQ(s3.keys.back(), "AWSLogs/" + organization.id + "/111122223333/CloudTrail/");
  EXPECT_EQ(create("second", kMember), "");
  EXPECT_EQ(output.at("TrailARN"), arn("second").at("Name"));
  EXPECT_EQ((*run(access::load_account(catalog, kManagement)))->value.roles, 1U) << "once";
}

// Whoever decides by what the organization was finds it changed.
TEST_F(OrganizationTrailsTest, a_trail_is_not_made_for_what_the_organization_is_no_longer) {
  ASSERT_EQ(create(), "");
  auto call =
      make("CreateTrail", {{"Name", "late"}, {"S3BucketName", "kestrel"}, {"IsOrganizationTrail", true}},
           kManagement);
  auto outcome = run(service->run(call));
  ASSERT_TRUE(outcome);
  organization.services.clear();
  keep();
  EXPECT_EQ(run(catalog.commit(std::move(outcome->effects))).error().code, Errc::conflict);
}

TEST_F(OrganizationTrailsTest, members_see_it_by_its_arn_and_change_nothing) {
  ASSERT_EQ(create(), "");
  for (const auto* operation : {"StopLogging", "StartLogging", "DeleteTrail", "UpdateTrail"}) {
    EXPECT_EQ(refused(operation, arn("all"), kMember), "NotOrganizationMasterAccountException") << operation;
    EXPECT_EQ(refused(operation, arn("all"), kOutsider), "TrailNotFoundException") << operation;
  }
  EXPECT_EQ(refused("GetTrail", arn("all"), kMember), "");
  EXPECT_EQ(output.at("Trail").at("IsOrganizationTrail"), true);
  EXPECT_EQ(refused("GetTrail", {{"Name", "all"}}, kMember), "TrailNotFoundException");
  EXPECT_EQ(refused("DescribeTrails", {{"includeShadowTrails", false}}, kMember), "");
  EXPECT_TRUE(output.at("trailList").as_array().empty());
  EXPECT_EQ(refused("DescribeTrails", {}, kMember), "");
  EXPECT_EQ(output.at("trailList").as_array().size(), 1U);
  EXPECT_EQ(refused("DescribeTrails", {}, kOutsider), "");
  EXPECT_TRUE(output.at("trailList").as_array().empty());
}

// "an organization trail [counts] in every member".
TEST_F(OrganizationTrailsTest, why_its_bucket_refuses_is_for_who_administers) {
  ASSERT_EQ(create(), "");
  const delivery::StatusName name{.trail_arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/all",
                                  .trail_created = kNow,
                                  .region = "us-east-1"};
  delivery::Status status;
  status.error = "AccessDenied";
  commit({{.key = name.status_key(), .value = delivery::to_document(status), .expected = {}}});
  const auto error_for = [&](const char* account) {
    EXPECT_EQ(refused("GetTrailStatus", arn("all"), account), "");
    return output.contains("LatestDeliveryError");
  };
  EXPECT_TRUE(error_for(kManagement));
  EXPECT_FALSE(error_for(kMember));
  ASSERT_EQ(refused("RegisterOrganizationDelegatedAdmin", {{"MemberAccountId", kMember}}), "");
  EXPECT_TRUE(error_for(kMember));
}

TEST_F(OrganizationTrailsTest, it_takes_a_members_place) {
  const auto own = [&](std::string_view name) {
    return refused("CreateTrail", {{"Name", name}, {"S3BucketName", "kestrel"}}, kMember);
  };
  for (const auto* name : {"one", "two", "three"}) {
    EXPECT_EQ(own(name), "");
  }
  ASSERT_EQ(create("one"), "") << "names are the management account's";
  EXPECT_EQ(own("four"), "");
  EXPECT_EQ(own("five"), "MaximumNumberOfTrailsExceededException");
}

TEST_F(OrganizationTrailsTest, the_management_account_alone_converts) {
  organization.delegations[{kMember, std::string(organization::kCloudTrail)}] = kNow;
  keep();
  ASSERT_EQ(create(), "");
  auto back = arn("all");
  back["IsOrganizationTrail"] = false;
  EXPECT_EQ(refused("UpdateTrail", back, kMember), "NotOrganizationMasterAccountException");
  EXPECT_EQ(refused("UpdateTrail", back), "");
  EXPECT_EQ(output.at("IsOrganizationTrail"), false);
  EXPECT_EQ(s3.keys.back(), "AWSLogs/111122223333/CloudTrail/");
  EXPECT_EQ(refused("GetTrail", arn("all"), kMember), "TrailNotFoundException");
  auto again = arn("all");
  again["IsOrganizationTrail"] = true;
  EXPECT_EQ(refused("UpdateTrail", again), "");
  EXPECT_EQ(refused("StartLogging", arn("all"), kMember), "") << "who administers may";
}

TEST_F(OrganizationTrailsTest, delegated_administrators_come_and_go) {
  const object member{{"MemberAccountId", kMember}};
  const object delegate{{"DelegatedAdminAccountId", kMember}};
  const auto* const enrol = "RegisterOrganizationDelegatedAdmin";
  const auto* const release = "DeregisterOrganizationDelegatedAdmin";
  EXPECT_EQ(refused(enrol, member, kOutsider), "OrganizationsNotInUseException");
  EXPECT_EQ(refused(enrol, member, kMember), "NotOrganizationManagementAccountException");
  EXPECT_EQ(refused(enrol, {{"MemberAccountId", kOutsider}}), "AccountNotFoundException");
  EXPECT_EQ(refused(enrol, {{"MemberAccountId", kManagement}}), "CannotDelegateManagementAccountException");
  EXPECT_EQ(refused(release, delegate), "AccountNotRegisteredException");
  EXPECT_EQ(refused(release, {{"DelegatedAdminAccountId", kOutsider}}), "AccountNotFoundException");
  EXPECT_EQ(refused(enrol, member), "");
  EXPECT_TRUE(has_role());
  EXPECT_EQ(refused(enrol, member), "AccountRegisteredException");
  reread();
  EXPECT_TRUE(organization.is_delegate(kMember, organization::kCloudTrail));
  EXPECT_EQ(refused(release, delegate), "");
  reread();
  EXPECT_FALSE(organization.is_delegate(kMember));
  for (const auto* account : {"200000000001", "200000000002", "200000000003"}) {
    organization.members[account] = {.parent = organization.root, .joined = kNow};
    organization.delegations[{account, std::string(organization::kCloudTrail)}] = kNow;
  }
  keep();
  EXPECT_EQ(refused(enrol, member), "DelegatedAdminAccountLimitExceededException");
  who = access::PrincipalKind::user;
  EXPECT_EQ(refused(enrol, member), "InsufficientDependencyServiceAccessPermissionException");
  who = access::PrincipalKind::root;
  organization.services.clear();
  keep();
  EXPECT_EQ(refused(enrol, member), "CloudTrailAccessNotEnabledException");
  organization.all_features = false;
  keep();
  EXPECT_EQ(refused(release, delegate), "OrganizationNotInAllFeaturesModeException");
}

// What was decided before he was released does not land behind it.
TEST_F(OrganizationTrailsTest, who_administers_no_longer_changes_nothing) {
  ASSERT_EQ(create(), "");
  const auto administers = organization::Delegation{kMember, std::string(organization::kCloudTrail)};
  const auto name = arn("all").at("Name");
  const boost::json::array tags{object{{"Key", "a"}, {"Value", "b"}}};
  const boost::json::array selectors{object{{"ReadWriteType", "All"}, {"IncludeManagementEvents", true}}};
  const boost::json::array insights{object{{"InsightType", "ApiCallRateInsight"}}};
  const std::pair<std::string_view, object> changes[] = {
      {"StartLogging", arn("all")},
      {"StopLogging", arn("all")},
      {"UpdateTrail", {{"Name", name}, {"S3KeyPrefix", "x"}}},
      {"UpdateTrail", {{"Name", name}, {"IsMultiRegionTrail", true}}},
      {"PutEventSelectors", {{"TrailName", name}, {"EventSelectors", selectors}}},
      {"PutInsightSelectors", {{"TrailName", name}, {"InsightSelectors", insights}}},
      {"AddTags", {{"ResourceId", name}, {"TagsList", tags}}},
      {"RemoveTags", {{"ResourceId", name}, {"TagsList", tags}}},
      {"DeleteTrail", arn("all")},
  };
  for (const auto& [operation, input] : changes) {
    if (operation == "StopLogging") {
      ASSERT_EQ(refused("StartLogging", arn("all")), "") << "what is stopped already does not change";
    }
    organization.delegations[administers] = kNow;
    keep();
    auto call = make(operation, input, kMember);
    auto outcome = run(service->run(call));
    ASSERT_TRUE(outcome) << operation << " " << outcome.error().message;
    organization.delegations.erase(administers);
    keep();
    const auto late = run(catalog.commit(std::move(outcome->effects)));
    EXPECT_TRUE(!late && late.error().code == Errc::conflict) << operation;
  }
}

// As Organizations asks it: for the account, with the service.
TEST_F(OrganizationTrailsTest, who_makes_an_administrator_may_ask_organizations_for_that) {
  const auto may = [&](const std::string& account, const std::string& service) {
    const auto text =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"organizations:*DelegatedAdministrator",)"
        R"("Resource":")" +
        organization.account_arn(account) +
        R"(","Condition":{"StringEquals":{"organizations:ServicePrincipal":")" + service + R"("}}}]})";
    policies = {*access::Policy::parse(text, access::PolicyKind::identity)};
    const auto enrolled = refused("RegisterOrganizationDelegatedAdmin", {{"MemberAccountId", kMember}});
    const auto released =
        refused("DeregisterOrganizationDelegatedAdmin", {{"DelegatedAdminAccountId", kMember}});
    return enrolled + " " + released;
  };
  who = access::PrincipalKind::user;
  constexpr auto* kBothRefused =
      "InsufficientDependencyServiceAccessPermissionException "
      "InsufficientDependencyServiceAccessPermissionException";
  EXPECT_EQ(may(kMember, "cloudtrail.amazonaws.com"), " ");
  EXPECT_EQ(may(kMember, "config.amazonaws.com"), kBothRefused);
  EXPECT_EQ(may(kOutsider, "cloudtrail.amazonaws.com"), kBothRefused);
}

TEST_F(OrganizationTrailsTest, who_is_no_member_sees_nothing_whatever_his_account_says) {
  ASSERT_EQ(create(), "");
  reread();
  organization.members.erase(kMember);
  keep();
  EXPECT_EQ(refused("GetTrail", arn("all"), kMember), "TrailNotFoundException");
}

// His account and its organization are two reads.
TEST_F(OrganizationTrailsTest, an_organization_that_ends_meanwhile_is_no_fault) {
  access::testing::Intruding between(catalog, organization::key_of(organization.id));
  auto account = **run(access::load_account(catalog, kMember));
  account.value.organization.clear();
  account.value.organization_path.clear();
  between.writes = {access::put(account.value, account.version),
                    {.key = organization::key_of(organization.id), .value = {}, .expected = {}}};
  service = make_cloudtrail({.catalog = between,
                             .history = history,
                             .history_ready = [] { return true; },
                             .s3 = s3,
                             .options = {}});
  EXPECT_EQ(refused("GetTrail", arn("all"), kMember), "TrailNotFoundException");
}

}  // namespace
}  // namespace cairn::services::cloudtrail
