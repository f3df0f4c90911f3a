"""Small calls, each recorded durably before its answer: requests/s and p99, and where the time goes.

    .deps/venv/bin/python bench/small_calls.py [--seconds 10] [--connections 32] [--binary build/release/cairn]

wrk (Debian's) sends requests that were signed beforehand: GetCallerIdentity, and PutObject of 1 KB to 4,096 keys. The disk's own
speed is measured in the same folder before: fdatasync of 1 KB appends, one after the other. Shares of the processor's time are
perf's, by library; without perf they are left out.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest

import corpus
from watch import Watch

from cairn import REGION, Cairn  # isort: skip  (corpus finds it)

KEYS = 4096
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_P99 = re.compile(r"99%\s+([\d.]+)(us|ms|s)")
_BAD = re.compile(r"Non-2xx or 3xx responses: (\d+)")
_MILLIS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_SCRIPT = """
local requests = {{}}
for line in io.lines("{file}") do
  local method, path, headers, body = line:match("^(%S+) (%S+) (%S+) (.*)$")
  local set = {{}}
  for name, value in headers:gmatch("([^=]+)=([^|]*)|") do
    set[name] = value:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  end
  requests[#requests + 1] = wrk.format(method, path, set, body)
end
local next = {start} * 997
request = function()
  next = next + 1
  return requests[next % #requests + 1]
end
"""


def escaped(value: str) -> str:
    return "".join(c if c.isalnum() or c in "-_./:" else f"%{ord(c):02x}" for c in value)


def line_of(request: AWSRequest, body: str) -> str:
    host, path = request.url.removeprefix("http://").split("/", 1)
    headers = "".join(f"{name}={escaped(str(value))}|" for name, value in [("Host", host), *request.headers.items()])
    return f"{request.method} /{path} {headers} {body}\n"


def caller_identity(cairn: Cairn) -> list[str]:
    body = "Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("POST", cairn.endpoint + "/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    SigV4Auth(cairn.session().get_credentials(), "sts", REGION).add_auth(request)
    return [line_of(request, body)]


def put_object(cairn: Cairn) -> list[str]:
    cairn.client("s3").create_bucket(Bucket="small")
    body = "x" * 1024
    lines = []
    for n in range(KEYS):
        request = AWSRequest("PUT", f"{cairn.endpoint}/small/key-{n}", data=body)
        S3SigV4Auth(cairn.session().get_credentials(), "s3", REGION).add_auth(request)
        lines.append(line_of(request, body))
    return lines


def sync_millis(folder: Path, count: int = 500) -> float:
    """The median of write + fdatasync of 1 KB."""
    times = []
    with open(folder / "disk", "wb", buffering=0) as file:
        for _ in range(count):
            began = time.perf_counter()
            file.write(b"x" * 1024)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return sorted(times)[count // 2] * 1000


def shares(pid: int, seconds: float, folder: Path) -> str:
    if shutil.which("perf") is None:
        return "(no perf: apt-get install linux-perf)"
    data = folder / "perf.data"
    record = ["perf", "record", "-q", "-e", "cpu-clock", "-o", str(data), "-p", str(pid), "--", "sleep", str(seconds)]
    subprocess.run(record, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    report = subprocess.run(["perf", "report", "-i", str(data), "--sort", "dso", "--stdio"], capture_output=True, text=True, check=False).stdout
    found = re.findall(r"^\s+([\d.]+)%\s+(\S+)", report, re.MULTILINE)
    return ", ".join(f"{name} {share}%" for share, name in found[:7])


def counters(cairn: Cairn) -> dict[str, float]:
    values: dict[str, float] = {}
    for line in cairn.get("/_cairn/metrics")[1].decode().splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            values[name.split("{")[0]] = values.get(name.split("{")[0], 0.0) + float(value)
    return values


def load(cairn: Cairn, name: str, lines: list[str], options: argparse.Namespace, folder: Path) -> None:
    requests = folder / f"{name}.requests"
    requests.write_text("".join(lines))
    script = folder / f"{name}.lua"
    script.write_text(_SCRIPT.format(file=requests, start=os.getpid() % 97))
    command = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "--latency", "-s", str(script), cairn.endpoint]
    before = counters(cairn)
    with Watch(cairn.process.pid) as watch:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        time.sleep(1)
        where = shares(cairn.process.pid, max(1.0, options.seconds - 2.0), folder)
        text = running.communicate()[0]
    after = counters(cairn)
    rate, p99 = float(_RATE.search(text).group(1)), _P99.search(text)
    bad = _BAD.search(text)
    calls = rate * options.seconds
    print(f"{name:18} {rate:8.0f} requests/s   p99 {float(p99.group(1)) * _MILLIS[p99.group(2)]:7.2f} ms   "
          f"processor {watch.cpu_seconds / calls * 1e6:5.0f} us a call" + (f"   NOT 2xx: {bad.group(1)}" if bad else ""))
    for what, metric in (("catalog commits", "cairn_catalog_commit_seconds"), ("journal syncs", "cairn_journal_sync_seconds")):
        number = after.get(metric + "_count", 0) - before.get(metric + "_count", 0)
        spent = after.get(metric + "_sum", 0) - before.get(metric + "_sum", 0)
        if number:
            print(f"    {what}: {number:.0f}, {spent / number * 1000:.2f} ms each from asked to done, {calls / number:.1f} calls each")
    print(f"    processor by library: {where}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--binary", default=str(corpus.ROOT / "build" / "release" / "cairn"))
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    with tempfile.TemporaryDirectory(prefix="cairn-small-") as name:
        folder = Path(name)
        home = folder / "cairn"
        home.mkdir()
        print(f"write + fdatasync of 1 KB here: {sync_millis(folder):.3f} ms")
        with Cairn(options.binary, home) as cairn:
            load(cairn, "GetCallerIdentity", caller_identity(cairn), options, folder)
            load(cairn, "PutObject", put_object(cairn), options, folder)


if __name__ == "__main__":
    main()
