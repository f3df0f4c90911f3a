"""CloudTrail records for benchmarks: many, of about 1.1 KB, each with an event id of its own, in bodies that wait on disk.

With CAIRN_TEST_DATA (or ../shared/data) they come from its generator, so that figures compare with what peers were measured with;
without it from a smaller one of our own. The first pool of records is varied by event id alone: making gigabytes takes seconds,
not hours.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "conformance"))

from records import record  # noqa: E402

POOL = 20_000  # records that differ in more than their event id
_ID = re.compile(rb'"eventID":\s?"([^"]*)"')
_ACCOUNT = re.compile(rb'"recipientAccountId":\s?"([^"]*)"')


@dataclass
class Body:
    path: Path
    size: int
    sha256: str
    last_id: str
    last_account: str
    last_region: str


def _generator() -> Path | None:
    data = Path(os.environ.get("CAIRN_TEST_DATA") or ROOT.parent / "shared" / "data")
    script = data / "patterns" / "bench" / "cloudtrail_records.py"
    return script if script.is_file() else None


def _own(count: int) -> list[bytes]:
    now = datetime.datetime.now(datetime.timezone.utc)
    made = []
    for n in range(count):
        one = record(f"Action{n % 30}", account=f"12345678900{n % 8}", region=("us-east-1", "eu-west-1", "ap-south-1")[n % 3], user=f"user-{n % 200}",
                     when=now - datetime.timedelta(seconds=n % 900_000), read_only=n % 3 > 0,
                     requestParameters={"name": uuid.UUID(int=n).hex, "text": hashlib.sha512(str(n).encode()).hexdigest() * 2})
        made.append(json.dumps(one, separators=(",", ":")).encode())
    return made


def pool(count: int = POOL) -> list[bytes]:
    script = _generator()
    if script is None:
        return _own(count)
    return subprocess.run([sys.executable, str(script), str(count)], capture_output=True, check=True).stdout.splitlines()


def accounts(records: list[bytes]) -> list[str]:
    return sorted({_ACCOUNT.search(r).group(1).decode() for r in records})


def write_bodies(folder: Path, records: list[bytes], total_bytes: int, batch: int) -> list[Body]:
    """Bodies of `batch` records each, `total_bytes` in all. Event ids count up, so that each is new."""
    parts = []
    for text in records:
        found = _ID.search(text)
        parts.append((text[: found.start(1)], text[found.end(1):]))
    bodies, written, number = [], 0, 0
    while written < total_bytes:
        lines = []
        for _ in range(batch):
            head, tail = parts[number % len(parts)]
            # Looks as random as a real one: its high half is a hash of the number.
            high = (number * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
            identity = b"%08x-%04x-%04x-%04x-%012x" % (high >> 32, high >> 16 & 0xFFFF, high & 0xFFFF, number >> 48, number & 0xFFFFFFFFFFFF)
            lines.append(head + identity + tail)
            number += 1
        text = b'{"Records":[' + b",".join(lines) + b"]}"
        path = folder / f"{len(bodies):06d}.json"
        path.write_bytes(text)
        last = json.loads(lines[-1])
        bodies.append(Body(path, len(text), hashlib.sha256(text).hexdigest(), last["eventID"], last["recipientAccountId"], last["awsRegion"]))
        written += len(text)
    return bodies
