"""Relayed calls beside nginx's proxy_pass with its access log on: requests/s and p99, the same upstream and load, in turn.

    .deps/venv/bin/python bench/gateway.py [--upstream nginx|ceph] [--seconds 5] [--rounds 3] [--connections 32] [--binary CAIRN]

The upstream is an nginx of its own that answers 200 with 1 KiB to a GET and nothing to a PUT, which is what a proxy costs; or Ceph's
radosgw, which is what people have behind one (Debian's, with its objects in memory). wrk (Debian's) sends requests that were signed
beforehand: GetObject, and PutObject of 1 KB. Of each Cairn checks the signature and has a record durable before its answer is
whole, of a PutObject an intent before; nginx writes a line into a buffer. All share the machine. The disk's own speed is printed: it
is what every call waits for.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

import corpus
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from nginx import PROXY, Nginx, require
from small_calls import _BAD, _MILLIS, _P99, _RATE, _SCRIPT, line_of, sync_millis
from watch import Watch

from cairn import REGION, Cairn  # isort: skip  (corpus finds it)
from ceph import Ceph  # isort: skip

KEYS = 256
ANSWER = 'if ($request_method = PUT) {{ return 200; }} return 200 "{}";'.format("x" * 1024)

# Both know the key, so that both check the same signatures.
CONFIG = """
gateway: {{upstreams: {{s3: "{url}"}}}}
accounts: [{{id: "111122223333", name: main, users: [{{name: ann, administrator: true, keys: [{{id: {key}, secret: {secret}}}]}}]}}]
"""


class FarNginx(Nginx):
    """It takes whatever is signed by whomever."""

    key = ("AKIAGATEWAY000000001", "a-secret-of-the-bench")

    def __init__(self, folder: Path):
        super().__init__(folder, ANSWER, log=False)


class FarCeph(Ceph):
    """With the objects that are asked for."""

    key = ("AKIAGATEWAY000000002", "a-secret-that-both-know")

    def __init__(self, folder: Path):
        folder.mkdir()
        super().__init__(folder)
        self.__enter__()
        access_key, secret = self.key
        self.run("radosgw-admin", "user", "create", "--uid=ann", "--display-name=ann", f"--access-key={access_key}", f"--secret={secret}")
        s3 = self.s3(*self.key)
        s3.create_bucket(Bucket="small")
        for n in range(KEYS):
            s3.put_object(Bucket="small", Key=f"key-{n}", Body=b"x" * 1024)

    def close(self) -> None:
        self.__exit__()


def signed(cairn: Cairn, key: tuple[str, str], method: str) -> list[str]:
    body = "x" * 1024 if method == "PUT" else ""
    lines = []
    for n in range(KEYS):
        request = AWSRequest(method, f"{cairn.endpoint}/small/key-{n}", data=body)
        S3SigV4Auth(Credentials(*key), "s3", REGION).add_auth(request)
        lines.append(line_of(request, body))
    return lines


def load(url: str, script: Path, options: argparse.Namespace) -> tuple[float, float]:
    command = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "--latency", "-s", str(script), url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if bad := _BAD.search(text) or re.search(r"Socket errors.*", text):
        print("   ", bad.group(0))
    p99 = _P99.search(text)
    return float(_RATE.search(text).group(1)), float(p99.group(1)) * _MILLIS[p99.group(2)]


def compare(name: str, cairn: Cairn, proxy: Nginx, script: Path, options: argparse.Namespace) -> None:
    ours, theirs = [], []
    with Watch(cairn.process.pid) as watch:
        for _ in range(options.rounds):
            theirs.append(load(proxy.url, script, options))
            ours.append(load(cairn.endpoint, script, options))
    middle = [[statistics.median(column) for column in zip(*rows)] for rows in (ours, theirs)]
    calls = sum(rate for rate, _ in ours) * options.seconds
    print(f"{name:12} Cairn {middle[0][0]:7.0f}/s p99 {middle[0][1]:6.2f} ms   nginx {middle[1][0]:7.0f}/s p99 {middle[1][1]:6.2f} ms   "
          f"ratio {middle[0][0] / middle[1][0]:.2f}, p99 {middle[0][1] / middle[1][1]:.2f}   {watch.cpu_seconds / calls * 1e6:.0f} us a call, "
          f"peak {watch.own_peak_bytes >> 20} MiB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upstream", choices=("nginx", "ceph"), default="nginx")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--binary", default=str(corpus.ROOT / "build" / "release" / "cairn"))
    options = parser.parse_args()
    require()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    with tempfile.TemporaryDirectory(prefix="cairn-gateway-") as name:
        folder = Path(name)
        (folder / "cairn").mkdir()
        print(f"write + fdatasync of 1 KB here: {sync_millis(folder):.3f} ms")
        far = FarCeph(folder / "far") if options.upstream == "ceph" else FarNginx(folder / "far")
        proxy = Nginx(folder / "proxy", PROXY, far.url)
        try:
            with Cairn(options.binary, folder / "cairn", CONFIG.format(url=far.url, key=far.key[0], secret=far.key[1])) as cairn:
                for call, method in (("GetObject", "GET"), ("PutObject", "PUT")):
                    requests = folder / f"{call}.requests"
                    requests.write_text("".join(signed(cairn, far.key, method)))
                    script = folder / f"{call}.lua"
                    script.write_text(_SCRIPT.format(file=requests, start=1))
                    compare(call, cairn, proxy, script, options)
        finally:
            proxy.close()
            far.close()


if __name__ == "__main__":
    main()
