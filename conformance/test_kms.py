"""Keys as boto3 and the AWS CLI see them: encryption with context, who may, what the trail says, and what outlives kill -9."""

import base64
import json
import subprocess

import pytest
from cairn import ROOT, Cairn, code_of, eventually

HERE, THERE = "111122223333", "444455556666"
CONFIG = f"""accounts:
  - {{id: "{HERE}", name: here, users: [{{name: admin, administrator: true}}, {{name: ann}}]}}
  - {{id: "{THERE}", name: there, users: [{{name: admin, administrator: true}}]}}
"""
SECRET = b"kestrel-nest-4711-plain"
OWLS = {"team": "owls"}


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory):
    with Cairn(binary, tmp_path_factory.mktemp("kms"), CONFIG) as running:
        yield running


@pytest.fixture(scope="module")
def kms(cairn):
    return cairn.client("kms")


@pytest.fixture
def key(kms):
    return kms.create_key(Description="of a test")["KeyMetadata"]


def profile_of(cairn, word):
    lines = cairn.credentials_file.read_text().splitlines()
    return next(line.strip("[]") for line in lines if line.startswith("[") and word in line)


def records_of(cairn, name, key=None):
    def find():
        events = cairn.lookup_all(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])
        found = [json.loads(event["CloudTrailEvent"]) for event in events]
        return [one for one in found if key is None or any(r["ARN"] == key for r in one.get("resources", []))]
    return eventually(find)


