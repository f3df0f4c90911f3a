"""The calls of recorded_calls.py that are S3's."""

from __future__ import annotations

import base64
import datetime
import json

REGION = "us-east-1"
TAGS = [{"Key": "team", "Value": "audit"}]
ENCRYPTED = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]}
CONTENT = b"some bytes"
CHECKSUMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
# Reversed polynomial and width: boto3 computes these two only where it has its native parts.
POLYNOMIALS = {"CRC32C": (0x82F63B78, 32), "CRC64NVME": (0x9A6C9329AC4BC9B5, 64)}


def checksum(how: str) -> dict[str, str]:
    """The argument that has a call say the checksum of CONTENT, or has boto3 compute it."""
    if how not in POLYNOMIALS:
        return {"ChecksumAlgorithm": how}
    polynomial, width = POLYNOMIALS[how]
    value = (1 << width) - 1
    for byte in CONTENT:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
    return {f"Checksum{how}": base64.b64encode((value ^ ((1 << width) - 1)).to_bytes(width // 8, "big")).decode()}


def unset(s3, bucket: str) -> None:
    """What a bucket says of settings that it does not have."""
    for name in ("policy", "tagging", "lifecycle_configuration", "replication", "website"):
        s3.refused(f"get_bucket_{name}", Bucket=bucket)
    s3.refused("get_object_lock_configuration", Bucket=bucket)
    s3.refused("get_object_lock_configuration", Bucket=f"{bucket}-gone")
    s3.refused("list_object_versions", Bucket=f"{bucket}-gone")
    s3.refused("head_bucket", Bucket=f"{bucket}-gone")
    s3.delete_public_access_block(Bucket=bucket)
    s3.refused("get_public_access_block", Bucket=bucket)
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    s3.refused("get_bucket_ownership_controls", Bucket=bucket)
    s3.refused("get_bucket_encryption", Bucket=f"{bucket}-gone")
    for name in ("versioning", "logging", "notification_configuration", "acl", "location", "request_payment", "encryption"):
        getattr(s3, f"get_bucket_{name}")(Bucket=bucket)


def settings(s3, bucket: str, arn: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.get_bucket_versioning(Bucket=bucket)
    policy = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/never"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [policy]}))
    s3.get_bucket_policy(Bucket=bucket)
    s3.delete_bucket_policy(Bucket=bucket)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": TAGS})
    s3.get_bucket_tagging(Bucket=bucket)
    s3.delete_bucket_tagging(Bucket=bucket)
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=ENCRYPTED)
    s3.get_bucket_encryption(Bucket=bucket)
    s3.delete_bucket_encryption(Bucket=bucket)
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "logs/"}})
    s3.get_bucket_logging(Bucket=bucket)
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    s3.get_bucket_ownership_controls(Bucket=bucket)
    s3.put_bucket_acl(Bucket=bucket, ACL="private")
    s3.put_object(Bucket=bucket, Key="with-acl", Body=CONTENT)
    s3.put_object_acl(Bucket=bucket, Key="with-acl", ACL="bucket-owner-full-control")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    s3.get_public_access_block(Bucket=bucket)
    queue = {"QueueArn": f"arn:aws:sqs:{REGION}:{arn}:queue", "Events": ["s3:ObjectCreated:*"]}
    filtered = queue | {"Id": "one", "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "a"}]}}}
    topic = {"TopicArn": f"arn:aws:sns:{REGION}:{arn}:topic", "Events": ["s3:ObjectRemoved:*"], "Filter": filtered["Filter"]}
    bare = {"TopicArn": topic["TopicArn"], "Events": topic["Events"]}
    for set_to in ({"TopicConfigurations": [bare]}, {"QueueConfigurations": [filtered], "TopicConfigurations": [topic]}, {"QueueConfigurations": [queue]}, {}):
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=set_to, SkipDestinationValidation=True)
        s3.get_bucket_notification_configuration(Bucket=bucket)
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    for more in ({}, {"AllowedHeaders": ["*"], "MaxAgeSeconds": 300, "ExposeHeaders": ["x-amz-request-id"], "ID": "one"}):
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule | more]})
        s3.get_bucket_cors(Bucket=bucket)
    rules = [
        {"ID": "objects", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 3}},
        {"ID": "versions", "Status": "Enabled", "Filter": {"And": {"Prefix": "b/", "Tags": TAGS}}, "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
         "Transitions": [{"Days": 60, "StorageClass": "GLACIER"}]},
        {"ID": "tagged", "Status": "Disabled", "Filter": {"Tag": TAGS[0]}, "Expiration": {"Days": 9}},
        {"ID": "markers", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"ExpiredObjectDeleteMarker": True},
         "NoncurrentVersionTransitions": [{"NoncurrentDays": 40, "StorageClass": "GLACIER"}]},
        {"ID": "uploads", "Status": "Enabled", "Filter": {"Prefix": "b/"}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}},
        {"ID": "sized", "Status": "Enabled", "Filter": {"ObjectSizeGreaterThan": 10}, "Expiration": {"Days": 3}},
        {"ID": "small", "Status": "Enabled", "Filter": {"ObjectSizeLessThan": 10}, "Expiration": {"Days": 3}},
        {"ID": "both", "Status": "Enabled", "Filter": {"And": {"ObjectSizeGreaterThan": 10, "ObjectSizeLessThan": 99}}, "Expiration": {"Days": 3}},
        {"ID": "dated", "Status": "Enabled", "Prefix": "c/", "Expiration": {"Date": datetime.datetime(2040, 1, 1)}},
    ]
    for rule in rules:
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="c/expires", Body=b"later")
    s3.head_object(Bucket=bucket, Key="c/expires")
    s3.get_object(Bucket=bucket, Key="c/expires")
    s3.delete_bucket_lifecycle(Bucket=bucket)


