"""SNS's mail and commands: confirmed by a link, sent by SMTP, ended by a link; programs of the operator's; refusals of each kind; a trail's notices."""

import email
import email.policy
import json
import re
import socketserver
import sys
import threading
import urllib.request

import pytest
from cairn import REGION, Cairn, code_of, eventually

HERE = "111122223333"
KEEP = "import os, sys\nkept, text = sys.argv[1], sys.stdin.read()\nopen(kept, 'a').write(text + '\\n')\nprint(sorted(os.environ))\n"


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps what it is sent; answers a receiver by its name: "451-…" is refused once for a while, "550-…" for good."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        self.kept: list[tuple[str, str, email.message.EmailMessage]] = []
        self.heard: list[str] = []
        self.refused: list[str] = []
        super().__init__(("127.0.0.1", 0), _Session)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def of(self, to: str) -> list[email.message.EmailMessage]:
        return [mail for _, receiver, mail in self.kept if receiver == to]

    def answer_to(self, receiver: str) -> str:
        said = receiver[:3]
        if said == "550" or (said == "451" and receiver not in self.refused and self.of(receiver)):
            self.refused.append(receiver)
            if said == "550" and not self.of(receiver):
                return "250 yes"  # its confirmation
            return f"{said} no"
        return "250 yes"


class _Session(socketserver.StreamRequestHandler):
    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self) -> None:
        self.say("220 here")
        sender = receiver = ""
        while line := self.rfile.readline():
            text = line.decode().strip()
            self.server.heard.append(text)
            verb = text[:4].upper()
            if verb == "EHLO":
                self.say("250-here\r\n250-SIZE 10000000\r\n250 AUTH PLAIN")
            elif verb == "AUTH":
                self.say("334 ")
                self.server.heard.append(self.rfile.readline().decode().strip())
                self.say("235 welcome")
            elif verb == "MAIL":
                sender = text
                self.say("250 yes")
            elif verb == "RCPT":
                receiver = re.search("<(.*)>", text)[1]
                self.say(self.server.answer_to(receiver))
            elif verb == "DATA":
                self.say("354 go on")
                body = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    body += line[1:] if line.startswith(b".") else line
                self.server.kept.append((sender, receiver, email.message_from_bytes(body, policy=email.policy.default)))
                self.say("250 taken")
            else:
                self.say("221 bye" if verb == "QUIT" else "250 yes")


@pytest.fixture(scope="module")
def server():
    with MailServer() as one:
        yield one
        one.shutdown()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sns-mail")


@pytest.fixture(scope="module")
def cairn(binary, folder, server):
    (folder / "keep.py").write_text(KEEP)
    (folder / "password").write_text("owl-feather\n")
    config = f"""sns:
  smtp: {{url: "smtp://127.0.0.1:{server.server_address[1]}", from: nest@cairn.example, user: ann, password_file: "{folder}/password"}}
  commands:
    keep: [{sys.executable}, "{folder}/keep.py", "{folder}/kept"]
    fails: [/bin/sh, -c, "exit 3"]
delivery: {{interval: 1s}}
accounts: [{{id: "{HERE}", name: here, users: [{{name: admin, administrator: true}}]}}]
"""
    with Cairn(binary, folder, config) as running:
        yield running


@pytest.fixture(scope="module")
def sns(cairn):
    return cairn.client("sns")


@pytest.fixture(scope="module")
def topic(sns):
    return sns.create_topic(Name="nests", Attributes={"DisplayName": "Nests"})["TopicArn"]


def text_of(mail: email.message.EmailMessage) -> str:
    return mail.get_content().replace("\r\n", "\n")


def message_of(mail: email.message.EmailMessage) -> str:
    return text_of(mail).split("\n\n--\n")[0]


def links(text: str) -> list[str]:
    return re.findall(r"http://\S+", text)


def visit(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


def confirmed(sns, server, topic: str, address: str, **attributes: str) -> str:
    arn = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address, ReturnSubscriptionArn=True, Attributes=attributes)["SubscriptionArn"]
    text = eventually(lambda: server.of(address))[0].get_content()
    assert f"<SubscriptionArn>{arn}</SubscriptionArn>" in visit(links(text)[0])
    return arn


