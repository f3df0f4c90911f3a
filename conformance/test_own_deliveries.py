"""A trail that takes the records of its own deliveries: S3's, KMS's and SNS's. They make no file; the next call's file has them all."""

import collections
import json
import time

from cairn import Cairn, bucket_policy, eventually
from test_notices import TRAIL, policy
from test_operate import doctor
from test_trail_encryption import CLOUDTRAIL_MAY, CONFIG, FAST, new_key

SELECTORS = [
    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                        {"Field": "readOnly", "Equals": ["false"]}]},
    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::SNS::Topic"]}]},
]
OWN = {("s3.amazonaws.com", "PutObject"), ("kms.amazonaws.com", "GenerateDataKey"), ("sns.amazonaws.com", "Publish")}


def own(event):
    return event["userIdentity"].get("invokedBy") == "cloudtrail.amazonaws.com" and (event["eventSource"], event["eventName"]) in OWN


def since_start(cairn):
    """The records behind StartLogging's own entry: what the trail took."""
    entries = cairn.journal()
    last = max(at for at, entry in enumerate(entries) if entry["kind"] == "control")
    return [entry["record"] for entry in entries[last:] if "record" in entry]


def keys(cairn):
    """What lies in the bucket; a read, which the trail does not take."""
    return {item["Key"] for item in cairn.client("s3").list_objects_v2(Bucket="logs").get("Contents", []) if "/CloudTrail/" in item["Key"]}


def quiet(cairn):
    """Nothing but deliveries happens, for a while; until no file comes."""
    before, since = keys(cairn), time.monotonic()
    while time.monotonic() - since < 8:  # intervals
        time.sleep(0.5)
        now = keys(cairn)
        before = now if time.monotonic() - since < 4 else before  # of calls before
        assert now == before
    return before


def trail(cairn):
    sns, trails, s3 = (cairn.client(service) for service in ("sns", "cloudtrail", "s3"))
    topic = sns.create_topic(Name="nests")["TopicArn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(topic))
    may = json.loads(json.dumps(CLOUDTRAIL_MAY).replace("trail/sealed", "trail/main"))
    s3.create_bucket(Bucket="logs")
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps(bucket_policy("logs")))
    trails.create_trail(Name="main", S3BucketName="logs", SnsTopicName="nests", KmsKeyId=new_key(cairn, may))
    trails.put_event_selectors(TrailName="main", AdvancedEventSelectors=SELECTORS)
    trails.start_logging(Name="main")
    assert eventually(lambda: cairn._logs(TRAIL))


def test_its_own_deliveries_make_no_file(binary, tmp_path):
    with Cairn(binary, tmp_path, CONFIG + FAST) as cairn:
        trail(cairn)
        cairn.client("iam").create_user(UserName="first")
        assert eventually(lambda: keys(cairn))
        assert not cairn.client("cloudtrail").get_trail_status(Name="main").get("LatestDeliveryError")  # a call, with a file
        before = quiet(cairn)
        cairn.kill()  # what waits is durable
        assert doctor(cairn)[1]["documents"]["health"] == "ok"
        assert "sealed ones were not opened" in doctor(cairn, "--master_key_file", str(tmp_path / "none"))[1]["documents"]["says"]
        cairn.start()
        assert quiet(cairn) == before
        waiting = [event for event in since_start(cairn) if own(event)]
        assert {(event["eventSource"], event["eventName"]) for event in waiting} == OWN
        last = cairn.client("s3").put_object(Bucket="logs", Key="x", Body=b"x")["ResponseMetadata"]["RequestId"]
        assert eventually(lambda: keys(cairn) - before)
        now = quiet(cairn)
        assert len(now - before) == 1
        ids = collections.Counter(event["eventID"] for event in cairn.delivered())
        assert set(ids.values()) == {1}
        assert {event["eventID"] for event in waiting} <= set(ids)
        newest = [event for event in cairn.delivered() if event.get("requestID") == last]
        assert len(newest) == 1
