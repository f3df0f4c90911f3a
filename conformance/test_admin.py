"""`cairn admin`: whoever has the machine gets an administrator's key back."""

import configparser
import subprocess

import pytest
from botocore.exceptions import ClientError
from cairn import Cairn


def key_of(cairn, profile="default"):
    parser = configparser.ConfigParser()
    parser.read(cairn.credentials_file)
    return parser[profile]["aws_access_key_id"]


def admin(binary, cairn, *more):
    command = [str(binary), "admin", "--data", str(cairn.data), "--config", str(cairn.config), *more]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_new_key_opens_and_the_old_one_does_not(binary, tmp_path):
    with Cairn(binary, tmp_path) as cairn:
        old = key_of(cairn)
        lost = cairn.client("sts")
        assert lost.get_caller_identity()["Arn"].endswith(":user/admin")
        busy = admin(binary, cairn)
        assert busy.returncode == 1 and key_of(cairn) == old, busy.stderr
        assert cairn.stop() == 0
        cairn.credentials_file.unlink()
        done = admin(binary, cairn)
        assert done.returncode == 0, done.stderr
        new = key_of(cairn)
        assert new != old and new in done.stdout
        assert cairn.credentials_file.stat().st_mode & 0o777 == 0o600
        cairn.start()
        assert key_of(cairn) == new
        assert cairn.client("sts").get_caller_identity()["Arn"].endswith(":user/admin")
        with pytest.raises(ClientError) as refused:
            lost.get_caller_identity()
        assert refused.value.response["Error"]["Code"] == "InvalidClientTokenId"


def test_it_says_what_it_cannot_do(binary, tmp_path):
    with Cairn(binary, tmp_path) as cairn:
        cairn.stop()
        for arguments, said in [(["--user", "nobody"], "no such user"), (["--account", "444455556666"], "no such user")]:
            done = admin(binary, cairn, *arguments)
            assert done.returncode == 1 and said in done.stderr, done.stderr
    done = subprocess.run([str(binary), "admin", "--data", str(tmp_path / "nowhere")], capture_output=True, text=True)
    assert done.returncode == 1 and "no Cairn has been here" in done.stderr and not (tmp_path / "nowhere").exists()
