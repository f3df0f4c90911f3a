"""`capture.on_failure: open` on a full disk: every call goes through, and each has a record or is counted in an event that says so."""

import collections
import json

from cairn import Cairn, eventually
from small_disk import SmallDisk
from test_full_disk import metric
from upstream import Upstream

RESERVE = 4 << 20
CALLS = ("PutObject", "GetObject", "DeleteObject")


def call(s3, serial: int) -> None:
    """One of the three; it must go through."""
    key = f"egg-{serial}"
    if serial % 3 == 0:
        s3.put_object(Bucket="finch", Key=key, Body=b"x" * 1000)
    elif serial % 3 == 1:
        s3.get_object(Bucket="finch", Key=key)["Body"].read()
    else:
        s3.delete_object(Bucket="finch", Key=key)


def records(cairn: Cairn) -> list[dict]:
    return [entry["record"] for entry in cairn.journal() if "record" in entry]


def lost(found: list[dict]) -> int:
    """What events of lost records say all together; one told twice after a crash is one."""
    told = {record["eventID"]: record for record in found if record["eventName"] == "RecordsLost"}
    assert all(record["eventType"] == "AwsServiceEvent" and record["eventSource"] == "cairn.amazonaws.com" for record in told.values())
    return sum(record["additionalEventData"]["lostRecords"] for record in told.values())


def test_on_a_full_disk_calls_go_through_and_what_is_missing_is_counted(binary, tmp_path):
    with SmallDisk(tmp_path / "small", "tmpfs", 120) as disk, Upstream() as far:
        config = f'gateway: {{upstreams: {{s3: "{far.url}"}}}}\nreserve: {RESERVE}\ncapture: {{on_failure: open}}\n'
        with Cairn(binary, disk.folder, config, {"CAIRN_RESERVE": str(RESERVE)}) as cairn:
            s3 = cairn.client("s3", s3={"addressing_style": "path"})
            made = 0
            for made in range(1, 10):
                call(s3, made)
            disk.fill()

            def none_is_recorded() -> bool:
                nonlocal made
                made += 1
                call(s3, made)
                disk.fill()  # and what others of the program left or gave away
                return metric(cairn, "cairn_records_lost_total") > 0

            assert eventually(none_is_recorded, 60, 0), "the disk is full, and records are written"
            for _ in range(60):
                made += 1
                call(s3, made)
            assert len(far.targets()) == made
            cairn.kill()  # the count survives, and so do outcomes that wait
            disk.leave()
            cairn.start()

            def balance() -> int:
                found = records(cairn)
                return sum(record["eventName"] in CALLS for record in found) + lost(found)

            assert eventually(lambda: balance() >= made, 60, 0.5)
            found = records(cairn)
            assert balance() == made and lost(found) >= 1
            per_key = collections.Counter(json.dumps(record["requestParameters"]["key"]) for record in found if record["eventName"] in CALLS)
            assert max(per_key.values()) == 1
            gap = next(record for record in found if record["eventName"] == "RecordsLost")["additionalEventData"]
            assert gap["firstLost"] <= gap["lastLost"]

            for _ in range(6):  # and all is as before
                made += 1
                call(s3, made)
            assert eventually(lambda: balance() == made)
            assert len(far.targets()) == made
