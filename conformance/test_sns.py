"""SNS as boto3 and the AWS CLI see it: topics, endpoints that confirm, queues, signatures, who may, and what the trail says."""

import base64
import json
import subprocess
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cairn import REGION, ROOT, Cairn, code_of, eventually
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

HERE, THERE = "111122223333", "444455556666"
CONFIG = f"""sns: {{http_hosts: ["127.0.0.1"]}}
accounts:
  - {{id: "{HERE}", name: here, users: [{{name: admin, administrator: true}}, {{name: ann}}]}}
  - {{id: "{THERE}", name: there, users: [{{name: admin, administrator: true}}]}}
"""
SECRET = "kestrel-nest-4711-message"
SIGNED = {"Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
          "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]}


class Receiver:
    """An endpoint of HTTP that keeps what it is sent."""

    def __init__(self, port: int = 0) -> None:
        self.kept: list[tuple[dict, str]] = []
        self.status = 200
        self.free = threading.Event()  # while it is set, answers come at once
        self.free.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.kept.append(({name.lower(): value for name, value in self.headers.items()}, body))
                outer.free.wait(60)
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def of(self, path_free_text: str) -> list[tuple[dict, str]]:
        return [one for one in self.kept if path_free_text in one[1]]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory):
    with Cairn(binary, tmp_path_factory.mktemp("sns"), CONFIG) as running:
        yield running


@pytest.fixture(scope="module")
def sns(cairn):
    return cairn.client("sns")


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.close()


@pytest.fixture
def topic(sns, request):
    name = request.node.name.replace("[", "-").replace("]", "")
    yield sns.create_topic(Name=name)["TopicArn"]
    sns.delete_topic(TopicArn=f"arn:aws:sns:{REGION}:{HERE}:{name}")


def verify(envelope: dict) -> None:
    """As every SDK's validator does it."""
    names = [name for name in SIGNED[envelope["Type"]] if name in envelope]
    text = "".join(f"{name}\n{envelope[name]}\n" for name in names).encode()
    with urllib.request.urlopen(envelope["SigningCertURL"], timeout=10) as answer:
        key = x509.load_pem_x509_certificate(answer.read()).public_key()
    kind = hashes.SHA1() if envelope["SignatureVersion"] == "1" else hashes.SHA256()
    key.verify(base64.b64decode(envelope["Signature"]), text, PKCS1v15(), kind)
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(envelope["Signature"]), text + b"x", PKCS1v15(), kind)


def confirmed(sns, topic, receiver, **attributes) -> str:
    """A subscription of the receiver, confirmed by the link that it was sent."""
    arn = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=receiver.url + "/in", ReturnSubscriptionArn=True,
                        Attributes=attributes)["SubscriptionArn"]
    headers, body = eventually(lambda: receiver.of("SubscribeURL"))[0]
    envelope = json.loads(body)
    assert headers["x-amz-sns-message-type"] == "SubscriptionConfirmation" and headers["x-amz-sns-topic-arn"] == topic
    verify(envelope)
    with urllib.request.urlopen(envelope["SubscribeURL"], timeout=10) as answer:
        assert f"<SubscriptionArn>{arn}</SubscriptionArn>" in answer.read().decode()
    receiver.kept.clear()
    return arn


@pytest.mark.parametrize("version", ["1", "2"])
def test_an_endpoint_confirms_and_gets_signed_messages(sns, topic, receiver, version):
    sns.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue=version)
    arn = confirmed(sns, topic, receiver)
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "false"
    sent = sns.publish(TopicArn=topic, Message="laid\n\"today\" é", Subject="An egg",
                       MessageAttributes={"kind": {"DataType": "String", "StringValue": "owl"}})
    headers, body = eventually(lambda: receiver.of("An egg"))[0]
    envelope = json.loads(body)
    assert (envelope["MessageId"], envelope["SignatureVersion"]) == (sent["MessageId"], version)
    assert headers["x-amz-sns-subscription-arn"] == arn and headers["content-type"] == "text/plain; charset=UTF-8"
    assert envelope["MessageAttributes"] == {"kind": {"Type": "String", "Value": "owl"}}
    verify(envelope)


