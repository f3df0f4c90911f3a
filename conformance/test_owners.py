"""Whoever owns some of what a call touches has a record of it, as the caller has: also where there are three of them."""

import json

import pytest
from cairn import Cairn, code_of, eventually

CALLER, SOURCE, TARGET = "111122223333", "444455556666", "777788889999"
CONFIG = "accounts:\n" + "".join(f'  - {{id: "{account}", name: n{account}, users: [{{name: admin, administrator: true}}]}}\n'
                                 for account in (CALLER, SOURCE, TARGET))


@pytest.fixture(scope="module")
def three(binary, tmp_path_factory):
    with Cairn(binary, tmp_path_factory.mktemp("owners"), CONFIG) as running:
        yield running


def lets_in(action: str, resources: list[str], *accounts: str) -> str:
    principals = [f"arn:aws:iam::{account}:root" for account in accounts]
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": action, "Resource": resources}]})


def told(cairn, name: str) -> list[dict]:
    """The records of that name, by whose they are."""
    records = [entry["record"] for entry in cairn.journal() if entry["kind"] == "record" and entry["record"]["eventName"] == name]
    return sorted(records, key=lambda record: record["recipientAccountId"])


def check(records: list[dict]) -> None:
    assert [record["recipientAccountId"] for record in records] == [CALLER, SOURCE, TARGET]
    assert len({record["eventID"] for record in records}) == 3 and len({record["sharedEventID"] for record in records}) == 1
    assert [record["userIdentity"]["accountId"] for record in records] == [CALLER] * 3
    assert ["arn" in record["userIdentity"] for record in records] == [True, False, False]


def test_of_a_copy_from_one_accounts_bucket_into_anothers(three):
    for account, bucket in ((SOURCE, "copied-from"), (TARGET, "copied-to")):
        s3 = three.client("s3", account)
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_policy(Bucket=bucket, Policy=lets_in("s3:*", [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"], CALLER))
    three.client("s3", SOURCE).put_object(Bucket="copied-from", Key="egg", Body=b"egg")
    three.client("s3").copy_object(Bucket="copied-to", Key="copy", CopySource="copied-from/egg")
    check(eventually(lambda: told(three, "CopyObject")))


def test_of_a_text_encrypted_from_one_accounts_key_under_anothers(three):
    keys = {account: three.client("kms", account).create_key(Policy=lets_in("kms:*", ["*"], account, CALLER))["KeyMetadata"]["Arn"]
            for account in (SOURCE, TARGET)}
    kms = three.client("kms")
    text = kms.encrypt(KeyId=keys[SOURCE], Plaintext=b"egg")["CiphertextBlob"]
    kms.re_encrypt(CiphertextBlob=text, DestinationKeyId=keys[TARGET])
    check(eventually(lambda: told(three, "ReEncrypt")))


def test_of_a_call_that_one_of_them_refuses(three):
    s3 = three.client("s3", TARGET)
    s3.create_bucket(Bucket="closed")
    assert code_of(three.client("s3").copy_object, Bucket="closed", Key="refused", CopySource="copied-from/egg") == "AccessDenied"
    refused = [record for record in told(three, "CopyObject") if record["requestParameters"]["bucketName"] == "closed"]
    assert TARGET in [record["recipientAccountId"] for record in refused]
    assert {record["errorCode"] for record in refused} == {"AccessDenied"}
