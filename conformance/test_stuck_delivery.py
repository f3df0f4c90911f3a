"""Delivery that is stuck, over a restart: log files wait, and nothing else does."""

from __future__ import annotations

import shutil

from cairn import Cairn, eventually
from records import record

CONFIG = "delivery: {interval: 1s, file_bytes_max: 64KiB}\n"


def failures(cairn) -> float:
    lines = cairn.get("/_cairn/metrics")[1].decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith('cairn_stream_follower_errors_total{follower="delivery"}'))


def replaced(spool) -> bool:
    """A file is where the folder was, so that nothing can be spooled; not while something lies there."""
    if spool.is_dir() and any(spool.iterdir()):
        return False
    shutil.rmtree(spool, ignore_errors=True)
    try:
        spool.write_text("where a folder belongs")
    except IsADirectoryError:  # made again in between
        return False
    return True


def test_delivery_that_is_stuck_holds_up_nobody_else(binary, tmp_path):
    cairn = Cairn(binary, tmp_path, CONFIG)
    spool = cairn.data / "blobs" / "spool"
    with cairn:
        cairn.make_trail("kestrel", "audit", IsMultiRegionTrail=True)
        assert eventually(lambda: replaced(spool))
        batch = [record() for _ in range(300)]  # more than one log file may hold
        assert cairn.put_records(batch)[0] == 200
    with cairn:  # is ready, although delivery has not read what was there
        assert eventually(lambda: failures(cairn) > 1), "delivery is not stuck, so this proves nothing"
        later = [record() for _ in range(3)]
        assert cairn.put_records(later)[0] == 200
        lookup = cairn.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventId", "AttributeValue": batch[0]["eventID"]}])
        assert len(lookup["Events"]) == 1
        spool.unlink()
        wanted = {r["eventID"] for r in batch + later}
        assert eventually(lambda: wanted <= {r["eventID"] for r in cairn.delivered(bucket="audit")}, 120, 0.5)
