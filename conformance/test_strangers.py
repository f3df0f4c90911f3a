"""Who may not, may not: every operation of every model, asked by people who have no business here.

An unsigned call, one signed with a wrong secret, one under an unknown key, one of a user without any policy, and one of another account's
administrator about what is not his. None succeeds but the few that AWS gives everybody, and nothing changes. Operations that come to
the models later are asked too: nothing here names them.
"""

import json
import urllib.error
import urllib.request

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from cairn import Cairn, bucket_policy, eventually
from test_coverage import MODELS, NOT_THERE, arguments

OWNER, OTHER = "111122223333", "444455556666"
ACCOUNTS = f"""
accounts:
  - id: "{OWNER}"
    name: owner
    users:
      - {{name: ann, administrator: true}}
      - {{name: nobody}}
  - id: "{OTHER}"
    name: other
    users: [{{name: eve, administrator: true}}]
"""
TRAIL = f"arn:aws:cloudtrail:us-east-1:{OWNER}:trail/main"
TOPIC = f"arn:aws:sns:us-east-1:{OWNER}:kept"
# Whoever is known may ask who he is, and whose a key is; AWS asks no policy for these.
EVERYBODYS = {("sts", "GetCallerIdentity"), ("sts", "GetAccessKeyInfo"), ("sts", "GetSessionToken")}
# What an operation is asked about where its input has such a member: things that are there, and are the owner's.
THINGS = {"Bucket": "kept", "Key": "object", "Name": TRAIL, "TrailName": TRAIL, "TrailNameList": [TRAIL], "ResourceId": TRAIL, "ResourceIdList": [TRAIL],
          "S3BucketName": "kept", "UserName": "ann", "trailNameList": [TRAIL], "CopySource": "kept/object", "GroupName": "staff", "RoleName": "worker",
          "PolicyArn": f"arn:aws:iam::{OWNER}:policy/some", "RoleArn": f"arn:aws:iam::{OWNER}:role/worker", "RoleSessionName": "session"}


def options(**more: object) -> Config:
    return Config(parameter_validation=False, inject_host_prefix=False, s3={"addressing_style": "path"},
                  retries={"max_attempts": 1, "mode": "standard"}, **more)


def asked(service: str, operation: str) -> dict:
    """As little as can be sent, about the owner's things."""
    described = MODELS[service]["operations"][operation].get("input")
    members = MODELS[service]["shapes"][described["shape"]].get("members", {}) if described else {}
    return arguments(service, operation) | {name: thing for name, thing in THINGS.items() if name in members}


@pytest.fixture(scope="module")
def owned(binary, tmp_path_factory):
    """An account with a trail, a bucket, an object and users, and all that is in it."""
    with Cairn(binary, tmp_path_factory.mktemp("cairn"), ACCOUNTS) as cairn:
        s3 = cairn.client("s3")
        s3.create_bucket(Bucket="kept")
        s3.put_bucket_policy(Bucket="kept", Policy=json.dumps(bucket_policy("kept")))
        s3.put_object(Bucket="kept", Key="object", Body=b"what is kept")
        cairn.client("cloudtrail").create_trail(Name="main", S3BucketName="kept")
        key = cairn.client("kms").create_key()["KeyMetadata"]["Arn"]
        cairn.client("kms").create_alias(AliasName="alias/kept", TargetKeyId=key)
        THINGS.update({member: key for member in ("KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId")}, AliasName="alias/kept",
                      TopicArn=TOPIC, TargetArn=TOPIC, CiphertextBlob=cairn.client("kms").encrypt(KeyId=key, Plaintext=b"what is kept")["CiphertextBlob"])
        sns = cairn.client("sns")
        sns.create_topic(Name="kept", Attributes={"Policy": json.dumps(root_alone(TOPIC))})
        THINGS["SubscriptionArn"] = sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{OWNER}:kept",
                                                  ReturnSubscriptionArn=True)["SubscriptionArn"]
        THINGS["QueueUrl"] = cairn.client("sqs").create_queue(QueueName="kept")["QueueUrl"]
        cairn.client("sqs").send_message(QueueUrl=THINGS["QueueUrl"], MessageBody="what is kept")
        yield cairn