def test_every_way_of_encrypting(kms, key):
    made = kms.encrypt(KeyId=key["KeyId"], Plaintext=SECRET, EncryptionContext=OWLS)
    assert made["KeyId"] == key["Arn"] and SECRET not in made["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=OWLS)
    assert (opened["Plaintext"], opened["KeyId"], opened["EncryptionAlgorithm"]) == (SECRET, key["Arn"], "SYMMETRIC_DEFAULT")
    assert code_of(kms.decrypt, CiphertextBlob=made["CiphertextBlob"]) == "InvalidCiphertextException"
    assert code_of(kms.decrypt, CiphertextBlob=made["CiphertextBlob"][:-1] + b"!", EncryptionContext=OWLS) == "InvalidCiphertextException"
    data = kms.generate_data_key(KeyId=key["Arn"], KeySpec="AES_256", EncryptionContext=OWLS)
    assert kms.decrypt(CiphertextBlob=data["CiphertextBlob"], EncryptionContext=OWLS, KeyId=key["KeyId"])["Plaintext"] == data["Plaintext"]
    other = kms.create_key()["KeyMetadata"]
    again = kms.re_encrypt(CiphertextBlob=made["CiphertextBlob"], SourceEncryptionContext=OWLS, DestinationKeyId=other["KeyId"])
    assert kms.decrypt(CiphertextBlob=again["CiphertextBlob"])["KeyId"] == other["Arn"]
    assert len(kms.generate_random(NumberOfBytes=33)["Plaintext"]) == 33


def test_the_trail_says_who_used_which_key_and_nothing_secret(cairn, kms, key):
    made = kms.encrypt(KeyId=key["KeyId"], Plaintext=SECRET, EncryptionContext=OWLS)["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=made, EncryptionContext=OWLS)
    kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_128")
    kms.disable_key(KeyId=key["KeyId"])
    assert code_of(kms.encrypt, KeyId=key["KeyId"], Plaintext=SECRET) == "DisabledException"
    both = eventually(lambda: [rows for rows in [records_of(cairn, "Encrypt", key["Arn"])] if len(rows) == 2])[0]
    encrypt, refused = sorted(both, key=lambda one: "errorCode" in one)
    assert encrypt["requestParameters"] == {"keyId": key["KeyId"], "encryptionContext": OWLS, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    assert encrypt["responseElements"] is None and encrypt["readOnly"] is True and encrypt["eventCategory"] == "Management"
    assert encrypt["resources"] == [{"accountId": HERE, "type": "AWS::KMS::Key", "ARN": key["Arn"]}]
    assert refused["errorCode"] == "DisabledException"
    assert records_of(cairn, "Decrypt", key["Arn"])[0]["requestParameters"]["encryptionContext"] == OWLS
    assert records_of(cairn, "GenerateDataKey", key["Arn"])[0]["requestParameters"] == {"keyId": key["KeyId"], "keySpec": "AES_128"}
    disabled = records_of(cairn, "DisableKey", key["Arn"])[0]
    assert disabled["responseElements"] == {"keyId": key["Arn"]} and disabled["readOnly"] is False
    assert records_of(cairn, "CreateKey", key["Arn"])[0]["responseElements"]["keyMetadata"]["keyState"] == "Enabled"
    everything = json.dumps(cairn.lookup_all(), default=str) + cairn.log.read_text()
    for secret in (SECRET.decode(), base64.b64encode(SECRET).decode(), base64.b64encode(made).decode()):
        assert secret not in everything


def test_aliases_and_tags(kms, key):
    kms.create_alias(AliasName="alias/birds/nest", TargetKeyId=key["KeyId"])
    assert kms.describe_key(KeyId="alias/birds/nest")["KeyMetadata"]["Arn"] == key["Arn"]
    assert code_of(kms.create_alias, AliasName="alias/birds/nest", TargetKeyId=key["KeyId"]) == "AlreadyExistsException"
    assert [a["AliasName"] for page in kms.get_paginator("list_aliases").paginate(KeyId=key["KeyId"]) for a in page["Aliases"]] == ["alias/birds/nest"]
    kms.delete_alias(AliasName="alias/birds/nest")
    assert code_of(kms.describe_key, KeyId="alias/birds/nest") == "NotFoundException"
    kms.tag_resource(KeyId=key["KeyId"], Tags=[{"TagKey": "a", "TagValue": "b"}])
    assert kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] == [{"TagKey": "a", "TagValue": "b"}]


def test_the_key_policy_decides(cairn, kms, key):
    ann = cairn.client("kms", profile_of(cairn, f"{HERE}.ann"))
    assert code_of(ann.describe_key, KeyId=key["KeyId"]) == "AccessDeniedException"
    allow = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]})
    cairn.client("iam").create_user(UserName="bob")
    cairn.client("iam").put_user_policy(UserName="bob", PolicyName="all", PolicyDocument=allow)
    made = cairn.client("iam").create_access_key(UserName="bob")["AccessKey"]
    bob = cairn.session().client("kms", endpoint_url=cairn.endpoint, aws_access_key_id=made["AccessKeyId"], aws_secret_access_key=made["SecretAccessKey"])
    assert bob.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyId"] == key["KeyId"]
    admins = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": [f"arn:aws:iam::{HERE}:user/admin", f"arn:aws:iam::{THERE}:root"]},
                                                      "Action": "kms:*", "Resource": "*"}]}
    kms.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps(admins))
    assert json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]) == admins
    assert code_of(bob.describe_key, KeyId=key["KeyId"]) == "AccessDeniedException"
    there = cairn.client("kms", profile_of(cairn, THERE))
    made = there.encrypt(KeyId=key["Arn"], Plaintext=SECRET)["CiphertextBlob"]
    assert there.decrypt(CiphertextBlob=made)["Plaintext"] == SECRET == kms.decrypt(CiphertextBlob=made)["Plaintext"]
    assert code_of(there.disable_key, KeyId=key["Arn"]) == "AccessDeniedException"
    assert code_of(kms.put_key_policy, KeyId=key["KeyId"], Policy=json.dumps(admins).replace("user/admin", "user/ann")) == "MalformedPolicyDocumentException"


