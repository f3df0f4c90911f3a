"""Log files into an S3 that is not Cairn's: moto's server, which verifies nothing but speaks S3 in its own way."""

import json
import subprocess

import pytest
from botocore.exceptions import ClientError
from cairn import Cairn, eventually
from other_s3 import Moto


@pytest.fixture
def moto():
    running = Moto()
    running.start()
    running.s3().create_bucket(Bucket="logs")
    yield running
    running.stop()


@pytest.fixture
def cairn(binary, tmp_path, moto):
    with Cairn(binary, tmp_path, "delivery: {interval: 1s}\n" + moto.endpoint(tmp_path)) as running:
        yield running


def begin(cairn, bucket="logs"):
    cloudtrail = cairn.client("cloudtrail")
    trail = cloudtrail.create_trail(Name="trail", S3BucketName=bucket)
    cloudtrail.start_logging(Name="trail")
    assert eventually(lambda: cairn._logs(trail["TrailARN"]))
    return cloudtrail


def calls(cairn, count):
    """Event ids of calls just made, oldest first, as the event history has them."""
    iam = cairn.client("iam")
    names = [f"wren-{count}-{i}" for i in range(count)]
    for name in names:
        iam.create_user(UserName=name)

    def found():
        events = [e for e in cairn.lookup_all(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}])
                  if json.loads(e["CloudTrailEvent"])["requestParameters"]["userName"] in names]
        return [e["EventId"] for e in events] if len(events) == count else None

    return eventually(found)


def test_log_files_lie_in_the_other_s3(cairn, moto):
    cloudtrail = begin(cairn)
    ids = calls(cairn, 5)
    assert eventually(lambda: set(ids) <= set(moto.delivered()))
    keys = [o["Key"] for o in moto.s3().list_objects_v2(Bucket="logs")["Contents"]]
    assert "AWSLogs/111122223333/CloudTrail/" in keys, "the marker that verifies the bucket"
    status = eventually(lambda: (s := cloudtrail.get_trail_status(Name="trail")) and "LatestDeliveryTime" in s and s)
    assert "LatestDeliveryError" not in status
    head = moto.s3().head_object(Bucket="logs", Key=next(k for k in keys if k.endswith(".json.gz")))
    assert (head["ContentType"], head["ContentEncoding"]) == ("application/json", "gzip")
    assert "logs" not in [b["Name"] for b in cairn.client("s3").list_buckets()["Buckets"]]


def test_a_bucket_that_is_not_there(cairn, moto):
    with pytest.raises(ClientError) as caught:
        cairn.client("cloudtrail").create_trail(Name="trail", S3BucketName="not-there")
    assert caught.value.response["Error"]["Code"] == "S3BucketDoesNotExistException"


def test_what_came_while_it_was_away_is_delivered_once_and_in_order(cairn, moto):
    cloudtrail = begin(cairn)
    first = calls(cairn, 3)
    assert eventually(lambda: set(first) <= set(moto.delivered()))
    moto.stop()
    second = calls(cairn, 7)

    def failed():
        lines = cairn.get("/_cairn/metrics")[1].decode().splitlines()
        return any(line.startswith("cairn_delivery_failures_total") and float(line.split()[-1]) > 0 for line in lines)

    assert eventually(failed)
    cairn.kill()
    cairn.start()
    moto.start()
    assert eventually(lambda: set(second) <= set(moto.delivered()))
    delivered = moto.delivered()
    assert len(delivered) == len(set(delivered))
    assert cloudtrail.get_trail_status(Name="trail")["IsLogging"]


@pytest.mark.parametrize("endpoints, complaint", [
    ("{s3: 'http://127.0.0.1:1'}", "go together"),
    ("{s3: {url: 'ftp://x', access_key: a, secret_file: SECRET}}", "endpoints.s3"),
    ("{s3: {url: 'http://127.0.0.1:1', access_key: a, secret_file: /nowhere}}", "no secret"),
    ("{kms: 'http://127.0.0.1:1'}", "endpoints.kms: url, access_key and secret_file go together"),
    ("{sqs: {url: 'http://127.0.0.1:1', access_key: a, secret_file: /nowhere}}", "endpoints.sqs: no secret"),
    ("{lambda: 'http://127.0.0.1:1'}", "unknown key"),
])
def test_what_the_configuration_gets_wrong(binary, tmp_path, endpoints, complaint):
    (tmp_path / "secret").write_text("x")
    config = tmp_path / "cairn.yaml"
    config.write_text("endpoints: " + endpoints.replace("SECRET", str(tmp_path / "secret")))
    ran = subprocess.run([str(binary), "serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0", "--config", str(config)],
                         capture_output=True, text=True, timeout=60)
    assert ran.returncode != 0
    assert complaint in ran.stderr
