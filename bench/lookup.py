"""LookupEvents over millions of events in one account and Region, by values of every frequency, while records arrive; beside it
PostgreSQL on the same data.

    .deps/venv/bin/python bench/lookup.py [--events 5000000] [--queries 1000] [--cold 100] [--no-postgresql] [--binary build/release/cairn]

Cairn is asked over HTTP: requests signed beforehand on one connection that stays, from sending to the answer's last byte. PostgreSQL
(Debian's, 1 GB of shared buffers) is asked for the same page by a prepared statement on one connection on its socket, with an index
for each attribute on (account, region, attribute, time). Warm: after 50 other queries of the kind. Cold: the server started anew, and
before each query all of its files dropped from the page cache (posix_fadvise; what the server itself has in memory or mapped stays).
All while 5 MB/s of new records arrive by the door, or by COPY.
"""

from __future__ import annotations

import argparse
import datetime
import multiprocessing
import os
import random
import shutil
import socket
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import lookup_corpus as corpus
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from lookup_corpus import BATCH, Records
from postgresql import Postgresql, programs

from cairn import REGION, Cairn  # isort: skip  (corpus finds it)

ARRIVING_BYTES_PER_SECOND = 5_000_000
TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
PAGE = 50
LOADERS = 3  # connections that the events are handed in by, before anything is measured
COLUMN = {"EventSource": "event_source", "EventName": "event_name", "Username": "username", "EventId": "event_id"}
INDEXED = ["event_id", "event_name", "event_source", "username", "access_key_id", "read_only", "resource_type", "resource_name"]


@dataclass
class Kind:
    name: str
    attribute: str
    value: Callable[[int], str]  # of the nth query
    found: int  # how many events a page has, at least: what arrives may add to it


