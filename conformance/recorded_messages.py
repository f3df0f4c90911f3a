"""The calls of recorded_calls.py that are SNS's and SQS's."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue

TAGS = [{"Key": "team", "Value": "audit"}]
OTHER = "444455556666"


def topics(sns) -> None:
    sns.list_topics()
    plain = sns.create_topic(Name="plain")["TopicArn"]
    rich = sns.create_topic(Name="rich", Attributes={"DisplayName": "Rich", "SignatureVersion": "2"}, Tags=TAGS)["TopicArn"]
    sns.refused("get_topic_attributes", TopicArn=f"{plain}-none")
    queue = plain.replace(":sns:", ":sqs:").replace(":plain", ":queue")
    sns.list_subscriptions()
    for topic in (plain, rich):
        subscribed(sns, topic, queue)
    sns.list_topics()
    confirmed(sns)
    many(sns)
    sns.delete_topic(TopicArn=plain)


def confirmed(sns) -> None:
    """By one who hears of it."""
    tokens: SimpleQueue[str] = SimpleQueue()

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            tokens.put(told["Token"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        topic = sns.create_topic(Name="heard")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{server.server_port}")
        sns.confirm_subscription(TopicArn=topic, Token=tokens.get(timeout=60))
        server.shutdown()


def many(sns) -> None:
    """More than a page of them."""
    topic = sns.create_topic(Name="many")["TopicArn"]
    for number in range(101):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"{topic.replace(':sns:', ':sqs:')}-{number}")
    sns.list_subscriptions()


def subscribed(sns, topic: str, queue: str) -> None:
    sns.get_topic_attributes(TopicArn=topic)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="Other")
    sns.list_tags_for_resource(ResourceArn=topic)
    sns.tag_resource(ResourceArn=topic, Tags=TAGS)
    sns.list_tags_for_resource(ResourceArn=topic)
    sns.untag_resource(ResourceArn=topic, TagKeys=["team"])
    sns.list_tags_for_resource(ResourceArn=topic)
    sns.add_permission(TopicArn=topic, Label="label", AWSAccountId=[OTHER], ActionName=["Publish"])
    sns.remove_permission(TopicArn=topic, Label="label")
    sns.list_subscriptions_by_topic(TopicArn=topic)
    one = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, ReturnSubscriptionArn=True,
                        Attributes={"FilterPolicy": '{"kind": ["owl"]}'})["SubscriptionArn"]
    other = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue + "2")["SubscriptionArn"]
    for subscription in (one, other):
        sns.get_subscription_attributes(SubscriptionArn=subscription)
    sns.list_subscriptions_by_topic(TopicArn=topic)
    sns.list_subscriptions()
    sns.publish(TopicArn=topic, Message="m")
    entries = [{"Id": "1", "Message": "m"}, {"Id": "2", "Message": ""}]
    sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries[:1])
    sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    sns.unsubscribe(SubscriptionArn=one)


def queues(sqs) -> None:
    sqs.list_queues()
    dead = sqs.create_queue(QueueName="dead", Attributes={"RedriveAllowPolicy": '{"redrivePermission": "allowAll"}'})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    queue = sqs.create_queue(QueueName="queue", Attributes={"VisibilityTimeout": "30", "RedrivePolicy": redrive}, tags={"team": "audit"})["QueueUrl"]
    sqs.refused("purge_queue", QueueUrl=queue + "-none")
    sqs.list_queues()
    sqs.list_queues(MaxResults=1)
    sqs.list_queues(QueueNamePrefix="nobody")
    sqs.add_permission(QueueUrl=queue, Label="label", AWSAccountIds=[OTHER], Actions=["SendMessage"])
    for names in (["All"], ["Policy"], ["RedrivePolicy", "VisibilityTimeout"], ["QueueArn"], ["ApproximateNumberOfMessages"]):
        for one in (dead, queue):
            sqs.get_queue_attributes(QueueUrl=one, AttributeNames=names)
    sqs.get_queue_attributes(QueueUrl=queue)
    sqs.remove_permission(QueueUrl=queue, Label="label")
    for one in (dead, queue):
        sqs.list_queue_tags(QueueUrl=one)
    sqs.tag_queue(QueueUrl=dead, Tags={"a": "b"})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "0"})
    messages(sqs, queue)
    for one in (queue, dead):
        sqs.delete_queue(QueueUrl=one)


def messages(sqs, queue: str) -> None:
    attribute = {"a": {"DataType": "String", "StringValue": "b"}}
    system = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
    sqs.receive_message(QueueUrl=queue)
    sqs.send_message(QueueUrl=queue, MessageBody="plain")
    sqs.send_message(QueueUrl=queue, MessageBody="rich", MessageAttributes=attribute)
    sqs.send_message(QueueUrl=queue, MessageBody="binary", MessageAttributes={"a": {"DataType": "Binary", "BinaryValue": b"b"}})
    sqs.send_message(QueueUrl=queue, MessageBody="traced", MessageSystemAttributes=system)
    entries = [{"Id": "1", "MessageBody": "m"}, {"Id": "2", "MessageBody": "m", "MessageAttributes": attribute}]
    sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    sqs.send_message_batch(QueueUrl=queue, Entries=[*entries, {"Id": "3", "MessageBody": ""}])
    got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    for names in (["All"], ["SenderId"], ["SentTimestamp"]):
        sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, AttributeNames=names, MessageAttributeNames=["All"])
    for message in got:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
