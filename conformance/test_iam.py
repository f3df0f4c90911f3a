"""IAM and STS as boto3 sees them: roles across accounts, groups, managed policies, temporary credentials, and their records."""

import json
import time
from urllib.request import urlopen

import boto3
import pytest
from botocore.config import Config
from cairn import REGION, Cairn, code_of

HERE, THERE = "111122223333", "444455556666"
CONFIG = f"""delivery: {{interval: 1s}}
accounts:
  - id: "{HERE}"
    name: here
    users: [{{name: admin, administrator: true}}]
  - id: "{THERE}"
    name: there
    users: [{{name: admin, administrator: true}}]
"""


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory):
    with Cairn(binary, tmp_path_factory.mktemp("iam"), CONFIG) as running:
        yield running


def client_with(cairn, service, credentials):
    return boto3.client(
        service, region_name=REGION, endpoint_url=cairn.endpoint, aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"], aws_session_token=credentials.get("SessionToken"),
        config=Config(retries={"max_attempts": 1, "mode": "standard"}, signature_version="s3v4" if service == "s3" else None),
    )


def new_user(cairn, name):
    iam = cairn.client("iam")
    iam.create_user(UserName=name)
    return client_with(cairn, "iam", iam.create_access_key(UserName=name)["AccessKey"]), iam


def trust(principal, **more):
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]} | more
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def profile_of(cairn, account):
    for line in cairn.credentials_file.read_text().splitlines():
        if line.startswith("[") and account in line:
            return line.strip("[]")
    raise AssertionError(f"no profile for {account}:\n{cairn.credentials_file.read_text()}")


def find_event(cairn, profile, event_name, key):
    trail = cairn.client("cloudtrail", profile)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        events = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": event_name}])["Events"]
        for event in events:
            record = json.loads(event["CloudTrailEvent"])
            if key(record):
                return record
        time.sleep(0.1)
    raise AssertionError(f"no {event_name}")


def test_a_managed_policy_holds_from_the_next_call_on(cairn):
    theirs, iam = new_user(cairn, "reader")
    assert code_of(theirs.list_users) == "AccessDenied"
    iam.attach_user_policy(UserName="reader", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert theirs.list_users()["Users"]
    deny = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"}}
    arn = iam.create_policy(PolicyName="no-lists", PolicyDocument=json.dumps(deny))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="reader", PolicyArn=arn)
    assert code_of(theirs.list_users) == "AccessDenied"
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(deny | {"Statement": deny["Statement"] | {"Action": "iam:ListRoles"}}), SetAsDefault=True)
    assert theirs.list_users()["Users"]
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == deny
    assert [p["PolicyName"] for p in iam.list_attached_user_policies(UserName="reader")["AttachedPolicies"]] == ["IAMReadOnlyAccess", "no-lists"]