def root_alone(topic: str) -> dict:
    """IAM's policies decide: the policy that AWS makes would let everybody of the account in."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}, "Action": "SNS:*", "Resource": topic}]}


def state(cairn) -> str:
    """What the owner and the other account have, as their administrators see it."""
    seen = []
    for profile in ("default", OTHER):
        s3, iam, trails = (cairn.client(name, profile) for name in ("s3", "iam", "cloudtrail"))
        buckets = [b["Name"] for b in s3.list_buckets()["Buckets"]]
        users = [u["UserName"] for u in iam.list_users()["Users"]]
        seen.append([buckets, users, [iam.list_access_keys(UserName=u)["AccessKeyMetadata"] for u in users],
                     [iam.list_user_policies(UserName=u)["PolicyNames"] for u in users], trails.describe_trails()["trailList"]])
    s3, kms = cairn.client("s3"), cairn.client("kms")
    key = kms.describe_key(KeyId="alias/kept")["KeyMetadata"]
    seen.append([key, kms.get_key_policy(KeyId=key["KeyId"])["Policy"], kms.list_resource_tags(KeyId=key["KeyId"])["Tags"],
                 kms.list_aliases(KeyId=key["KeyId"])["Aliases"]])
    sns = cairn.client("sns")
    seen.append([sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"], sns.list_tags_for_resource(ResourceArn=TOPIC)["Tags"], sns.list_topics()["Topics"],
                 sns.get_subscription_attributes(SubscriptionArn=THINGS["SubscriptionArn"])["Attributes"]])
    seen.append(cairn.client("sqs").get_queue_attributes(QueueUrl=THINGS["QueueUrl"], AttributeNames=["All"])["Attributes"])
    listed = [(o["Key"], o["ETag"], o["Size"]) for o in s3.list_objects_v2(Bucket="kept").get("Contents", [])]
    trail = {k: v for k, v in cairn.client("cloudtrail").get_trail_status(Name=TRAIL).items() if k != "ResponseMetadata"}
    seen.append([listed, s3.get_object(Bucket="kept", Key="object")["Body"].read().decode(), s3.get_bucket_policy(Bucket="kept")["Policy"], trail])
    return json.dumps(seen, default=str)


def client_of(cairn, who: str, service: str):
    session, more = cairn.session(), {}
    if who == "unsigned":
        more["signature_version"] = UNSIGNED
    elif who == "wrong secret":
        session = boto3.Session(session.get_credentials().access_key, "not-the-secret", region_name="us-east-1")
    elif who == "unknown key":
        session = boto3.Session("AKIANOBODYATALL00000", "whatever", region_name="us-east-1")
    else:
        session = cairn.session({"no policy": f"{OWNER}.nobody", "another account": OTHER}[who])
    return session.client(service, endpoint_url=cairn.endpoint, config=options(**more))


def outcome(client, service: str, operation: str) -> str:
    """The error's code; empty: it succeeded."""
    try:
        client._make_api_call(operation, asked(service, operation))
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def unsigned_outcome(cairn, service: str, operation: str) -> str:
    """Of what clients never sign (AssumeRoleWithSAML) it is the answer, of others what an SDK without keys is told."""
    return outcome(client_of(cairn, "unsigned", service), service, operation)


# "403", "400": what a HEAD can say; "404": of two operations of S3 that have hosts of their own, where nothing is known of the caller yet.
UNKNOWN_CALLER = {"UnrecognizedClientException", "InvalidSignatureException", "MissingAuthenticationTokenException", "MissingAuthenticationToken",
                  "InvalidClientTokenId", "SignatureDoesNotMatch", "InvalidAccessKeyId", "AccessDenied", "403", "400", "404"}
# Without a signature a path is a bucket's, whatever was meant; what is not there for buckets is told to everybody.
NOT_AT_A_BUCKET = NOT_THERE | {"MethodNotAllowed", "405", "MalformedPOSTRequest"}


@pytest.mark.parametrize("service", MODELS)
@pytest.mark.parametrize("who", ["unsigned", "wrong secret", "unknown key"])
def test_who_is_not_known_is_told_so_and_nothing_else(owned, who, service):
    before = state(owned)
    client, wrong = client_of(owned, who, service), []
    for operation, described in MODELS[service]["operations"].items():
        if who != "unsigned" and described.get("authtype") == "none":
            continue  # clients sign these never
        code = outcome(client, service, operation)
        if code not in UNKNOWN_CALLER and not (who == "unsigned" and code in NOT_AT_A_BUCKET):
            wrong.append(f"{operation}: {code or 'succeeded'}")
    assert not wrong, "\n".join(wrong)
    assert state(owned) == before


