"""kill -9 at random moments under load: nothing acknowledged is lost, nothing is doubled, no effect is without its record; each log file
is in one digest of an unbroken chain, and the trail's topic was told of each.

CAIRN_SEED repeats a run; ./dev soak does 50 kills.
"""

import collections
import datetime
import json
import os
import random
import threading
import time

import pytest
from audit import Audit, Digests
from cairn import REGION, Cairn, eventually
from records import record


USERS_MAX = 4_000  # an account has 5,000 at most


class Load:
    """Clients that call as fast as they can and remember what was acknowledged."""

    def __init__(self, cairn: Cairn):
        self.cairn = cairn
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.request_ids: list[str] = []     # of acknowledged management calls
        self.event_ids: list[str] = []       # of acknowledged records handed in
        self.users: set[str] = set()
        self.objects: set[str] = set()
        self.serial = 0
        works = (self._users, self._users, self._objects, self._records, self._reads)
        self.threads = [threading.Thread(target=self._run, args=(work,)) for work in works]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def get_through(self) -> None:
        """Waits until enough was acknowledged to say something."""
        assert eventually(lambda: len(self.request_ids) > 20 and len(self.event_ids) > 20 and self.objects), "the load did not get through"

    def _next(self) -> int:
        with self.lock:
            self.serial += 1
            return self.serial

    def _run(self, work):
        clients = {name: self.cairn.client(name, connect_timeout=1, read_timeout=5) for name in ("iam", "s3", "sts")}
        while not self.stop.is_set():
            try:
                work(clients)
            except Exception:  # The server was killed, or is not up yet: what was not acknowledged is not counted.
                time.sleep(0.02)

    def _users(self, clients):
        if len(self.users) >= USERS_MAX:
            time.sleep(0.05)
            return
        name = f"user-{self._next()}"
        answer = clients["iam"].create_user(UserName=name)
        with self.lock:
            self.request_ids.append(answer["ResponseMetadata"]["RequestId"])
            self.users.add(name)

    def _objects(self, clients):
        key = f"object-{self._next()}"
        clients["s3"].put_object(Bucket="things", Key=key, Body=b"x" * 1000)
        with self.lock:
            self.objects.add(key)

    def _records(self, clients):
        batch = [record() for _ in range(20)]
        status, _ = self.cairn.put_records(batch)
        if status == 200:
            with self.lock:
                self.event_ids += [r["eventID"] for r in batch]

    def _reads(self, clients):
        answer = clients["sts"].get_caller_identity()
        with self.lock:
            self.request_ids.append(answer["ResponseMetadata"]["RequestId"])


def count_in_history(cairn):
    by_id, by_request = collections.Counter(), collections.Counter()
    for event in cairn.lookup_all():
        inner = json.loads(event["CloudTrailEvent"])
        by_id[inner["eventID"]] += 1
        by_request[inner.get("requestID")] += 1
    return by_id, by_request


def whole_history(cairn, event_ids, request_ids):
    """The same, once all of these are in it: records that came through the outbox follow their calls' answers."""
    def whole():
        counts = count_in_history(cairn)
        return counts if all(counts[0][i] for i in event_ids) and all(counts[1][i] for i in request_ids) else None

    return eventually(whole, pause=0.5) or count_in_history(cairn)


def check_once(what, acknowledged, counts):
    missing = [i for i in acknowledged if counts[i] == 0]
    doubled = [i for i, n in counts.items() if n > 1 and i is not None]
    assert not missing, f"{len(missing)} acknowledged events are not in {what}, the first {missing[0]}"
    assert not doubled, f"{len(doubled)} events are in {what} more than once, the first {doubled[0]}"


def kills(binary, tmp_path, count):
    seed = int(os.environ.get("CAIRN_SEED", random.randrange(1 << 32)))
    print(f"seed {seed} (repeat with CAIRN_SEED={seed})")
    dice = random.Random(seed)
    begun = datetime.datetime.now(datetime.UTC)
    with Cairn(binary, tmp_path, "delivery: {interval: 1s, digest_interval: 2s}\n") as cairn:
        queue = make_listener(cairn)
        trail = cairn.make_trail(IsMultiRegionTrail=True, EnableLogFileValidation=True, SnsTopicName="files")["TrailARN"]
        cairn.client("s3").create_bucket(Bucket="things")
        with Load(cairn) as load:
            for _ in range(count):
                time.sleep(dice.uniform(0.1, 1.5))
                cairn.kill()
                cairn.start()
            load.get_through()
        check_everything(cairn, load)
        cairn.client("cloudtrail").stop_logging(Name="trail")
        check_digests(cairn, trail, begun)
        check_notices(cairn, queue)


