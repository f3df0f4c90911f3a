"""SIGHUP: the configuration is read again. And what systemd is told."""

import concurrent.futures
import datetime
import os
import shutil
import signal
import socket
import subprocess

import pytest
from botocore.exceptions import ClientError
from cairn import PATIENCE, ROOT, Cairn, eventually
from records import record

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


def refused(call, **arguments) -> str:
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def test_limits_retention_and_the_bucket_policy_change_at_once(binary, tmp_path):
    with Cairn(binary, tmp_path, ACCOUNTS) as cairn:
        trails = cairn.client("cloudtrail")
        cairn.client("s3").create_bucket(Bucket="plain")  # without a policy
        assert refused(trails.create_trail, Name="first", S3BucketName="plain") == "InsufficientS3BucketPolicyException"
        old = record(when=datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=3))
        assert cairn.put_records([old])[0] == 200
        by_id = {"LookupAttributes": [{"AttributeKey": "EventId", "AttributeValue": old["eventID"]}]}
        assert eventually(lambda: trails.lookup_events(**by_id)["Events"])

        said = read_again(cairn, ACCOUNTS + "history: {retention: 2d}\ntrails: {require_bucket_policy: false}\nlimits: {aws_rates: true, trails_per_region: 1}\n")
        for line in ("setting=history.retention before=90d now=2d", "setting=trails.require_bucket_policy before=true now=false",
                     "setting=limits.aws_rates before=false now=true", "setting=limits.trails_per_region before=5 now=1"):
            assert f"in force {line}" in said, said
        assert "needs a restart" not in said
        assert not trails.lookup_events(**by_id)["Events"]
        with concurrent.futures.ThreadPoolExecutor(8) as callers:  # together faster than the rate, however slow each is
            assert eventually(lambda: "ThrottlingException" in list(callers.map(lambda _: refused(trails.lookup_events), range(40))))

        said = read_again(cairn, ACCOUNTS + "trails: {require_bucket_policy: false}\nlimits: {trails_per_region: 1}\n")
        assert "ThrottlingException" not in [refused(trails.lookup_events) for _ in range(20)]
        trails.create_trail(Name="first", S3BucketName="plain")
        assert refused(trails.create_trail, Name="second", S3BucketName="plain") == "MaximumNumberOfTrailsExceededException"

        said = read_again(cairn, ACCOUNTS)
        assert "setting=limits.trails_per_region before=1 now=5" in said, said
        assert refused(trails.create_trail, Name="second", S3BucketName="plain") == "InsufficientS3BucketPolicyException"


def test_what_needs_a_restart_is_said_and_errors_leave_the_old_one(binary, tmp_path):
    with Cairn(binary, tmp_path, ACCOUNTS) as cairn:
        said = read_again(cairn, ACCOUNTS + "delivery: {interval: 10m, digest_interval: 2h}\n")
        assert "needs a restart" in said and "setting=delivery.interval running=5m configured=10m" in said, said
        assert "setting=delivery.digest_interval running=1h configured=2h" in said, said
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


def test_the_unit_is_one_that_systemd_takes_whole(tmp_path):
    """systemd reads over what it does not know with a warning alone, and a hardening that is misspelt is none."""
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("systemd-analyze is not there: Debian's package systemd has it")
    unit = (ROOT / "packaging/cairn.service").read_text()

    def complaints(text: str) -> list[str]:
        (tmp_path / "cairn.service").write_text(text.replace("/usr/bin/cairn", "/bin/true"))
        said = subprocess.run([analyze, "verify", "--man=no", str(tmp_path / "cairn.service")], capture_output=True, text=True, timeout=60)
        return [line for line in (said.stdout + said.stderr).splitlines() if "cairn.service" in line]

    assert complaints(unit) == []
    assert complaints(unit.replace("ProtectClock=", "ProtectKlock="))
