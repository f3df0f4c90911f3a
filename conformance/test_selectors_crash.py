"""kill -9 at random moments while a trail's selectors change under load: every event is in the trail's files once if the selectors that
held at its place in the journal take it, and not at all if not. CAIRN_SEED repeats a run; ./dev soak does 50 kills.
"""

import collections
import os
import random
import threading
import time

import pytest
from cairn import Cairn, eventually
from test_crash import Load

OBJECTS = "arn:aws:s3:::things/object-1"  # and what begins so
KINDS = [
    {"EventSelectors": [{}]},
    {"EventSelectors": [{"ReadWriteType": "WriteOnly"}]},
    {"EventSelectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]},
    {"EventSelectors": [{"IncludeManagementEvents": False, "DataResources": [{"Type": "AWS::S3::Object", "Values": [OBJECTS]}]}]},
    {"AdvancedEventSelectors": [{"FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::things/"], "NotStartsWith": [OBJECTS]}]}]},
]


class Changes(threading.Thread):
    """Puts other selectors again and again, whatever becomes of it."""

    def __init__(self, cairn, seed):
        super().__init__()
        self.cairn, self.dice, self.ended, self.done = cairn, random.Random(seed), threading.Event(), 0

    def run(self):
        cloudtrail = self.cairn.client("cloudtrail", connect_timeout=1, read_timeout=5)
        while not self.ended.wait(self.dice.uniform(0.02, 0.1)):
            try:
                cloudtrail.put_event_selectors(TrailName="trail", **self.dice.choice(KINDS))
                self.done += 1
            except Exception:  # killed
                continue


def takes(selectors, event):
    """Just what KINDS say."""
    data = event["eventCategory"] == "Data"
    arns = [r.get("ARN", "") for r in event.get("resources", []) if r["type"] == "AWS::S3::Object"]
    for one in selectors.get("EventSelectors", []):
        if one["ReadWriteType"] != "All" and event["readOnly"] != (one["ReadWriteType"] == "ReadOnly"):
            continue
        values = [v for resource in one["DataResources"] for v in resource["Values"]]
        if any(arn.startswith(v) for arn in arns for v in values) if data else one["IncludeManagementEvents"]:
            return True
    return bool(selectors.get("AdvancedEventSelectors")) and data and any(arn.startswith("arn:aws:s3:::things/") for arn in arns) and not any(
        arn.startswith(OBJECTS) for arn in arns)


def expected(journal, last):
    """Event ids up to the last one, by whether the trail takes them."""
    selectors, logging, by_verdict = KINDS[0], False, {True: [], False: []}
    for entry in journal:
        if entry["kind"] == "control":
            trail = entry["control"]["trail"]
            logging = trail["logging"]
            selectors = trail["selectors"] or {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]}
        elif entry["kind"] == "record":
            event = entry["record"]
            by_verdict[logging and takes(selectors, event)].append(event["eventID"])
            if event["eventName"] == "CreateUser" and event["requestParameters"]["userName"] == last:
                return by_verdict
    return None


def kills(binary, tmp_path, count):
    seed = int(os.environ.get("CAIRN_SEED", random.randrange(1 << 32)))
    print(f"seed {seed} (repeat with CAIRN_SEED={seed})")
    dice = random.Random(seed)
    with Cairn(binary, tmp_path, "delivery: {interval: 1s}\n") as cairn:
        cairn.make_trail(IsMultiRegionTrail=True)
        cairn.client("s3").create_bucket(Bucket="things")
        changes = Changes(cairn, seed)
        changes.start()
        with Load(cairn) as load:
            for _ in range(count):
                time.sleep(dice.uniform(0.1, 1.5))
                cairn.kill()
                cairn.start()
            load.get_through()
        changes.ended.set()
        changes.join()
        assert changes.done > count, "the selectors hardly changed"
        check(cairn)


def check(cairn):
    cairn.client("cloudtrail").put_event_selectors(TrailName="trail", **KINDS[0])
    standard = {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}]}
    assert eventually(lambda: [e["control"]["trail"]["selectors"] for e in cairn.journal() if e["kind"] == "control"][-1] == standard)
    cairn.client("iam").create_user(UserName="the-last")
    wanted = eventually(lambda: expected(cairn.journal(), "the-last"))
    assert len(wanted[True]) > 50 and len(wanted[False]) > 50, "the selectors hardly selected"

    def delivered():
        ids = collections.Counter(r["eventID"] for r in cairn.delivered())
        return ids if ids[wanted[True][-1]] else None

    ids = eventually(delivered, pause=0.5)
    assert ids, "the last event is in no file"
    assert [i for i in wanted[True] if ids[i] != 1] == [], "taken, and in no file or in two"
    assert [i for i in wanted[False] if ids[i] != 0] == [], "not taken, and in a file"


def test_five_kills_while_selectors_change(binary, tmp_path):
    kills(binary, tmp_path, 5)


@pytest.mark.soak
def test_fifty_kills_while_selectors_change(binary, tmp_path):
    kills(binary, tmp_path, 50)