def objects(s3, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a/headers", Body=CONTENT, CacheControl="no-store", ContentDisposition="inline", ContentEncoding="identity",
                  ContentLanguage="en", Expires=datetime.datetime(2040, 1, 1), Metadata={"a": "b"})
    read_one(s3, {"Bucket": bucket, "Key": "a/headers"})
    body = {"Bucket": bucket, "Key": "a/body"}
    s3.put_object(**body, Body=CONTENT)
    s3.put_object(**body, Body=CONTENT, Metadata={"a": "b"}, Tagging="team=audit", ContentType="text/plain", StorageClass="STANDARD")
    for how in CHECKSUMS:
        s3.put_object(Bucket=bucket, Key=f"a/{how}", Body=CONTENT, **checksum(how))
        read_one(s3, {"Bucket": bucket, "Key": f"a/{how}"})
        s3.copy_object(**body, CopySource={"Bucket": bucket, "Key": "a/CRC32"}, ChecksumAlgorithm=how)
    read_one(s3, body)
    s3.get_object(**body, Range="bytes=0-3")
    s3.head_object(**body, Range="bytes=0-3")
    s3.copy_object(Bucket=bucket, Key="b/copy", CopySource={"Bucket": bucket, "Key": "a/body"}, MetadataDirective="REPLACE", Metadata={"c": "d"})
    s3.get_object_tagging(**body)
    s3.put_object_tagging(**body, Tagging={"TagSet": TAGS})
    s3.get_object_tagging(**body)
    read_one(s3, body)
    s3.delete_object_tagging(**body)
    s3.get_object_acl(**body)
    listings(s3, bucket)
    s3.delete_object(Bucket=bucket, Key="a/SHA1")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a/SHA256"}, {"Key": "not-there"}]})
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a/CRC32"}], "Quiet": True})
    listings(s3, bucket)


