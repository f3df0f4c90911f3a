"""What an operator has besides the server: the doctor, the journal's check."""

import json
import os
import sqlite3
import subprocess

import pytest
from cairn import eventually
from records import record


def run(cairn, *arguments):
    return subprocess.run([cairn.binary, *arguments, "--data", str(cairn.data)], capture_output=True, text=True)


def doctor(cairn, *more):
    """The exit status, and what each check found."""
    done = run(cairn, "doctor", "--json", *more)
    return done.returncode, {f["check"]: f for f in json.loads(done.stdout)["findings"]}


@pytest.fixture
def filled(cairn):
    """With a trail's file, an object large enough for a blob, and records."""
    cairn.make_trail()
    cairn.client("s3").put_object(Bucket="logs", Key="large", Body=b"x" * 20_000)
    ids = [record() for _ in range(50)]
    assert cairn.put_records(ids)[0] == 200
    assert eventually(lambda: {r["eventID"] for r in ids} <= {r["eventID"] for r in cairn.delivered()})
    return cairn


def test_the_doctor_finds_nothing_while_it_runs_and_after_it(filled):
    status, found = doctor(filled)
    assert status == 0 and "a Cairn runs" in found["lock"]["says"], found
    filled.stop()
    status, found = doctor(filled)
    assert status == 0 and "no Cairn runs" in found["lock"]["says"], found
    text = run(filled, "doctor")
    assert text.returncode == 0 and text.stdout.startswith("ok "), text.stdout
    # It changed nothing.
    filled.start()
    assert filled.lookup_all()


def test_after_kill_9_there_is_nothing_to_complain_of(filled):
    filled.kill()
    status, found = doctor(filled)
    assert status == 0, found


def damage(path, at, text=b"\x00damaged\x00"):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(text)


def overwrite(data, key, value):
    catalog = sqlite3.connect(data / "catalog.sqlite")
    assert catalog.execute("UPDATE documents SET value=? WHERE key=?", (value.encode(), key.encode())).rowcount == 1
    catalog.commit()
    catalog.close()


def test_the_doctor_opens_sealed_documents_if_it_may(filled, tmp_path):
    """Those that hold records are not JSON as they lie: no reason to restore a backup, if they open."""
    filled.stop()
    catalog = sqlite3.connect(filled.data / "catalog.sqlite")
    key, value = b"store/history/aside/00000000000000000017", b"\x02" + bytes(60)
    catalog.execute("INSERT INTO documents(key, version, value) VALUES(?, 1, ?)", (key, value))
    catalog.commit()
    catalog.close()
    found = doctor(filled)[1]["documents"]
    assert found["health"] == "error" and key.decode() in found["says"], found
    found = doctor(filled, "--master_key_file", str(tmp_path / "none"))[1]
    assert found["documents"]["health"] == "ok" and "1 sealed ones were not opened" in found["documents"]["says"], found
    assert found["master key"]["health"] == "error" and "does not start" in found["master key"]["advice"], found


def test_the_doctor_finds_what_is_wrong(filled):
    filled.stop()
    data = filled.data
    journal = next((data / "journal").glob("*.journal"))
    blob = next(p for p in (data / "blobs" / "s3").rglob("*") if p.is_file())
    good = {path: path.read_bytes() for path in (journal, blob, data / "catalog.sqlite")}

    def expect(check, status=2):
        code, found = doctor(filled)
        assert code == status and found[check]["health"] == ("warning" if status == 1 else "error"), found
        assert found[check]["advice"], found
        assert [c for c, f in found.items() if f["health"] != "ok"] == [check], found
        for path, content in good.items():
            path.write_bytes(content)
        os.chmod(blob, 0o600)

    damage(journal, 100)
    expect("journal")
    blob.unlink()
    expect("blobs")
    blob.write_bytes(good[blob] + b"x")
    expect("blobs")
    (data / "credentials").chmod(0o640)
    expect("credentials")
    (data / "credentials").chmod(0o600)
    (data / "master.key").chmod(0o644)
    expect("master key")
    (data / "master.key").chmod(0o600)
    overwrite(data, "s3/bucket/logs", '{"name":')
    expect("documents")
    overwrite(data, "front/forwarder", '{"sent":1,"position":999999}')
    expect("cursors")
    (data / "credentials").unlink()
    expect("credentials", 1)


def test_the_journals_check_says_what_is_there(filled):
    done = run(filled, "journal", "check")
    assert done.returncode == 0, done.stderr
    assert f"{len(filled.journal())} good entries in 1 files" in done.stdout
    filled.stop()
    journal = next((filled.data / "journal").glob("*.journal"))
    damage(journal, 200)
    done = run(filled, "journal", "check")
    assert done.returncode == 1 and journal.name in done.stderr and "position" in done.stderr, done
    journal.unlink()
    assert run(filled, "journal", "check").returncode == 0
