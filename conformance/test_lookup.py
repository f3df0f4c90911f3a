"""LookupEvents: every attribute, time range, order, and paging that stays stable while events arrive."""

import datetime
import json
import threading
import time
import uuid

import pytest
from botocore.exceptions import ClientError
from cairn import eventually
from records import record

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def hours_ago(hours):
    return NOW - datetime.timedelta(hours=hours)


@pytest.fixture(scope="module")
def filled(shared):
    records = [
        record("CreateQueue", when=hours_ago(5), user="ann", region="eu-central-1"),
        record("DeleteQueue", when=hours_ago(4), user="ben", region="eu-central-1"),
        record("ListQueues", when=hours_ago(3), user="ann", region="eu-central-1", read_only=True),
        record("CreateBucket", when=hours_ago(2), source="s3.amazonaws.com", region="eu-central-1", requestParameters={"bucketName": "kestrel-audit"},
               resources=[{"ARN": "arn:aws:s3:::kestrel-audit", "accountId": "111122223333", "type": "AWS::S3::Bucket"}]),
        record("PutObject", when=hours_ago(1), source="s3.amazonaws.com", region="eu-central-1", category="Data"),
        record("CreateQueue", when=hours_ago(1), region="eu-north-1"),
    ]
    status, body = shared.put_records(records)
    assert status == 200 and json.loads(body) == {"accepted": 6, "duplicates": 0}
    eventually(lambda: shared.lookup_all(region="eu-north-1"))
    return shared, records


def names(cairn, **arguments):
    return [e["EventName"] for e in cairn.lookup_all(region="eu-central-1", **arguments) if e["EventSource"] != "cloudtrail.amazonaws.com"]


def by(key, value):
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def test_newest_first_management_only_per_region(filled):
    cairn, _ = filled
    assert names(cairn) == ["CreateBucket", "ListQueues", "DeleteQueue", "CreateQueue"]


def test_every_attribute(filled):
    cairn, records = filled
    assert names(cairn, **by("EventId", records[1]["eventID"])) == ["DeleteQueue"]
    assert names(cairn, **by("EventName", "CreateQueue")) == ["CreateQueue"]
    assert names(cairn, **by("ReadOnly", "true")) == ["ListQueues"]
    assert names(cairn, **by("Username", "ann")) == ["ListQueues", "CreateQueue"]
    assert names(cairn, **by("EventSource", "s3.amazonaws.com")) == ["CreateBucket"]
    assert names(cairn, **by("ResourceType", "AWS::S3::Bucket")) == ["CreateBucket"]
    assert names(cairn, **by("ResourceName", "kestrel-audit")) == ["CreateBucket"]
    assert len(names(cairn, **by("AccessKeyId", "AKIAKESTREL0EXAMPLE1"))) == 4
    assert names(cairn, **by("EventName", "createqueue")) == []


def test_times_are_inclusive(filled):
    cairn, _ = filled
    assert names(cairn, StartTime=hours_ago(4), EndTime=hours_ago(3)) == ["ListQueues", "DeleteQueue"]


@pytest.mark.parametrize("arguments, code", [
    ({"LookupAttributes": [{"AttributeKey": "Nonsense", "AttributeValue": "x"}]}, "InvalidLookupAttributesException"),
    ({"LookupAttributes": [{"AttributeKey": "EventId", "AttributeValue": "x"}, {"AttributeKey": "EventName", "AttributeValue": "x"}]}, "InvalidLookupAttributesException"),
    ({"MaxResults": 51}, "InvalidMaxResultsException"),
    ({"MaxResults": 0}, "InvalidMaxResultsException"),
    ({"StartTime": NOW, "EndTime": hours_ago(1)}, "InvalidTimeRangeException"),
    ({"NextToken": "bogus"}, "InvalidNextTokenException"),
    ({"EventCategory": "other"}, "InvalidEventCategoryException"),
])
def test_bad_questions(filled, arguments, code):
    cairn, _ = filled
    client = cairn.client("cloudtrail", parameter_validation=False)
    with pytest.raises(ClientError) as caught:
        client.lookup_events(**arguments)
    assert caught.value.response["Error"]["Code"] == code


def test_token_belongs_to_its_parameters(filled):
    cairn, _ = filled
    client = cairn.client("cloudtrail", region="eu-central-1")
    token = client.lookup_events(MaxResults=1)["NextToken"]
    with pytest.raises(ClientError) as caught:
        client.lookup_events(MaxResults=2, NextToken=token)
    assert caught.value.response["Error"]["Code"] == "InvalidNextTokenException"


def test_paging_is_stable_while_500_events_a_second_arrive(cairn):
    region = "ap-south-1"
    old = [record("CreateQueue", when=NOW - datetime.timedelta(seconds=n % 300), region=region) for n in range(1500)]
    assert cairn.put_records(old)[0] == 200
    stop = threading.Event()
    sent = []

    def arrive():
        while not stop.is_set():
            began = time.monotonic()
            # Old and new times alike: an event may arrive anywhere in the order.
            batch = [record("DeleteQueue", when=NOW - datetime.timedelta(seconds=uuid.uuid4().int % 300), region=region) for _ in range(50)]
            assert cairn.put_records(batch)[0] == 200
            sent.extend(batch)
            time.sleep(max(0.0, 0.1 - (time.monotonic() - began)))

    eventually(lambda: len(cairn.lookup_all(region=region, **by("EventId", old[-1]["eventID"]))) == 1)
    sender = threading.Thread(target=arrive)
    sender.start()
    walks = 0
    try:
        # However fast a walk is: several of them, and all the while more arrives.
        while sender.is_alive() and (walks < 3 or len(sent) < 500):
            walks += 1
            ids = [e["EventId"] for e in cairn.lookup_all(region=region)]
            assert len(ids) == len(set(ids)), "an event came twice"
            missing = {r["eventID"] for r in old} - set(ids)
            assert not missing, f"{len(missing)} events that were there before the first page are missing"
    finally:
        stop.set()
        sender.join()
    assert walks >= 3 and len(sent) >= 500