def test_grants(cairn, kms, key):
    ann = cairn.client("kms", profile_of(cairn, f"{HERE}.ann"))
    made = kms.encrypt(KeyId=key["KeyId"], Plaintext=SECRET, EncryptionContext=OWLS)["CiphertextBlob"]
    assert code_of(ann.decrypt, CiphertextBlob=made, EncryptionContext=OWLS) == "AccessDeniedException"
    grant = kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=f"arn:aws:iam::{HERE}:user/ann", Operations=["Decrypt"],
                             Constraints={"EncryptionContextSubset": OWLS})
    assert ann.decrypt(CiphertextBlob=made, EncryptionContext=OWLS, GrantTokens=[grant["GrantToken"]])["Plaintext"] == SECRET
    assert code_of(ann.encrypt, KeyId=key["KeyId"], Plaintext=SECRET, EncryptionContext=OWLS) == "AccessDeniedException"
    assert [one["GrantId"] for one in kms.list_grants(KeyId=key["KeyId"])["Grants"]] == [grant["GrantId"]]
    assert records_of(cairn, "CreateGrant", key["Arn"])[0]["responseElements"] == {"grantId": grant["GrantId"], "keyId": key["Arn"]}
    kms.revoke_grant(KeyId=key["KeyId"], GrantId=grant["GrantId"])
    assert code_of(ann.decrypt, CiphertextBlob=made, EncryptionContext=OWLS) == "AccessDeniedException"


def test_every_region_has_its_own(cairn, kms, key):
    elsewhere = cairn.client("kms", region="eu-west-1")
    assert code_of(elsewhere.describe_key, KeyId=key["KeyId"]) == "NotFoundException"
    made = kms.encrypt(KeyId=key["KeyId"], Plaintext=SECRET)["CiphertextBlob"]
    assert code_of(elsewhere.decrypt, CiphertextBlob=made) == "AccessDeniedException"


def test_keys_outlive_kill_and_lie_sealed(binary, tmp_path):
    with Cairn(binary, tmp_path, CONFIG) as cairn:
        kms = cairn.client("kms")
        key = kms.create_key(Description="lasting")["KeyMetadata"]
        kms.create_alias(AliasName="alias/lasting", TargetKeyId=key["KeyId"])
        made = kms.encrypt(KeyId="alias/lasting", Plaintext=SECRET)["CiphertextBlob"]
        deletion = kms.schedule_key_deletion(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], PendingWindowInDays=7)
        cairn.kill()
        cairn.start()
        kms = cairn.client("kms")
        assert kms.decrypt(CiphertextBlob=made)["Plaintext"] == SECRET
        assert kms.describe_key(KeyId="alias/lasting")["KeyMetadata"]["CreationDate"] == key["CreationDate"]
        assert kms.describe_key(KeyId=deletion["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
        for path in cairn.data.rglob("*"):
            assert not path.is_file() or SECRET not in path.read_bytes(), path


def test_the_aws_cli(cairn, key):
    def aws(*arguments):
        run = subprocess.run([ROOT / ".deps/venv/bin/aws", "kms", *arguments, "--endpoint-url", cairn.endpoint, "--output", "json"],
                             env=cairn.aws_environment(), capture_output=True, text=True, check=True)
        return json.loads(run.stdout or "{}")
    made = aws("generate-data-key", "--key-id", key["KeyId"], "--key-spec", "AES_256", "--encryption-context", "team=owls")
    (cairn.folder / "blob").write_bytes(base64.b64decode(made["CiphertextBlob"]))
    opened = aws("decrypt", "--ciphertext-blob", f"fileb://{cairn.folder / 'blob'}", "--encryption-context", "team=owls")
    assert opened["Plaintext"] == made["Plaintext"]
    assert aws("schedule-key-deletion", "--key-id", key["KeyId"], "--pending-window-in-days", "7")["KeyState"] == "PendingDeletion"
    assert aws("cancel-key-deletion", "--key-id", key["KeyId"])["KeyId"] == key["Arn"]
