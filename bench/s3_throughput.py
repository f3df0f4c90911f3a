"""One large object put and got with curl, beside nginx receiving and serving the same file: seconds, MB/s and the ratio.

    .deps/venv/bin/python bench/s3_throughput.py [--mebibytes 1024] [--rounds 5] [--binary build/release/cairn]

Both servers, the client and the files share the machine. Each round puts to nginx and to Cairn, then gets from both, in turn, so
that a drift of the machine meets both; the ratio is that of the medians. Presigned URLs, so curl has nothing to sign. nginx
(WebDAV's PUT) neither hashes what it receives nor waits for the disk; Cairn does both before it answers.
"""

from __future__ import annotations

import argparse
import getpass
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import corpus  # noqa: F401  (finds conformance/)

from cairn import Cairn, eventually  # isort: skip

NGINX = """
user {user}; daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log {folder}/access.log; sendfile on; client_max_body_size 0; client_body_temp_path {folder}/temporary;
  server {{ listen 127.0.0.1:{port}; root {folder}/root; location / {{ dav_methods PUT DELETE; }} }}
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Nginx:
    def __init__(self, folder: Path):
        self.port = free_port()
        (folder / "root").mkdir()
        (folder / "conf").write_text(NGINX.format(folder=folder, port=self.port, user=getpass.getuser()))
        self.process = subprocess.Popen(["nginx", "-c", folder / "conf", "-e", folder / "error.log"])
        self.url = f"http://127.0.0.1:{self.port}/object"
        eventually(lambda: (folder / "pid").exists() or None)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)


def curl(*arguments: str) -> float:
    """Seconds that one transfer takes."""
    command = ["curl", "-sS", "--fail", "-o", "/dev/null", "-w", "%{time_total}", *arguments]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def report(name: str, size: int, cairn: list[float], nginx: list[float]) -> None:
    ours, theirs = statistics.median(cairn), statistics.median(nginx)
    print(f"{name}  Cairn {ours:6.2f} s {size / ours / 1e6:7.0f} MB/s   nginx {theirs:6.2f} s {size / theirs / 1e6:7.0f} MB/s   "
          f"ratio {theirs / ours:.2f}")


def measure(cairn: Cairn, nginx: Nginx, file: Path, rounds: int) -> None:
    s3 = cairn.client("s3", signature_version="s3v4")
    s3.create_bucket(Bucket="throughput")
    urls = {name: s3.generate_presigned_url(name, Params={"Bucket": "throughput", "Key": "object"}, ExpiresIn=3600)
            for name in ("put_object", "get_object")}
    seconds: dict[str, list[float]] = {"put": [], "get": [], "nginx put": [], "nginx get": []}
    for _ in range(rounds):
        seconds["nginx put"].append(curl("-T", str(file), nginx.url))
        seconds["put"].append(curl("-T", str(file), urls["put_object"]))
        seconds["nginx get"].append(curl(nginx.url))
        seconds["get"].append(curl(urls["get_object"]))
        time.sleep(1)
    size = file.stat().st_size
    report("put", size, seconds["put"], seconds["nginx put"])
    report("get", size, seconds["get"], seconds["nginx get"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--binary", default=str(corpus.ROOT / "build/release/cairn"))
    arguments = parser.parse_args()
    if not shutil.which("nginx"):
        raise SystemExit("skipped: no nginx (apt-get install nginx-light)")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "file")
        with file.open("wb") as out:
            for _ in range(arguments.mebibytes):
                out.write(os.urandom(1 << 20))
        served, home = Path(folder, "nginx"), Path(folder, "cairn")
        home.mkdir()
        served.mkdir()
        nginx = Nginx(served)
        try:
            with Cairn(arguments.binary, home) as cairn:
                measure(cairn, nginx, file, arguments.rounds)
        finally:
            nginx.close()


if __name__ == "__main__":
    main()