def kinds(events: int) -> list[Kind]:
    rare = min(PAGE, events // corpus.RARE_EVERY)
    draw = random.Random(1)
    numbers = [draw.randrange(events) for _ in range(100_000)]
    return [
        Kind("every event", "EventSource", lambda n: corpus.SOURCE, PAGE),
        Kind("one in a hundred", "EventName", lambda n: corpus.PERCENT_NAME, PAGE),
        Kind("one a segment", "Username", lambda n: corpus.RARE_USER, rare),
        Kind("unique", "EventId", lambda n: corpus.event_id(numbers[n]), 1),
        Kind("absent", "EventId", lambda n: corpus.absent_id(numbers[n]), 0),
    ]


class Http:
    """One connection that stays; requests are bytes made beforehand."""

    def __init__(self, endpoint: str):
        host, port = endpoint.removeprefix("http://").split(":")
        self.address = (host, int(port))
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(self.address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, request: bytes) -> bytes:
        self.socket.sendall(request)
        answer = b""
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._some()
        head = answer[:end].lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        parts, have = [answer[end + 4:]], len(answer) - end - 4
        while have < length:
            parts.append(self._some())
            have += len(parts[-1])
        body = b"".join(parts)
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(f"{head!r} {body[:300]!r}")
        return body

    def _some(self) -> bytes:
        some = self.socket.recv(1 << 20)
        if not some:
            raise RuntimeError("the connection was closed")
        return some


def signed(cairn: Cairn, service: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    request = AWSRequest("POST", cairn.endpoint + path, data=body, headers=headers)
    SigV4Auth(cairn.session().get_credentials(), service, REGION).add_auth(request)
    lines = [f"POST {path} HTTP/1.1", f"Host: {cairn.listen}", f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in request.headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class CairnSide:
    name = "Cairn"

    def __init__(self, options: argparse.Namespace, folder: Path):
        (folder / "cairn").mkdir()
        self.cairn = Cairn(options.binary, folder / "cairn")

    def start(self) -> None:
        self.cairn.start(patience=600)
        self.http = Http(self.cairn.endpoint)

    def stop(self) -> None:
        self.cairn.stop(patience=120)

    def load(self, records: Records, events: int) -> None:
        doors = threading.local()

        def hand_in(first: int) -> None:
            if not hasattr(doors, "http"):
                doors.http = Http(self.cairn.endpoint)
            self.put(doors.http, records.body(first))

        with ThreadPoolExecutor(LOADERS) as pool:
            list(pool.map(hand_in, range(0, events, BATCH)))

    def put(self, door: Http, body: bytes) -> None:
        while True:
            try:
                door.call(signed(self.cairn, "cairn", "/_cairn/records", body, {"Content-Type": "application/json"}))
                return
            except RuntimeError as error:
                if " 503 " not in str(error):
                    raise
                time.sleep(0.05)
                door.connect()

    def settle(self) -> None:
        """Until what was handed in is sealed and merged as far as it will be."""
        last, since = -1, time.monotonic()
        while time.monotonic() - since < 10:
            size = self.folder_bytes()
            if size != last:
                last, since = size, time.monotonic()
            time.sleep(0.5)

    def sender(self) -> Callable[[Records, int], None]:
        door = Http(self.cairn.endpoint)
        return lambda records, first: self.put(door, records.body(first))

    def question(self, kind: Kind, n: int) -> bytes:
        body = f'{{"LookupAttributes":[{{"AttributeKey":"{kind.attribute}","AttributeValue":"{kind.value(n)}"}}],"MaxResults":{PAGE}}}'
        return signed(self.cairn, "cloudtrail", "/", body.encode(), {"X-Amz-Target": TARGET, "Content-Type": "application/x-amz-json-1.1"})

    def connect(self) -> None:
        self.http.connect()  # a connection that nobody uses is closed after a while

    def ask(self, question: bytes) -> int:
        return self.http.call(question).count(b'"EventId"')

    def folder(self) -> Path:
        return self.cairn.data / "blobs"

    def folder_bytes(self) -> int:
        return sum(f.stat().st_size for f in (self.folder() / "store").rglob("*") if f.is_file())


class PostgresqlSide:
    name = "PostgreSQL"

    def __init__(self, _: argparse.Namespace, folder: Path):
        self.server = Postgresql(folder / "postgresql")

    def start(self) -> None:
        self.server.start()
        self.connection = self.server.connect()
        if self.connection.run("SELECT 1 FROM pg_class WHERE relname = 'events'"):
            self.prepare()

    def prepare(self) -> None:
        for column in COLUMN.values():
            self.connection.prepare(column, f"SELECT event_id, event_time, record FROM events WHERE account = $1 AND region = $2 AND {column} = $3 "
                                            f"ORDER BY event_time DESC LIMIT {PAGE}")

    def stop(self) -> None:
        self.connection.close()
        self.server.stop()

    def load(self, records: Records, events: int) -> None:
        self.connection.run("BEGIN")
        self.connection.run("CREATE TABLE events (account text, region text, event_time timestamptz, event_id text, event_name text, event_source text, "
                            "username text, access_key_id text, read_only boolean, resource_type text, resource_name text, record text)")
        for first in range(0, events, BATCH):
            self.connection.copy(f"events ({corpus.COLUMNS})", records.rows(first))
        self.connection.run("COMMIT")
        for column in INDEXED:
            self.connection.run(f"CREATE INDEX ON events (account, region, {column}, event_time DESC)")
        self.connection.run("VACUUM ANALYZE events")
        self.prepare()

    def settle(self) -> None:
        self.connection.run("CHECKPOINT")

    def sender(self) -> Callable[[Records, int], None]:
        connection = self.server.connect()
        return lambda records, first: connection.copy(f"events ({corpus.COLUMNS})", records.rows(first))

    def question(self, kind: Kind, n: int) -> tuple[str, str]:
        return COLUMN[kind.attribute], kind.value(n)

    def connect(self) -> None:
        pass

    def ask(self, question: tuple[str, str]) -> int:
        return len(self.connection.execute(question[0], corpus.ACCOUNT, REGION, question[1]))

    def folder(self) -> Path:
        return self.server.data / "base"

    def folder_bytes(self) -> int:
        return int(self.connection.run("SELECT pg_total_relation_size('events')")[0][0])


Side = CairnSide | PostgresqlSide


def arrive(side: Side, records: Records, first: int, sent: multiprocessing.Value) -> None:
    """New records at the wanted rate, from a process of its own, until it is ended."""
    send, began, size = side.sender(), time.monotonic(), 0
    while True:
        size += len(records.body(first))
        send(records, first)
        first += BATCH
        sent.value = size
        time.sleep(max(0.0, began + size / ARRIVING_BYTES_PER_SECOND - time.monotonic()))


class Arriving:
    """`with Arriving(…):` records arrive."""

    next_number: dict[str, int] = {}

    def __init__(self, side: Side, events: int):
        now = datetime.datetime.now(datetime.timezone.utc)
        first = Arriving.next_number.setdefault(side.name, events + (-events % corpus.RARE_EVERY))
        self.side, self.sent = side, multiprocessing.Value("d", 0.0)
        records = Records(1_000_000_000, now, now + datetime.timedelta(seconds=1))
        self.process = multiprocessing.Process(target=arrive, args=(side, records, first, self.sent), daemon=True)

    def __enter__(self) -> "Arriving":
        self.began = time.monotonic()
        self.process.start()
        time.sleep(2)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.join()
        self.rate = self.sent.value / (time.monotonic() - self.began) / 1e6
        Arriving.next_number[self.side.name] += 10_000_000


def drop_files(folder: Path) -> None:
    for path in folder.rglob("*"):
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError:
            continue
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def measure(side: Side, kind: Kind, count: int, cold: bool) -> list[float]:
    """Milliseconds of each query. A wrong number of events found ends the benchmark."""
    offset = 50_000 if cold else 0
    questions = [side.question(kind, offset + n) for n in range(count)]
    side.connect()
    if not cold:
        for n in range(min(50, count)):
            side.ask(side.question(kind, 90_000 + n))
    times = []
    for question in questions:
        if cold:
            drop_files(side.folder())
        began = time.perf_counter()
        found = side.ask(question)
        times.append((time.perf_counter() - began) * 1000)
        if found < kind.found or (kind.found <= 1 and found != kind.found):
            raise SystemExit(f"{side.name}, {kind.name}: {found} events instead of {kind.found}")
    return sorted(times)


def report(side: Side, kind: Kind, state: str, times: list[float]) -> None:
    if times:
        at = [times[min(len(times) - 1, int(len(times) * share))] for share in (0.5, 0.99)]
        print(f"{side.name:11} {kind.name:18} {state:5} {len(times):5} queries   p50 {at[0]:8.2f} ms   p99 {at[1]:8.2f} ms   max {times[-1]:8.2f} ms", flush=True)


def run(side: Side, records: Records, raw_bytes: int, options: argparse.Namespace) -> None:
    side.start()
    began = time.monotonic()
    side.load(records, options.events)
    side.settle()
    size = side.folder_bytes()
    print(f"{side.name}: {options.events} events loaded in {time.monotonic() - began:.0f} s; {size / 1e6:.0f} MB, {size / raw_bytes:.3f} of the records", flush=True)
    with Arriving(side, options.events) as arriving:
        for kind in kinds(options.events):
            report(side, kind, "warm", measure(side, kind, options.queries, cold=False))
    print(f"{side.name}: {arriving.rate:.1f} MB/s arrived meanwhile", flush=True)
    side.stop()
    drop_files(side.folder())
    side.start()
    with Arriving(side, options.events) as arriving:
        for kind in kinds(options.events):
            report(side, kind, "cold", measure(side, kind, options.cold, cold=True))
    print(f"{side.name}: {arriving.rate:.1f} MB/s arrived meanwhile", flush=True)
    side.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--cold", type=int, default=100)
    parser.add_argument("--no-postgresql", action="store_true")
    parser.add_argument("--binary", default=str(Path(__file__).resolve().parent.parent / "build" / "release" / "cairn"))
    options = parser.parse_args()
    sides = [CairnSide] if options.no_postgresql else [CairnSide, PostgresqlSide]
    if not options.no_postgresql and programs() is None:
        raise SystemExit("PostgreSQL is missing: apt-get install postgresql, or --no-postgresql")
    folder = Path(tempfile.mkdtemp(prefix="cairn-lookup-"))
    folder.chmod(0o755)
    try:
        now = datetime.datetime.now(datetime.timezone.utc)
        records = Records(options.events, now - datetime.timedelta(hours=40), now)
        raw_bytes = len(records.body(0)) * (options.events // BATCH)
        print(f"{options.events} events of {raw_bytes / options.events:.0f} bytes, pages of {PAGE}; load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)
        for kind_of_side in sides:
            side = kind_of_side(options, folder)
            try:
                run(side, records, raw_bytes, options)
            except BaseException:
                side.stop()  # nobody else would
                raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
