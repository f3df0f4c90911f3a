"""What boto3 sent and got beside what the gateway's record says of it, call by call.

    .deps/venv/bin/python conformance/fidelity.py [--services s3,sqs,…] [--show] [--write] [--binary build/release/cairn]

Each operation that moto's server implements is called once through Cairn's gateway. What a record should have is computed here from
botocore's model of the operation, from the arguments and from what boto3 read of the answer: by another program than the one that wrote it.
--write puts the outcome into docs/fidelity_calls.md.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from cairn import ROOT, Cairn
from fidelity_calls import Call, calls
from moto_server import MotoServer

REGION = "us-east-1"
# Services that Cairn answers itself where no upstream is named.
OURS = ("cloudtrail", "iam", "kms", "organizations", "s3", "sns", "sqs", "sts")
TEXT_MAX = 1024  # of errorMessage
# Verbs of calls that change nothing, and calls that are what their verb does not say (docs/reference/choices.md).
READS = ("BatchGet", "Check", "Compare", "Count", "Describe", "Detect", "Discover", "Estimate", "Get", "Head", "Is", "List", "Lookup", "Preview",
         "Query", "Scan", "Search", "Select", "Test", "Validate", "View")
OTHER_THAN_THE_VERB = {
    ("dynamodb", "TransactGetItems"), ("ecs", "DiscoverPollEndpoint"), ("iam", "GenerateCredentialReport"), ("iam", "GenerateServiceLastAccessedDetails"),
    ("iam", "SimulateCustomPolicy"), ("iam", "SimulatePrincipalPolicy"), ("kms", "Decrypt"), ("kms", "Encrypt"), ("kms", "GenerateDataKey"),
    ("kms", "GenerateDataKeyWithoutPlaintext"), ("kms", "GenerateMac"), ("kms", "GenerateRandom"), ("kms", "ReEncrypt"), ("kms", "Sign"),
    ("kms", "Verify"), ("kms", "VerifyMac"), ("logs", "FilterLogEvents"), ("sts", "AssumeRole"), ("sts", "AssumeRoleWithSAML"),
    ("sts", "AssumeRoleWithWebIdentity"), ("sts", "DecodeAuthorizationMessage"), ("sts", "GetFederationToken"), ("sts", "GetSessionToken"),
}
# Read-only calls whose records show their answers all the same.
SHOWN = {("sts", "AssumeRole"), ("sts", "AssumeRoleWithSAML"), ("sts", "AssumeRoleWithWebIdentity")}
# S3's records have older names for some operations.
NAMES = {("s3", "GetBucketAccelerateConfiguration"): "GetAccelerateConfiguration", ("s3", "PutBucketAccelerateConfiguration"): "PutAccelerateConfiguration",
         ("s3", "GetObjectLockConfiguration"): "GetBucketObjectLockConfiguration", ("s3", "PutObjectLockConfiguration"): "PutBucketObjectLockConfiguration",
         ("s3", "GetPublicAccessBlock"): "GetBucketPublicAccessBlock", ("s3", "PutPublicAccessBlock"): "PutBucketPublicAccessBlock",
         ("s3", "DeletePublicAccessBlock"): "DeleteBucketPublicAccessBlock", ("s3", "ListObjectsV2"): "ListObjects"}
# Services whose records lay members out in their own way: there it is the leaf's name, as the model or the wire has it, and its value
# that count.
OWN_FORMS = {"s3", "ec2", "s3control", "sqs", "apigateway", "rds", "redshift", "elasticache", "neptune", "docdb"}
# And in EC2's, where lists are sets of items and some members have other names, the value alone.
BY_VALUE = {"ec2"}
# Event sources that are no name of the service, by real records; calls that CloudTrail does not record.
SOURCES = {"mq": "amazonmq"}
UNRECORDED = {("logs", "PutLogEvents")}
WIRE_NAMES = {"bucket": ["bucketname"]}
MARKS = {"HIDDEN_DUE_TO_SECURITY_REASONS", "****", "***", "<sensitiveDataRemoved>"}


@dataclass
class Leaf:
    path: tuple[str, ...]
    value: str | None  # None: any
    wire: str = ""  # what the member is called on the wire

    @property
    def name(self) -> str:
        return self.path[-1]


@dataclass
class Expected:
    leaves: list[Leaf] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)


def plain(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(float(value)).removesuffix(".0")
    return value if isinstance(value, str) else None


def collect(shape: Shape | None, value: object, path: tuple[str, ...], out: Expected, secret: bool = False) -> None:
    """The leaves of arguments or of an answer, by member names, and the values that no record may have."""
    if shape is None or value is None:
        return
    secret = secret or bool(shape.metadata.get("sensitive") or shape.serialization.get("sensitive"))
    if isinstance(shape, StructureShape):
        if shape.is_document_type or not isinstance(value, dict):
            return
        for name, member in shape.members.items():
            if name in value and not member.serialization.get("streaming"):
                collect(member, value[name], (*path, member_name(name)), out, secret)
    elif isinstance(shape, ListShape):
        for one in value:
            collect(shape.member, one, path, out, secret)
    elif isinstance(shape, MapShape):
        for key, one in value.items():
            collect(shape.value, one, (*path, key), out, secret)
    elif shape.type_name == "blob" or not path:
        return
    elif secret:
        if isinstance(value, str) and len(value) > 8:
            out.secrets.append(value)
    else:
        out.leaves.append(Leaf(path, plain(value), shape.serialization.get("name", "")))


def member_name(name: str) -> str:
    return name[:1].lower() + name[1:]


def flatten(value: object, path: tuple[str, ...] = ()) -> list[Leaf]:
    if isinstance(value, dict):
        return [leaf for name, one in value.items() for leaf in flatten(one, (*path, name))]
    if isinstance(value, list):
        return [leaf for one in value for leaf in flatten(one, path)]
    return [Leaf(path, plain(value))]


@dataclass
class Done:
    number: int
    call: Call
    model: OperationModel
    answer: dict | None
    error: ClientError | None

    def status(self) -> int:
        return (self.answer or self.error.response)["ResponseMetadata"]["HTTPStatusCode"]

    def code(self) -> str:
        return self.error.response["Error"].get("Code", "?") if self.error else ""


@dataclass
class Result:
    call: Call
    wrong: list[str]
    code: str  # of the answer; "" if it went well


class Comparison:
    """One call and its record: what of it is not right."""

    def __init__(self, done: Done, record: dict):
        self.call, self.model, self.answer, self.error, self.record = done.call, done.model, done.answer, done.error, record

    def wrong(self) -> list[str]:
        found = [self.event_source(), self.event_name(), self.read_only(), self.error_of(), *self.parameters(), *self.response()]
        return [one for one in found if one]

    def key(self) -> tuple[str, str]:
        return self.call.service, self.call.operation

    def event_source(self) -> str:
        source = self.record["eventSource"].removesuffix(".amazonaws.com")
        service = self.model.service_model
        names = {service.signing_name, service.endpoint_prefix, self.call.service, SOURCES.get(self.call.service)}
        return "" if source in names else f"eventSource {self.record['eventSource']}"

    def event_name(self) -> str:
        name, wanted = self.record["eventName"], NAMES.get(self.key(), self.call.operation)
        undated = re.sub(r"(20\d{6}(v\d)?|\d{4}_\d\d_\d\d)$", "", name)
        return "" if wanted in (name, undated) else f"eventName {name}"

    def read_only(self) -> str:
        verb = re.match(r"BatchGet|[A-Z][a-z]*", self.call.operation)
        reads = (verb is not None and verb[0] in READS) != (self.key() in OTHER_THAN_THE_VERB)
        return "" if self.record["readOnly"] == reads else f"readOnly {self.record['readOnly']}"

    def error_of(self) -> str:
        code, message = self.record.get("errorCode", ""), self.record.get("errorMessage", "")
        if self.error is None:
            return f"errorCode {code} of a call that went well" if code else ""
        said = self.error.response["Error"]
        bare = code.removeprefix("Client.").removeprefix("Server.")
        names = {said.get("Code", ""), type(self.error).__name__, *self.exception_names(said.get("Code", ""))}
        # boto3 has no more than the status of an answer to HEAD, which has no body.
        if self.model.http["method"] != "HEAD" and bare not in names | ({"AccessDenied"} & {name.removesuffix("Exception") for name in names}):
            return f"errorCode {code!r}, not {said.get('Code')!r}"
        wanted = said.get("Message") or ""
        return "" if message == wanted or self.model.http["method"] == "HEAD" or (len(wanted.encode()) > TEXT_MAX and message) else f"errorMessage {message[:60]!r}, not {wanted[:60]!r}"

    def exception_names(self, code: str) -> list[str]:
        return [shape.name for shape in self.model.service_model.error_shapes if shape.metadata.get("error", {}).get("code", shape.name) == code]

    def parameters(self) -> list[str]:
        expected = Expected()
        collect(self.model.input_shape, self.call.arguments, (), expected)
        return self.compare("requestParameters", expected)

    def response(self) -> list[str]:
        expected = Expected()
        if self.error is None and (not self.record["readOnly"] or self.key() in SHOWN):
            collect(self.model.output_shape, self.answer, (), expected)
        elif self.record["responseElements"] is not None:
            return ["responseElements of a call that changed nothing"]
        return self.compare("responseElements", expected)

    def compare(self, member: str, expected: Expected) -> list[str]:
        there = flatten(self.record[member]) if self.record[member] is not None else []
        names = {leaf.name.lower() for leaf in there}
        values = {(leaf.name.lower(), leaf.value) for leaf in there}
        paths = {(tuple(p.lower() for p in leaf.path), leaf.value) for leaf in there}
        by_path = self.call.service not in OWN_FORMS
        wrong = []
        for leaf in expected.leaves:
            wire = [leaf.name.lower(), leaf.wire.lower(), *WIRE_NAMES.get(leaf.name, [])]
            if leaf.value is None:
                right = any(name in names for name in wire)
            elif by_path:
                right = (tuple(p.lower() for p in leaf.path), leaf.value) in paths
            elif self.call.service in BY_VALUE:
                right = leaf.value in {value for _, value in values}
            else:
                right = any((name, leaf.value) in values for name in wire)
            if not right and not hidden(there, leaf):
                wrong.append(f"{member}.{'.'.join(leaf.path)}")
        text = json.dumps(self.record[member])
        wrong += [f"{member} shows a secret" for secret in expected.secrets if secret in text or base64.b64encode(secret.encode()).decode() in text]
        return wrong[:3]


def hidden(there: list[Leaf], leaf: Leaf) -> bool:
    return any(one.name.lower() == leaf.name.lower() and one.value in MARKS for one in there)


class Runner:
    """Makes calls one after another, each with its number in its user agent, by which its records are found afterwards."""

    def __init__(self, cairn: Cairn):
        self.cairn = cairn
        self.session: boto3.Session = cairn.session()
        self.clients: dict[str, object] = {}
        self.number = 0

    def client(self, service: str):
        if service not in self.clients:
            config = Config(retries={"total_max_attempts": 1}, read_timeout=60, inject_host_prefix=False, s3={"addressing_style": "path"},
                            signature_version="s3v4" if service == "s3" else None)
            client = self.session.client(service, endpoint_url=self.cairn.endpoint, config=config, region_name=REGION)
            client.meta.events.register("before-send", self._name)
            self.clients[service] = client
        return self.clients[service]

    def _name(self, request, **_: object) -> None:
        request.headers["User-Agent"] = f"Boto3 call/{self.number}"  # no part of the signature

    def run(self, call: Call) -> Done | None:
        """None: boto3 did not send it, or could not read the answer, or moto failed: an HTML page, of which boto3 makes nothing."""
        self.number += 1
        client = self.client(call.service)
        model = client.meta.service_model.operation_model(call.operation)
        try:
            done = Done(self.number, call, model, getattr(client, xform_name(call.operation))(**call.arguments), None)
        except ClientError as error:
            done = Done(self.number, call, model, None, error)
        except (BotoCoreError, ResponseParserError, ValueError, KeyError, TypeError):
            return None
        return done if done.status() < 500 else None

    def records(self, since: str) -> dict[int, list[dict]]:
        found: dict[int, list[dict]] = defaultdict(list)
        for record in trail_since(self.cairn, since):
            if number := re.search(r"call/(\d+)", record.get("userAgent", "")):
                found[int(number[1])].append(record)
        return found


def trail_since(cairn: Cairn, since: str) -> list[dict]:
    status, body = cairn.signed_post("/_cairn/tail", json.dumps({"since": since, "follow": False}).encode())
    assert status == 200, body
    return [line["record"] for line in map(json.loads, body.splitlines()) if "record" in line]


def judge(done: Done, records: list[dict]) -> Result:
    if len(records) != 1:
        return Result(done.call, [f"{len(records)} records"], done.code())
    return Result(done.call, Comparison(done, records[0]).wrong(), done.code())


def report(results: list[Result], skipped: int) -> str:
    right = [result for result in results if not result.wrong]
    services = {result.call.service for result in results}
    lines = [f"{len(results)} operations of {len(services)} services called, {len(right)} right ({100 * len(right) / max(len(results), 1):.2f} %), "
             f"{sum(1 for result in results if not result.code)} of them answered without an error; {skipped} that boto3 did not send or moto failed at"]
    reasons = Counter(one.split(".")[0].split(" ")[0] for result in results for one in result.wrong)
    lines += [f"  {count} {reason}" for reason, count in reasons.most_common()]
    return "\n".join(lines)


def measure(binary: Path, services: list[str] | None, limit: int | None = None) -> tuple[list[Result], int]:
    with tempfile.TemporaryDirectory(prefix="cairn-") as folder, MotoServer(Path(folder)) as moto:
        upstreams = ", ".join(f'"{service}": "{moto.url}"' for service in (*OURS, "*"))
        with Cairn(binary, Path(folder), f"gateway: {{upstreams: {{{upstreams}}}}}\n") as cairn:
            runner = Runner(cairn)
            made = [runner.run(call) for call in calls(services)[:limit] if (call.service, call.operation) not in UNRECORDED]
            records = runner.records("1h")
            return [judge(done, records[done.number]) for done in made if done], made.count(None)


PAGE = ROOT / "docs/fidelity_calls.md"


def page(results: list[Result], skipped: int) -> str:
    right = sum(1 for result in results if not result.wrong)
    lines = ["# Relayed calls, beside what boto3 sent and got", "",
             "Written by `conformance/fidelity.py --write`; do not edit. Every operation that moto's server implements and whose required inputs can be made from",
             "botocore's model is called once through the gateway; the record is compared with what boto3 sent and got: source, name, readOnly, parameters, error, the",
             "answer's members, and that no secret is in it. Beside AWS's own records: [fidelity.md](fidelity.md).", "",
             f"{len(results)} operations of {len({result.call.service for result in results})} services, {right} right "
             f"({100 * right / max(len(results), 1):.2f} %); {sum(1 for result in results if not result.code)} were answered without an error. Not counted: {skipped} that",
             "boto3 did not send, or at which moto itself failed.", "", "| not right | what |", "|---|---|"]
    lines += [f"| {result.call.service} {result.call.operation} | {'; '.join(result.wrong)} |" for result in results if result.wrong]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/release/cairn")
    parser.add_argument("--show", action="store_true", help="each operation that is not right")
    parser.add_argument("--write", action="store_true", help="into docs/fidelity_calls.md")
    arguments = parser.parse_args()
    results, skipped = measure(arguments.binary, arguments.services.split(",") if arguments.services else None, arguments.limit)
    if arguments.show:
        for result in results:
            if result.wrong:
                print(f"{result.call.service} {result.call.operation}: {'; '.join(result.wrong)}")
    print(report(results, skipped))
    if arguments.write:
        PAGE.write_text(page(results, skipped))


if __name__ == "__main__":
    main()
