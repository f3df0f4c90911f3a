"""A Ceph of one's own: a monitor, an OSD that keeps its objects in memory, and radosgw, on ports of 127.0.0.1, in a folder, as whoever runs it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest
from other_s3 import OtherS3

PROGRAMS = ["ceph-mon", "ceph-osd", "radosgw", "ceph", "radosgw-admin", "ceph-authtool", "monmaptool"]
STRANGER = ("AKIACEPH000000000002", "another secret")
PATIENCE = 120
STEP_SECONDS_MAX = 60
# One of everything, and so no second copy of an object.
CONFIGURATION = """[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{monitor}/0]
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind msgr1 = false
auth allow insecure global id reclaim = false
keyring = {folder}/keyring
run dir = {folder}
admin socket = {folder}/$name.asok
pid file = {folder}/$name.pid
log file = {folder}/$name.log
crash dir = {folder}/crash
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data = {folder}/monitor
mon data avail crit = 1
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = {bytes}
rgw data = {folder}/gateway
rgw frontends = beast endpoint=127.0.0.1:{gateway}
"""
MEMORY = 1 << 30


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Ceph(OtherS3):
    access_key, secret = "AKIACEPH000000000001", "a secret of Ceph"

    def __init__(self, folder: Path):
        missing = [program for program in PROGRAMS if not shutil.which(program)]
        if missing:
            pytest.skip(f"no {', '.join(missing)}: Debian's ceph-mon, ceph-osd, ceph-common and radosgw")
        self.folder, self.configuration = folder, folder / "ceph.conf"
        self.daemons: dict[str, subprocess.Popen] = {}
        self.gateway, self.monitor = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.gateway}"

    def __enter__(self) -> Ceph:
        try:
            self._prepare()
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for daemon in reversed(self.daemons.values()):
            daemon.terminate()
        for daemon in self.daemons.values():
            try:
                daemon.wait(STEP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def run(self, program: str, *arguments: str) -> str:
        environment = os.environ | {"CEPH_CONF": str(self.configuration)}
        done = subprocess.run([program, *arguments], capture_output=True, text=True, env=environment, timeout=STEP_SECONDS_MAX)
        assert done.returncode == 0, f"{program} {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _prepare(self) -> None:
        for part in ("monitor", "osd", "gateway", "crash"):
            (self.folder / part).mkdir(parents=True)
        fsid, keyring, map_file = str(uuid.uuid4()), str(self.folder / "keyring"), str(self.folder / "monmap")
        ports = {"monitor": self.monitor, "gateway": self.gateway}
        self.configuration.write_text(CONFIGURATION.format(fsid=fsid, folder=self.folder, bytes=MEMORY, **ports))
        self.run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        self.run("ceph-authtool", keyring, "--gen-key", "-n", "client.admin", "--cap", "mon", "allow *", "--cap", "osd", "allow *")
        self.run("ceph-authtool", keyring, "--gen-key", "-n", "osd.0", "--cap", "mon", "allow profile osd", "--cap", "osd", "allow *")
        self.run("monmaptool", "--create", "--addv", "a", f"[v2:127.0.0.1:{self.monitor}/0]", "--fsid", fsid, map_file)
        self.run("ceph-mon", "-c", str(self.configuration), "-i", "a", "--mkfs", "--monmap", map_file, "--keyring", keyring)

    def _begin(self) -> None:
        self._start("ceph-mon", "-i", "a")
        unique = str(uuid.uuid4())
        self.run("ceph", "osd", "create", unique, "0")
        self.run("ceph-osd", "-c", str(self.configuration), "-i", "0", "--mkfs", "--osd-uuid", unique)
        self.run("ceph", "osd", "crush", "add", "osd.0", "1", "root=default", "host=localhost")
        self._start("ceph-osd", "-i", "0")
        self.start_gateway()
        for name, (key, secret) in {"cairn": (self.access_key, self.secret), "stranger": STRANGER}.items():
            self.run("radosgw-admin", "user", "create", f"--uid={name}", f"--display-name={name}", f"--access-key={key}", f"--secret={secret}")

    def stop_gateway(self) -> None:
        self.daemons["radosgw"].kill()
        self.daemons["radosgw"].wait()

    def start_gateway(self) -> None:
        self._start("radosgw", "-n", "client.admin")
        self._wait()

    def _start(self, program: str, *arguments: str) -> None:
        with open(self.folder / f"{program}.out", "ab") as out:
            self.daemons[program] = subprocess.Popen([program, "-c", str(self.configuration), *arguments, "-f"], stdout=out, stderr=out)

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(self.url, timeout=5):
                    return
            except urllib.error.HTTPError:
                return
            except OSError as error:
                dead = {name: daemon.poll() for name, daemon in self.daemons.items() if daemon.poll() is not None}
                assert not dead and time.monotonic() < deadline, f"{error}; ended: {dead}\n{self.said()}"
                time.sleep(0.2)

    def said(self) -> str:
        files = sorted(self.folder.glob("*.out")) + sorted(self.folder.glob("*.log"))
        return "\n".join(f"{file.name}: {file.read_text(errors='replace')[-2000:]}" for file in files)
