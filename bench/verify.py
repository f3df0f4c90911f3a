"""`cairn verify` beside `aws cloudtrail validate-logs`, on the same bucket of the same Cairn.

    .deps/venv/bin/python bench/verify.py [--logs 5000] [--hours 50] [--binary build/release/cairn]

The chain is made here, with a key of its own; a small server answers ListPublicKeys to both. The log files are alike: some fifty
records, 15 KB compressed. Both read every object once; each side runs once before, for ten hours, so that nothing is cold. Then the same
files in a folder, as a copy of the bucket has them, which `cairn verify` reads without any server and validate-logs cannot.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import corpus

from cairn import Cairn  # isort: skip  (corpus finds it)
from digest_chain import ACCOUNT, BUCKET, REGION, START, Chain, Key, into_folder, stamp  # isort: skip

RECORDS = 50


def key_server(key: Key) -> ThreadingHTTPServer:
    listed = key.listed()
    listed["PublicKeyList"][0] |= {"ValidityStartTime": 1_700_000_000, "ValidityEndTime": 2_000_000_000}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps(listed).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def records(seed: int) -> list[dict]:
    """Of the shape and size of real ones."""
    return [
        {
            "eventVersion": "1.11",
            "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": f"arn:aws:iam::{ACCOUNT}:user/ann", "accountId": ACCOUNT},
            "eventTime": "2026-03-02T10:15:00Z",
            "eventSource": "s3.amazonaws.com",
            "eventName": "GetObject",
            "awsRegion": REGION,
            "sourceIPAddress": f"198.51.100.{n}",
            "userAgent": os.urandom(90).hex(),
            "requestParameters": {"bucketName": BUCKET, "key": f"logs/{seed}/{n}"},
            "eventID": os.urandom(16).hex(),
        }
        for n in range(RECORDS)
    ]


class Uploads:
    """Puts many at once: log files wait for nobody. And into a folder, as a copy with the metadata of digests beside them."""

    def __init__(self, cairn: Cairn, folder: Path):
        self.s3 = cairn.client("s3")
        self.copy = into_folder(folder)
        self.pool = ThreadPoolExecutor(8)
        self.running: list = []

    def later(self, name: str, body: bytes, metadata: dict) -> None:
        self.copy(name, body, metadata)
        self.running.append(self.pool.submit(self.s3.put_object, Bucket=BUCKET, Key=name, Body=body, Metadata=metadata))

    def wait(self) -> None:
        for one in self.running:
            one.result()
        self.running.clear()


class Took:
    """Seconds: of the clock, and of processor time of the client and of the server."""

    def __init__(self, server: int):
        self.server = server
        self.began = self.now()

    def now(self) -> list[float]:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        stat = Path(f"/proc/{self.server}/stat").read_text().rpartition(")")[2].split()
        return [time.perf_counter(), children.ru_utime + children.ru_stime, (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")]

    def end(self) -> list[float]:
        return [after - before for before, after in zip(self.began, self.now())]


def timed(command: list[str], environment: dict, server: int) -> tuple[list[float], str]:
    clock = Took(server)
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    took = clock.end()
    if done.returncode != 0:
        raise SystemExit(f"{command}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return took, done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", type=int, default=5000)
    parser.add_argument("--hours", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=1, help="of cairn verify")
    parser.add_argument("--binary", default=str(corpus.ROOT / "build" / "release" / "cairn"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cairn-verify-") as name:
        home = Path(name) / "cairn"
        home.mkdir()
        key = Key(Path(name))
        server = key_server(key)
        with Cairn(options.binary, home) as cairn:
            cairn.client("s3").create_bucket(Bucket=BUCKET)
            copy = Path(name) / "copy"
            uploads = Uploads(cairn, copy)
            began = time.perf_counter()
            Chain(key, uploads.later, records=records).hours(options.hours + 1, options.logs // options.hours)
            uploads.wait()
            print(f"{options.logs} log files and {options.hours + 1} digests are there after {time.perf_counter() - began:.1f} s")
            (Path(name) / "keys.json").write_text(json.dumps(key.listed()))
            offline = [options.binary, "verify", str(copy), "--public-keys", str(Path(name) / "keys.json")]
            compare(options, cairn, f"http://127.0.0.1:{server.server_port}", offline)


def compare(options: argparse.Namespace, cairn: Cairn, keys: str, offline: list[str]) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CAIRN_"))}
    environment |= {"AWS_SHARED_CREDENTIALS_FILE": str(cairn.credentials_file), "AWS_DEFAULT_REGION": REGION}
    environment |= {"AWS_ENDPOINT_URL": keys, "AWS_ENDPOINT_URL_S3": cairn.endpoint}
    aws = [str(corpus.ROOT / ".deps/venv/bin/aws"), "cloudtrail", "validate-logs", "--s3-bucket", BUCKET]
    aws += ["--trail-arn", f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/kestrel", "--endpoint-url", keys]
    ours = [options.binary, "verify", f"s3://{BUCKET}"]
    end = stamp(START + timedelta(hours=options.hours + 2))
    server = cairn.process.pid
    for command in (aws, ours):
        timed([*command, "--start-time", stamp(START), "--end-time", stamp(START + timedelta(hours=10))], environment, server)
    theirs, said = timed([*aws, "--start-time", stamp(START), "--end-time", end], environment, server)
    assert f"{options.logs}/{options.logs} log files valid" in said, said
    report("aws cloudtrail validate-logs", options.logs, theirs)
    for name, command in (("cairn verify s3://BUCKET", ours), ("cairn verify FOLDER", offline)):
        for _ in range(options.rounds):
            mine, said = timed(command, environment, server)
            assert f"{options.logs}/{options.logs} log files valid" in said, said
            report(name, options.logs, mine)
            whole = (theirs[1] + theirs[2]) / (mine[1] + mine[2])
            print(f"    {theirs[0] / mine[0]:.1f} times as fast; {theirs[1] / mine[1]:.0f} times less of the client's processor time, {whole:.1f} times less of both sides'")


def report(name: str, logs: int, took: list[float]) -> None:
    print(f"{name:28} {took[0]:7.2f} s   {logs / took[0]:7.0f} log files/s   processor: client {took[1]:.2f} s, server {took[2]:.2f} s", flush=True)


if __name__ == "__main__":
    main()
