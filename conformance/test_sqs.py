"""Queues as boto3 and the AWS CLI see them: both protocols, waiting, dead letters, who may, what the trail says, and what outlives kill -9."""

import json
import shutil
import subprocess
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree

import pytest
from cairn import REGION, ROOT, Cairn, code_of, eventually

HERE, THERE = "111122223333", "444455556666"
CONFIG = f"""accounts:
  - {{id: "{HERE}", name: here, users: [{{name: admin, administrator: true}}]}}
  - {{id: "{THERE}", name: there, users: [{{name: admin, administrator: true}}]}}
"""
SECRET = "kestrel-nest-4711-message"


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory):
    with Cairn(binary, tmp_path_factory.mktemp("sqs"), CONFIG) as running:
        yield running


@pytest.fixture(scope="module")
def sqs(cairn):
    return cairn.client("sqs")


@pytest.fixture
def queue(sqs, request):
    return sqs.create_queue(QueueName=request.node.name[:80])["QueueUrl"]


def profile_of(cairn, word):
    lines = cairn.credentials_file.read_text().splitlines()
    return next(line.strip("[]") for line in lines if line.startswith("[") and word in line)


def received(sqs, queue, **arguments):
    return sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, **arguments).get("Messages", [])


def bodies(messages):
    return sorted(message["Body"] for message in messages)


def test_a_queue_and_its_messages(cairn, sqs):
    url = sqs.create_queue(QueueName="first", Attributes={"VisibilityTimeout": "60"}, tags={"team": "owls"})["QueueUrl"]
    assert url == f"{cairn.endpoint}/{HERE}/first" and sqs.get_queue_url(QueueName="first")["QueueUrl"] == url
    assert code_of(sqs.create_queue, QueueName="first", Attributes={"VisibilityTimeout": "61"}) == "QueueAlreadyExists"
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "owls"}
    attributes = {"team": {"DataType": "String", "StringValue": "owls"}, "raw": {"DataType": "Binary", "BinaryValue": b"\0\1\xff"}}
    sent = sqs.send_message(QueueUrl=url, MessageBody="ein Käuzchen", MessageAttributes=attributes)  # boto3 checks both MD5s
    got = received(sqs, url, AttributeNames=["All"], MessageAttributeNames=["All"])[0]
    assert (got["MessageId"], got["Body"], got["MessageAttributes"]) == (sent["MessageId"], "ein Käuzchen", attributes)
    assert got["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"] and got["Attributes"]["ApproximateReceiveCount"] == "1"
    assert received(sqs, url) == []
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=got["ReceiptHandle"], VisibilityTimeout=0)
    again = received(sqs, url)[0]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"])
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "0"
    sqs.delete_queue(QueueUrl=url)
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as caught:
        sqs.send_message(QueueUrl=url, MessageBody="x")
    assert caught.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert code_of(sqs.create_queue, QueueName="first.fifo", Attributes={"FifoQueue": "true"}) == "AWS.SimpleQueueService.UnsupportedOperation"


def test_batches_and_the_largest_message(sqs, queue):
    sent = sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": str(i), "MessageBody": f"m{i}"} for i in range(10)])
    assert len(sent["Successful"]) == 10
    messages = received(sqs, queue)
    assert bodies(messages) == [f"m{i}" for i in range(10)]
    handles = [{"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]} for i, message in enumerate(messages)]
    assert len(sqs.delete_message_batch(QueueUrl=queue, Entries=handles)["Successful"]) == 10
    large = '"\n' * (1 << 19)
    sqs.send_message(QueueUrl=queue, MessageBody=large)
    assert received(sqs, queue)[0]["Body"] == large
    assert code_of(sqs.send_message, QueueUrl=queue, MessageBody=large + "x") == "InvalidParameterValue"


def test_who_waits_gets_what_is_sent_meanwhile(cairn, sqs, queue):
    waiters, got = [], []
    for _ in range(3):
        client = cairn.client("sqs")
        waiters.append(threading.Thread(target=lambda c=client: got.extend(received(c, queue, WaitTimeSeconds=20))))
    for waiter in waiters:
        waiter.start()
    for number in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody=str(number))
        eventually(lambda: len(got) > number)
    for _ in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody="end")  # whoever got none of the three, or not yet
    for waiter in waiters:
        waiter.join()
    assert {"0", "1", "2"} <= set(bodies(got)) | set(bodies(received(sqs, queue)))
    assert len({message["MessageId"] for message in got}) == len(got)


