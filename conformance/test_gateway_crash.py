"""kill -9 while calls are on their way to an upstream that writes down what reached it: every one that may change something is in the
trail, with its outcome or as OutcomeUnknown, and none of them twice.

./dev soak does 50 kills; CAIRN_SEED repeats a run.
"""

import collections
import os
import random
import threading
import time

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from cairn import Cairn, eventually
from small_disk import SmallDisk
from upstream import Upstream, ok

CALLERS = 6


class Load:
    """Callers that put and delete objects of names that come once."""

    def __init__(self, cairn: Cairn, run: int):
        self.cairn, self.run, self.stop = cairn, run, threading.Event()
        self.acknowledged: set[str] = set()
        self.threads = [threading.Thread(target=self._call, args=(caller,)) for caller in range(CALLERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _call(self, caller: int):
        s3 = self.cairn.client("s3", connect_timeout=1, read_timeout=5, s3={"addressing_style": "path"})
        serial = 0
        while not self.stop.is_set():
            serial += 1
            key = f"r{self.run}-c{caller}-{serial}"
            try:
                if serial % 3:
                    s3.put_object(Bucket="finch", Key=key, Body=b"x" * (serial % 7 * 3000))
                else:
                    s3.delete_object(Bucket="finch", Key=key)
                self.acknowledged.add(key)
            except (ClientError, BotoCoreError):
                time.sleep(0.02)


def keys_of(cairn: Cairn) -> collections.Counter:
    """How many records each object's key has."""
    found = collections.Counter()
    for entry in cairn.journal():
        record = entry.get("record", {})
        if record.get("eventName") in ("PutObject", "DeleteObject"):
            parameters = record["requestParameters"] or {}
            found[parameters.get("key", record["eventID"])] += 1
    return found


def slow_at_random(dice: random.Random):
    def answer(request):
        ok(request)
        time.sleep(dice.random() * 0.02)

    return answer


def reached(far: Upstream) -> set[str]:
    return {target.partition("?")[0].rpartition("/")[2] for target in far.targets("PUT", "DELETE")}


def kill_again_and_again(binary, folder, kills: int):
    dice = random.Random(int(os.environ.get("CAIRN_SEED", "0")) or None)
    with Upstream(slow_at_random(dice)) as far:
        cairn = Cairn(binary, folder, f'gateway: {{upstreams: {{s3: "{far.url}"}}}}\n')
        acknowledged = set()
        unknown = 0
        try:
            cairn.start()
            for run in range(kills):
                with Load(cairn, run) as load:
                    assert eventually(lambda load=load: len(load.acknowledged) > 15), "the load did not get through"
                    time.sleep(dice.random() * 0.3)
                    cairn.kill()
                    load.stop.set()
                acknowledged |= load.acknowledged
                cairn.start()
            found = keys_of(cairn)
            unknown = sum(e.get("record", {}).get("errorCode") == "OutcomeUnknown" for e in cairn.journal())
        finally:
            cairn.stop()
        assert reached(far) <= set(found), sorted(reached(far) - set(found))[:5]
        assert acknowledged <= set(found)
        # The client repeats a call whose connection breaks off, under the same key: no event id comes twice.
        ids = collections.Counter(e["record"]["eventID"] for e in cairn.journal() if "record" in e)
        assert max(ids.values()) == 1
        return unknown


def test_every_call_that_reached_the_upstream_is_in_the_trail(binary, tmp_path):
    kill_again_and_again(binary, tmp_path, 3)


@pytest.mark.soak
def test_the_same_50_times(binary, tmp_path):
    assert kill_again_and_again(binary, tmp_path, 50) > 0, "no call was ever under way at a kill"


def test_on_a_full_disk_nothing_is_relayed(binary, tmp_path):
    reserve = 4 << 20
    with SmallDisk(tmp_path / "small", "tmpfs", 120) as disk, Upstream() as far:
        config = f'gateway: {{upstreams: {{s3: "{far.url}"}}}}\nreserve: {reserve}\n'
        with Cairn(binary, disk.folder, config, {"CAIRN_RESERVE": str(reserve)}) as cairn:
            s3 = cairn.client("s3", s3={"addressing_style": "path"})
            s3.delete_object(Bucket="finch", Key="before")
            disk.fill()

            def refused():
                try:
                    s3.delete_object(Bucket="finch", Key="meanwhile")
                except ClientError as error:
                    return error.response["ResponseMetadata"]["HTTPStatusCode"] == 503
                return False

            assert eventually(refused)
            far.seen.clear()
            for _ in range(5):
                assert refused()
            assert not far.seen
            disk.leave()
            assert eventually(lambda: not refused())
            cairn.kill()
            cairn.start()
            found = keys_of(cairn)
            assert found["before"] == 1 and reached(far) <= set(found)
