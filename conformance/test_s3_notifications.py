"""What buckets tell queues and topics; and a consumer in Filebeat's manner, who reads a trail's files by it while Cairn is killed."""

import collections
import json
import os
import random
import threading
import time
import urllib.parse
import urllib.request

import pytest
from botocore.exceptions import ClientError
from cairn import REGION, Cairn, eventually

HERE = "111122223333"
CONFIG = f"""accounts:
  - {{id: "{HERE}", name: here, users: [{{name: admin, administrator: true}}]}}
delivery: {{interval: 1s}}
"""
REFUSAL = "Unable to validate the following destination configurations"


def allowed(resource: str, action: str, bucket: str) -> str:
    """The policy of S3's documentation."""
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": action, "Resource": resource,
         "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:*:*:{bucket}"}, "StringEquals": {"aws:SourceAccount": HERE}}}]})


def queue_for(cairn, bucket: str, name: str = "files") -> tuple[str, str]:
    """URL and ARN of a queue that the bucket may send to."""
    arn = f"arn:aws:sqs:{REGION}:{HERE}:{name}"
    url = cairn.client("sqs").create_queue(QueueName=name, Attributes={"Policy": allowed(arn, "sqs:SendMessage", bucket)})["QueueUrl"]
    return url, arn


def to_queue(arn: str, *events: str, **rules: str) -> dict:
    """A configuration with one rule: prefix=…, suffix=…."""
    rule = {"Id": "one", "QueueArn": arn, "Events": list(events)}
    if rules:
        rule["Filter"] = {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in rules.items()]}}
    return {"QueueConfigurations": [rule]}


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory):
    with Cairn(binary, tmp_path_factory.mktemp("notifications"), CONFIG) as running:
        yield running


def taken(cairn, url: str) -> list[dict]:
    """The bodies that a queue has now, which are deleted."""
    sqs = cairn.client("sqs")
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


class Kept:
    """Events of a queue, as they come."""

    def __init__(self, cairn, url: str):
        self.cairn, self.url, self.records = cairn, url, []

    def wait(self, count: int) -> list[dict]:
        def come():
            self.records += [record for body in taken(self.cairn, self.url) for record in body.get("Records", [])]
            return len(self.records) >= count

        assert eventually(come), self.records
        return sorted(self.records, key=lambda record: record["s3"]["object"]["sequencer"])


