"""A backup of a running Cairn, made under load, and what is restored from it."""

import json
import subprocess
import threading
import time
from pathlib import Path

import pytest
from cairn import Cairn, eventually
from test_crash import Load, check_once, count_in_history, whole_history
from test_operate import doctor


def back_up(cairn, to: Path) -> subprocess.CompletedProcess:
    return subprocess.run([cairn.binary, "backup", "--data", str(cairn.data), "--to", str(to)], capture_output=True, text=True)


def restore(binary, backup: Path, data: Path, *more) -> subprocess.CompletedProcess:
    return subprocess.run([str(binary), "restore", "--from", str(backup), "--data", str(data), *more], capture_output=True, text=True)


def records_in(cairn) -> list[dict]:
    return [e["record"] for e in cairn.journal() if e["kind"] == "record"]


def test_under_load_and_restored_elsewhere(binary, tmp_path):
    """Every event acknowledged before the backup began is there once; no outbox number is confused."""
    (tmp_path / "first").mkdir()
    with Cairn(binary, tmp_path / "first", "delivery: {interval: 1s}\n") as cairn:
        cairn.make_trail(IsMultiRegionTrail=True)
        cairn.client("s3").create_bucket(Bucket="things")
        with Load(cairn) as load:
            load.get_through()
            for number in range(3):
                time.sleep(1.5)
                with load.lock:
                    before = (list(load.request_ids), list(load.event_ids), set(load.users), set(load.objects))
                done = back_up(cairn, tmp_path / f"backup{number}")
                assert done.returncode == 0, done.stderr
        key = tmp_path / "kept.key"
        key.write_bytes((cairn.data / "master.key").read_bytes())
        key.chmod(0o600)
        assert count_in_history(cairn)[0], "the original goes on"
    (tmp_path / "second").mkdir()
    with_key = restore(binary, tmp_path / "backup2", tmp_path / "second" / "data", "--master-key", str(key))
    assert with_key.returncode == 0, with_key.stderr
    other = Cairn(binary, tmp_path / "second", "delivery: {interval: 1s}\n")
    assert doctor(other)[0] <= 1, doctor(other)  # credentials are made at the start
    with other:
        request_ids, event_ids, users, objects = before
        assert len(request_ids) > 20 and len(event_ids) > 20, "the load did not get through"
        by_id, by_request = whole_history(other, event_ids, request_ids)
        check_once("the restored history, by event id,", event_ids, by_id)
        check_once("the restored history, by request id,", request_ids, by_request)
        check_effects(other, users, objects)
        # What happens now is new: its numbers are not taken for old ones.
        made = [other.client("iam").create_user(UserName=f"later-{n}")["ResponseMetadata"]["RequestId"] for n in range(30)]
        assert eventually(lambda: not set(made) - set(count_in_history(other)[1])), "records after the restore are lost"
        check_once("the restored history, by request id,", made, count_in_history(other)[1])
        numbers = [e["outbox"] for e in other.journal() if e["outbox"]]
        assert len(numbers) == len(set(numbers)), "an outbox number is in the journal twice"
        assert doctor(other)[0] == 0, doctor(other)


def check_effects(cairn, users, objects):
    """Effects and records are of one moment: neither is there without the other."""
    listed = {u["UserName"] for page in cairn.client("iam").get_paginator("list_users").paginate() for u in page["Users"]}
    keys = {o["Key"] for page in cairn.client("s3").get_paginator("list_objects_v2").paginate(Bucket="things") for o in page.get("Contents", [])}
    assert users <= listed and objects <= keys
    entries = records_in(cairn)
    created = {e["requestParameters"]["userName"] for e in entries if e["eventName"] == "CreateUser" and "errorCode" not in e}
    stored = {e["requestParameters"]["key"] for e in entries if e["eventName"] == "PutObject" and "errorCode" not in e and e["requestParameters"]["bucketName"] == "things"}
    assert listed - {"admin"} == created
    assert keys == stored