def kept(folder) -> list[dict]:
    path = folder / "kept"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_mail_from_confirmation_to_unsubscription(sns, server, topic):
    address = "ann+nest@owl.example"
    assert sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)["SubscriptionArn"] == "pending confirmation"
    mail = eventually(lambda: server.of(address))[0]
    assert (mail["Subject"], mail["From"], mail["To"]) == \
        ("AWS Notification - Subscription Confirmation", "Nests <nest@cairn.example>", address)
    assert topic in mail.get_content()
    sns.publish(TopicArn=topic, Message="too early")
    arn = re.search("<SubscriptionArn>(.*)</SubscriptionArn>", visit(links(mail.get_content())[0]))[1]
    sns.publish(TopicArn=topic, Message=".\n..dots\nend.", Subject="An egg")
    sns.publish(TopicArn=topic, Message="drei Eier, größer ☃", Subject="Grüße aus dem Nest, ein sehr langer Betreff mit Umlauten äöü")
    sns.publish(TopicArn=topic, Message=json.dumps({"default": "all", "email": "for people"}), MessageStructure="json")
    mails = {message_of(one): one for one in eventually(lambda: server.of(address) if len(server.of(address)) == 4 else [])}
    assert mails[".\n..dots\nend."]["Subject"] == "An egg"
    assert mails["drei Eier, größer ☃"]["Subject"] == "Grüße aus dem Nest, ein sehr langer Betreff mit Umlauten äöü"
    assert mails["for people"]["Subject"] == "AWS Notification Message"
    assert not [one for one in server.of(address) if "too early" in one.get_content()]
    end = links(mails["for people"].get_content())[0]
    assert mails["for people"]["List-Unsubscribe"] == f"<{end}>"
    wrong = end[:-1] + ("0" if end[-1] != "0" else "1")
    for url in (wrong, end.split("&Token=")[0]):
        with pytest.raises(urllib.error.HTTPError):
            visit(url)
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["Protocol"] == "email"
    assert "UnsubscribeResponse" in visit(end)
    assert code_of(sns.get_subscription_attributes, SubscriptionArn=arn) == "NotFound"
    with pytest.raises(urllib.error.HTTPError):
        visit(end)
    assert "AUTH PLAIN" in server.heard


def test_mail_for_programs(sns, server, topic):
    address = "robot@owl.example"
    sns.subscribe(TopicArn=topic, Protocol="email-json", Endpoint=address)
    asked = json.loads(eventually(lambda: server.of(address))[0].get_content())
    assert asked["Type"] == "SubscriptionConfirmation"
    visit(asked["SubscribeURL"])
    sns.publish(TopicArn=topic, Message="x" * 100_000, Subject="long",
                MessageAttributes={"kind": {"DataType": "String", "StringValue": "owl"}})
    mail = eventually(lambda: server.of(address)[1:])[0]
    envelope = json.loads(mail.get_content())
    assert mail["Subject"] == envelope["Subject"] == "long" and envelope["Message"] == "x" * 100_000
    assert envelope["MessageAttributes"] == {"kind": {"Type": "String", "Value": "owl"}}
    visit(envelope["UnsubscribeURL"])


def test_who_signs_the_confirmation_keeps_the_end_to_himself(sns, server, topic):
    address = "signed@owl.example"
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)
    token = re.search("Token=([0-9a-f]+)", eventually(lambda: server.of(address))[0].get_content())[1]
    arn = sns.confirm_subscription(TopicArn=topic, Token=token, AuthenticateOnUnsubscribe="true")["SubscriptionArn"]
    sns.publish(TopicArn=topic, Message="for you")
    text = eventually(lambda: server.of(address)[1:])[0].get_content()
    assert "Token=" not in text
    with pytest.raises(urllib.error.HTTPError):
        visit(links(text)[0] + f"&Version=2010-03-31&Token={token}")
    sns.unsubscribe(SubscriptionArn=arn)


