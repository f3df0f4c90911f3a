"""README.md's tour with the AWS CLI, as it is written there."""

import json
import os
import re
import shutil
import subprocess

import pytest
from cairn import ROOT

README = (ROOT / "README.md").read_text()


def blocks() -> list[str]:
    tour = README.split("## Two minutes with the AWS CLI")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", tour, re.DOTALL)


@pytest.fixture
def shell(cairn):
    environment = cairn.aws_environment()
    environment["PATH"] = f"{ROOT}/.deps/venv/bin{os.pathsep}{environment['PATH']}"
    if not shutil.which("aws", path=environment["PATH"]):
        pytest.skip("there is no aws command")

    def run(block: str) -> subprocess.CompletedProcess:
        return subprocess.run(["bash", "-c", block], env=environment, capture_output=True, text=True, timeout=300)

    return run


def test_the_tour(cairn, shell):
    paste, who, trail, calls, history, file = blocks()
    assert set(re.findall(r"export (\w+)=", paste)) <= set(cairn.aws_environment())

    assert json.loads(shell(who).stdout)["Arn"].endswith(":user/admin")
    made = shell("set -e\n" + trail)
    assert made.returncode == 0, made.stderr
    assert "EntityAlreadyExists" in shell(calls).stderr
    found = shell(history).stdout
    assert found.count('"eventName":"CreateUser"') == 2 and "EntityAlreadyExists" in found

    delivered = shell("set -e\n" + file)
    assert delivered.returncode == 0, delivered.stderr
    assert re.search(r"AWSLogs/111122223333/CloudTrail/us-east-1/\d{4}/\d\d/\d\d/\S+\.json\.gz", delivered.stdout)
    assert '{"Records":[' in delivered.stdout and '"IsLogging": true' in delivered.stdout


def test_the_lines_to_paste_are_those_it_prints(cairn):
    paste = blocks()[0]
    source = (ROOT / "src/node/commands.cc").read_text()
    for line in paste.splitlines():
        start = re.match(r"(unset .*|export \w+=)", line).group(1)
        assert start in source, line
