"""Regions: trails of one and of all, their shadows, what may be asked of them from where, and what they deliver before and after a conversion."""

import gzip
import json

import pytest
from cairn import Cairn, code_of, eventually
from records import ACCOUNT, record
from test_many_trails import nothing_waits

HOME, SHADOW, FAR = "us-east-1", "eu-west-1", "ap-south-1"


@pytest.fixture(scope="module")
def regions(binary, tmp_path_factory):
    """A Cairn with a trail of one Region and one of all, both at home in us-east-1."""
    with Cairn(binary, tmp_path_factory.mktemp("cairn"), "delivery: {interval: 1s}\n") as cairn:
        cairn.make_trail("one", "one", start=False)
        cairn.make_trail("all", "all", start=False, IsMultiRegionTrail=True)
        yield cairn


def arn(name, region=HOME):
    return f"arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/{name}"


READS = {"get_trail": "Name", "get_event_selectors": "TrailName", "get_trail_status": "Name"}
CHANGES = {
    "start_logging": ("Name", {}), "stop_logging": ("Name", {}), "update_trail": ("Name", {"IncludeGlobalServiceEvents": True}),
    "put_event_selectors": ("TrailName", {"EventSelectors": [{}]}), "delete_trail": ("Name", {}),
}


@pytest.mark.parametrize("operation", READS)
def test_what_may_be_read_from_where(regions, operation):
    here, elsewhere = regions.client("cloudtrail", region=HOME), regions.client("cloudtrail", region=SHADOW)
    member = READS[operation]

    def asked(client, name):
        return code_of(getattr(client, operation), **{member: name})

    assert [asked(here, name) for name in ("one", "all", arn("one"), arn("all"))] == [""] * 4
    # By name: what is visible there. A shadow's status is asked for by ARN.
    assert asked(elsewhere, "one") == "TrailNotFoundException"
    assert asked(elsewhere, "all") == ("TrailNotFoundException" if operation == "get_trail_status" else "")
    assert [asked(elsewhere, arn(name)) for name in ("one", "all")] == [""] * 2
    # An ARN names the home Region, not the shadow's.
    assert asked(elsewhere, arn("all", SHADOW)) == "TrailNotFoundException"


@pytest.mark.parametrize("operation", CHANGES)
def test_what_may_be_changed_from_where(regions, operation):
    elsewhere = regions.client("cloudtrail", region=SHADOW)
    before = regions.client("cloudtrail").describe_trails()["trailList"]
    member, more = CHANGES[operation]

    def asked(name):
        return code_of(getattr(elsewhere, operation), **{member: name}, **more)

    assert asked("one") == "TrailNotFoundException"
    assert asked("all") == "InvalidHomeRegionException"
    assert [asked(arn(name)) for name in ("one", "all")] == ["InvalidHomeRegionException"] * 2
    assert asked(arn("all", SHADOW)) == "TrailNotFoundException"
    assert regions.client("cloudtrail").describe_trails()["trailList"] == before


def shown(cairn, region, **arguments):
    return sorted(trail["Name"] for trail in cairn.client("cloudtrail", region=region).describe_trails(**arguments)["trailList"])


def test_shadows_are_described_where_they_are_wanted(regions):
    assert shown(regions, HOME) == shown(regions, HOME, includeShadowTrails=False) == ["all", "one"]
    assert shown(regions, SHADOW) == ["all"] and shown(regions, SHADOW, includeShadowTrails=False) == []
    assert shown(regions, SHADOW, trailNameList=["one", "all", "other"]) == ["all"]
    assert shown(regions, SHADOW, trailNameList=["all"], includeShadowTrails=False) == []
    assert shown(regions, SHADOW, trailNameList=[arn("one")]) == ["one"]
    assert code_of(regions.client("cloudtrail").describe_trails, trailNameList=["arn:aws:s3:::x"]) == "CloudTrailARNInvalidException"
    everywhere = [{"TrailARN": arn(name), "Name": name, "HomeRegion": HOME} for name in ("all", "one")]
    assert [regions.client("cloudtrail", region=region).list_trails()["Trails"] for region in (HOME, SHADOW)] == [everywhere] * 2


def test_a_conversion_makes_shadows_and_takes_them_away(regions):
    regions.make_trail("turns", "turns", start=False)
    cloudtrail = regions.client("cloudtrail")
    there = regions.client("cloudtrail", region=SHADOW)
    assert code_of(cloudtrail.update_trail, Name="turns", IsMultiRegionTrail=True, IncludeGlobalServiceEvents=False) == "InvalidParameterCombinationException"
    assert "turns" not in shown(regions, SHADOW)
    cloudtrail.update_trail(Name="turns", IsMultiRegionTrail=True)
    assert there.get_trail(Name="turns") | {"ResponseMetadata": 0} == cloudtrail.get_trail(Name="turns") | {"ResponseMetadata": 0}
    assert code_of(there.create_trail, Name="turns", S3BucketName="one") == "TrailAlreadyExistsException"
    back = cloudtrail.update_trail(Name="turns", IsMultiRegionTrail=False)
    assert (back["IsMultiRegionTrail"], back["IncludeGlobalServiceEvents"]) == (False, False)
    assert "turns" not in shown(regions, SHADOW)
    # Its name is free there now; and then taken for the shadow.
    there.create_trail(Name="turns", S3BucketName="one")
    assert code_of(cloudtrail.update_trail, Name="turns", IsMultiRegionTrail=True) == "TrailAlreadyExistsException"
    assert cloudtrail.get_trail(Name="turns")["Trail"]["IsMultiRegionTrail"] is False
    # Where there is no room for a shadow, none is made.
    for number in range(3):
        there.create_trail(Name=f"full-{number}", S3BucketName="one")
    there.delete_trail(Name="turns")
    there.create_trail(Name="full-3", S3BucketName="one")
    assert code_of(cloudtrail.update_trail, Name="turns", IsMultiRegionTrail=True) == "MaximumNumberOfTrailsExceededException"
    assert code_of(regions.client("cloudtrail", region=FAR).create_trail, Name="new", S3BucketName="one", IsMultiRegionTrail=True) == "MaximumNumberOfTrailsExceededException"


