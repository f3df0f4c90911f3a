#include "services/organizations/organizations.h"

#include "access/entities.h"
#include "access/testing.h"
#include "event/outbox_row.h"
#include "json/json.h"
#include "organization/organization.h"
#include "trail/trail.h"

namespace cairn::services::organizations {
namespace {

using access::testing::kNow;
using boost::json::object;

constexpr const char* kHere = "111122223333";
constexpr const char* kElsewhere = "444455556666";

class OrganizationsTest : public ::testing::Test, public access::testing::World {
 protected:
  void SetUp() override {
    std::vector<access::DeclaredAccount> declared;
    declared.push_back({.id = std::string(kHere), .name = "main", .users = {}});
    declared.push_back({.id = std::string(kElsewhere), .name = "other", .users = {}});
    ASSERT_TRUE(run(access::apply_declared(catalog, sealer, declared, kNow)));
  }

  front::Call make(std::string_view operation, object input, std::string_view account) {
    const auto& model = *aws::catalogue().by_name("organizations");
    front::Call call{
        .service = model, .operation = *model.operation(operation), .head = head, .account = std::string(account)};
    call.time = kNow;
    call.input = std::move(input);
    return call;
  }

  Result<object, aws::Fault> answer(std::string_view operation, object input = {}, std::string_view account = kHere) {
    auto call = make(operation, std::move(input), account);
    auto outcome = run(service->run(call));
    if (!outcome) {
      return outcome.error();
    }
    if (!outcome->effects.empty()) {
      std::ranges::move(outcome->outbox_behind, std::back_inserter(outcome->effects.outbox));
      const auto committed = run(catalog.commit(std::move(outcome->effects)));
      EXPECT_TRUE(committed) << committed.error().text();
    }
    return std::move(outcome->output);
  }
  // The answer, or the exception with its reason.
  std::string text(std::string_view operation, object input = {}, std::string_view account = kHere) {
    const auto output = answer(operation, std::move(input), account);
    if (output) {
      return json::serialize(*output);
    }
    const auto& extra = output.error().extra;
    return output.error().code + (extra.empty() ? "" : " " + extra.front().second);
  }
  std::string new_account(const std::string& name, object more = {}) {
    more["AccountName"] = name;
    more["Email"] = name + "@example.com";
    const auto begun = answer("CreateAccount", std::move(more));
    EXPECT_TRUE(begun) << begun.error().message;
    const auto id = begun->at("CreateAccountStatus").at("Id");
    const auto done = answer("DescribeCreateAccountStatus", {{"CreateAccountRequestId", id}});
    return std::string(done->at("CreateAccountStatus").at("AccountId").as_string());
  }
  std::string root() {
    return std::string(answer("ListRoots")->at("Roots").at(0).at("Id").as_string());
  }
  std::string new_unit(const std::string& parent, const std::string& name) {
    const auto made = answer("CreateOrganizationalUnit", {{"ParentId", parent}, {"Name", name}});
    return made ? std::string(made->at("OrganizationalUnit").at("Id").as_string()) : made.error().code;
  }
  access::AccountDocument account_document(std::string_view id) {
    return (*run(access::load_account(catalog, std::string(id))))->value;
  }
  std::vector<std::string> controls() {
    std::vector<std::string> bodies;
    const auto rows = run(catalog.outbox(0, 100));
    for (const auto& row : *rows) {
      bodies.emplace_back(event::decode_outbox_row(row.payload)->body);
    }
    return bodies;
  }
  std::vector<std::string> asked(std::string_view operation, object input) {
    auto call = make(operation, std::move(input), kHere);
    std::vector<std::string> all;
    const auto asks = run(service->asks(call));
    for (const auto& ask : *asks) {
      all.push_back(ask.action + " " + ask.resource);
    }
    return all;
  }

