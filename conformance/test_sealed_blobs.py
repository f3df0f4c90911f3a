"""The event history and log files that wait lie sealed: what was recorded is in no file below blobs/ and scratch/, and is there again."""

import json
from pathlib import Path

from cairn import Cairn, bucket_policy, eventually
from records import record

CONFIG = "delivery: {interval: 1s}\n"
BATCHES_OF_A_SEAL = 14  # of 100 large records: 24 MiB of text are a seal
MARKER = "kestrel-nests-are-nobodys-business"
# What a Parquet file, an index, a gzip'd log file and any of their contents would show, compressed or not.
PLAIN = [MARKER.encode(), b"PAR1", b"cairnidx", b"eventJson", b"111122223333", b"us-east-1", b"sqs.amazonaws.com"]
SEALED = b"cairnsf\x01"


def plain_files(data: Path) -> list[str]:
    found = []
    for file in [*(data / "blobs").rglob("*"), *(data / "scratch").rglob("*")]:
        try:
            content = file.read_bytes() if file.is_file() else b""
        except FileNotFoundError:
            continue
        if content.startswith(b"\x1f\x8b") or any(word in content for word in PLAIN):
            found.append(str(file))
    return found


def fill(cairn: Cairn, batches: int) -> None:
    for _ in range(batches):
        records = [record(requestParameters={"queueName": MARKER, "padding": "x" * 20_000}) for _ in range(100)]
        status, body = cairn.put_records(records)
        assert status == 200, body


def segments(cairn: Cairn) -> list[Path]:
    return list((cairn.data / "blobs" / "store").rglob("*.sealed"))


def test_history_and_waiting_log_files_are_nowhere_in_the_clear(binary, tmp_path):
    with Cairn(binary, tmp_path, CONFIG) as cairn:
        s3 = cairn.client("s3")
        cairn.make_trail("poor", "closed", IsMultiRegionTrail=True)
        s3.delete_bucket_policy(Bucket="closed")
        seen = []
        for _ in range(2):
            sealed_before = len(segments(cairn))
            fill(cairn, BATCHES_OF_A_SEAL)
            # While the worker writes, too.
            assert eventually(lambda: seen.extend(plain_files(cairn.data)) or len(segments(cairn)) > sealed_before, pause=0.01)
        assert eventually(lambda: list((cairn.data / "blobs" / "spool").glob("*.sealed")))
        assert seen + plain_files(cairn.data) == []

        cairn.kill()
        assert plain_files(cairn.data) == []
        put = [*segments(cairn), *(cairn.data / "blobs" / "spool").iterdir()]
        assert len(put) >= 3
        assert [file for file in put if not file.read_bytes().startswith(SEALED)] == []

        cairn.start()
        events = cairn.client("cloudtrail").lookup_events(MaxResults=50)["Events"]
        assert len(events) == 50 and any(MARKER in event["CloudTrailEvent"] for event in events)
        cairn.client("s3").put_bucket_policy(Bucket="closed", Policy=json.dumps(bucket_policy("closed")))
        assert eventually(lambda: any(MARKER in str(r.get("requestParameters")) for r in cairn.delivered(bucket="closed")), pause=0.5)
