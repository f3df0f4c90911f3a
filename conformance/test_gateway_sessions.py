"""Temporary credentials that an upstream's STS hands out through the gateway: who signs with them is who they were given to."""

import datetime
import http.client
import json
import urllib.parse

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from cairn import REGION, Cairn, code_of
from upstream import Upstream, ok, read_body

ROLE = "arn:aws:iam::210987654321:role/birds/Falcon"
SESSION = "arn:aws:sts::210987654321:assumed-role/Falcon/nightly"
KEY, SECRET, TOKEN = "ASIAKESTREL000000001", "the/secret+of+the/session", "the-token=="
USER = "<AssumedRoleUser><AssumedRoleId>AROAKESTREL0EXAMPLE:nightly</AssumedRoleId><Arn>{session}</Arn></AssumedRoleUser>"
# As radosgw writes it: with the role's path, and another name of its id.
CEPHS_USER = "<AssumedRoleUser><Arn>{session}</Arn><AssumeRoleId>AROAKESTREL0EXAMPLE:nightly</AssumeRoleId></AssumedRoleUser>"
ANSWER = """<{operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{operation}Result>{user}
<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{token}</SessionToken>
<Expiration>{expires}</Expiration></Credentials></{operation}Result>
<ResponseMetadata><RequestId>of-the-upstream</RequestId></ResponseMetadata></{operation}Response>"""
ASK = urllib.parse.urlencode({"Version": "2011-06-15", "RoleArn": ROLE, "RoleSessionName": "nightly", "WebIdentityToken": "word"})
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def write(request, operation: str, lifetime: int = 3600, user: str = USER, session: str = SESSION) -> None:
    expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=lifetime)
    text = ANSWER.format(operation=operation, user=user.format(session=session) if operation.startswith("AssumeRole") else "",
                         key=KEY, secret=SECRET, token=TOKEN, expires=expires.strftime("%Y-%m-%dT%H:%M:%SZ"))
    request.send_response(200)
    request.send_header("Content-Type", "text/xml")
    request.send_header("Content-Length", str(len(text)))
    request.end_headers()
    request.wfile.write(text.encode())


def gives(**answer):
    """Answers POST as STS does; others as ever."""
    def to(request):
        if request.command != "POST":
            return ok(request)
        form = urllib.parse.parse_qs(request.rfile.read(int(request.headers["Content-Length"])).decode())
        write(request, form["Action"][0], **answer)

    return to


@pytest.fixture
def far():
    with Upstream(gives()) as one:
        yield one


def in_front(s3, sts, more: str = "") -> str:
    return f'gateway: {{upstreams: {{s3: "{s3.url}", sts: "{sts.url}"}}{more}}}\n'


@pytest.fixture
def cairn(binary, tmp_path, far):
    with Cairn(binary, tmp_path, in_front(far, far)) as running:
        yield running


def assume(cairn):
    return cairn.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="nightly")


def holder(cairn, key=KEY, secret=SECRET, token=TOKEN):
    """S3 as whoever has these credentials sees it."""
    session = boto3.Session(key, secret, token, region_name=REGION)
    return session.client("s3", endpoint_url=cairn.endpoint, config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}))


def tries(cairn, **credentials) -> str:
    return code_of(holder(cairn, **credentials).delete_object, Bucket="finch", Key="x")


def record_of(cairn, name: str) -> dict:
    return next(e["record"] for e in cairn.journal() if e.get("record", {}).get("eventName") == name)


@pytest.mark.parametrize("user, session", [(USER, SESSION), (CEPHS_USER, SESSION.replace("Falcon", "birds/Falcon"))], ids=["aws", "ceph"])
def test_the_record_says_whose_session_it_is(cairn, far, user, session):
    far.answer = gives(user=user, session=session)
    assert tries(cairn) == "InvalidToken"
    assert assume(cairn)["Credentials"]["AccessKeyId"] == KEY
    holder(cairn).put_object(Bucket="finch", Key="egg", Body=b"x")
    record = record_of(cairn, "PutObject")
    who = record["userIdentity"]
    issued = who["sessionContext"].pop("attributes")
    assert who == {
        "type": "AssumedRole", "principalId": "AROAKESTREL0EXAMPLE:nightly", "arn": session, "accountId": "210987654321", "accessKeyId": KEY,
        "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": "AROAKESTREL0EXAMPLE", "arn": ROLE, "accountId": "210987654321",
                                             "userName": "Falcon"}}}
    assert issued["mfaAuthenticated"] == "false" and issued["creationDate"].startswith("20")
    assert "identityVerified" not in record.get("additionalEventData", {})
    everything = json.dumps(cairn.journal()) + cairn.log.read_text()
    assert KEY in everything and SECRET not in everything


def test_nobody_else_is_taken_for_him(cairn, far):
    assume(cairn)
    far.seen.clear()
    assert tries(cairn, secret="another") == "SignatureDoesNotMatch"
    assert tries(cairn, token="another")
    assert tries(cairn, token=None)
    assert not far.seen
    cairn.stop()
    cairn.start()  # nothing of it lay on the disk
    assert tries(cairn)
    assume(cairn)
    assert tries(cairn) == ""


