"""Which AWS calls did this test make? Asked of the trail that Cairn kept of them.

    from pytest_cairn import event

    def test_backup(cairn_trail):
        run_backup()
        cairn_trail.expect(
            event("PutObject", where={"requestParameters.bucketName": "backups"}, count=3),
            event(source="iam.amazonaws.com", count=0),
        )

The fixture begins at the journal's end as it is when the test starts. Where Cairn is says --cairn-url, else the ini value cairn_url,
else AWS_ENDPOINT_URL; who asks (the action is cairn:Assert) are boto3's credentials.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from typing import Any, Optional

import pytest

REGION = "us-east-1"  # of the signature; it means nothing here
PATIENCE = 90.0  # seconds; a "wait" is 60 at most


def event(name: Optional[str] = None, *, source: Optional[str] = None, key: Optional[str] = None, where: Optional[dict[str, Any]] = None,
          count: Optional[int] = None, at_least: Optional[int] = None, at_most: Optional[int] = None, title: Optional[str] = None) -> dict:
    """An expectation: events of this name, of this source ("s3.amazonaws.com"), by this access key, with these values by field
    ("requestParameters.bucketName": "logs"; a list for one of several; a value may be any test of an EventBridge pattern).
    So many; without a number one at least."""
    fields = dict(where or {})
    fields.update({field: value for field, value in (("eventName", name), ("eventSource", source), ("userIdentity.accessKeyId", key))
                   if value is not None})
    if not fields:
        raise ValueError("an expectation of what? a name, a source, a key or a field")
    expectation: dict[str, Any] = {"name": title or ", ".join(f"{field}={value}" for field, value in fields.items()), "pattern": pattern(fields)}
    expectation.update({word: number for word, number in (("count", count), ("at_least", at_least), ("at_most", at_most))
                        if number is not None})
    return expectation


def pattern(fields: dict[str, Any]) -> dict:
    """{"a.b": 1} as an EventBridge pattern: {"a": {"b": [1]}}."""
    whole: dict[str, Any] = {}
    for field, value in fields.items():
        *outer, last = field.split(".")
        at = whole
        for name in outer:
            at = at.setdefault(name, {})
        at[last] = value if isinstance(value, list) else [value]
    return whole


class CairnError(Exception):
    """Cairn did not answer the question."""


class Trail:
    """The trail of one Cairn, from a mark on."""

    def __init__(self, url: str, credentials: Any):
        self.url = url.rstrip("/")
        self.credentials = credentials
        self.since = self.mark()

    def mark(self) -> str:
        """The journal's end now: what is done from here on is behind it."""
        return self._ask("GET", "mark")["mark"]

    def check(self, *expectations: dict, only: Optional[dict] = None, wait: str = "5s", since: Optional[str] = None) -> dict:
        """Cairn's answer: whether they hold, and the events. `only`: fields of events of which none may be that no expectation has.
        `wait`: so long at most for what is still to come."""
        question: dict[str, Any] = {"since": since or self.since, "wait": wait, "expect": list(expectations)}
        if only is not None:
            question["only"] = pattern(only)
        return self._ask("POST", "assert", json.dumps(question).encode())

    def expect(self, *expectations: dict, **how: Any) -> dict:
        """The same; what does not hold fails the test, with the events that broke it."""
        __tracebackhide__ = True
        answer = self.check(*expectations, **how)
        if not answer["holds"]:
            pytest.fail(explain(answer), pytrace=False)
        return answer

    def _ask(self, method: str, path: str, body: bytes = b"") -> dict:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        request = AWSRequest(method, f"{self.url}/_cairn/{path}", data=body)
        SigV4Auth(self.credentials, "cairn", REGION).add_auth(request)
        sent = urllib.request.Request(request.url, data=body or None, headers=dict(request.headers), method=method)
        try:
            with urllib.request.urlopen(sent, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise CairnError(f"{method} {request.url}: {error.code} {error.read().decode(errors='replace')}") from None


def explain(answer: dict) -> str:
    """What of an answer does not hold, in words."""
    lines = [f"the trail is not as expected ({answer['looked_at']} events since {answer['since']})"]
    for one in answer["expectations"]:
        if not one["holds"]:
            lines.append(f"  {one['name']}: {one['wanted']} wanted, {one['found']} found")
            lines += [f"    {summary(record)}" for record in one["events"]]
    unexpected = answer.get("unexpected", {"found": 0, "events": []})
    if unexpected["found"]:
        lines.append(f"  not expected: {unexpected['found']}")
        lines += [f"    {summary(record)}" for record in unexpected["events"]]
    return "\n".join(lines)


def summary(record: dict) -> str:
    """An event as one line."""
    who = record.get("userIdentity", {})
    parts = [record.get("eventTime"), who.get("userName") or who.get("arn") or who.get("invokedBy"), record.get("eventSource"),
             record.get("eventName"), json.dumps(record.get("requestParameters")), record.get("errorCode")]
    return " ".join(str(part) for part in parts if part)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("cairn").addoption("--cairn-url", help="where Cairn is; default: cairn_url of the ini file, else AWS_ENDPOINT_URL")
    parser.addini("cairn_url", "where Cairn is")


@pytest.fixture
def cairn_trail(request: pytest.FixtureRequest) -> Trail:
    """The trail of what happens from here on."""
    url = request.config.getoption("--cairn-url") or request.config.getini("cairn_url") or os.environ.get("AWS_ENDPOINT_URL")
    if not url:
        pytest.fail("where is Cairn? --cairn-url, cairn_url in the ini file, or AWS_ENDPOINT_URL", pytrace=False)
    import boto3

    credentials = boto3.Session().get_credentials()
    if credentials is None:
        pytest.fail("boto3 finds no credentials to ask Cairn with", pytrace=False)
    return Trail(url, credentials.get_frozen_credentials())
