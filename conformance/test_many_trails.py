"""Many trails at once, in many accounts and Regions, of every kind of selector: each record is in exactly the files it belongs to.

100 trails in 10 accounts here; 1,000 in 20 with ./dev soak. What a trail takes is said twice: by its selectors, and by a line of
Python beside them.
"""

from __future__ import annotations

import collections
import gzip
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.config import Config
from cairn import Cairn, bucket_policy, eventually
from records import record
from test_soak_load import MEMORY_MAX, metric, processes, resident_mebibytes

REGIONS = ["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1", "eu-north-1", "ap-south-1", "ap-northeast-1", "ap-southeast-2", "sa-east-1"]
ROUNDS = 3           # of the shapes below, for each account and Region
RECORDS_A_BATCH = 2000
MARK = "00000000-0000-4000-9000-"
OBJECT = "AWS::S3::Object"
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:heron"


def advanced(category: str, *fields: dict) -> dict:
    return {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": [category]}, *fields]}]}


def data_of(made: dict, prefix: str = "") -> bool:
    return made["eventCategory"] == "Data" and any(r.get("ARN", "").startswith(prefix) and r["type"] == OBJECT for r in made["resources"])


def management(made: dict) -> bool:
    return made["eventCategory"] == "Management"


# What PutEventSelectors is given (None: nothing), and what of its account and Regions such a trail takes.
KINDS = [
    (None, management),
    ({"EventSelectors": [{"ReadWriteType": "WriteOnly", "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]},
     lambda made: management(made) and not made["readOnly"] and made["eventSource"] != "kms.amazonaws.com"),
    ({"EventSelectors": [{"DataResources": [{"Type": OBJECT, "Values": ["arn:aws:s3:::nest-1/eggs"]}]}]},
     lambda made: management(made) or data_of(made, "arn:aws:s3:::nest-1/eggs")),
    ({"EventSelectors": [{"IncludeManagementEvents": False, "DataResources": [{"Type": "AWS::Lambda::Function", "Values": [FUNCTION]}]}]},
     lambda made: made["eventCategory"] == "Data" and made["resources"][0]["ARN"] == FUNCTION),
    (advanced("Management", {"Field": "readOnly", "Equals": ["true"]}), lambda made: management(made) and made["readOnly"]),
    (advanced("Data", {"Field": "resources.type", "Equals": [OBJECT]}, {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::nest-2/", "arn:aws:s3:::nest-1/twigs"]}),
     lambda made: data_of(made, "arn:aws:s3:::nest-2/") or data_of(made, "arn:aws:s3:::nest-1/twigs")),
    (advanced("Data", {"Field": "resources.type", "Equals": [OBJECT]}, {"Field": "eventName", "NotEquals": ["GetObject", "HeadObject"]},
              {"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::logs-"]}),
     lambda made: data_of(made) and made["eventName"] not in ("GetObject", "HeadObject")),
    (advanced("NetworkActivity", {"Field": "eventSource", "Equals": ["s3.amazonaws.com"]}, {"Field": "vpcEndpointId", "NotEquals": ["vpce-other"]}),
     lambda made: made["eventCategory"] == "NetworkActivity" and made["vpcEndpointId"] != "vpce-other"),
]


def objects(name: str, *keys: str) -> list[tuple[str, dict]]:
    return [(name, {"source": "s3.amazonaws.com", "category": "Data", "read_only": name != "PutObject", "resources": [
        {"type": OBJECT, "ARN": f"arn:aws:s3:::{key}"}, {"type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{key.split('/')[0]}"}]}) for key in keys]


def functions(*names: str) -> list[tuple[str, dict]]:
    return [("Invoke", {"source": "lambda.amazonaws.com", "category": "Data", "resources": [
        {"type": "AWS::Lambda::Function", "ARN": FUNCTION.replace("heron", name)}]}) for name in names]


SHAPES = [
    ("CreateQueue", {}),
    ("GetQueueAttributes", {"read_only": True}),
    ("Decrypt", {"source": "kms.amazonaws.com", "read_only": True}),
    ("DisableKey", {"source": "kms.amazonaws.com"}),
    ("CreateUser", {"source": "iam.amazonaws.com"}),
    *objects("GetObject", "nest-1/eggs/1", "nest-1/twigs/1", "nest-2/eggs/1", "nest-3/eggs/1"),
    *objects("PutObject", "nest-1/eggs/1", "nest-1/twigs/1", "nest-2/eggs/1", "nest-3/eggs/1"),
    *functions("heron", "heron-2", "crane"),
    *[("ListBuckets", {"source": "s3.amazonaws.com", "category": "NetworkActivity", "read_only": True, "vpcEndpointId": f"vpce-{name}"}) for name in ("one", "other")],
]


class Trail:
    """The number of a trail in its account says what it is."""

    def __init__(self, account: str, number: int):
        self.account, self.number, self.name = account, number, f"trail-{number:02d}"
        self.region = REGIONS[number % len(REGIONS)]
        self.everywhere = number % 7 == 3
        self.global_events = self.everywhere or number % 20 != 0
        self.logs = number % 25 != 24
        self.selectors, self.wants = KINDS[number % len(KINDS)]

    def create(self, cloudtrail) -> None:
        cloudtrail.create_trail(Name=self.name, S3BucketName=f"logs-{self.account}", S3KeyPrefix=self.name, IsMultiRegionTrail=self.everywhere,
                                IncludeGlobalServiceEvents=self.global_events)
        if self.selectors:
            cloudtrail.put_event_selectors(TrailName=self.name, **self.selectors)
        if self.logs:
            cloudtrail.start_logging(Name=self.name)

    def takes(self, made: dict) -> bool:
        here = self.everywhere or made["awsRegion"] == self.region
        is_global = made["eventSource"] == "iam.amazonaws.com" and made["awsRegion"] == "us-east-1"
        return self.logs and made["recipientAccountId"] == self.account and here and (self.global_events or not is_global) and self.wants(made)

    def place_of(self, made: dict) -> tuple[str, str, str]:
        """Bucket, and how the key of the file begins that holds the record."""
        folder = "CloudTrail-NetworkActivity" if made["eventCategory"] == "NetworkActivity" else "CloudTrail"
        return f"logs-{self.account}", f"{self.name}/AWSLogs/{self.account}/{folder}/{made['awsRegion']}/", made["eventID"]


def hand_in(cairn: Cairn, accounts: list[str]) -> list[dict]:
    places = [(account, region) for account in accounts for region in REGIONS]
    shapes = [shape for _ in range(ROUNDS) for shape in SHAPES]
    made = [record(name, account=account, region=region, **more) for name, more in shapes for account, region in places]
    for serial, one in enumerate(made):
        one["eventID"] = f"{MARK}{serial:012x}"
    for first in range(0, len(made), RECORDS_A_BATCH):
        status, answer = cairn.put_records(made[first:first + RECORDS_A_BATCH])
        assert status == 200, answer
    return made


def nothing_waits(cairn: Cairn) -> bool:
    """All that was taken is in the buckets: what is too much would be there, too. (The space keeps out their limits.)"""
    return metric(cairn, "cairn_delivery_buffer_bytes ") == metric(cairn, "cairn_delivery_spool_bytes ") == 0


class Delivered:
    """Which of the records that were handed in lie where; each file is read once."""

    def __init__(self, cairn: Cairn, accounts: list[str]):
        self.clients = {f"logs-{account}": cairn.client("s3", account, max_pool_connections=4) for account in accounts}
        self.seen, self.places = set(), collections.Counter()

    def read(self, threads: ThreadPoolExecutor) -> int:
        for found in threads.map(self.read_bucket, self.clients):
            self.places.update(found)
        return self.places.total()

    def read_bucket(self, bucket: str) -> list[tuple[str, str, str]]:
        s3, found = self.clients[bucket], []
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for key in (item["Key"] for item in page.get("Contents", []) if item["Key"].endswith(".json.gz")):
                if (bucket, key) not in self.seen:
                    self.seen.add((bucket, key))
                    records = json.loads(gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))["Records"]
                    begin = "/".join(key.split("/")[:5]) + "/"
                    found += [(bucket, begin, one["eventID"]) for one in records if one["eventID"].startswith(MARK)]
        return found


def clients_of(cairn: Cairn, trails: list[Trail]) -> dict[tuple[str, str], object]:
    """One for each account and Region; those of an account share a session, which is what takes long to make."""
    sessions = {account: cairn.session(account) for account in {trail.account for trail in trails}}
    options = {"endpoint_url": cairn.endpoint, "config": Config(retries={"max_attempts": 1, "mode": "standard"})}
    places = {(trail.account, trail.region) for trail in trails}
    return {(account, region): sessions[account].client("cloudtrail", region_name=region, **options) for account, region in places}


def make_trails(cairn: Cairn, trails: list[Trail], threads: ThreadPoolExecutor) -> None:
    for account in sorted({trail.account for trail in trails}):
        s3 = cairn.client("s3", account)
        s3.create_bucket(Bucket=f"logs-{account}")
        s3.put_bucket_policy(Bucket=f"logs-{account}", Policy=json.dumps(bucket_policy(f"logs-{account}", "*")))
    clients = clients_of(cairn, trails)
    list(threads.map(lambda trail: trail.create(clients[trail.account, trail.region]), trails))

    def logging() -> int:
        controls = (entry["control"] for entry in cairn.journal() if entry["kind"] == "control")
        return len({control["arn"] for control in controls if control["trail"]["logging"]})

    wanted = sum(trail.logs for trail in trails)
    assert eventually(lambda: logging() == wanted, pause=0.5), f"{logging()} of {wanted} log"


def processor_seconds(cairn: Cairn) -> float:
    fields = Path(f"/proc/{cairn.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(cairn: Cairn) -> float:
    return sum(resident_mebibytes(pid) for pid in processes(cairn.process.pid))


def check(binary, folder, accounts: int, trails_each: int) -> None:
    numbers = [f"{111122223333 + n}" for n in range(accounts)]
    declared = "".join(f'  - id: "{number}"\n    users: [{{name: admin, administrator: true}}]\n' for number in numbers)
    config = f"accounts:\n{declared}delivery: {{interval: 2s}}\nlimits: {{trails_per_region: 1000}}\n"
    trails = [Trail(account, number) for account in numbers for number in range(trails_each)]
    with Cairn(binary, folder, config) as cairn, ThreadPoolExecutor(4) as threads:
        before, began = memory(cairn), time.monotonic()
        make_trails(cairn, trails, threads)
        created, most, worked = time.monotonic(), memory(cairn), processor_seconds(cairn)
        made = hand_in(cairn, numbers)
        expected = collections.Counter(trail.place_of(one) for one in made for trail in trails if trail.takes(one))
        handed_in = time.monotonic()
        delivered = Delivered(cairn, numbers)

        def all_there() -> bool:
            nonlocal most
            most = max(most, memory(cairn))
            return delivered.read(threads) >= expected.total()

        arrived = eventually(all_there, 300, 1)
        print(f"{len(trails)} trails made in {created - began:.1f} s ({worked:.1f} s of Cairn's processor time); {len(made)} records are {expected.total()} in {len(delivered.seen)} files, there after "
              f"{time.monotonic() - handed_in:.1f} s; resident {before:.0f} MiB before, {most:.0f} at most")
        assert arrived, f"{delivered.places.total()} of {expected.total()}"
        assert eventually(lambda: nothing_waits(cairn)), "what waits is not delivered"
        delivered.read(threads)
        assert delivered.places == expected
        assert most * (1 << 20) <= MEMORY_MAX


def test_a_hundred_trails(binary, tmp_path):
    check(binary, tmp_path, accounts=10, trails_each=10)


@pytest.mark.soak
def test_a_thousand_trails(binary, tmp_path):
    check(binary, tmp_path, accounts=20, trails_each=50)
