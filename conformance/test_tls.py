"""TLS: real clients, what the records say of it, and a certificate that changes while Cairn runs."""

import base64
import json
import os
import signal
import socket
import ssl
import subprocess

import pytest
import urllib3
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from cairn import ROOT, Cairn, eventually


def openssl(*arguments: str, **options) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, **options)


def make_authority(folder) -> None:
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=Cairn test CA",
            "-keyout", "ca.key", "-out", "ca.pem", cwd=folder)


def certify(folder, name: str, algorithm: tuple[str, ...] = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")) -> None:
    """folder/name.pem and folder/name.key, for 127.0.0.1 and localhost."""
    openssl("req", "-newkey", *algorithm, "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr", cwd=folder)
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1", "-extfile", "names",
            "-out", f"{name}.pem", cwd=folder)


def shown(cairn, version: ssl.TLSVersion | None = None) -> tuple[str, str, str]:
    """Name in the certificate, version, cipher."""
    trust = ssl.create_default_context(cafile=str(cairn.authority))
    if version:
        trust.minimum_version = trust.maximum_version = version
    host, port = cairn.listen.split(":")
    with socket.create_connection((host, int(port)), 10) as plain, trust.wrap_socket(plain, server_hostname=host) as secured:
        subject = dict(pair for part in secured.getpeercert()["subject"] for pair in part)
        return subject["commonName"], secured.version(), secured.cipher()[0]


def hang_up(cairn) -> str:
    """SIGHUP, and what the log says of it."""
    before = cairn.log.stat().st_size
    os.kill(cairn.process.pid, signal.SIGHUP)
    return eventually(lambda: next((text for text in [cairn.log.read_text()[before:]] if "read again" in text or "stays" in text), ""))


