"""Records of one account and Region with values of every frequency, for bench/lookup.py. What each is, its number says: any slice can be made again."""

from __future__ import annotations

import datetime
import json
import re

import corpus

ACCOUNT = "111122223333"
REGION = "us-east-1"
SOURCE = "every.amazonaws.com"  # of every event
RARE_EVERY = 100_000  # one event in so many has RARE_USER: about one a segment
RARE_USER = "one-a-segment"
PERCENT_NAME = "OneInAHundred"
BATCH = 1000
COLUMNS = "account, region, event_time, event_id, event_name, event_source, username, access_key_id, read_only, resource_type, resource_name, record"

_SLOTS = re.compile(rb"@(time|id|name|user)@")


def event_id(number: int) -> str:
    """Looks as random as a real one: its high half is a hash of the number."""
    high = (number * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    return f"{high >> 32:08x}-{high >> 16 & 0xFFFF:04x}-{high & 0xFFFF:04x}-{number >> 48:04x}-{number & 0xFFFFFFFFFFFF:012x}"


def absent_id(number: int) -> str:
    return "f" + event_id(number + (1 << 40))[1:]


class Records:
    """Number n of `count` has a time that rises from `begin` to `end`."""

    def __init__(self, count: int, begin: datetime.datetime, end: datetime.datetime):
        self.begin, self.step = begin, (end - begin) / count
        self.templates = [self._template(json.loads(text)) for text in corpus.pool()]

    @staticmethod
    def _template(record: dict) -> tuple[bytes, bytes]:
        """The record with four slots, and its columns of a table, which have two."""
        key = record["userIdentity"]["accessKeyId"]
        record["userIdentity"].update(type="IAMUser", userName="@user@", accountId=ACCOUNT)
        record.update(eventTime="@time@", eventID="@id@", eventName="@name@", eventSource=SOURCE, awsRegion=REGION, recipientAccountId=ACCOUNT,
                      managementEvent=True, eventCategory="Management")
        text = json.dumps(record, separators=(",", ":")).replace("%", "%%").encode()
        text = _SLOTS.sub(rb"%(\1)s", text)
        bucket = (record["requestParameters"] or {}).get("bucketName", "")
        columns = "\t".join(["%(user)s", key, str(record["readOnly"]).lower(), "AWS::S3::Bucket" if bucket else r"\N", bucket or r"\N"])
        row = f"{ACCOUNT}\t{REGION}\t%(time)s\t%(id)s\t%(name)s\t{SOURCE}\t{columns}\t".encode()
        return text, row + text.replace(b"\\", b"\\\\") + b"\n"

    def _values(self, number: int, time: bytes) -> dict[bytes, bytes]:
        return {
            b"time": time,
            b"id": event_id(number).encode(),
            b"name": PERCENT_NAME.encode() if number % 100 == 50 else b"Action%d" % (number % 30),
            b"user": RARE_USER.encode() if number % RARE_EVERY == RARE_EVERY // 2 else b"user-%d" % (number * 7 % 500),
        }

    def _made(self, first: int, count: int, which: int) -> list[bytes]:
        made = []
        for number in range(first, first + count):
            time = (self.begin + self.step * number).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
            made.append(self.templates[number % len(self.templates)][which] % self._values(number, time))
        return made

    def body(self, first: int, count: int = BATCH) -> bytes:
        """As the door takes them."""
        return b'{"Records":[' + b",".join(self._made(first, count, 0)) + b"]}"

    def rows(self, first: int, count: int = BATCH) -> bytes:
        """As PostgreSQL's COPY takes them."""
        return b"".join(self._made(first, count, 1))
