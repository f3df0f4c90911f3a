"""One large object put and got with curl, beside nginx receiving and serving the same file: seconds, MB/s and the ratio.

    .deps/venv/bin/python bench/s3_throughput.py [--mebibytes 1024] [--rounds 5] [--binary build/release/cairn]

Both servers, the client and the files share the machine. Each round puts to nginx and to Cairn, then gets from both, in turn, so
that a drift of the machine meets both; the ratio is that of the medians. Presigned URLs, so curl has nothing to sign. nginx
(WebDAV's PUT) neither hashes what it receives nor waits for the disk; Cairn does both before it answers.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import corpus
from nginx import STORES, Nginx, require

from cairn import Cairn  # isort: skip  (corpus finds it)


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
        seconds["nginx put"].append(curl("-T", str(file), nginx.url + "/object"))
        seconds["put"].append(curl("-T", str(file), urls["put_object"]))
        seconds["nginx get"].append(curl(nginx.url + "/object"))
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
    require()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "file")
        with file.open("wb") as out:
            for _ in range(arguments.mebibytes):
                out.write(os.urandom(1 << 20))
        home = Path(folder, "cairn")
        home.mkdir()
        nginx = Nginx(Path(folder, "nginx"), STORES, workers=2)
        try:
            with Cairn(arguments.binary, home) as cairn:
                measure(cairn, nginx, file, arguments.rounds)
        finally:
            nginx.close()


if __name__ == "__main__":
    main()