  codec::RequestHead head;
  std::vector<std::string> came;
  std::unique_ptr<front::Service> service = make_organizations(
      {.catalog = catalog, .account_comes = [this](const std::string& account) { came.push_back(account); }});
};

TEST_F(OrganizationsTest, one_is_made_once_and_described_to_its_members) {
  EXPECT_EQ(text("DescribeOrganization"), "AWSOrganizationsNotInUseException");
  EXPECT_EQ(text("ListAccounts"), "AWSOrganizationsNotInUseException");
  const auto made = answer("CreateOrganization");
  ASSERT_TRUE(made);
  const auto id = std::string(made->at("Organization").at("Id").as_string());
  EXPECT_EQ(made->at("Organization").at("FeatureSet"), "ALL");
  EXPECT_EQ(made->at("Organization").at("MasterAccountId"), kHere);
  EXPECT_EQ(text("DescribeOrganization"), json::serialize(*made));
  EXPECT_EQ(text("CreateOrganization"), "AlreadyInOrganizationException");
  EXPECT_EQ(text("DescribeOrganization", {}, kElsewhere), "AWSOrganizationsNotInUseException");
  EXPECT_EQ(account_document(kHere).organization, id);
  EXPECT_EQ(account_document(kHere).organization_path, id + "/" + root() + "/");
  EXPECT_EQ(controls(), std::vector<std::string>{
                            R"({"type":"member","account":"111122223333","organization":")" + id + "\"}"});
}

TEST_F(OrganizationsTest, an_account_is_made_with_a_role_for_the_management_account) {
  ASSERT_TRUE(answer("CreateOrganization"));
  const auto id = new_account("nest");
  EXPECT_EQ(came, std::vector<std::string>{id});
  const auto document = account_document(id);
  EXPECT_TRUE(document.made && document.active);
  EXPECT_EQ(document.email, "nest@example.com");
  EXPECT_EQ(document.roles, 1U);
  const auto role =
      run(access::load<access::RoleDocument>(catalog, id, "OrganizationAccountAccessRole"));
  ASSERT_TRUE(role && *role);
  EXPECT_NE((*role)->value.trust.find("arn:aws:iam::111122223333:root"), std::string::npos);
  EXPECT_TRUE(access::Policy::parse((*role)->value.trust, access::PolicyKind::trust));
  const auto named = new_account("other", {{"RoleName", "Keeper"}});
  EXPECT_TRUE(*run(access::load<access::RoleDocument>(catalog, named, "Keeper")));
  const auto shown = answer("DescribeAccount", {{"AccountId", id}});
  EXPECT_EQ(shown->at("Account").at("JoinedMethod"), "CREATED");
  EXPECT_EQ(shown->at("Account").at("Name"), "nest");
  EXPECT_EQ(answer("ListAccounts")->at("Accounts").as_array().size(), 3U);
  EXPECT_EQ(text("DescribeAccount", {{"AccountId", kElsewhere}}), "AccountNotFoundException");
  EXPECT_EQ(text("CreateAccount", {{"AccountName", "x"}, {"Email", "x@example.com"}, {"RoleName", "AWSServiceRoleForX"}}),
            "InvalidInputException INVALID_ROLE_NAME");
}

TEST_F(OrganizationsTest, an_address_is_one_accounts) {
  ASSERT_TRUE(answer("CreateOrganization"));
  new_account("nest");
  const auto begun = answer("CreateAccount", {{"AccountName", "again"}, {"Email", "NEST@example.com"}});
  ASSERT_TRUE(begun);
  EXPECT_EQ(begun->at("CreateAccountStatus").at("State"), "IN_PROGRESS");
  const auto id = begun->at("CreateAccountStatus").at("Id");
  const auto done = answer("DescribeCreateAccountStatus", {{"CreateAccountRequestId", id}});
  EXPECT_EQ(done->at("CreateAccountStatus").at("FailureReason"), "EMAIL_ALREADY_EXISTS");
  const auto failed = answer("ListCreateAccountStatus", {{"States", {"FAILED"}}});
  EXPECT_EQ(failed->at("CreateAccountStatuses").as_array().size(), 1U);
  EXPECT_EQ(answer("ListCreateAccountStatus")->at("CreateAccountStatuses").as_array().size(), 2U);
  EXPECT_EQ(text("DescribeCreateAccountStatus", {{"CreateAccountRequestId", "car-00000000"}}),
            "CreateAccountStatusNotFoundException");
}

TEST_F(OrganizationsTest, members_see_the_organization_and_no_more) {
  ASSERT_TRUE(answer("CreateOrganization"));
  const auto nest = new_account("nest");
  EXPECT_EQ(text("DescribeOrganization", {}, nest), text("DescribeOrganization"));
  for (const auto* operation : {"ListAccounts", "ListRoots", "CreateAccount", "DeleteOrganization"}) {
    EXPECT_EQ(text(operation, {}, nest), "AccessDeniedException") << operation;
  }
  ASSERT_TRUE(answer("EnableAWSServiceAccess", {{"ServicePrincipal", "config.amazonaws.com"}}));
  ASSERT_TRUE(answer("RegisterDelegatedAdministrator",
                     {{"AccountId", nest}, {"ServicePrincipal", "config.amazonaws.com"}}));
  EXPECT_EQ(text("ListAccounts", {}, nest), text("ListAccounts"));
  EXPECT_EQ(text("CreateAccount", {}, nest), "AccessDeniedException");
}

TEST_F(OrganizationsTest, units_make_a_tree) {
  ASSERT_TRUE(answer("CreateOrganization"));
  const auto birds = new_unit(root(), "Birds");
  EXPECT_EQ(new_unit(root(), "Birds"), "DuplicateOrganizationalUnitException");
  EXPECT_EQ(new_unit("ou-none-00000000", "Birds"), "ParentNotFoundException");
  auto parent = birds;
  for (int depth = 2; depth <= 5; ++depth) {
    parent = new_unit(parent, "Birds");
  }
  EXPECT_EQ(text("CreateOrganizationalUnit", {{"ParentId", parent}, {"Name", "Birds"}}),
            "ConstraintViolationException OU_DEPTH_LIMIT_EXCEEDED");
  EXPECT_EQ(text("DeleteOrganizationalUnit", {{"OrganizationalUnitId", birds}}), "OrganizationalUnitNotEmptyException");
  EXPECT_EQ(text("DeleteOrganizationalUnit", {{"OrganizationalUnitId", parent}}), "{}");
  EXPECT_EQ(text("DescribeOrganizationalUnit", {{"OrganizationalUnitId", parent}}),
            "OrganizationalUnitNotFoundException");
  const auto renamed = answer("UpdateOrganizationalUnit", {{"OrganizationalUnitId", birds}, {"Name", "Owls"}});
  EXPECT_EQ(renamed->at("OrganizationalUnit").at("Name"), "Owls");
  EXPECT_EQ(text("ListParents", {{"ChildId", birds}}), R"({"Parents":[{"Id":")" + root() + R"(","Type":"ROOT"}]})");
  EXPECT_EQ(text("ListParents", {{"ChildId", parent}}), "ChildNotFoundException");
}

TEST_F(OrganizationsTest, accounts_are_moved) {
  ASSERT_TRUE(answer("CreateOrganization"));
  const auto nest = new_account("nest");
  const auto birds = new_unit(root(), "Birds");
  const auto before = controls().size();
  const auto move = [&](std::string_view from, std::string_view to) {
    return text("MoveAccount", {{"AccountId", nest}, {"SourceParentId", from}, {"DestinationParentId", to}});
  };
  EXPECT_EQ(move(birds, root()), "SourceParentNotFoundException");
  EXPECT_EQ(move(root(), "ou-none-00000000"), "DestinationParentNotFoundException");
  EXPECT_EQ(move(root(), root()), "DuplicateAccountException");
  EXPECT_EQ(move(root(), birds), "{}");
  EXPECT_TRUE(account_document(nest).organization_path.ends_with("/" + birds + "/"));
  EXPECT_EQ(text("ListChildren", {{"ParentId", birds}, {"ChildType", "ACCOUNT"}}),
            R"({"Children":[{"Id":")" + nest + R"(","Type":"ACCOUNT"}]})");
  EXPECT_EQ(answer("ListAccountsForParent", {{"ParentId", root()}})->at("Accounts").as_array().size(), 1U);
  EXPECT_EQ(controls().size(), before) << "followers need not know where in it";
}

TEST_F(OrganizationsTest, services_are_trusted_and_administered) {
  ASSERT_TRUE(answer("CreateOrganization"));
  const object service{{"ServicePrincipal", "cloudtrail.amazonaws.com"}};
  std::vector<object> four;
  for (const auto* name : {"a", "b", "c", "d"}) {
    four.push_back({{"AccountId", new_account(name)}, {"ServicePrincipal", "cloudtrail.amazonaws.com"}});
  }
  EXPECT_EQ(text("RegisterDelegatedAdministrator", four[0]),
            "ConstraintViolationException SERVICE_ACCESS_NOT_ENABLED");
  EXPECT_EQ(text("EnableAWSServiceAccess", service), "{}");
  EXPECT_EQ(text("EnableAWSServiceAccess", service), "{}");
  EXPECT_EQ(text("RegisterDelegatedAdministrator", {{"AccountId", kHere}, {"ServicePrincipal", "x"}}),
            "ConstraintViolationException CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR");
  EXPECT_EQ(text("RegisterDelegatedAdministrator", {{"AccountId", kElsewhere}, {"ServicePrincipal", "x"}}),
            "AccountNotFoundException");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(text("RegisterDelegatedAdministrator", four[static_cast<std::size_t>(i)]), "{}");
  }
  EXPECT_EQ(text("RegisterDelegatedAdministrator", four[0]), "AccountAlreadyRegisteredException");
  EXPECT_EQ(text("RegisterDelegatedAdministrator", four[3]),
            "ConstraintViolationException MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED");
  EXPECT_EQ(answer("ListDelegatedAdministrators", service)->at("DelegatedAdministrators").as_array().size(), 3U);
  EXPECT_EQ(text("RemoveAccountFromOrganization", {{"AccountId", four[0]["AccountId"]}}),
            "ConstraintViolationException CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG");
  EXPECT_EQ(text("DeregisterDelegatedAdministrator", four[0]), "{}");
  EXPECT_EQ(text("DeregisterDelegatedAdministrator", four[0]), "AccountNotRegisteredException");
  EXPECT_EQ(text("ListDelegatedServicesForAccount", {{"AccountId", four[0]["AccountId"]}}),
            "AccountNotRegisteredException");
  EXPECT_EQ(answer("ListDelegatedServicesForAccount", {{"AccountId", four[1]["AccountId"]}})
                ->at("DelegatedServices").at(0).at("ServicePrincipal"), "cloudtrail.amazonaws.com");
  EXPECT_EQ(text("DisableAWSServiceAccess", service), "{}");
  EXPECT_EQ(text("ListDelegatedAdministrators"), R"({"DelegatedAdministrators":[]})");
  EXPECT_EQ(text("ListAWSServiceAccessForOrganization"), R"({"EnabledServicePrincipals":[]})");
}

