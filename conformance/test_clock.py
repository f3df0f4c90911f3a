"""A wall clock that is stepped an hour back and a day forward while the program runs, and between two runs: no harm done."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError
from cairn import Cairn, eventually
from records import record
from shim import shim  # noqa: F401  (a fixture)
from test_crash import Load, check_everything

STEPS = ({"days": 1}, {}, {"hours": -1}, {"days": 1}, {"hours": -1}, {})
CONFIG = "delivery: {interval: 1s}\nhistory: {retention: 2h}\n"


@pytest.fixture
def stepped(binary, tmp_path, shim):  # noqa: F811
    """A Cairn whose clock can be stepped."""
    with Cairn(binary, tmp_path, CONFIG, shim.environment) as cairn:
        yield cairn


def metric(cairn, name):
    lines = cairn.get("/_cairn/metrics")[1].decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def test_steps_under_load_lose_and_double_nothing(stepped, shim, monkeypatch):  # noqa: F811
    stepped.make_trail(IsMultiRegionTrail=True)
    stepped.client("s3").create_bucket(Bucket="things")
    with shim.clients_agree(monkeypatch), Load(stepped) as load:
        assert eventually(lambda: load.objects and load.event_ids)
        for step in STEPS:
            before = len(load.event_ids), metric(stepped, "cairn_delivery_files_total")
            shim.clock(**step)
            assert eventually(lambda: len(load.event_ids) > before[0] + 50), f"no record was taken after {step}"
            assert eventually(lambda: metric(stepped, "cairn_delivery_files_total") > before[1]), f"no file came after {step}"
    check_everything(stepped, load)
    stepped.stop()
    entries = stepped.journal()
    assert [e["position"] for e in entries] == list(range(entries[0]["position"], entries[0]["position"] + len(entries)))
    times = [e["time"] for e in entries]
    assert times == sorted(times), "the journal's time stepped back"
    assert times[-1][:10] > times[0][:10], "the day that was ahead is not in the journal: the shim did nothing"


def test_pages_stay_as_they_were_through_steps(stepped, shim, monkeypatch):  # noqa: F811
    with shim.clients_agree(monkeypatch):
        wanted = [record(user="pages") for _ in range(130)]
        assert stepped.put_records(wanted)[0] == 200
        query = {"LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": "pages"}], "MaxResults": 50}
        cloudtrail = stepped.client("cloudtrail")
        assert eventually(lambda: len(stepped.lookup_all(LookupAttributes=query["LookupAttributes"])) == len(wanted))
        first = cloudtrail.lookup_events(**query)
        seen, token = [e["EventId"] for e in first["Events"]], first["NextToken"]
        for step in ({"days": 1}, {"hours": -1}):
            shim.clock(**step)
            assert stepped.put_records([record(user="pages", when=shim.now()) for _ in range(10)])[0] == 200
            page = cloudtrail.lookup_events(**query, NextToken=token)
            again = cloudtrail.lookup_events(**query, NextToken=token)
            assert [e["EventId"] for e in page["Events"]] == [e["EventId"] for e in again["Events"]]
            seen, token = seen + [e["EventId"] for e in page["Events"]], page.get("NextToken")
        assert token is None
        assert sorted(seen) == sorted(r["eventID"] for r in wanted)


def test_retention_deletes_nothing_on_a_step_that_is_taken_back(stepped, shim, monkeypatch):  # noqa: F811
    wanted = [record(user="kept") for _ in range(26_000)]
    for part in range(0, len(wanted), 6_500):
        assert stepped.put_records(wanted[part:part + 6_500])[0] == 200
    assert eventually(lambda: metric(stepped, "cairn_store_segments{") >= 1), "nothing was sealed"

    def is_kept():
        assert metric(stepped, "cairn_store_segments{") >= 1
        query = {"AttributeKey": "EventId", "AttributeValue": wanted[7]["eventID"]}
        return len(stepped.client("cloudtrail").lookup_events(LookupAttributes=[query])["Events"]) == 1

    assert is_kept()
    with shim.clients_agree(monkeypatch):
        shim.clock(days=1)
        time.sleep(4)  # several ticks, each of which would delete
        assert is_kept()
        assert stepped.put_records([record(user="late", when=shim.now() - shim.step)])[0] == 200
        assert eventually(lambda: stepped.lookup_all(LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": "late"}]))
        stepped.stop()
        shim.clock(days=400)  # a wrong clock at a start: the journal knows better
        stepped.start()
        time.sleep(3)
        assert is_kept()
        stepped.stop()
    shim.clock()
    stepped.start()
    time.sleep(2)
    assert is_kept()


@pytest.mark.parametrize("step", [{"days": 1}, {"hours": -1}])
def test_whoever_signs_with_another_time_is_told_as_aws_tells(stepped, shim, step):  # noqa: F811
    shim.clock(**step)
    wants = {
        ("s3", "list_buckets"): ("RequestTimeTooSkewed", 403),
        ("iam", "list_users"): ("SignatureDoesNotMatch", 403),
        ("cloudtrail", "describe_trails"): ("InvalidSignatureException", 400),
    }
    for (service, operation), (code, status) in wants.items():
        with pytest.raises(ClientError) as error:
            getattr(stepped.client(service), operation)()
        assert error.value.response["Error"]["Code"] == code
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