def test_an_endpoint_with_a_password(cairn, sns, topic, receiver):
    password = "k3strel-s3cret"
    url = receiver.url.replace("://", f"://ann:{password}@") + "/in"
    arn = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url, ReturnSubscriptionArn=True)["SubscriptionArn"]
    headers, body = eventually(lambda: receiver.of("SubscribeURL"))[0]
    expected = "Basic " + base64.b64encode(f"ann:{password}".encode()).decode()
    assert headers["authorization"] == expected and headers["host"] == receiver.url.removeprefix("http://")
    sns.confirm_subscription(TopicArn=topic, Token=json.loads(body)["Token"])
    sns.publish(TopicArn=topic, Message="for ann")
    assert eventually(lambda: receiver.of("for ann"))[0][0]["authorization"] == expected
    shown = url.replace(password, "****")
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["Endpoint"] == shown
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["Endpoint"] == shown
    assert code_of(sns.subscribe, TopicArn=topic, Protocol="https", Endpoint=url) == "InvalidParameter"
    records = [entry["record"] for entry in cairn.journal() if entry["kind"] == "record" and entry["record"]["eventName"] == "Subscribe"]
    assert [r["requestParameters"]["endpoint"] for r in records if r["requestParameters"]["topicArn"] == topic] == [shown] * 2
    for file in [cairn.log, *(path for path in cairn.data.rglob("*") if path.is_file())]:
        assert password.encode() not in file.read_bytes(), file


def test_one_account_leaves_others_room(binary, tmp_path, receiver):
    with Cairn(binary, tmp_path, CONFIG) as cairn:
        ours, theirs = cairn.client("sns"), cairn.client("sns", THERE)
        topic, other = (client.create_topic(Name="room")["TopicArn"] for client in (ours, theirs))
        theirs.subscribe(TopicArn=other, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{THERE}:none")
        for name in range(100):
            ours.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"{receiver.url}/{name}")
        for _, body in eventually(lambda: len(receiver.kept) == 100 and receiver.of("SubscribeURL")):
            ours.confirm_subscription(TopicArn=topic, Token=json.loads(body)["Token"])
        receiver.free.clear()  # answers nobody
        batch = [{"Id": str(number), "Message": "x"} for number in range(10)]
        codes = [code_of(ours.publish_batch, TopicArn=topic, PublishBatchRequestEntries=batch) for _ in range(41)]
        assert codes == [""] * 40 + ["Throttled"]
        theirs.publish(TopicArn=other, Message="x")
        cairn.kill()
        receiver.free.set()


def test_filters_raw_messages_and_batches(sns, topic, receiver):
    arn = confirmed(sns, topic, receiver, RawMessageDelivery="true", FilterPolicy='{"kind": ["owl"]}')
    kinds = {kind: {"kind": {"DataType": "String", "StringValue": kind}} for kind in ("owl", "lark")}
    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[
        {"Id": "1", "Message": "for nobody", "MessageAttributes": kinds["lark"]},
        {"Id": "2", "Message": "for you", "MessageAttributes": kinds["owl"]}, {"Id": "3", "Message": "x", "Subject": ""}])
    assert [one["Id"] for one in answer["Successful"]] == ["1", "2"] and answer["Failed"][0]["Code"] == "InvalidParameter"
    headers, body = eventually(lambda: receiver.of("for you"))[0]
    assert body == "for you" and headers["x-amz-sns-rawdelivery"] == "true"
    sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicyScope", AttributeValue="MessageBody")
    sns.publish(TopicArn=topic, Message='{"kind": "lark"}')
    sns.publish(TopicArn=topic, Message='{"kind": "owl"}')
    eventually(lambda: receiver.of('"owl"'))
    assert not receiver.of("lark") and not receiver.of("for nobody")


def test_what_needs_no_signature_is_a_token_alone(cairn, sns, topic, receiver):
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=receiver.url)
    url = json.loads(eventually(lambda: receiver.of("SubscribeURL"))[0][1])["SubscribeURL"]
    receiver.kept.clear()
    arn = confirmed(sns, topic, receiver)
    wrong = url[:-1] + ("0" if url[-1] != "0" else "1")
    unsubscribe = f"/?Action=Unsubscribe&Version=2010-03-31&SubscriptionArn={arn}"
    publish = f"/?Action=Publish&Version=2010-03-31&TopicArn={topic}&Message=x"
    for path in (wrong[len(cairn.endpoint):], unsubscribe, publish, "/?Action=ListTopics&Version=2010-03-31"):
        status, _ = cairn.get(path)
        assert status in (400, 403), path
    with pytest.raises(urllib.error.HTTPError):  # it is a GET
        urllib.request.urlopen(urllib.request.Request(url, data=b"", method="POST"), timeout=10)
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["SubscriptionArn"] == arn
    status, body = cairn.get("/SimpleNotificationService-" + "0" * 32 + ".pem")
    assert status in (403, 404) and b"CERTIFICATE" not in body


