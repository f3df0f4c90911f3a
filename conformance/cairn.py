"""A Cairn of one's own: started on a free port with a folder of its own, stopped or killed, started again."""

from __future__ import annotations

import gzip
import json
import os
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parent.parent
REGION = "us-east-1"
# No test says how fast something is: a loaded machine may take many times as long as a quiet one. Who waits goes on at once.
PATIENCE = 60.0


class Cairn:
    def __init__(self, binary: str | Path, folder: Path | None = None, config: str = "", environment: dict[str, str] | None = None):
        self.binary = str(binary)
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="cairn-")
        self.folder = Path(folder or self._temporary.name)
        self.data = self.folder / "data"
        self.config = self.folder / "cairn.yaml"
        self.config.write_text(config)
        self.environment = environment or {}
        self.log = self.folder / "cairn.log"
        self.process: subprocess.Popen | None = None
        self.endpoint = ""
        self.listen = "127.0.0.1:0"
        self.authority: Path | None = None  # whose certificate clients trust, where it speaks TLS

    # --- life ---

    def start(self, patience: float = PATIENCE) -> "Cairn":
        variables = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CAIRN_"))}
        # Every test leaves a folder behind: the default would be 64 MiB each.
        variables.update({"CAIRN_RESERVE": "1MiB"} | self.environment)
        command = [self.binary, "serve", "--data", str(self.data), "--listen", self.listen, "--config", str(self.config)]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=variables, text=True)
        self.endpoint = self._read_endpoint()
        self.listen = self.endpoint.partition("://")[2]
        # Whoever does not read a pipe stops its writer.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        self.wait_ready(patience)
        return self

    def _read_endpoint(self) -> str:
        for line in self.process.stdout:
            if line.startswith("Cairn listens at "):
                return line.split()[-1]
        raise RuntimeError(f"cairn did not start:\n{self.log.read_text()[-4000:]}")

    def wait_ready(self, patience: float = PATIENCE) -> None:
        deadline = time.monotonic() + patience
        while True:
            status, body = self.get("/_cairn/readyz")
            if status == 200:
                return
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError(f"cairn is not ready ({status} {body!r}):\n{self.log.read_text()[-4000:]}")
            time.sleep(0.02)

    def stop(self, patience: float = PATIENCE) -> int:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(patience)
        return self.process.returncode if self.process else 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> "Cairn":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()
        if self._temporary:
            self._temporary.cleanup()

    # --- clients ---

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(self.endpoint + path, timeout=10, context=self._trust()) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError as error:
            return 0, str(error).encode()

    def _trust(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=str(self.authority)) if self.authority else None

    @property
    def credentials_file(self) -> Path:
        return self.data / "credentials"

    def session(self, profile: str = "default", region: str = REGION) -> boto3.Session:
        lines = self.credentials_file.read_text().splitlines()
        section, keys = "", {}
        for line in lines:
            if line.startswith("["):
                section = line.strip("[]")
            elif "=" in line and section == profile:
                name, value = (part.strip() for part in line.split("=", 1))
                keys[name] = value
        return boto3.Session(keys["aws_access_key_id"], keys["aws_secret_access_key"], region_name=region)

    def client(self, service: str, profile: str = "default", region: str = REGION, **config: object):
        options = Config(retries={"max_attempts": 1, "mode": "standard"}, **config)
        verify = str(self.authority) if self.authority else None
        return self.session(profile, region).client(service, endpoint_url=self.endpoint, config=options, verify=verify)

    def aws_environment(self, profile: str = "default", region: str = REGION) -> dict[str, str]:
        variables = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        variables.update(
            AWS_ENDPOINT_URL=self.endpoint,
            AWS_SHARED_CREDENTIALS_FILE=str(self.credentials_file),
            AWS_CONFIG_FILE=os.devnull,
            AWS_PROFILE=profile,
            AWS_DEFAULT_REGION=region,
            AWS_PAGER="",
            AWS_MAX_ATTEMPTS="1",
        )
        if self.authority:
            variables["AWS_CA_BUNDLE"] = str(self.authority)
        return variables

    def signed_post(self, path: str, body: bytes, headers: dict[str, str] | None = None, profile: str = "default", service: str = "cairn"):
        """A POST signed by hand, for what no SDK knows. Gives (status, body)."""
        request = AWSRequest("POST", self.endpoint + path, data=body, headers=headers or {})
        SigV4Auth(self.session(profile).get_credentials(), service, REGION).add_auth(request)
        try:
            prepared = urllib.request.Request(self.endpoint + path, data=body, headers=dict(request.headers), method="POST")
            with urllib.request.urlopen(prepared, timeout=120, context=self._trust()) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def put_records(self, records: list[dict], compress: bool = False, profile: str = "default"):
        body = json.dumps({"Records": records}, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json"}
        if compress:
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        return self.signed_post("/_cairn/records", body, headers, profile)

    # --- what a test asks again and again ---

    def lookup_all(self, profile: str = "default", region: str = REGION, **arguments: object) -> list[dict]:
        client = self.client("cloudtrail", profile, region)
        pages = client.get_paginator("lookup_events").paginate(**arguments)
        return [event for page in pages for event in page["Events"]]

    def journal(self) -> list[dict]:
        dumped = subprocess.run([self.binary, "journal", "dump", "--data", str(self.data)], capture_output=True, check=True)
        return [json.loads(line) for line in dumped.stdout.splitlines()]

    def make_trail(self, name: str = "trail", bucket: str = "logs", profile: str = "default", region: str = REGION, start: bool = True, **options: object):
        """A bucket with CloudTrail's policy and a trail into it."""
        s3 = self.client("s3", profile, region)
        arguments = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **arguments)
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(bucket_policy(bucket)))
        cloudtrail = self.client("cloudtrail", profile, region)
        made = cloudtrail.create_trail(Name=name, S3BucketName=bucket, **options)
        if start:
            cloudtrail.start_logging(Name=name)
            # It holds for what comes behind it in the journal, and reaches the journal a moment after its answer.
            assert eventually(lambda: self._logs(made["TrailARN"])), "the trail's start is not in the journal"
        return made

    def _logs(self, trail: str) -> bool:
        controls = [e["control"] for e in self.journal() if e["kind"] == "control"]
        return any(c.get("arn") == trail and c["trail"] and c["trail"]["logging"] for c in controls)

    def log_files(self, bucket: str = "logs", profile: str = "default", region: str = REGION) -> dict[str, bytes]:
        """Every delivered log file of a bucket, by key, as it lies there (gzip)."""
        s3 = self.client("s3", profile, region)
        files = {}
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for item in page.get("Contents", []):
                if item["Key"].endswith(".json.gz") and "/CloudTrail/" in item["Key"]:
                    files[item["Key"]] = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        return files

    def delivered(self, **where: object) -> list[dict]:
        return [record for body in self.log_files(**where).values() for record in json.loads(gzip.decompress(body))["Records"]]


def bucket_policy(bucket: str, prefix: str = "") -> dict:
    """What CloudTrail's documentation asks for, for any account's trail."""
    service = {"Service": "cloudtrail.amazonaws.com"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{bucket}"},
            {
                "Effect": "Allow",
                "Principal": service,
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{bucket}/{prefix}AWSLogs/*",
                "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
            },
        ],
    }


def code_of(call, **arguments) -> str:
    """The error that the call is refused with; "" if it is not."""
    try:
        call(**arguments)
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return ""


def eventually(check, patience: float = PATIENCE, pause: float = 0.05):
    """Calls check() until it gives something true, and gives that back; the last answer if patience ends."""
    deadline = time.monotonic() + patience
    while True:
        answer = check()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(pause)
