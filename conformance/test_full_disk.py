"""A disk that is really full: errors while it is, reads and deletes go on, service resumes by itself, nothing acknowledged is lost.

On a small tmpfs and a small ext4, which differ in when they notice: ext4 promises room that it finds missing at the sync.
"""

from __future__ import annotations

import os
import time

import pytest
from botocore.exceptions import ClientError
from cairn import Cairn, eventually
from records import record
from small_disk import SmallDisk
from test_crash import Load, check_once, count_in_history

MEBIBYTES = 100
RESERVE = 8 << 20
CONFIG = f"delivery: {{interval: 1s}}\nreserve: {RESERVE}\n"


@pytest.fixture(params=["tmpfs", "ext4"])
def disk(request, tmp_path):
    with SmallDisk(tmp_path / "small", request.param, MEBIBYTES) as small:
        yield small


@pytest.fixture
def small(binary, disk):
    """A Cairn whose data folder is on the small disk, with a trail, a bucket for things and some load behind it."""
    with Cairn(binary, disk.folder, CONFIG, {"CAIRN_RESERVE": str(RESERVE)}) as cairn:
        cairn.make_trail(IsMultiRegionTrail=True)
        cairn.client("s3").create_bucket(Bucket="things")
        yield cairn


def metric(cairn, name: str) -> float:
    lines = cairn.get("/_cairn/metrics")[1].decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.split(" ")[0] == name)


def is_full(cairn) -> bool:
    return metric(cairn, "cairn_disk_full") == 1


