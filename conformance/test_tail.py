"""The live view: `cairn tail`, and the endpoint that it is a client of."""

import json
import subprocess
import threading

import pytest
from cairn import Cairn, eventually
from records import record


class Tail:
    """A `cairn tail` that runs, and its lines."""

    def __init__(self, cairn: Cairn, *arguments: str, profile: str = "default"):
        command = [cairn.binary, "tail", "--endpoint", cairn.endpoint, *arguments]
        environment = cairn.aws_environment(profile)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        self.lines: list[str] = []
        threading.Thread(target=lambda: self.lines.extend(iter(self.process.stdout.readline, "")), daemon=True).start()

    def names(self) -> list[str]:
        return [json.loads(line)["eventName"] for line in list(self.lines)]

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def tail(cairn: Cairn, *arguments: str, profile: str = "default", code: int = 0) -> str:
    command = [cairn.binary, "tail", "--endpoint", cairn.endpoint, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=cairn.aws_environment(profile), timeout=60)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def lines_of(cairn: Cairn, question: dict, profile: str = "default") -> list[dict]:
    status, body = cairn.signed_post("/_cairn/tail", json.dumps(question | {"follow": False}).encode(), profile=profile)
    assert status == 200, body
    return [json.loads(line) for line in body.splitlines()]


def begin(cairn: Cairn, running: Tail) -> None:
    """It follows from the moment of its answer on: shows calls until it shows one."""
    assert eventually(lambda: cairn.client("iam").list_users() and "ListUsers" in running.names())


def test_shows_what_happens_as_it_happens_through_a_restart(cairn):
    with Tail(cairn, "-f", "eventSource=iam.amazonaws.com") as running:
        begin(cairn, running)
        cairn.client("sts").get_caller_identity()
        cairn.client("iam").create_user(UserName="ann")
        assert eventually(lambda: running.names()[-1] == "CreateUser")
        assert set(running.names()) == {"ListUsers", "CreateUser"}
        cairn.stop()
        cairn.start()
        cairn.client("iam").delete_user(UserName="ann")
        assert eventually(lambda: running.names()[-1] == "DeleteUser")
        assert running.names().count("CreateUser") == 1
        assert running.process.poll() is None


def test_begins_where_it_is_told_and_ends_where_the_journal_does(shared):
    names = ["One", "Two", "Three"]
    before = lines_of(shared, {"since": "now"})[-1]["mark"]
    for name in names:
        shared.put_records([record(name)])
    lines = lines_of(shared, {"since": before})
    assert [line["record"]["eventName"] for line in lines if "record" in line] == names
    assert "record" not in lines[-1]
    behind_two = [line["mark"] for line in lines if line.get("record", {}).get("eventName") == "Two"][0]
    assert [line["record"]["eventName"] for line in lines_of(shared, {"since": behind_two}) if "record" in line] == ["Three"]
    assert [json.loads(line)["eventName"] for line in tail(shared, "--since", before, "eventName=T*").splitlines()] == ["Two", "Three"]
    assert json.loads(tail(shared, "--since", before, "--pattern", '{"eventName": ["One"]}'))["eventName"] == "One"
    text = tail(shared, "--since", before, "--output", "text", "eventName=One").split()
    assert text[1:] == ["mira", "iam:One"] or text[2].endswith(":One"), text


def test_data_events_are_shown_too(shared):
    s3 = shared.client("s3")
    s3.create_bucket(Bucket="watched")
    before = lines_of(shared, {"since": "now"})[-1]["mark"]
    s3.put_object(Bucket="watched", Key="a", Body=b"x")
    found = lines_of(shared, {"since": before, "pattern": {"eventName": ["PutObject"]}})
    assert found[0]["record"]["requestParameters"]["key"] == "a"


TWO = """
accounts:
  - {id: "111122223333", name: main, users: [{name: ann, administrator: true, keys: [{id: AKIAEXAMPLE00000001, secret: one}]}]}
  - {id: "444455556666", name: other, users: [
     {name: eve, administrator: true, keys: [{id: AKIAEXAMPLE00000003, secret: three}]},
     {name: bob, policies: [{name: p, document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "iam:*", Resource: "*"}]}}],
     keys: [{id: AKIAEXAMPLE00000002, secret: two}]}]}
"""


def test_an_account_sees_its_own_records_and_needs_the_permission(binary, tmp_path):
    with Cairn(binary, tmp_path, TWO) as cairn:
        cairn.client("iam", "111122223333.ann").list_users()
        cairn.client("iam", "444455556666.bob").list_roles()
        seen = lambda profile: [line["record"]["eventName"] for line in lines_of(cairn, {"since": "1h"}, profile) if "record" in line]  # noqa: E731
        assert "ListUsers" in seen("111122223333") and "ListRoles" not in seen("111122223333")
        assert "ListRoles" in seen("444455556666") and "ListUsers" not in seen("444455556666")
        status, body = cairn.signed_post("/_cairn/tail", b"", profile="444455556666.bob")
        assert status == 403 and b"cairn:Tail" in body
        status, body = cairn.signed_post("/_cairn/assert", b"{}", profile="444455556666.bob")
        assert status == 403 and b"cairn:Assert" in body


@pytest.mark.parametrize("question, status", [
    ('{"since": "yesterday"}', 400),
    ('{"since": "0-99999999"}', 400),
    ('{"pattern": {"eventName": "x"}}', 400),
    ('{"filter": {}}', 400),
    ("{", 400),
    (" " * 300_000, 413),
])
def test_what_is_no_question_is_refused(shared, question, status):
    answered, body = shared.signed_post("/_cairn/tail", question.encode())
    assert answered == status and json.loads(body)["reason"]


def test_strangers_and_other_methods_are_refused(shared):
    assert shared.get("/_cairn/tail")[0] == 405
    assert shared.signed_post("/_cairn/mark", b"")[0] == 405
    assert shared.get("/_cairn/mark")[0] == 403
    assert shared.signed_post("/_cairn/tail", b"", service="s3")[0] == 403


def test_the_command_says_what_is_wrong(shared):
    assert "field=value" in tail(shared, "PutObject", code=1)
    assert "a pattern, or terms" in tail(shared, "a=b", "--pattern", "{}", code=1)
    assert "since" in tail(shared, "--since", "yesterday", code=1)
    assert "\x1b" not in tail(shared, "--since", "1m", "--output", "text")  # no terminal, no colours
