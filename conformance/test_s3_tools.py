"""rclone, s3cmd and s3fs of Debian against a running Cairn: what their users do, and bytes compared by hash."""

import hashlib
import os
import shutil
import subprocess
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

import pytest
from cairn import REGION, eventually

MIB = 1 << 20
# Keys that go through each client's escaping, and Cairn's.
NAMES = ["plain.txt", "with blanks.txt", "a+b=c&d.txt", "ümläut/日本語 ✓.txt", "deep/er/one's (2) 100%.txt", "deep/er/empty"]


def needs(tool: str, package: str) -> None:
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not there: apt-get install {package}")


def run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, env=environment, timeout=120, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout.decode()[-2000:]}\n{done.stderr.decode()[-4000:]}"
    return done.stdout.decode()


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def held(s3, bucket: str, prefix: str = "") -> dict[str, str]:
    """What lies under a prefix, as boto3 reads it: the hash of each object by key, without the prefix."""
    found = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            found[item["Key"].removeprefix(prefix)] = hashlib.sha256(body).hexdigest()
    return found


@pytest.fixture(scope="module")
def s3(shared):
    return shared.client("s3")


@pytest.fixture
def tree(tmp_path) -> Path:
    folder = tmp_path / "tree"
    for number, name in enumerate(NAMES):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"" if name.endswith("empty") else os.urandom(1000 + number))
    (folder / "ascii").write_bytes(b"0123456789")
    (folder / "big").write_bytes(os.urandom(11 * MIB + 7))
    return folder


@pytest.fixture
def bucket() -> str:
    """A name; the tools make and remove it themselves."""
    return f"tools-{uuid.uuid4().hex[:12]}"


# --- rclone ---


@pytest.fixture(params=["Other", "Minio"])
def rclone(shared, request):
    """Other: ListObjects, keys as they are; Minio: ListObjectsV2, keys encoded."""
    needs("rclone", "rclone")
    keys = shared.session().get_credentials()
    remote = {"TYPE": "s3", "PROVIDER": request.param, "ENDPOINT": shared.endpoint, "REGION": REGION,
              "ACCESS_KEY_ID": keys.access_key, "SECRET_ACCESS_KEY": keys.secret_key}
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "RCLONE_"))}
    environment |= {f"RCLONE_CONFIG_CAIRN_{name}": value for name, value in remote.items()} | {"RCLONE_CONFIG": os.devnull}
    return lambda *words: run(["rclone", "--retries", "1", "--low-level-retries", "1", *words], environment)


def test_rclone_carries_a_tree_there_and_back(s3, rclone, bucket, tree, tmp_path):
    remote = f"cairn:{bucket}"
    rclone("mkdir", remote)
    assert bucket in rclone("lsd", "cairn:")
    parts = ["--s3-upload-cutoff", "6M", "--s3-chunk-size", "5M"]
    rclone("copy", tree, f"{remote}/t", *parts)
    assert held(s3, bucket, "t/") == hashes(tree)
    assert s3.head_object(Bucket=bucket, Key="t/big")["ETag"].endswith('-3"')
    assert s3.head_object(Bucket=bucket, Key="t/plain.txt")["ContentType"].startswith("text/plain")
    rclone("check", tree, f"{remote}/t")
    rclone("check", "--download", tree, f"{remote}/t")
    listed = dict(reversed(line.split(maxsplit=3)[::3]) for line in rclone("lsl", f"{remote}/t").splitlines())
    assert listed == {name: str((tree / name).stat().st_size) for name in hashes(tree)}
    assert rclone("cat", "--offset", "3", "--count", "4", f"{remote}/t/ascii") == "3456"
    rclone("copy", f"{remote}/t", tmp_path / "back")
    assert hashes(tmp_path / "back") == hashes(tree)
    assert (tmp_path / "back/big").stat().st_mtime == pytest.approx((tree / "big").stat().st_mtime, abs=0.001)


