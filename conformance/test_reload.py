"""SIGHUP: the configuration is read again. And what systemd is told."""

import os
import signal
import socket

from cairn import PATIENCE, Cairn, eventually

ACCOUNTS = """
accounts:
  - id: "111122223333"
    name: main
    users: [{name: ann, administrator: true, keys: [{id: AKIAEXAMPLE00000001, secret: change-me-please-now}]}]
"""
SECOND = """  - id: "444455556666"
    name: second
    users: [{name: bob, administrator: true, keys: [{id: AKIAEXAMPLE00000002, secret: change-me-please-too}]}]
"""


def read_again(cairn, config: str) -> str:
    """What the log says of it."""
    before = cairn.log.stat().st_size
    cairn.config.write_text(config)
    os.kill(cairn.process.pid, signal.SIGHUP)

    def said():
        text = cairn.log.read_text()[before:]
        return text if "configuration read again" in text or "the old one stays" in text else ""

    return eventually(said)


def test_accounts_and_log_change_at_once(binary, tmp_path):
    with Cairn(binary, tmp_path, ACCOUNTS) as cairn:
        assert "[444455556666]" not in cairn.credentials_file.read_text()
        said = read_again(cairn, ACCOUNTS + SECOND + "log: {format: json}\n")
        assert '"message":"configuration read again"' in said, said
        assert cairn.client("sts", "444455556666").get_caller_identity()["Account"] == "444455556666"
        # And away again: what is no longer declared opens nothing.
        session = cairn.client("sts", "444455556666")
        said = read_again(cairn, ACCOUNTS)
        assert "configuration read again" in said, said
        try:
            session.get_caller_identity()
            raise AssertionError("a closed account's key still opens something")
        except session.exceptions.ClientError:
            pass
        assert cairn.client("sts").get_caller_identity()["Account"] == "111122223333"


def test_what_needs_a_restart_is_said_and_errors_leave_the_old_one(binary, tmp_path):
    with Cairn(binary, tmp_path, ACCOUNTS) as cairn:
        said = read_again(cairn, ACCOUNTS + "history: {retention: 10d}\n")
        assert "needs a restart" in said and "setting=history.retention running=90d configured=10d" in said, said
        for wrong, why in (("delivery: {intervall: 1s}\n", "delivery.intervall: unknown key"),
                           (ACCOUNTS.replace("111122223333", "12"), "12"), ("accounts: [", "cairn.yaml")):
            said = read_again(cairn, wrong)
            assert "the old one stays" in said and why in said, said
            assert cairn.client("sts").get_caller_identity()["Account"] == "111122223333"
        assert cairn.stop() == 0


def test_systemd_is_told(binary, tmp_path):
    name = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        manager.settimeout(PATIENCE)
        with Cairn(binary, tmp_path, "", {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "900000"}) as cairn:
            def news():
                """What is said next besides that it lives: that it says on a clock of its own."""
                while (told := manager.recv(100)) == b"WATCHDOG=1":
                    pass
                return told

            assert manager.recv(100) == b"READY=1"
            assert manager.recv(100) == b"WATCHDOG=1"
            assert manager.recv(100) == b"WATCHDOG=1"
            os.kill(cairn.process.pid, signal.SIGHUP)
            assert news().startswith(b"RELOADING=1\nMONOTONIC_USEC=")
            assert news() == b"READY=1"
        assert news() == b"STOPPING=1"
