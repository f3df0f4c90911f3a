"""S3 as its clients use it: boto3's settings of buckets, multipart uploads, presigned URLs and forms; the aws CLI's cp, sync and presign."""

import base64
import hashlib
import json
import os
import subprocess
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from cairn import ROOT, code_of

MIB = 1 << 20
PART = 5 * MIB


@pytest.fixture(scope="module")
def s3(shared):
    return shared.client("s3", signature_version="s3v4")  # what is presigned, too


@pytest.fixture
def bucket(s3):
    name = f"clients-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name


def fetch(url: str, method: str = "GET", data: bytes | None = None, headers: dict | None = None) -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def aws(shared, *words: str, **environment: str) -> str:
    command = [str(ROOT / ".deps/venv/bin/aws"), "--endpoint-url", shared.endpoint, *words]
    done = subprocess.run(command, capture_output=True, text=True, env=shared.aws_environment() | environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_read_of_terraforms_aws_s3_bucket_is_answered(s3, bucket):
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"][0]["Permission"] == "FULL_CONTROL"
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    assert "TopicConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    for read, code in [(s3.get_bucket_policy, "NoSuchBucketPolicy"), (s3.get_bucket_cors, "NoSuchCORSConfiguration"),
                       (s3.get_bucket_website, "NoSuchWebsiteConfiguration"), (s3.get_bucket_tagging, "NoSuchTagSet"),
                       (s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
                       (s3.get_bucket_replication, "ReplicationConfigurationNotFoundError")]:
        assert code_of(read, Bucket=bucket) == code


def test_settings_come_back_as_they_were_put(s3, bucket):
    rules = [{"ID": "old", "Status": "Enabled", "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "b"}]}},
              "Expiration": {"Days": 400}, "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}]},
             {"ID": "parts", "Status": "Enabled", "Filter": {}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3}}]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    shown = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert [{k: v for k, v in rule.items()} for rule in shown["Rules"]] == rules
    assert shown["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    cors = [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://example.org"], "AllowedHeaders": ["*"], "MaxAgeSeconds": 60}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": cors})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == cors
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "blue"}]})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "team", "Value": "blue"}]
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "l/"}})
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]["TargetPrefix"] == "l/"
    queue = {"Id": "q", "QueueArn": "arn:aws:sqs:us-east-1:111122223333:q", "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [queue]}, SkipDestinationValidation=True)
    assert s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"] == [queue]
    public = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/*"}}' % bucket
    assert code_of(s3.put_bucket_policy, Bucket=bucket, Policy=public) == "AccessDenied"
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=public)
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is True
    assert code_of(s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration={"Rules": [{"Status": "Enabled"}]}) \
        in ("InvalidRequest", "MalformedXML")


# boto3 computes CRC32C and CRC64NVME with a library of its own; services/s3/checksums_test.cc has them.
@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_multipart_uploads_with_every_checksum(s3, bucket, algorithm):
    try:
        begun = s3.create_multipart_upload(Bucket=bucket, Key="big", ChecksumAlgorithm=algorithm, ContentType="text/plain")
        first, last = os.urandom(PART), b"the end"
        parts = []
        for number, body in enumerate([first, last], 1):
            part = s3.upload_part(Bucket=bucket, Key="big", UploadId=begun["UploadId"], PartNumber=number, Body=body, ChecksumAlgorithm=algorithm)
            parts.append({"PartNumber": number, "ETag": part["ETag"], f"Checksum{algorithm}": part[f"Checksum{algorithm}"]})
    except Exception as error:  # the client needs awscrt for some
        if "awscrt" in str(error).lower() or "CRT" in str(error):
            pytest.skip(f"this client cannot compute {algorithm}")
        raise
    assert [p["Size"] for p in s3.list_parts(Bucket=bucket, Key="big", UploadId=begun["UploadId"])["Parts"]] == [PART, 7]
    assert s3.list_multipart_uploads(Bucket=bucket)["Uploads"][0]["Key"] == "big"
    composite = hashlib.sha256(b"".join(base64.b64decode(part[f"Checksum{algorithm}"]) for part in parts)) if algorithm == "SHA256" else None
    promise = {"ChecksumSHA256": base64.b64encode(composite.digest()).decode()} if composite else {}  # as minio-go writes it, without -2
    s3.complete_multipart_upload(Bucket=bucket, Key="big", UploadId=begun["UploadId"], MultipartUpload={"Parts": parts}, **promise)
    etag = hashlib.md5(hashlib.md5(first).digest() + hashlib.md5(last).digest()).hexdigest() + "-2"
    got = s3.get_object(Bucket=bucket, Key="big", ChecksumMode="ENABLED")
    assert got["Body"].read() == first + last
    assert (got["ETag"], got["ContentType"]) == (f'"{etag}"', "text/plain")
    assert got["ChecksumType"] == ("FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE")
    second = s3.get_object(Bucket=bucket, Key="big", PartNumber=2, ChecksumMode="ENABLED")
    assert second["Body"].read() == last and second["PartsCount"] == 2
    assert (second[f"Checksum{algorithm}"], second["ChecksumType"]) == (parts[1][f"Checksum{algorithm}"], got["ChecksumType"])
    span = s3.get_object(Bucket=bucket, Key="big", Range=f"bytes={PART - 2}-{PART + 2}")
    assert span["Body"].read() == first[-2:] + last[:3]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_multipart_refusals(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    parts = [{"PartNumber": n, "ETag": s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=n, Body=b"x")["ETag"]} for n in (1, 2)]
    assert code_of(s3.complete_multipart_upload, Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts}) == "EntityTooSmall"
    assert code_of(s3.complete_multipart_upload, Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts[::-1]}) == "InvalidPartOrder"
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    assert code_of(s3.upload_part, Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x") == "NoSuchUpload"


def test_boto3s_transfers_go_in_parts(s3, bucket, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(os.urandom(11 * MIB))
    config = TransferConfig(multipart_threshold=6 * MIB, multipart_chunksize=PART)
    s3.upload_file(str(source), bucket, "moved", Config=config)
    assert s3.head_object(Bucket=bucket, Key="moved")["ETag"].endswith('-3"')
    s3.download_file(bucket, "moved", str(tmp_path / "back"), Config=config)
    assert (tmp_path / "back").read_bytes() == source.read_bytes()


def test_presigned_urls(s3, bucket):
    put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "a b"}, ExpiresIn=60)
    assert fetch(put, "PUT", b"presigned")[0] == 200
    get = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a b"}, ExpiresIn=60)
    assert fetch(get) == (200, b"presigned")
    assert fetch(s3.generate_presigned_url("head_object", {"Bucket": bucket, "Key": "a b"}), "HEAD")[0] == 200
    assert fetch(get.replace("a%20b", "other"))[0] == 403
    status, body = fetch(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a b"}, ExpiresIn=-1))
    assert status in (400, 403)
    assert fetch(get.replace("X-Amz-Expires=60", "X-Amz-Expires=604801"))[0] in (400, 403)
    assert fetch(s3.generate_presigned_url("delete_object", {"Bucket": bucket, "Key": "a b"}), "DELETE")[0] == 204
    assert fetch(get)[0] == 404


def form(fields: dict, body: bytes) -> tuple[bytes, dict]:
    parts = [f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    parts.append(b'--B\r\nContent-Disposition: form-data; name="file"; filename="x.txt"\r\n\r\n' + body + b"\r\n--B--\r\n")
    return b"".join(parts), {"Content-Type": "multipart/form-data; boundary=B"}


def test_forms(s3, bucket):
    post = s3.generate_presigned_post(bucket, "up/${filename}", Fields={"x-amz-meta-team": "blue"},
                                      Conditions=[{"x-amz-meta-team": "blue"}, ["content-length-range", 1, 10]], ExpiresIn=60)
    body, headers = form(post["fields"] | {"success_action_status": "201"}, b"hello")
    assert fetch(post["url"], "POST", body, headers)[0] == 403  # not in the policy
    body, headers = form(post["fields"], b"hello")
    assert fetch(post["url"], "POST", body, headers)[0] == 204
    got = s3.get_object(Bucket=bucket, Key="up/x.txt")
    assert (got["Body"].read(), got["Metadata"]) == (b"hello", {"team": "blue"})
    assert fetch(post["url"].rstrip("/") + "/config/", "POST", body, headers)[0] == 405  # a key that no policy allows
    body, headers = form(post["fields"], b"more than ten bytes")
    status, answer = fetch(post["url"], "POST", body, headers)
    assert (status, b"EntityTooLarge" in answer) == (400, True)
    forged = post["fields"] | {"policy": base64.b64encode(b"{}").decode()}
    body, headers = form(forged, b"hello")
    assert fetch(post["url"], "POST", body, headers)[0] == 403


def test_each_key_is_asked_for_its_bypass(shared, s3):
    s3.create_bucket(Bucket="locked-bucket", ObjectLockEnabledForBucket=True)
    until = datetime.now(timezone.utc) + timedelta(days=1)
    versions = {}
    for key in ("protected/a", "open/a"):
        versions[key] = s3.put_object(Bucket="locked-bucket", Key=key, Body=b"x", ObjectLockMode="GOVERNANCE",
                                      ObjectLockRetainUntilDate=until)["VersionId"]
    statements = [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
                  {"Effect": "Deny", "Action": "s3:BypassGovernanceRetention", "Resource": "arn:aws:s3:::locked-bucket/protected/*"}]
    iam = shared.client("iam")
    iam.create_user(UserName="remover")
    iam.put_user_policy(UserName="remover", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    key = iam.create_access_key(UserName="remover")["AccessKey"]
    remover = boto3.client("s3", region_name="us-east-1", endpoint_url=shared.endpoint, aws_access_key_id=key["AccessKeyId"],
                           aws_secret_access_key=key["SecretAccessKey"])
    answer = remover.delete_objects(Bucket="locked-bucket", BypassGovernanceRetention=True,
                                    Delete={"Objects": [{"Key": k, "VersionId": v} for k, v in versions.items()]})
    assert [(e["Key"], e["Code"]) for e in answer["Errors"]] == [("protected/a", "AccessDenied")]
    assert [d["Key"] for d in answer["Deleted"]] == ["open/a"]


def test_virtual_hosts(shared, bucket):
    port = shared.endpoint.rsplit(":", 1)[1]
    for domain in ("s3.localhost", "localhost"):
        options = Config(s3={"addressing_style": "virtual"}, signature_version="s3v4")
        client = shared.session().client("s3", endpoint_url=f"http://{domain}:{port}", config=options)
        url = client.generate_presigned_url("put_object", {"Bucket": bucket, "Key": domain})
        host = url.split("/")[2]
        assert host.startswith(f"{bucket}.{domain}")
        # The name need not resolve: what counts is the Host header.
        direct = url.replace(host, f"127.0.0.1:{port}", 1)
        assert fetch(direct, "PUT", b"virtual", {"Host": host})[0] == 200
    keys = [entry["Key"] for entry in shared.client("s3").list_objects_v2(Bucket=bucket)["Contents"]]
    assert keys == ["localhost", "s3.localhost"]


def test_the_aws_cli(shared, bucket, tmp_path: Path):
    (tmp_path / "tree/deep").mkdir(parents=True)
    (tmp_path / "tree/small").write_bytes(b"small")
    (tmp_path / "tree/deep/big").write_bytes(os.urandom(9 * MIB))
    aws(shared, "s3", "sync", str(tmp_path / "tree"), f"s3://{bucket}/tree")
    aws(shared, "s3", "cp", f"s3://{bucket}/tree/deep/big", str(tmp_path / "big"))
    assert (tmp_path / "big").read_bytes() == (tmp_path / "tree/deep/big").read_bytes()
    assert aws(shared, "s3", "sync", str(tmp_path / "tree"), f"s3://{bucket}/tree") == ""
    (tmp_path / "config").write_text("[default]\ns3 =\n  signature_version = s3v4\n")
    url = aws(shared, "s3", "presign", f"s3://{bucket}/tree/small", AWS_CONFIG_FILE=str(tmp_path / "config")).strip()
    assert fetch(url) == (200, b"small")
    aws(shared, "s3", "cp", str(tmp_path / "tree/small"), f"s3://{bucket}/owned", "--acl", "bucket-owner-full-control")
    aws(shared, "s3", "rm", f"s3://{bucket}", "--recursive")
    aws(shared, "s3", "rb", f"s3://{bucket}")
