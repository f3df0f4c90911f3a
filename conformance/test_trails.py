"""CloudTrail's trail operations: rules, defaults and errors of the reference."""

import json

import pytest
from cairn import bucket_policy, code_of
from records import ACCOUNT

ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/"


@pytest.fixture
def cloudtrail(cairn):
    s3 = cairn.client("s3")
    s3.create_bucket(Bucket="logs")
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps(bucket_policy("logs")))
    s3.create_bucket(Bucket="no-policy")
    return cairn.client("cloudtrail")


def test_defaults(cloudtrail):
    made = cloudtrail.create_trail(Name="main", S3BucketName="logs")
    made.pop("ResponseMetadata")
    assert made == {
        "Name": "main", "S3BucketName": "logs", "IncludeGlobalServiceEvents": True, "IsMultiRegionTrail": False,
        "TrailARN": ARN + "main", "LogFileValidationEnabled": False, "IsOrganizationTrail": False,
    }
    trail = cloudtrail.get_trail(Name="main")["Trail"]
    assert trail == {k: v for k, v in made.items()} | {"HomeRegion": "us-east-1", "HasCustomEventSelectors": False, "HasInsightSelectors": False}
    status = cloudtrail.get_trail_status(Name="main")
    status.pop("ResponseMetadata")
    assert status == {
        "IsLogging": False, "LatestDeliveryAttemptTime": "", "LatestNotificationAttemptTime": "", "LatestNotificationAttemptSucceeded": "",
        "LatestDeliveryAttemptSucceeded": "", "TimeLoggingStarted": "", "TimeLoggingStopped": "",
    }


@pytest.mark.parametrize("arguments, code", [
    ({"Name": "ab"}, "InvalidTrailNameException"),
    ({"Name": "a--b"}, "InvalidTrailNameException"),
    ({"Name": "x" * 129}, "InvalidTrailNameException"),
    ({"S3BucketName": "Bad_Bucket"}, "InvalidS3BucketNameException"),
    ({"S3BucketName": "not-there"}, "S3BucketDoesNotExistException"),
    ({"S3BucketName": "no-policy"}, "InsufficientS3BucketPolicyException"),
    ({"S3KeyPrefix": "p" * 201}, "InvalidS3PrefixException"),
    ({"IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": False}, "InvalidParameterCombinationException"),
    ({"KmsKeyId": "alias/x"}, "InsufficientEncryptionPolicyException"),
    ({"SnsTopicName": "topic"}, "InsufficientSnsTopicPolicyException"),
    ({"IsOrganizationTrail": True}, "OrganizationsNotInUseException"),
    ({"CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:111122223333:log-group:x:*", "CloudWatchLogsRoleArn": "arn:aws:iam::111122223333:role/x"}, "UnsupportedOperationException"),
    ({"TagsList": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}, "InvalidTagParameterException"),
])
def test_create_refuses(cloudtrail, arguments, code):
    assert code_of(cloudtrail.create_trail, **({"Name": "main", "S3BucketName": "logs"} | arguments)) == code
    assert cloudtrail.list_trails()["Trails"] == []


def test_names_and_arns(cairn, cloudtrail):
    cloudtrail.create_trail(Name="main", S3BucketName="logs")
    cloudtrail.create_trail(Name="everywhere", S3BucketName="logs", IsMultiRegionTrail=True)
    assert code_of(cloudtrail.create_trail, Name="main", S3BucketName="logs") == "TrailAlreadyExistsException"
    for name in ("main", ARN + "main"):
        assert cloudtrail.get_trail(Name=name)["Trail"]["Name"] == "main"
        cloudtrail.start_logging(Name=name)
        cloudtrail.start_logging(Name=name)
        assert cloudtrail.get_trail_status(Name=name)["IsLogging"] is True
        cloudtrail.stop_logging(Name=name)
    assert code_of(cloudtrail.get_trail, Name="other") == "TrailNotFoundException"
    assert code_of(cloudtrail.get_trail, Name="arn:aws:s3:::x") == "CloudTrailARNInvalidException"
    assert code_of(cloudtrail.delete_trail, Name="other") == "TrailNotFoundException"

    elsewhere = cairn.client("cloudtrail", region="eu-west-1")
    assert [t["Name"] for t in elsewhere.describe_trails()["trailList"]] == ["everywhere"]
    assert elsewhere.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert elsewhere.get_trail(Name="everywhere")["Trail"]["HomeRegion"] == "us-east-1"
    assert code_of(elsewhere.get_trail, Name="main") == "TrailNotFoundException"
    assert code_of(elsewhere.stop_logging, Name="everywhere") == "InvalidHomeRegionException"
    assert code_of(elsewhere.delete_trail, Name=ARN + "everywhere") == "InvalidHomeRegionException"
    assert {t["Name"] for t in elsewhere.list_trails()["Trails"]} == {"main", "everywhere"}
    named = cloudtrail.describe_trails(trailNameList=["main", "unknown"])["trailList"]
    assert [t["Name"] for t in named] == ["main"]