TEST_F(OrganizationsTest, consolidated_billing_trusts_nobody) {
  ASSERT_TRUE(answer("CreateOrganization", {{"FeatureSet", "CONSOLIDATED_BILLING"}}));
  EXPECT_EQ(text("EnableAWSServiceAccess", {{"ServicePrincipal", "cloudtrail.amazonaws.com"}}),
            "ConstraintViolationException ORGANIZATION_NOT_IN_ALL_FEATURES_MODE");
}

TEST_F(OrganizationsTest, an_organization_ends_when_all_have_left) {
  ASSERT_TRUE(answer("CreateOrganization"));
  const auto nest = new_account("nest");
  const auto other = new_account("other");
  EXPECT_EQ(text("DeleteOrganization"), "OrganizationNotEmptyException");
  EXPECT_EQ(text("LeaveOrganization"), "MasterCannotLeaveOrganizationException");
  EXPECT_EQ(text("RemoveAccountFromOrganization", {{"AccountId", kHere}}), "MasterCannotLeaveOrganizationException");
  EXPECT_EQ(text("RemoveAccountFromOrganization", {{"AccountId", kElsewhere}}), "AccountNotFoundException");
  EXPECT_EQ(text("RemoveAccountFromOrganization", {{"AccountId", nest}}), "{}");
  EXPECT_EQ(text("LeaveOrganization", {}, other), "{}");
  EXPECT_EQ(controls().back(), R"({"type":"member","account":")" + other + R"(","organization":null})");
  EXPECT_EQ(account_document(nest).organization, "");
  EXPECT_TRUE(account_document(nest).active) << "it is an account of its own";
  EXPECT_EQ(text("DeleteOrganization"), "{}");
  EXPECT_EQ(text("DescribeOrganization"), "AWSOrganizationsNotInUseException");
  EXPECT_TRUE(answer("CreateOrganization"));
}

