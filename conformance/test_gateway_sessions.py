"""Temporary credentials that an upstream's STS hands out through the gateway: who signs with them is who they were given to."""

import datetime

import boto3
import pytest
from botocore.config import Config
from cairn import REGION, Cairn, code_of
from upstream import Upstream, ok, read_body

ROLE = "arn:aws:iam::210987654321:role/birds/Falcon"
SESSION = "arn:aws:sts::210987654321:assumed-role/Falcon/nightly"
KEY, SECRET, TOKEN = "ASIAKESTREL000000001", "the/secret+of+the/session", "the-token=="
ANSWER = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><AssumedRoleId>AROAKESTREL0EXAMPLE:nightly</AssumedRoleId><Arn>{session}</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{token}</SessionToken>
<Expiration>{expires}</Expiration></Credentials></AssumeRoleResult>
<ResponseMetadata><RequestId>of-the-upstream</RequestId></ResponseMetadata></AssumeRoleResponse>"""


def gives(lifetime: int, status: int = 200):
    """Answers as STS does; to others as ever."""
    def answer(request):
        if request.command != "POST":
            return ok(request)
        read_body(request)
        expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=lifetime)
        body = ANSWER.format(session=SESSION, key=KEY, secret=SECRET, token=TOKEN, expires=expires.strftime("%Y-%m-%dT%H:%M:%SZ")).encode()
        request.send_response(status)
        request.send_header("Content-Type", "text/xml")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


@pytest.fixture
def far():
    with Upstream(gives(3600)) as one:
        yield one


@pytest.fixture
def cairn(binary, tmp_path, far):
    with Cairn(binary, tmp_path, f'gateway: {{upstreams: {{s3: "{far.url}", sts: "{far.url}"}}}}\n') as running:
        yield running


def assume(cairn):
    return cairn.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="nightly")


def holder(cairn, key=KEY, secret=SECRET, token=TOKEN):
    """S3 as whoever has these credentials sees it."""
    session = boto3.Session(key, secret, token, region_name=REGION)
    return session.client("s3", endpoint_url=cairn.endpoint, config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}))


def test_the_record_says_whose_session_it_is(cairn, far):
    assert code_of(holder(cairn).delete_object, Bucket="finch", Key="before") == "InvalidToken"
    assert assume(cairn)["Credentials"]["AccessKeyId"] == KEY
    holder(cairn).put_object(Bucket="finch", Key="egg", Body=b"x")
    record = next(e["record"] for e in cairn.journal() if e.get("record", {}).get("eventName") == "PutObject")
    who = record["userIdentity"]
    issued = who["sessionContext"].pop("attributes")
    assert who == {
        "type": "AssumedRole", "principalId": "AROAKESTREL0EXAMPLE:nightly", "arn": SESSION, "accountId": "210987654321", "accessKeyId": KEY,
        "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": "AROAKESTREL0EXAMPLE", "arn": ROLE, "accountId": "210987654321",
                                             "userName": "Falcon"}}}
    assert issued["mfaAuthenticated"] == "false" and issued["creationDate"].startswith("20")
    assert "identityVerified" not in record.get("additionalEventData", {})
    everything = "\n".join(path.read_bytes().decode("latin-1") for path in cairn.data.rglob("*") if path.is_file())
    assert SECRET not in everything


def test_nobody_else_is_taken_for_him(cairn, far):
    assume(cairn)
    far.seen.clear()
    assert code_of(holder(cairn, secret="another").delete_object, Bucket="finch", Key="x") == "SignatureDoesNotMatch"
    assert code_of(holder(cairn, token="another").delete_object, Bucket="finch", Key="x")
    assert code_of(holder(cairn, token=None).delete_object, Bucket="finch", Key="x")
    assert not far.seen
    cairn.stop()
    cairn.start()  # nothing of it lay on the disk
    assert code_of(holder(cairn).delete_object, Bucket="finch", Key="x")
    assume(cairn)
    assert code_of(holder(cairn).delete_object, Bucket="finch", Key="x") == ""


def test_credentials_end(cairn, far):
    far.answer = gives(-60)
    assume(cairn)
    assert code_of(holder(cairn).delete_object, Bucket="finch", Key="x") == "ExpiredToken"
