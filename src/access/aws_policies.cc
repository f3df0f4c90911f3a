#include "access/aws_policies.h"

#include <algorithm>
#include <array>

namespace cairn::access {

namespace {

// Ids are AWS's where they are known to us; the others are ours.
constexpr std::array kPolicies =
    {
        AwsPolicy{
            "AWSCloudTrail_FullAccess", "ANPAZCLOUDTRAILFULL22", "Everything in CloudTrail.", 3,
            "2020-10-08T23:41:00Z", "2021-02-22T19:01:00Z",
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sns:AddPermission","sns:CreateTopic","sns:SetTopicAttributes","sns:GetTopicAttributes"],"Resource":["arn:aws:sns:*:*:aws-cloudtrail-logs*"]},{"Effect":"Allow","Action":["sns:ListTopics"],"Resource":"*"},{"Effect":"Allow","Action":["s3:CreateBucket","s3:PutBucketPolicy","s3:PutBucketPublicAccessBlock"],"Resource":["arn:aws:s3:::aws-cloudtrail-logs*"]},{"Effect":"Allow","Action":["s3:ListAllMyBuckets","s3:GetBucketLocation","s3:GetBucketPolicy"],"Resource":"*"},{"Effect":"Allow","Action":"cloudtrail:*","Resource":"*"},{"Effect":"Allow","Action":["logs:CreateLogGroup"],"Resource":["arn:aws:logs:*:*:log-group:aws-cloudtrail-logs*"]},{"Effect":"Allow","Action":["iam:ListRoles","iam:GetRolePolicy","iam:GetUser"],"Resource":"*"},{"Effect":"Allow","Action":["iam:PassRole"],"Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"cloudtrail.amazonaws.com"}}},{"Effect":"Allow","Action":["kms:CreateKey","kms:CreateAlias","kms:ListKeys","kms:ListAliases"],"Resource":"*"},{"Effect":"Allow","Action":["lambda:ListFunctions"],"Resource":"*"},{"Effect":"Allow","Action":["dynamodb:ListGlobalTables","dynamodb:ListTables"],"Resource":"*"}]})"},
        AwsPolicy{
            "AWSCloudTrail_ReadOnlyAccess", "ANPAZCLOUDTRAILREAD22", "Reading in CloudTrail.", 1,
            "2022-06-14T17:19:00Z", "2022-06-14T17:19:00Z",
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cloudtrail:Get*","cloudtrail:Describe*","cloudtrail:List*","cloudtrail:LookupEvents"],"Resource":"*"}]})"},
        AwsPolicy{"AdministratorAccess", "ANPAIWMBCKSKIEE64ZLYK", "Everything, in all services.", 1,
                  "2015-02-06T18:39:46Z", "2015-02-06T18:39:46Z",
                  R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"},
        AwsPolicy{
            "AmazonS3FullAccess", "ANPAIFIR6V6BVTRAHWINE", "Everything in S3.", 2, "2015-02-06T18:40:58Z",
            "2021-09-27T20:16:37Z",
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}]})"},
        AwsPolicy{
            "AmazonS3ReadOnlyAccess", "ANPAIZTJ4DXE7G6AGAE6M", "Reading in S3.", 3, "2015-02-06T18:40:59Z",
            "2023-08-10T21:31:39Z",
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]})"},
        AwsPolicy{
            "IAMFullAccess",
            "ANPAI7XKCFMBPM3QQRRVQ", "Everything in IAM.", 2, "2015-02-06T18:40:38Z", "2019-06-21T19:40:00Z", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*","organizations:DescribeAccount","organizations:DescribeOrganization","organizations:DescribeOrganizationalUnit","organizations:DescribePolicy","organizations:ListChildren","organizations:ListParents","organizations:ListPoliciesForTarget","organizations:ListRoots","organizations:ListPolicies","organizations:ListTargetsForPolicy"],"Resource":"*"}]})"},
        AwsPolicy{
            "IAMReadOnlyAccess", "ANPAJKSO7NDY4T57MWDSQ", "Reading in IAM.", 4, "2015-02-06T18:40:39Z",
            "2018-01-25T19:11:27Z",
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*","iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy"],"Resource":"*"}]})"},
        AwsPolicy{
            "PowerUserAccess", "ANPAJYRXTHIB4FOVS3ZXS",
            "Everything, but for users, groups, roles and accounts.", 12, "2015-02-06T18:39:47Z",
            "2026-02-12T17:59:00Z",
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},{"Effect":"Allow","Action":["account:GetAccountInformation","account:GetGovCloudAccountInformation","account:GetPrimaryEmail","account:ListRegions","iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles","organizations:DescribeEffectivePolicy","organizations:DescribeOrganization"],"Resource":"*"}]})"},
};

}  // namespace

std::span<const AwsPolicy> aws_policies() {
  return kPolicies;
}

const AwsPolicy* find_aws_policy(std::string_view arn) {
  constexpr std::string_view kPrefix = "arn:aws:iam::aws:policy/";
  if (!arn.starts_with(kPrefix)) {
    return nullptr;
  }
  const auto* const found = std::ranges::find(kPolicies, arn.substr(kPrefix.size()), &AwsPolicy::name);
  return found == kPolicies.end() ? nullptr : found;
}

}  // namespace cairn::access