def test_dead_letters(sqs, queue):
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {"deadLetterTargetArn": arn, "maxReceiveCount": 1}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": json.dumps(policy)})
    sqs.send_message(QueueUrl=queue, MessageBody="poison")
    assert bodies(received(sqs, queue, VisibilityTimeout=0)) == ["poison"]
    assert received(sqs, queue) == []
    assert bodies(received(sqs, dead)) == ["poison"]
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [queue]


def signed_form(cairn, path="/", **parameters):
    body = urllib.parse.urlencode({"Version": "2012-11-05"} | parameters).encode()
    status, answer = cairn.signed_post(path, body, {"Content-Type": "application/x-www-form-urlencoded"}, service="sqs")
    root = ElementTree.fromstring(answer)
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    return status, root


def test_the_query_protocol(cairn, sqs):
    status, made = signed_form(cairn, Action="CreateQueue", QueueName="old", **{"Attribute.1.Name": "DelaySeconds", "Attribute.1.Value": "0"})
    url = made.find("CreateQueueResult/QueueUrl").text
    assert (status, url) == (200, f"{cairn.endpoint}/{HERE}/old")
    path = f"/{HERE}/old"  # the queue is named by the path, as old clients do
    _, sent = signed_form(cairn, path, Action="SendMessage", MessageBody="a<b")
    _, got = signed_form(cairn, path, Action="ReceiveMessage", **{"AttributeName.1": "All"})
    message = got.find("ReceiveMessageResult/Message")
    assert (message.find("Body").text, message.find("MessageId").text) == ("a<b", sent.find("SendMessageResult/MessageId").text)
    assert "SentTimestamp" in {name.text for name in message.findall("Attribute/Name")}
    assert signed_form(cairn, path, Action="DeleteMessage", ReceiptHandle=message.find("ReceiptHandle").text)[0] == 200
    status, refused = signed_form(cairn, f"/{HERE}/nothing", Action="PurgeQueue")
    assert (status, refused.find("Error/Code").text) == (400, "AWS.SimpleQueueService.NonExistentQueue")


