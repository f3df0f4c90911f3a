"""One large object put and got with curl, beside nginx receiving and serving the same file: seconds, MB/s and the ratio.

    .deps/venv/bin/python bench/s3_throughput.py [--mebibytes 1024] [--rounds 5] [--binary build/release/cairn]

Both servers, the client and the files share the machine. Each round puts to nginx and to Cairn, then gets from both, in turn, so
that a drift of the machine meets both; the ratio is that of the medians. Presigned URLs, so curl has nothing to sign. nginx
(WebDAV's PUT) neither hashes what it receives nor waits for the disk; Cairn does both before it answers, and past the page cache.
So there are three gets: as the put left it (nginx's file is in memory, Cairn's on the disk), from the disk (both forgotten by the
page cache), and from memory (both read before).
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


def forget(folder: Path) -> None:
    """The page cache lets go of the large files below."""
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_size > 8 << 20:
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def report(name: str, size: int, cairn: list[float], nginx: list[float]) -> None:
    ours, theirs = statistics.median(cairn), statistics.median(nginx)
    print(f"{name:18}  Cairn {ours:6.2f} s {size / ours / 1e6:7.0f} MB/s   nginx {theirs:6.2f} s {size / theirs / 1e6:7.0f} MB/s   "
          f"ratio {theirs / ours:.2f}")


def measure(cairn: Cairn, nginx: Nginx, file: Path, rounds: int) -> None:
    s3 = cairn.client("s3", signature_version="s3v4")
    s3.create_bucket(Bucket="throughput")
    urls = {name: s3.generate_presigned_url(name, Params={"Bucket": "throughput", "Key": "object"}, ExpiresIn=3600)
            for name in ("put_object", "get_object")}
    gets = ["get, as put", "get, from the disk", "get, from memory"]
    seconds: dict[str, list[float]] = {who + what: [] for who in ("", "nginx ") for what in ("put", *gets)}

    def get_both(what: str) -> None:
        seconds["nginx " + what].append(curl(nginx.url + "/object"))
        seconds[what].append(curl(urls["get_object"]))

    for _ in range(rounds):
        seconds["nginx put"].append(curl("-T", str(file), nginx.url + "/object"))
        seconds["put"].append(curl("-T", str(file), urls["put_object"]))
        get_both(gets[0])
        forget(file.parent)
        get_both(gets[1])
        for _ in range(2):  # what is asked for a second time stays in memory
            curl(nginx.url + "/object")
            curl(urls["get_object"])
        get_both(gets[2])
        time.sleep(1)
    for what in ("put", *gets):
        report(what, file.stat().st_size, seconds[what], seconds["nginx " + what])


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
