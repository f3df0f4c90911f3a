"""Many small objects by `aws s3 sync`, and a large one in parts, with memory flat.

./dev test takes 500 objects and 64 MiB; ./dev soak 10,000 and 6 GiB, or what CAIRN_SYNC_OBJECTS and CAIRN_UPLOAD_MIB say.
"""

import hashlib
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.config import Config
from cairn import ROOT, Cairn

sys.path.insert(0, str(ROOT / "bench"))
from watch import Watch, resident_bytes  # noqa: E402

MIB = 1 << 20
PART = 8 * MIB
SENDERS = 4
# What an upload of any size may add to the server's memory: buffers of so many requests at once, and the allocator's slack.
RISE_MAX = 64 * MIB


@pytest.fixture
def quiet(binary, tmp_path):
    """A Cairn that nobody else talks to."""
    folder = tmp_path / "cairn"
    folder.mkdir()
    with Cairn(binary, folder) as running:
        yield running


def sync(cairn: Cairn, *words: object) -> tuple[int, float]:
    """How many objects moved, and in how many seconds."""
    began = time.monotonic()
    command = [str(ROOT / ".deps/venv/bin/aws"), "s3", "sync", "--no-progress", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, env=cairn.aws_environment())
    assert done.returncode == 0, done.stderr[-4000:]
    return len(done.stdout.splitlines()), time.monotonic() - began


def fill(folder: Path, count: int) -> None:
    """Files of 0 to 4 KiB in folders of a hundred."""
    for number in range(count):
        path = folder / f"{number // 100:03d}" / f"object {number:05d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(hashlib.sha256(str(number).encode()).digest() * (number % 128))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def synced(cairn: Cairn, folder: Path, count: int) -> None:
    cairn.client("s3").create_bucket(Bucket="many")
    fill(folder / "from", count)
    with Watch(cairn.process.pid) as watch:
        for what, words, moved in [("up", (folder / "from", "s3://many/all"), count), ("up again", (folder / "from", "s3://many/all"), 0),
                                   ("down", ("s3://many/all", folder / "to"), count)]:
            objects, seconds = sync(cairn, *words)
            print(f"sync {what}: {objects} objects moved in {seconds:.1f} s, {count / seconds:.0f} objects/s")
            assert objects == moved, what
    print(f"resident at most {watch.own_peak_bytes / MIB:.0f} MiB, {watch.cpu_seconds:.1f} s of processor")
    assert contents(folder / "to") == contents(folder / "from")
    pages = cairn.client("s3").get_paginator("list_objects_v2").paginate(Bucket="many", PaginationConfig={"PageSize": 300})
    assert sum(page["KeyCount"] for page in pages) == count


def test_sync_of_some_hundred_objects(quiet, tmp_path):
    synced(quiet, tmp_path, 500)


@pytest.mark.soak
def test_sync_of_ten_thousand_objects(quiet, tmp_path):
    synced(quiet, tmp_path, int(os.environ.get("CAIRN_SYNC_OBJECTS", "10000")))


def part(number: int) -> bytes:
    """Different for each number, and cheap to make again."""
    return hashlib.sha256(str(number).encode()).digest() * (PART // 32)


def uploaded(cairn: Cairn, mebibytes: int) -> None:
    options = Config(retries={"max_attempts": 1}, max_pool_connections=SENDERS, request_checksum_calculation="when_required")
    s3 = cairn.session().client("s3", endpoint_url=cairn.endpoint, config=options)
    s3.create_bucket(Bucket="large")
    count, began, lock = mebibytes * MIB // PART, time.monotonic(), threading.Lock()
    resident: list[int] = []

    def send(number: int) -> dict:
        tag = s3.upload_part(Bucket="large", Key="k", UploadId=upload, PartNumber=number, Body=part(number))["ETag"]
        with lock:
            resident.append(resident_bytes(cairn.process.pid))
        return {"PartNumber": number, "ETag": tag}

    with Watch(cairn.process.pid) as watch, ThreadPoolExecutor(SENDERS) as pool:
        before = resident_bytes(cairn.process.pid)
        upload = s3.create_multipart_upload(Bucket="large", Key="k")["UploadId"]
        parts = list(pool.map(send, range(1, count + 1)))
        done = s3.complete_multipart_upload(Bucket="large", Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
        seconds, body, began = time.monotonic() - began, s3.get_object(Bucket="large", Key="k")["Body"], time.monotonic()
        for number in range(1, count + 1):
            assert body.read(PART) == part(number), f"part {number} came back as something else"
        assert body.read(1) == b""
    tags = b"".join(bytes.fromhex(one["ETag"].strip('"')) for one in parts)
    assert done["ETag"] == f'"{hashlib.md5(tags).hexdigest()}-{count}"'
    peak, quarter = watch.own_peak_bytes, max(1, count // 4)
    print(f"{mebibytes} MiB in {count} parts: up {mebibytes / seconds:.0f} MiB/s, down {mebibytes / (time.monotonic() - began):.0f} MiB/s, resident "
          f"{before / MIB:.0f} MiB before, {max(resident[:quarter]) / MIB:.0f} in the first quarter, {max(resident[-quarter:]) / MIB:.0f} in the last, "
          f"{peak / MIB:.0f} at most")
    assert peak - before < RISE_MAX, "memory grows with the upload"
    s3.delete_object(Bucket="large", Key="k")


def test_an_upload_of_some_parts(quiet):
    uploaded(quiet, 64)


@pytest.mark.soak
def test_an_upload_of_six_gibibytes(quiet):
    uploaded(quiet, int(os.environ.get("CAIRN_UPLOAD_MIB", str(6 << 10))))