def test_quota_counts_shadows(cairn, cloudtrail):
    cloudtrail.create_trail(Name="everywhere", S3BucketName="logs", IsMultiRegionTrail=True)
    elsewhere = cairn.client("cloudtrail", region="eu-west-1")
    for number in range(4):
        elsewhere.create_trail(Name=f"trail-{number}", S3BucketName="logs")
    assert code_of(elsewhere.create_trail, Name="trail-5", S3BucketName="logs") == "MaximumNumberOfTrailsExceededException"


def test_update(cairn, cloudtrail):
    cloudtrail.create_trail(Name="main", S3BucketName="logs")
    # The new path must be allowed first.
    assert code_of(cloudtrail.update_trail, Name="main", S3KeyPrefix="deep") == "InsufficientS3BucketPolicyException"
    cairn.client("s3").put_bucket_policy(Bucket="logs", Policy=json.dumps(bucket_policy("logs", "*")))
    updated = cloudtrail.update_trail(Name="main", S3KeyPrefix="deep", IsMultiRegionTrail=True)
    assert updated["S3KeyPrefix"] == "deep" and updated["IsMultiRegionTrail"] is True
    assert code_of(cloudtrail.update_trail, Name="main", S3BucketName="no-policy") == "InsufficientS3BucketPolicyException"
    assert cloudtrail.get_trail(Name="main")["Trail"]["S3BucketName"] == "logs"
    back = cloudtrail.update_trail(Name=ARN + "main", IsMultiRegionTrail=False)
    assert back["IsMultiRegionTrail"] is False and back["IncludeGlobalServiceEvents"] is False


def test_tags(cloudtrail):
    cloudtrail.create_trail(Name="main", S3BucketName="logs", TagsList=[{"Key": "team", "Value": "audit"}])
    cloudtrail.add_tags(ResourceId=ARN + "main", TagsList=[{"Key": "team", "Value": "risk"}, {"Key": "bare"}])
    tags = cloudtrail.list_tags(ResourceIdList=[ARN + "main"])["ResourceTagList"]
    assert tags == [{"ResourceId": ARN + "main", "TagsList": [{"Key": "bare"}, {"Key": "team", "Value": "risk"}]}]
    cloudtrail.remove_tags(ResourceId=ARN + "main", TagsList=[{"Key": "team"}])
    assert cloudtrail.list_tags(ResourceIdList=[ARN + "main"])["ResourceTagList"][0]["TagsList"] == [{"Key": "bare"}]
    assert code_of(cloudtrail.list_tags, ResourceIdList=[ARN + "other"]) == "ResourceNotFoundException"
    assert code_of(cloudtrail.add_tags, ResourceId=ARN + "main", TagsList=[{"Key": f"k{n}", "Value": "v"} for n in range(51)]) == "TagsLimitExceededException"
    assert code_of(cloudtrail.add_tags, ResourceId="main", TagsList=[{"Key": "a", "Value": "b"}]) == "CloudTrailARNInvalidException"


def test_operations_that_are_not_there_say_so(cloudtrail):
    assert code_of(cloudtrail.list_event_data_stores) == "UnsupportedOperationException"


def test_without_the_bucket_policy_check(binary, tmp_path):
    from cairn import Cairn, eventually

    with Cairn(binary, tmp_path, "delivery: {interval: 1s}\ntrails: {require_bucket_policy: false}\n") as cairn:
        cairn.client("s3").create_bucket(Bucket="logs")
        cloudtrail = cairn.client("cloudtrail")
        cloudtrail.create_trail(Name="main", S3BucketName="logs")
        cloudtrail.start_logging(Name="main")
        cairn.client("iam").create_user(UserName="ann")
        assert eventually(lambda: any(r["eventName"] == "CreateUser" for r in cairn.delivered()))
        assert code_of(cloudtrail.create_trail, Name="other", S3BucketName="not-there") == "S3BucketDoesNotExistException"


