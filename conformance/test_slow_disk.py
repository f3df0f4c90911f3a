"""A disk whose syncs take long: callers see latency, memory stays bounded, what is beyond a limit hears 503, nothing is lost."""

from __future__ import annotations

import collections
import threading
import time

from cairn import Cairn, eventually
from records import record
from shim import shim  # noqa: F401  (a fixture)
from test_crash import Load, check_everything

SENDERS = 24
BODY_BYTES = 10 << 20
RECORD_BYTES = 200 << 10
# The budget of the door, the stream's ring, DuckDB's limit, buffers of delivery, and the program itself.
RESIDENT_BYTES_MAX = (512 + 64 + 256 + 128 + 256) << 20


def metric(cairn, name):
    lines = cairn.get("/_cairn/metrics")[1].decode().splitlines()
    return next(float(line.split()[-1]) for line in lines if line.split(" ")[0] == name)


def peak_resident_bytes(cairn):
    status = open(f"/proc/{cairn.process.pid}/status").read()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) << 10


def test_callers_wait_for_a_slow_disk_and_lose_nothing(binary, tmp_path, shim):  # noqa: F811
    with Cairn(binary, tmp_path, "delivery: {interval: 1s}\n", shim.environment) as cairn:
        cairn.make_trail(IsMultiRegionTrail=True)
        cairn.client("s3").create_bucket(Bucket="things")
        sts = cairn.client("sts")
        with Load(cairn) as load:
            assert eventually(lambda: load.objects and load.event_ids)
            shim.slow_syncs(200)
            before = len(load.request_ids)
            times = []
            for _ in range(5):
                began = time.monotonic()
                sts.get_caller_identity()
                times.append(time.monotonic() - began)
            assert min(times) >= 0.15, "answered before it was durable"
            assert min(times) < 5, "callers wait for more than a few syncs"
            assert eventually(lambda: len(load.request_ids) > before + 20)
            assert cairn.get("/_cairn/readyz")[0] == 200
            shim.slow_syncs(0)
        check_everything(cairn, load)


def test_beyond_the_limits_is_503_and_memory_is_bounded(binary, tmp_path, shim):  # noqa: F811
    with Cairn(binary, tmp_path, "", shim.environment) as cairn:
        batches = [[record(additional="x" * RECORD_BYTES) for _ in range(BODY_BYTES // RECORD_BYTES)] for _ in range(SENDERS)]
        answers = collections.Counter()
        acknowledged = []

        def send(batch):
            status, _ = cairn.put_records(batch)
            answers[status] += 1
            if status == 200:
                acknowledged.extend(r["eventID"] for r in batch)

        shim.slow_syncs(15_000)  # long enough for a slow machine's senders to fill what is bounded
        senders = [threading.Thread(target=send, args=(batch,)) for batch in batches]
        for sender in senders:
            sender.start()
        while any(sender.is_alive() for sender in senders):
            assert metric(cairn, "cairn_records_in_flight_bytes") <= metric(cairn, "cairn_records_in_flight_bytes_limit")
            assert metric(cairn, "cairn_journal_pending_bytes") <= metric(cairn, "cairn_journal_pending_bytes_limit")
            if answers[503]:
                shim.slow_syncs(0)
            time.sleep(0.1)
        shim.slow_syncs(0)
        assert set(answers) == {200, 503}, answers
        assert peak_resident_bytes(cairn) < RESIDENT_BYTES_MAX
        refused = next(b for b in batches if b[0]["eventID"] not in acknowledged)
        assert cairn.put_records(refused)[0] == 200, "a refused request may be sent again"
        acknowledged.extend(r["eventID"] for r in refused)
        cairn.stop()
        in_journal = collections.Counter(e["record"]["eventID"] for e in cairn.journal() if e["kind"] == "record")
        assert all(in_journal[i] == 1 for i in acknowledged)
