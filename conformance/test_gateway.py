"""Cairn in front of other services: what arrives there, what comes back, and what the trail says of it."""

from __future__ import annotations

import http.client
import urllib.request

import boto3
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from cairn import REGION, Cairn, code_of, eventually
from other_s3 import Moto
from upstream import Upstream, dead_port, read_body

ONE_TRY = {"max_attempts": 1, "mode": "standard"}
PART = 5 << 20


def gateway(upstreams: str, more: str = "") -> str:
    return f"delivery: {{interval: 1s}}\ngateway:\n  upstreams: {{{upstreams}}}\n{more}"


@pytest.fixture(scope="module")
def moto():
    running = Moto()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def front_of_moto(binary, tmp_path_factory, moto):
    config = gateway(f's3: "{moto.url}", sqs: {{url: "{moto.url}"}}, "*": "{moto.url}"')
    with Cairn(binary, tmp_path_factory.mktemp("cairn"), config) as running:
        yield running


@pytest.fixture(scope="module")
def far():
    with Upstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def front_of_far(binary, tmp_path_factory, far):
    config = gateway(f'"*": "{far.url}", s3: "{far.url}", lambda: "http://127.0.0.1:{dead_port()}"',
                     "  trusted_proxies: [127.0.0.0/8]\ncapture: {intent: synced}\n")
    with Cairn(binary, tmp_path_factory.mktemp("cairn"), config) as running:
        yield running


def records(cairn, name: str, **members) -> list[dict]:
    """The journal's records of that name whose members are these."""
    found = [e["record"] for e in cairn.journal() if e["kind"] == "record" and e["record"]["eventName"] == name]
    return [r for r in found if all(r.get(key) == value for key, value in members.items())]


def the_record(cairn, name: str, **members) -> dict:
    found = records(cairn, name, **members)
    assert len(found) == 1, f"{name}: {len(found)} records"
    return found[0]


def stranger(cairn, service: str, key: str = "AKIAQNZGKIQYEXAMPLE7", secret: str = "not-known-here"):
    return boto3.client(service, endpoint_url=cairn.endpoint, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret,
                        config=Config(retries=ONE_TRY, s3={"addressing_style": "path"}))


def s3_of(cairn, **config):
    return cairn.client("s3", s3={"addressing_style": "path"}, **config)


def test_s3_work_arrives_and_comes_back_whole(front_of_moto, moto):
    cairn, s3 = front_of_moto, s3_of(front_of_moto)
    s3.create_bucket(Bucket="finch")
    body = bytes(range(256)) * 700
    s3.put_object(Bucket="finch", Key="a b/ü+1", Body=body)
    assert moto.s3().get_object(Bucket="finch", Key="a b/ü+1")["Body"].read() == body
    assert s3.get_object(Bucket="finch", Key="a b/ü+1")["Body"].read() == body
    part = s3.get_object(Bucket="finch", Key="a b/ü+1", Range="bytes=100-299")
    assert (part["ResponseMetadata"]["HTTPStatusCode"], part["Body"].read()) == (206, body[100:300])
    assert s3.head_object(Bucket="finch", Key="a b/ü+1")["ContentLength"] == len(body)
    put = the_record(cairn, "PutObject")
    assert (put["eventSource"], put["readOnly"], put["managementEvent"]) == ("s3.amazonaws.com", False, False)
    assert put["requestParameters"]["bucketName"] == "finch" and put["requestParameters"]["key"] == "a b/ü+1"
    assert put["userIdentity"]["userName"] == "admin" and put["recipientAccountId"] == "111122223333"
    assert "identityVerified" not in put.get("additionalEventData", {})
    got = [r["additionalEventData"]["bytesTransferredOut"] for r in records(cairn, "GetObject")]
    assert sorted(got) == [200, len(body)]
    assert the_record(cairn, "HeadObject")["readOnly"] is True
    assert the_record(cairn, "CreateBucket")["managementEvent"] is True


