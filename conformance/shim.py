"""The clock and the disk of a Cairn under test: shim.c compiled, loaded before it, and told what to do while it runs."""

from __future__ import annotations

import contextlib
import datetime
import shutil
import struct
import subprocess
from pathlib import Path

import botocore.auth
import pytest

SOURCE = Path(__file__).with_name("shim.c")


class Shim:
    def __init__(self, folder: Path):
        compiler = shutil.which("clang-16") or shutil.which("cc")
        if not compiler:
            pytest.skip("no C compiler: ./dev build installs clang-16")
        self.library, self.settings = folder / "shim.so", folder / "shim.settings"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", self.library, SOURCE, "-ldl"], check=True)
        self.step = datetime.timedelta()
        self.sync_milliseconds = 0
        self._tell()

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "SHIM": str(self.settings)}

    def _tell(self) -> None:
        nanoseconds = (self.step // datetime.timedelta(microseconds=1)) * 1000
        with open(self.settings, "r+b" if self.settings.exists() else "wb") as file:
            file.write(struct.pack("=qq", nanoseconds, self.sync_milliseconds))

    def clock(self, **step: float) -> None:
        """The program's wall clock is so far off from now on."""
        self.step = datetime.timedelta(**step)
        self._tell()

    def slow_syncs(self, milliseconds: int) -> None:
        self.sync_milliseconds = milliseconds
        self._tell()

    def now(self) -> datetime.datetime:
        """What the program believes."""
        return datetime.datetime.now(datetime.timezone.utc) + self.step

    @contextlib.contextmanager
    def clients_agree(self, monkeypatch: pytest.MonkeyPatch):
        """Within it boto3 signs with the program's time."""
        def get_current_datetime(remove_tzinfo=True):
            return self.now().replace(tzinfo=None) if remove_tzinfo else self.now()

        with monkeypatch.context() as patch:
            patch.setattr(botocore.auth, "get_current_datetime", get_current_datetime)
            yield


@pytest.fixture
def shim(tmp_path) -> Shim:
    return Shim(tmp_path)
