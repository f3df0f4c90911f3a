"""URLs as boto3 and the aws CLI presign them by default, which is with Signature Version 2; and many who delete at once."""

import subprocess
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import boto3
import pytest
from botocore.config import Config
from cairn import ROOT, eventually

SIGV2 = Config(s3={"addressing_style": "path"}, signature_version="s3", request_checksum_calculation="when_required")


@pytest.fixture
def bucket(shared):
    name = f"presigned-{uuid.uuid4().hex[:12]}"
    shared.client("s3").create_bucket(Bucket=name)
    return name


def fetch(url: str, method: str = "GET", data: bytes | None = None, headers: dict | None = None) -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def by_default(shared, **credentials):
    """As somebody makes a client who has read no more than boto3's first page."""
    return shared.session().client("s3", endpoint_url=shared.endpoint, **credentials)


def test_urls_that_boto3_presigns_by_default(shared, bucket):
    s3 = by_default(shared)
    named = {"Bucket": bucket, "Key": "a b/ü+"}
    get = s3.generate_presigned_url("get_object", named, ExpiresIn=60)
    assert "AWSAccessKeyId=" in get and "X-Amz-" not in get, "boto3 signs otherwise now: is this test still needed?"
    put = s3.generate_presigned_url("put_object", named | {"ContentType": "text/x", "Metadata": {"team": "blue"}}, ExpiresIn=60)
    assert fetch(put, "PUT", b"x", {"Content-Type": "text/x"})[0] == 403, "a header that was signed is missing"
    assert fetch(put, "PUT", b"presigned", {"Content-Type": "text/x", "x-amz-meta-team": "blue"})[0] == 200
    assert fetch(get) == (200, b"presigned")
    assert s3.head_object(**named)["Metadata"] == {"team": "blue"}
    assert fetch(s3.generate_presigned_url("head_object", named), "HEAD")[0] == 200
    attached = s3.generate_presigned_url("get_object", named | {"ResponseContentDisposition": 'attachment; filename="a b"'})
    with urllib.request.urlopen(attached) as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="a b"'
    assert b"<Key>" in fetch(s3.generate_presigned_url("list_objects_v2", {"Bucket": bucket}))[1]
    assert fetch(s3.generate_presigned_url("delete_object", named), "DELETE")[0] == 204
    assert fetch(get)[0] == 404


def test_what_was_not_signed_is_refused(shared, bucket):
    s3 = by_default(shared)
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    s3.put_object(Bucket=bucket, Key="b", Body=b"y")
    named = {"Bucket": bucket, "Key": "a"}
    get = s3.generate_presigned_url("get_object", named, ExpiresIn=60)
    refused = {
        "another key": (get.replace("/a?", "/b?"), "GET"),
        "another method": (get, "DELETE"),
        "a subresource": (get.replace("?", "?acl&"), "GET"),
        "another time": (get.replace("Expires=", "Expires=9"), "GET"),
        "another caller": (get.replace("AWSAccessKeyId=", "AWSAccessKeyId=AKIA"), "GET"),
        "no signature": (get.replace("Signature=", "Sig="), "GET"),
    }
    assert {what: fetch(url, method)[0] for what, (url, method) in refused.items()} == dict.fromkeys(refused, 403)
    status, body = fetch(s3.generate_presigned_url("get_object", named, ExpiresIn=-1))
    assert status == 403 and b"<Code>AccessDenied</Code><Message>Request has expired</Message>" in body
    status, body = fetch(get, headers={"Authorization": "AWS AKIAEXAMPLEEXAMPLE11:c2lnbmF0dXJl"})
    assert status == 400 and b"Only one auth mechanism allowed" in body
    status, body = fetch(get, headers={"Authorization": "AWS4-HMAC-SHA256 Credential=x"})  # the header is what counts
    assert status == 400 and b"<Code>AuthorizationHeaderMalformed</Code>" in body
    assert fetch(get)[0] == 200


def test_a_session_presigns_with_its_token(shared, bucket):
    shared.client("s3").put_object(Bucket=bucket, Key="a", Body=b"x")
    credentials = shared.client("sts").get_session_token(DurationSeconds=900)["Credentials"]
    session = boto3.client("s3", region_name="us-east-1", endpoint_url=shared.endpoint, aws_access_key_id=credentials["AccessKeyId"],
                           aws_secret_access_key=credentials["SecretAccessKey"], aws_session_token=credentials["SessionToken"])
    url = session.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a"})
    assert "x-amz-security-token=" in url and fetch(url) == (200, b"x")
    token = quote(credentials["SessionToken"], safe="")
    assert token in url and fetch(url.replace(token, token[:-12] + "AAAAAAAAA%3D"))[0] in (400, 403)


def test_the_aws_cli_presigns(shared, bucket):
    shared.client("s3").put_object(Bucket=bucket, Key="a", Body=b"x")
    command = [str(ROOT / ".deps/venv/bin/aws"), "--endpoint-url", shared.endpoint, "s3", "presign", f"s3://{bucket}/a"]
    done = subprocess.run(command, capture_output=True, text=True, env=shared.aws_environment(), check=True)
    assert fetch(done.stdout.strip()) == (200, b"x")


def test_old_clients_sign_in_a_header(shared, bucket):
    old = shared.session().client("s3", endpoint_url=shared.endpoint, config=SIGV2)
    old.put_object(Bucket=bucket, Key="a b", Body=b"x", Metadata={"team": "blue"})
    assert old.get_object(Bucket=bucket, Key="a b")["Body"].read() == b"x"
    assert [entry["Key"] for entry in old.list_objects_v2(Bucket=bucket)["Contents"]] == ["a b"]
    iam = shared.session().client("iam", endpoint_url=shared.endpoint, config=Config(signature_version="v2"))
    with pytest.raises(Exception, match="MissingAuthenticationToken|SignatureDoesNotMatch|InvalidClientTokenId|IncompleteSignature"):
        iam.list_users()


def test_the_record_says_how_a_call_was_signed(shared, bucket):
    s3 = by_default(shared)
    s3.put_object(Bucket=bucket, Key="recorded", Body=b"x")
    assert fetch(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "recorded"}))[0] == 200

    def found():
        records = [e["record"] for e in shared.journal() if e.get("kind") == "record"]
        return [r for r in records if r["eventName"] == "GetObject" and r["requestParameters"].get("key") == "recorded"]

    record = eventually(found)[0]
    assert record["additionalEventData"]["SignatureVersion"] == "SigV2"
    assert record["additionalEventData"]["AuthenticationMethod"] == "QueryString"
    assert record["userIdentity"]["userName"] == "admin"
    assert not {"Signature", "AWSAccessKeyId"} & set(record["requestParameters"])


def test_many_delete_at_once(shared, bucket):
    """Each caller has keys of its own, and nobody sends a refused call again."""
    once = Config(retries={"total_max_attempts": 1})
    clients = [shared.session().client("s3", endpoint_url=shared.endpoint, config=once) for _ in range(32)]
    keys = [f"key{i}" for i in range(320)]

    def work(index: int, call) -> None:
        for key in keys[index::len(clients)]:
            call(clients[index], key)

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(lambda i: work(i, lambda s3, key: s3.put_object(Bucket=bucket, Key=key, Body=b"x")), range(len(clients))))
        list(pool.map(lambda i: work(i, lambda s3, key: s3.delete_object(Bucket=bucket, Key=key)), range(len(clients))))
    assert clients[0].list_objects_v2(Bucket=bucket)["KeyCount"] == 0
