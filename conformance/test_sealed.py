"""What happened lies sealed on the disk: no file of the data folder says it, and without the master key nobody reads it."""

import hashlib
import shutil
import sqlite3
import subprocess
import threading

import pytest
from cairn import Cairn, eventually
from records import record
from upstream import Upstream

MARK = "osprey-nest-nobody-may-know-of"
# All of its users have keys of the configuration: nothing that a start must open would say that the master key is another one.
DECLARED = """accounts:
  - id: "111122223333"
    name: here
    users:
      - {name: ann, administrator: true, keys: [{id: AKIAEXAMPLE00000001, secret: nobody-shall-know-it}]}
"""
FOLDERS = ["journal", "catalog", "intents", "dedupe", "blobs", "scratch", ""]


def run(cairn, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([cairn.binary, *arguments], capture_output=True, text=True, timeout=60)


def dump(cairn, data, *arguments: str) -> subprocess.CompletedProcess:
    return run(cairn, "journal", "dump", "--data", str(data), *arguments)


def say_it_everywhere(cairn: Cairn) -> None:
    """The mark in every record: reads, which go straight to the journal, and changes, whose records wait in the catalog."""
    iam, sts = (cairn.client(service, user_agent_extra=MARK) for service in ("iam", "sts"))
    iam.create_user(UserName="ann")
    iam.create_access_key(UserName="ann")
    sts.get_caller_identity()
    assert cairn.put_records([record("FindNest", requestParameters={"nest": MARK}) for _ in range(50)])[0] == 200
    ids = {"AttributeKey": "EventName", "AttributeValue": "CreateAccessKey"}
    assert eventually(lambda: any(MARK in event["CloudTrailEvent"] for event in cairn.lookup_all(LookupAttributes=[ids])))


def leave_an_intent(cairn: Cairn, far: Upstream) -> None:
    """A call that reached the upstream, and of which nobody ever heard again."""
    s3 = cairn.client("s3", connect_timeout=2, read_timeout=2, s3={"addressing_style": "path"})
    caller = threading.Thread(target=lambda: refuses(s3.put_object, Bucket="nests", Key=MARK, Body=b"x"))
    caller.start()
    assert eventually(lambda: far.targets("PUT"))
    cairn.kill()
    caller.join()


def refuses(call, **arguments) -> bool:
    try:
        call(**arguments)
    except Exception:  # noqa: BLE001 whatever a client makes of a server that dies
        return True
    return False


@pytest.fixture(scope="module")
def stopped(binary, tmp_path_factory):
    """A Cairn that was killed: with records in its journal, its catalog's files and its intents. Nobody changes its folder."""
    hang = threading.Event()
    with Upstream(lambda _request: hang.wait(30)) as far:
        cairn = Cairn(binary, tmp_path_factory.mktemp("sealed"), f'gateway: {{upstreams: {{s3: "{far.url}"}}}}\n')
        with cairn:
            say_it_everywhere(cairn)
            leave_an_intent(cairn, far)
        hang.set()
    return cairn


@pytest.mark.parametrize("name", FOLDERS)
def test_no_file_says_what_happened(stopped, name):
    files = [file for file in stopped.data.rglob("*") if file.is_file() and str(file.relative_to(stopped.data)).startswith(name)]
    assert files or name in ("dedupe", "blobs", "scratch")  # these come later in a Cairn's life
    assert [file for file in files if MARK.encode() in file.read_bytes()] == []


def test_with_the_master_key_it_is_all_there(stopped, tmp_path):
    dumped = dump(stopped, stopped.data)
    assert dumped.returncode == 0 and dumped.stdout.count(MARK) >= 53
    elsewhere = tmp_path / "elsewhere"
    shutil.copy(stopped.data / "master.key", elsewhere)
    shutil.copytree(stopped.data, tmp_path / "data", ignore=shutil.ignore_patterns("master.key"))
    assert dump(stopped, tmp_path / "data", "--master_key_file", str(elsewhere)).stdout == dumped.stdout


def test_a_copy_without_its_keys_opens_nothing(stopped, tmp_path):
    copy = tmp_path / "data"
    shutil.copytree(stopped.data, copy, ignore=shutil.ignore_patterns("master.key", "credentials"))
    refused = dump(stopped, copy)
    assert refused.returncode == 1 and refused.stdout == ""
    assert "sealed" in refused.stderr and "master key" in refused.stderr

    (tmp_path / "another").write_text("ab" * 32 + "\n")
    (tmp_path / "another").chmod(0o600)
    strange = dump(stopped, copy, "--master_key_file", str(tmp_path / "another"))
    assert strange.stdout.count("another master key") == len(strange.stdout.splitlines()) > 50
    started = run(stopped, "serve", "--data", str(copy), "--listen", "127.0.0.1:0")
    assert started.returncode != 0 and "master key is not there" in started.stderr
    assert not (copy / "master.key").exists(), "a new key where the old one belongs"
    shutil.copy(tmp_path / "another", copy / "master.key")
    started = run(stopped, "serve", "--data", str(copy), "--listen", "127.0.0.1:0")
    assert started.returncode != 0 and "master key" in started.stderr


def test_what_needs_no_key_asks_for_none(stopped, tmp_path):
    """A check and a backup look at heads, never into records."""
    copy = tmp_path / "data"
    shutil.copytree(stopped.data, copy, ignore=shutil.ignore_patterns("master.key", "credentials"))
    checked = run(stopped, "journal", "check", "--data", str(copy))
    assert checked.returncode == 0 and "good entries" in checked.stdout
    assert run(stopped, "backup", "--data", str(copy), "--to", str(tmp_path / "backup")).returncode == 0
    assert not [file for file in (tmp_path / "backup").rglob("*") if file.is_file() and MARK.encode() in file.read_bytes()]
    again = tmp_path / "again"
    key = str(stopped.data / "master.key")
    assert run(stopped, "restore", "--from", str(tmp_path / "backup"), "--data", str(again), "--master-key", key).returncode == 0
    assert dump(stopped, again).stdout == dump(stopped, stopped.data).stdout


def test_it_goes_on_where_it_was(stopped, tmp_path):
    """Last: what was left is recorded by the next start, and everything is found again."""
    shutil.copytree(stopped.data, tmp_path / "data")
    with Cairn(stopped.binary, tmp_path) as cairn:
        left = [entry["record"] for entry in cairn.journal() if entry.get("record", {}).get("errorCode") == "OutcomeUnknown"]
        assert [one["requestParameters"]["key"] for one in left] == [MARK]
        ids = {"AttributeKey": "EventName", "AttributeValue": "FindNest"}
        assert len(cairn.lookup_all(LookupAttributes=[ids])) == 50
        cairn.stop()
        assert [file for file in cairn.data.rglob("*") if file.is_file() and MARK.encode() in file.read_bytes()] == []


def another_key(folder):
    file = folder / "another.key"
    file.write_text("ab" * 32 + "\n")
    file.chmod(0o600)
    return file


def refused(cairn, *command: str, key) -> str:
    """What it says; nothing in the folder was changed."""
    before = files_of(cairn)
    done = run(cairn, *command, "--data", str(cairn.data), "--config", str(cairn.config), "--master_key_file", str(key))
    assert done.returncode not in (0, -6, -11) and done.stdout == "", done
    assert files_of(cairn) == before
    return done.stderr


def files_of(cairn):
    # SQLite's index of the log is there while somebody reads.
    files = [file for file in cairn.data.rglob("*") if file.is_file() and not file.name.endswith(("-shm", "-wal"))]
    return {file: (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns) for file in files}


def execute(cairn, sql: str) -> list:
    catalog = sqlite3.connect(cairn.data / "catalog.sqlite")
    rows = catalog.execute(sql).fetchall()
    catalog.commit()
    catalog.close()
    return rows


@pytest.fixture
def declared(binary, tmp_path):
    """Stopped, with five changes that were acknowledged."""
    cairn = Cairn(binary, tmp_path, DECLARED)
    with cairn:
        for number in range(5):
            cairn.client("iam").create_user(UserName=f"before-{number}")
    return cairn


def goes_on(cairn):
    with cairn:
        cairn.client("iam").create_user(UserName="after")
        ids = {"AttributeKey": "EventName", "AttributeValue": "CreateUser"}
        assert eventually(lambda: len(cairn.lookup_all(LookupAttributes=[ids])) == 6)


def as_an_older_one_left_it(cairn):
    """It did not say which master key was its own, and knew of no sealed rows."""
    execute(cairn, "DELETE FROM documents WHERE key=CAST('node/key' AS BLOB)")
    execute(cairn, "UPDATE meta SET number=1 WHERE name='schema'")


@pytest.mark.parametrize("older", [False, True])
def test_another_master_key_is_refused_before_anything_is_written(declared, tmp_path, older):
    if older:
        as_an_older_one_left_it(declared)
    key = another_key(tmp_path)
    for command in [("serve", "--listen", "127.0.0.1:0"), ("admin", "--user", "ann")]:
        said = refused(declared, *command, key=key)
        assert "another master key" in said and str(key) in said and "put that one back" in said
    goes_on(declared)
    assert [len(row) for row in execute(declared, "SELECT value FROM documents WHERE key=CAST('node/key' AS BLOB)")] == [1]
    assert execute(declared, "SELECT number FROM meta WHERE name='schema'") == [(2,)]


def test_the_doctor_sees_another_master_key(declared, tmp_path):
    done = run(declared, "doctor", "--data", str(declared.data), "--master_key_file", str(another_key(tmp_path)))
    assert done.returncode == 2 and "another master key" in done.stdout
    assert "is a key, and its owner's alone" not in done.stdout, "the key itself is what is wrong"


def test_a_backup_is_not_restored_with_another_master_key(declared, tmp_path):
    backup, again = tmp_path / "backup", tmp_path / "again"
    assert run(declared, "backup", "--data", str(declared.data), "--to", str(backup)).returncode == 0
    strange = run(declared, "restore", "--from", str(backup), "--data", str(again), "--master-key", str(another_key(tmp_path)))
    assert strange.returncode != 0 and "another master key" in strange.stderr and not list(again.glob("*"))
    assert run(declared, "restore", "--from", str(backup), "--data", str(again), "--master-key", str(declared.data / "master.key")).returncode == 0


@pytest.mark.parametrize("left", ["journal", "blobs"])
def test_no_key_is_made_for_what_is_left_of_a_folder(declared, tmp_path, left):
    """Without its catalog, too."""
    if left == "blobs":
        (declared.data / "blobs" / "s3").mkdir(exist_ok=True)
        (declared.data / "blobs" / "s3" / "one").write_bytes(b"sealed")
    for entry in declared.data.iterdir():
        if entry.name not in (left, "lock"):
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    said = refused(declared, "serve", "--listen", "127.0.0.1:0", key=declared.data / "master.key")
    assert "master key is not there" in said
