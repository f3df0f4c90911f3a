"""Many who knock, where the system gives a process few file descriptors: files have theirs all the same."""

import shutil
import socket

import pytest
from cairn import Cairn, code_of

SOFT, HARD = 200, 600
CONNECTIONS = (HARD - 256) // 2


@pytest.fixture
def cairn(binary, tmp_path):
    if not shutil.which("prlimit"):
        pytest.skip("no prlimit: apt-get install util-linux")
    script = tmp_path / "few"
    script.write_text(f'#!/bin/sh\nexec prlimit --nofile={SOFT}:{HARD} {binary} "$@"\n')
    script.chmod(0o755)
    with Cairn(script, tmp_path) as running:
        yield running


def test_idle_connections_leave_room_for_files(cairn):
    s3 = cairn.client("s3")
    s3.create_bucket(Bucket="few")  # this connection is kept
    host, port = cairn.listen.rsplit(":", 1)
    idle = [socket.create_connection((host, int(port))) for _ in range(CONNECTIONS + 100)]
    assert cairn.get("/_cairn/livez")[0] == 503  # and not: no answer
    for n in range(20):
        assert code_of(s3.put_object, Bucket="few", Key=f"key {n}", Body=b"x" * 100_000) == ""
        assert len(s3.get_object(Bucket="few", Key=f"key {n}")["Body"].read()) == 100_000
    for connection in idle:
        connection.close()