@pytest.fixture(scope="module")
def secure(binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    make_authority(folder)
    certify(folder, "first")
    config = f"delivery: {{interval: 1s}}\ntls: {{cert: {folder}/first.pem, key: {folder}/first.key}}\n"
    (folder / "cairn").mkdir()
    running = Cairn(binary, folder / "cairn", config)
    running.authority = folder / "ca.pem"
    with running:
        yield running


def test_the_endpoint_says_https_and_boto3_follows_it(secure):
    assert secure.endpoint.startswith("https://127.0.0.1:")
    s3 = secure.client("s3")
    s3.create_bucket(Bucket="secured")
    body = os.urandom(3 << 20)
    s3.put_object(Bucket="secured", Key="large", Body=body)
    assert s3.get_object(Bucket="secured", Key="large")["Body"].read() == body


def test_the_aws_command_line(secure):
    aws = ROOT / ".deps/venv/bin/aws"
    told = subprocess.run([str(aws), "sts", "get-caller-identity", "--output", "json"], env=secure.aws_environment(), capture_output=True, text=True)
    assert told.returncode == 0 and "111122223333" in told.stdout, told.stderr
    trusting_nobody = {k: v for k, v in secure.aws_environment().items() if k != "AWS_CA_BUNDLE"}
    told = subprocess.run([str(aws), "sts", "get-caller-identity"], env=trusting_nobody, capture_output=True, text=True)
    assert told.returncode != 0 and "SSL" in told.stderr


def test_versions_and_ciphers(secure):
    assert shown(secure) == ("first", "TLSv1.3", "TLS_AES_128_GCM_SHA256")
    assert shown(secure, ssl.TLSVersion.TLSv1_2)[1:] == ("TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256")
    host, port = secure.listen.split(":")
    # Python's own floor may be higher than this: OpenSSL's client has none when told so.
    for version in ("-tls1", "-tls1_1"):
        asked = subprocess.run(["openssl", "s_client", version, "-cipher", "ALL:@SECLEVEL=0", "-connect", f"{host}:{port}"],
                               stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert asked.returncode != 0 and "Cipher is (NONE)" in asked.stdout, asked.stdout
    weak = subprocess.run(["openssl", "s_client", "-tls1_2", "-cipher", "AES128-SHA:AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0",
                           "-connect", f"{host}:{port}"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert weak.returncode != 0 and "Cipher is (NONE)" in weak.stdout, weak.stdout


def test_a_key_that_the_caller_brings_is_the_only_one_that_reads(secure):
    s3 = secure.client("s3")
    s3.create_bucket(Bucket="own-keys")
    with_key, with_another = ({"SSECustomerAlgorithm": "AES256", "SSECustomerKey": letter * 32} for letter in "xy")
    assert s3.put_object(Bucket="own-keys", Key="a", Body=b"eggs", **with_key)["SSECustomerAlgorithm"] == "AES256"
    assert s3.get_object(Bucket="own-keys", Key="a", **with_key)["Body"].read() == b"eggs"
    for wrong, code in ((with_another, "AccessDenied"), ({}, "InvalidRequest")):
        with pytest.raises(ClientError) as refused:
            s3.get_object(Bucket="own-keys", Key="a", **wrong)
        assert refused.value.response["Error"]["Code"] == code
    dumped = json.dumps(secure.journal())
    assert '"SSEApplied": "SSE_C"' in dumped
    assert "x" * 32 not in dumped and base64.b64encode(b"x" * 32).decode() not in dumped


def test_a_key_in_a_presigned_query_is_refused_and_in_no_record(secure):
    secure.client("s3").create_bucket(Bucket="in-queries")
    secret = base64.b64encode(b"z" * 32).decode()
    for name in ("x-amz-server-side-encryption-customer-key", "X-Amz-Server-Side-Encryption-Customer-Key", "x-amz-copy-source-server-side-encryption-customer-key"):
        for method in ("PUT", "GET"):
            request = AWSRequest(method=method, url=f"{secure.endpoint}/in-queries/a", params={name: secret})
            S3SigV4QueryAuth(secure.session().get_credentials(), "s3", "us-east-1", 60).add_auth(request)
            with urllib3.PoolManager(ca_certs=str(secure.authority)) as pool:
                answer = pool.request(method, request.prepare().url, body=b"eggs" if method == "PUT" else None, retries=False)
            assert answer.status == 400 and b"<Code>InvalidArgument</Code>" in answer.data, answer.data
            assert secret.encode() not in answer.data
    recorded = [e["record"] for e in secure.journal() if e["kind"] == "record" and e["record"].get("errorCode") == "InvalidArgument"]
    assert len([r for r in recorded if (r["requestParameters"] or {}).get("bucketName") == "in-queries"]) == 6
    assert secret not in json.dumps(secure.journal()) and secret not in secure.log.read_text()


def test_records_have_tls_details_but_those_of_services_have_none(secure):
    secure.make_trail("tls", "tls-logs")
    records = [e["record"] for e in secure.journal() if e["kind"] == "record"]
    created = next(r for r in records if r["eventName"] == "CreateTrail")
    assert created["tlsDetails"].keys() == {"tlsVersion", "cipherSuite", "clientProvidedHostHeader"}
    assert created["tlsDetails"]["tlsVersion"] == "TLSv1.3" and created["tlsDetails"]["cipherSuite"].startswith("TLS_")
    assert created["tlsDetails"]["clientProvidedHostHeader"] == secure.listen
    bucket = next(r for r in records if r["eventName"] == "CreateBucket")
    assert bucket["additionalEventData"]["CipherSuite"] == bucket["tlsDetails"]["cipherSuite"]
    by_services = [r for r in records if r["userIdentity"]["type"] == "AWSService"]
    assert by_services and not any("tlsDetails" in r for r in by_services)


def test_each_object_that_one_call_deletes_has_tls_details(secure):
    s3 = secure.client("s3")
    s3.create_bucket(Bucket="deletions")
    for key in ("a", "b"):
        s3.put_object(Bucket="deletions", Key=key, Body=b"egg")
    s3.delete_objects(Bucket="deletions", Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]})

    def deletions():
        records = [e["record"] for e in secure.journal() if e["kind"] == "record" and e["record"]["eventName"].startswith("DeleteObject")]
        return len(records) == 3 and records
    details = [record["tlsDetails"] for record in eventually(deletions)]
    assert details == [details[0]] * 3 and details[0]["tlsVersion"] == "TLSv1.3"


def deny_plain(bucket: str) -> str:
    return f"""{{"Version": "2012-10-17", "Statement": [{{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::{bucket}/*", "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}}]}}"""


def test_secure_transport_is_what_policies_say(secure, shared):
    for cairn, allowed in ((secure, True), (shared, False)):
        s3 = cairn.client("s3")
        s3.create_bucket(Bucket="only-tls")
        s3.put_bucket_policy(Bucket="only-tls", Policy=deny_plain("only-tls"))
        try:
            s3.put_object(Bucket="only-tls", Key="a", Body=b"x")
            assert allowed
        except ClientError as error:
            assert not allowed and error.response["Error"]["Code"] == "AccessDenied"


def test_plain_http_is_answered_in_words_and_closed(secure):
    host, port = secure.listen.split(":")
    with socket.create_connection((host, int(port)), 10) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = b""
        while chunk := plain.recv(4096):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 400 ") and b"https://" in answer


def test_a_new_certificate_is_shown_at_once_and_a_bad_pair_never(secure, tmp_path_factory):
    folder = secure.folder.parent
    s3 = secure.client("s3")
    s3.list_buckets()  # keeps its connection
    (folder / "first.pem").write_text("no certificate\n")
    said = hang_up(secure)
    assert "the old one stays" in said and "first.pem" in said, said
    assert shown(secure)[0] == "first"

    certify(folder, "second", ("rsa:2048",))
    (folder / "first.pem").write_bytes((folder / "second.pem").read_bytes())
    said = hang_up(secure)  # the key is another's
    assert "the old one stays" in said and "first.key" in said, said
    assert shown(secure)[0] == "first"

    (folder / "first.key").write_bytes((folder / "second.key").read_bytes())
    said = hang_up(secure)
    assert "configuration read again" in said and "valid_until" in said, said
    assert shown(secure)[0] == "second"
    assert shown(secure, ssl.TLSVersion.TLSv1_2)[2] == "ECDHE-RSA-AES128-GCM-SHA256"
    assert secure.client("sts").get_caller_identity()["Account"] == "111122223333"
    s3.list_buckets()


def test_flags_name_the_pair_and_half_a_pair_is_refused(binary, secure, tmp_path):
    folder = secure.folder.parent
    command = [str(binary), "check-config", "--tls-cert", str(folder / "ca.pem")]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CAIRN_")}
    told = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert told.returncode != 0 and "tls.key: is not set" in told.stderr
    told = subprocess.run([*command, "--tls-key", str(folder / "ca.key")], capture_output=True, text=True, env=environment)
    assert told.returncode == 0 and f"cert: {folder}/ca.pem" in told.stdout
    told = subprocess.run([str(binary), "serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0", "--reserve", "1MiB", "--tls-cert", "/nowhere.pem",
                           "--tls-key", "/nowhere.key"], capture_output=True, text=True, env=environment, timeout=60)
    assert told.returncode != 0 and "/nowhere.pem" in told.stderr