def test_multipart_presigned_and_a_delete(front_of_moto):
    cairn, s3 = front_of_moto, s3_of(front_of_moto, signature_version="s3v4")
    s3.create_bucket(Bucket="wren")
    upload = s3.create_multipart_upload(Bucket="wren", Key="large")["UploadId"]
    parts = [b"x" * PART, b"y" * 1000]
    tags = [s3.upload_part(Bucket="wren", Key="large", UploadId=upload, PartNumber=i + 1, Body=part)["ETag"] for i, part in enumerate(parts)]
    s3.complete_multipart_upload(Bucket="wren", Key="large", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": i + 1, "ETag": tag} for i, tag in enumerate(tags)]})
    url = s3.generate_presigned_url("get_object", {"Bucket": "wren", "Key": "large"})
    with urllib.request.urlopen(url, timeout=60) as answer:
        assert answer.read() == b"".join(parts)
    s3.delete_object(Bucket="wren", Key="large")
    assert len(records(cairn, "UploadPart")) == 2
    assert the_record(cairn, "CompleteMultipartUpload")["readOnly"] is False
    assert the_record(cairn, "DeleteObject")["requestParameters"]["key"] == "large"


def test_services_of_other_protocols(front_of_moto):
    cairn = front_of_moto
    dynamodb = cairn.client("dynamodb")
    dynamodb.create_table(TableName="nest", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST")
    dynamodb.put_item(TableName="nest", Item={"id": {"S": "1"}})
    assert dynamodb.get_item(TableName="nest", Key={"id": {"S": "1"}})["Item"] == {"id": {"S": "1"}}
    assert code_of(dynamodb.describe_table, TableName="not-there") == "ResourceNotFoundException"
    queue = cairn.client("sqs").create_queue(QueueName="perch")["QueueUrl"]
    cairn.client("ec2").create_key_pair(KeyName="owl")
    cairn.client("ssm").put_parameter(Name="lark", Value="1", Type="String")
    created = the_record(cairn, "CreateTable")
    assert (created["eventSource"], created["requestParameters"]["tableName"]) == ("dynamodb.amazonaws.com", "nest")
    assert created["responseElements"]["tableDescription"]["tableName"] == "nest"
    failed = the_record(cairn, "DescribeTable")
    assert failed["errorCode"] == "ResourceNotFoundException" and failed["readOnly"] is True and failed["responseElements"] is None
    assert the_record(cairn, "CreateQueue")["responseElements"]["queueUrl"] == queue
    assert the_record(cairn, "CreateKeyPair")["eventSource"] == "ec2.amazonaws.com"
    assert the_record(cairn, "PutParameter")["eventSource"] == "ssm.amazonaws.com"
    # And a lookup finds them.
    where = [{"AttributeKey": "EventName", "AttributeValue": "CreateTable"}]
    assert eventually(lambda: len(cairn.lookup_all(LookupAttributes=where)) == 1)


def test_what_is_ours_stays_ours(front_of_moto):
    cairn = front_of_moto
    assert cairn.client("sts").get_caller_identity()["Account"] == "111122223333"
    topic = cairn.client("sns").create_topic(Name="jay")["TopicArn"]
    assert ":111122223333:" in topic


def test_host_path_query_and_headers_arrive_byte_for_byte(front_of_far, far):
    s3 = s3_of(front_of_far)
    sent = {}

    def remember(request, **_):
        sent.update(url=request.url, headers={k.lower(): v for k, v in request.headers.items()})

    s3.meta.events.register("before-send.s3.GetObject", remember)
    s3.get_object(Bucket="finch", Key="a//b/../c +%~", VersionId="1+2/3")
    target = sent["url"].removeprefix(front_of_far.endpoint)
    assert target in far.targets("GET")
    entry = next(e for e in far.seen if e["target"] == target)
    arrived = {name.lower(): value for name, value in entry["headers"]}
    for name in ("authorization", "x-amz-date", "x-amz-content-sha256", "user-agent"):
        value = sent["headers"][name]
        assert arrived[name] == (value.decode() if isinstance(value, bytes) else value)
    assert arrived["host"] == front_of_far.listen


def raw(cairn, method: str, target: str, headers: dict, body: bytes = b""):
    """One request on a connection of its own: (status, headers, body)."""
    connection = http.client.HTTPConnection(cairn.listen, timeout=60)
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_a_service_that_nobody_knows_is_recorded(front_of_far):
    status, _ = front_of_far.signed_post("/some/thing", b"{}", {"Content-Type": "application/json"}, service="birdwatch")
    assert status == 200
    found = [e["record"] for e in front_of_far.journal() if e["kind"] == "record" and e["record"]["eventSource"] == "birdwatch.amazonaws.com"]
    assert len(found) == 1 and found[0]["readOnly"] is False and found[0]["requestID"] == "of-the-upstream"


def test_strangers_and_wrong_signatures_are_refused(front_of_far, far):
    before = len(far.seen)
    assert code_of(stranger(front_of_far, "dynamodb").list_tables) == "UnrecognizedClientException"
    assert code_of(stranger(front_of_far, "s3").list_buckets) == "InvalidAccessKeyId"
    key = front_of_far.session().get_credentials().access_key
    assert code_of(stranger(front_of_far, "dynamodb", key, "wrong").list_tables) == "InvalidSignatureException"
    assert code_of(stranger(front_of_far, "s3", key, "wrong").list_buckets) == "SignatureDoesNotMatch"
    assert raw(front_of_far, "GET", "/bucket/key", {})[0] == 403
    assert len(far.seen) == before


def test_operations_that_have_no_signature_by_their_model_are_relayed(front_of_far, far):
    before = len(far.seen)
    stranger(front_of_far, "cognito-idp").sign_up(ClientId="c", Username="mira", Password="secret-word")
    assert len(far.seen) == before + 1
    record = the_record(front_of_far, "SignUp")
    assert record["userIdentity"] == {"type": "Unknown"} and "secret-word" not in str(record)
    unsigned = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}
    assert raw(front_of_far, "POST", "/", unsigned, b"{}")[0] >= 400 and len(far.seen) == before + 1


def test_what_could_be_read_in_two_ways_reaches_nobody(front_of_far, far):
    """Each is signed rightly, or needs no signature as Cairn could read it; the upstream would do something else."""
    before = len(far.seen)
    target = "DynamoDB_20120810.ListTables"
    two_calls = [
        ("PUT", "/finch/key", "s3", {"X-Amz-Target": target}, b"x"),
        ("POST", "/", "ec2", {"X-Amz-Target": target, "Content-Type": "application/x-www-form-urlencoded"}, b"Action=TerminateInstances"),
        ("POST", "/?Action=DescribeInstances", "ec2", {"Content-Type": "application/x-www-form-urlencoded"}, b"Action=TerminateInstances"),
        ("POST", "/?Action=DeleteTable", "dynamodb", {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"}, b"{}"),
        ("PUT", "/finch/key", "s3", {"x-amz-copy-source": "finch/other", "Connection": "x-amz-copy-source"}, b""),
    ]
    for method, path, service, headers, body in two_calls:
        request = AWSRequest(method, front_of_far.endpoint + path, data=body, headers=headers)
        (S3SigV4Auth if service == "s3" else SigV4Auth)(front_of_far.session().get_credentials(), service, REGION).add_auth(request)
        assert raw(front_of_far, method, path, dict(request.headers), body)[0] == 400, (method, path, headers)
    asks = {"Origin": "https://example.org", "Access-Control-Request-Method": "PUT"}
    for path, headers in (("/", {"X-Amz-Target": "AWSCognitoIdentityProviderService.AdminDeleteUser"}), ("/?Action=TerminateInstances", asks),
                          ("/", {"Origin": "https://example.org"})):
        raw(front_of_far, "OPTIONS", path, headers)  # some are Cairn's own to answer
    assert len(far.seen) == before
    assert raw(front_of_far, "OPTIONS", "/finch/key", asks)[0] == 200 and len(far.seen) == before + 1


def test_a_body_that_is_not_what_was_signed(front_of_far, far):
    """The upstream must not get the last piece of it."""
    s3 = s3_of(front_of_far)
    whole = []
    far.answer, before = lambda request: whole.append(read_body(request)), far.answer
    try:
        def change(request, **_):
            request.body = b"changed!"

        s3.meta.events.register("before-send.s3.PutObject", change)
        s3.meta.events.register("choose-signer.s3.PutObject", lambda **_: "s3v4")
        with pytest.raises((ClientError, BotoCoreError)):
            stranger_body(s3)
    finally:
        far.answer = before
    assert not whole


def stranger_body(s3):
    s3.meta.config.s3["payload_signing_enabled"] = True
    s3.put_object(Bucket="finch", Key="changed", Body=b"as-given")


def test_an_upstream_that_is_not_there(front_of_far):
    code = code_of(front_of_far.client("lambda").delete_function, FunctionName="gone")
    assert code.startswith("ServiceUnavailable")
    found = [e["record"] for e in front_of_far.journal()
             if e["kind"] == "record" and e["record"]["eventSource"] == "lambda.amazonaws.com"]
    assert found and {(r["errorCode"], r["responseElements"]) for r in found} == {(code, None)}


def test_an_upstream_that_lies_hurts_its_own_caller_alone(front_of_far, far):
    def short(request):
        read_body(request)
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b"x" * 10)
        request.close_connection = True

    far.answer, before = short, far.answer
    try:
        for call, arguments in (("get_object", {"Key": "cut"}), ("delete_object", {"Key": "cut"})):
            with pytest.raises((ClientError, BotoCoreError)):
                answer = getattr(s3_of(front_of_far), call)(Bucket="finch", **arguments)
                answer["Body"].read()
    finally:
        far.answer = before
    for name in ("GetObject", "DeleteObject"):
        cut = [r for r in records(front_of_far, name) if r.get("requestParameters", {}).get("key") == "cut"]
        assert cut and {r.get("errorCode") for r in cut} == {"IncompleteResponse"}, name
    s3_of(front_of_far).get_object(Bucket="finch", Key="after")


def test_an_answer_before_the_body(front_of_far, far):
    """Who asks first is told at once; his body is not sent."""
    far.wants_body = lambda request: bool(request.send_error(417)) or False
    try:
        status, _, _ = raw(front_of_far, "GET", "/", {})
        assert status == 403  # nobody signed it: it stays here
        s3 = s3_of(front_of_far)
        with pytest.raises(ClientError) as refused:
            s3.put_object(Bucket="finch", Key="unwanted", Body=b"z" * (3 << 20))
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 417
    finally:
        del far.wants_body
    unwanted = [r for r in records(front_of_far, "PutObject") if r["requestParameters"]["key"] == "unwanted"]
    assert len(unwanted) == 1 and "errorCode" in unwanted[0]


def test_behind_a_trusted_proxy_the_source_is_the_client(front_of_far):
    s3 = s3_of(front_of_far)

    def forward(request, **_):
        request.headers["X-Forwarded-For"] = "10.9.9.9, 198.51.100.7"

    s3.meta.events.register("before-send.s3.HeadObject", forward)
    s3.head_object(Bucket="finch", Key="forwarded")
    assert the_record(front_of_far, "HeadObject")["sourceIPAddress"] == "198.51.100.7"


def resident(cairn) -> int:
    status = open(f"/proc/{cairn.process.pid}/status").read()
    return int(status.split("VmRSS:")[1].split()[0]) << 10


def test_large_bodies_stream(front_of_far, far):
    size = 96 << 20
    came = []

    def large(request):
        came.append(read_body(request))
        body = size if request.command == "GET" else 0
        request.send_response(200)
        request.send_header("Content-Length", str(body))
        request.end_headers()
        piece = b"q" * (1 << 20)
        for _ in range(body >> 20):
            request.wfile.write(piece)

    s3 = s3_of(front_of_far)
    s3.get_object(Bucket="finch", Key="warm")
    before = resident(front_of_far)
    far.answer, usual = large, far.answer
    try:
        s3.put_object(Bucket="finch", Key="large", Body=b"w" * size)
        body = s3.get_object(Bucket="finch", Key="large")["Body"]
        assert sum(len(piece) for piece in body.iter_chunks(1 << 20)) == size
    finally:
        far.answer = usual
    assert came[0] >= size
    assert resident(front_of_far) - before < size // 3
    put = [r for r in records(front_of_far, "PutObject") if r["requestParameters"]["key"] == "large"]
    assert put[0]["additionalEventData"]["bytesTransferredIn"] >= size


@pytest.fixture(scope="module")
def relaying(binary, tmp_path_factory, far):
    config = gateway(f'"*": "{far.url}"', "  unverified: relay\n")
    with Cairn(binary, tmp_path_factory.mktemp("cairn"), config) as running:
        yield running


def test_strangers_are_relayed_and_marked(relaying):
    stranger(relaying, "dynamodb", "ASIAQNZGKIQY56JQ7WML").delete_table(TableName="theirs")
    stranger(relaying, "dynamodb", "testing").delete_table(TableName="theirs")
    key = relaying.session().get_credentials().access_key
    assert code_of(stranger(relaying, "dynamodb", key, "wrong").list_tables) == "InvalidSignatureException"
    first, second = records(relaying, "DeleteTable")
    assert first["userIdentity"]["accountId"] == "029608264753"
    assert first["userIdentity"]["accessKeyId"] == "ASIAQNZGKIQY56JQ7WML"
    assert second["userIdentity"]["type"] == "Unknown"
    for record in (first, second):
        assert record["additionalEventData"]["identityVerified"] is False
        assert record["recipientAccountId"] == "111122223333"
    assert not records(relaying, "ListTables")


@pytest.mark.parametrize("upstreams, complaint", [
    ("{S3: 'http://127.0.0.1:1'}", "signing name"),
    ("{s3: 'ftp://127.0.0.1:1'}", "must be http"),
    ("{s3: 'http://127.0.0.1:1/path'}", "must be http"),
    ("{s3: {resign: {access_key: a, secret_file: b}}}", "needs a url"),
    ("{s3: {url: 'http://127.0.0.1:1', resign: {access_key: a}}}", "go together"),
    ("{s3: {url: 'http://127.0.0.1:1', weight: 3}}", "unknown key"),
    ("{s3: {url: 'http://127.0.0.1:1', resign: {access_key: a, secret_file: /nowhere}}}", "no secret"),
    ("[s3]", "must be a map"),
])
def test_what_the_configuration_gets_wrong(binary, tmp_path, upstreams, complaint):
    with pytest.raises(RuntimeError) as failed:
        Cairn(binary, tmp_path, f"gateway: {{upstreams: {upstreams}}}\n").start()
    assert complaint in str(failed.value)


def test_the_last_upstream_goes_and_nothing_is_claimed(binary, tmp_path, far):
    with Cairn(binary, tmp_path, gateway(f's3: "{far.url}"')) as cairn:
        s3_of(cairn).delete_object(Bucket="finch", Key="k")
    with Cairn(binary, tmp_path, "") as cairn:
        s3_of(cairn).create_bucket(Bucket="mine")
        assert "mine" in [b["Name"] for b in s3_of(cairn).list_buckets()["Buckets"]]
