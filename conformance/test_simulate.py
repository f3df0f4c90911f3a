"""IAM's policy simulator, as boto3 sees it: what it says is what a call then meets."""

import json

import pytest
from botocore.exceptions import ClientError

READER = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "cloudtrail:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "cloudtrail:DescribeTrails", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ],
}


def test_of_a_user_says_what_his_calls_meet(shared):
    iam = shared.client("iam")
    user = iam.create_user(UserName="simulated")["User"]
    iam.put_user_policy(UserName="simulated", PolicyName="reader", PolicyDocument=json.dumps(READER))
    names = iam.get_context_keys_for_principal_policy(PolicySourceArn=user["Arn"])["ContextKeyNames"]
    assert names == ["aws:SecureTransport"]
    result = iam.simulate_principal_policy(
        PolicySourceArn=user["Arn"],
        ActionNames=["cloudtrail:LookupEvents", "cloudtrail:DescribeTrails", "s3:GetObject"],
        ContextEntries=[{"ContextKeyName": "aws:SecureTransport", "ContextKeyValues": ["false"], "ContextKeyType": "boolean"}],
    )
    decisions = {one["EvalActionName"]: one["EvalDecision"] for one in result["EvaluationResults"]}
    assert decisions == {"cloudtrail:LookupEvents": "allowed", "cloudtrail:DescribeTrails": "explicitDeny", "s3:GetObject": "implicitDeny"}
    (matched,) = result["EvaluationResults"][1]["MatchedStatements"]
    assert matched["SourcePolicyId"] == "user_simulated_reader" and matched["StartPosition"]["Line"] == 1
    with pytest.raises(ClientError) as refused:
        iam.simulate_principal_policy(PolicySourceArn=user["Arn"] + "x", ActionNames=["s3:GetObject"])
    assert refused.value.response["Error"]["Code"] == "NoSuchEntity"


def test_of_policies_with_a_boundary_and_pages(shared):
    iam = shared.client("iam")
    everything = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    pages = iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[everything],
        PermissionsBoundaryPolicyInputList=[everything.replace('"Action": "*"', '"Action": "s3:*"')],
        ActionNames=["s3:GetObject", "sns:Publish", "s3:PutObject"],
        ResourceArns=["arn:aws:s3:::b/k", "arn:aws:s3:::b/l"],
        PaginationConfig={"PageSize": 2},
    )
    results = [one for page in pages for one in page["EvaluationResults"]]
    assert [one["EvalDecision"] for one in results] == ["allowed", "implicitDeny", "allowed"]
    assert [one["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"] for one in results] == [True, False, True]
    assert all(len(one["ResourceSpecificResults"]) == 2 for one in results)
