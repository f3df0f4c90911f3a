"""./dev soak: records through the door and calls, at a rate, for a time: memory stays flat and nothing is lost or doubled.

    CAIRN_SOAK_SECONDS=3600 CAIRN_SOAK_RECORDS=10000 CAIRN_SOAK_CALLS=50 ./dev soak -k load

CAIRN_SOAK_RECORDS and CAIRN_SOAK_CALLS are rates, a second. What was sampled each second is in build/soak/load.csv and load.svg.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import statistics
import threading
import time
from pathlib import Path

import pytest
from cairn import ROOT, Cairn, eventually
from records import record
from soak_plot import write_csv, write_svg

SECONDS = float(os.environ.get("CAIRN_SOAK_SECONDS", "60"))
RECORDS = float(os.environ.get("CAIRN_SOAK_RECORDS", "3000"))
CALLS = float(os.environ.get("CAIRN_SOAK_CALLS", "20"))
BATCHES_A_SECOND = max(4, RECORDS / 1000)
SENDERS = 2
# What the first quarter fills: the stream's ring, heads, the ids known. In a short run fewer ids are known, so that it does.
IDS = 4_000_000 if SECONDS >= 1800 else 100_000
RISE_MAX = 0.10   # of the median of memory, from the second quarter to the last
RISE_BYTES = 48 << 20
MEMORY_MAX = 1 << 30  # of all processes together, at any moment
MARK = "00000000-0000-4000-8000-"
NUMBERED = re.compile(rb'"eventID":"' + MARK.encode() + rb'([0-9a-f]{12})"')
SERIAL = "@SERIAL@"
FOLDER = ROOT / "build/soak"
SAMPLES_A_WRITE = 60
SHAPES = 240
EVENTS = ["CreateQueue", "DeleteQueue", "SetQueueAttributes", "TagQueue", "UntagQueue", "AddPermission", "PurgeQueue", "RemovePermission"]


class Sum:
    """Of numbers, in any order: their count, sum and sum of squares differ if one is missing or there twice."""

    def __init__(self):
        self.count = self.total = self.squares = 0

    def add(self, number: int) -> None:
        self.count += 1
        self.total += number
        self.squares += number * number

    def __eq__(self, other: object) -> bool:
        return (self.count, self.total, self.squares) == (other.count, other.total, other.squares)

    def __repr__(self) -> str:
        return f"{self.count} numbers, sum {self.total}"


def made(number: int) -> dict:
    """A record of 1.1 KB, about the mean of real ones; its user and name are one of many."""
    return record(
        EVENTS[number % len(EVENTS)], event_id=MARK + SERIAL, user=f"user-{number:03d}",
        userAgent="aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython",
        requestParameters={"queueName": f"nest-{number:03d}", "attributes": {"VisibilityTimeout": "30", "DelaySeconds": "0"}},
        tlsDetails={"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
                    "clientProvidedHostHeader": "sqs.us-east-1.amazonaws.com"},
        resources=[{"ARN": f"arn:aws:sqs:us-east-1:111122223333:nest-{number:03d}", "accountId": "111122223333"}],
    )


class Senders:
    """Records at a steady rate; what was acknowledged is summed up."""

    def __init__(self, cairn: Cairn):
        self.cairn, self.acknowledged, self.lock, self.serial = cairn, Sum(), threading.Lock(), 0
        self.refused = self.late = 0
        self.shapes = [json.dumps(made(n), separators=(",", ":")).split(SERIAL) for n in range(SHAPES)]

    def body(self, first: int, count: int) -> bytes:
        shapes = self.shapes
        lines = (f"{shapes[n % SHAPES][0]}{n:012x}{shapes[n % SHAPES][1]}" for n in range(first, first + count))
        return ('{"Records":[' + ",".join(lines) + "]}").encode()

    def send(self, count: int) -> None:
        with self.lock:
            first, self.serial = self.serial, self.serial + count
        body = self.body(first, count)
        while True:
            status, _ = self.cairn.signed_post("/_cairn/records", body, {"Content-Type": "application/json"})
            if status == 200:
                break
            self.refused += 1
            assert status == 503, status
            time.sleep(0.5)
        with self.lock:
            for number in range(first, first + count):
                self.acknowledged.add(number)

    def run(self, until: float) -> None:
        every = SENDERS / BATCHES_A_SECOND
        due = time.monotonic()
        while (now := time.monotonic()) < until:
            if now < due:
                time.sleep(due - now)
            self.late += now > due + every
            self.send(int(RECORDS / BATCHES_A_SECOND))
            due = max(due + every, time.monotonic() - 10 * every)


class Callers:
    """Calls at a steady rate: some change something, some look."""

    def __init__(self, cairn: Cairn):
        self.clients = {name: cairn.client(name) for name in ("s3", "sts", "cloudtrail")}
        self.seconds: list[float] = []
        self.made = 0

    def once(self) -> None:
        self.made += 1
        began = time.monotonic()
        if self.made % 10 == 0:
            self.clients["cloudtrail"].lookup_events(MaxResults=10)
        elif self.made % 2:
            self.clients["s3"].put_object(Bucket="things", Key=f"object-{self.made % 1000}", Body=b"x" * 2000)
        else:
            self.clients["sts"].get_caller_identity()
        self.seconds.append(time.monotonic() - began)

    def run(self, until: float) -> None:
        due = time.monotonic()
        while (now := time.monotonic()) < until:
            if now < due:
                time.sleep(due - now)
            self.once()
            due = max(due + 1 / CALLS, time.monotonic() - 1)

    def take(self) -> list[float]:
        taken, self.seconds = self.seconds, []
        return taken


def processes(root: int) -> list[int]:
    """The program and its children."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
    return [root] + [pid for pid, parent in parents.items() if parent == root]


