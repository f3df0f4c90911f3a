"""URLs as boto3 and the aws CLI presign them by default, which is with Signature Version 2; and many who delete at once."""

import json
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlencode

import boto3
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
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


def presigned(shared, method: str, path: str, headers: dict, expires: int = 60) -> str:
    """As the AWS SDK for JavaScript signs: the headers are in the query."""
    credentials = shared.session().get_credentials()
    query = urlencode(headers, quote_via=quote)
    request = AWSRequest(method=method, url=f"{shared.endpoint}{path}" + (f"?{query}" if query else ""))
    S3SigV4QueryAuth(credentials, "s3", "us-east-1", expires=expires).add_auth(request)
    return request.url


def test_headers_may_be_in_the_query_that_is_signed(shared, bucket):
    s3 = shared.client("s3")
    s3.create_bucket(Bucket=f"{bucket}-locked", ObjectLockEnabledForBucket=True)
    url = presigned(shared, "PUT", f"/{bucket}-locked/held", {
        "x-amz-meta-team": "blue birds", "x-amz-tagging": "a=b", "x-amz-object-lock-legal-hold": "ON",
        "x-amz-acl": "bucket-owner-full-control", "x-amz-checksum-crc32": "AAAAAA==", "x-amz-sdk-checksum-algorithm": "CRC32"})
    assert fetch(url, "PUT", b"eggs") == (200, b"")
    named = {"Bucket": f"{bucket}-locked", "Key": "held"}
    shown = s3.head_object(**named)
    assert (shown["Metadata"], shown["ObjectLockLegalHoldStatus"], shown["ContentLength"]) == ({"team": "blue birds"}, "ON", 4)
    assert s3.get_object_tagging(**named)["TagSet"] == [{"Key": "a", "Value": "b"}]
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.delete_object(**named, VersionId=shown["VersionId"])

    copy = presigned(shared, "PUT", f"/{bucket}/copy", {"x-amz-copy-source": f"{bucket}-locked/held"})
    assert fetch(copy, "PUT", b"")[0] == 200
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"eggs"

    def copied():
        records = [e["record"] for e in shared.journal() if e.get("kind") == "record"]
        return [r for r in records if r["eventName"] == "CopyObject" and r["requestParameters"]["bucketName"] == bucket]

    record = eventually(copied)[0]
    assert record["requestParameters"]["x-amz-copy-source"] == f"{bucket}-locked/held"
    assert record["additionalEventData"]["AuthenticationMethod"] == "QueryString"


def test_what_the_query_signs_counts_as_what_is_asked(shared, bucket):
    """What cannot be done is refused by name, a header that is sent must be signed, and a changed pair is another signature's."""
    status, body = fetch(presigned(shared, "PUT", f"/{bucket}/a", {"x-amz-meta-a": "b\r\nx-amz-acl: c"}), "PUT", b"x")
    assert status == 400 and b"<ArgumentName>x-amz-meta-a</ArgumentName>" in body
    status, body = fetch(presigned(shared, "PUT", f"/{bucket}/a", {"x-amz-website-redirect-location": "/b"}), "PUT", b"x")
    assert status == 501 and b"<Code>NotImplemented</Code>" in body
    url = presigned(shared, "PUT", f"/{bucket}/a", {"x-amz-meta-a": "b"})
    assert fetch(url.replace("x-amz-meta-a=b", "x-amz-meta-a=c"), "PUT", b"x")[0] == 403
    assert fetch(url, "PUT", b"x", {"x-amz-meta-a": "c"})[0] == 403
    assert shared.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_policies_tell_how_a_call_was_signed(shared, bucket):
    s3 = shared.client("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    get = {"Bucket": bucket, "Key": "a"}
    old = by_default(shared).generate_presigned_url("get_object", get, ExpiresIn=60)
    new = presigned(shared, "GET", f"/{bucket}/a", {})
    conditions = {
        "s3:authType": ({"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}, (200, 403, 403)),
        "s3:signatureversion": ({"StringEquals": {"s3:signatureversion": "AWS"}}, (200, 403, 200)),
        "s3:signatureAge": ({"NumericGreaterThan": {"s3:signatureAge": "0"}}, (403, 200, 403)),
        "s3:x-amz-content-sha256": ({"StringEquals": {"s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD"}}, (200, 200, 403)),
        "s3:ResourceAccount": ({"StringNotEquals": {"s3:ResourceAccount": "111122223333"}}, (200, 200, 200)),
        "s3:TlsVersion": ({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, (200, 200, 200)),
    }
    time.sleep(1.1)  # signatures of whole seconds have an age then
    for key, (condition, expected) in conditions.items():
        deny(s3, bucket, "s3:GetObject", condition)
        try:
            by_header = s3.get_object(**get)["ResponseMetadata"]["HTTPStatusCode"]
        except s3.exceptions.ClientError as error:
            by_header = error.response["ResponseMetadata"]["HTTPStatusCode"]
        seen = (by_header, fetch(old)[0], fetch(new)[0])
        if key == "s3:signatureAge":  # a header that was signed within the same second is 0 ms old, or some
            seen = (403, *seen[1:])
        assert seen == expected, key


def deny(s3, bucket: str, action: str, condition: dict) -> None:
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{bucket}/*", "Condition": condition}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def test_policies_tell_what_a_put_brings(shared, bucket):
    s3 = shared.client("s3")
    deny(s3, bucket, "s3:PutObject", {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}})
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", IfNoneMatch="*")
    upload = {"Bucket": bucket, "Key": "b", "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="b")["UploadId"]}
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]}
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]}, IfNoneMatch="*")

    deny(s3, bucket, "s3:PutObject", {"StringLike": {"s3:x-amz-copy-source": f"{bucket}/a*"}})
    for source in (f"{bucket}/a", f"/{bucket}/a"):
        with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
            s3.copy_object(Bucket=bucket, Key="c", CopySource=source)
    s3.copy_object(Bucket=bucket, Key="c", CopySource=f"/{bucket}/b")
    with pytest.raises(s3.exceptions.ClientError, match="MalformedPolicy.*invalid condition key"):
        deny(s3, bucket, "s3:PutObject", {"Null": {"s3:if-nonematch": "true"}})


def test_a_put_that_compares_takes_the_right_to_read(shared, bucket):
    iam = shared.client("iam")
    user = f"writer-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=user)
    policy = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [policy]}))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    writer = boto3.client("s3", region_name="us-east-1", endpoint_url=shared.endpoint, aws_access_key_id=key["AccessKeyId"],
                          aws_secret_access_key=key["SecretAccessKey"])
    etag = writer.put_object(Bucket=bucket, Key="there", Body=b"x")["ETag"]
    for name, match in (("there", etag), ("there", '"0"'), ("none", etag)):
        with pytest.raises(writer.exceptions.ClientError, match="AccessDenied"):
            writer.put_object(Bucket=bucket, Key=name, Body=b"y", IfMatch=match)
    shared.client("s3").put_object(Bucket=bucket, Key="there", Body=b"y", IfMatch=etag)


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
