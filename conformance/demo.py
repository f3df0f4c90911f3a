"""./dev demo: the main job with the real AWS CLI, each step and its result in plain words.

Exit status 0 only if every call was really found in the event history and in a delivered log file.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from cairn import Cairn, bucket_policy, eventually  # noqa: E402

BUCKET = "demo-trail-logs"
PATIENCE = 60.0


class Failed(Exception):
    pass


class Demo:
    def __init__(self, cairn: Cairn, aws: str):
        self.cairn = cairn
        self.aws_binary = aws
        self.step_number = 0

    def step(self, words: str) -> None:
        self.step_number += 1
        print(f"\n{self.step_number}. {words}", flush=True)

    def tell(self, words: str) -> None:
        print(f"   {words}", flush=True)

    def aws(self, *arguments: str, profile: str = "default", refused: str | None = None, quiet: bool = False) -> dict:
        """Runs the AWS CLI; with `refused`, the error code that must come."""
        if not quiet:
            shown = " ".join(a if len(a) < 60 else a[:57] + "…" for a in arguments)
            self.tell(f"$ aws {shown}" + (f"   (as {profile})" if profile != "default" else ""))
        done = subprocess.run(
            [self.aws_binary, *arguments, "--output", "json"],
            capture_output=True, text=True, env=self.cairn.aws_environment(profile), timeout=120,
        )
        if refused:
            if done.returncode == 0 or refused not in done.stderr:
                raise Failed(f"expected {refused}, got: {done.stdout}{done.stderr}")
            self.tell(f"→ refused, as it must be: {refused}")
            return {}
        if done.returncode != 0:
            raise Failed(f"aws {' '.join(arguments)}: {done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip().startswith(("{", "[")) else {}

    # --- the story ---

    def run(self) -> None:
        self.bucket_and_trail()
        self.calls()
        self.in_the_history()
        self.in_the_file()
        self.status()

    def bucket_and_trail(self) -> None:
        self.step("Who am I?")
        identity = self.aws("sts", "get-caller-identity")
        self.tell(f"→ {identity['Arn']}")

        self.step("A trail needs a bucket that CloudTrail may write to. Without the policy it is refused:")
        self.aws("s3api", "create-bucket", "--bucket", BUCKET)
        self.aws("cloudtrail", "create-trail", "--name", "demo", "--s3-bucket-name", BUCKET, refused="InsufficientS3BucketPolicyException")
        self.aws("s3api", "put-bucket-policy", "--bucket", BUCKET, "--policy", json.dumps(bucket_policy(BUCKET)))

        self.step("The trail, and logging on")
        trail = self.aws("cloudtrail", "create-trail", "--name", "demo", "--s3-bucket-name", BUCKET, "--is-multi-region-trail")
        self.aws("cloudtrail", "start-logging", "--name", "demo")
        self.tell(f"→ {trail['TrailARN']}")

    def calls(self) -> None:
        self.step("Some calls worth auditing, some of them refused")
        self.aws("iam", "create-user", "--user-name", "mallory")
        self.aws("iam", "create-user", "--user-name", "mallory", refused="EntityAlreadyExists")
        key = self.aws("iam", "create-access-key", "--user-name", "mallory")["AccessKey"]
        with self.cairn.credentials_file.open("a") as file:
            file.write(f"\n[mallory]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n")
        self.aws("iam", "create-user", "--user-name", "accomplice", profile="mallory", refused="AccessDenied")
        self.aws("cloudtrail", "stop-logging", "--name", "demo", profile="mallory", refused="AccessDenied")

    WANTED = [
        ("CreateTrail", None), ("StartLogging", None), ("CreateUser", None), ("CreateUser", "EntityAlreadyExistsException"),
        ("CreateAccessKey", None), ("CreateUser", "AccessDenied"), ("StopLogging", "AccessDenied"),
    ]

    @staticmethod
    def missing(records: list[dict], wanted: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
        seen = [(r["eventName"], r.get("errorCode")) for r in records]
        return [w for w in wanted if w not in seen]

    def in_the_history(self) -> None:
        self.step("Each call is in the event history a moment later")
        began = time.monotonic()

        def find():
            events = self.aws("cloudtrail", "lookup-events", "--max-items", "200", quiet=True)["Events"]
            records = [json.loads(e["CloudTrailEvent"]) for e in events]
            return records if not self.missing(records, self.WANTED) else None

        self.tell("$ aws cloudtrail lookup-events")
        records = eventually(find, PATIENCE)
        if not records:
            raise Failed("the event history does not hold all calls")
        self.tell(f"→ found all {len(self.WANTED)} within {time.monotonic() - began:.1f} s, the CLI's own start-up included:")
        for record in reversed(records[:12]):
            who = record["userIdentity"].get("userName") or record["userIdentity"].get("invokedBy", "?")
            self.tell(f"   {record['eventTime']}  {who:<26} {record['eventName']:<18} {record.get('errorCode', 'ok')}")

    def in_the_file(self) -> None:
        self.step("And in a log file in the bucket")
        wanted = [w for w in self.WANTED if w[0] not in ("CreateTrail", "StartLogging")]

        def find():
            listing = self.aws("s3api", "list-objects-v2", "--bucket", BUCKET, quiet=True)
            keys = [o["Key"] for o in listing.get("Contents", []) if o["Key"].endswith(".json.gz")]
            records = [r for key in keys for r in self.records_in(key)]
            return (keys, records) if not self.missing(records, wanted) else None

        self.tell(f"$ aws s3 ls --recursive s3://{BUCKET}")
        found = eventually(find, PATIENCE, 0.5)
        if not found:
            raise Failed("the delivered files do not hold all calls")
        keys, records = found
        for key in keys:
            self.tell(f"→ {key}")
        ids = [r["eventID"] for r in records]
        if len(ids) != len(set(ids)):
            raise Failed("an event is in the files twice")
        denied = next(r for r in records if r.get("errorCode") == "AccessDenied")
        self.tell("   one of its records:")
        for line in json.dumps(denied, indent=2).splitlines():
            self.tell("   " + line)

    def records_in(self, key: str) -> list[dict]:
        target = self.cairn.folder / "downloaded.gz"
        self.aws("s3api", "get-object", "--bucket", BUCKET, "--key", key, str(target), quiet=True)
        return json.loads(gzip.decompress(target.read_bytes()))["Records"]

    def status(self) -> None:
        self.step("The trail's status says what happened, no more")
        status = self.aws("cloudtrail", "get-trail-status", "--name", "demo")
        if not status["IsLogging"] or "LatestDeliveryTime" not in status or status.get("LatestDeliveryError"):
            raise Failed(f"unexpected status: {status}")
        self.tell(f"→ logging, latest delivery {status['LatestDeliveryTime']}")


def main() -> int:
    binary, aws = sys.argv[1], sys.argv[2]
    print("Cairn's main job, done by the real AWS CLI", flush=True)
    try:
        with Cairn(binary, config="delivery: {interval: 2s}\n") as cairn:
            print(f"   a Cairn of its own at {cairn.endpoint}, log files every 2 s")
            Demo(cairn, aws).run()
    except (Failed, RuntimeError, KeyError, subprocess.TimeoutExpired) as problem:
        print(f"\nThe demo failed: {problem}", file=sys.stderr)
        return 1
    print("\nAll of it was seen: the call, the history, the file.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