TEST_F(OrganizationsTest, pages_go_on_where_they_ended) {
  ASSERT_TRUE(answer("CreateOrganization"));
  for (const auto* name : {"a", "b", "c", "d"}) {
    new_account(name);
  }
  std::vector<std::string> seen;
  object input{{"MaxResults", 2}};
  for (int pages = 0; pages < 3; ++pages) {
    const auto page = answer("ListAccounts", input);
    ASSERT_TRUE(page);
    for (const auto& one : page->at("Accounts").as_array()) {
      seen.emplace_back(one.at("Id").as_string());
    }
    const auto* token = page->if_contains("NextToken");
    EXPECT_EQ(token == nullptr, pages == 2);
    input["NextToken"] = token != nullptr ? *token : "";
  }
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_EQ(text("ListAccounts", {{"NextToken", "?"}}), "InvalidInputException INVALID_PAGINATION_TOKEN");
}

TEST_F(OrganizationsTest, tags_stay_with_what_they_are_of) {
  ASSERT_TRUE(answer("CreateOrganization"));
  const boost::json::array tags{object{{"Key", "team"}, {"Value", "owls"}}};
  const auto nest = new_account("nest", {{"Tags", tags}});
  EXPECT_EQ(text("ListTagsForResource", {{"ResourceId", nest}}), R"({"Tags":[{"Key":"team","Value":"owls"}]})");
  EXPECT_EQ(text("TagResource", {{"ResourceId", root()}, {"Tags", tags}}), "{}");
  EXPECT_EQ(text("UntagResource", {{"ResourceId", nest}, {"TagKeys", {"team"}}}), "{}");
  EXPECT_EQ(text("ListTagsForResource", {{"ResourceId", nest}}), R"({"Tags":[]})");
  EXPECT_EQ(text("ListTagsForResource", {{"ResourceId", root()}}), R"({"Tags":[{"Key":"team","Value":"owls"}]})");
  EXPECT_EQ(text("ListTagsForResource", {{"ResourceId", kElsewhere}}), "TargetNotFoundException");
  const boost::json::array twice{tags[0], tags[0]};
  EXPECT_EQ(text("TagResource", {{"ResourceId", nest}, {"Tags", twice}}), "InvalidInputException DUPLICATE_TAG_KEY");
}

