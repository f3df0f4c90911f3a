"""./dev soak: S3 work on Ceph's radosgw through the gateway, beside the same work straight at it: the same bytes, the same answers, and all
of it in the trail."""

import hashlib
import os
import urllib.request

import pytest
from cairn import Cairn, code_of
from ceph import Ceph

pytestmark = pytest.mark.soak

PART = 5 << 20
KEY, SECRET = "AKIACEPH000000000003", "a-secret-that-both-know"


@pytest.fixture(scope="module")
def ceph(tmp_path_factory):
    with Ceph(tmp_path_factory.mktemp("ceph")) as running:
        running.run("radosgw-admin", "user", "create", "--uid=ann", "--display-name=ann", f"--access-key={KEY}", f"--secret={SECRET}")
        yield running


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory, ceph):
    """It knows the key that Ceph knows, so that both check the same signatures."""
    folder = tmp_path_factory.mktemp("cairn")
    config = f"""
gateway: {{upstreams: {{s3: "{ceph.url}"}}}}
{ceph.endpoint(folder)}
accounts:
  - id: "111122223333"
    name: main
    users:
      - {{name: ann, administrator: true, keys: [{{id: {KEY}, secret: {SECRET}}}]}}
"""
    with Cairn(binary, folder, config) as running:
        yield running


def work(s3, bucket: str, parts: list[bytes]) -> dict[str, str]:
    """A day's work; what each step gave."""
    told = {}
    s3.create_bucket(Bucket=bucket)
    told["put"] = s3.put_object(Bucket=bucket, Key="a b/ü+1", Body=parts[0], Metadata={"kind": "owl"})["ETag"]
    head = s3.head_object(Bucket=bucket, Key="a b/ü+1")
    told["head"] = f"{head['ContentLength']} {head['Metadata']}"
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    done = [{"PartNumber": n, "ETag": s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=n, Body=part)["ETag"]}
            for n, part in enumerate(parts, 1)]
    told["parts"] = s3.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload={"Parts": done})["ETag"]
    told["whole"] = hashlib.sha256(s3.get_object(Bucket=bucket, Key="parts")["Body"].read()).hexdigest()
    told["range"] = hashlib.sha256(s3.get_object(Bucket=bucket, Key="parts", Range=f"bytes={PART - 7}-{PART + 6}")["Body"].read()).hexdigest()
    with urllib.request.urlopen(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "parts"}), timeout=60) as answer:
        told["presigned"] = hashlib.sha256(answer.read()).hexdigest()
    kind = "application/octet-stream"
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "signed", "ContentType": kind})
    put = urllib.request.Request(url, data=b"x" * 1000, method="PUT", headers={"Content-Type": kind})
    with urllib.request.urlopen(put, timeout=60) as answer:
        told["presigned put"] = answer.headers["ETag"]
    told["listed"] = str([(item["Key"], item["Size"]) for item in s3.list_objects_v2(Bucket=bucket)["Contents"]])
    told["copied"] = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "signed"})["CopyObjectResult"]["ETag"]
    told["absent"] = code_of(s3.get_object, Bucket=bucket, Key="not-there")
    told["unchanged"] = code_of(s3.get_object, Bucket=bucket, Key="signed", IfNoneMatch=told["presigned put"])
    gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "copy"}, {"Key": "signed"}]})["Deleted"]
    told["deleted"] = str(sorted(item["Key"] for item in gone))
    return told


def test_the_same_work_gives_the_same_and_is_all_in_the_trail(cairn, ceph):
    parts = [os.urandom(PART), os.urandom(PART), os.urandom(1234)]
    straight = work(ceph.s3(KEY, SECRET), "straight", parts)
    through = work(cairn.client("s3", "111122223333.ann", s3={"addressing_style": "path"}), "through", parts)
    assert through == straight
    assert through["whole"] == hashlib.sha256(b"".join(parts)).hexdigest()
    assert ceph.s3(KEY, SECRET).get_object(Bucket="through", Key="a b/ü+1")["Body"].read() == parts[0]

    records = [e["record"] for e in cairn.journal() if e["kind"] == "record" and e["record"]["eventSource"] == "s3.amazonaws.com"]
    mine = [r for r in records if (r["requestParameters"] or {}).get("bucketName") == "through"]
    assert sorted(r["eventName"] for r in mine) == sorted([
        "CreateBucket", "PutObject", "HeadObject", "CreateMultipartUpload", "UploadPart", "UploadPart", "UploadPart",
        "CompleteMultipartUpload", "GetObject", "GetObject", "GetObject", "PutObject", "ListObjects", "CopyObject", "GetObject", "GetObject",
        "DeleteObjects"])
    assert all(r["userIdentity"]["userName"] == "ann" and r["requestID"] for r in mine)
    sent = {r["additionalEventData"]["bytesTransferredIn"] for r in mine if r["eventName"] == "UploadPart"}
    assert sent == {PART, 1234}
    assert [r["errorCode"] for r in mine if "errorCode" in r] == ["NoSuchKey"]