@pytest.fixture
def backup(cairn, tmp_path):
    cairn.make_trail()
    cairn.client("s3").put_object(Bucket="logs", Key="large", Body=b"x" * 20_000)
    cairn.stop()
    done = back_up(cairn, tmp_path / "backup")
    assert done.returncode == 0, done.stderr
    return tmp_path / "backup"


def test_what_is_damaged_or_in_the_way_is_refused(cairn, backup, tmp_path):
    target = tmp_path / "target"
    again = back_up(cairn, backup)
    assert again.returncode == 1 and "not empty" in again.stderr
    in_the_way = restore(cairn.binary, backup, cairn.data)
    assert in_the_way.returncode == 1 and "not empty" in in_the_way.stderr
    blob = next(p for p in (backup / "blobs").rglob("*") if p.is_file())
    good = blob.read_bytes()
    for bad in (good[:-1] + b"y", good + b"y", None):
        blob.unlink()
        if bad is not None:
            blob.write_bytes(bad)
        refused = restore(cairn.binary, backup, target)
        assert refused.returncode == 1 and blob.name in refused.stderr, refused
        assert not any(target.iterdir()) and not (tmp_path / "target.restoring").exists()
        blob.write_bytes(good)
    assert restore(cairn.binary, backup, target).returncode == 0
    manifest = backup / "manifest"
    lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join(lines[:-1]) + "\n")
    refused = restore(cairn.binary, backup, tmp_path / "other")
    assert refused.returncode == 1 and "manifest" in refused.stderr
    manifest.unlink()
    refused = restore(cairn.binary, backup, tmp_path / "other")
    assert refused.returncode == 1 and "no finished backup" in refused.stderr


def test_a_lost_blob_does_not_stand_in_the_way_of_the_rest(cairn, tmp_path):
    cairn.make_trail()
    sizes = {"kept": 20_000, "lost": 30_000}
    for key, size in sizes.items():
        cairn.client("s3").put_object(Bucket="logs", Key=key, Body=b"x" * size)
    cairn.stop()

    def blobs(data):
        """Sealed, so told by their sizes: each has a tag of 16 bytes."""
        return {p.stat().st_size - 16: p for p in (data / "blobs/s3").rglob("*") if p.is_file()}

    lost = blobs(cairn.data)[sizes["lost"]]
    lost.unlink()
    made = back_up(cairn, tmp_path / "backup")
    assert made.returncode == 3 and lost.name in made.stderr, made
    assert restore(cairn.binary, tmp_path / "backup", tmp_path / "again").returncode == 0
    restored = blobs(tmp_path / "again")
    assert sizes["kept"] in restored and sizes["lost"] not in restored


def test_it_holds_no_secret_in_the_clear_and_is_its_owners_alone(cairn, backup):
    secrets = [line.split("=", 1)[1].strip() for line in cairn.credentials_file.read_text().splitlines() if "secret" in line]
    secrets.append((cairn.data / "master.key").read_text().strip())
    files = [p for p in backup.rglob("*") if p.is_file()]
    assert secrets and files and {json.loads(line).get("path") for line in (backup / "manifest").read_text().splitlines()} > {"catalog.sqlite"}
    for path in files:
        assert path.name == "manifest" or path.stat().st_mode & 0o77 == 0, path
        assert not [s for s in secrets if s.encode() in path.read_bytes()], path
    assert backup.stat().st_mode & 0o77 == 0


def test_two_at_once(cairn, tmp_path):
    """One of two backups of a folder is refused, or both are whole."""
    results = {}
    threads = [threading.Thread(target=lambda n=n: results.update({n: back_up(cairn, tmp_path / f"b{n}")})) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert any(done.returncode == 0 for done in results.values())
    for number, done in results.items():
        assert done.returncode == 0 or "another process" in done.stderr, done
        assert (done.returncode == 0) == (tmp_path / f"b{number}" / "manifest").exists()