def refused(call, **arguments):
    """The call is refused as AWS refuses what it cannot do now."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    answer = error.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 503, answer
    assert answer["Error"]["Code"] == "ServiceUnavailable", answer
    assert "The disk is full" in answer["Error"]["Message"], answer


def is_unavailable(call) -> bool:
    try:
        call()
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    return False


def goes(call, **arguments):
    """False: refused for want of room."""
    try:
        call(**arguments)
        return True
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503, error
        return False


def let_something_through(load):
    assert eventually(lambda: len(load.objects) > 3 and len(load.users) > 3 and load.event_ids), "the load did not get through"


def everything_is_there_once(cairn, load):
    assert eventually(lambda: all(count_in_history(cairn)[0][i] for i in load.event_ids[-20:]), 60, 0.5)
    by_id, by_request = count_in_history(cairn)
    check_once("the history, by event id,", load.event_ids, by_id)
    check_once("the history, by request id,", load.request_ids, by_request)
    wanted = set(load.event_ids)
    assert eventually(lambda: wanted <= {r["eventID"] for r in cairn.delivered()}, 120, 1), "not all were delivered"
    ids = [r["eventID"] for r in cairn.delivered()]
    assert len(ids) == len(set(ids)), "an event is in two files"
    for key in sorted(load.objects)[:20]:
        assert cairn.client("s3").get_object(Bucket="things", Key=key)["Body"].read() == b"x" * 1000


def check_what_still_works(cairn, load):
    s3, iam = cairn.client("s3"), cairn.client("iam")
    key, user = sorted(load.objects)[0], sorted(load.users)[0]
    assert s3.get_object(Bucket="things", Key=key)["Body"].read() == b"x" * 1000
    assert cairn.client("sts").get_caller_identity()["Account"]
    assert cairn.client("cloudtrail").lookup_events(MaxResults=50)["Events"]
    assert s3.list_objects_v2(Bucket="things")["KeyCount"]
    s3.delete_object(Bucket="things", Key=key)
    load.objects.discard(key)
    iam.delete_user(UserName=user)
    load.users.discard(user)


def check_what_is_refused(cairn):
    refused(cairn.client("s3").put_object, Bucket="things", Key="more", Body=b"y" * 100_000)
    refused(cairn.client("iam").create_user, UserName="one-more")
    refused(cairn.client("cloudtrail").create_trail, Name="another", S3BucketName="logs")
    status, body = cairn.put_records([record()])
    assert status == 503 and b"the disk is full" in body
    status, body = cairn.get("/_cairn/readyz")
    assert status == 200 and b"the disk is full: callers' writes are refused" in body
    assert cairn.process.poll() is None


def check_it_resumes(cairn, disk):
    assert eventually(lambda: not is_full(cairn)), "the disk has room and callers are refused"
    # What was deleted becomes free bit by bit, and the first bits may be taken before the next come.
    assert eventually(lambda: goes(cairn.client("s3").put_object, Bucket="things", Key="again", Body=b"y" * 100_000))
    assert eventually(lambda: goes(cairn.client("iam").create_user, UserName="again"))
    assert eventually(lambda: cairn.put_records([record()])[0] == 200)
    assert eventually(lambda: (cairn.data / "reserve").stat().st_size == RESERVE)
    assert eventually(lambda: cairn.get("/_cairn/readyz") == (200, b"ok\n"))


def test_a_stranger_fills_the_disk_under_load(small, disk):
    with Load(small) as load:
        let_something_through(load)
        disk.fill()
        assert eventually(lambda: is_full(small))
        time.sleep(1)
        check_what_is_refused(small)
        check_what_still_works(small, load)
        acknowledged = len(load.event_ids)
        time.sleep(1)
        assert len(load.event_ids) == acknowledged, "records were taken on a full disk"
        disk.leave()
        check_it_resumes(small, disk)
        assert eventually(lambda: len(load.event_ids) > acknowledged)
    everything_is_there_once(small, load)


def test_callers_fill_the_disk_and_deleting_makes_room(small, disk):
    s3 = small.client("s3")
    with Load(small) as load:
        let_something_through(load)
    keys = []
    with pytest.raises(ClientError) as error:
        for number in range(MEBIBYTES):
            keys.append(f"large-{number}")
            s3.put_object(Bucket="things", Key=keys[-1], Body=b"z" * (4 << 20))
    assert error.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert len(keys) > 5
    assert disk.free() + (small.data / "reserve").stat().st_size >= RESERVE, "callers got at the reserve"
    refused(s3.put_object, Bucket="things", Key="more", Body=b"z" * (4 << 20))
    check_what_still_works(small, load)
    for key in keys[:6]:
        s3.delete_object(Bucket="things", Key=key)
    check_it_resumes(small, disk)
    everything_is_there_once(small, load)


def test_killed_and_started_on_a_full_disk(small, disk):
    with Load(small) as load:
        let_something_through(load)
        disk.fill()
        assert eventually(lambda: is_full(small))
        time.sleep(0.5)
        small.kill()
        small.start()
        assert eventually(lambda: is_full(small))
        check_what_is_refused(small)
        check_what_still_works(small, load)
        small.kill()
        disk.fill()  # and what the reserve had given away
        small.start()
        check_what_is_refused(small)
        disk.leave()
        check_it_resumes(small, disk)
    everything_is_there_once(small, load)


def test_started_when_the_reserve_is_gone_too(small, disk):
    """A stranger who goes on taking what the reserve gives away leaves nothing: the program starts all the same, and says so."""
    def drained():
        disk.fill()
        return (small.data / "reserve").stat().st_size == 0 and disk.free() == 0

    with Load(small) as load:
        let_something_through(load)
        disk.fill()
        assert eventually(lambda: is_full(small))
        assert eventually(drained, 120, 0.3)
        small.kill()
        small.start()
        check_what_is_refused(small)
        small.stop()
        small.start()
        check_what_is_refused(small)
        disk.leave()
        check_it_resumes(small, disk)
    everything_is_there_once(small, load)


def test_a_first_start_without_room_says_what_to_do(binary, disk):
    disk.fill()
    os.truncate(disk.stranger, disk.stranger.stat().st_size - (12 << 20))
    cairn = Cairn(binary, disk.folder, CONFIG, {"CAIRN_RESERVE": str(64 << 20)})
    with pytest.raises(RuntimeError):
        cairn.start()
    assert "make room, or set `reserve` to less" in cairn.log.read_text()
    assert cairn.process.wait(10) != 0
    cairn.environment["CAIRN_RESERVE"] = str(4 << 20)
    with cairn:
        assert cairn.get("/_cairn/readyz") == (200, b"ok\n")


@pytest.mark.parametrize("kind", ["tmpfs"])
def test_the_journals_disk_is_full_and_no_other(binary, tmp_path, kind):
    """Reads cannot be recorded and are refused; what changes something waits in the outbox, and reaches the journal later."""
    with SmallDisk(tmp_path / "data/journal", kind, 8) as disk, Cairn(binary, tmp_path, CONFIG) as cairn:
        cairn.client("s3").create_bucket(Bucket="things")
        with Load(cairn) as load:
            let_something_through(load)
            disk.fill()
            # The journal's last page may have room for a small record still.
            assert eventually(lambda: is_unavailable(cairn.client("sts").get_caller_identity))
            assert cairn.put_records([record(additional="x" * 16_384)])[0] == 503
            answer = cairn.client("iam").create_user(UserName="recorded-later")
            load.request_ids.append(answer["ResponseMetadata"]["RequestId"])
            assert cairn.get("/_cairn/readyz")[0] == 200
            disk.leave()
            assert eventually(lambda: cairn.put_records([record()])[0] == 200, 60, 0.2)
            time.sleep(1)
        assert eventually(lambda: count_in_history(cairn)[1][answer["ResponseMetadata"]["RequestId"]] == 1)
        by_id, by_request = count_in_history(cairn)
        check_once("the history, by event id,", load.event_ids, by_id)
        check_once("the history, by request id,", load.request_ids, by_request)
