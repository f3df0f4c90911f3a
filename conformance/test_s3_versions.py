"""Versions, copies, many deletions, tags and locks of S3's objects, as boto3 uses them."""

import datetime
import uuid

import pytest
from botocore.exceptions import ClientError

NOW = datetime.datetime.now(datetime.timezone.utc)


@pytest.fixture(scope="module")
def s3(shared):
    return shared.client("s3")


@pytest.fixture
def bucket(s3):
    name = f"versions-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def refused(call, **arguments) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_versions(s3, bucket):
    ids = [s3.put_object(Bucket=bucket, Key="a b", Body=f"{i}".encode())["VersionId"] for i in range(3)]
    marker = s3.delete_object(Bucket=bucket, Key="a b")
    assert marker["DeleteMarker"]
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="a b")
    headers = error.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-delete-marker"] == "true" and headers["x-amz-version-id"] == marker["VersionId"]
    assert refused(s3.head_object, Bucket=bucket, Key="a b", VersionId=marker["VersionId"]) == ("405", 405)
    assert s3.get_object(Bucket=bucket, Key="a b", VersionId=ids[0])["Body"].read() == b"0"
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    found = [row["VersionId"] for page in pages for row in page.get("Versions", []) + page.get("DeleteMarkers", [])]
    assert found == [marker["VersionId"], *reversed(ids)]
    s3.delete_object(Bucket=bucket, Key="a b", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="a b")["Body"].read() == b"2"
    objects = [{"Key": "a b", "VersionId": version} for version in ids]
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})["Deleted"]) == 3
    s3.delete_bucket(Bucket=bucket)


def test_copies_tags_and_conditions(s3, bucket):
    body = bytes(range(256)) * 100
    version = s3.put_object(Bucket=bucket, Key="from/ä", Body=body, Tagging="team=blue", Metadata={"one": "1"})["VersionId"]
    source = {"Bucket": bucket, "Key": "from/ä", "VersionId": version}
    copied = s3.copy_object(Bucket=bucket, Key="to", CopySource=source)
    assert copied["CopySourceVersionId"] == version
    got = s3.get_object(Bucket=bucket, Key="to")
    assert got["Body"].read() == body and got["Metadata"] == {"one": "1"} and got["TagCount"] == 1
    assert s3.get_object_tagging(Bucket=bucket, Key="to")["TagSet"] == [{"Key": "team", "Value": "blue"}]
    assert refused(s3.get_object, Bucket=bucket, Key="to", IfNoneMatch=got["ETag"]) == ("304", 304)
    assert refused(s3.put_object, Bucket=bucket, Key="to", Body=b"x", IfNoneMatch="*") == ("PreconditionFailed", 412)
    said = s3.get_object_attributes(Bucket=bucket, Key="to", ObjectAttributes=["ETag", "ObjectSize"])
    assert (said["ETag"], said["ObjectSize"]) == (got["ETag"].strip('"'), len(body))
    assert refused(s3.copy_object, Bucket=bucket, Key="to", CopySource=f"{bucket}/to") == ("InvalidRequest", 400)
    errors = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "to", "VersionId": "none"}]})["Errors"]
    assert [(one["Key"], one["Code"]) for one in errors] == [("to", "InvalidArgument")]


def test_locks(s3):
    bucket = f"locks-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    assert s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]["Rule"] == rule
    named = {"Bucket": bucket, "Key": "a", "VersionId": s3.put_object(Bucket=bucket, Key="a", Body=b"x")["VersionId"]}
    assert refused(s3.delete_object, **named) == ("AccessDenied", 403)
    s3.put_object_legal_hold(**named, LegalHold={"Status": "ON"})
    assert refused(s3.delete_object, **named, BypassGovernanceRetention=True) == ("AccessDenied", 403)
    s3.put_object_legal_hold(**named, LegalHold={"Status": "OFF"})
    later = (NOW + datetime.timedelta(days=9)).replace(microsecond=0)
    irrevocable = {"Mode": "COMPLIANCE", "RetainUntilDate": later}
    assert refused(s3.put_object_retention, **named, Retention=irrevocable) == ("AccessDenied", 403)
    s3.put_object_retention(**named, Retention=irrevocable, BypassGovernanceRetention=True)
    assert s3.get_object_retention(**named)["Retention"] == {"Mode": "COMPLIANCE", "RetainUntilDate": later}
    assert refused(s3.delete_object, **named, BypassGovernanceRetention=True) == ("AccessDenied", 403)
    assert s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a", "VersionId": named["VersionId"]}]}, BypassGovernanceRetention=True)[
        "Errors"
    ][0]["Code"] == "AccessDenied"
    assert refused(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})[0] == "InvalidBucketState"


# More than one listing steps over (100,000): pages with few keys, or none, that say that there is more.
def test_a_listing_ends_at_very_many_delete_markers(s3, bucket):
    s3.put_object(Bucket=bucket, Key="z/live", Body=b"x")
    for page in range(101):
        gone = [{"Key": f"deleted/{page:03d}{number:03d}"} for number in range(1000)]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": gone, "Quiet": True})
    first = s3.list_objects_v2(Bucket=bucket, MaxKeys=1)
    assert (first["KeyCount"], first["IsTruncated"]) == (0, True)
    for operation in ("list_objects_v2", "list_objects"):
        pages = list(s3.get_paginator(operation).paginate(Bucket=bucket))
        assert [row["Key"] for page in pages for row in page.get("Contents", [])] == ["z/live"] and len(pages) == 2
        pages = list(s3.get_paginator(operation).paginate(Bucket=bucket, Delimiter="/"))
        assert [row["Prefix"] for page in pages for row in page.get("CommonPrefixes", [])] == ["z/"]