def read_one(s3, which: dict) -> None:
    s3.head_object(**which)
    s3.head_object(**which, ChecksumMode="ENABLED")
    s3.get_object(**which)["Body"].close()
    s3.get_object(**which, ChecksumMode="ENABLED")["Body"].close()
    for wanted in (["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"], ["StorageClass"], ["ETag"], ["Checksum"], ["ObjectSize"]):
        s3.get_object_attributes(**which, ObjectAttributes=wanted)


def listings(s3, bucket: str) -> None:
    for name in ("list_objects", "list_objects_v2", "list_object_versions"):
        for more in ({}, {"Prefix": "a/"}, {"Delimiter": "/"}, {"MaxKeys": 1}, {"Delimiter": "/", "MaxKeys": 1}):
            getattr(s3, name)(Bucket=bucket, **more)
    s3.list_objects(Bucket=bucket, Marker="a/body")
    s3.list_objects_v2(Bucket=bucket, StartAfter="a/body")
    s3.list_objects_v2(Bucket=bucket, FetchOwner=True)
    token = s3.list_objects_v2(Bucket=bucket, MaxKeys=1).get("NextContinuationToken")
    if token:
        s3.list_objects_v2(Bucket=bucket, ContinuationToken=token)
    page = s3.list_object_versions(Bucket=bucket, MaxKeys=1)
    s3.list_object_versions(Bucket=bucket, KeyMarker="a/body")
    if page["IsTruncated"]:
        s3.list_object_versions(Bucket=bucket, KeyMarker=page["NextKeyMarker"], VersionIdMarker=page["NextVersionIdMarker"])


def multipart(s3, bucket: str) -> None:
    which = {"Bucket": bucket, "Key": "a/parts"}
    s3.list_multipart_uploads(Bucket=bucket)
    combinations = [{}] + [{"ChecksumAlgorithm": how} for how in CHECKSUMS] + [{"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}]
    for more in combinations:
        upload = which | {"UploadId": s3.create_multipart_upload(**which, **more)["UploadId"]}
        s3.list_parts(**upload)
        how = checksum(more["ChecksumAlgorithm"]) if more else {}
        parts = []
        for number, body in enumerate((CONTENT,) if more else (b"x" * (5 << 20), CONTENT), 1):
            given = s3.upload_part(**upload, PartNumber=number, Body=body, **how)
            sums = {name: value for name, value in given.items() if name in {f"Checksum{c}" for c in CHECKSUMS} and more}
            parts.append({"PartNumber": number, "ETag": given["ETag"]} | sums)
        s3.list_parts(**upload)
        s3.list_parts(**upload, MaxParts=1)
        s3.list_parts(**upload, PartNumberMarker=1)
        for page in ({}, {"MaxUploads": 1}, {"Prefix": "a/"}, {"Delimiter": "/"}, {"EncodingType": "url"}, {"KeyMarker": "z"}) if not more else ():
            s3.list_multipart_uploads(Bucket=bucket, **page)
        s3.list_multipart_uploads(Bucket=bucket, KeyMarker="a/parts", UploadIdMarker=upload["UploadId"])
        s3.list_multipart_uploads(Bucket=bucket)
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        read_one(s3, which)
        s3.head_object(**which, PartNumber=1)
        s3.get_object(**which, PartNumber=1)["Body"].close()
    for more in combinations[:-1]:
        copied = {"Bucket": bucket, "Key": "a/copied"}
        upload = copied | {"UploadId": s3.create_multipart_upload(**copied, **more)["UploadId"]}
        s3.upload_part_copy(**upload, PartNumber=1, CopySource=which)
        s3.upload_part_copy(**upload, PartNumber=2, CopySource=which, CopySourceRange="bytes=0-4")
        s3.abort_multipart_upload(**upload)
    for key in ("b", "c"):
        s3.create_multipart_upload(Bucket=bucket, Key=key)
    s3.list_multipart_uploads(Bucket=bucket, MaxUploads=1)
    for upload in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]:
        s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


def locks(s3, bucket: str) -> None:
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    s3.get_object_lock_configuration(Bucket=bucket)
    which = {"Bucket": bucket, "Key": "locked"}
    version = s3.put_object(**which, Body=b"")["VersionId"]
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    s3.put_object_legal_hold(**which, LegalHold={"Status": "ON"})
    s3.put_object_retention(**which, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    s3.get_object_retention(**which)
    s3.get_object_legal_hold(**which)
    read_one(s3, which)
    s3.refused("delete_object", **which, VersionId=version)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "locked", "VersionId": version}]})
    s3.put_object_legal_hold(**which, LegalHold={"Status": "OFF"})
    s3.delete_object(**which, VersionId=version, BypassGovernanceRetention=True)
    for how_long in ({"Days": 1}, {"Years": 1}):
        rule = {"DefaultRetention": {"Mode": "GOVERNANCE"} | how_long}
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={"Rule": rule, "ObjectLockEnabled": "Enabled"})
        s3.get_object_lock_configuration(Bucket=bucket)


