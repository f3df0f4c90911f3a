"""One large object up and down through the gateway, beside nginx's proxy_pass to the same upstream: MB/s, the ratio, and memory.

    .deps/venv/bin/python bench/gateway_large.py [--mebibytes 1024] [--rounds 5] [--folder /dev/shm] [--binary build/release/cairn]

The upstream is an nginx of its own that stores what is put (WebDAV) and serves it, both in `--folder`. nginx in the middle passes bodies
on as they come, as Cairn does (proxy_request_buffering off, no temporary files). curl up, curl down, each round through both in turn, so
that a drift of the machine meets both; the ratio is that of the medians. Presigned URLs: nothing is hashed on the way. All share the
machine. `direct` is curl at the upstream itself.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

import corpus
from nginx import PROXY_AS_IT_COMES, STORES, Nginx, require
from s3_throughput import curl
from watch import Watch, resident_bytes

from cairn import Cairn  # isort: skip  (corpus finds it)


def measure(cairn: Cairn, proxy: Nginx, far: Nginx, file: Path, rounds: int) -> None:
    s3 = cairn.client("s3", signature_version="s3v4", s3={"addressing_style": "path"})
    signed = {name: s3.generate_presigned_url(f"{name}_object", Params={"Bucket": "large", "Key": "object"}, ExpiresIn=3600) for name in ("put", "get")}
    size = file.stat().st_size
    for name, upload in (("put", ["-T", str(file)]), ("get", [])):
        ways = {"direct": far.url + "/large/object", "nginx": proxy.url + "/large/object", "cairn": signed[name]}
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        before = resident_bytes(cairn.process.pid)
        with Watch(cairn.process.pid) as watch:
            for _ in range(rounds):
                for way, url in ways.items():
                    seconds[way].append(curl(*upload, url))
        if (far.folder / "root/large/object").stat().st_size != size:
            raise SystemExit("the upstream has not got all of it")
        rate = {way: size / statistics.median(times) / 1e6 for way, times in seconds.items()}
        print(f"{name}  Cairn {rate['cairn']:6.0f} MB/s   nginx {rate['nginx']:6.0f} MB/s   direct {rate['direct']:6.0f} MB/s   "
              f"ratio {rate['cairn'] / rate['nginx']:.2f}   {watch.cpu_seconds / rounds / size * 1e9:.2f} s of processor a GB, "
              f"resident {before >> 20} MiB before, {watch.own_peak_bytes >> 20} MiB at most", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", default="/dev/shm")
    parser.add_argument("--binary", default=str(corpus.ROOT / "build/release/cairn"))
    options = parser.parse_args()
    require()
    with tempfile.TemporaryDirectory(prefix="cairn-gateway-", dir=options.folder) as name:
        folder = Path(name)
        file = folder / "file"
        with file.open("wb") as out:
            for _ in range(options.mebibytes):
                out.write(os.urandom(1 << 20))
        far = Nginx(folder / "far", STORES)
        proxy = Nginx(folder / "proxy", PROXY_AS_IT_COMES, far.url)
        (folder / "cairn").mkdir()
        try:
            with Cairn(options.binary, folder / "cairn", f'gateway: {{upstreams: {{s3: "{far.url}"}}}}\n') as cairn:
                measure(cairn, proxy, far, file, options.rounds)
        finally:
            proxy.close()
            far.close()


if __name__ == "__main__":
    main()
