"""Objects encrypted with a key of KMS: who reads them must be one for whom KMS decrypts, and the trail says that he was."""

import json
import subprocess

import pytest
from cairn import ROOT, Cairn, code_of
from test_kms import CONFIG, SECRET, records_of
from test_organizations import client_with

PART = 5 << 20


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory):
    with Cairn(binary, tmp_path_factory.mktemp("sse-kms"), CONFIG) as running:
        running.client("s3").create_bucket(Bucket="eggs")
        yield running


@pytest.fixture(scope="module")
def key(cairn):
    return cairn.client("kms").create_key()["KeyMetadata"]["Arn"]


def put(s3, name, key, body=SECRET, **more):
    return s3.put_object(Bucket="eggs", Key=name, Body=body, ServerSideEncryption="aws:kms", SSEKMSKeyId=key, **more)


def test_an_object_says_how_it_is_encrypted_and_so_does_the_trail(cairn, key):
    s3 = cairn.client("s3")
    made = put(s3, "one", key)
    assert (made["ServerSideEncryption"], made["SSEKMSKeyId"]) == ("aws:kms", key)
    got = s3.get_object(Bucket="eggs", Key="one")
    assert got["Body"].read() == SECRET and got["SSEKMSKeyId"] == key
    assert s3.head_object(Bucket="eggs", Key="one")["ServerSideEncryption"] == "aws:kms"
    for name in ("GenerateDataKey", "Decrypt"):
        record = records_of(cairn, name, key)[0]
        assert record["requestParameters"]["encryptionContext"] == {"aws:s3:arn": "arn:aws:s3:::eggs/one"}
        assert record["userIdentity"]["invokedBy"] == record["sourceIPAddress"] == record["userAgent"] == "AWS Internal"
        assert record["userIdentity"]["userName"] == "admin"


def test_who_may_read_the_bucket_but_not_use_the_key_reads_nothing(cairn, key):
    s3, iam = cairn.client("s3"), cairn.client("iam")
    put(s3, "two", key)
    iam.create_user(UserName="reader")
    credentials = iam.create_access_key(UserName="reader")["AccessKey"]
    reader, direct = (client_with(cairn, service, credentials) for service in ("s3", "kms"))

    def allow(*statements):
        iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))

    objects = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    allow(objects)
    assert code_of(reader.get_object, Bucket="eggs", Key="two") == "AccessDenied"
    assert code_of(put, s3=reader, name="three", key=key) == "AccessDenied"
    through_s3 = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key,
                  "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}
    allow(objects, through_s3)
    assert reader.get_object(Bucket="eggs", Key="two")["Body"].read() == SECRET
    assert code_of(put, s3=reader, name="three", key=key) == "AccessDenied", "Decrypt is not GenerateDataKey"
    sealed = cairn.client("kms").encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert code_of(direct.decrypt, CiphertextBlob=sealed) == "AccessDeniedException", "through S3 alone"


def test_a_key_that_is_disabled_opens_nothing_until_it_is_enabled(cairn, key):
    s3, kms = cairn.client("s3"), cairn.client("kms")
    put(s3, "four", key)
    kms.disable_key(KeyId=key)
    assert code_of(s3.get_object, Bucket="eggs", Key="four") == "KMS.DisabledException"
    assert code_of(put, s3=s3, name="five", key=key) == "KMS.DisabledException"
    kms.enable_key(KeyId=key)
    assert s3.get_object(Bucket="eggs", Key="four")["Body"].read() == SECRET
    assert code_of(put, s3=s3, name="five", key="alias/nobodys") == "KMS.NotFoundException"


def test_by_default_in_parts_copied_and_by_the_command_line(cairn, key, tmp_path):
    s3 = cairn.client("s3")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.create_bucket(Bucket="nest")
    s3.put_bucket_encryption(Bucket="nest", ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert s3.get_bucket_encryption(Bucket="nest")["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"] == rule["ApplyServerSideEncryptionByDefault"]
    body = (SECRET * (PART // len(SECRET) + 1))[: PART + 7]
    file = tmp_path / "large"
    file.write_bytes(body * 2)  # aws s3 sends it in parts
    for arguments in (["s3", "cp", file, "s3://nest/large"], ["s3", "cp", "s3://nest/large", tmp_path / "back"]):
        subprocess.run([ROOT / ".deps/venv/bin/aws", *map(str, arguments)], env=cairn.aws_environment(), check=True, capture_output=True, timeout=60)
    assert (tmp_path / "back").read_bytes() == body * 2
    assert s3.head_object(Bucket="nest", Key="large")["SSEKMSKeyId"] == key
    s3.copy_object(Bucket="eggs", Key="plain", CopySource="nest/large")
    assert s3.head_object(Bucket="eggs", Key="plain")["ServerSideEncryption"] == "AES256"
    across = s3.get_object(Bucket="nest", Key="large", Range=f"bytes={PART}-{PART + 70_000}")
    assert across["Body"].read() == (body * 2)[PART : PART + 70_001]


def test_it_outlives_a_kill_and_none_of_it_lies_plain(cairn, key):
    put(cairn.client("s3"), "last", key, SECRET * 10_000)
    cairn.kill()
    assert not [file for file in cairn.data.rglob("*") if file.is_file() and SECRET in file.read_bytes()]
    cairn.start()
    assert cairn.client("s3").get_object(Bucket="eggs", Key="last")["Body"].read() == SECRET * 10_000