def resident_mebibytes(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    except OSError:
        return 0.0


def metric(cairn, name):
    lines = cairn.get("/_cairn/metrics")[1].decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def sample(cairn, senders, callers, began) -> dict:
    calls = sorted(callers.take()) or [0.0]
    pids = processes(cairn.process.pid)
    disk = os.statvfs(cairn.data)
    return {
        "seconds": round(time.monotonic() - began, 2),
        "resident MiB": resident_mebibytes(pids[0]),
        "children resident MiB": sum(resident_mebibytes(pid) for pid in pids[1:]),
        "records acknowledged": senders.acknowledged.count,
        "call ms, median": statistics.median(calls) * 1000,
        "call ms, longest": calls[-1] * 1000,
        "segments": metric(cairn, "cairn_store_segments"),
        "history lag, entries": metric(cairn, 'cairn_stream_lag_entries{follower="history"'),
        "delivery lag, entries": metric(cairn, 'cairn_stream_lag_entries{follower="delivery"'),
        "disk free GiB": disk.f_bavail * disk.f_frsize / (1 << 30),
    }


def run(cairn, senders, callers) -> list[dict]:
    began, rows = time.monotonic(), []
    until = began + SECONDS
    works = [senders.run] * SENDERS + [callers.run]
    threads = [threading.Thread(target=work, args=(until,)) for work in works]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(1)
        rows.append(sample(cairn, senders, callers, began))
        if len(rows) % SAMPLES_A_WRITE == 0:
            draw(rows)
    return rows


def draw(rows: list[dict]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_csv(FOLDER / "load.csv", rows)
    write_svg(FOLDER / "load.svg", rows)


class Delivered:
    """What is in the log files, read one after the other and each once."""

    def __init__(self, cairn: Cairn):
        self.s3, self.seen, self.sum = cairn.client("s3"), set(), Sum()

    def read(self) -> Sum:
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket="logs"):
            for item in page.get("Contents", []):
                if item["Key"] not in self.seen:
                    self.seen.add(item["Key"])
                    body = gzip.decompress(self.s3.get_object(Bucket="logs", Key=item["Key"])["Body"].read())
                    for number in NUMBERED.findall(body):
                        self.sum.add(int(number, 16))
        return self.sum


def check_memory(rows: list[dict]) -> None:
    memory = [row["resident MiB"] for row in rows]
    quarter = len(memory) // 4
    before, after = statistics.median(memory[quarter:2 * quarter]), statistics.median(memory[-quarter:])
    print(f"memory: {before:.0f} MiB in the second quarter, {after:.0f} MiB in the last, at most {max(memory):.0f} MiB")
    together = max(row["resident MiB"] + row["children resident MiB"] for row in rows)
    print(f"memory of all processes: at most {together:.0f} MiB")
    assert together * (1 << 20) <= MEMORY_MAX, "more memory than is promised"
    assert after - before < max(RISE_MAX * before, RISE_BYTES / (1 << 20)), "memory grows"


@pytest.mark.soak
def test_load(binary, tmp_path):
    config = f"delivery: {{interval: 10s}}\ndedupe: {{ids: {IDS}}}\n"
    with Cairn(binary, tmp_path, config) as cairn:
        cairn.make_trail(IsMultiRegionTrail=True)
        cairn.client("s3").create_bucket(Bucket="things")
        senders, callers = Senders(cairn), Callers(cairn)
        rows = run(cairn, senders, callers)
        draw(rows)
        rate = senders.acknowledged.count / SECONDS
        print(f"{len(senders.body(0, SHAPES)) / SHAPES * rate / 1e6:.1f} MB/s; {senders.acknowledged.count} records acknowledged ({rate:.0f} a second of {RECORDS:.0f}), {callers.made} calls; "
              f"{senders.refused} refusals, {senders.late} batches late; {FOLDER}/load.svg")
        assert rate > 0.5 * RECORDS, "the rate was not reached: the run says nothing"
        lags = 'cairn_stream_lag_entries{'
        assert eventually(lambda: metric(cairn, lags) < 100, 300, 1), "followers do not catch up"
        delivered = Delivered(cairn)
        delivered.read()
        assert eventually(lambda: delivered.read().count >= senders.acknowledged.count, 120, 5)
        assert delivered.sum == senders.acknowledged, "the log files do not hold each acknowledged record once"
        for serial in range(0, senders.serial, max(senders.serial // 20, 1)):
            found = cairn.lookup_all(LookupAttributes=[{"AttributeKey": "EventId", "AttributeValue": f"{MARK}{serial:012x}"}])
            assert len(found) == 1, f"record {serial} is {len(found)} times in the history"
        check_memory(rows)