@pytest.mark.parametrize("service", MODELS)
def test_who_has_no_policy_is_denied(owned, service):
    before = state(owned)
    client, wrong = client_of(owned, "no policy", service), []
    for operation, described in MODELS[service]["operations"].items():
        code = outcome(client, service, operation)
        if not code and (service, operation) not in EVERYBODYS:
            wrong.append(f"{operation}: succeeded")
    assert not wrong, "\n".join(wrong)
    assert state(owned) == before


def own_state(before: str, after: str) -> bool:
    """The owner's part, and the bucket's and the trail's, are what they were."""
    first, second = json.loads(before), json.loads(after)
    return first[0] == second[0] and first[2:] == second[2:]


@pytest.mark.parametrize("service", MODELS)
def test_another_accounts_administrator_changes_nothing_of_the_owners(owned, service):
    """He may do what he likes at home: an operation may succeed there, but never touch or show what is the owner's."""
    before = state(owned)
    client, wrong = client_of(owned, "another account", service), []
    for operation, described in MODELS[service]["operations"].items():
        named = {name for name in asked(service, operation) if name in ("Bucket", "Name", "TrailName", "ResourceId", "RoleArn", "PolicyArn", "S3BucketName", "KeyId", "SourceKeyId", "TopicArn", "TargetArn", "SubscriptionArn", "QueueUrl")}
        code = outcome(client, service, operation)
        if not code and named:
            wrong.append(f"{operation}: succeeded about the owner's {named}")
    assert not wrong, "\n".join(wrong)
    assert own_state(before, state(owned))


def test_failures_are_counted_and_logged_once_with_their_source(owned):
    def counted() -> int:
        text = owned.get("/_cairn/metrics")[1].decode()
        return next(int(float(line.split()[-1])) for line in text.splitlines() if line.startswith("cairn_calls_failed_authentication_total"))

    before = counted()
    for _ in range(20):
        assert outcome(client_of(owned, "wrong secret", "sts"), "sts", "GetCallerIdentity") == "SignatureDoesNotMatch"
    assert counted() == before + 20
    lines = [line for line in owned.log.read_text().splitlines() if "nobody known has signed" in line]
    assert lines and all("source=127.0.0.1" in line for line in lines)
    assert len(lines) < 20  # one a minute


def test_who_fails_too_often_is_throttled_and_nobody_else(binary, tmp_path):
    with Cairn(binary, tmp_path, ACCOUNTS + "limits: {failures_a_minute: 5}\n") as cairn:
        def from_elsewhere() -> int:
            """A call with a right signature from 127.0.0.2: what an SDK signs, sent by hand."""
            from botocore.auth import SigV4Auth
            from botocore.awsrequest import AWSRequest
            import http.client

            form, body = {"Content-Type": "application/x-www-form-urlencoded"}, b"Action=GetCallerIdentity&Version=2011-06-15"
            request = AWSRequest("POST", cairn.endpoint + "/", data=body, headers=form)
            SigV4Auth(cairn.session().get_credentials(), "sts", "us-east-1").add_auth(request)
            host, port = cairn.listen.split(":")
            connection = http.client.HTTPConnection(host, int(port), source_address=("127.0.0.2", 0))
            connection.request("POST", "/", body, dict(request.headers))
            return connection.getresponse().status

        codes = [outcome(client_of(cairn, "wrong secret", "sts"), "sts", "GetCallerIdentity") for _ in range(7)]
        # A minute may end in between, and counting begin anew: then the first is no mark.
        if "Throttling" not in codes:
            codes = [outcome(client_of(cairn, "wrong secret", "sts"), "sts", "GetCallerIdentity") for _ in range(7)]
        assert codes.count("Throttling") >= 1 and set(codes) <= {"Throttling", "SignatureDoesNotMatch"}, codes
        assert outcome(client_of(cairn, "wrong secret", "cloudtrail"), "cloudtrail", "DescribeTrails") in ("ThrottlingException", "InvalidSignatureException")
        assert from_elsewhere() == 200
        assert cairn.get("/_cairn/livez")[0] == 200
        # Set to 0 while it runs, nobody is.
        import os
        import signal

        cairn.config.write_text(ACCOUNTS)
        os.kill(cairn.process.pid, signal.SIGHUP)
        assert eventually(lambda: "configuration read again" in cairn.log.read_text())
        assert cairn.client("sts").get_caller_identity()["Account"] == OWNER