@pytest.mark.parametrize("program", [str(ROOT / ".deps/venv/bin/aws"), "/usr/bin/aws"])  # Debian's speaks the query protocol
def test_the_aws_cli(cairn, program):
    if not shutil.which(program):
        pytest.skip(f"there is no {program}")

    def aws(*arguments):
        command = [program, "--endpoint-url", cairn.endpoint, "sqs", *arguments]
        done = subprocess.run(command, env=cairn.aws_environment(), capture_output=True, text=True, check=True)
        return json.loads(done.stdout) if done.stdout.strip() else {}

    name = "cli-" + ("new" if "venv" in program else "old")
    url = aws("create-queue", "--queue-name", name, "--attributes", "DelaySeconds=0")["QueueUrl"]
    attribute = '{"team":{"DataType":"String","StringValue":"owls"}}'
    sent = aws("send-message", "--queue-url", url, "--message-body", "from the shell", "--message-attributes", attribute)
    got = aws("receive-message", "--queue-url", url, "--message-attribute-names", "All")["Messages"][0]
    assert (got["MessageId"], got["Body"], got["MessageAttributes"]["team"]["StringValue"]) == (sent["MessageId"], "from the shell", "owls")
    aws("delete-message", "--queue-url", url, "--receipt-handle", got["ReceiptHandle"])
    shown = aws("get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]
    assert shown["QueueArn"] == f"arn:aws:sqs:{REGION}:{HERE}:{name}" and shown["ApproximateNumberOfMessages"] == "0"
    aws("tag-queue", "--queue-url", url, "--tags", "team=owls")
    assert aws("list-queue-tags", "--queue-url", url)["Tags"] == {"team": "owls"}
    assert url in aws("list-queues", "--queue-name-prefix", name)["QueueUrls"]
    aws("delete-queue", "--queue-url", url)


def test_another_account_may_what_the_policy_says(cairn, sqs, queue):
    stranger = cairn.client("sqs", profile_of(cairn, THERE))
    assert code_of(stranger.send_message, QueueUrl=queue, MessageBody="x") == "AccessDenied"
    sqs.add_permission(QueueUrl=queue, Label="in", AWSAccountIds=[THERE], Actions=["SendMessage"])
    stranger.send_message(QueueUrl=queue, MessageBody="from afar")
    assert code_of(stranger.receive_message, QueueUrl=queue) == "AccessDenied"
    assert bodies(received(sqs, queue)) == ["from afar"]


def test_the_trail_has_queues_and_the_disk_no_message(cairn, sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody=SECRET, MessageAttributes={"a": {"DataType": "String", "StringValue": SECRET}})
    assert bodies(received(sqs, queue)) == [SECRET]
    name = queue.rpartition("/")[2]

    def find():
        events = cairn.lookup_all(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": name}])
        return [json.loads(event["CloudTrailEvent"]) for event in events if event["EventName"] == "CreateQueue"]
    record = eventually(find)[0]
    assert record["requestParameters"] == {"queueName": name} and record["responseElements"] == {"queueUrl": queue}
    assert record["resources"] == [{"accountId": HERE, "type": "AWS::SQS::Queue", "ARN": f"arn:aws:sqs:{REGION}:{HERE}:{name}"}]
    for file in cairn.data.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


def test_messages_outlive_kill_9(binary, tmp_path):
    with Cairn(binary, tmp_path, CONFIG) as cairn:
        sqs = cairn.client("sqs")
        url = sqs.create_queue(QueueName="kept", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
        sent, stop = [], threading.Event()

        def keep_sending(number):
            client = cairn.client("sqs")
            count = 0
            while not stop.is_set():
                body = f"{number}-{count}"
                try:
                    client.send_message(QueueUrl=url, MessageBody=body)
                except Exception:  # noqa: BLE001: killed in the middle
                    return
                sent.append(body)
                count += 1

        threads = [threading.Thread(target=keep_sending, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        eventually(lambda: len(sent) > 40)
        held = received(sqs, url)
        deleted = received(sqs, url)
        for message in deleted:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        cairn.kill()
        for thread in threads:
            thread.join()
        cairn.start()
        sqs = cairn.client("sqs")
        got = []
        while page := received(sqs, url):
            got += page
        hidden = bodies(held) + bodies(deleted)
        assert not set(hidden) & set(bodies(got)), "what is in flight or deleted does not come"
        assert set(sent) <= set(bodies(got)) | set(hidden), "what was answered for is there"
        sqs.delete_message(QueueUrl=url, ReceiptHandle=held[0]["ReceiptHandle"])
        for message in held[1:]:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        assert bodies(received(sqs, url, AttributeNames=["ApproximateReceiveCount"])) == bodies(held[1:])


def test_a_stop_does_not_wait_for_who_waits(binary, tmp_path):
    with Cairn(binary, tmp_path, CONFIG) as cairn:
        sqs = cairn.client("sqs", read_timeout=60)
        url = sqs.create_queue(QueueName="quiet")["QueueUrl"]
        answers = []
        waiter = threading.Thread(target=lambda: answers.append(received(sqs, url, WaitTimeSeconds=20)))
        waiter.start()
        time.sleep(1)  # it is on its way by then, and if not, it is refused: never cut off
        assert cairn.stop() == 0
        waiter.join()
        assert answers in ([], [[]])
