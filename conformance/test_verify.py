"""`cairn verify`: over a chain that AWS's own client accepts, over one that the test makes with openssl, each kind of tampering by itself, and over S3."""

import gzip
import json
import os
import shutil
import subprocess
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from digest_chain import ACCOUNT, BUCKET, HOUR, REGION, START, Chain, Key, into_folder


def verify(binary, *arguments, environment: dict | None = None) -> subprocess.CompletedProcess:
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CAIRN_"))} | {"HOME": "/nowhere"} | (environment or {})
    return subprocess.run([binary, "verify", *map(str, arguments)], capture_output=True, text=True, env=variables)


@pytest.fixture(scope="module")
def key(tmp_path_factory) -> Key:
    return Key(tmp_path_factory.mktemp("key"))


@pytest.fixture(scope="module")
def keys(key, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("keys") / "keys.json"
    file.write_text(json.dumps(key.listed()))
    return file


@pytest.fixture(scope="module")
def untouched(key, tmp_path_factory) -> tuple[Path, Chain]:
    folder = tmp_path_factory.mktemp("bucket")
    return folder, Chain(key, into_folder(folder)).hours(6)


@pytest.fixture
def bucket(untouched, tmp_path) -> tuple[Path, Chain]:
    folder = tmp_path / "bucket"
    shutil.copytree(untouched[0], folder)
    made = untouched[1]
    chain = Chain(made.key, into_folder(folder))
    chain.digests, chain.logs, chain.previous = list(made.digests), list(made.logs), made.previous
    return folder, chain


def wrong(done: subprocess.CompletedProcess) -> list[str]:
    """What is invalid, without the places."""
    assert done.returncode == 1, done
    return [" ".join(line.split("\t")[::2]) for line in done.stderr.splitlines()]


# --- the fixture ---


@pytest.fixture
def fixture(data, tmp_path) -> Path:
    shutil.copytree(data / "wire/digest-fixture", tmp_path / "fixture", copy_function=shutil.copyfile)
    return tmp_path / "fixture"


def test_the_chain_that_the_aws_cli_accepts(binary, fixture):
    done = verify(binary, fixture / "s3", "--public-keys", fixture / "public-key.json")
    assert (done.returncode, done.stderr) == (0, ""), done
    assert "Trail demo of us-west-1, account 342082656213, events of us-west-1" in done.stdout
    assert "3/3 digest files valid" in done.stdout and "12/12 log files valid" in done.stdout


def test_no_byte_of_it_can_be_changed(binary, fixture):
    files = [file for file in sorted((fixture / "s3").rglob("*.gz"))]
    assert len(files) == 15
    for file in files:
        whole = file.read_bytes()
        text = gzip.decompress(whole)
        file.write_bytes(gzip.compress(text[:40] + bytes([text[40] ^ 1]) + text[41:]))
        done = verify(binary, fixture / "s3", "--public-keys", fixture / "public-key.json")
        assert done.returncode == 1 and file.name in done.stderr, (file, done)
        file.write_bytes(whole)


# --- a chain of our own ---


def test_all_is_good(binary, bucket, keys):
    folder, _ = bucket
    done = verify(binary, folder, "--public-keys", keys, "--output", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr, report["good"], report["findings"]) == (0, "", True, [])
    assert report["chains"] == [
        {
            "trail": "kestrel", "homeRegion": REGION, "account": ACCOUNT, "region": REGION, "organization": "", "prefix": "", "bucket": BUCKET,
            "backfill": False, "from": "2026-03-02T09:30:00Z", "until": "2026-03-02T15:30:00Z",
            "digestFiles": 6, "digestFilesValid": 6, "logFiles": 10, "logFilesValid": 10,
        }
    ]  # fmt: skip


def replace_in(file: Path, old: bytes, new: bytes) -> None:
    text = gzip.decompress(file.read_bytes())
    assert old in text
    file.write_bytes(gzip.compress(text.replace(old, new)))


def log_changed(folder, chain):
    replace_in(folder / chain.logs[3], b"eventID", b"eventid")


def log_removed(folder, chain):
    (folder / chain.logs[3]).unlink()


def digest_changed(folder, chain):
    replace_in(folder / chain.digests[2], b"hashValue", b"HashValue")


def digest_rewritten(folder, chain):
    replace_in(folder / chain.digests[2], b"_0000000000000002", b"_0000000000000009")


def digest_removed(folder, chain):
    (folder / chain.digests[2]).unlink()


def signature_changed(folder, chain):
    file = Path(f"{folder / chain.digests[2]}.metadata.json")
    metadata = json.loads(file.read_text())
    metadata["signature"] = metadata["signature"][:-2] + ("00" if metadata["signature"][-2:] != "00" else "01")
    file.write_text(json.dumps(metadata))


def digest_moved(folder, chain):
    for ending in ("", ".metadata.json"):
        old = Path(f"{folder / chain.digests[5]}{ending}")
        old.rename(str(old).replace("T153000Z", "T163000Z"))


def two_digests_removed(folder, chain):
    for number in (2, 3):
        (folder / chain.digests[number]).unlink()


def signed_again(folder, chain):
    """By somebody who has the key."""
    value = json.loads(gzip.decompress((folder / chain.digests[2]).read_bytes()))
    value["logFiles"].pop()
    chain.write(value)


def unlisted(folder, chain):
    chain.log(3, 20)


def unlisted_of_network_activity(folder, chain):
    chain.put(chain.log_name(START + 3 * HOUR, 99).replace("CloudTrail", "CloudTrail-NetworkActivity"), gzip.compress(b'{"Records":[]}'), {})


def unlisted_of_another_region(folder, chain):
    """Where the trail delivered nothing, and so has no digests."""
    chain.put(chain.log_name(START + 3 * HOUR, 99).replace(REGION, "ap-south-1"), gzip.compress(b'{"Records":[]}'), {})


def link(folder, chain):
    """It is not followed, and whoever reads the folder may follow it."""
    (folder / "elsewhere").write_bytes(gzip.compress(b'{"Records":[]}'))
    (folder / chain.log_name(START + 3 * HOUR, 99)).symlink_to(folder / "elsewhere")


def stray(folder, chain):
    chain.put(f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/03/02/evil.json.gz", gzip.compress(b'{"Records":[]}'), {})


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        (log_changed, ["Log file INVALID: hash value doesn't match"]),
        (log_removed, ["Log file INVALID: not found"]),
        (digest_changed, ["Digest file INVALID: invalid format: a digest lacks a member, or it is not of its form: hashValue"]),
        (digest_rewritten, ["Digest file INVALID: signature verification failed"]),
        (digest_removed, ["Digest file INVALID: not found"]),
        (signature_changed, ["Digest file INVALID: signature verification failed"]),
        (digest_moved, ["Digest file INVALID: has been moved from its original location"]),
        (
            two_digests_removed,
            [
                "Digest file INVALID: not found",
                "Chain INVALID: nothing covers 2026-03-02T11:30:00Z to 2026-03-02T13:30:00Z, the time of about 2 digest files",
            ],
        ),
        (
            signed_again,
            [
                "Digest file INVALID: hash value doesn't match: the digest after it has another of it",
            ],
        ),
        (unlisted, ["Log file INVALID: no digest lists it"]),
        (unlisted_of_network_activity, ["Log file INVALID: no digest lists it"]),
        (unlisted_of_another_region, ["Log file INVALID: no digest lists it"]),
        (link, ["Log file INVALID: no digest lists it"]),
        (stray, ["Log file INVALID: no digest lists it, and it is not named as a log file is"]),
    ],
)
def test_tampering(binary, bucket, keys, tampering, expected):
    folder, chain = bucket
    tampering(folder, chain)
    assert wrong(verify(binary, folder, "--public-keys", keys)) == expected