def make_listener(cairn) -> str:
    """The URL of a queue that hears what a topic is told: "files", which CloudTrail may tell of its log files."""
    topic, queue = (f"arn:aws:{service}:{REGION}:111122223333:files" for service in ("sns", "sqs"))

    def allowed(service, action, resource, condition):
        return json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource, "Condition": condition}]})

    sns, sqs = cairn.client("sns"), cairn.client("sqs")
    by_account = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    sns.create_topic(Name="files", Attributes={"Policy": allowed("cloudtrail.amazonaws.com", "sns:Publish", topic, by_account)})
    by_topic = {"ArnEquals": {"aws:SourceArn": topic}}
    url = sqs.create_queue(QueueName="files", Attributes={"Policy": allowed("sns.amazonaws.com", "sqs:SendMessage", queue, by_topic)})["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    return url


def check_notices(cairn, queue):
    """The topic was told of each log file, and of nothing else."""
    sqs, told = cairn.client("sqs"), set()

    def hear():
        heard = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        for message in heard:
            if message["Body"] != "CloudTrail validation message.":
                told.update(json.loads(message["Body"])["s3ObjectKey"])
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return not heard and told == set(cairn.log_files())

    assert eventually(hear, pause=0), f"{len(told)} files were told of, {len(cairn.log_files())} are there"


def check_digests(cairn, trail, begun):
    """Each log file is in one digest, and the AWS CLI believes every chain."""
    digests = Digests(cairn.client("s3"), "logs")
    assert eventually(lambda: sorted(digests.all_listed()) == sorted(cairn.log_files()), pause=0.5), "each file is in one digest"
    for account, region in digests.keys():
        audit = Audit(cairn, trail, begun, region)
        assert account == "111122223333" and audit.is_green(), audit.said
        assert len(audit.digests) == len(digests.of(account, region)), "the chain goes through all of them"


def check_everything(cairn, load):
    assert len(load.request_ids) > 20 and len(load.event_ids) > 20 and load.objects, "the load did not get through"
    by_id, by_request = whole_history(cairn, load.event_ids, load.request_ids)
    check_once("the history, by event id,", load.event_ids, by_id)
    check_once("the history, by request id,", load.request_ids, by_request)

    def files():
        records = cairn.delivered()
        ids, requests = collections.Counter(r["eventID"] for r in records), collections.Counter(r.get("requestID") for r in records)
        return (ids, requests) if all(ids[i] for i in load.event_ids) and all(requests[i] for i in load.request_ids) else None

    delivered = eventually(files, pause=0.5)
    assert delivered, "the files do not hold every acknowledged event"
    check_once("the files, by event id,", load.event_ids, delivered[0])
    check_once("the files, by request id,", load.request_ids, delivered[1])

    # Every effect has its record.
    entries = [e["record"] for e in cairn.journal() if e["kind"] == "record"]
    created = {e["requestParameters"]["userName"] for e in entries if e["eventName"] == "CreateUser" and "errorCode" not in e}
    stored = {e["requestParameters"]["key"] for e in entries if e["eventName"] == "PutObject" and "errorCode" not in e}
    users = {u["UserName"] for page in cairn.client("iam").get_paginator("list_users").paginate() for u in page["Users"]}
    objects = {o["Key"] for page in cairn.client("s3").get_paginator("list_objects_v2").paginate(Bucket="things") for o in page.get("Contents", [])}
    assert load.users <= users, "an acknowledged user is gone"
    assert load.objects <= objects, "an acknowledged object is gone"
    assert users - {"admin"} <= created, "a user exists whose creation was not recorded"
    assert objects <= stored, "an object exists whose creation was not recorded"
    for key in sorted(load.objects)[:50]:
        assert cairn.client("s3").get_object(Bucket="things", Key=key)["Body"].read() == b"x" * 1000


def test_five_kills(binary, tmp_path):
    kills(binary, tmp_path, 5)


@pytest.mark.soak
def test_fifty_kills(binary, tmp_path):
    kills(binary, tmp_path, 50)


def test_drain_on_sigterm_finishes_what_runs(binary, tmp_path):
    with Cairn(binary, tmp_path, "") as cairn:
        with Load(cairn) as load:
            assert eventually(lambda: load.event_ids and load.request_ids), "the load did not get through"
            assert cairn.stop() == 0
        cairn.start()
        by_id, by_request = whole_history(cairn, load.event_ids, load.request_ids)
        check_once("the history", load.event_ids, by_id)
        check_once("the history", load.request_ids, by_request)


def test_a_second_cairn_on_the_same_folder_is_refused(cairn, binary):
    second = Cairn(binary, cairn.folder, "delivery: {interval: 1s}\n")
    with pytest.raises(RuntimeError):
        second.start()
    assert "in use" in second.log.read_text()
    assert cairn.get("/_cairn/readyz")[0] == 200
