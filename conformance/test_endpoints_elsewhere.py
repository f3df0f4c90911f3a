"""Keys, topics and queues that are not Cairn's: moto's server, for what trails, subscriptions and buckets call."""

import gzip
import json

import boto3
import pytest
from cairn import REGION, Cairn, code_of, eventually
from other_s3 import Moto
from test_organizations import client_with

ACCOUNT = "123456789012"  # moto's
CONFIG = f"""accounts:
  - {{id: "{ACCOUNT}", name: here, users: [{{name: admin, administrator: true}}]}}
delivery: {{interval: 1s}}
"""


class Elsewhere(Moto):
    def client(self, service: str):
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="s")

    def queue(self, name: str) -> str:
        """ARN."""
        self.client("sqs").create_queue(QueueName=name)
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"

    def taken(self, name: str) -> list[dict]:
        """Bodies, which are deleted."""
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    def until(self, name: str, wanted) -> list[dict]:
        """Bodies, until one of them is wanted."""
        bodies = []
        assert eventually(lambda: bodies.extend(self.taken(name)) or any(wanted(body) for body in bodies)), bodies
        return bodies


@pytest.fixture(scope="module")
def elsewhere():
    running = Elsewhere()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory, elsewhere):
    folder = tmp_path_factory.mktemp("elsewhere")
    secret = folder / "secret"
    secret.write_text("s\n")
    one = f"{{url: '{elsewhere.url}', access_key: a, secret_file: '{secret}'}}"
    with Cairn(binary, folder, CONFIG + f"endpoints: {{kms: {one}, sns: {one}, sqs: {one}}}\n") as running:
        yield running


@pytest.fixture(scope="module")
def trail(cairn, elsewhere):
    """A trail with a key and a topic elsewhere: the key."""
    key = elsewhere.client("kms").create_key()["KeyMetadata"]["Arn"]
    topic = elsewhere.client("sns").create_topic(Name="files")["TopicArn"]
    elsewhere.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=elsewhere.queue("files"))
    cairn.make_trail(KmsKeyId=key, SnsTopicName=topic)
    return key


def delivered(cairn, name: str):
    return next((key for key, body in cairn.log_files().items() if name.encode() in gzip.decompress(body)), None)


def test_a_trails_files_have_its_data_keys_and_a_topic_there_is_told(cairn, elsewhere, trail):
    cairn.client("iam").create_user(UserName="first")
    key = eventually(lambda: delivered(cairn, "CreateUser"))
    head = cairn.client("s3").head_object(Bucket="logs", Key=key)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", trail)
    told = elsewhere.until("files", lambda body: key in body["Message"])
    assert any("validation" in body["Message"] for body in told)
    assert cairn.client("kms").list_keys()["Keys"] == []
    assert code_of(cairn.client("cloudtrail").update_trail, Name="trail", KmsKeyId=trail[:-1] + "0") == "InsufficientEncryptionPolicyException"
    assert code_of(cairn.client("cloudtrail").update_trail, Name="trail", SnsTopicName="nobody") == "InsufficientSnsTopicPolicyException"


def test_his_own_policies_say_who_may_use_a_key(cairn, trail):
    s3, iam = cairn.client("s3"), cairn.client("iam")
    s3.create_bucket(Bucket="sealed")
    s3.put_object(Bucket="sealed", Key="a", Body=b"secret", ServerSideEncryption="aws:kms", SSEKMSKeyId=trail)
    assert s3.get_object(Bucket="sealed", Key="a")["Body"].read() == b"secret"
    iam.create_user(UserName="ann")
    ann = client_with(cairn, "s3", iam.create_access_key(UserName="ann")["AccessKey"])
    objects = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    opener = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": trail, "Condition": {
        "StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::sealed/a"}}}
    for statements, allowed in (([objects], False), ([objects, opener], True), ([objects, opener | {"Resource": trail[:-1] + "0"}], False)):
        iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
        if allowed:
            assert ann.get_object(Bucket="sealed", Key="a")["Body"].read() == b"secret"
        else:
            assert code_of(ann.get_object, Bucket="sealed", Key="a") == "AccessDenied"
    assert code_of(ann.put_object, Bucket="sealed", Key="b", ServerSideEncryption="aws:kms", SSEKMSKeyId=trail) == "AccessDenied"


def test_a_subscription_and_a_bucket_tell_queues_there(cairn, elsewhere):
    sns, s3 = cairn.client("sns"), cairn.client("s3")
    queue = elsewhere.queue("nest")
    topic = sns.create_topic(Name="ours")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    sns.publish(TopicArn=topic, Message="an owl")
    elsewhere.until("nest", lambda body: body.get("Message") == "an owl")
    s3.create_bucket(Bucket="told")
    rule = {"QueueArn": queue, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(Bucket="told", NotificationConfiguration={"QueueConfigurations": [rule]})
    s3.put_object(Bucket="told", Key="a", Body=b"x")
    bodies = elsewhere.until("nest", lambda body: "Records" in body)
    assert "s3:TestEvent" in {body.get("Event") for body in bodies}
    nobody = {"QueueConfigurations": [rule | {"QueueArn": queue + "-nobody"}]}
    assert code_of(s3.put_bucket_notification_configuration, Bucket="told", NotificationConfiguration=nobody) == "InvalidArgument"


def test_while_they_are_away_files_and_messages_wait(cairn, elsewhere, trail):
    elsewhere.taken("files")
    elsewhere.stop()
    s3 = cairn.client("s3")
    assert code_of(s3.get_object, Bucket="sealed", Key="a") == "ServiceUnavailable"
    s3.put_object(Bucket="told", Key="later", Body=b"x")
    cairn.client("iam").create_group(GroupName="waiting")
    assert eventually(lambda: "LatestDeliveryError" in cairn.client("cloudtrail").get_trail_status(Name="trail"))
    cairn.kill()
    cairn.start()
    elsewhere.start()
    key = eventually(lambda: delivered(cairn, "CreateGroup"))
    assert key
    elsewhere.until("files", lambda body: key in body["Message"])
    elsewhere.until("nest", lambda body: any(r["s3"]["object"]["key"] == "later" for r in body.get("Records", [])))
