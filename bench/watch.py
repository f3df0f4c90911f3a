"""What processes cost while a benchmark runs: resident memory and processor time of one process and its children, from /proc."""

from __future__ import annotations

import os
import threading
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    pids = [pid]
    for one in pids:
        try:
            pids += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
            for task in Path(f"/proc/{one}/task").iterdir():
                if int(task.name) != one:
                    pids += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return pids


def anonymous_bytes(pid: int) -> int:
    """Resident memory but for mapped files: those are the page cache's, which gives them back when asked."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0
    return (int(fields[1]) - int(fields[2])) * _PAGE


def resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(fields[n]) for n in (11, 12, 13, 14)) / _TICK


class Watch:
    """`with Watch(pid) as watch: …`; then watch.peak_bytes, the largest sum over the process and its children seen every 50 ms, and watch.own_peak_bytes, the process's own largest."""

    def __init__(self, pid: int):
        self.pid = pid
        self.peak_bytes = self.own_peak_bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._stop.wait(0.05):
            own, *children = (resident_bytes(p) for p in family(self.pid))
            self.own_peak_bytes = max(self.own_peak_bytes, own)
            self.peak_bytes = max(self.peak_bytes, own + sum(children))

    def __enter__(self) -> "Watch":
        self._began = sum(cpu_seconds(p) for p in family(self.pid))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.cpu_seconds = sum(cpu_seconds(p) for p in family(self.pid)) - self._began