// His account and its organization are two reads.
TEST_F(OrganizationsTest, an_organization_that_ends_meanwhile_is_no_fault) {
  ASSERT_TRUE(answer("CreateOrganization"));
  const auto document = run(access::load_account(catalog, std::string(kHere)));
  auto account = (*document)->value;
  const auto key = organization::key_of(account.organization);
  account.organization.clear();
  account.organization_path.clear();
  access::testing::Intruding between(catalog, key);
  between.writes = {access::put(account, (*document)->version), {.key = key, .value = {}, .expected = {}}};
  service = make_organizations({.catalog = between});
  EXPECT_EQ(text("DescribeOrganization"), "AWSOrganizationsNotInUseException");
}

TEST_F(OrganizationsTest, who_leaves_is_a_member_to_the_end_of_his_call) {
  ASSERT_TRUE(answer("CreateOrganization"));
  const auto nest = new_account("nest");
  auto call = make("LeaveOrganization", {}, nest);
  const auto outcome = run(service->run(call));
  EXPECT_TRUE(outcome->effects.outbox.empty());
  EXPECT_EQ(outcome->outbox_behind.size(), 1U);
}

TEST_F(OrganizationsTest, permission_to_untag_is_asked_for_with_the_keys) {
  ASSERT_TRUE(answer("CreateOrganization"));
  auto call = make("UntagResource", {{"ResourceId", root()}, {"TagKeys", {"team", "env"}}}, kHere);
  const auto asks = run(service->asks(call));
  ASSERT_TRUE(asks);
  const auto* keys = asks->front().context.find("aws:TagKeys");
  ASSERT_NE(keys, nullptr);
  EXPECT_EQ(*keys, (std::vector<std::string>{"team", "env"}));
}

TEST_F(OrganizationsTest, permission_is_asked_for_what_is_named) {
  const std::vector<std::string> everything{"organizations:DescribeAccount *"};
  EXPECT_EQ(asked("DescribeAccount", {{"AccountId", "1"}}), everything) << "there is no such resource yet";
  ASSERT_TRUE(answer("CreateOrganization"));
  const auto id = account_document(kHere).organization;
  const auto arn = "arn:aws:organizations::111122223333:";
  EXPECT_EQ(asked("MoveAccount", {{"AccountId", "1"}, {"SourceParentId", "r-a"}, {"DestinationParentId", "ou-a-b"}}),
            (std::vector<std::string>{"organizations:MoveAccount " + (arn + ("account/" + id)) + "/1",
                                      "organizations:MoveAccount " + (arn + ("root/" + id)) + "/r-a",
                                      "organizations:MoveAccount " + (arn + ("ou/" + id)) + "/ou-a-b"}));
}

// The organization's trails go on for the management account alone.
TEST_F(OrganizationsTest, trails_end_with_the_trust_in_cloudtrail) {
  ASSERT_TRUE(answer("CreateOrganization"));
  trail::Trail trail{.account = std::string(kHere),
                     .name = "all",
                     .home_region = "eu-west-1",
                     .bucket = "kestrel",
                     .organization = account_document(kHere).organization,
                     .logging = true};
  const auto key = trail::trail_key(trail.account, trail.home_region, trail.name);
  commit({{.key = key, .value = json::serialize(trail::to_document(trail)), .expected = 0}});
  const object service{{"ServicePrincipal", "cloudtrail.amazonaws.com"}};
  EXPECT_EQ(text("EnableAWSServiceAccess", service), "{}");
  EXPECT_EQ(text("DisableAWSServiceAccess", service), "{}");
  const auto document = run(catalog.get(key));
  const auto ended = trail::from_document(*json::parse_object((*document)->value));
  EXPECT_EQ(ended->organization, "");
  EXPECT_TRUE(ended->logging);
  EXPECT_EQ(controls().back(), trail::control_of(*ended));
}

}  // namespace
}  // namespace cairn::services::organizations
