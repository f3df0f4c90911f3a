"""Records handed in over HTTP until the last is found by its event id and lies in a log file: MB/s, memory, processor time.

    .deps/venv/bin/python bench/ingest.py [--gigabytes 6] [--connections 4] [--batch 1000] [--binary build/release/cairn]

Eight accounts, three Regions, history on, a multi-Region trail in each account, an interval of ten seconds. The clock runs from
the first byte until the last record of every connection is found by LookupEvents and every record is in a log file. Sender and
Cairn share the machine.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import shutil
import tempfile
import threading
import time
from pathlib import Path

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest

import corpus
from corpus import ROOT
from watch import Watch

from cairn import REGION, Cairn, bucket_policy, eventually  # isort: skip  (corpus finds it)


class Sender(threading.Thread):
    """One connection: sends its bodies one after the other from disk, without a copy through Python."""

    def __init__(self, cairn: Cairn, bodies: list[corpus.Body]):
        super().__init__()
        self.cairn, self.bodies, self.busy, self.error = cairn, bodies, 0, ""
        self.credentials = cairn.session().get_credentials()

    def run(self) -> None:
        try:
            self.connection = http.client.HTTPConnection(self.cairn.endpoint.removeprefix("http://"), timeout=60)
            for body in self.bodies:
                while not self.send(body):
                    self.busy += 1
                    time.sleep(0.05)
        except Exception as error:  # noqa: BLE001  (told by the main thread)
            self.error = repr(error)

    def send(self, body: corpus.Body) -> bool:
        request = AWSRequest("POST", self.cairn.endpoint + "/_cairn/records", headers={"X-Amz-Content-SHA256": body.sha256})
        signer = S3SigV4Auth(self.credentials, "cairn", REGION)
        signer.payload = lambda _: body.sha256
        signer.add_auth(request)
        self.connection.putrequest("POST", "/_cairn/records")
        for name, value in request.headers.items():
            self.connection.putheader(name, value)
        self.connection.putheader("Content-Length", str(body.size))
        self.connection.endheaders()
        with open(body.path, "rb") as file:
            self.connection.sock.sendfile(file)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 503):
            raise RuntimeError(f"{answer.status} {text[:300]!r}")
        return answer.status == 200


def configuration(accounts: list[str]) -> str:
    declared = "".join(f'  - id: "{account}"\n    users: [{{name: admin, administrator: true}}]\n' for account in accounts)
    return f"accounts:\n{declared}delivery: {{interval: 10s}}\n"


def make_trails(cairn: Cairn, accounts: list[str]) -> None:
    for account in accounts:
        cairn.make_trail(name="all", bucket=f"logs-{account}", profile=account, IsMultiRegionTrail=True)


def count_delivered(cairn: Cairn, accounts: list[str], seen: dict[str, int]) -> int:
    """Records of ours in log files; a file is read once."""
    for account in accounts:
        s3 = cairn.client("s3", account)
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=f"logs-{account}"):
            for item in page.get("Contents", []):
                if item["Key"].endswith(".json.gz") and item["Key"] not in seen:
                    text = gzip.decompress(s3.get_object(Bucket=f"logs-{account}", Key=item["Key"])["Body"].read())
                    seen[item["Key"]] = sum(record["sourceIPAddress"] != "127.0.0.1" for record in json.loads(text)["Records"])
    return sum(seen.values())


def newest_delivery(cairn: Cairn, accounts: list[str]) -> float:
    """When the last file was put, by the trails' own status."""
    stamps = [cairn.client("cloudtrail", account).get_trail_status(Name="all").get("LatestDeliveryTime") for account in accounts]
    return max((s.timestamp() for s in stamps if s), default=0.0)


def sample(cairn: Cairn, name: str) -> float:
    for line in cairn.get("/_cairn/metrics")[1].decode().splitlines():
        if line.startswith(name + " ") or line.startswith(name + "{"):
            return float(line.rsplit(" ", 1)[1])
    return 0.0


def folder_bytes(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())


def run(options: argparse.Namespace, folder: Path) -> None:
    records = corpus.pool()
    accounts = corpus.accounts(records)
    bodies_folder = folder / "bodies"
    bodies_folder.mkdir()
    bodies = corpus.write_bodies(bodies_folder, records, int(options.gigabytes * 1e9), options.batch)
    total = sum(b.size for b in bodies)
    count = len(bodies) * options.batch
    print(f"{count} records, {total / 1e6:.0f} MB in {len(bodies)} bodies; accounts {' '.join(accounts)}", flush=True)
    home = folder / "cairn"
    home.mkdir()
    with Cairn(options.binary, home, configuration(accounts)) as cairn, Watch(cairn.process.pid) as watch:
        make_trails(cairn, accounts)
        began = time.time()
        senders = [Sender(cairn, bodies[n::options.connections]) for n in range(options.connections)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
            if sender.error:
                raise SystemExit(f"a sender failed: {sender.error}\n{cairn.log.read_text()[-2000:]}")
        sent = time.time()
        for sender in senders:
            last = sender.bodies[-1]
            wanted = [{"AttributeKey": "EventId", "AttributeValue": last.last_id}]
            client = cairn.client("cloudtrail", last.last_account, last.last_region)  # once: making one takes longer than asking
            if not eventually(lambda: client.lookup_events(LookupAttributes=wanted)["Events"], 600, 0.1):
                raise SystemExit(f"{last.last_id} is not found")
        found = time.time()
        eventually(lambda: sample(cairn, "cairn_delivery_events_total") >= count, 120, 0.25)
        filed = max(time.time(), found)
        lines = [("sent", sent), ("found by event id", found), ("in a file", filed)]
        for what, when in lines:
            print(f"{what:20} {when - began:7.1f} s  {total / 1e6 / (when - began):7.1f} MB/s", flush=True)
        delivered = count_delivered(cairn, accounts, {})
        print(f"in the log files: {delivered} of {count}", flush=True)
        print(f"answered busy: {sum(s.busy for s in senders)} times")
        history = folder_bytes(cairn.data / "blobs" / "store")
        print(f"history on disk: {history / 1e6:.0f} MB, {history / total:.3f} of the records")
    print(f"most memory of all processes: {watch.peak_bytes / 2**20:.0f} MiB, of the server alone {watch.own_peak_bytes / 2**20:.0f} MiB; processor time {watch.cpu_seconds:.1f} s", flush=True)
    if delivered != count:
        raise SystemExit("records are missing or doubled in the log files")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=6)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--batch", type=int, default=1000)
    parser.add_argument("--binary", default=str(ROOT / "build" / "release" / "cairn"))
    parser.add_argument("--keep", help="a folder to work in, which stays")
    options = parser.parse_args()
    folder = Path(options.keep or tempfile.mkdtemp(prefix="cairn-ingest-"))
    folder.mkdir(exist_ok=True)
    try:
        run(options, folder)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