# --- what is delivered ---

def convert(cairn, name, region, **arguments):
    """Changes a trail and waits until the change is in the journal: it holds for what comes behind it."""
    cairn.client("cloudtrail", region=region).update_trail(Name=name, **arguments)

    def holds():
        trails = [e["control"]["trail"] for e in cairn.journal() if e["kind"] == "control" and e["control"]["arn"] == arn(name, region)]
        wanted = {"IsMultiRegionTrail": "multiRegion", "IncludeGlobalServiceEvents": "includeGlobalServiceEvents"}
        return all(trails[-1][wanted[member]] == value for member, value in arguments.items())

    assert eventually(holds)


def hand_in(cairn):
    """A record in each of three Regions, and one of a global service. Their event ids: Regional ones by Region, and the global one."""
    made = [record(region=region) for region in (HOME, SHADOW, FAR)] + [record("CreateUser", region=HOME, source="iam.amazonaws.com")]
    status, answer = cairn.put_records(made)
    assert status == 200, answer
    ids = [one["eventID"] for one in made]
    return {HOME: ids[0], SHADOW: ids[1], FAR: ids[2], "global": ids[3]}


def delivered(cairn, bucket, region):
    """Event id -> the Region whose folder its file lies in; nothing may be there twice."""
    found = {}
    for key, body in cairn.log_files(bucket, region=region).items():
        for one in json.loads(gzip.decompress(body))["Records"]:
            assert one["eventID"] not in found, f"{one['eventName']} is there twice"
            assert key.startswith(f"AWSLogs/{ACCOUNT}/CloudTrail/{one['awsRegion']}/"), key
            found[one["eventID"]] = one["awsRegion"]
    return found


def test_each_event_once_in_the_right_place_before_and_after_a_conversion(binary, tmp_path):
    with Cairn(binary, tmp_path, "delivery: {interval: 2s}\n") as cairn:
        cairn.make_trail("home", "home", region=HOME)
        cairn.make_trail("far", "far", region=FAR)
        batches = [hand_in(cairn)]
        for name, region in (("home", HOME), ("far", FAR)):
            convert(cairn, name, region, IsMultiRegionTrail=True)
        batches.append(hand_in(cairn))
        # What was planned stays, and a replay meets the conversion at its place.
        cairn.kill()
        cairn.start()
        batches.append(hand_in(cairn))
        for name, region in (("home", HOME), ("far", FAR)):
            convert(cairn, name, region, IsMultiRegionTrail=False)
        batches.append(hand_in(cairn))
        convert(cairn, "home", HOME, IncludeGlobalServiceEvents=True)
        convert(cairn, "far", FAR, IncludeGlobalServiceEvents=True)
        batches.append(hand_in(cairn))

        everything = [HOME, SHADOW, FAR, "global"]
        taken = {"home": [[HOME, "global"], everything, everything, [HOME], [HOME, "global"]], "far": [[FAR], everything, everything, [FAR], [FAR]]}
        for name, region in (("home", HOME), ("far", FAR)):
            wanted = {batch[place]: HOME if place == "global" else place for batch, places in zip(batches, taken[name]) for place in places}
            ours = {one for batch in batches for one in batch.values()}

            def arrived(name=name, region=region, wanted=wanted):
                return wanted.keys() <= delivered(cairn, name, region).keys()

            assert eventually(arrived), f"{name}: {wanted.keys() - delivered(cairn, name, region).keys()}"
            assert eventually(lambda: nothing_waits(cairn)), "what waits is not delivered"
            assert {i: place for i, place in delivered(cairn, name, region).items() if i in ours} == wanted
            # Each Region has a status of its own, in the shadows' also now that they are gone.
            for place in (HOME, SHADOW, FAR):
                status = cairn.client("cloudtrail", region=place).get_trail_status(Name=arn(name, region))
                assert "LatestDeliveryTime" in status and status["IsLogging"] is True


def test_calls_are_events_of_the_region_they_were_made_in_and_global_ones_of_us_east_1(cairn):
    cairn.make_trail("here", "here", region=SHADOW)
    cairn.make_trail("there", "there", region=HOME)
    cairn.client("iam", region=SHADOW).create_user(UserName="wren")
    cairn.client("sts", region=SHADOW).get_caller_identity()
    cairn.client("cloudtrail", region=SHADOW).list_trails()

    def names(bucket, region):
        return {one["eventName"]: one["awsRegion"] for one in cairn.delivered(bucket=bucket, region=region)}

    assert eventually(lambda: "ListTrails" in names("here", SHADOW) and "CreateUser" in names("there", HOME))
    assert "CreateUser" not in names("here", SHADOW) and names("here", SHADOW)["GetCallerIdentity"] == SHADOW
    assert "ListTrails" not in names("there", HOME) and names("there", HOME)["CreateUser"] == HOME
