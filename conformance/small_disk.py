"""A real file system that is small: the data folder's, so that tests can fill it. Needs the right to mount."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BLOCK = b"\xa5" * (256 << 10)


def run(*command: object) -> bool:
    return subprocess.run([str(part) for part in command], capture_output=True).returncode == 0


class SmallDisk:
    """Mounted at `folder` while it is a context; `kind` is tmpfs or ext4 (in a file, by a loop device)."""

    def __init__(self, folder: Path, kind: str, mebibytes: int):
        self.folder, self.kind, self.mebibytes = folder, kind, mebibytes
        self.image = folder.with_name(folder.name + ".img")
        self.stranger = folder / "stranger"

    def __enter__(self) -> "SmallDisk":
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() != 0:
            pytest.skip("only root may mount a small disk: sudo .deps/venv/bin/python -m pytest conformance/test_full_disk.py")
        if not self._mount():
            pytest.skip(f"cannot mount {self.kind} here: run the test in a privileged container")
        return self

    def _mount(self) -> bool:
        if self.kind == "tmpfs":
            return run("mount", "-t", "tmpfs", "-o", f"size={self.mebibytes}m", "tmpfs", self.folder)
        with open(self.image, "wb") as image:
            image.truncate(self.mebibytes << 20)
        return run("mkfs.ext4", "-q", "-m", "0", self.image) and run("mount", "-o", "loop", self.image, self.folder)

    def __exit__(self, *_: object) -> None:
        run("umount", "-l", self.folder)
        self.image.unlink(missing_ok=True)

    def free(self) -> int:
        now = os.statvfs(self.folder)
        return now.f_bavail * now.f_frsize

    def fill(self) -> None:
        """A stranger takes all there is, and stays. What becomes free afterwards is not his."""
        with open(self.stranger, "ab", buffering=0) as file:
            for size, at_most in ((len(BLOCK), sys.maxsize), (4096, len(BLOCK) // 4096), (1, 4096)):
                self._write(file, size, at_most)

    @staticmethod
    def _write(file, size: int, at_most: int) -> None:
        """Small pieces only fill what a larger one left: more than that is what became free meanwhile."""
        try:
            for _ in range(at_most):
                file.write(BLOCK[:size])
        except OSError:
            return

    def leave(self) -> None:
        self.stranger.unlink(missing_ok=True)