def test_rclone_syncs_moves_and_removes(s3, rclone, bucket, tree):
    remote = f"cairn:{bucket}"
    rclone("mkdir", remote)
    rclone("sync", tree, remote)
    before = {item["Key"]: item["LastModified"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    (tree / "plain.txt").write_bytes(b"changed")
    (tree / "with blanks.txt").unlink()
    (tree / "new name").write_bytes(b"new")
    rclone("sync", tree, remote)
    assert held(s3, bucket) == hashes(tree)
    after = {item["Key"]: item["LastModified"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert {key for key in after if before.get(key) != after[key]} <= {"plain.txt", "new name"}
    rclone("copyto", f"{remote}/ümläut/日本語 ✓.txt", f"{remote}/copies/a+b ✓")
    rclone("copyto", "--s3-copy-cutoff", "6M", "--s3-chunk-size", "5M", f"{remote}/big", f"{remote}/copies/big")
    assert s3.head_object(Bucket=bucket, Key="copies/big")["ETag"].endswith('-2"')  # UploadPartCopy, in parts of the cutoff
    rclone("moveto", f"{remote}/new name", f"{remote}/copies/moved")
    assert rclone("cat", f"{remote}/copies/moved") == "new"
    want = hashes(tree)
    moved = {"copies/moved": want.pop("new name"), "copies/big": want["big"], "copies/a+b ✓": want["ümläut/日本語 ✓.txt"]}
    assert held(s3, bucket) == want | moved
    rclone("deletefile", f"{remote}/a+b=c&d.txt")
    rclone("delete", "--include", "*.txt", remote)
    assert set(held(s3, bucket)) == {"big", "ascii", "deep/er/empty", *moved}
    assert rclone("size", "--json", remote).startswith('{"count":6,')
    rclone("purge", remote)
    assert bucket not in rclone("lsd", "cairn:")


def test_rclone_streams_and_links(s3, rclone, bucket, tree):
    remote = f"cairn:{bucket}"
    rclone("mkdir", remote)
    rclone("copyto", tree / "with blanks.txt", f"{remote}/with blanks+.txt")
    link = rclone("link", "--expire", "1h", f"{remote}/with blanks+.txt").strip()
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == (tree / "with blanks.txt").read_bytes()
    rclone("touch", f"{remote}/touched")
    assert s3.head_object(Bucket=bucket, Key="touched")["ContentLength"] == 0
    upload = s3.create_multipart_upload(Bucket=bucket, Key="left")["UploadId"]
    assert upload in rclone("backend", "list-multipart-uploads", remote)
    rclone("backend", "cleanup", "-o", "max-age=0s", remote)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


# --- s3cmd ---


@pytest.fixture
def s3cmd(shared, tmp_path):
    needs("s3cmd", "s3cmd")
    keys = shared.session().get_credentials()
    host = urllib.parse.urlsplit(shared.endpoint).netloc
    settings = {"access_key": keys.access_key, "secret_key": keys.secret_key, "host_base": host, "host_bucket": host,
                "bucket_location": REGION, "use_https": "False", "check_ssl_certificate": "False", "max_retries": "1"}
    config = tmp_path / "s3cfg"
    config.write_text("[default]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {"LC_ALL": "C.UTF-8"}
    return lambda *words: run(["s3cmd", "-c", config, "--no-progress", *words], environment)


def test_s3cmd_carries_files_there_and_back(s3, s3cmd, bucket, tree, tmp_path):
    remote = f"s3://{bucket}"
    s3cmd("mb", remote)
    assert remote in s3cmd("ls")
    name = "ümläut/日本語 ✓.txt"
    s3cmd("put", tree / name, f"{remote}/a b+c/✓")
    s3cmd("get", f"{remote}/a b+c/✓", tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == (tree / name).read_bytes()
    s3cmd("del", f"{remote}/a b+c/✓")
    s3cmd("put", "--recursive", "--multipart-chunk-size-mb=5", f"{tree}/", f"{remote}/put/")
    assert s3.head_object(Bucket=bucket, Key="put/big")["ETag"].endswith('-3"')
    assert held(s3, bucket, "put/") == hashes(tree)
    listed = {line.split(maxsplit=3)[3]: line.split()[2] for line in s3cmd("ls", "--recursive", remote).splitlines()}
    assert listed == {f"{remote}/put/{name}": str((tree / name).stat().st_size) for name in hashes(tree)}
    shown = s3cmd("info", f"{remote}/put/big")
    assert f"File size: {(tree / 'big').stat().st_size}" in shown and "MIME type" in shown
    assert REGION in s3cmd("info", remote)
    assert s3cmd("du", remote).split()[0] == str(sum(path.stat().st_size for path in tree.rglob("*") if path.is_file()))


def test_s3cmd_syncs_moves_and_removes(s3, s3cmd, bucket, tree, tmp_path):
    remote = f"s3://{bucket}"
    s3cmd("mb", remote)
    s3cmd("sync", f"{tree}/", f"{remote}/s/")
    assert "upload:" not in s3cmd("sync", f"{tree}/", f"{remote}/s/")
    (tree / "plain.txt").unlink()
    (tree / "new").write_bytes(b"new")
    s3cmd("sync", "--delete-removed", f"{tree}/", f"{remote}/s/")
    assert held(s3, bucket, "s/") == hashes(tree)
    (tmp_path / "back").mkdir()
    s3cmd("sync", f"{remote}/s/", f"{tmp_path}/back/")
    assert hashes(tmp_path / "back") == hashes(tree)
    # Without --acl-private s3cmd sets the source's grants, which a bucket without ACLs refuses, as S3 does (s3cmd's issue 1304).
    s3cmd("cp", "--acl-private", f"{remote}/s/ümläut/日本語 ✓.txt", f"{remote}/c/a+b ✓")
    s3cmd("mv", "--acl-private", f"{remote}/s/new", f"{remote}/c/moved here")
    s3cmd("modify", "--acl-private", "--add-header=x-amz-meta-team:blue", f"{remote}/c/moved here")
    assert s3.head_object(Bucket=bucket, Key="c/moved here")["Metadata"]["team"] == "blue"
    assert held(s3, bucket, "c/") == {"a+b ✓": hashes(tree)["ümläut/日本語 ✓.txt"], "moved here": hashes(tree)["new"]}
    s3cmd("del", f"{remote}/c/moved here")
    s3cmd("del", "--recursive", "--force", remote)
    assert held(s3, bucket) == {}
    s3cmd("rb", remote)
    assert remote not in s3cmd("ls")


def test_s3cmd_signs_sets_and_lists_uploads(s3, s3cmd, bucket, tree, tmp_path):
    remote = f"s3://{bucket}"
    s3cmd("mb", remote)
    s3cmd("put", tree / "with blanks.txt", f"{remote}/a b+c")
    link = s3cmd("signurl", f"{remote}/a b+c", "+3600").strip()
    assert "AWSAccessKeyId=" in link  # version 2 of signatures
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == (tree / "with blanks.txt").read_bytes()
    upload = s3.create_multipart_upload(Bucket=bucket, Key="left behind")["UploadId"]
    assert upload in s3cmd("multipart", remote)
    s3.upload_part(Bucket=bucket, Key="left behind", UploadId=upload, PartNumber=1, Body=b"part")
    assert s3cmd("listmp", f"{remote}/left behind", upload).splitlines()[1].split("\t")[3] == "4"
    s3cmd("abortmp", f"{remote}/left behind", upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    (tmp_path / "policy").write_text('{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::'
                                     + bucket + '/secret"}]}')
    s3cmd("setpolicy", tmp_path / "policy", remote)
    assert "secret" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3cmd("delpolicy", remote)
    s3cmd("expire", remote, "--expiry-days=7", "--expiry-prefix=old/")
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]["Expiration"] == {"Days": 7}


# --- s3fs ---


@pytest.fixture
def mounted(shared, s3, bucket, tmp_path):
    """A bucket as a folder; unmounted whatever happens."""
    needs("s3fs", "s3fs fuse3")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("/dev/fuse cannot be opened here: modprobe fuse, or run the container with --device /dev/fuse --cap-add SYS_ADMIN")
    s3.create_bucket(Bucket=bucket)
    keys = shared.session().get_credentials()
    password = tmp_path / "s3fs-password"
    password.touch(mode=0o600)
    password.write_text(f"{keys.access_key}:{keys.secret_key}")
    folder = tmp_path / "mounted"
    folder.mkdir()
    command = ["s3fs", bucket, str(folder), "-f", "-o", f"passwd_file={password},url={shared.endpoint},endpoint={REGION},use_path_request_style,multipart_size=5,retries=1"]
    log = tmp_path / "s3fs.log"
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        if not eventually(lambda: folder.is_mount() or process.poll() is not None) or process.poll() is not None:
            reason = log.read_text()[-500:]
            if "fuse" in reason and "ermitted" in reason:
                pytest.skip(f"s3fs cannot mount here: run the test in a privileged container ({reason.strip()})")
            raise AssertionError(f"s3fs did not mount: {reason}")
        yield folder
    finally:
        subprocess.run(["fusermount3", "-u", "-z", folder], capture_output=True)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def test_s3fs_is_a_folder(s3, mounted, bucket, tree):
    shutil.copyfile(tree / "big", mounted / "big")
    assert "-" in s3.head_object(Bucket=bucket, Key="big")["ETag"]  # it went in parts
    (mounted / "big").unlink()
    shutil.copytree(tree, mounted / "t")
    assert hashes(mounted / "t") == hashes(tree)
    stored = {key: value for key, value in held(s3, bucket, "t/").items() if key and not key.endswith("/")}
    assert stored == hashes(tree)
    with open(mounted / "t/plain.txt", "ab") as file:
        file.write(b" and more")
    assert s3.get_object(Bucket=bucket, Key="t/plain.txt")["Body"].read() == (tree / "plain.txt").read_bytes() + b" and more"
    (mounted / "t/with blanks.txt").rename(mounted / "t/renamed ✓+.txt")
    (mounted / "t/deep").rename(mounted / "t/deeper")
    (mounted / "t/big").unlink()
    (mounted / "t/plain.txt").unlink()
    s3.put_object(Bucket=bucket, Key="t/from outside", Body=b"seen")
    assert eventually(lambda: "from outside" in os.listdir(mounted / "t"))
    assert (mounted / "t/from outside").read_bytes() == b"seen"
    want = {name.replace("deep/", "deeper/").replace("with blanks", "renamed ✓+"): value for name, value in hashes(tree).items()}
    want = {name: value for name, value in want.items() if name not in ("big", "plain.txt")} | {"from outside": hashlib.sha256(b"seen").hexdigest()}
    assert hashes(mounted / "t") == want
    shutil.rmtree(mounted / "t")
    assert held(s3, bucket) == {}
