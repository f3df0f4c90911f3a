"""docs/reference/coverage.md is true: each operation it calls answered answers, each other gets exactly the error it names.

Every operation of the models is called by botocore with an administrator's signature and as little input as the client can send. What an
answered operation then says of that input does not matter here; only that it does not say that it is not there.
"""

import json
import re

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from cairn import ROOT

PAGE = (ROOT / "docs/reference/coverage.md").read_text()
TITLES = {"cloudtrail": "CloudTrail", "cloudtrail-data": "CloudTrail Data", "iam": "IAM", "sts": "STS", "kms": "KMS", "sns": "SNS", "sqs": "SQS", "organizations": "Organizations", "s3": "S3"}
MODELS = {service: json.loads((ROOT / f"src/aws/models/{service}.json").read_text()) for service in TITLES}
NOT_THERE = {"UnsupportedOperationException", "UnsupportedOperation", "NotImplemented"}


def section(service: str) -> str:
    return PAGE.split(f"## {TITLES[service]}\n")[1].split("\n## ")[0]


def promised(service: str) -> dict[str, str | None]:
    """Operation -> the error the page names; None: it is answered."""
    text = section(service)
    error = (re.findall(r"^Not answered: `(\w+)`", text, re.MULTILINE) or [None])[0]
    found = {name: None for name in re.findall(r"^\| ([A-Z]\w+) \|", text, re.MULTILINE)}
    for group, names in re.findall(r"^- (.*: )?(.*)$", text, re.MULTILINE):
        found |= {name: "404" if "404" in group else error for name in names.split(", ")}
    return found


def least(shapes: dict, name: str) -> object:
    """As little of a shape as can be sent: what is required, and in it empty or short values."""
    shape = shapes[name]
    match shape["type"]:
        case "structure":
            return {member: least(shapes, shape["members"][member]["shape"]) for member in shape.get("required", [])}
        case "list":
            return []
        case "map":
            return {}
        case "string":
            return shape.get("enum", ["some-name"])[0]
        case "boolean":
            return False
        case "timestamp":
            return 0
        case "blob":
            return b""
        case _:
            return 1


def arguments(service: str, operation: str) -> dict:
    described = MODELS[service]["operations"][operation].get("input")
    return least(MODELS[service]["shapes"], described["shape"]) if described else {}


def error_of(cairn, client, service: str, operation: str) -> str | None:
    described = MODELS[service]["operations"][operation]
    if described.get("authtype") == "none":  # clients do not sign it, and who does not sign is told just that
        body = f"Action={operation}&Version={MODELS[service]['metadata']['apiVersion']}".encode()
        _, answer = cairn.signed_post("/", body, {"Content-Type": "application/x-www-form-urlencoded"}, service=service)
        return (re.findall(rb"<Code>(\w+)</Code>", answer) or [b""])[0].decode()
    try:
        client._make_api_call(operation, arguments(service, operation))
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


@pytest.mark.parametrize("service", TITLES)
def test_the_page_is_true(shared, service):
    options = Config(parameter_validation=False, inject_host_prefix=False, s3={"addressing_style": "path"},
                     retries={"max_attempts": 1, "mode": "standard"})
    client = shared.session().client(service, endpoint_url=shared.endpoint, config=options)
    wrong = []
    for operation, error in promised(service).items():
        got = error_of(shared, client, service, operation)
        if (got != error) if error else (got in NOT_THERE):
            wrong.append(f"{operation}: the page says {error or 'answered'}, the answer was {got}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("service", TITLES)
def test_the_page_knows_every_operation(service):
    assert set(promised(service)) == set(MODELS[service]["operations"])


def test_a_refused_operation_is_recorded(cairn):
    client = cairn.client("iam")
    with pytest.raises(ClientError):
        client.create_login_profile(UserName="nobody", Password="x")
    records = [json.loads(event["CloudTrailEvent"]) for event in cairn.lookup_all(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateLoginProfile"}])]
    assert [record["errorCode"] for record in records] == ["UnsupportedOperation"]