def test_refusals_for_a_while_and_for_good(cairn, sns, server, topic):
    sqs = cairn.client("sqs")
    url = sqs.create_queue(QueueName="dead")["QueueUrl"]
    queue = f"arn:aws:sqs:{REGION}:{HERE}:dead"
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                                                     "Action": "sqs:SendMessage", "Resource": queue}}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    redrive = json.dumps({"deadLetterTargetArn": queue})
    later = confirmed(sns, server, topic, "451@owl.example", RedrivePolicy=redrive)
    never = confirmed(sns, server, topic, "550@owl.example", RedrivePolicy=redrive)
    sns.publish(TopicArn=topic, Message="an owl")
    dead = eventually(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"))[0]
    assert json.loads(dead["Body"])["Message"] == "an owl"
    assert "an owl" in eventually(lambda: server.of("451@owl.example")[1:])[0].get_content()
    assert server.refused.count("451@owl.example") == 1 and len(server.of("550@owl.example")) == 1
    for arn in (later, never):
        sns.unsubscribe(SubscriptionArn=arn)


def test_a_command_gets_each_message(cairn, sns, folder):
    topic = sns.create_topic(Name="programs")["TopicArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="command", Endpoint="keep")["SubscriptionArn"]
    assert arn.startswith(topic)  # nobody confirms it
    sent = sns.publish(TopicArn=topic, Message="one\nmessage", Subject="An egg")["MessageId"]
    envelope = eventually(lambda: kept(folder))[0]
    assert (envelope["MessageId"], envelope["Message"], envelope["Type"]) == (sent, "one\nmessage", "Notification")
    printed = eventually(lambda: [line for line in cairn.log.read_text().splitlines() if "command=keep" in line])[0]
    assert "CAIRN_" not in printed and "HOME" not in printed  # what it knows of our environment
    sns.unsubscribe(SubscriptionArn=arn)


def test_what_is_refused(sns, topic):
    for protocol, endpoint, code in [("email", "ann", "InvalidParameter"), ("email", "a@b\r\nBcc: c@d", "InvalidParameter"),
                                     ("email-json", "ann@owl@example", "InvalidParameter"), ("command", "absent", "InvalidParameter"),
                                     ("command", "/bin/sh", "InvalidParameter"), ("sms", "+1234", "UnsupportedOperation")]:
        assert code_of(sns.subscribe, TopicArn=topic, Protocol=protocol, Endpoint=endpoint) == code, (protocol, endpoint)
    assert code_of(sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="a@b.example",
                   Attributes={"RawMessageDelivery": "true"}) == "InvalidParameter"


def test_a_trails_notice_comes_by_mail_and_to_a_command(cairn, sns, server, folder):
    topic = sns.create_topic(Name="files")["TopicArn"]
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
                                                     "Action": "SNS:Publish", "Resource": topic}}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))
    confirmed(sns, server, topic, "auditor@owl.example")
    sns.subscribe(TopicArn=topic, Protocol="command", Endpoint="keep")
    s3, trails = cairn.client("s3"), cairn.client("cloudtrail")
    s3.create_bucket(Bucket="files")
    here = "arn:aws:s3:::files"
    principal = {"Service": "cloudtrail.amazonaws.com"}
    s3.put_bucket_policy(Bucket="files", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": "s3:GetBucketAcl", "Resource": here},
        {"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject", "Resource": f"{here}/*"}]}))
    trails.create_trail(Name="told", S3BucketName="files", SnsTopicName="files")
    trails.start_logging(Name="told")
    mail = eventually(lambda: [one for one in server.of("auditor@owl.example") if "s3Bucket" in text_of(one)])[0]
    notice = json.loads(message_of(mail))
    assert notice["s3Bucket"] == "files" and "/CloudTrail/" in notice["s3ObjectKey"][0]
    assert eventually(lambda: [one for one in kept(folder) if '"s3Bucket":"files"' in one["Message"]])
    trails.delete_trail(Name="told")


def test_without_a_mail_server_there_is_no_mail(binary, tmp_path):
    with Cairn(binary, tmp_path) as cairn:
        sns = cairn.client("sns")
        topic = sns.create_topic(Name="nests")["TopicArn"]
        assert code_of(sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="a@b.example") == "UnsupportedOperation"
        assert code_of(sns.subscribe, TopicArn=topic, Protocol="command", Endpoint="keep") == "InvalidParameter"
