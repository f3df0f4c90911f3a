"""Digest files as an auditor sees them: those that lie in a bucket, and what the AWS CLI says of them."""

from __future__ import annotations

import datetime
import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

from cairn import REGION, Cairn

AWS = Path(sys.executable).with_name("aws")
STAMP = "%Y-%m-%dT%H:%M:%SZ"


class Audit:
    """What `aws cloudtrail validate-logs` says of a trail's files of a Region."""

    def __init__(self, cairn: Cairn, trail: str, begun: datetime.datetime, region: str = REGION, account: str | None = None):
        begin, end = begun - datetime.timedelta(minutes=1), datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=5)
        command = [str(AWS), "cloudtrail", "validate-logs", "--trail-arn", trail, "--start-time", begin.strftime(STAMP),
                   "--end-time", end.strftime(STAMP), "--region", region, "--verbose"] + (["--account-id", account] if account else [])
        done = subprocess.run(command, env=cairn.aws_environment(region=region), capture_output=True, text=True, timeout=300)
        self.status, self.said = done.returncode, done.stdout + done.stderr
        # ["Digest file", "s3://…", "valid"]
        self.digests = [line.split("\t") for line in self.said.splitlines() if line.startswith("Digest file\t")]
        self.files = [line.split("\t") for line in self.said.splitlines() if line.startswith("Log file\t")]

    def is_green(self) -> bool:
        return self.status == 0 and all(line[2] == "valid" for line in self.digests + self.files)


class Digests:
    """The digests of a trail in a bucket, by account and Region, the oldest first."""

    def __init__(self, s3, bucket: str, trail: str = "trail"):
        self.s3, self.bucket, self.trail = s3, bucket, trail

    def keys(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            for item in page.get("Contents", []):
                matched = re.search(rf"/(\d{{12}})_CloudTrail-Digest_([a-z0-9-]+)_{self.trail}_[a-z0-9-]+_\d{{8}}T\d{{6}}Z\.json\.gz$", item["Key"])
                if matched:
                    found.setdefault((matched[1], matched[2]), []).append(item["Key"])
        return found

    def of(self, account: str, region: str = REGION) -> list[str]:
        return self.keys().get((account, region), [])

    def read(self, key: str) -> dict:
        return json.loads(gzip.decompress(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()))

    def listed(self, account: str, region: str = REGION) -> list[str]:
        return [file["s3Object"] for key in self.of(account, region) for file in self.read(key)["logFiles"]]

    def all_listed(self) -> list[str]:
        return [file["s3Object"] for keys in self.keys().values() for key in keys for file in self.read(key)["logFiles"]]
