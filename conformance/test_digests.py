"""Digest files: `aws cloudtrail validate-logs`, unmodified, believes them; and notices whatever was done to them or to what they list.

One server, digests every two seconds. Each tampering is undone before the next one.
"""

import datetime
import gzip
import json
import time

import pytest
from cairn import REGION, Cairn, bucket_policy, eventually
from audit import Audit, Digests
from test_organization_trails import BUCKET as CENTRAL
from test_organization_trails import NAME as FAMILY
from test_organization_trails import Trails
from test_organizations import CONFIG as ACCOUNTS

ACCOUNT, BUCKET, ELSEWHERE = "111122223333", "logs", "eu-west-1"
DELIVERY = "delivery: {interval: 1s, digest_interval: 2s}\n"
BOTH = (REGION, ELSEWHERE)


def arn_of(name):
    return f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{name}"


def stays(look, quiet=3.0):
    """Waits until what is seen has not changed for a while; and gives it."""
    seen, since = look(), time.monotonic()
    while time.monotonic() - since < quiet:
        time.sleep(0.2)
        now = look()
        if now != seen:
            seen, since = now, time.monotonic()
    return seen


def all_are_listed(files, digests):
    names = digests.all_listed()
    assert len(names) == len(set(names)), "a file is in two digests"
    return sorted(names) == sorted(files)


@pytest.fixture(scope="module")
def made(binary, tmp_path_factory):
    """A trail of all Regions with some digests of two of them, whose bucket refused for a while. It is stopped: nothing changes any more."""
    with Cairn(binary, tmp_path_factory.mktemp("digests"), DELIVERY) as cairn:
        begun = datetime.datetime.now(datetime.UTC)
        trail = cairn.make_trail("trail", IsMultiRegionTrail=True, EnableLogFileValidation=True)
        assert trail["LogFileValidationEnabled"] is True
        s3, cloudtrail = cairn.client("s3"), cairn.client("cloudtrail")
        digests = Digests(s3, BUCKET)
        for turn in range(3):
            before = [len(digests.listed(ACCOUNT, region)) for region in BOTH]
            cairn.client("iam").create_user(UserName=f"ann-{turn}")
            cairn.client("sts", region=ELSEWHERE).get_caller_identity()
            assert eventually(lambda: all(len(digests.listed(ACCOUNT, region)) > many for region, many in zip(BOTH, before))), "in no digest"
        s3.delete_bucket_policy(Bucket=BUCKET)
        status = lambda: cloudtrail.get_trail_status(Name="trail")
        assert eventually(lambda: status().get("LatestDigestDeliveryError") == "AccessDenied")
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(bucket_policy(BUCKET)))
        assert eventually(lambda: "LatestDigestDeliveryError" not in status())
        assert time.time() - status()["LatestDigestDeliveryTime"].timestamp() < 60
        cloudtrail.stop_logging(Name="trail")
        assert eventually(lambda: any(r["eventName"] == "StopLogging" for r in cairn.delivered())), "the call that stops it is its last"
        assert eventually(lambda: all_are_listed(cairn.log_files(), digests)), "each file is in one digest"
        stays(digests.keys)
        yield cairn, s3, digests, begun


def test_two_regions_are_believed(made):
    cairn, _, digests, begun = made
    for region in BOTH:
        audit = Audit(cairn, arn_of("trail"), begun, region)
        assert audit.is_green(), audit.said
        assert [line[1] for line in reversed(audit.digests)] == [f"s3://{BUCKET}/{key}" for key in digests.of(ACCOUNT, region)]
        assert len(audit.digests) >= 3 and len(audit.files) >= 3, audit.said
        assert {line[1] for line in audit.files} == {f"s3://{BUCKET}/{key}" for key in digests.listed(ACCOUNT, region)}