def test_credentials_end(cairn, far):
    far.answer = gives(lifetime=-60)
    assume(cairn)
    assert tries(cairn) == "ExpiredToken"


def ask(cairn, method: str, target: str, body: str = "", headers: dict | None = None, signed: bool = True) -> int:
    request = AWSRequest(method, cairn.endpoint + target, data=body, headers=dict(headers or {}))
    if signed:
        SigV4Auth(cairn.session().get_credentials(), "sts", REGION).add_auth(request)
    connection = http.client.HTTPConnection(cairn.listen, timeout=60)
    try:
        connection.request(method, target, body.encode(), dict(request.headers))
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def reached(target: str) -> int:
    """Elsewhere than at the root an Action is two calls in one."""
    return 200 if target.startswith("/?") or target == "/" else 400


def stores(operation: str):
    """Has what somebody put there: an answer as of STS."""
    def to(request):
        read_body(request)
        write(request, operation) if request.command in ("GET", "POST") else ok(request)

    return to


@pytest.mark.parametrize("method, target, body, headers", [
    ("GET", f"/his-bucket/x?Action=AssumeRole&{ASK}", "", {}),
    ("GET", f"/?Action=AssumeRole&{ASK}", "", {}),
    ("POST", "/his-bucket/x", f"Action=AssumeRole&{ASK}", FORM),
    ("POST", f"/?Action=AssumeRole&{ASK}", "", FORM),
    ("POST", "/?x", f"Action=AssumeRole&{ASK}", FORM),
    ("POST", "/", f"Action=AssumeRole&{ASK}", FORM | {"Host": "his-bucket.s3.amazonaws.com"}),
    ("POST", "/", f"Action=AssumeRole&{ASK}", FORM | {"X-HTTP-Method-Override": "GET"}),
])
def test_a_stored_object_makes_no_session_for_who_signs_it_for_sts(cairn, far, method, target, body, headers):
    far.answer = stores("AssumeRole")
    assert ask(cairn, method, target, body, headers) == reached(target)
    assert tries(cairn) == "InvalidToken"


def test_a_call_that_may_make_a_session_by_hand(cairn, far):
    """That those above could have."""
    assert ask(cairn, "POST", "/", f"Action=AssumeRole&{ASK}", FORM) == 200
    assert tries(cairn) == ""


def test_a_role_that_is_named_twice_makes_no_session(cairn, far):
    other = urllib.parse.urlencode({"RoleArn": ROLE.replace("birds", "owls")})
    assert ask(cairn, "POST", "/", f"Action=AssumeRole&{ASK}&{other}", FORM) == 200
    assert tries(cairn) == "InvalidToken"


@pytest.mark.parametrize("path", ["/", "/public/x"])
def test_a_stored_object_makes_no_session_for_who_signs_nothing(binary, tmp_path, far, path):
    far.answer = stores("AssumeRole")
    with Cairn(binary, tmp_path, in_front(far, far, ", unverified: relay")) as cairn:
        target = f"{path}?%41ction=AssumeRole&{ASK}"
        assert ask(cairn, "GET", target, signed=False) == reached(target)
        assert tries(cairn) == ""
        record = record_of(cairn, "DeleteObject")
        assert record["userIdentity"]["type"] != "AssumedRole" and record["additionalEventData"]["identityVerified"] is False


@pytest.mark.parametrize("path", ["/", "/public/x"])
def test_a_stored_object_makes_no_session_under_the_name_of_sts(cairn, far, path):
    far.answer = stores("AssumeRoleWithWebIdentity")
    target = f"{path}?Action=AssumeRoleWithWebIdentity&{ASK}"
    assert ask(cairn, "GET", target, headers={"Host": "sts.amazonaws.com"}, signed=False) == reached(target)
    assert tries(cairn) == "InvalidToken"
    assert ask(cairn, "POST", "/", f"Action=AssumeRoleWithWebIdentity&{ASK}", FORM, signed=False) == 200  # while STS itself is believed
    assert tries(cairn) == ""


def test_a_session_is_its_upstreams_alone(binary, tmp_path, far):
    with Upstream() as other, Cairn(binary, tmp_path, in_front(other, far)) as cairn:
        assume(cairn)
        assert tries(cairn) == "InvalidToken" and not other.seen


def test_a_users_session_ends_with_his_key(cairn, far):
    iam = cairn.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION).client("sts", endpoint_url=cairn.endpoint)
    ann.get_session_token()
    assert tries(cairn) == ""
    who = record_of(cairn, "DeleteObject")["userIdentity"]
    assert (who["type"], who["userName"], who["accessKeyId"]) == ("IAMUser", "ann", KEY)
    this = {"UserName": "ann", "AccessKeyId": key["AccessKeyId"]}
    iam.update_access_key(**this, Status="Inactive")
    assert tries(cairn) == "InvalidAccessKeyId"
    iam.update_access_key(**this, Status="Active")
    assert tries(cairn) == ""
    iam.delete_access_key(**this)
    assert tries(cairn) == "InvalidAccessKeyId"
