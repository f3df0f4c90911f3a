"""What policies see of a call: through whom it comes, whose it is, where it is done; and what is refused as a policy."""

import json
import time

import boto3
import pytest
from cairn import Cairn, code_of
from test_iam import CONFIG, HERE, client_with, new_user


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory):
    with Cairn(binary, tmp_path_factory.mktemp("policy-keys"), CONFIG) as running:
        yield running


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"} | one for one in statements]})


def via_service(told):
    return {"Condition": {"Bool": {"aws:ViaAWSService": told}}}


def test_what_a_service_asks_for_its_caller_is_told_from_what_he_asks_himself(cairn):
    key = cairn.client("kms").create_key()["KeyMetadata"]["Arn"]
    cairn.client("s3").create_bucket(Bucket="through")
    iam = cairn.client("iam")
    iam.create_user(UserName="through")
    credentials = iam.create_access_key(UserName="through")["AccessKey"]
    s3, kms = (client_with(cairn, service, credentials) for service in ("s3", "kms"))

    def allow(*statements):
        iam.put_user_policy(UserName="through", PolicyName="p", PolicyDocument=policy({"Action": "s3:*"}, *statements))

    def put():
        return code_of(s3.put_object, Bucket="through", Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)

    allow({"Action": "kms:*"} | via_service("true"))
    assert put() == "" and s3.get_object(Bucket="through", Key="k")["Body"].read() == b"x"
    assert code_of(kms.describe_key, KeyId=key) == "AccessDeniedException"
    allow({"Action": "kms:*"}, {"Effect": "Deny", "Action": "kms:*"} | via_service("false"))
    assert put() == ""
    allow({"Action": "kms:*"}, {"Effect": "Deny", "Action": "kms:Decrypt"} | via_service("true"))
    assert put() == ""
    assert code_of(s3.get_object, Bucket="through", Key="k") == "AccessDenied"


def test_who_names_no_user_is_judged_by_his_own_tags(cairn):
    user, iam = new_user(cairn, "tagged")
    iam.tag_user(UserName="tagged", Tags=[{"Key": "locked", "Value": "yes"}])
    deny = {"Effect": "Deny", "Action": "iam:CreateAccessKey", "Condition": {"StringEquals": {"iam:ResourceTag/locked": "yes"}}}
    iam.put_user_policy(UserName="tagged", PolicyName="p", PolicyDocument=policy({"Action": "iam:*"}, deny))
    assert code_of(user.create_access_key, UserName="tagged") == "AccessDenied"
    assert code_of(user.create_access_key) == "AccessDenied"


def test_iam_is_in_us_east_1_wherever_it_is_asked(cairn):
    iam = cairn.client("iam")
    iam.create_user(UserName="far")
    credentials = iam.create_access_key(UserName="far")["AccessKey"]
    allowed = {"Action": "iam:GetUser", "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}
    iam.put_user_policy(UserName="far", PolicyName="p", PolicyDocument=policy(allowed))
    keys = {"aws_access_key_id": credentials["AccessKeyId"], "aws_secret_access_key": credentials["SecretAccessKey"]}
    far = boto3.client("iam", region_name="eu-west-1", endpoint_url=cairn.endpoint, **keys)
    assert far.get_user()["User"]["UserName"] == "far"


def test_an_element_that_is_there_twice_is_refused(cairn):
    iam = cairn.client("iam")
    iam.create_user(UserName="twice")
    statement = '{"Effect": "Allow", "Action": "*", "Resource": "*"}'
    twice = f'{{"Version": "2012-10-17", "Statement": [], "Statement": {statement}}}'
    assert code_of(iam.put_user_policy, UserName="twice", PolicyName="p", PolicyDocument=twice) == "MalformedPolicyDocument"
    cairn.client("s3").create_bucket(Bucket="twice")
    assert code_of(cairn.client("s3").put_bucket_policy, Bucket="twice", Policy=twice) == "MalformedPolicy"


def test_a_simulation_of_what_is_long_keeps_nobody_waiting(cairn):
    iam = cairn.client("iam")
    pattern = policy({"Action": "*", "Condition": {"StringLike": {"aws:Referer": "*" + "a" * 100_000 + "b"}}})

    def simulate(length):
        entry = {"ContextKeyName": "aws:Referer", "ContextKeyValues": ["a" * length], "ContextKeyType": "string"}
        return iam.simulate_custom_policy(PolicyInputList=[pattern], ActionNames=["s3:GetObject"], ContextEntries=[entry])

    assert simulate(60_000)["EvaluationResults"][0]["EvalDecision"] == "implicitDeny"
    assert code_of(simulate, length=200_000) == "InvalidInput"


def test_a_bucket_policy_sees_the_organization_of_a_service(cairn):
    organization = cairn.client("organizations").create_organization(FeatureSet="ALL")["Organization"]["Id"]
    s3, trail = cairn.client("s3"), cairn.client("cloudtrail")
    s3.create_bucket(Bucket="of-us")

    def let_in(who):
        service = {"Principal": {"Service": "cloudtrail.amazonaws.com"}, "Condition": {"StringEquals": {"aws:SourceOrgID": who}}}
        statements = [service | {"Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::of-us"},
                      service | {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::of-us/AWSLogs/{HERE}/*"}]
        s3.put_bucket_policy(Bucket="of-us", Policy=policy(*statements))

    let_in("o-nobody1234")
    assert code_of(trail.create_trail, Name="of-us", S3BucketName="of-us") == "InsufficientS3BucketPolicyException"
    let_in(organization)
    trail.create_trail(Name="of-us", S3BucketName="of-us")
    trail.start_logging(Name="of-us")
    deadline = time.monotonic() + 60
    while not s3.list_objects_v2(Bucket="of-us", Prefix=f"AWSLogs/{HERE}/CloudTrail/us").get("Contents"):
        assert time.monotonic() < deadline, cairn.log.read_text()[-4000:]
        time.sleep(0.2)
