"""An organization's trail from outside: every member's records in one bucket, who sees the trail, who may change it, who reads what."""

import gzip
import json
import re

import pytest
from cairn import REGION, Cairn, bucket_policy, code_of, eventually
from test_organizations import CONFIG, HERE, THERE, Family, client_in, client_with, new_account

BUCKET, NAME = "central", "family"


def arn_of(name, account=HERE, region=REGION):
    return f"arn:aws:cloudtrail:{region}:{account}:trail/{name}"


def grant(account, prefix):
    return {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/{prefix}/*"}


class Trails(Family):
    """The family, its central bucket, and the organization's trail; THERE and HERE deliver into the bucket by trails of their own."""

    def __init__(self, cairn):
        super().__init__(cairn)
        self.trails = cairn.client("cloudtrail")
        self.outsider = cairn.client("cloudtrail", self.there)
        s3 = cairn.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        policy = bucket_policy(BUCKET)
        policy["Statement"] += bucket_policy(BUCKET, "more/")["Statement"][1:]
        policy["Statement"] += [grant(account, f"AWSLogs/{self.id}/{account}") for account in self.made]
        policy["Statement"].append(grant(THERE, f"AWSLogs/{THERE}"))
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))

    def start(self, name, client=None, account=HERE, **options):
        client = client or self.trails
        made = client.create_trail(Name=name, S3BucketName=BUCKET, **options)
        assert made["TrailARN"] == arn_of(name, account)
        client.start_logging(Name=made["TrailARN"])
        assert eventually(lambda: self.cairn._logs(made["TrailARN"])), "the start is not in the journal"
        return made

    def files(self, top):
        """The account's folder below AWSLogs/ -> its delivered records."""
        found = {}
        for key, body in self.cairn.log_files(BUCKET).items():
            matched = re.fullmatch(rf"AWSLogs/{top}(\d{{12}})/CloudTrail/([a-z0-9-]+)/\d{{4}}/\d\d/\d\d/(\d{{12}})_CloudTrail_\2_\d{{8}}T\d{{4}}Z_\w{{16}}\.json\.gz", key)
            if matched:
                assert matched[1] == matched[3]
                found.setdefault(matched[1], []).extend(json.loads(gzip.decompress(body))["Records"])
        return found

    def did(self, account, user):
        """Something to be recorded in an account, by the name of the user that it makes."""
        client = self.cairn.client("iam", self.there) if account == THERE else self.client(account, "iam")
        client.create_user(UserName=user)

    def delivered(self, account, user, top=None):
        records = self.files(f"{self.id}/" if top is None else top).get(account, [])
        return [one for one in records if one["eventName"] == "CreateUser" and one["requestParameters"]["userName"] == user]


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory):
    with Cairn(binary, tmp_path_factory.mktemp("organization-trails"), CONFIG) as running:
        yield running


@pytest.fixture(scope="module")
def trails(cairn):
    """Before there is a trail: what is refused. Then all of them start."""
    family = Trails(cairn)
    wanted = {"Name": NAME, "S3BucketName": BUCKET, "IsOrganizationTrail": True, "IsMultiRegionTrail": True}
    assert code_of(family.outsider.create_trail, **wanted) == "OrganizationsNotInUseException"
    assert code_of(family.client(family.made[0], "cloudtrail").create_trail, **wanted) == "NotOrganizationMasterAccountException"
    assert code_of(family.trails.create_trail, **wanted) == "CloudTrailAccessNotEnabledException"
    family.organizations.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    iam = cairn.client("iam")
    iam.create_user(UserName="trailer")
    statement = {"Effect": "Allow", "Action": "cloudtrail:*", "Resource": "*"}
    iam.put_user_policy(UserName="trailer", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    trailer = client_with(cairn, "cloudtrail", iam.create_access_key(UserName="trailer")["AccessKey"])
    assert code_of(trailer.create_trail, **wanted) == "InsufficientDependencyServiceAccessPermissionException"
    made = family.start(NAME, IsOrganizationTrail=True, IsMultiRegionTrail=True)
    assert made["IsOrganizationTrail"] is True
    assert code_of(iam.delete_role, RoleName="AWSServiceRoleForCloudTrail") == "UnmodifiableEntity"
    family.start("alone", IsMultiRegionTrail=True)
    family.start("theirs", family.outsider, THERE, IsMultiRegionTrail=True)
    return family


def test_every_account_delivers_into_one_bucket(trails):
    everyone = [HERE, *trails.made]
    for account in (*everyone, THERE):
        trails.did(account, "ann")
    for account in everyone:
        assert eventually(lambda: trails.delivered(account, "ann")), account
    assert eventually(lambda: trails.delivered(HERE, "ann", "") and trails.delivered(THERE, "ann", ""))
    for top in (f"{trails.id}/", ""):
        for account, records in trails.files(top).items():
            assert {one["recipientAccountId"] for one in records} == {account}
            ids = [one["eventID"] for one in records]
            assert len(ids) == len(set(ids)), "one record, one file of each trail"
    assert set(trails.files(f"{trails.id}/")) == set(everyone), "of members alone"
    assert set(trails.files("")) == {HERE, THERE}, "trails of their own have their own accounts alone"


def test_each_account_reads_only_what_the_policy_grants(trails, cairn):
    keys = list(cairn.log_files(BUCKET))
    readers = {account: trails.client(account, "s3") for account in trails.made} | {THERE: cairn.client("s3", trails.there)}
    for account, s3 in readers.items():
        top = f"AWSLogs/{THERE}/" if account == THERE else f"AWSLogs/{trails.id}/{account}/"
        theirs, others = [k for k in keys if k.startswith(top)], [k for k in keys if not k.startswith(top)]
        assert theirs and others
        assert s3.get_object(Bucket=BUCKET, Key=theirs[0])["Body"].read()
        for key in others[:3] + others[-3:]:
            assert code_of(s3.get_object, Bucket=BUCKET, Key=key) == "AccessDenied"


def test_members_see_the_trail(trails):
    for region in (REGION, "eu-west-1"):
        member = trails.client(trails.made[0], "cloudtrail", region)
        shown = member.describe_trails()["trailList"]
        assert [one["TrailARN"] for one in shown] == [arn_of(NAME)]
        assert shown[0]["IsOrganizationTrail"] is True and shown[0]["HomeRegion"] == REGION
        assert member.describe_trails(includeShadowTrails=False)["trailList"] == []
        assert member.describe_trails(trailNameList=[NAME])["trailList"] == [], "members must name it by ARN"
        assert len(member.describe_trails(trailNameList=[arn_of(NAME)])["trailList"]) == 1
        assert [one["TrailARN"] for one in member.list_trails()["Trails"]] == [arn_of(NAME)]
        assert member.get_trail(Name=arn_of(NAME))["Trail"]["IsOrganizationTrail"] is True
        assert code_of(member.get_trail, Name=NAME) == "TrailNotFoundException"
        assert member.get_trail_status(Name=arn_of(NAME))["IsLogging"] is True
        assert member.get_event_selectors(TrailName=arn_of(NAME))["EventSelectors"]
        assert code_of(member.get_trail, Name=arn_of("alone")) == "TrailNotFoundException", "it is the management account's own"
    assert code_of(trails.outsider.get_trail, Name=arn_of(NAME)) == "TrailNotFoundException"
    assert {one["Name"] for one in trails.trails.describe_trails()["trailList"]} == {NAME, "alone"}


def test_members_cannot_change_it(trails):
    member = trails.client(trails.made[0], "cloudtrail")
    selectors = [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]
    before = trails.trails.get_trail(Name=NAME)["Trail"]
    for call, arguments in (
        (member.update_trail, {"Name": arn_of(NAME), "S3KeyPrefix": "x"}), (member.delete_trail, {"Name": arn_of(NAME)}),
        (member.stop_logging, {"Name": arn_of(NAME)}), (member.start_logging, {"Name": arn_of(NAME)}),
        (member.put_event_selectors, {"TrailName": arn_of(NAME), "EventSelectors": selectors}),
        (member.add_tags, {"ResourceId": arn_of(NAME), "TagsList": [{"Key": "a", "Value": "b"}]}),
    ):
        assert code_of(call, **arguments) == "NotOrganizationMasterAccountException", call
    assert trails.trails.get_trail(Name=NAME)["Trail"] == before
    assert trails.trails.get_trail_status(Name=NAME)["IsLogging"] is True


def test_who_joins_is_taken_and_who_leaves_is_not(trails, cairn):
    young = new_account(cairn, "young")
    trails.did(young, "early")
    assert eventually(lambda: trails.delivered(young, "early")), "it was there when it acted"
    trails.organizations.remove_account_from_organization(AccountId=young)
    trails.did(young, "late")
    assert client_in(cairn, young, "cloudtrail").describe_trails()["trailList"] == []
    trails.did(HERE, "after")
    assert eventually(lambda: trails.delivered(HERE, "after"))
    assert trails.delivered(young, "early") and not trails.delivered(young, "late")


def test_the_call_by_which_a_member_leaves_is_the_last_that_is_taken(trails, cairn):
    leaver = new_account(cairn, "leaver")
    client_in(cairn, leaver, "organizations").leave_organization()
    trails.did(leaver, "later")
    trails.did(HERE, "then")
    assert eventually(lambda: trails.delivered(HERE, "then"))

    def asked_of_organizations():
        records = trails.files(f"{trails.id}/").get(leaver, [])
        return [one["eventName"] for one in records if one["eventSource"] == "organizations.amazonaws.com"]

    assert eventually(lambda: asked_of_organizations() == ["LeaveOrganization"])
    assert not trails.delivered(leaver, "later")


def test_delegated_administrators(trails, cairn):
    first, second, third, fourth = trails.made
    register = trails.trails.register_organization_delegated_admin
    deregister = trails.trails.deregister_organization_delegated_admin
    assert code_of(register, MemberAccountId=HERE) == "CannotDelegateManagementAccountException"
    assert code_of(register, MemberAccountId=THERE) == "AccountNotFoundException"
    assert code_of(deregister, DelegatedAdminAccountId=first) == "AccountNotRegisteredException"
    assert code_of(trails.outsider.register_organization_delegated_admin, MemberAccountId=first) == "OrganizationsNotInUseException"
    for account in (first, second, third):
        register(MemberAccountId=account)
    assert code_of(register, MemberAccountId=first) == "AccountRegisteredException"
    assert code_of(register, MemberAccountId=fourth) == "DelegatedAdminAccountLimitExceededException"
    registered = trails.organizations.list_delegated_administrators(ServicePrincipal="cloudtrail.amazonaws.com")
    assert {one["Id"] for one in registered["DelegatedAdministrators"]} == {first, second, third}
    delegate = trails.client(first, "cloudtrail")
    assert code_of(delegate.register_organization_delegated_admin, MemberAccountId=fourth) == "NotOrganizationManagementAccountException"
    # What he makes is the management account's.
    made = delegate.create_trail(Name="delegated", S3BucketName=BUCKET, IsOrganizationTrail=True)
    assert made["TrailARN"] == arn_of("delegated")
    delegate.start_logging(Name=made["TrailARN"])
    assert delegate.get_trail_status(Name=made["TrailARN"])["IsLogging"] is True
    delegate.update_trail(Name=made["TrailARN"], S3KeyPrefix="more")
    assert trails.trails.get_trail(Name="delegated")["Trail"]["S3KeyPrefix"] == "more"
    assert code_of(delegate.update_trail, Name=made["TrailARN"], IsOrganizationTrail=False) == "NotOrganizationMasterAccountException"
    assert code_of(delegate.update_trail, Name=arn_of("alone"), S3KeyPrefix="x") == "TrailNotFoundException"
    delegate.delete_trail(Name=made["TrailARN"])
    for account in (first, second, third):
        deregister(DelegatedAdminAccountId=account)
    assert code_of(delegate.stop_logging, Name=arn_of(NAME)) == "NotOrganizationMasterAccountException"


def test_the_management_account_makes_one_of_the_other(trails):
    trails.trails.create_trail(Name="turning", S3BucketName=BUCKET)
    assert trails.trails.update_trail(Name="turning", IsOrganizationTrail=True)["IsOrganizationTrail"] is True
    member = trails.client(trails.made[0], "cloudtrail")
    assert len(member.describe_trails()["trailList"]) == 2
    assert trails.trails.update_trail(Name="turning", S3KeyPrefix="more")["IsOrganizationTrail"] is True
    assert trails.trails.update_trail(Name="turning", IsOrganizationTrail=False)["IsOrganizationTrail"] is False
    assert len(member.describe_trails()["trailList"]) == 1
    trails.trails.delete_trail(Name="turning")


def test_without_trusted_access_it_is_the_accounts_alone(trails):
    """The last: from here on there is no organization's trail."""
    trails.organizations.disable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    assert trails.trails.get_trail(Name=NAME)["Trail"]["IsOrganizationTrail"] is False
    assert trails.client(trails.made[0], "cloudtrail").describe_trails()["trailList"] == []
    trails.did(trails.made[0], "unseen")
    trails.did(HERE, "own")
    assert eventually(lambda: [one for one in trails.delivered(HERE, "own", "")])
    assert not trails.delivered(trails.made[0], "unseen")