def test_insight_selectors(cairn, cloudtrail):
    cloudtrail.create_trail(Name="main", S3BucketName="logs")
    assert code_of(cloudtrail.get_insight_selectors, TrailName="main") == "InsightNotEnabledException"
    wanted = [{"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight", "EventCategories": ["Management"]}]
    put = cloudtrail.put_insight_selectors(TrailName="main", InsightSelectors=wanted)
    assert (put["TrailARN"], put["InsightSelectors"]) == (ARN + "main", wanted)
    assert cloudtrail.get_insight_selectors(TrailName=ARN + "main")["InsightSelectors"] == wanted
    assert cloudtrail.get_trail(Name="main")["Trail"]["HasInsightSelectors"] is True
    of_data = [{"InsightType": "ApiErrorRateInsight", "EventCategories": ["Data"]}]
    assert code_of(cloudtrail.put_insight_selectors, TrailName="main", InsightSelectors=of_data) == "InvalidInsightSelectorsException"
    cairn.client("s3").delete_bucket_policy(Bucket="logs")
    assert code_of(cloudtrail.put_insight_selectors, TrailName="main", InsightSelectors=wanted) == "InsufficientS3BucketPolicyException"
    cairn.stop()
    cairn.start()
    cloudtrail = cairn.client("cloudtrail")
    assert cloudtrail.get_insight_selectors(TrailName="main")["InsightSelectors"] == wanted
    cloudtrail.put_insight_selectors(TrailName="main", InsightSelectors=[])
    assert cloudtrail.describe_trails()["trailList"][0]["HasInsightSelectors"] is False


def test_event_configuration_and_resource_policies(cloudtrail):
    cloudtrail.create_trail(Name="main", S3BucketName="logs")
    assert cloudtrail.get_event_configuration(TrailName="main")["AggregationConfigurations"] == []
    aggregations = [{"EventCategory": "Data", "Templates": ["API_ACTIVITY"]}]
    assert code_of(cloudtrail.put_event_configuration, TrailName="main", AggregationConfigurations=aggregations) == "UnsupportedOperationException"
    assert code_of(cloudtrail.put_event_configuration, TrailName="main", MaxEventSize="Large") == "InvalidParameterCombinationException"
    channel = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:channel/0b1c"
    for resource, code in ((channel, "ResourceNotFoundException"), (ARN + "main", "ResourceTypeNotSupportedException"), ("main", "ResourceARNNotValidException")):
        assert code_of(cloudtrail.put_resource_policy, ResourceArn=resource, ResourcePolicy="{}") == code
        assert code_of(cloudtrail.get_resource_policy, ResourceArn=resource) == code
        assert code_of(cloudtrail.delete_resource_policy, ResourceArn=resource) == code


def test_policies_may_ask_for_tags(cairn, cloudtrail):
    """Who may only touch what his team owns: aws:ResourceTag, aws:RequestTag and aws:TagKeys."""
    import boto3

    statements = [
        {"Effect": "Allow", "Action": "cloudtrail:CreateTrail", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestTag/team": "risk"}}},
        {"Effect": "Allow", "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:ListTags"], "Resource": "*",
         "Condition": {"StringEquals": {"aws:ResourceTag/team": "risk"}}},
        {"Effect": "Allow", "Action": ["cloudtrail:AddTags", "cloudtrail:RemoveTags"], "Resource": "*",
         "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["note"]}}},
    ]
    iam = cairn.client("iam")
    iam.create_user(UserName="wren")
    iam.put_user_policy(UserName="wren", PolicyName="team", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    key = iam.create_access_key(UserName="wren")["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")
    wren = session.client("cloudtrail", endpoint_url=cairn.endpoint)
    cloudtrail.create_trail(Name="other", S3BucketName="logs", TagsList=[{"Key": "team", "Value": "audit"}])

    assert code_of(wren.create_trail, Name="mine", S3BucketName="logs") == "AccessDeniedException"
    assert code_of(wren.create_trail, Name="mine", S3BucketName="logs", TagsList=[{"Key": "team", "Value": "audit"}]) == "AccessDeniedException"
    wren.create_trail(Name="mine", S3BucketName="logs", TagsList=[{"Key": "team", "Value": "risk"}])
    wren.stop_logging(Name="mine")
    assert code_of(wren.stop_logging, Name="other") == "AccessDeniedException"
    assert code_of(wren.add_tags, ResourceId=ARN + "other", TagsList=[{"Key": "team", "Value": "risk"}]) == "AccessDeniedException"
    assert code_of(wren.remove_tags, ResourceId=ARN + "other", TagsList=[{"Key": "team"}]) == "AccessDeniedException"
    wren.add_tags(ResourceId=ARN + "other", TagsList=[{"Key": "note", "Value": "seen"}])
    wren.remove_tags(ResourceId=ARN + "other", TagsList=[{"Key": "note"}])
    assert code_of(wren.list_tags, ResourceIdList=[ARN + "mine", ARN + "other"]) == "AccessDeniedException"
    assert wren.list_tags(ResourceIdList=[ARN + "mine"])["ResourceTagList"][0]["TagsList"] == [{"Key": "team", "Value": "risk"}]
    wren.delete_trail(Name="mine")
