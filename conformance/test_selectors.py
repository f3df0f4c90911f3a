"""Event selectors: what they make a trail take, as its log files show, and what PutEventSelectors refuses."""

import datetime
import json
import subprocess

import pytest
from botocore.exceptions import ClientError
from cairn import eventually

DEFAULT = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}]


def objects(*more):
    """Data events of S3 objects."""
    return {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}, *more]}


def select(cairn, **selectors):
    """Puts selectors and waits until they hold: they do for what comes behind them in the journal."""
    cloudtrail = cairn.client("cloudtrail")
    cloudtrail.put_event_selectors(TrailName="trail", **selectors)
    shown = cloudtrail.get_event_selectors(TrailName="trail")
    kind = next(iter(selectors))

    def holds():
        trails = [e["control"]["trail"] for e in cairn.journal() if e["kind"] == "control"]
        return len(trails[-1]["selectors"][kind]) == len(selectors[kind]) if trails and trails[-1]["selectors"] else False

    assert eventually(holds)
    return shown


def names(records):
    return [r["eventName"] for r in records if r["eventSource"] == "s3.amazonaws.com" and "wren" in r["userAgent"]]


def wren(cairn):
    """S3 calls that a test tells from CloudTrail's and its own by their agent."""
    return cairn.client("s3", user_agent_extra="wren/1")


def work(s3):
    s3.put_object(Bucket="nest", Key="eggs/1", Body=b"1")
    s3.get_object(Bucket="nest", Key="eggs/1")
    s3.put_object(Bucket="nest", Key="twigs/1", Body=b"1")
    s3.get_object(Bucket="nest", Key="twigs/1")
    s3.delete_object(Bucket="nest", Key="eggs/1")
    s3.put_bucket_tagging(Bucket="nest", Tagging={"TagSet": []})  # the last: a management event


def delivered(cairn, last="PutBucketTagging"):
    """What the trail's files have of wren, once the last call is there."""
    found = []

    def arrived():
        found[:] = names(cairn.delivered())
        return last in found

    assert eventually(arrived), found
    return sorted(found)


MANAGEMENT = {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
CASES = {
    "default": (None, []),
    "basic, all objects": ({"EventSelectors": [{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}]},
                           ["DeleteObject", "GetObject", "GetObject", "PutObject", "PutObject"]),
    "basic, a prefix, writes": ({"EventSelectors": [{"ReadWriteType": "WriteOnly", "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::nest/eggs"]}]}]},
                                ["DeleteObject", "PutObject"]),
    "advanced, reads": ({"AdvancedEventSelectors": [MANAGEMENT, objects({"Field": "readOnly", "Equals": ["true"]})]}, ["GetObject", "GetObject"]),
    "advanced, not a prefix": ({"AdvancedEventSelectors": [MANAGEMENT, objects({"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::nest/eggs", "arn:aws:s3:::logs/"]})]},
                               ["GetObject", "PutObject"]),
    "advanced, two selectors": ({"AdvancedEventSelectors": [
        MANAGEMENT, objects({"Field": "eventName", "StartsWith": ["Delete"]}),
        objects({"Field": "eventName", "Equals": ["PutObject"]}, {"Field": "resources.ARN", "EndsWith": ["twigs/1"]})]},
        ["DeleteObject", "PutObject"]),
}


@pytest.mark.parametrize("selectors, data_events", CASES.values(), ids=CASES.keys())
def test_a_trail_takes_what_its_selectors_say(cairn, selectors, data_events):
    cairn.make_trail()
    s3 = wren(cairn)
    s3.create_bucket(Bucket="nest")
    if selectors is not None:
        select(cairn, **selectors)
    work(s3)
    assert delivered(cairn) == sorted([*data_events, "PutBucketTagging", "CreateBucket"])


