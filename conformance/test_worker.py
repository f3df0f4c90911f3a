"""The worker process: killed again and again under load, and nothing is lost, lookups go on, the trail goes on."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from cairn import PATIENCE, Cairn, eventually
from records import record
from test_crash import Load, check_everything

CONFIG = "delivery: {interval: 1s}\nworker: {memory: 400MiB}\n"
BATCHES_OF_A_SEAL = 14  # of 100 large records: 24 MiB of text are a seal


def workers(cairn) -> list[int]:
    """The process ids of a Cairn's children."""
    children = Path(f"/proc/{cairn.process.pid}/task").glob("*/children")
    return [int(pid) for path in children for pid in path.read_text().split()]


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, IndexError):
        return 0


def measure(cairn, name: str) -> float:
    lines = cairn.get("/_cairn/metrics")[1].decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name) and not line.startswith("#"))


def fill(cairn, batches: int) -> None:
    """Large records, so that a head is due after few of them."""
    for _ in range(batches):
        records = [record(requestParameters={"queueName": "nest", "padding": "x" * 20_000}) for _ in range(100)]
        status, body = cairn.put_records(records)
        assert status == 200, body


def end(pid: int) -> bool:
    """False: it had ended by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False


@pytest.fixture
def busy(binary, tmp_path):
    with Cairn(binary, tmp_path, CONFIG) as cairn:
        cairn.make_trail(IsMultiRegionTrail=True)
        cairn.client("s3").create_bucket(Bucket="things")
        yield cairn


def test_killed_again_and_again_under_load(busy):
    killed = 0
    largest = {"server": 0, "worker": 0}
    with Load(busy) as load:
        deadline = time.monotonic() + 2 * PATIENCE
        while time.monotonic() < deadline and killed < 5:
            fill(busy, 4)
            for pid in workers(busy):
                largest["worker"] = max(largest["worker"], resident(pid))
                killed += end(pid)
            largest["server"] = max(largest["server"], resident(busy.process.pid))
            assert busy.client("cloudtrail").lookup_events(MaxResults=5)["Events"]
    print(f"killed {killed} workers; resident at most {largest}")
    assert killed > 0, "no worker was ever started: nothing was sealed"
    assert eventually(lambda: measure(busy, "cairn_worker_deaths_total") > 0)
    # A job that failed is done by the next child.
    assert eventually(lambda: measure(busy, 'cairn_worker_jobs_total{outcome="answered"}') > 0)
    assert busy.get("/_cairn/readyz")[0] == 200
    check_everything(busy, load)
    assert largest["worker"] < 400 << 20 and largest["server"] < 1200 << 20, largest


def test_it_seals_and_has_what_it_needs_and_no_more(busy):
    fill(busy, BATCHES_OF_A_SEAL)
    running = eventually(lambda: workers(busy))
    assert running, "no worker was started"
    pid = running[0]
    assert eventually(lambda: Path(f"/proc/{pid}/comm").read_text().strip() == "cairn-worker")
    assert eventually(lambda: os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(os.PRIO_PROCESS, busy.process.pid))
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert not [v for v in variables if v.startswith((b"CAIRN_", b"AWS_", b"HOME="))], variables
    assert eventually(lambda: measure(busy, 'cairn_worker_jobs_total{outcome="answered"}') > 0)
    assert resident(pid) < 400 << 20
    assert eventually(lambda: list((busy.data / "blobs" / "store").rglob("*.parquet.sealed")))


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_it_ends_with_the_server(busy, how):
    fill(busy, BATCHES_OF_A_SEAL)
    running = eventually(lambda: workers(busy))
    assert running, "no worker was started"
    pid = running[0]
    os.kill(pid, signal.SIGSTOP)  # it will not have done its job by itself
    busy.kill() if how == "kill" else busy.stop()
    assert eventually(lambda: gone(pid)), "the worker outlives its server"


def test_nobody_else_can_use_it(binary, tmp_path):
    done = subprocess.run([binary, "worker", "--data", str(tmp_path), "--memory", "400000000"], capture_output=True, timeout=60)
    assert done.returncode == 1