def test_the_key_is_unknown(binary, bucket, tmp_path):
    folder, _ = bucket
    (tmp_path / "none.json").write_text('{"PublicKeyList":[]}')
    lines = wrong(verify(binary, folder, "--public-keys", tmp_path / "none.json"))
    assert len(lines) == 6 and all("INVALID: public key not found in region" in line for line in lines), lines


def test_a_chain_cut_off_at_its_end(binary, bucket, keys, tmp_path):
    folder, chain = bucket
    arguments = (folder, "--public-keys", keys, "--checkpoint", tmp_path / "checkpoint.json")
    assert verify(binary, *arguments).returncode == 0
    kept = json.loads((tmp_path / "checkpoint.json").read_text())
    assert [one["key"] for one in kept["chains"]] == [chain.digests[5]]
    (folder / chain.digests[5]).unlink()
    assert verify(binary, folder, "--public-keys", keys).returncode == 0, "nothing that is left shows it"
    assert wrong(verify(binary, *arguments)) == ["Checkpoint INVALID: this digest file was there, and is not: its chain was cut off"]
    assert json.loads((tmp_path / "checkpoint.json").read_text()) == kept
    (tmp_path / "checkpoint.json").write_text('{"version":2,"chains":[]}')
    assert verify(binary, *arguments).returncode == 2


