"""A trail's notices: its topic is told of every delivered log file, and the trail says how that goes."""

import json

import pytest
from cairn import REGION, Cairn, bucket_policy, code_of, eventually
from test_sns import HERE, Receiver, confirmed

CONFIG = f"""sns: {{http_hosts: ["127.0.0.1"]}}
accounts:
  - {{id: "{HERE}", name: here, users: [{{name: admin, administrator: true}}]}}
delivery: {{interval: 1s}}
"""
TRAIL = f"arn:aws:cloudtrail:{REGION}:{HERE}:trail/main"


def policy(topic: str) -> str:
    """What CloudTrail's documentation asks for."""
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "AWSCloudTrailSNSPolicy20131101", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "SNS:Publish",
         "Resource": topic, "Condition": {"StringEquals": {"aws:SourceArn": TRAIL}}},
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HERE}:root"}, "Action": "SNS:*", "Resource": topic}]})


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.close()


def told(receiver) -> list[str]:
    """The keys that the receiver was told of."""
    messages = [json.loads(body)["Message"] for _, body in receiver.kept if "s3ObjectKey" in body]
    assert all(json.loads(message)["s3Bucket"] == "logs" for message in messages)
    return [key for message in messages for key in json.loads(message)["s3ObjectKey"]]


def test_a_topic_is_told_of_every_log_file(binary, tmp_path, receiver):
    with Cairn(binary, tmp_path, CONFIG) as cairn:
        sns, trails, s3 = (cairn.client(service) for service in ("sns", "cloudtrail", "s3"))
        topic = sns.create_topic(Name="nests")["TopicArn"]
        confirmed(sns, topic, receiver)
        s3.create_bucket(Bucket="logs")
        s3.put_bucket_policy(Bucket="logs", Policy=json.dumps(bucket_policy("logs")))
        for name in ("nests", "none"):
            assert code_of(trails.create_trail, Name="main", S3BucketName="logs", SnsTopicName=name) == "InsufficientSnsTopicPolicyException"
        assert code_of(trails.create_trail, Name="main", S3BucketName="logs", SnsTopicName="a b") == "InvalidSnsTopicNameException"
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(topic))
        made = trails.create_trail(Name="main", S3BucketName="logs", SnsTopicName="nests")
        assert (made["SnsTopicName"], made["SnsTopicARN"]) == ("nests", topic)
        eventually(lambda: receiver.of("CloudTrail validation message."))
        trails.start_logging(Name="main")
        cairn.client("iam").create_user(UserName="first")
        eventually(lambda: told(receiver))
        files = cairn.log_files()
        assert set(told(receiver)) <= set(cairn.log_files()) and files
        status = eventually(lambda: one if "LatestNotificationTime" in (one := trails.get_trail_status(Name="main")) else None)
        assert status["LatestNotificationAttemptSucceeded"] and "LatestNotificationError" not in status

        # A topic that refuses holds up no file; what it missed it is told when it is mended, also after kill -9.
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(topic).replace(TRAIL, TRAIL + "-other"))
        before = set(cairn.log_files())
        cairn.client("iam").create_user(UserName="second")
        eventually(lambda: set(cairn.log_files()) - before)
        eventually(lambda: trails.get_trail_status(Name="main").get("LatestNotificationError") == "AuthorizationError")
        cairn.kill()
        cairn.start()
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(topic))
        assert eventually(lambda: set(told(receiver)) >= set(cairn.log_files()), patience=180)
        eventually(lambda: "LatestNotificationError" not in trails.get_trail_status(Name="main"))
        trails.update_trail(Name="main", SnsTopicName="")
        assert "SnsTopicARN" not in trails.get_trail(Name="main")["Trail"]