def every_data_event(s3, bucket):
    """Each call of S3's that is a data event; the names that records have."""
    named = {"Bucket": bucket, "Key": "a"}
    tags = {"TagSet": [{"Key": "team", "Value": "audit"}]}
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)
    etag = s3.put_object(**named, Body=b"1")["ETag"]
    s3.get_object(**named)
    s3.head_object(**named)
    s3.get_object_acl(**named)
    with pytest.raises(ClientError, match="AccessControlListNotSupported"):
        s3.put_object_acl(**named, ACL="public-read")
    s3.get_object_attributes(**named, ObjectAttributes=["ETag"])
    s3.put_object_tagging(**named, Tagging=tags)
    s3.get_object_tagging(**named)
    s3.delete_object_tagging(**named)
    s3.put_object_retention(**named, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    s3.get_object_retention(**named)
    s3.put_object_legal_hold(**named, LegalHold={"Status": "OFF"})
    s3.get_object_legal_hold(**named)
    s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a")
    upload = {"Bucket": bucket, "Key": "c", "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="c")["UploadId"]}
    s3.upload_part(**upload, PartNumber=1, Body=b"1")
    s3.upload_part_copy(**upload, PartNumber=1, CopySource=f"{bucket}/a")
    s3.list_parts(**upload)
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    s3.abort_multipart_upload(Bucket=bucket, Key="c", UploadId=s3.create_multipart_upload(Bucket=bucket, Key="c")["UploadId"])
    s3.head_bucket(Bucket=bucket)
    s3.list_objects(Bucket=bucket)
    s3.list_objects_v2(Bucket=bucket)
    s3.list_object_versions(Bucket=bucket)
    s3.delete_object(**named)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b"}]})
    return {"PutObject", "GetObject", "HeadObject", "GetObjectAcl", "PutObjectAcl", "GetObjectAttributes", "PutObjectTagging", "GetObjectTagging",
            "DeleteObjectTagging", "PutObjectRetention", "GetObjectRetention", "PutObjectLegalHold", "GetObjectLegalHold", "CopyObject",
            "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "ListParts", "CompleteMultipartUpload", "AbortMultipartUpload", "HeadBucket",
            "ListObjects", "ListObjectVersions", "DeleteObject", "DeleteObjects"}


@pytest.mark.parametrize("selectors", [
    {"EventSelectors": [{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::nest/"]}]}]},
    {"AdvancedEventSelectors": [MANAGEMENT, objects({"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::nest/"]})]},
], ids=["basic", "advanced"])
def test_a_trail_gets_every_data_event_of_a_bucket(cairn, selectors):
    cairn.make_trail()
    s3 = wren(cairn)
    s3.create_bucket(Bucket="nest", ObjectLockEnabledForBucket=True)
    select(cairn, **selectors)
    wanted = every_data_event(s3, "nest")
    s3.put_bucket_tagging(Bucket="nest", Tagging={"TagSet": []})
    assert set(delivered(cairn)) == wanted | {"CreateBucket", "PutBucketTagging"}
    found = [r for r in cairn.delivered() if "wren" in r["userAgent"] and r["eventCategory"] == "Data"]
    listings = [r for r in found if r["eventName"] in ("HeadBucket", "ListObjects", "ListObjectVersions", "DeleteObjects")]
    assert all(r["resources"][0] == {"type": "AWS::S3::Object", "ARNPrefix": "arn:aws:s3:::nest/"} for r in listings)
    many = next(r for r in listings if r["eventName"] == "DeleteObjects")
    assert many["responseElements"] is None and many["requestParameters"].keys() == {"bucketName", "Host", "delete"}


def test_records_say_what_was_set_on_a_bucket(cairn):
    s3 = wren(cairn)
    s3.create_bucket(Bucket="nest")
    s3.put_bucket_versioning(Bucket="nest", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_versioning(Bucket="nest", VersioningConfiguration={"Status": "Suspended"})
    off = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
    s3.put_public_access_block(Bucket="nest", PublicAccessBlockConfiguration=off)
    s3.put_bucket_tagging(Bucket="nest", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})

    def shown(name, member):
        records = [e["record"] for e in cairn.journal() if e["kind"] == "record" and e["record"]["eventName"] == name]
        return [{k: v for k, v in r["requestParameters"][member].items() if k != "xmlns"} for r in records]

    assert eventually(lambda: shown("PutBucketTagging", "Tagging")) == [{"TagSet": {"Tag": {"Key": "a", "Value": "b"}}}]
    assert shown("PutBucketVersioning", "VersioningConfiguration") == [{"Status": "Enabled"}, {"Status": "Suspended"}]
    assert shown("PutBucketPublicAccessBlock", "PublicAccessBlockConfiguration") == [off]


def test_management_events_can_be_left_out_or_halved(cairn):
    cairn.make_trail()
    s3 = wren(cairn)
    select(cairn, AdvancedEventSelectors=[{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "readOnly", "Equals": ["true"]}]}])
    s3.create_bucket(Bucket="nest")
    s3.list_buckets()
    assert delivered(cairn, "ListBuckets") == ["ListBuckets"]


def test_they_replace_each_other_and_hold_across_a_restart(cairn):
    cairn.make_trail()
    cloudtrail = cairn.client("cloudtrail")
    assert cloudtrail.get_event_selectors(TrailName="trail")["EventSelectors"] == DEFAULT
    assert cloudtrail.get_trail(Name="trail")["Trail"]["HasCustomEventSelectors"] is False
    shown = select(cairn, AdvancedEventSelectors=[objects({"Field": "eventName", "Equals": ["GetObject", "DeleteObject"]})])
    assert "EventSelectors" not in shown
    assert [f["Field"] for f in shown["AdvancedEventSelectors"][0]["FieldSelectors"]] == ["eventCategory", "eventName", "resources.type"]
    assert cloudtrail.get_trail(Name="trail")["Trail"]["HasCustomEventSelectors"] is True
    cairn.stop()
    cairn.start()
    s3 = wren(cairn)
    s3.create_bucket(Bucket="nest")
    work(s3)
    assert delivered(cairn, "DeleteObject") == ["DeleteObject", "GetObject", "GetObject"]
    assert "AdvancedEventSelectors" not in select(cairn, EventSelectors=[{}])


@pytest.mark.parametrize("selectors", [
    {},
    {"EventSelectors": []},
    {"EventSelectors": [{}] * 6},
    {"EventSelectors": [{"ReadWriteType": "read-only"}]},
    {"EventSelectors": [{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::*"]}]}]},
    {"EventSelectors": [{}], "AdvancedEventSelectors": [MANAGEMENT]},
    {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]},
    {"AdvancedEventSelectors": [objects({"Field": "eventName", "Equals": ["x"] * 499})]},
])
def test_what_is_refused_changes_nothing(cairn, selectors):
    cairn.make_trail()
    cloudtrail = cairn.client("cloudtrail", parameter_validation=False)
    with pytest.raises(ClientError) as caught:
        cloudtrail.put_event_selectors(TrailName="trail", **selectors)
    assert caught.value.response["Error"]["Code"] == "InvalidEventSelectorsException"
    assert cloudtrail.get_event_selectors(TrailName="trail")["EventSelectors"] == DEFAULT


def test_only_the_home_region_changes_them(cairn):
    cairn.make_trail(IsMultiRegionTrail=True)
    elsewhere = cairn.client("cloudtrail", region="eu-west-1")
    with pytest.raises(ClientError) as caught:
        elsewhere.put_event_selectors(TrailName="trail", EventSelectors=[{}])
    assert caught.value.response["Error"]["Code"] == "InvalidHomeRegionException"
    assert elsewhere.get_event_selectors(TrailName="trail")["EventSelectors"] == DEFAULT


def test_explain_says_which_trails_take_a_record_and_why(cairn, binary, tmp_path):
    made = cairn.make_trail()
    select(cairn, AdvancedEventSelectors=[{"Name": "reads below eggs"} | objects({"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::nest/eggs"]})])
    record = {
        "eventVersion": "1.11", "eventID": "00000000-0000-4000-8000-000000000001", "eventTime": "2026-03-02T10:15:00Z", "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject", "awsRegion": "us-east-1", "readOnly": True, "eventCategory": "Data", "recipientAccountId": "111122223333",
    }

    def explained(key):
        file = tmp_path / "record.json"
        file.write_text(json.dumps(record | {"resources": [{"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::nest/{key}"}]}))
        command = [str(binary), "explain", "--record", str(file), "--data", str(cairn.data), "--endpoint", cairn.endpoint]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    assert f"takes    {made['TrailARN']}  by selector 1 (reads below eggs)" in explained("eggs/1")
    assert f"does not {made['TrailARN']}  selector 1 (reads below eggs): resources.ARN does not hold" in explained("twigs/1")
