"""What spoilers send, against the running program: paths that climb, names that break, documents that grow, heads that never end.

docs/operate/limits.md has the table of what each form gets. What the server does to malformed HTTP is tested in src/http, what it does
to slow bodies in test_hostile.py.
"""

import json
import os
import re
import socket
import urllib.parse

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from cairn import eventually
from records import record


def connect(cairn) -> socket.socket:
    host, port = cairn.listen.split(":")
    return socket.create_connection((host, int(port)), 30)


def read_to_end(connection: socket.socket) -> bytes:
    answer = b""
    while chunk := connection.recv(65536):
        answer += chunk
    return answer


def exchange(cairn, data: bytes) -> bytes:
    with connect(cairn) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return read_to_end(connection)


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def signed_s3(cairn, method: str, path: str, body: bytes = b"", query: str = "", headers: dict[str, str] | None = None) -> bytes:
    """The path goes out byte for byte: an SDK would not send such."""
    url = cairn.endpoint + path + ("?" + query if query else "")
    request = AWSRequest(method, url, data=body, headers=headers or {})
    S3SigV4Auth(cairn.session().get_credentials(), "s3", "us-east-1").add_auth(request)
    lines = [f"{method} {path}{'?' + query if query else ''} HTTP/1.1", f"Host: {cairn.listen}", f"Content-Length: {len(body)}", "Connection: close",
             *(f"{k}: {v}" for k, v in request.headers.items() if k.lower() not in ("host", "content-length"))]
    return exchange(cairn, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def files_outside(cairn) -> set[str]:
    """Everything beside the data folder, and in it what no key should reach; without what Cairn makes anew as time goes by."""
    own = ("/data/blobs/", "/data/dedupe/", "/data/journal/")
    found = set()
    for folder, _, names in os.walk(cairn.folder):
        found |= {os.path.join(folder, name) for name in names if not any(part in folder + "/" for part in own)}
    return found


CLIMBING = ["../../escaped", "../escaped", "a/../../../../escaped", "..%2f..%2fescaped", "%2e%2e/%2e%2e/escaped", "./escaped", "//etc/passwd", "a//b", "..", ".",
            "a/./b", "%00escaped", "a%00/../escaped", "..%5c..%5cescaped", "%c0%ae%c0%ae/escaped", "con%01trol%1f", "a%0d%0aX-Evil:%201", "%ff%fe", "master.key",
            "catalog.sqlite", "a" * 1024]


def test_keys_that_climb_are_only_names(shared):
    s3 = shared.client("s3")
    s3.create_bucket(Bucket="climb")
    before = files_outside(shared)
    master = (shared.data / "master.key").read_bytes()
    for key in CLIMBING:
        body = b"payload of " + key.encode()
        answer = signed_s3(shared, "PUT", "/climb/" + key, body * 3000)  # large enough to be a blob of its own
        assert status_of(answer) in (200, 400, 403, 404), (key, answer[:200])
        assert b"\nX-Evil" not in answer
        if status_of(answer) == 200:
            got = signed_s3(shared, "GET", "/climb/" + key)
            assert status_of(got) == 200 and got.endswith(body * 3000), key
    assert files_outside(shared) == before
    assert (shared.data / "master.key").read_bytes() == master
    # Each is listed under its own name, and goes.
    listed = s3.list_objects_v2(Bucket="climb", EncodingType="url")["Contents"]
    stored = [urllib.parse.unquote_to_bytes(item["Key"]) if isinstance(item["Key"], str) else item["Key"] for item in listed]
    assert len(stored) == len(set(stored)) and b"master.key" in stored
    assert shared.get("/_cairn/livez")[0] == 200


@pytest.mark.parametrize("bucket", ["..", ".", "..%2f..", "%2e%2e", "a%00b", "a%2fb", "A_B", "x" * 300, "%0d%0a", "-a", "a..b", "192.168.0.1", "_cairn", "%5fcairn"])
def test_bucket_names_that_are_none(shared, bucket):
    before = files_outside(shared)
    answer = signed_s3(shared, "PUT", "/" + bucket)
    assert 400 <= status_of(answer) < 500, answer[:300]
    assert files_outside(shared) == before


LEVELS = b"".join(b'<!ENTITY x%d "%s">' % (n, b"&x%d;" % (n - 1) * 10 if n > 1 else b"x" * 10) for n in range(1, 10))
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [' + LEVELS + b"]><CreateBucketConfiguration>&x9;</CreateBucketConfiguration>"
OUTSIDE = (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
           b"<CreateBucketConfiguration><LocationConstraint>&x;</LocationConstraint></CreateBucketConfiguration>")
DEEP = b"<CreateBucketConfiguration>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</CreateBucketConfiguration>"



@pytest.mark.parametrize("body", [BOMB, OUTSIDE, DEEP, b"<", b"<a>", b"<a b='", b"\xff\xfe<\x00a\x00"],
                         ids=["bomb", "outside", "deep", "open", "unclosed", "attribute", "utf-16"])
def test_documents_that_grow_reach_out_or_break(shared, body):
    answer = signed_s3(shared, "PUT", "/xml-bucket", body)
    assert status_of(answer) == 400, answer[:400]
    assert b"root:" not in answer
    names = [b["Name"] for b in shared.client("s3").list_buckets()["Buckets"]]
    assert "xml-bucket" not in names


def test_a_query_of_any_length_is_answered(shared):
    many = "&".join(f"p{n}=1" for n in range(8_000))
    for query in ("a=" + "x" * 60_000, many, "a=" + "x" * 100_000, "%" * 1000, "=&=&&&==", "list-type=2&" * 2000 + "list-type=2"):
        answer = exchange(shared, f"GET /some-bucket?{query} HTTP/1.1\r\nHost: {shared.listen}\r\nConnection: close\r\n\r\n".encode())
        assert 400 <= status_of(answer) < 500, answer[:200]
    assert shared.get("/_cairn/livez")[0] == 200


def test_control_characters_of_a_caller_reach_no_record_raw(shared):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for text in ("a%00b", "a%0ab", "%1b[31mred", "%7f", "%e2%80%ae", "%ed%a0%80", "%ff"):
        status, answer = shared.signed_post("/", f"Action=GetUser&Version=2010-05-08&UserName={text}".encode(), form, service="iam")
        assert 400 <= status < 500, (text, answer)
    request = AWSRequest("POST", shared.endpoint + "/", data=b"Action=ListUsers&Version=2010-05-08", headers=form)
    SigV4Auth(shared.session().get_credentials(), "iam", "us-east-1").add_auth(request)
    head = "\r\n".join(["POST / HTTP/1.1", f"Host: {shared.listen}", "Content-Length: 35", "Connection: close", *(f"{k}: {v}" for k, v in request.headers.items())])
    answer = exchange(shared, head.encode() + b'\r\nUser-Agent: evil\x80\xff"}\\\t{\r\n\r\nAction=ListUsers&Version=2010-05-08')
    assert status_of(answer) == 200
    agents = [e["record"]["userAgent"] for e in shared.journal() if e["kind"] == "record"]  # each line is JSON
    assert any(agent.startswith("evil") for agent in agents)


def test_records_as_deep_as_they_like(shared):
    deep = record()
    deep["requestParameters"] = 0
    text = json.dumps({"Records": [deep]}).replace('"requestParameters": 0', '"requestParameters": ' + '{"a":' * 10_000 + "1" + "}" * 10_000)
    status, answer = shared.signed_post("/_cairn/records", text.encode(), {"Content-Type": "application/json"})
    assert status == 400, answer
    assert shared.get("/_cairn/livez")[0] == 200


def test_policies_as_deep_or_as_wide_as_they_like(shared):
    iam = shared.client("iam")
    iam.create_user(UserName="deep")
    for document in ('{"Statement":' * 10_000 + "1" + "}" * 10_000, '{"Version":"2012-10-17","Statement":[' + "[" * 5_000 + "]" * 5_000 + "]}",
                     '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"' + "*" * 2_000 + 'a","Resource":"*"}}'):
        try:
            iam.put_user_policy(UserName="deep", PolicyName="p", PolicyDocument=document)
        except iam.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] in ("MalformedPolicyDocument", "LimitExceeded", "ValidationError"), error
    # A pattern of many stars costs a refusal no more than any other.
    assert iam.list_users()["Users"]
    iam.delete_user_policy(UserName="deep", PolicyName="p") if iam.list_user_policies(UserName="deep")["PolicyNames"] else None
    iam.delete_user(UserName="deep")


def test_heads_that_never_end_hold_up_nobody(shared):
    """Slow-loris: hundreds of heads of which a byte comes now and then. (That each ends after 20 s is tested in src/http.)"""
    held = [connect(shared) for _ in range(300)]
    try:
        for connection in held:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nX-A: ")
        for _ in range(5):
            for connection in held[::10]:
                connection.sendall(b"b")
            assert shared.client("sts").get_caller_identity()["Account"] == "111122223333"
    finally:
        for connection in held:
            connection.close()


def test_requests_in_a_row_are_answered_in_a_row(shared):
    ask = f"GET /_cairn/livez HTTP/1.1\r\nHost: {shared.listen}\r\n\r\n".encode()
    unknown = f"GET /_cairn/nothing HTTP/1.1\r\nHost: {shared.listen}\r\n\r\n".encode()
    answers = exchange(shared, (ask + unknown) * 100)
    statuses = re.findall(rb"HTTP/1\.1 (\d+) ", answers)
    assert statuses == [b"200", b"404"] * 100
    # What follows a request that is refused is never served.
    answers = exchange(shared, ask + f"GET / HTTP/1.1\r\nHost: {shared.listen}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode() + ask)
    assert re.findall(rb"HTTP/1\.1 (\d+) ", answers) == [b"200", b"400"]


def test_who_asks_and_never_reads_is_not_served_for_ever(shared):
    """A pipeline without a reader stops where the socket's buffers are full: nothing of it waits in memory."""
    ask = f"GET /_cairn/metrics HTTP/1.1\r\nHost: {shared.listen}\r\n\r\n".encode()
    with open(f"/proc/{shared.process.pid}/status") as status:
        before = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    with connect(shared) as connection:
        connection.settimeout(0.5)
        sent = 0
        try:
            for _ in range(200):
                sent += connection.send(ask * 1000)
        except TimeoutError:
            pass
        assert shared.get("/_cairn/livez")[0] == 200
        with open(f"/proc/{shared.process.pid}/status") as status:
            after = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    assert after - before < 64 << 10


def test_a_wrong_signature_says_nothing_of_the_right_one(shared):
    """One digit wrong, the first or the last, a shorter one, none: the same answer (how it is compared: crypto::constant_time_equal)."""
    body, form = b"Action=GetCallerIdentity&Version=2011-06-15", {"Content-Type": "application/x-www-form-urlencoded"}
    request = AWSRequest("POST", shared.endpoint + "/", data=body, headers=form)
    SigV4Auth(shared.session().get_credentials(), "sts", "us-east-1").add_auth(request)
    right = request.headers["Authorization"].rsplit("=", 1)[1]
    flip = lambda digit: "0" if digit != "0" else "1"  # noqa: E731
    answers = set()
    for wrong in (flip(right[0]) + right[1:], right[:-1] + flip(right[-1]), right[:-1], right + "0", "0" * 64, right[:32]):
        head = [f"{k}: {v}".replace(right, wrong) for k, v in request.headers.items()]
        answer = exchange(shared, "\r\n".join(["POST / HTTP/1.1", f"Host: {shared.listen}", f"Content-Length: {len(body)}", "Connection: close", *head]).encode() + b"\r\n\r\n" + body)
        assert right.encode() not in answer
        text = answer.split(b"\r\n\r\n", 1)[1]
        answers.add((status_of(answer), text[:text.index(b"<RequestId>")]))
    assert len(answers) == 1 and next(iter(answers))[0] == 403, answers


def test_the_process_is_the_same_as_before(shared):
    assert eventually(lambda: shared.get("/_cairn/readyz")[0] == 200)
    assert shared.process.poll() is None