def test_policies_decide(cairn, sns, topic):
    theirs, ann = cairn.client("sns", THERE), cairn.client("sns", f"{HERE}.ann")
    assert code_of(theirs.publish, TopicArn=topic, Message="x") == "AuthorizationError"
    assert code_of(theirs.publish, TopicArn=topic + "-none", Message="x") == "AuthorizationError"
    assert code_of(theirs.delete_topic, TopicArn=topic) == "AuthorizationError"
    assert code_of(ann.list_topics) == "AuthorizationError"
    sns.add_permission(TopicArn=topic, Label="them", AWSAccountId=[THERE], ActionName=["Publish", "Subscribe"])
    theirs.publish(TopicArn=topic, Message="x")
    queue = f"arn:aws:sqs:{REGION}:{THERE}:q"
    arn = theirs.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
    assert [one["SubscriptionArn"] for one in theirs.list_subscriptions()["Subscriptions"]] == [arn]
    assert not sns.list_subscriptions()["Subscriptions"]
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["Owner"] == THERE
    theirs.unsubscribe(SubscriptionArn=arn)
    sns.remove_permission(TopicArn=topic, Label="them")
    assert code_of(theirs.publish, TopicArn=topic, Message="x") == "AuthorizationError"


def test_the_trail_has_every_call_and_no_message(cairn, sns, topic, receiver):
    confirmed(sns, topic, receiver)
    sns.publish(TopicArn=topic, Message=SECRET, Subject=SECRET[:20])
    assert code_of(sns.publish, TopicArn=topic, Message=SECRET * 20_000) == "InvalidParameter"
    eventually(lambda: receiver.of(SECRET))
    records = eventually(lambda: [json.loads(event["CloudTrailEvent"]) for event in cairn.lookup_all()
                                  if event["EventName"] == "ConfirmSubscription" and topic in event["CloudTrailEvent"]])
    record = records[0]
    assert record["eventSource"] == "sns.amazonaws.com" and record["userIdentity"]["accountId"] == "ANONYMOUS_PRINCIPAL"
    assert record["requestParameters"]["token"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert record["resources"] == [{"accountId": HERE, "type": "AWS::SNS::Topic", "ARN": topic}]
    assert not [event for event in cairn.lookup_all() if event["EventName"] == "Publish"]  # data events
    for file in (cairn.data / "journal").iterdir():
        assert SECRET.encode() not in file.read_bytes(), file
    assert SECRET not in cairn.log.read_text()


def test_messages_outlive_kill_9(binary, tmp_path, receiver):
    with Cairn(binary, tmp_path, CONFIG) as cairn:
        sns = cairn.client("sns")
        topic = sns.create_topic(Name="kept")["TopicArn"]
        confirmed(sns, topic, receiver)
        sns.publish(TopicArn=topic, Message="first")
        certificate = json.loads(eventually(lambda: receiver.of("first"))[0][1])["SigningCertURL"]
        port = receiver.server.server_port
        receiver.close()
        sns.publish(TopicArn=topic, Message="second")
        cairn.kill()
        again = Receiver(port)
        try:
            cairn.start()
            envelope = json.loads(eventually(lambda: again.of("second"), patience=120)[0][1])
        finally:
            again.close()
        assert envelope["SigningCertURL"] == certificate
        verify(envelope)


def test_the_cli(cairn, topic):
    def aws(*arguments: str) -> dict:
        command = [str(ROOT / ".deps/venv/bin/aws"), "--endpoint-url", cairn.endpoint, "sns", *arguments, "--output", "json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=cairn.aws_environment())
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "{}")

    assert topic in [one["TopicArn"] for one in aws("list-topics")["Topics"]]
    assert aws("get-topic-attributes", "--topic-arn", topic)["Attributes"]["Owner"] == HERE
    assert aws("publish", "--topic-arn", topic, "--message", "hello")["MessageId"]