def versions(s3, bucket: str, state: str) -> None:
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": state})
    s3.get_bucket_versioning(Bucket=bucket)
    which = {"Bucket": bucket, "Key": "a/body"}
    for key in ("a/body", "a/body", "b/other"):
        s3.put_object(Bucket=bucket, Key=key, Body=CONTENT)
    first = s3.put_object(**which, Body=CONTENT, ChecksumAlgorithm="SHA256", Tagging="team=audit").get("VersionId", "null")
    read_one(s3, which)
    s3.put_object_tagging(**which, Tagging={"TagSet": TAGS})
    s3.get_object_tagging(**which, VersionId=first)
    s3.delete_object_tagging(**which)
    s3.copy_object(Bucket=bucket, Key="c", CopySource=which | {"VersionId": first})
    upload = which | {"UploadId": s3.create_multipart_upload(**which)["UploadId"]}
    part = s3.upload_part(**upload, PartNumber=1, Body=CONTENT)["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    listings(s3, bucket)
    s3.delete_object(**which, VersionId=first)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "c"}, {"Key": "b/other"}]})
    old = [{"Key": "b/other", "VersionId": "null"}] + [{"Key": v["Key"], "VersionId": v["VersionId"]} for v in s3.list_object_versions(Bucket=bucket).get("Versions", []) if v["Key"] == "c"]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": old})
    s3.delete_object(**which)
    for page in s3.list_object_versions(Bucket=bucket).get("DeleteMarkers", [])[:2]:
        s3.delete_object(Bucket=bucket, Key=page["Key"], VersionId=page["VersionId"])
    listings(s3, bucket)


def buckets(s3) -> None:
    s3.list_buckets()
    s3.create_bucket(Bucket="of-nothing")
    s3.head_bucket(Bucket="of-nothing")
    s3.list_buckets()
    s3.list_buckets(Prefix="of")
    unset(s3, "of-nothing")
    listings(s3, "of-nothing")
    s3.create_bucket(Bucket="of-nothing-either")
    s3.list_buckets(MaxBuckets=1)
    s3.delete_bucket(Bucket="of-nothing-either")


def plain(s3, bucket: str) -> None:
    s3.create_bucket(Bucket=bucket)
    objects(s3, bucket)


def uploads(s3, bucket: str) -> None:
    s3.create_bucket(Bucket=bucket)
    multipart(s3, bucket)


def configured(s3, bucket: str, account: str) -> None:
    s3.create_bucket(Bucket=bucket)
    settings(s3, bucket, account)


def jobs(s3, account: str) -> list:
    """What can be done side by side, each in a bucket of its own."""
    return [lambda: plain(s3, "of-objects"), lambda: uploads(s3, "of-uploads"), lambda: versions(s3, "of-versions", "Enabled"),
            lambda: versions(s3, "of-suspended", "Suspended"), lambda: configured(s3, "of-settings", account), lambda: locks(s3, "of-locks")]
