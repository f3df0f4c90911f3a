// SimulateCustomPolicy, SimulatePrincipalPolicy and the context keys of policies.
#include "access/entities.h"
#include "async/loops.h"
#include "services/iam/simulation.h"
#include "services/iam/testing.h"

namespace cairn::services::iam {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::string_view kReader =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"},{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/secret"}]})";
constexpr std::string_view kOfAws =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}})";
constexpr std::string_view kOwn =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::homes/${aws:username}/*","Condition":{"StringEquals":{"aws:RequestTag/team":"${aws:PrincipalTag/team}","AWS:Username":"${aws:username}"}}}})";

struct Simulate : testing::IamTest {
  object first(std::string_view operation, object input) {
    const auto output = answer(operation, std::move(input));
    EXPECT_TRUE(output) << (output ? "" : output.error().message);
    return output ? output->at("EvaluationResults").at(0).as_object() : object();
  }
  std::string decision(std::string_view operation, object input) {
    return std::string(first(operation, std::move(input)).at("EvalDecision").as_string());
  }
  // A user "ann" in a group "ops", with a tag, and his policies.
  void put_ann(std::string boundary = {}) {
    access::GroupDocument group{.id = "AGPA1", .account = "111122223333", .name = "ops"};
    group.policies["senders"] =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sns:*","Resource":"*"}})";
    access::UserDocument ann{.id = "AIDAANN", .account = "111122223333", .name = "ann"};
    ann.tags = {{"team", "blue"}};
    ann.policies["reader"] = kReader;
    ann.policies["own"] = kOwn;
    ann.groups = {"ops"};
    ann.boundary = std::move(boundary);
    commit({access::put(ann, 0), access::put_entity(group, 0)});
  }
};

object context(std::string_view name, std::string_view value) {
  return {{"ContextKeyName", name}, {"ContextKeyValues", array{value}}, {"ContextKeyType", "string"}};
}

TEST(Pacing, pauses_after_so_much_work) {
  async::Loops loops(1);
  Pace pace;
  const auto step = [&](std::size_t work) {
    async::run(loops.at(0).get_executor(), pace.step(work));
    return pace.pauses();
  };
  EXPECT_EQ(step(SimulationLimits::work_at_once - 1), 0U);
  EXPECT_EQ(step(1), 1U);
  EXPECT_EQ(step(SimulationLimits::work_at_once - 1), 1U);
  EXPECT_EQ(step(SimulationLimits::work_at_once * 2), 2U);
}

TEST_F(Simulate, of_many_resources_each_has_its_own_answer) {
  put_ann();
  array resources;
  for (int i = 0; i < 3'000; ++i) {
    resources.emplace_back(i % 2 == 0 ? "arn:aws:s3:::b/" + std::to_string(i) : "arn:aws:s3:::b/secret");
  }
  const auto result =
      first("SimulatePrincipalPolicy", {{"PolicySourceArn", "arn:aws:iam::111122223333:user/ann"},
                                        {"ActionNames", array{"s3:GetObject"}},
                                        {"ResourceArns", resources}});
  EXPECT_EQ(result.at("EvalDecision"), "explicitDeny");
  EXPECT_TRUE(result.at("EvalDecisionDetails").as_object().empty());
  const auto& each = result.at("ResourceSpecificResults").as_array();
  ASSERT_EQ(each.size(), 3'000U);
  for (std::size_t i = 0; i < each.size(); ++i) {
    ASSERT_EQ(each[i].at("EvalResourceDecision"), i % 2 == 0 ? "allowed" : "explicitDeny") << i;
    ASSERT_EQ(each[i].at("MatchedStatements").as_array().size(), 1U) << i;
  }
}

TEST_F(Simulate, the_example_of_aws) {
  const object input = {{"PolicyInputList", array{kOfAws}},
                        {"ActionNames", array{"dynamodb:CreateBackup"}},
                        {"ContextEntries", array{context("aws:CurrentTime", "2019-04-25T11:00:00Z")}}};
  EXPECT_EQ(
      text("SimulateCustomPolicy", input),
      R"({"EvaluationResults":[{"EvalActionName":"dynamodb:CreateBackup","EvalResourceName":"*","EvalDecision":"allowed","MatchedStatements":[{"SourcePolicyId":"PolicyInputList.1","SourcePolicyType":"IAM Policy","StartPosition":{"Line":1,"Column":38},"EndPosition":{"Line":1,"Column":167}}],"MissingContextValues":[]}],"IsTruncated":false})");
  auto early = input;
  early["ContextEntries"] = array{context("aws:CurrentTime", "2014-04-25T11:00:00Z")};
  EXPECT_EQ(
      json::serialize(first("SimulateCustomPolicy", early)),
      R"({"EvalActionName":"dynamodb:CreateBackup","EvalResourceName":"*","EvalDecision":"implicitDeny","MatchedStatements":[],"MissingContextValues":[]})");
  auto without = input;
  without.erase("ContextEntries");
  const auto result = first("SimulateCustomPolicy", without);
  EXPECT_EQ(result.at("EvalDecision"), "implicitDeny");
  EXPECT_EQ(result.at("MissingContextValues"), array{"aws:CurrentTime"});
}

TEST_F(Simulate, of_an_explicit_deny_only_what_denies_is_shown_and_each_resource_is_told) {
  const auto result =
      first("SimulateCustomPolicy", {{"PolicyInputList", array{kReader, testing::kPolicy}},
                                     {"ActionNames", array{"s3:GetObject"}},
                                     {"ResourceArns", array{"arn:aws:s3:::b/k", "arn:aws:s3:::b/secret"}}});
  EXPECT_EQ(result.at("EvalDecision"), "explicitDeny");
  const auto& specific = result.at("ResourceSpecificResults").as_array();
  ASSERT_EQ(specific.size(), 2U);
  EXPECT_EQ(specific[0].at("EvalResourceDecision"), "allowed");
  EXPECT_EQ(specific[0].at("MatchedStatements").as_array().size(), 2U);
  EXPECT_EQ(specific[1].at("EvalResourceName"), "arn:aws:s3:::b/secret");
  EXPECT_EQ(specific[1].at("EvalResourceDecision"), "explicitDeny");
  ASSERT_EQ(specific[1].at("MatchedStatements").as_array().size(), 1U);
  EXPECT_EQ(specific[1].at("MatchedStatements").at(0).at("StartPosition").at("Column"), 106);
}

// Patterns are held against values: neither are without bounds.
TEST_F(Simulate, what_is_too_long_is_refused) {
  const auto said = [&](const std::string& policy, const object& entry, std::size_t actions = 1) {
    array names;
    for (std::size_t i = 0; i < actions; ++i) {
      names.emplace_back("s3:GetObject");
    }
    return text(
               "SimulateCustomPolicy",
               {{"PolicyInputList", array{policy}}, {"ContextEntries", array{entry}}, {"ActionNames", names}})
        .substr(0, 16);
  };
  const auto with_pattern = [](std::size_t length) {
    return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:Referer":"*)" +
           std::string(length, 'a') + R"(b"}}}})";
  };
  const auto with_values = [](std::size_t values, std::size_t length) {
    return object{{"ContextKeyName", "aws:Referer"},
                  {"ContextKeyValues", array(values, boost::json::value(std::string(length, 'a')))},
                  {"ContextKeyType", "stringList"}};
  };
  EXPECT_EQ(said(with_pattern(100'000), with_values(1, 60'000)), R"({"EvaluationResu)");
  EXPECT_EQ(said(with_pattern(100), with_values(256, 100)), R"({"EvaluationResu)");
  EXPECT_EQ(said(with_pattern(100), with_values(1, 70'000)), "InvalidInput 400");
  EXPECT_EQ(said(with_pattern(100), with_values(257, 1)), "InvalidInput 400");
  EXPECT_EQ(said(with_pattern(100'000), with_values(256, 1), 100), "InvalidInput 400");
  EXPECT_EQ(said(with_pattern(600'000), with_values(1, 1)), "InvalidInput 400");
  EXPECT_EQ(
      text("SimulateCustomPolicy", {{"PolicyInputList", array{kReader}},
                                    {"ActionNames", array{"s3:GetObject"}},
                                    {"ResourceArns", array{"arn:aws:s3:::b/" + std::string(2'048, 'k')}}})
          .substr(0, 16),
      "InvalidInput 400");
}

TEST_F(Simulate, a_boundary_limits) {
  object input = {{"PolicyInputList", array{testing::kPolicy}},
                  {"PermissionsBoundaryPolicyInputList", array{kReader}},
                  {"ActionNames", array{"s3:PutObject"}},
                  {"ResourceArns", array{"arn:aws:s3:::b/k"}}};
  const auto result = first("SimulateCustomPolicy", input);
  EXPECT_EQ(result.at("EvalDecision"), "implicitDeny");
  EXPECT_EQ(result.at("PermissionsBoundaryDecisionDetail").at("AllowedByPermissionsBoundary"), false);
  input["ActionNames"] = array{"s3:GetObject"};
  EXPECT_EQ(decision("SimulateCustomPolicy", input), "allowed");
  input["ResourceArns"] = array{"arn:aws:s3:::b/secret"};
  EXPECT_EQ(decision("SimulateCustomPolicy", input), "explicitDeny");
}

TEST_F(Simulate, a_resources_policy_and_its_owner) {
  const std::string policy =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"},"Action":"s3:*","Resource":"arn:aws:s3:::b/*"}})";
  object input = {{"PolicyInputList", array{kOfAws}},
                  {"ResourcePolicy", policy},
                  {"CallerArn", "arn:aws:iam::111122223333:user/ann"},
                  {"ActionNames", array{"s3:GetObject"}},
                  {"ResourceArns", array{"arn:aws:s3:::b/k"}}};
  const auto result = first("SimulateCustomPolicy", input);
  EXPECT_EQ(result.at("EvalDecision"), "allowed");
  EXPECT_EQ(result.at("MatchedStatements").at(0).at("SourcePolicyId"), "ResourcePolicy");
  EXPECT_EQ(result.at("MatchedStatements").at(0).at("SourcePolicyType"), "Resource Policy");
  input["ResourceOwner"] = "arn:aws:iam::444455556666:root";  // then both sides must allow
  EXPECT_EQ(decision("SimulateCustomPolicy", input), "implicitDeny");
  input["PolicyInputList"] = array{testing::kPolicy};
  EXPECT_EQ(decision("SimulateCustomPolicy", input), "allowed");
}

TEST_F(Simulate, a_user_with_what_binds_him) {
  put_ann();
  object input = {{"PolicySourceArn", "arn:aws:iam::111122223333:user/ann"},
                  {"ActionNames", array{"sns:Publish"}}};
  const auto result = first("SimulatePrincipalPolicy", input);
  EXPECT_EQ(result.at("EvalDecision"), "allowed");
  EXPECT_EQ(result.at("MatchedStatements").at(0).at("SourcePolicyId"), "group_ops_senders");
  input["ActionNames"] = array{"s3:PutObject"};
  input["ResourceArns"] = array{"arn:aws:s3:::homes/ann/k"};
  input["ContextEntries"] = array{context("aws:RequestTag/team", "blue")};
  EXPECT_EQ(decision("SimulatePrincipalPolicy", input), "allowed");
  input["ContextEntries"] = array{context("aws:RequestTag/team", "red")};
  EXPECT_EQ(decision("SimulatePrincipalPolicy", input), "implicitDeny");
  input["PolicyInputList"] = array{testing::kPolicy};
  EXPECT_EQ(decision("SimulatePrincipalPolicy", input), "allowed");
  const object group = {{"PolicySourceArn", "arn:aws:iam::111122223333:user/ann"},
                        {"ActionNames", array{"s3:GetObject"}},
                        {"ResourceArns", array{"arn:aws:s3:::b/secret"}}};
  EXPECT_EQ(decision("SimulatePrincipalPolicy", group), "explicitDeny");
}

TEST_F(Simulate, a_users_own_boundary_and_one_in_its_place) {
  put_ann("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
  object input = {{"PolicySourceArn", "arn:aws:iam::111122223333:user/ann"},
                  {"ActionNames", array{"sns:Publish"}}};
  const auto result = first("SimulatePrincipalPolicy", input);
  EXPECT_EQ(result.at("EvalDecision"), "implicitDeny");
  EXPECT_EQ(result.at("PermissionsBoundaryDecisionDetail").at("AllowedByPermissionsBoundary"), false);
  input["PermissionsBoundaryPolicyInputList"] =
      array{R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})"};
  EXPECT_EQ(decision("SimulatePrincipalPolicy", input), "allowed");
}

TEST_F(Simulate, a_role_goes_by_its_arn) {
  access::RoleDocument role{.id = "AROA1", .account = "111122223333", .name = "Falcon", .path = "/ops/"};
  role.policies["p"] =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/ops/Falcon"}}}})";
  commit({access::put_entity(role, 0)});
  const object input = {{"PolicySourceArn", "arn:aws:iam::111122223333:role/ops/Falcon"},
                        {"ActionNames", array{"s3:GetObject"}}};
  const auto result = first("SimulatePrincipalPolicy", input);
  EXPECT_EQ(result.at("EvalDecision"), "allowed");
  EXPECT_EQ(result.at("MatchedStatements").at(0).at("SourcePolicyId"), "role_Falcon_p");
}

TEST_F(Simulate, context_keys) {
  EXPECT_EQ(
      text("GetContextKeysForCustomPolicy", {{"PolicyInputList", array{kOwn, kOfAws}}}),
      R"({"ContextKeyNames":["aws:username","aws:RequestTag/team","aws:PrincipalTag/team","aws:CurrentTime"]})");
  put_ann();
  EXPECT_EQ(
      text("GetContextKeysForPrincipalPolicy", {{"PolicySourceArn", "arn:aws:iam::111122223333:user/ann"}}),
      R"({"ContextKeyNames":["aws:username","aws:RequestTag/team","aws:PrincipalTag/team"]})");
}

TEST_F(Simulate, pages_of_actions) {
  object input = {{"PolicyInputList", array{testing::kPolicy}},
                  {"ActionNames", array{"s3:A", "s3:B", "sns:C"}},
                  {"MaxItems", 2}};
  const auto page = answer("SimulateCustomPolicy", input);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->at("EvaluationResults").as_array().size(), 2U);
  EXPECT_EQ(page->at("IsTruncated"), true);
  input["Marker"] = page->at("Marker");
  const auto rest = answer("SimulateCustomPolicy", input);
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->at("EvaluationResults").as_array().size(), 1U);
  EXPECT_EQ(rest->at("EvaluationResults").at(0).at("EvalActionName"), "sns:C");
  EXPECT_EQ(rest->at("IsTruncated"), false);
  input["Marker"] = "OTk=";
  EXPECT_EQ(text("SimulateCustomPolicy", input), "ValidationError 400 Invalid Marker.");
}

// Each statement that matches is in the answer, once for each action and resource.
TEST_F(Simulate, the_answers_size_is_limited) {
  std::string many = R"({"Version":"2012-10-17","Statement":[)";
  for (int i = 0; i < 500; ++i) {
    many += std::string(i == 0 ? "" : ",") + R"({"Effect":"Allow","Action":"*","Resource":"*"})";
  }
  many += "]}";
  array resources;
  for (int i = 0; i < 201; ++i) {
    resources.push_back(json::value("arn:aws:s3:::b/" + std::to_string(i)));
  }
  EXPECT_EQ(text("SimulateCustomPolicy", {{"PolicyInputList", array{json::value(many)}},
                                          {"ActionNames", array{"s3:GetObject"}},
                                          {"ResourceArns", resources}}),
            "InvalidInput 400 More than 100000 actions times resources times statements.");
}

TEST_F(Simulate, refuses) {
  const array one = {"s3:GetObject"};
  const array policy = {testing::kPolicy};
  const std::tuple<std::string_view, object, std::string_view> rows[] = {
      {"SimulateCustomPolicy",
       {{"PolicyInputList", array{"{}"}}, {"ActionNames", one}},
       "InvalidInput 400 Invalid Input PolicyInputList.1: Syntax errors in policy."},
      {"GetContextKeysForCustomPolicy",
       {{"PolicyInputList", array{"x"}}},
       "InvalidInput 400 Invalid Input PolicyInputList.1: This policy contains invalid Json"},
      {"SimulateCustomPolicy",
       {{"PolicyInputList", policy}, {"ActionNames", array{"GetObject"}}},
       "InvalidInput 400 Invalid action: GetObject"},
      {"SimulateCustomPolicy",
       {{"PolicyInputList", policy}, {"ActionNames", one}, {"ResourceArns", array{"b/k"}}},
       "InvalidInput 400 Invalid resource: b/k"},
      {"SimulateCustomPolicy",
       {{"PolicyInputList", policy},
        {"ActionNames", one},
        {"ResourceHandlingOption", "EC2-VPC-InstanceStore"}},
       "InvalidInput 400 This Cairn has no ResourceHandlingOption: it has no EC2."},
      {"SimulateCustomPolicy",
       {{"PolicyInputList", policy}, {"ActionNames", one}, {"ResourcePolicy", "{}"}},
       "InvalidInput 400 CallerArn must be given with a ResourcePolicy."},
      {"SimulateCustomPolicy",
       {{"PolicyInputList", policy}, {"ActionNames", one}, {"ResourceOwner", "me"}},
       "InvalidInput 400 Invalid ResourceOwner: me"},
      {"SimulateCustomPolicy",
       {{"PolicyInputList", policy},
        {"ActionNames", one},
        {"PermissionsBoundaryPolicyInputList", array{testing::kPolicy, testing::kPolicy}}},
       "InvalidInput 400 PermissionsBoundaryPolicyInputList may hold one policy."},
      {"SimulateCustomPolicy",
       {{"PolicyInputList", policy}, {"ActionNames", one}, {"CallerArn", "arn:aws:iam::111122223333:role/x"}},
       "InvalidInput 400 CallerArn must be the ARN of an IAM user: arn:aws:iam::111122223333:role/x"},
      {"SimulatePrincipalPolicy",
       {{"PolicySourceArn", "arn:aws:iam::111122223333:user/nobody"}, {"ActionNames", one}},
       "NoSuchEntity 404 Unable to retrieve specified IAM entity."},
      {"SimulatePrincipalPolicy",
       {{"PolicySourceArn", "arn:aws:iam::444455556666:user/admin"}, {"ActionNames", one}},
       "NoSuchEntity 404 Unable to retrieve specified IAM entity."},
      {"SimulatePrincipalPolicy",
       {{"PolicySourceArn", "arn:aws:iam::111122223333:role/nobody"}, {"ActionNames", one}},
       "NoSuchEntity 404 Unable to retrieve specified IAM entity."},
      {"GetContextKeysForPrincipalPolicy",
       {{"PolicySourceArn", "arn:aws:iam::111122223333:root"}},
       "InvalidInput 400 Invalid Entity Arn: arn:aws:iam::111122223333:root does not clearly define entity "
       "type "
       "and name."},
  };
  for (const auto& [operation, input, expected] : rows) {
    EXPECT_EQ(text(operation, input), expected) << operation;
  }
}

TEST_F(Simulate, asks_for_the_source) {
  EXPECT_EQ(asked("SimulatePrincipalPolicy", {{"PolicySourceArn", "arn:aws:iam::111122223333:user/ann"}}),
            "iam:SimulatePrincipalPolicy arn:aws:iam::111122223333:user/ann");
  EXPECT_EQ(asked("SimulateCustomPolicy"), "iam:SimulateCustomPolicy *");
  EXPECT_EQ(asked("GetContextKeysForCustomPolicy"), "iam:GetContextKeysForCustomPolicy *");
}

}  // namespace
}  // namespace cairn::services::iam
