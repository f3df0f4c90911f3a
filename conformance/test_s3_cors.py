"""Pages of other origins: a bucket's own rules say what a browser may do, and reach nothing else."""

import urllib.error
import urllib.request
import uuid

import pytest

RULES = [
    {"AllowedOrigins": ["https://*.example.org"], "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["x-amz-*", "content-type"],
     "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60},
    {"AllowedOrigins": ["*"], "AllowedMethods": ["HEAD"]},
]


@pytest.fixture
def bucket(shared):
    name = f"cors-{uuid.uuid4().hex[:12]}"
    shared.client("s3").create_bucket(Bucket=name)
    return name


def ask(url: str, method: str = "OPTIONS", data: bytes | None = None, **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data, method=method, headers=named)) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def preflight(url: str, origin: str, method: str, headers: str = ""):
    more = {"Access_Control_Request_Headers": headers} if headers else {}
    return ask(url, Origin=origin, Access_Control_Request_Method=method, **more)


def test_a_browser_puts_and_gets_by_a_presigned_url(shared, bucket):
    s3 = shared.client("s3")
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    where = {"Bucket": bucket, "Key": "a b/ü"}
    put = s3.generate_presigned_url("put_object", where | {"ContentType": "text/plain"})
    get = s3.generate_presigned_url("get_object", where)
    page = "https://app.example.org"
    status, headers, body = preflight(put, page, "PUT", "Content-Type, X-Amz-Meta-Team")
    assert (status, body) == (200, b"")
    assert headers["Access-Control-Allow-Origin"] == page
    assert headers["Access-Control-Allow-Methods"] == "GET, PUT"
    assert headers["Access-Control-Allow-Headers"] == "content-type, x-amz-meta-team"
    assert headers["Access-Control-Max-Age"] == "60" and headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in headers["Vary"] and headers["x-amz-request-id"]
    for data, method, url, more in ((b"from a page", "PUT", put, {"Content_Type": "text/plain"}), (None, "GET", get, {})):
        status, headers, body = ask(url, method, data, Origin=page, **more)
        assert status == 200 and headers["Access-Control-Allow-Origin"] == page and headers["Access-Control-Expose-Headers"] == "ETag"
    assert body == b"from a page"
    status, headers, _ = ask(get, "GET", Origin="https://elsewhere.test")
    assert status == 200 and not [name for name in headers if name.lower().startswith("access-control")]
    assert not [name for name in ask(get, "GET")[1] if name.lower().startswith("access-control")]
    _, headers, _ = ask(s3.generate_presigned_url("head_object", where), "HEAD", Origin="https://elsewhere.test")
    assert headers["Access-Control-Allow-Origin"] == "*" and "Access-Control-Allow-Credentials" not in headers
    status, headers, _ = ask(get.replace("Signature=", "Signature=0"), "GET", Origin=page)
    assert status == 403 and headers["Access-Control-Allow-Origin"] == page, "a page may read why it was refused"


def test_what_no_rule_allows(shared, bucket):
    url = f"{shared.endpoint}/{bucket}/key"
    page = "https://app.example.org"

    def refusal(*asked: str) -> tuple[int, bytes]:
        status, headers, body = preflight(*asked)
        assert not [name for name in headers if name.lower().startswith("access-control")]
        return status, body

    status, body = refusal(url, page, "GET")
    assert status == 403 and b"<Code>AccessForbidden</Code><Message>CORSResponse: CORS is not enabled for this bucket.</Message>" in body
    shared.client("s3").put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    assert preflight(url, page, "GET")[0] == 200
    for asked in ((page, "DELETE"), ("https://example.org", "GET"), (page, "GET", "authorization"), ("https://x.example.org.test", "GET")):
        status, body = refusal(url, *asked)
        assert status == 403 and b"CORSResponse: This CORS request is not allowed." in body and b"<ResourceType>OBJECT</ResourceType>" in body
    assert b"Bucket not found" in refusal(f"{shared.endpoint}/{bucket}-none", page, "GET")[1]
    status, _, body = ask(url)
    assert status == 400 and b"Origin request header needed" in body
    status, _, body = ask(url, Origin=page)
    assert status == 400 and b"Access-Control-Request-Method" in body
    shared.client("s3").delete_bucket_cors(Bucket=bucket)
    assert refusal(url, page, "GET")[0] == 403


def test_the_endpoint_itself_takes_any_origin(shared):
    status, headers, _ = preflight(shared.endpoint, "https://anywhere.test", "POST", "x-amz-target")
    assert status == 200 and headers["Access-Control-Allow-Origin"] == "*" and headers["Access-Control-Allow-Headers"] == "x-amz-target"
    status, headers, _ = ask(f"{shared.endpoint}/", "POST", b"{}", Origin="https://anywhere.test", X_Amz_Target="CloudTrail_20131101.DescribeTrails",
                             Content_Type="application/x-amz-json-1.1")
    assert status == 400 and headers["Access-Control-Allow-Origin"] == "*"
