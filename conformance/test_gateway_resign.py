"""Calls that are signed anew, with a key of the configuration, for an upstream whose Host differs."""

from __future__ import annotations

import urllib.request

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from cairn import REGION, Cairn, code_of
from test_gateway import gateway, raw, records, s3_of, stranger, the_record
from upstream import Upstream


@pytest.fixture
def far():
    with Upstream() as upstream:
        yield upstream


def test_calls_are_signed_anew_for_a_host_of_another_name(binary, tmp_path, far):
    """To a Cairn, which verifies: with the key of the configuration, whatever its caller's is."""
    for folder in ("behind", "before"):
        (tmp_path / folder).mkdir()
    with Cairn(binary, tmp_path / "behind") as behind:
        credentials = behind.session().get_credentials()
        (tmp_path / "secret").write_text(credentials.secret_key + "\n")
        to = f"{{url: '{behind.endpoint}', resign: {{access_key: {credentials.access_key}, secret_file: '{tmp_path / 'secret'}'}}}}"
        config = gateway(f"s3: {to}, kms: {to}, iam: {to}", "  unverified: relay\n")
        with Cairn(binary, tmp_path / "before", config) as before:
            s3 = s3_of(before)
            s3.create_bucket(Bucket="crow")
            s3.put_object(Bucket="crow", Key="k e/y", Body=b"caw")
            assert s3.get_object(Bucket="crow", Key="k e/y")["Body"].read() == b"caw"
            url = s3.generate_presigned_url("get_object", {"Bucket": "crow", "Key": "k e/y"})
            with urllib.request.urlopen(url, timeout=60) as answer:
                assert answer.read() == b"caw"
            before.client("kms").create_key(Description="d")
            before.client("iam").create_user(UserName="rook")
            assert behind.client("iam").get_user(UserName="rook")["User"]["UserName"] == "rook"
            assert len(records(before, "CreateUser")) == len(records(behind, "CreateUser")) == 1
            # Nobody gets that key who has shown none.
            assert code_of(stranger(before, "s3").list_buckets) == "InvalidAccessKeyId"


def test_a_call_that_is_signed_in_a_header_keeps_its_query_when_it_is_signed_anew(binary, tmp_path, far):
    """What a link is signed with has other meanings there."""
    (tmp_path / "secret").write_text("a-secret-of-the-far-one\n")
    to = f"{{url: '{far.url}', resign: {{access_key: AKIAFAR0000000000001, secret_file: '{tmp_path / 'secret'}'}}}}"
    with Cairn(binary, tmp_path, gateway(f"s3: {to}")) as running:
        query = "Expires=never"
        request = AWSRequest("GET", f"{running.endpoint}/wren/key?{query}")
        S3SigV4Auth(running.session().get_credentials(), "s3", REGION).add_auth(request)
        call = urllib.request.Request(request.url, headers=dict(request.headers))
        with urllib.request.urlopen(call, timeout=60) as answer:
            assert answer.status == 200
        assert far.targets("GET")[-1] == f"/wren/key?{query}"


def test_what_is_signed_anew_is_what_was_checked(binary, tmp_path, far):
    """The bucket of a host's name goes into the path; a body that ends otherwise than was signed does not go on."""
    (tmp_path / "secret").write_text("a-secret-of-the-far-one\n")
    to = f"{{url: '{far.url}', resign: {{access_key: AKIAFAR0000000000001, secret_file: '{tmp_path / 'secret'}'}}}}"
    with Cairn(binary, tmp_path, gateway(f"s3: {to}")) as running:
        credentials = running.session().get_credentials()

        def ask(method, host, path, body=b"", sha256="UNSIGNED-PAYLOAD", **fields):
            request = AWSRequest(method, f"http://{host}{path}", data=body, headers={"Host": host, **fields})
            signer = S3SigV4Auth(credentials, "s3", REGION)
            signer.payload = lambda _: sha256
            signer.add_auth(request)
            return raw(running, method, path, dict(request.headers), body)[0]

        assert ask("DELETE", "backup.s3.localhost", "/photos") == 200
        assert far.targets("DELETE")[-1] == "/backup/photos"
        deleted = the_record(running, "DeleteObject")
        assert (deleted["requestParameters"]["bucketName"], deleted["requestParameters"]["key"]) == ("backup", "photos")
        before = len(far.targets("PUT"))
        for mode in ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"):
            assert ask("PUT", "localhost", "/wren/none", sha256=mode) in (400, 403), mode  # not even a last chunk
        assert len(far.targets("PUT")) == before
        whole = []

        def takes(request):
            whole.append(request.rfile.read(int(request.headers["Content-Length"])))
            request.send_response(200)
            request.send_header("Content-Length", "0")
            request.end_headers()

        far.answer = takes
        chunked = {"sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-decoded-content-length": "5",
                   "x-amz-trailer": "x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm": "CRC32", "content-encoding": "aws-chunked"}
        right = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
        assert ask("PUT", "localhost", "/wren/key", b"5\r\nhello\r\n" + b"x" * 40, **chunked) != 200
        assert right not in whole
        assert ask("PUT", "localhost", "/wren/key", right, **chunked) == 200
        assert whole[-1] == right  # with its checksum, which the far end compares
