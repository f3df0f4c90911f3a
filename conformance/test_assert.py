"""Assertions over the trail, and pytest's plugin for them."""

import json
import os
import subprocess
import sys
import threading

import pytest
from cairn import ROOT, Cairn

sys.path.insert(0, str(ROOT / "packaging/pytest-cairn"))
import pytest_cairn  # noqa: E402
from pytest_cairn import event  # noqa: E402


def trail_of(cairn: Cairn) -> pytest_cairn.Trail:
    return pytest_cairn.Trail(cairn.endpoint, cairn.session().get_credentials().get_frozen_credentials())


@pytest.fixture(scope="module")
def bucket(shared):
    shared.client("s3").create_bucket(Bucket="asserted")
    return "asserted"


def three_puts(shared, bucket):
    key = shared.session().get_credentials().access_key
    return event("PutObject", key=key, where={"requestParameters.bucketName": bucket}, count=3, title="three puts")


def test_this_key_put_three_times_and_did_nothing_in_iam(shared, bucket):
    s3, trail = shared.client("s3"), trail_of(shared)
    nothing_in_iam = event(source="iam.amazonaws.com", count=0)
    for name in "abc":
        s3.put_object(Bucket=bucket, Key=name, Body=b"x")
    answer = trail.expect(three_puts(shared, bucket), nothing_in_iam)
    assert answer["holds"] and answer["looked_at"] >= 3

    s3.put_object(Bucket=bucket, Key="d", Body=b"x")
    shared.client("iam").list_users()
    answer = trail.check(three_puts(shared, bucket), nothing_in_iam)
    puts, iam = answer["expectations"]
    assert not answer["holds"] and puts["found"] == 4 and iam["found"] == 1
    assert [e["requestParameters"]["key"] for e in puts["events"]] == list("abcd")
    assert iam["events"][0]["eventName"] == "ListUsers"
    with pytest.raises(pytest.fail.Exception) as failed:
        trail.expect(three_puts(shared, bucket), nothing_in_iam)
    assert "three puts: exactly 3 wanted, 4 found" in str(failed.value) and "ListUsers" in str(failed.value)


def test_calls_that_were_answered_are_counted_at_once(shared):
    iam = shared.client("iam")
    for i in range(20):
        trail = trail_of(shared)
        iam.create_user(UserName=f"counted{i}")
        assert trail.check(event("CreateUser", count=1), wait="0s")["holds"]


def test_only_and_refused_calls(shared, bucket):
    s3, trail = shared.client("s3"), trail_of(shared)
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    of_s3 = {"eventSource": "s3.amazonaws.com"}
    assert trail.check(event("PutObject"), only=of_s3)["holds"]
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key="none")
    answer = trail.check(event("PutObject"), only=of_s3)
    assert not answer["holds"] and answer["unexpected"]["events"][0]["errorCode"] == "NoSuchKey"
    assert trail.check(event("GetObject", where={"errorCode": "NoSuchKey"}, count=1), event("PutObject"), only=of_s3)["holds"]


def test_it_waits_for_what_is_to_come(shared, bucket):
    trail = trail_of(shared)
    later = threading.Timer(0.3, lambda: shared.client("s3").put_object(Bucket=bucket, Key="late", Body=b"x"))
    later.start()
    assert trail.check(event("PutObject", where={"requestParameters.key": "late"}), wait="60s")["holds"]
    later.join()


def test_a_question_is_of_what_was_since(shared):
    iam, trail = shared.client("iam"), trail_of(shared)
    iam.list_groups()
    middle = trail.mark()
    iam.list_groups()
    assert trail.check(event("ListGroups", count=2))["holds"]
    assert trail.check(event("ListGroups", count=1), since=middle)["holds"]
    question = {"since": trail.since, "until": middle, "expect": [event("ListGroups", count=1)]}
    assert json.loads(shared.signed_post("/_cairn/assert", json.dumps(question).encode())[1])["holds"]


def test_what_is_wrong_is_said(shared):
    with pytest.raises(pytest_cairn.CairnError, match="since"):
        trail_of(shared).check(event("ListGroups"), since="yesterday")
    with pytest.raises(ValueError):
        event()


def test_the_plugin_in_a_test_of_its_own(shared, tmp_path, monkeypatch):
    (tmp_path / "test_own.py").write_text('''
import boto3
from pytest_cairn import event

def test_holds(cairn_trail):
    boto3.client("iam").list_users()
    cairn_trail.expect(event("ListUsers", count=1))

def test_breaks(cairn_trail):
    cairn_trail.expect(event("ListUsers", count=1), wait="0s")
''')
    environment = shared.aws_environment() | {"PYTHONPATH": str(ROOT / "packaging/pytest-cairn")}
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "pytest_cairn", "-p", "no:cacheprovider", str(tmp_path)],
                          capture_output=True, text=True, env=environment, cwd=os.fspath(tmp_path), timeout=120)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "exactly 1 wanted, 0 found" in done.stdout
