"""Calls every operation for which tools/recorded_answers.py has recorded answers, in several states of what it is about.

Each answer, refusals too, is kept by operation as the client read it. What is refused here is refused on purpose.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from cairn import REGION, Cairn
import recorded_messages
import recorded_s3
from recorded_answers import Ours

ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}]})
TAGS = [{"Key": "team", "Value": "audit"}]
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"

KEEPING = Lock()

# Service, operation and difference (see differences()) -> why it is so and stays so.
OLD = "the recording is older than a member"
CUT = "the recording was cut by hand"
KMS = "no key of ours is in a recording, and bucket keys are refused by name"
NAMES = "AWS gives no display names any more"
REASONS: list[tuple[str, str]] = [
    (r"iam DeleteRole error Unmodifiable", "service-linked roles are not there"),
    (r"iam GetRole \+Role$|iam ListRoles \+|iam ListInstanceProfilesForRole \+|sts AssumeRole \+Assumed|s3 PutObject \+ETag", CUT),
    (r"iam GetRole Role.CreateDate", CUT),
    (r"(kms|sqs) \w+ .*(CiphertextBlob|Plaintext|PublicKey|BinaryValue|RotationDate): string", "the recording has a word for what was there"),
    (r"kms GetKeyRotationStatus error Unsupported", "no material is imported"),
    (r"kms \w+ -.*(ExpirationModel|MultiRegionConfiguration|KeyMaterialDescription)", "keys have one Region, and material that was made here"),
    (r"kms \w+ \+.*(KeyMaterialId|KeySpec|EncryptionAlgorithms|MultiRegion|PolicyName|PendingWindowInDays|KeyState|Date|Truncated)$", OLD),
    (r"kms \w+ \+|kms ListKeyRotations -NextToken", CUT),
    (r"(sns|sqs) .*-.*(Fifo|Deduplication|SequenceNumber|MessageGroupId)", "FIFO topics and queues are refused by name"),
    (r"(sns|sqs) \w+ -.*(SuccessFeedback|FailureFeedback|DeliveryPolicy|Kms|TracingConfig)", "these attributes are refused by name"),
    (r"(sns|sqs) \w+ .*(Redrive(Allow)?Policy|EffectiveDeliveryPolicy): structure", "the recording has the text taken apart"),
    (r"sqs GetQueueAttributes error AccessDenied 403", "the recorded call spoke the query protocol, boto3 speaks JSON"),
    (r"sns \w+ .*(c7n:Topic|Attributes.Tags)|sns Publish \+MessageId", CUT),
    (r"iam \w+ \+Role.RoleLastUsed", OLD),
    (r"iam \w+ -.*PasswordLastUsed", "nobody can log in with a password here"),
    (r"iam Simulate.* \+.*(SourcePolicyType|PermissionsBoundaryDecisionDetail)", OLD),
    (r"iam Simulate.* -.*OrganizationsDecisionDetail", "organizations are not there"),
    (r"s3 .*(SSECustomer|SSEKMS|BucketKeyEnabled|KMSMasterKeyID)", KMS),
    (r"s3 GetBucketEncryption \+.*ApplyServerSide", CUT),
    (r"s3 \w+ \+ServerSideEncryption$", OLD),
    (r"iam ListServiceSpecificCredentials", OLD),
    (r"iam (Get|Delete)LoginProfile no answer", "nobody can log in with a password here"),
    (r"s3 GetBucketLocation \+", CUT),
    (r"s3 .*DisplayName", NAMES),
    (r"s3 .*Grantee.(ID|URI)", "public ACLs are refused"),
    (r"s3 GetBucketEncryption error", "AWS encrypts every bucket since 2023, so this error is no more"),
    (r"s3 \w+ \+.*(ChecksumType|BucketRegion|BucketArn|TransitionDefaultMinimumObjectSize)$", OLD),
    (r"s3 CreateBucket error BucketAlreadyOwnedByYou 200", CUT),
    (r"s3 GetBucket(Replication|Website) no answer", "it cannot be set here: NotImplemented"),
    (r"s3 .*WebsiteRedirectLocation", "it is refused by name"),
    (r"s3 \w+ -StorageClass", "other storage classes are refused by name"),
    (r"s3 GetBucketLogging .*TargetGrants", "they are refused by name"),
    (r"s3 GetBucketNotificationConfiguration -Lambda", "functions are refused by name"),
    (r"s3 ListObject(Versions|sV2) \+EncodingType", "the recorded call asked for none, which boto3 cannot"),
]


class Calls:
    """A client whose calls are kept."""

    def __init__(self, client, kept: dict[tuple[str, str], Ours]) -> None:
        self._client, self._kept = client, kept
        self._service = client.meta.service_model.service_name

    def __getattr__(self, name: str):
        operation = self._client.meta.method_to_api_mapping[name]

        def call(**arguments: object) -> dict:
            try:
                answer = getattr(self._client, name)(**arguments)
            except ClientError as error:
                self._keep(operation, error.response)
                raise
            self._keep(operation, answer)
            return answer

        return call

    def _keep(self, operation: str, answer: dict) -> None:
        with KEEPING:
            self._kept[self._service, operation].add(answer)

    def refused(self, name: str, **arguments: object) -> None:
        with suppress(ClientError):
            getattr(self, name)(**arguments)
            raise AssertionError(f"{name} was to be refused")


# --- IAM ---


def users(iam: Calls) -> None:
    iam.create_user(UserName="plain")
    iam.create_user(UserName="rich", Path="/staff/", Tags=TAGS, PermissionsBoundary=READ_ONLY)
    for name in ("plain", "rich"):
        iam.get_user(UserName=name)
        iam.list_access_keys(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        iam.list_access_keys(UserName=name)
        iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
        iam.delete_access_key(UserName=name, AccessKeyId=key)
        iam.refused("get_login_profile", UserName=name)
        iam.refused("delete_login_profile", UserName=name)
        iam.list_mfa_devices(UserName=name)
        iam.list_ssh_public_keys(UserName=name)
        iam.list_service_specific_credentials(UserName=name)
        iam.list_signing_certificates(UserName=name)
        iam.list_groups_for_user(UserName=name)
        iam.list_attached_user_policies(UserName=name)
        iam.attach_user_policy(UserName=name, PolicyArn=READ_ONLY)
        iam.list_attached_user_policies(UserName=name)
        iam.list_user_policies(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=ALLOW)
        iam.list_user_policies(UserName=name)
        iam.get_user_policy(UserName=name, PolicyName="inline")
        iam.tag_user(UserName=name, Tags=TAGS)
        iam.untag_user(UserName=name, TagKeys=["team"])
        iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=READ_ONLY)
        iam.list_users()
        iam.list_users(MaxItems=1)
        iam.simulate_principal_policy(PolicySourceArn=iam.get_user(UserName=name)["User"]["Arn"],
                                      ActionNames=["s3:GetObject", "s3:PutObject"], ResourceArns=["arn:aws:s3:::b/k"])
        iam.delete_user_permissions_boundary(UserName=name)
    iam.get_user()


def groups(iam: Calls) -> None:
    iam.list_groups()
    iam.create_group(GroupName="group", Path="/staff/")
    iam.get_group(GroupName="group")
    iam.list_group_policies(GroupName="group")
    iam.list_attached_group_policies(GroupName="group")
    iam.add_user_to_group(GroupName="group", UserName="plain")
    iam.attach_group_policy(GroupName="group", PolicyArn=READ_ONLY)
    iam.put_group_policy(GroupName="group", PolicyName="inline", PolicyDocument=ALLOW)
    iam.list_attached_group_policies(GroupName="group")
    iam.list_group_policies(GroupName="group")
    iam.get_group_policy(GroupName="group", PolicyName="inline")
    iam.list_groups()
    iam.get_group(GroupName="group")
    iam.list_groups_for_user(UserName="plain")
    iam.simulate_principal_policy(PolicySourceArn=iam.get_group(GroupName="group")["Group"]["Arn"], ActionNames=["s3:GetObject", "iam:GetUser"])
    iam.refused("delete_group", GroupName="group")
    iam.refused("get_group", GroupName="nobody")
    iam.detach_group_policy(GroupName="group", PolicyArn=READ_ONLY)
    iam.delete_group_policy(GroupName="group", PolicyName="inline")
    iam.remove_user_from_group(GroupName="group", UserName="plain")
    iam.delete_group(GroupName="group")


def roles(iam: Calls, boundary: str) -> None:
    iam.create_role(RoleName="plain", AssumeRolePolicyDocument=TRUST)
    iam.create_role(RoleName="rich", AssumeRolePolicyDocument=TRUST, Path="/apps/", Description="of tests", Tags=TAGS,
                    PermissionsBoundary=boundary, MaxSessionDuration=7200)
    for name in ("plain", "rich"):
        arn = iam.get_role(RoleName=name)["Role"]["Arn"]
        iam.list_role_policies(RoleName=name)
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=ALLOW)
        iam.list_role_policies(RoleName=name)
        iam.get_role_policy(RoleName=name, PolicyName="inline")
        iam.list_attached_role_policies(RoleName=name)
        iam.attach_role_policy(RoleName=name, PolicyArn=READ_ONLY)
        iam.list_attached_role_policies(RoleName=name)
        iam.list_roles()
        iam.list_roles(MaxItems=1)
        iam.tag_role(RoleName=name, Tags=TAGS)
        iam.untag_role(RoleName=name, TagKeys=["team"])
        iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:GetObject"])
        iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=READ_ONLY)
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=TRUST)
        iam.get_role(RoleName=name)
        iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:GetObject", "iam:CreateUser"])
        iam.delete_role_permissions_boundary(RoleName=name)
    iam.refused("simulate_principal_policy", PolicySourceArn=arn + "-gone", ActionNames=["s3:GetObject"])
    iam.refused("get_role", RoleName="nobody")
    iam.refused("list_instance_profiles_for_role", RoleName="nobody")


def profiles(iam: Calls) -> None:
    iam.create_instance_profile(InstanceProfileName="empty")
    for role in ("plain", "rich"):
        profile = {"InstanceProfileName": f"of-{role}"}
        iam.create_instance_profile(**profile, Path="/apps/", Tags=TAGS)
        iam.list_instance_profiles_for_role(RoleName=role)
        iam.list_instance_profiles()
        iam.add_role_to_instance_profile(**profile, RoleName=role)
        iam.list_instance_profiles()
        iam.list_instance_profiles_for_role(RoleName=role)
        iam.remove_role_from_instance_profile(**profile, RoleName=role)
        iam.refused("remove_role_from_instance_profile", **profile, RoleName=role)
        iam.delete_instance_profile(**profile)
        iam.refused("delete_instance_profile", **profile)
        iam.detach_role_policy(RoleName=role, PolicyArn=READ_ONLY)
        iam.refused("detach_role_policy", RoleName=role, PolicyArn=READ_ONLY)
        iam.delete_role_policy(RoleName=role, PolicyName="inline")
        iam.delete_role(RoleName=role)


def policies(iam: Calls) -> str:
    plain = iam.create_policy(PolicyName="plain", PolicyDocument=ALLOW)["Policy"]["Arn"]
    rich = iam.create_policy(PolicyName="rich", PolicyDocument=ALLOW, Path="/p/", Description="of tests", Tags=TAGS)["Policy"]["Arn"]
    for arn in (plain, rich, READ_ONLY):
        iam.get_policy(PolicyArn=arn)
        iam.get_policy_version(PolicyArn=arn, VersionId=iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"])
        iam.list_policy_versions(PolicyArn=arn)
    iam.list_policies()
    iam.list_policies(Scope="Local", MaxItems=1)
    iam.create_policy_version(PolicyArn=plain, PolicyDocument=ALLOW)
    iam.list_policy_versions(PolicyArn=plain)
    iam.delete_policy_version(PolicyArn=plain, VersionId="v2")
    iam.delete_policy(PolicyArn=plain)
    iam.refused("get_policy", PolicyArn=plain)
    for context in ([], [{"ContextKeyName": "aws:x", "ContextKeyValues": ["a"], "ContextKeyType": "string"}]):
        iam.simulate_custom_policy(PolicyInputList=[ALLOW], ActionNames=["s3:GetObject", "s3:PutObject"], ContextEntries=context)
    return rich


def account(iam: Calls) -> None:
    iam.list_account_aliases()
    iam.create_account_alias(AccountAlias="of-tests")
    iam.list_account_aliases()
    iam.get_account_summary()
    iam.refused("get_account_password_policy")
    iam.update_account_password_policy()
    iam.get_account_password_policy()
    iam.update_account_password_policy(MinimumPasswordLength=12, MaxPasswordAge=90, PasswordReusePrevention=3, HardExpiry=True,
                                       AllowUsersToChangePassword=True, RequireSymbols=True)
    iam.get_account_password_policy()


def last_of_iam(iam: Calls) -> None:
    for name in ("plain", "rich"):
        iam.detach_user_policy(UserName=name, PolicyArn=READ_ONLY)
        iam.delete_user_policy(UserName=name, PolicyName="inline")
        iam.delete_user(UserName=name)


# --- STS ---


def client_with(cairn: Cairn, service: str, key: dict, kept: dict) -> Calls:
    options = Config(retries={"max_attempts": 1, "mode": "standard"})
    return Calls(boto3.client(service, region_name=REGION, endpoint_url=cairn.endpoint, aws_access_key_id=key["AccessKeyId"],
                              aws_secret_access_key=key["SecretAccessKey"], config=options), kept)


def forbidden(cairn: Cairn, iam: Calls, kept: dict) -> None:
    """What a user hears who may do nothing."""
    iam.create_user(UserName="nobody")
    nobody = client_with(cairn, "s3", iam.create_access_key(UserName="nobody")["AccessKey"], kept)
    for name in ("delete_bucket", "get_public_access_block", "get_bucket_location"):
        nobody.refused(name, Bucket="of-nothing")
    nobody.refused("put_object", Bucket="of-nothing", Key="a")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    client_with(cairn, "kms", key, kept).refused("list_key_rotations", KeyId=cairn.client("kms").create_key()["KeyMetadata"]["KeyId"])
    client_with(cairn, "sqs", key, kept).refused("get_queue_attributes", QueueUrl=cairn.client("sqs").create_queue(QueueName="of-admin")["QueueUrl"])


def tokens(cairn: Cairn, sts: Calls, iam: Calls, kept: dict) -> None:
    sts.get_caller_identity()
    iam.create_user(UserName="caller")
    iam.attach_user_policy(UserName="caller", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    caller = client_with(cairn, "sts", key, kept)
    forbidden(cairn, iam, kept)
    role = iam.create_role(RoleName="assumed", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    caller.assume_role(RoleArn=role, RoleSessionName="plain")
    caller.assume_role(RoleArn=role, RoleSessionName="rich", Policy=ALLOW, Tags=TAGS, SourceIdentity="someone")
    caller.get_federation_token(Name="plain")
    caller.get_federation_token(Name="rich", Policy=ALLOW, Tags=TAGS)
    caller.get_session_token()


def identity(cairn: Cairn, iam: Calls, sts: Calls, kept: dict) -> None:
    account(iam)
    boundary = policies(iam)
    users(iam)
    groups(iam)
    roles(iam, boundary)
    profiles(iam)
    last_of_iam(iam)
    tokens(cairn, sts, iam, kept)


# --- KMS ---


def rotations(kms: Calls, key: str) -> None:
    kms.get_key_rotation_status(KeyId=key)
    kms.enable_key_rotation(KeyId=key)
    kms.get_key_rotation_status(KeyId=key)
    kms.list_key_rotations(KeyId=key)
    kms.rotate_key_on_demand(KeyId=key)
    kms.list_key_rotations(KeyId=key)
    kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    kms.disable_key_rotation(KeyId=key)


def pairs(kms: Calls) -> None:
    for spec, usage, algorithm in (("ECC_NIST_P256", "SIGN_VERIFY", "ECDSA_SHA_256"), ("RSA_2048", "SIGN_VERIFY", "RSASSA_PSS_SHA_256"),
                                   ("RSA_2048", "ENCRYPT_DECRYPT", "RSAES_OAEP_SHA_256")):
        key = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
        kms.describe_key(KeyId=key)
        kms.get_public_key(KeyId=key)
        if usage == "SIGN_VERIFY":
            how = {"KeyId": key, "Message": b"m", "SigningAlgorithm": algorithm}
            kms.verify(**how, Signature=kms.sign(**how)["Signature"])
    key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    how = {"KeyId": key, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    kms.verify_mac(**how, Mac=kms.generate_mac(**how)["Mac"])
    kms.describe_key(KeyId=key)
    kms.get_key_rotation_status(KeyId=key)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    rotations(kms, key)
    kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")
    kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec="RSA_2048")


def keys(kms: Calls) -> None:
    kms.list_keys()
    kms.list_aliases()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    other = kms.create_key(Description="of a test", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]["KeyId"]
    for name in ("one", "two"):
        kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
    kms.refused("describe_key", KeyId="1234abcd-12ab-34cd-56ef-1234567890ab")
    kms.refused("describe_key", KeyId=f"arn:aws:kms:{REGION}:999988887777:key/{key}")
    for one in (key, other):
        kms.describe_key(KeyId=one)
        kms.list_resource_tags(KeyId=one)
        policy = kms.get_key_policy(KeyId=one)["Policy"]
        kms.put_key_policy(KeyId=one, Policy=policy)
        made = kms.encrypt(KeyId=one, Plaintext=b"plain")["CiphertextBlob"]
        kms.decrypt(CiphertextBlob=made)
        kms.re_encrypt(CiphertextBlob=made, DestinationKeyId=other)
        kms.generate_data_key(KeyId=one, KeySpec="AES_256")
        kms.generate_data_key_without_plaintext(KeyId=one, KeySpec="AES_256")
        kms.list_key_policies(KeyId=one)
        kms.tag_resource(KeyId=one, Tags=[{"TagKey": "c", "TagValue": "d"}])
        kms.untag_resource(KeyId=one, TagKeys=["c"])
        kms.update_key_description(KeyId=one, Description="another")
        kms.disable_key(KeyId=one)
        kms.enable_key(KeyId=one)
    pairs(kms)
    kms.list_grants(KeyId=key)
    grant = kms.create_grant(KeyId=key, GranteePrincipal="arn:aws:iam::000000000001:root", Operations=["Decrypt"])
    kms.list_grants(KeyId=key)
    kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])
    kms.generate_random(NumberOfBytes=16)
    kms.list_keys(Limit=1)
    kms.list_aliases(Limit=1)
    kms.list_aliases(KeyId=key)
    kms.update_alias(AliasName="alias/one", TargetKeyId=other)
    kms.delete_alias(AliasName="alias/one")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    kms.describe_key(KeyId=key)
    kms.cancel_key_deletion(KeyId=key)


def drive(cairn: Cairn, kept: dict[tuple[str, str], Ours]) -> None:
    """All calls, many at a time: what each waits for is the disk."""
    iam, sts, s3, kms, sns, sqs = (Calls(cairn.client(service), kept) for service in ("iam", "sts", "s3", "kms", "sns", "sqs"))
    own = sts.get_caller_identity()["Account"]
    recorded_s3.buckets(s3)
    with ThreadPoolExecutor() as pool:
        messages = [lambda: recorded_messages.topics(sns), lambda: recorded_messages.queues(sqs)]
        work = [lambda: identity(cairn, iam, sts, kept), lambda: keys(kms), *messages, *recorded_s3.jobs(s3, own)]
        for job in [pool.submit(one) for one in work]:
            job.result()


def answers(binary: Path) -> dict[tuple[str, str], Ours]:
    kept: dict[tuple[str, str], Ours] = defaultdict(Ours)
    with tempfile.TemporaryDirectory(prefix="cairn-recorded-") as folder, Cairn(
        binary, Path(folder), 'sns: {http_hosts: ["127.0.0.1"]}\n'
    ) as cairn:
        drive(cairn, kept)
    return kept
