"""A trail whose bucket is gone: its files wait up to a limit, then it alone loses files, says so, and pins nothing."""

from __future__ import annotations

import json

from cairn import PATIENCE, Cairn, bucket_policy, eventually
from records import record

CONFIG = "delivery: {interval: 1s, spool_bytes_max: 64KiB}\n"


def metric(cairn, name):
    lines = cairn.get("/_cairn/metrics")[1].decode().splitlines()
    return next(float(line.split()[-1]) for line in lines if line.split(" ")[0] == name)


def dropped(cairn):
    return metric(cairn, "cairn_delivery_gap_files_total")


def status(cairn, trail):
    return cairn.client("cloudtrail").get_trail_status(Name=trail)


def remove_bucket(s3, bucket):
    """With all that is in it; deliveries may come between, and then it is emptied anew."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=item["Key"])
    try:
        s3.delete_bucket(Bucket=bucket)
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "BucketNotEmpty":
            raise
        return False
    return True


def hand_in(cairn, acknowledged):
    batch = [record() for _ in range(200)]
    assert cairn.put_records(batch)[0] == 200
    acknowledged += [r["eventID"] for r in batch]


def test_a_bucket_that_is_gone_for_long(binary, tmp_path):
    with Cairn(binary, tmp_path, CONFIG) as cairn:
        s3 = cairn.client("s3")
        cairn.make_trail("poor", "gone", IsMultiRegionTrail=True)
        cairn.make_trail("fine", "kept", IsMultiRegionTrail=True)
        acknowledged = []
        assert eventually(lambda: remove_bucket(s3, "gone")), "deliveries kept it full"

        def full():
            hand_in(cairn, acknowledged)
            return dropped(cairn) >= 2

        assert eventually(full, pause=0.3), "the spool has no end"
        assert metric(cairn, "cairn_delivery_spool_fullest_bytes") <= metric(cairn, "cairn_delivery_spool_fullest_bytes_limit") == 64 << 10
        said = eventually(lambda: (e := status(cairn, "poor").get("LatestDeliveryError", "")) and "dropped" in e and e)
        assert said and said.startswith("NoSuchBucket; ") and "log files with" in said
        assert "LatestDeliveryError" not in status(cairn, "fine")
        wanted = set(acknowledged)
        assert eventually(lambda: wanted <= {r["eventID"] for r in cairn.delivered(bucket="kept")}, pause=0.5)
        # Nobody's cursor stands still for it: the journal could go.
        lag = 'cairn_stream_lag_entries{follower="delivery",partition="0"}'
        assert eventually(lambda: metric(cairn, lag) < 50)

        s3.create_bucket(Bucket="gone")
        s3.put_bucket_policy(Bucket="gone", Policy=json.dumps(bucket_policy("gone")))
        assert eventually(lambda: metric(cairn, "cairn_delivery_spool_fullest_bytes") == 0, 2 * PATIENCE, 0.5), "what waited does not come"
        before = dropped(cairn)
        later = []
        hand_in(cairn, later)
        assert eventually(lambda: set(later) <= {r["eventID"] for r in cairn.delivered(bucket="gone")}, pause=0.5)
        assert dropped(cairn) == before
        assert "were dropped" in status(cairn, "poor")["LatestDeliveryError"], "a gap is not forgotten"
