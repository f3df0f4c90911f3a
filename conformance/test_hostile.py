"""What bad input gets: a clear error in the caller's protocol and nothing else. The process neither dies nor grows."""

import functools
import hashlib
import json
import socket

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from cairn import eventually
from records import record

JSON = {"Content-Type": "application/x-amz-json-1.1"}
TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."


def raw(cairn, data: bytes) -> bytes:
    host, port = cairn.endpoint.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


def memory_kib(cairn) -> int:
    with open(f"/proc/{cairn.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


@pytest.mark.parametrize("data", [
    b"\x00\x01\x02\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 10000 + b"\r\n",
    b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
])
def test_malformed_http(shared, data):
    answer = raw(shared, data)
    assert answer.startswith(b"HTTP/1.1 4") or answer.startswith(b"HTTP/1.1 5"), answer[:200]
    assert shared.get("/_cairn/livez")[0] == 200


@pytest.mark.parametrize("body, headers, code", [
    (b"{", {"X-Amz-Target": TARGET + "GetTrail"}, "SerializationException"),
    (b"[]", {"X-Amz-Target": TARGET + "GetTrail"}, "SerializationException"),
    (b'{"Name": 5}', {"X-Amz-Target": TARGET + "GetTrail"}, "SerializationException"),
    (b'{"Name": "\xff"}', {"X-Amz-Target": TARGET + "GetTrail"}, "SerializationException"),
    (b'{"a":' * 10000 + b"1" + b"}" * 10000, {"X-Amz-Target": TARGET + "GetTrail"}, "SerializationException"),
    (b"{}", {"X-Amz-Target": TARGET + "GetTrail"}, "InvalidTrailNameException"),
    (b"{}", {"X-Amz-Target": TARGET + "AddTags"}, "CloudTrailARNInvalidException"),
    (b"{}", {"X-Amz-Target": TARGET + "Nonsense"}, "UnknownOperationException"),
])
def test_malformed_json_calls(shared, body, headers, code):
    status, answer = shared.signed_post("/", body, JSON | headers, service="cloudtrail")
    assert status == 400 and json.loads(answer)["__type"].split("#")[-1] == code, answer


def test_wrong_signature_and_unknown_key(shared):
    import boto3

    for key, secret, code in (("AKIANOBODY0000000000", "x", "UnrecognizedClientException"), (None, "wrong", "InvalidSignatureException")):
        real = shared.session().get_credentials()
        session = boto3.Session(key or real.access_key, secret, region_name="us-east-1")
        with pytest.raises(ClientError) as caught:
            session.client("cloudtrail", endpoint_url=shared.endpoint).describe_trails()
        assert caught.value.response["Error"]["Code"] == code
        with pytest.raises(ClientError) as caught:
            session.client("s3", endpoint_url=shared.endpoint).list_buckets()
        assert caught.value.response["Error"]["Code"] == ("InvalidAccessKeyId" if key else "SignatureDoesNotMatch")
        with pytest.raises(ClientError) as caught:
            session.client("iam", endpoint_url=shared.endpoint).list_users()
        assert caught.value.response["Error"]["Code"] == ("InvalidClientTokenId" if key else "SignatureDoesNotMatch")


def test_unsigned(shared):
    head = f"POST / HTTP/1.1\r\nHost: {shared.endpoint.removeprefix('http://')}\r\n"
    answer = raw(shared, (head + f"Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {TARGET}DescribeTrails\r\nContent-Length: 2\r\n\r\n{{}}").encode())
    assert b"MissingAuthenticationToken" in answer
    answer = raw(shared, (head + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 35\r\n\r\nAction=ListUsers&Version=2010-05-08").encode())
    assert b"MissingAuthenticationToken" in answer
    answer = raw(shared, f"GET /some-bucket HTTP/1.1\r\nHost: {shared.endpoint.removeprefix('http://')}\r\n\r\n".encode())
    assert b"<Code>" in answer and b" 40" in answer


def test_clock_skew_is_told_from_a_wrong_signature(shared):
    import datetime
    from unittest import mock

    with mock.patch("botocore.auth.get_current_datetime", return_value=datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1), create=True):
        request = AWSRequest("POST", shared.endpoint + "/", data=b"{}", headers=JSON | {"X-Amz-Target": TARGET + "DescribeTrails"})
        SigV4Auth(shared.session().get_credentials(), "cloudtrail", "us-east-1").add_auth(request)
    import urllib.error
    import urllib.request

    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(shared.endpoint + "/", data=b"{}", headers=dict(request.headers), method="POST"))
    body = caught.value.read()
    assert b"InvalidSignatureException" in body and b"Signature expired" in body


def test_bodies_too_large_and_memory_stays(shared):
    before = memory_kib(shared)
    for _ in range(20):
        status, _ = shared.signed_post("/", b'{"Name":"' + b"a" * (8 << 20) + b'"}', JSON | {"X-Amz-Target": TARGET + "GetTrail"}, service="cloudtrail")
        assert status in (400, 413)
    assert memory_kib(shared) - before < 100 << 10
    assert shared.get("/_cairn/livez")[0] == 200


@functools.cache
def large_body(size: int) -> tuple[bytes, str]:
    body = b"Action=ListUsers&Version=2010-05-08&x=".ljust(size, b"x")
    return body, hashlib.sha256(body).hexdigest()


def half_sent(cairn, source: str, path: str, headers: dict[str, str], service: str, size: int) -> socket.socket:
    """A well-signed request of which all but the last byte was sent, as far as it was taken."""
    body, digest = large_body(size)
    request = AWSRequest("POST", cairn.endpoint + path, data=body, headers=headers | {"X-Amz-Content-SHA256": digest})
    SigV4Auth(cairn.session().get_credentials(), service, "us-east-1").add_auth(request)
    host, port = cairn.endpoint.removeprefix("http://").split(":")
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}:{port}", f"Content-Length: {size}", *(f"{k}: {v}" for k, v in request.headers.items())]
    connection = socket.create_connection((host, int(port)), 30, source_address=(source, 0))
    try:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body[:-1])
    except OSError:
        pass  # what was refused is answered, and its connection closed
    return connection