def test_a_former_chain_cut_off_at_its_end(binary, bucket, keys, tmp_path):
    """Stopped and started: the newest digest names nothing of what was before."""
    folder, chain = bucket
    arguments = (folder, "--public-keys", keys, "--checkpoint", tmp_path / "checkpoint.json")
    assert verify(binary, *arguments).returncode == 0
    later = Chain(chain.key, into_folder(folder), start=START + 9 * HOUR).hours(4)
    assert verify(binary, *arguments).returncode == 0
    kept = json.loads((tmp_path / "checkpoint.json").read_text())
    assert [one["key"] for one in kept["chains"]] == [chain.digests[5], later.digests[3]]
    for key in [*chain.digests[3:], *chain.logs[4:]]:
        (folder / key).unlink()
    done = verify(binary, folder, "--public-keys", keys, "--verbose")
    assert done.returncode == 0 and "no digest covers 2026-03-02T12:30:00Z to 2026-03-02T18:30:00Z" in done.stdout, done
    assert wrong(verify(binary, *arguments)) == ["Checkpoint INVALID: this digest file was there, and is not: its chain was cut off"]
    kept["chains"].pop(0)  # as a Cairn of before kept it
    (tmp_path / "checkpoint.json").write_text(json.dumps(kept))
    assert verify(binary, *arguments).returncode == 0


def test_two_trails_with_digests_at_their_own_minutes(binary, bucket, keys):
    """What the one will list lies in hours that the other's digests cover already."""
    folder, chain = bucket
    other = Chain(chain.key, into_folder(folder), start=START + timedelta(minutes=37), trail="osprey").hours(5)
    other.log(5, 1)
    done = verify(binary, folder, "--public-keys", keys, "--verbose")
    assert done.returncode == 0 and "note: not yet covered by a digest" in done.stdout, done
    other.digest(5)
    done = verify(binary, folder, "--public-keys", keys, "--verbose")
    assert done.returncode == 0 and "note" not in done.stdout, done
    other.log(2, 20)
    assert wrong(verify(binary, folder, "--public-keys", keys)) == ["Log file INVALID: no digest lists it"]


def test_a_copy_below_a_prefix_and_without_metadata(binary, bucket, keys):
    folder, chain = bucket
    for file in folder.rglob("*.metadata.json"):
        if chain.digests[5] not in str(file):
            file.unlink()
    assert verify(binary, folder / "AWSLogs", "--prefix", "AWSLogs", "--public-keys", keys).returncode == 0
    done = verify(binary, folder / "AWSLogs", "--public-keys", keys)
    assert done.returncode == 2 and "No digests found" in done.stdout, done


def test_a_part(binary, bucket, keys):
    folder, chain = bucket
    (folder / chain.logs[0]).unlink()
    more = ("--public-keys", keys, "--output", "json")

    def found(*arguments) -> list:
        report = json.loads(verify(binary, folder, *more, *arguments).stdout)
        return [report["good"], *(one["digestFiles"] for one in report["chains"])]

    assert found() == [False, 6]
    assert found("--start-time", "2026-03-02T12:00:00Z") == [True, 4]
    assert found("--start-time", "2026-03-02T12:00:00Z", "--end-time", "2026-03-02T13:00:00Z") == [True, 2]
    assert found("--start-time", "2026-03-03") == [True]
    arn = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/"
    assert found("--trail-arn", arn + "kestrel") == [False, 6]
    assert found("--trail-arn", arn + "other") == [True]
    assert found("--account", "111122223333") == found("--region", "us-east-1") == [True]


