"""A trail with a key of KMS: its log files open for who may use the key alone, and wait while it is disabled."""

import gzip
import json

import pytest
from cairn import REGION, Cairn, code_of, eventually
from test_kms import CONFIG, HERE
from test_organizations import client_with

FAST = "delivery: {interval: 1s}\n"
ROOT_MAY = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HERE}:root"}, "Action": "kms:*", "Resource": "*"}
CLOUDTRAIL_MAY = {
    "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*", "Resource": "*",
    "Condition": {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{HERE}:trail/*"},
                  "StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:{REGION}:{HERE}:trail/sealed"}},
}


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory):
    with Cairn(binary, tmp_path_factory.mktemp("trail-encryption"), CONFIG + FAST) as running:
        yield running


def new_key(cairn, *statements, **kind):
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ROOT_MAY, *statements]})
    return cairn.client("kms").create_key(Policy=policy, **kind)["KeyMetadata"]["Arn"]


@pytest.fixture(scope="module")
def trail(cairn):
    """The trail and its key's ARN."""
    key = new_key(cairn, CLOUDTRAIL_MAY)
    cairn.client("kms").create_alias(AliasName="alias/trails", TargetKeyId=key)
    cairn.make_trail("sealed", "sealed-logs", KmsKeyId="alias/trails")
    return key


def delivered(cairn, name):
    """The object of the log file that has an event of this name."""
    return next((key for key, body in cairn.log_files("sealed-logs").items() if name.encode() in gzip.decompress(body)), None)


def test_its_files_open_for_who_may_use_the_key(cairn, trail):
    s3, trails = cairn.client("s3"), cairn.client("cloudtrail")
    assert trails.get_trail(Name="sealed")["Trail"]["KmsKeyId"] == trail
    cairn.client("iam").create_user(UserName="first")
    assert eventually(lambda: delivered(cairn, "CreateUser"))
    key = delivered(cairn, "CreateUser")
    head = s3.head_object(Bucket="sealed-logs", Key=key)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", trail)
    reader = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    opener = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": trail, "Condition": {"Null": {"kms:EncryptionContext:aws:cloudtrail:arn": "false"}}}
    iam = cairn.client("iam")
    iam.create_user(UserName="reader")
    ann = client_with(cairn, "s3", iam.create_access_key(UserName="reader")["AccessKey"])
    for statements, allowed in (([reader], False), ([reader, opener], True)):
        iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
        if allowed:
            assert ann.get_object(Bucket="sealed-logs", Key=key)["Body"].read()
        else:
            assert code_of(ann.get_object, Bucket="sealed-logs", Key=key) == "AccessDenied"


def test_while_the_key_is_disabled_files_wait(cairn, trail):
    kms, trails = cairn.client("kms"), cairn.client("cloudtrail")
    kms.disable_key(KeyId=trail)
    cairn.client("iam").create_group(GroupName="waiting")
    assert eventually(lambda: trails.get_trail_status(Name="sealed").get("LatestDeliveryError") == "KMS.DisabledException")
    kms.enable_key(KeyId=trail)
    assert eventually(lambda: delivered(cairn, "CreateGroup"))
    assert "LatestDeliveryError" not in trails.get_trail_status(Name="sealed")


def test_what_is_no_key_for_it_is_refused(cairn, trail):
    kms, update = cairn.client("kms"), cairn.client("cloudtrail").update_trail
    disabled = new_key(cairn, CLOUDTRAIL_MAY)
    kms.disable_key(KeyId=disabled)
    of_rsa = new_key(cairn, CLOUDTRAIL_MAY, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    for named, code in (("alias/nobodys", "InsufficientEncryptionPolicyException"), (new_key(cairn), "InsufficientEncryptionPolicyException"),
                        (trail.replace(REGION, "eu-west-1"), "KmsKeyNotFoundException"), ("no key", "KmsKeyNotFoundException"), (disabled, "KmsException"), (of_rsa, "KmsException")):
        assert code_of(update, Name="sealed", KmsKeyId=named) == code, named
    assert cairn.client("cloudtrail").get_trail(Name="sealed")["Trail"]["KmsKeyId"] == trail
    assert update(Name="sealed", S3KeyPrefix="")["KmsKeyId"] == trail, "what is not named stays"


def test_a_bucket_of_another_region(cairn, trail):
    """S3 asks KMS where the bucket is: the key is of there, wherever the trail is."""
    far = "eu-west-1"
    cairn.make_trail("far", "far-logs")
    s3, update = cairn.client("s3", region=far), cairn.client("cloudtrail").update_trail
    s3.create_bucket(Bucket="farther-logs", CreateBucketConfiguration={"LocationConstraint": far})
    policy = cairn.client("s3").get_bucket_policy(Bucket="far-logs")["Policy"]
    s3.put_bucket_policy(Bucket="farther-logs", Policy=policy.replace("far-logs", "farther-logs"))
    may = {key: value for key, value in CLOUDTRAIL_MAY.items() if key != "Condition"}
    statements = json.dumps({"Version": "2012-10-17", "Statement": [ROOT_MAY, may]})
    there = cairn.client("kms", region=far).create_key(Policy=statements)["KeyMetadata"]["Arn"]
    here = new_key(cairn, may)
    assert update(Name="far", S3BucketName="farther-logs", KmsKeyId=there)["KmsKeyId"] == there
    assert code_of(update, Name="far", KmsKeyId=here) == "KmsKeyNotFoundException"
    assert code_of(update, Name="far", S3BucketName="far-logs") == "KmsKeyNotFoundException"
    cairn.client("iam").create_group(GroupName="farther")
    assert eventually(lambda: "Contents" in s3.list_objects_v2(Bucket="farther-logs", Prefix=f"AWSLogs/{HERE}/CloudTrail/{REGION}/"))
    cairn.client("cloudtrail").delete_trail(Name="far")


def test_while_its_key_is_disabled_a_trail_cannot_be_changed(cairn, trail):
    """Not for a moment: whoever asks again and again asks in vain."""
    kms, update = cairn.client("kms"), cairn.client("cloudtrail").update_trail
    kms.disable_key(KeyId=trail)
    assert code_of(update, Name="sealed", IncludeGlobalServiceEvents=True) == "KmsException"
    kms.enable_key(KeyId=trail)
    update(Name="sealed", IncludeGlobalServiceEvents=True)


def test_without_it_files_are_as_the_buckets(cairn, trail):
    assert "KmsKeyId" not in cairn.client("cloudtrail").update_trail(Name="sealed", KmsKeyId="")
    assert "KmsKeyId" not in cairn.client("cloudtrail").get_trail(Name="sealed")["Trail"]
    cairn.client("iam").create_instance_profile(InstanceProfileName="plain")
    assert eventually(lambda: delivered(cairn, "CreateInstanceProfile"))
    assert cairn.client("s3").head_object(Bucket="sealed-logs", Key=delivered(cairn, "CreateInstanceProfile"))["ServerSideEncryption"] == "AES256"
