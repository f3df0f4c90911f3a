"""./dev soak: another program's S3 is away for CAIRN_SOAK_SECONDS under load, and comes back: all is there, once, in order of position.

    CAIRN_SOAK_SECONDS=600 CAIRN_SOAK_RECORDS=300 ./dev soak -k away

For the first half it refuses connections, for the second it takes them and says nothing; between the halves Cairn dies of kill -9.
"""

import os
import threading
import time

import pytest
from cairn import Cairn, eventually
from other_s3 import Moto, Wire
from records import record

SECONDS = float(os.environ.get("CAIRN_SOAK_SECONDS", "60"))
RECORDS = float(os.environ.get("CAIRN_SOAK_RECORDS", "300"))
BATCHES_A_SECOND = 4
MARK = "00000000-0000-4000-8000-"
REGIONS = ["us-east-1", "eu-west-1"]
SOURCES = ["sqs.amazonaws.com", "sns.amazonaws.com", "kms.amazonaws.com"]
# Name -> what it takes, by the number of a record; the selectors that say so.
TAKES = {"everything": lambda n: True, "writes": lambda n: n % 5 != 0, "no-kms": lambda n: n % 3 != 2}
SELECTORS = {
    "everything": {},
    "writes": {"ReadWriteType": "WriteOnly"},
    "no-kms": {"ExcludeManagementEventSources": ["kms.amazonaws.com"]},
}


def made(number: int) -> dict:
    return record(event_id=f"{MARK}{number:012x}", region=REGIONS[number // 7 % 2], source=SOURCES[number % 3], read_only=number % 5 == 0)


class Load:
    """Records at a steady rate from one sender, so that their numbers are in the order of their positions."""

    def __init__(self, cairn: Cairn):
        self.cairn, self.sent, self.repeated, self.ended = cairn, 0, 0, threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Load":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()

    def _run(self) -> None:
        due, count = time.monotonic(), int(RECORDS / BATCHES_A_SECOND)
        while not self.ended.is_set():
            batch = [made(number) for number in range(self.sent, self.sent + count)]
            while not self._taken(batch):  # the same ids again: who has them does not take them twice
                self.repeated += 1
                time.sleep(0.2)
            self.sent += count
            due = max(due + 1 / BATCHES_A_SECOND, time.monotonic() - 1)
            time.sleep(max(0, due - time.monotonic()))

    def _taken(self, batch: list[dict]) -> bool:
        try:
            return self.cairn.put_records(batch)[0] == 200
        except OSError:
            return False


def begin(cairn) -> None:
    cloudtrail = cairn.client("cloudtrail")
    for name, selector in SELECTORS.items():
        arn = cloudtrail.create_trail(Name=name, S3BucketName=name, S3KeyPrefix=name, IsMultiRegionTrail=True)["TrailARN"]
        chosen = {"ReadWriteType": "All", "IncludeManagementEvents": True} | selector
        cloudtrail.put_event_selectors(TrailName=name, EventSelectors=[chosen])
        cloudtrail.start_logging(Name=name)
        assert eventually(lambda: cairn._logs(arn))


def numbers(moto, name: str) -> dict[str, list[int]]:
    """Region -> numbers of the records in a trail's files, in the order in which these were put."""
    found = {region: [] for region in REGIONS}
    for key in moto.in_order_of_arrival(name):
        for one in moto.records(name, key):
            if one["eventID"].startswith(MARK):
                assert f"/{one['awsRegion']}/" in key
                found[one["awsRegion"]].append(int(one["eventID"][len(MARK):], 16))
    return found


def failures(cairn) -> float:
    lines = cairn.get("/_cairn/metrics")[1].decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("cairn_delivery_failures_total"))


def expected(count: int) -> dict[str, dict[str, list[int]]]:
    """Trail -> Region -> numbers of its records, in order."""
    wanted = {name: {region: [] for region in REGIONS} for name in TAKES}
    for number in range(count):
        region = made(number)["awsRegion"]
        for name, takes in TAKES.items():
            if takes(number):
                wanted[name][region].append(number)
    return wanted


@pytest.mark.soak
def test_another_s3_is_away_for_long(binary, tmp_path):
    moto = Moto()
    moto.start()
    for name in SELECTORS:
        moto.s3().create_bucket(Bucket=name)
    wire = Wire(moto.port)
    with Cairn(binary, tmp_path, "delivery: {interval: 5s}\n" + moto.endpoint(tmp_path, wire.url)) as cairn:
        begin(cairn)
        with Load(cairn) as load:
            assert eventually(lambda: all(moto.keys(name) for name in SELECTORS)), "the S3 is reached through the wire"
            wire.cut(silent=False)
            there, cut = {name: moto.keys(name) for name in SELECTORS}, load.sent
            time.sleep(SECONDS / 2)
            assert failures(cairn) > 0
            cairn.kill()
            cairn.start()
            wire.cut(silent=True)
            time.sleep(SECONDS / 2)
            assert {name: moto.keys(name) for name in SELECTORS} == there
            status = cairn.client("cloudtrail").get_trail_status(Name="writes")
            assert status["LatestDeliveryAttemptTime"] > status["LatestDeliveryAttemptSucceeded"]
            wire.mend()
            away, back = load.sent - cut, time.monotonic()
        wanted = expected(load.sent)
        complete = {name: {region: len(them) for region, them in regions.items()} for name, regions in wanted.items()}
        found = {}

        def all_there():
            found.update({name: numbers(moto, name) for name in wanted})
            return all(len(found[name][region]) >= count for name, regions in complete.items() for region, count in regions.items())

        assert eventually(all_there, 300, 2), found.keys()
        lasted = time.monotonic() - back
        for name, regions in wanted.items():
            assert found[name] == regions, f"{name}: each record once, and in order"
        assert "LatestDeliveryError" not in cairn.client("cloudtrail").get_trail_status(Name="writes")
        files = {name: len(moto.keys(name)) for name in SELECTORS}
    moto.stop()
    print(f"{load.sent} records, {away} of them in the {SECONDS:.0f} s that the S3 was away, {load.repeated} batches repeated; "
          f"log files {files}, all there {lasted:.0f} s after it came back, each record once and in order")
