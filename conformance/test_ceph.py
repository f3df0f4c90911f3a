"""./dev soak: log files into Ceph's radosgw, of Debian's packages: taken, read back, and compared with what was handed in."""

import base64
import os

import pytest
from botocore.exceptions import ClientError
from cairn import Cairn, eventually
from ceph import STRANGER, Ceph
from records import record

# Bytes that no compression makes smaller: one log file of so many records is 12 MB on the wire.
NOISE_BYTES, NOISY = 60_000, 200

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def ceph(tmp_path_factory):
    with Ceph(tmp_path_factory.mktemp("ceph")) as running:
        yield running


@pytest.fixture
def cairn(binary, tmp_path, ceph):
    with Cairn(binary, tmp_path, "delivery: {interval: 2s}\n" + ceph.endpoint(tmp_path)) as running:
        yield running


def begin(cairn, ceph, bucket):
    ceph.s3().create_bucket(Bucket=bucket)
    cloudtrail = cairn.client("cloudtrail")
    arn = cloudtrail.create_trail(Name=bucket, S3BucketName=bucket, IsMultiRegionTrail=True)["TrailARN"]
    cloudtrail.start_logging(Name=bucket)
    assert eventually(lambda: cairn._logs(arn))
    return cloudtrail


def handed_in(cairn, records):
    for at in range(0, len(records), 20):
        assert cairn.put_records(records[at:at + 20], compress=True)[0] == 200
    return {one["eventID"]: one for one in records}


def read_back(ceph, bucket, wanted):
    """Event id -> record, of what is wanted, when all of it is there; no event is there twice."""
    def look():
        found = [one for key in ceph.keys(bucket) for one in ceph.records(bucket, key) if one["eventID"] in wanted]
        return found if len(found) >= len(wanted) else None

    found = eventually(look, 120, 1)
    assert found and len(found) == len(wanted)
    return {one["eventID"]: one for one in found}


def test_log_files_are_read_back_as_they_were_handed_in(cairn, ceph):
    cloudtrail = begin(cairn, ceph, "plain")
    wanted = handed_in(cairn, [record(region=region, requestParameters={"queueName": f"nest ü {n}"})
                               for n in range(300) for region in ("us-east-1", "eu-west-1")])
    assert read_back(ceph, "plain", wanted) == wanted
    keys = ceph.keys("plain")
    head = ceph.s3().head_object(Bucket="plain", Key=keys[0])
    assert (head["ContentType"], head["ContentEncoding"]) == ("application/json", "gzip")
    assert {key.split("/")[3] for key in keys} >= {"us-east-1", "eu-west-1"}
    status = cloudtrail.get_trail_status(Name="plain")
    assert "LatestDeliveryTime" in status and "LatestDeliveryError" not in status


def test_a_large_file(cairn, ceph):
    begin(cairn, ceph, "large")
    wanted = handed_in(cairn, [record(requestParameters={"noise": base64.b64encode(os.urandom(NOISE_BYTES)).decode()}) for _ in range(NOISY)])
    assert read_back(ceph, "large", wanted) == wanted
    sizes = [item["Size"] for item in ceph.s3().list_objects_v2(Bucket="large")["Contents"]]
    print(f"the largest log file: {max(sizes)} bytes")


def test_the_gateway_dies_and_comes_back(cairn, ceph):
    begin(cairn, ceph, "away")
    wanted = handed_in(cairn, [record() for _ in range(100)])
    read_back(ceph, "away", wanted)
    ceph.stop_gateway()
    wanted |= handed_in(cairn, [record() for _ in range(100)])

    def failed():
        lines = cairn.get("/_cairn/metrics")[1].decode().splitlines()
        return any(line.startswith("cairn_delivery_failures_total") and float(line.split()[-1]) > 0 for line in lines)

    assert eventually(failed)
    ceph.start_gateway()
    assert read_back(ceph, "away", wanted) == wanted


@pytest.mark.parametrize("bucket, code", [("not-there", "S3BucketDoesNotExistException"), ("of-a-stranger", "InsufficientS3BucketPolicyException")])
def test_buckets_that_cannot_be(cairn, ceph, bucket, code):
    if bucket == "of-a-stranger":
        ceph.s3(*STRANGER).create_bucket(Bucket=bucket)
    with pytest.raises(ClientError) as caught:
        cairn.client("cloudtrail").create_trail(Name="trail", S3BucketName=bucket)
    assert caught.value.response["Error"]["Code"] == code
