"""A chain of digest files as CloudTrail makes one, with a key of its own, in a folder or wherever `put` puts it. openssl signs."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

ACCOUNT = "210987654321"
REGION = "eu-west-1"
BUCKET = "kestrel-audit"
START = datetime(2026, 3, 2, 9, 30, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


def stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


class Key:
    def __init__(self, folder: Path):
        self.file = folder / "signing.pem"
        openssl("genrsa", "-out", str(self.file), "2048")
        self.der = openssl("rsa", "-in", str(self.file), "-RSAPublicKey_out", "-outform", "DER")
        self.fingerprint = hashlib.md5(self.der).hexdigest()

    def sign(self, data: bytes) -> str:
        return openssl("dgst", "-sha256", "-sign", str(self.file), given=data).hex()

    def listed(self) -> dict:
        """As `aws cloudtrail list-public-keys` prints it."""
        return {"PublicKeyList": [{"Value": base64.b64encode(self.der).decode(), "Fingerprint": self.fingerprint}]}


def into_folder(folder: Path) -> Callable[[str, bytes, dict], None]:
    def put(key: str, body: bytes, metadata: dict) -> None:
        file = folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        if metadata:
            Path(f"{file}.metadata.json").write_text(json.dumps(metadata))

    return put


class Chain:
    """One trail's. Digest 0 has no log files; the others list what was put since the one before."""

    def __init__(self, key: Key, put: Callable[[str, bytes, dict], None], start: datetime = START, bucket: str = BUCKET, trail: str = "kestrel",
                 records: Callable[[int], list] | None = None):  # fmt: skip
        self.key, self.put, self.start, self.bucket, self.trail, self.records = key, put, start, bucket, trail, records
        self.digests: list[str] = []
        self.logs: list[str] = []
        self.previous: dict | None = None
        self.pending: list[dict] = []

    def folder(self, kind: str, time: datetime) -> str:
        return f"AWSLogs/{ACCOUNT}/{kind}/{REGION}/{time:%Y/%m/%d}/{ACCOUNT}_{kind}_{REGION}"

    def log_name(self, time: datetime, number: int) -> str:
        return f"{self.folder('CloudTrail', time)}_{time:%Y%m%dT%H%MZ}_{number:016}.json.gz"

    def log(self, hour: int, minute: int) -> str:
        time = self.start + hour * HOUR + timedelta(minutes=minute)
        key = self.log_name(time, len(self.logs))
        records = self.records(len(self.logs)) if self.records else [{"eventID": key, "eventTime": stamp(time)}]
        text = json.dumps({"Records": records}).encode()
        self.put(key, gzip.compress(text), {})
        self.logs.append(key)
        entry = {"s3Bucket": self.bucket, "s3Object": key, "hashValue": hashlib.sha256(text).hexdigest(), "hashAlgorithm": "SHA-256"}
        self.pending.append(entry | {"newestEventTime": stamp(time), "oldestEventTime": stamp(time)})
        return key

    def digest_name(self, hour: int) -> str:
        end = self.start + (hour + 1) * HOUR
        return f"{self.folder('CloudTrail-Digest', end)}_{self.trail}_{REGION}_{end:%Y%m%dT%H%M%SZ}.json.gz"

    def digest(self, hour: int) -> str:
        end = self.start + (hour + 1) * HOUR
        before = self.previous or {}
        value = {
            "awsAccountId": ACCOUNT,
            "digestStartTime": stamp(end - HOUR),
            "digestEndTime": stamp(end),
            "digestS3Bucket": self.bucket,
            "digestS3Object": self.digest_name(hour),
            "digestPublicKeyFingerprint": self.key.fingerprint,
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": None,
            "oldestEventTime": None,
            "previousDigestS3Bucket": before.get("bucket"),
            "previousDigestS3Object": before.get("key"),
            "previousDigestHashValue": before.get("hash"),
            "previousDigestHashAlgorithm": "SHA-256" if before else None,
            "previousDigestSignature": before.get("signature"),
            "logFiles": self.pending,
        }
        self.write(value)
        self.digests.append(value["digestS3Object"])
        self.pending = []
        return value["digestS3Object"]

    def write(self, value: dict) -> None:
        """Signed; the next digest will name it."""
        text = json.dumps(value, separators=(",", ":")).encode()
        digest = hashlib.sha256(text).hexdigest()
        place = f"{value['digestS3Bucket']}/{value['digestS3Object']}"
        signature = self.key.sign("\n".join([value["digestEndTime"], place, digest, value["previousDigestSignature"] or "null"]).encode())
        self.put(value["digestS3Object"], gzip.compress(text), {"signature": signature, "signature-algorithm": "SHA256withRSA"})
        self.previous = {"bucket": value["digestS3Bucket"], "key": value["digestS3Object"], "hash": digest, "signature": signature}

    def hours(self, count: int, logs_each: int = 2) -> "Chain":
        self.digest(0)
        for hour in range(1, count):
            for number in range(logs_each):
                self.log(hour, 1 + number * 50 // logs_each)
            self.digest(hour)
        return self