def test_a_digest_is_as_awss(made):
    cairn, s3, digests, _ = made
    keys = digests.of(ACCOUNT)
    first, second, third = [digests.read(key) for key in keys[:3]]
    assert [value for name, value in first.items() if name.startswith("previous")] == [None] * 5 and first["logFiles"] == []
    assert second["previousDigestS3Object"] == first["digestS3Object"] and second["digestStartTime"] == first["digestEndTime"]
    head = s3.head_object(Bucket=BUCKET, Key=keys[1])
    assert head["ContentType"] == "application/json" and head["ContentEncoding"] == "gzip"
    assert head["Metadata"] == {"signature": third["previousDigestSignature"], "signature-algorithm": "SHA256withRSA"}
    assert s3.head_object(Bucket=BUCKET, Key=f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/")["ContentLength"] == 0
    elsewhere = digests.read(digests.of(ACCOUNT, ELSEWHERE)[0])
    assert elsewhere["previousDigestSignature"] is None and elsewhere["logFiles"], "a Region's chain begins with its first file"
    shown = [cairn.client("cloudtrail", region=region).list_public_keys()["PublicKeyList"] for region in BOTH]
    assert [[key["Fingerprint"] for key in keys] for keys in shown] == [[one["digestPublicKeyFingerprint"]] for one in (first, elsewhere)]
    assert (shown[0][0]["ValidityEndTime"] - shown[0][0]["ValidityStartTime"]).days == 30
    assert cairn.client("cloudtrail", region="eu-west-2").list_public_keys()["PublicKeyList"] == []


def changed_log(text):
    return gzip.compress(text.replace(b"ann-", b"bob-"))


def changed_digest(text):
    return gzip.compress(text.replace(b'"logFiles"', b'"logFiles" '))


TAMPERINGS = [
    # what is done to which; what it says
    ("log", changed_log, None, "INVALID: hash value doesn't match"),
    ("log", lambda text: b"no gzip", None, "INVALID: invalid format"),
    ("log", None, None, "INVALID: not found"),
    ("digest", changed_digest, None, "INVALID: signature verification failed"),
    ("digest", lambda text: b"no gzip", None, "INVALID: invalid format"),
    ("digest", None, None, "INVALID: not found"),
    ("digest", gzip.compress, {"signature": "00" * 256, "signature-algorithm": "SHA256withRSA"}, "INVALID: signature verification failed"),
    ("digest", gzip.compress, {"signature-algorithm": "SHA256withRSA"}, "INVALID: signature verification failed"),
]


def mentioning(digests, word):
    """A digest that lists a log file with the word, and the file."""
    for digest in digests.of(ACCOUNT):
        for file in digests.read(digest)["logFiles"]:
            if word in json.dumps(digests.read(file["s3Object"])):
                return digest, file["s3Object"]
    raise AssertionError(f"no file has {word}")


@pytest.mark.parametrize("kind, content, metadata, said", TAMPERINGS, ids=[f"{n}-{row[0]}" for n, row in enumerate(TAMPERINGS)])
def test_a_tampering_is_noticed(made, kind, content, metadata, said):
    cairn, s3, digests, begun = made
    digest, log_file = mentioning(digests, "ann-1")
    key = digest if kind == "digest" else log_file
    kept = s3.get_object(Bucket=BUCKET, Key=key)
    body = kept["Body"].read()
    if content is None:
        s3.delete_object(Bucket=BUCKET, Key=key)
    else:
        s3.put_object(Bucket=BUCKET, Key=key, Body=content(gzip.decompress(body)), Metadata=kept["Metadata"] if metadata is None else metadata)
    try:
        audit = Audit(cairn, arn_of("trail"), begun)
    finally:
        s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=kept["Metadata"])
    assert audit.status == 1 and f"s3://{BUCKET}/{key}\t{said}" in audit.said, audit.said
    assert sum(line[2] != "valid" for line in audit.digests + audit.files) == 1, audit.said


def test_an_organizations_trail_is_believed_account_by_account(binary, tmp_path):
    begun = datetime.datetime.now(datetime.UTC)
    with Cairn(binary, tmp_path, ACCOUNTS.replace("delivery: {interval: 1s}\n", DELIVERY)) as cairn:
        family = Trails(cairn)
        family.organizations.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
        made = family.start(FAMILY, IsOrganizationTrail=True, EnableLogFileValidation=True)
        member = family.made[0]
        family.did(member, "ann")
        digests = Digests(cairn.client("s3"), CENTRAL, FAMILY)
        for account in (ACCOUNT, member):
            assert eventually(lambda: digests.listed(account)), account
            audit = Audit(cairn, made["TrailARN"], begun, account=account)
            assert audit.is_green() and audit.files, audit.said
            assert all(line[1].startswith(f"s3://{CENTRAL}/AWSLogs/{family.id}/{account}/CloudTrail") for line in audit.digests + audit.files)