def test_an_uploaded_form_is_a_post(cairn):
    s3 = cairn.client("s3", signature_version="s3v4")
    s3.create_bucket(Bucket="forms")
    url, arn = queue_for(cairn, "forms", "forms")
    s3.put_bucket_notification_configuration(Bucket="forms", NotificationConfiguration=to_queue(arn, "s3:ObjectCreated:Post"))
    s3.put_object(Bucket="forms", Key="put", Body=b"x")
    post = s3.generate_presigned_post("forms", "posted", ExpiresIn=60)
    fields = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in post["fields"].items())
    body = (fields + '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nhello\r\n--b--\r\n').encode()
    request = urllib.request.Request(post["url"], body, {"Content-Type": "multipart/form-data; boundary=b"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 204
    told = Kept(cairn, url).wait(1)
    assert [(record["eventName"], record["s3"]["object"]["key"]) for record in told] == [("ObjectCreated:Post", "posted")]


def test_a_queue_is_told_what_becomes_of_objects(cairn):
    s3 = cairn.client("s3")
    s3.create_bucket(Bucket="things")
    url, arn = queue_for(cairn, "things", "things")
    s3.put_bucket_notification_configuration(Bucket="things", NotificationConfiguration=to_queue(
        arn, "s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", prefix="in/"))
    [test] = eventually(lambda: taken(cairn, url))
    assert (test["Service"], test["Event"], test["Bucket"]) == ("Amazon S3", "s3:TestEvent", "things")
    assert test["RequestId"] and test["HostId"]
    put = s3.put_object(Bucket="things", Key="in/a b+ö.txt", Body=b"five!")
    s3.put_object(Bucket="things", Key="out/a", Body=b"not told")
    s3.copy_object(Bucket="things", Key="in/copy", CopySource={"Bucket": "things", "Key": "out/a"})
    upload = s3.create_multipart_upload(Bucket="things", Key="in/parts")["UploadId"]
    part = s3.upload_part(Bucket="things", Key="in/parts", UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
    s3.complete_multipart_upload(Bucket="things", Key="in/parts", UploadId=upload, MultipartUpload={"Parts": [{"ETag": part, "PartNumber": 1}]})
    s3.put_object_tagging(Bucket="things", Key="in/copy", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.delete_object(Bucket="things", Key="in/copy")
    s3.put_bucket_versioning(Bucket="things", VersioningConfiguration={"Status": "Enabled"})
    hidden = s3.delete_objects(Bucket="things", Delete={"Objects": [{"Key": "in/parts"}]})["Deleted"][0]
    told = Kept(cairn, url).wait(6)
    assert [record["eventName"] for record in told] == [
        "ObjectCreated:Put", "ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload", "ObjectTagging:Put", "ObjectRemoved:Delete",
        "ObjectRemoved:DeleteMarkerCreated"]
    first, last = told[0], told[-1]
    assert (first["eventVersion"], first["eventSource"], first["awsRegion"]) == ("2.1", "aws:s3", REGION)
    thing = first["s3"]["object"]
    assert urllib.parse.unquote_plus(thing["key"]) == "in/a b+ö.txt"
    assert (thing["size"], f'"{thing["eTag"]}"') == (5, put["ETag"]) and "versionId" not in thing
    assert first["s3"]["bucket"]["arn"] == "arn:aws:s3:::things" and first["s3"]["configurationId"] == "one"
    assert first["responseElements"] == {"x-amz-request-id": put["ResponseMetadata"]["RequestId"], "x-amz-id-2": put["ResponseMetadata"]["HostId"]}
    assert first["requestParameters"]["sourceIPAddress"] == "127.0.0.1" and first["userIdentity"]["principalId"].startswith("AWS:")
    assert last["s3"]["object"]["versionId"] == hidden["DeleteMarkerVersionId"]


def test_a_topic_is_told_and_its_subscriber(cairn):
    s3, sns, sqs = (cairn.client(service) for service in ("s3", "sns", "sqs"))
    s3.create_bucket(Bucket="announced")
    topic = sns.create_topic(Name="announced")["TopicArn"]
    rule = {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:Put"]}]}
    with pytest.raises(ClientError, match=REFUSAL):
        s3.put_bucket_notification_configuration(Bucket="announced", NotificationConfiguration=rule)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=allowed(topic, "sns:Publish", "announced"))
    queue = f"arn:aws:sqs:{REGION}:{HERE}:announced"
    policy = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queue}
    url = sqs.create_queue(QueueName="announced", Attributes={"Policy": json.dumps({"Statement": [policy]})})["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    s3.put_bucket_notification_configuration(Bucket="announced", NotificationConfiguration=rule)
    s3.put_object(Bucket="announced", Key="a", Body=b"x")
    bodies = []
    assert eventually(lambda: bodies.extend(taken(cairn, url)) or len(bodies) >= 2)
    assert {body["Subject"] for body in bodies} == {"Amazon S3 Notification"}
    messages = [json.loads(body["Message"]) for body in bodies]
    assert [message["Event"] for message in messages if "Event" in message] == ["s3:TestEvent"]
    assert [record["s3"]["object"]["key"] for message in messages for record in message.get("Records", [])] == ["a"]


@pytest.mark.parametrize("configuration, said", [
    (to_queue(f"arn:aws:sqs:{REGION}:{HERE}:nobody", "s3:ObjectCreated:*"), REFUSAL),
    (to_queue(f"arn:aws:sqs:eu-west-1:{HERE}:asked", "s3:ObjectCreated:*"), REFUSAL),
    (to_queue("arn:aws:sqs:nowhere", "s3:ObjectCreated:*"), "could not be parsed"),
    ({"LambdaFunctionConfigurations": [{"LambdaFunctionArn": f"arn:aws:lambda:{REGION}:{HERE}:function:f", "Events": ["s3:ObjectCreated:*"]}]},
     "LambdaFunctionConfigurations"),
    ({"EventBridgeConfiguration": {}}, "EventBridgeConfiguration"),
    ({"QueueConfigurations": [{"QueueArn": f"arn:aws:sqs:{REGION}:{HERE}:asked", "Events": [event]} for event in ("s3:ObjectCreated:*", "s3:ObjectCreated:Put")]},
     "overlap"),
], ids=["nobody", "elsewhere", "no ARN", "function", "event bus", "overlap"])
def test_what_is_refused(cairn, configuration, said):
    s3 = cairn.client("s3")
    if "asked" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket="asked")
        queue_for(cairn, "asked", "asked")
    with pytest.raises(ClientError, match=said):
        s3.put_bucket_notification_configuration(Bucket="asked", NotificationConfiguration=configuration)
    if said == REFUSAL:
        s3.put_bucket_notification_configuration(Bucket="asked", NotificationConfiguration=configuration, SkipDestinationValidation=True)
        assert s3.get_bucket_notification_configuration(Bucket="asked")["QueueConfigurations"] == configuration["QueueConfigurations"]


class Consumer(threading.Thread):
    """Filebeat's SQS mode: receive, get the object, delete the message. What fails comes again when its visibility is over."""

    def __init__(self, cairn, url: str):
        super().__init__(daemon=True)
        self.cairn, self.name_of_queue = cairn, url.rpartition("/")[2]
        self.files: dict[tuple[str, str], bytes] = {}  # by key and sequencer
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            try:
                self.read()
            except Exception:  # Cairn was killed.
                time.sleep(0.05)

    def read(self):
        sqs, s3 = (self.cairn.client(service, connect_timeout=1, read_timeout=10) for service in ("sqs", "s3"))
        url = sqs.get_queue_url(QueueName=self.name_of_queue)["QueueUrl"]
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, VisibilityTimeout=5).get("Messages", []):
            for record in json.loads(message["Body"]).get("Records", []):
                thing = record["s3"]["object"]
                key = urllib.parse.unquote_plus(thing["key"])
                body = s3.get_object(Bucket=record["s3"]["bucket"]["name"], Key=key)["Body"].read()
                self.files[key, thing["sequencer"]] = body
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.soak)])
def test_a_consumer_gets_every_file_of_a_trail_under_kill_9(binary, tmp_path, kills):
    """A file whose delivery was cut off between the bucket's commit and its own is put once more, and told once more, as S3 would."""
    rng = random.Random(int(os.environ.get("CAIRN_SEED", "7")))
    with Cairn(binary, tmp_path, CONFIG) as cairn:
        cairn.make_trail(start=False)
        url, arn = queue_for(cairn, "logs")
        cairn.client("s3").put_bucket_notification_configuration(
            Bucket="logs", NotificationConfiguration=to_queue(arn, "s3:ObjectCreated:*", prefix="AWSLogs/", suffix=".json.gz"))
        cairn.client("cloudtrail").start_logging(Name="trail")
        consumer = Consumer(cairn, url)
        consumer.start()
        for kill in range(kills):
            before = len(cairn.log_files())
            for i in range(5):
                cairn.client("iam").create_user(UserName=f"wren-{kill}-{i}")
            assert eventually(lambda: len(cairn.log_files()) > before)
            time.sleep(rng.random() * 1.2)
            cairn.kill()
            cairn.start()
        cairn.client("cloudtrail").stop_logging(Name="trail")
        users = {f"wren-{kill}-{i}" for kill in range(kills) for i in range(5)}
        made = lambda: [r["requestParameters"]["userName"] for r in cairn.delivered() if r["eventName"] == "CreateUser"]  # noqa: E731
        assert eventually(lambda: set(made()) == users)

        def all_read():
            files = cairn.log_files()
            return {key for key, _ in consumer.files} == files.keys() and files

        assert eventually(all_read, patience=120), "files that the consumer was not told of"
        assert eventually(lambda: not taken(cairn, url))
        consumer.over.set()
        consumer.join()
        files = cairn.log_files()  # the last may have come meanwhile
        assert all(files[key] == body for (key, _), body in consumer.files.items())
        told = collections.Counter(key for key, _ in consumer.files)
        assert sum(told.values()) - len(told) <= kills, told  # each kill cuts off one file's delivery at most
        assert collections.Counter(made()) == collections.Counter(users)