@pytest.mark.parametrize("path, headers, service, size, gauge, share", [
    ("/", {"Content-Type": "application/x-www-form-urlencoded"}, "iam", 4 << 20, "cairn_calls_body_bytes", 32 << 20),
    ("/", JSON | {"X-Amz-Target": TARGET + "GetTrail"}, "cloudtrail", 4 << 20, "cairn_calls_body_bytes", 32 << 20),
    ("/_cairn/records", {"Content-Type": "application/json"}, "cairn", 32 << 20, "cairn_records_in_flight_bytes", 128 << 20),
])
def test_slow_senders_hold_up_nobody(cairn, path, headers, service, size, gauge, share):
    """Forty bodies of which the last byte does not come, from five addresses: more than all bodies together may be."""
    def held() -> int:
        lines = cairn.get("/_cairn/metrics")[1].decode().splitlines()
        return int(float(next(line.split()[1] for line in lines if line.startswith(gauge + " "))))

    count = 40 if size < 8 << 20 else 20
    senders = [half_sent(cairn, f"127.0.0.{2 + n % 5}", path, headers, service, size) for n in range(count)]
    try:
        assert eventually(lambda: held() > share), "it is not slow senders of one address that are met here"
        for _ in range(5):
            assert cairn.client("iam").list_users()["Users"] is not None
            assert cairn.client("cloudtrail").describe_trails()["trailList"] == []
            assert cairn.put_records([record()])[0] == 200
    finally:
        for sender in senders:
            sender.close()
    assert eventually(lambda: held() == 0)


def test_health_and_metrics(shared):
    assert shared.get("/_cairn/livez") == (200, b"ok\n")
    assert shared.get("/_cairn/readyz") == (200, b"ok\n")
    status, text = shared.get("/_cairn/metrics")
    assert status == 200 and b"# TYPE cairn_" in text
    assert shared.get("/_cairn/nonsense")[0] == 404