def test_a_bomb(binary, bucket, keys):
    folder, chain = bucket
    (folder / chain.logs[3]).write_bytes(gzip.compress(bytes(300 << 20), 1))
    lines = wrong(verify(binary, folder, "--public-keys", keys))
    assert lines == ["Log file INVALID: invalid format: gzip content is larger than 268435456 bytes"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["/nowhere/at/all", "--public-keys", "KEYS"], "neither a folder nor s3://"),
        (["s3://", "--public-keys", "KEYS"], "no credentials"),
        (["FOLDER"], "no credentials"),
        (["FOLDER", "--public-keys", "/nowhere"], "cannot read a file"),
        (["FOLDER", "--public-keys", "KEYS", "--start-time", "soon"], "soon"),
        (["FOLDER", "--public-keys", "KEYS", "--trail-arn", "arn:aws:iam::1:user/x"], "not a trail's ARN"),
    ],
)
def test_what_cannot_be_looked_at(binary, bucket, keys, arguments, said):
    done = verify(binary, *({"KEYS": keys, "FOLDER": bucket[0]}.get(one, one) for one in arguments))
    assert done.returncode == 2 and said in done.stderr, done


# --- over S3 ---


def test_a_bucket(shared, binary, key, keys):
    """Times of puts are S3's: now, in an hour that ends after it."""
    s3 = shared.client("s3")
    s3.create_bucket(Bucket=BUCKET)

    def put(name: str, body: bytes, metadata: dict) -> None:
        s3.put_object(Bucket=BUCKET, Key=name, Body=body, Metadata=metadata, ContentType="application/json", ContentEncoding="gzip")

    start = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(hours=5, minutes=57)
    chain = Chain(key, put, start).hours(6)
    environment = {"AWS_ENDPOINT_URL": shared.endpoint, "AWS_SHARED_CREDENTIALS_FILE": str(shared.credentials_file)}

    def run(*arguments) -> subprocess.CompletedProcess:
        return verify(binary, f"s3://{BUCKET}/AWSLogs/", "--public-keys", keys, *arguments, environment=environment)

    done = run()
    assert done.returncode == 0 and "10/10 log files valid" in done.stdout, done
    chain.log(5, 20)  # nothing will list it
    assert run().returncode == 0, "it may still be listed"
    assert wrong(run("--settle", "0s")) == ["Log file INVALID: no digest lists it"]
    s3.delete_object(Bucket=BUCKET, Key=chain.logs[-1])
    s3.delete_object(Bucket=BUCKET, Key=chain.logs[2])
    assert wrong(run()) == ["Log file INVALID: not found"]
    done = verify(binary, "s3://not-there-at-all", "--public-keys", keys, environment=environment)
    assert done.returncode == 2 and "NoSuchBucket" in done.stderr, done
    done = verify(binary, f"s3://{BUCKET}", "--public-keys", keys, environment=environment | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert done.returncode == 2 and "ServiceUnreachable" in done.stderr, done


class Keys(BaseHTTPRequestHandler):
    """ListPublicKeys, of keys that are valid for a time."""

    valid: list[tuple[Key, datetime, datetime]] = []

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = [
            key.listed()["PublicKeyList"][0] | {"ValidityStartTime": start.timestamp(), "ValidityEndTime": end.timestamp()}
            for key, start, end in self.valid
            if start.timestamp() <= asked["EndTime"] and end.timestamp() >= asked["StartTime"]
        ]
        body = json.dumps({"PublicKeyList": found}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_a_former_bucket_of_long_ago(shared, binary, key, tmp_path):
    """Its digests are listed nowhere, and signed with keys that were valid then."""
    s3 = shared.client("s3")
    for bucket in ("kestrel-former", "kestrel-now"):
        s3.create_bucket(Bucket=bucket)

    def put_in(bucket: str):
        return lambda name, body, metadata: s3.put_object(Bucket=bucket, Key=name, Body=body, Metadata=metadata)

    now = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(hours=1)
    former = now - timedelta(days=100)
    chain = Chain(Key(tmp_path), put_in("kestrel-former"), former, "kestrel-former").hours(6)
    Keys.valid = [(chain.key, former, former + timedelta(days=30)), (key, now - timedelta(days=10), now + timedelta(days=20))]
    chain.key, chain.put, chain.bucket, chain.start = key, put_in("kestrel-now"), "kestrel-now", now
    chain.digest(0)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ENDPOINT_URL_S3": shared.endpoint,
        "AWS_SHARED_CREDENTIALS_FILE": str(shared.credentials_file),
    }
    done = verify(binary, "s3://kestrel-now", environment=environment)
    server.shutdown()
    server.server_close()
    assert done.returncode == 0 and "7/7 digest files valid" in done.stdout and "10/10 log files valid" in done.stdout, done