def test_a_group_gives_its_members_its_policies(cairn):
    theirs, iam = new_user(cairn, "member")
    iam.create_group(GroupName="auditors")
    iam.attach_group_policy(GroupName="auditors", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert code_of(theirs.list_groups) == "AccessDenied"
    iam.add_user_to_group(GroupName="auditors", UserName="member")
    assert [g["GroupName"] for g in theirs.list_groups()["Groups"]] == ["auditors"]
    assert code_of(theirs.create_group, GroupName="x") == "AccessDenied"
    assert [u["UserName"] for u in iam.get_group(GroupName="auditors")["Users"]] == ["member"]


def test_a_boundary_bounds(cairn):
    theirs, iam = new_user(cairn, "bounded")
    iam.attach_user_policy(UserName="bounded", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")
    iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert theirs.get_user(UserName="bounded")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith("/IAMReadOnlyAccess")
    assert code_of(theirs.create_group, GroupName="x") == "AccessDenied"
    iam.delete_user_permissions_boundary(UserName="bounded")
    theirs.create_group(GroupName="bounded-made-it")


def test_a_role_of_another_account(cairn):
    there = profile_of(cairn, THERE)
    iam = cairn.client("iam", there)
    iam.create_role(RoleName="Collector", Path="/svc/", AssumeRolePolicyDocument=trust(HERE), MaxSessionDuration=7200, Tags=[{"Key": "team", "Value": "blue"}])
    iam.attach_role_policy(RoleName="Collector", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    role = iam.get_role(RoleName="Collector")["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": HERE}
    sts = cairn.client("sts")
    answer = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="nightly", SourceIdentity="ann", Tags=[{"Key": "cost", "Value": "7"}], DurationSeconds=7200)
    credentials = answer["Credentials"]
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{THERE}:assumed-role/Collector/nightly"
    assert answer["SourceIdentity"] == "ann"
    identity = client_with(cairn, "sts", credentials).get_caller_identity()
    assert identity["Arn"] == answer["AssumedRoleUser"]["Arn"] and identity["UserId"] == f"{role['RoleId']}:nightly"
    client_with(cairn, "s3", credentials).create_bucket(Bucket="made-by-role")
    assert code_of(client_with(cairn, "iam", credentials).list_users) == "AccessDenied"

    record = find_event(cairn, there, "CreateBucket", lambda r: r["requestParameters"]["bucketName"] == "made-by-role")
    who = record["userIdentity"]
    assert who["type"] == "AssumedRole" and who["accessKeyId"] == credentials["AccessKeyId"] and "userName" not in who
    context = who["sessionContext"]
    assert context["sessionIssuer"] == {"type": "Role", "principalId": role["RoleId"], "arn": role["Arn"], "accountId": THERE, "userName": "Collector"}
    assert context["attributes"]["mfaAuthenticated"] == "false" and context["sourceIdentity"] == "ann"
    ours = find_event(cairn, "default", "AssumeRole", lambda r: r["requestParameters"]["roleArn"] == role["Arn"])
    theirs = find_event(cairn, there, "AssumeRole", lambda r: r["requestParameters"]["roleArn"] == role["Arn"])
    assert ours["userIdentity"]["type"] == "IAMUser" and theirs["userIdentity"]["type"] == "AWSAccount"
    assert ours["sharedEventID"] == theirs["sharedEventID"] and ours["readOnly"] is True
    assert "secretAccessKey" not in json.dumps(ours) and ours["responseElements"]["credentials"]["accessKeyId"] == credentials["AccessKeyId"]

    iam.detach_role_policy(RoleName="Collector", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    assert code_of(client_with(cairn, "s3", credentials).list_buckets) == "AccessDenied"
    iam.delete_role(RoleName="Collector")
    assert code_of(client_with(cairn, "sts", credentials).get_caller_identity) == "InvalidClientTokenId"
    assert code_of(sts.assume_role, RoleArn=role["Arn"], RoleSessionName="nightly") == "AccessDenied"


def test_credentials_are_checked(cairn):
    sts = cairn.client("sts")
    credentials = sts.get_session_token(DurationSeconds=900)["Credentials"]
    assert client_with(cairn, "sts", credentials).get_caller_identity()["Arn"] == f"arn:aws:iam::{HERE}:user/admin"
    assert code_of(client_with(cairn, "iam", credentials).list_users) == "InvalidClientTokenId"
    assert code_of(client_with(cairn, "sts", credentials).get_session_token) == "AccessDenied"
    client_with(cairn, "s3", credentials).list_buckets()
    url = client_with(cairn, "s3", credentials).generate_presigned_url("list_buckets")
    assert "X-Amz-Security-Token" in url and b"<ListAllMyBucketsResult" in urlopen(url).read()
    for wrong in ({"SessionToken": credentials["SessionToken"][:-8] + "AAAAAAA="}, {"SecretAccessKey": "x" * 40}, {"SessionToken": None}):
        assert code_of(client_with(cairn, "sts", credentials | wrong).get_caller_identity) in ("InvalidClientTokenId", "SignatureDoesNotMatch")
    other = sts.get_session_token()["Credentials"]
    assert code_of(client_with(cairn, "s3", credentials | {"SessionToken": other["SessionToken"]}).list_buckets) == "InvalidToken"


def test_a_federated_user(cairn):
    sts = cairn.client("sts")
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}}
    answer = sts.get_federation_token(Name="bob", Policy=json.dumps(policy))
    assert answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{HERE}:federated-user/bob" and answer["PackedPolicySize"] > 0
    s3 = client_with(cairn, "s3", answer["Credentials"])
    s3.list_buckets()
    assert code_of(s3.create_bucket, Bucket="bobs-bucket") == "AccessDenied"
    record = find_event(cairn, "default", "ListBuckets", lambda r: r["userIdentity"]["type"] == "FederatedUser")
    assert record["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"] == "admin"


def test_the_rest_of_an_account(cairn):
    iam = cairn.client("iam")
    iam.create_account_alias(AccountAlias="acme")
    assert iam.list_account_aliases()["AccountAliases"] == ["acme"]
    iam.update_account_password_policy(MinimumPasswordLength=12)
    assert iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 12
    assert iam.get_account_summary()["SummaryMap"]["UsersQuota"] == 5000
    iam.create_instance_profile(InstanceProfileName="web")
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}))
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    assert iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Roles"][0]["RoleName"] == "web"
    assert len(list(iam.get_paginator("list_policies").paginate(PaginationConfig={"PageSize": 3}))) >= 3
