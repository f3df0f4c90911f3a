"""An organization of five accounts as boto3 sees it: accounts that are made and assumed into, what members may, and who leaves."""

import json

import boto3
import pytest
from botocore.config import Config
from cairn import REGION, Cairn, code_of, eventually
from records import record

HERE, THERE = "111122223333", "444455556666"
CONFIG = f"""delivery: {{interval: 1s}}
accounts:
  - {{id: "{HERE}", name: here, users: [{{name: admin, administrator: true}}]}}
  - {{id: "{THERE}", name: there, users: [{{name: admin, administrator: true}}]}}
"""
ROLE = "OrganizationAccountAccessRole"


def profile_of(cairn, account):
    lines = cairn.credentials_file.read_text().splitlines()
    return next((line.strip("[]") for line in lines if line.startswith("[") and account in line), "default")


def assume(cairn, account, role=ROLE):
    """The credentials of an administrator of an account that the organization made."""
    return cairn.client("sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="test")["Credentials"]


def client_with(cairn, service, credentials, region=REGION):
    return boto3.client(
        service, region_name=region, endpoint_url=cairn.endpoint, aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"], aws_session_token=credentials.get("SessionToken"),
        config=Config(retries={"max_attempts": 1, "mode": "standard"}),
    )


def client_in(cairn, account, service, region=REGION, role=ROLE):
    return client_with(cairn, service, assume(cairn, account, role), region)


def new_account(cairn, name):
    organizations = cairn.client("organizations")
    begun = organizations.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]
    assert begun["State"] == "IN_PROGRESS"
    done = organizations.describe_create_account_status(CreateAccountRequestId=begun["Id"])["CreateAccountStatus"]
    assert done["State"] == "SUCCEEDED", done
    return done["AccountId"]


class Family:
    """The organization of HERE with four accounts that it made; THERE is in none."""

    def __init__(self, cairn):
        self.cairn = cairn
        self.organizations = cairn.client("organizations")
        self.id = self.organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        self.made = [new_account(cairn, f"member-{i}") for i in range(4)]
        self.there = profile_of(cairn, THERE)

    def client(self, account, service, region=REGION):
        if account == HERE:
            return self.cairn.client(service, region=region)
        return client_in(self.cairn, account, service, region)


@pytest.fixture(scope="module")
def cairn(binary, tmp_path_factory):
    with Cairn(binary, tmp_path_factory.mktemp("organizations"), CONFIG) as running:
        yield running


@pytest.fixture(scope="module")
def family(cairn):
    return Family(cairn)


def records_of(cairn, name, **where):
    """Records of the event history with this name."""
    def find():
        events = cairn.lookup_all(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}], **where)
        return [json.loads(event["CloudTrailEvent"]) for event in events]
    return eventually(find)


def test_accounts_are_made_and_assumed_into(cairn, family):
    accounts = [one for page in family.organizations.get_paginator("list_accounts").paginate(MaxResults=2) for one in page["Accounts"]]
    assert {one["Id"] for one in accounts} == {HERE, *family.made}
    assert {one["Status"] for one in accounts} == {"ACTIVE"}
    for account in family.made:
        assert family.client(account, "sts").get_caller_identity()["Account"] == account
    assert family.client(family.made[0], "iam").create_user(UserName="ann")["User"]["Arn"] == f"arn:aws:iam::{family.made[0]}:user/ann"
    # Nobody else comes in by that role.
    outsider = cairn.client("sts", family.there)
    assert code_of(outsider.assume_role, RoleArn=f"arn:aws:iam::{family.made[0]}:role/{ROLE}", RoleSessionName="outsider") == "AccessDenied"


def test_records_are_in_us_east_1_and_hide_who_it_is(cairn, family):
    made = records_of(cairn, "CreateAccount")[0]
    assert made["eventSource"] == "organizations.amazonaws.com" and made["awsRegion"] == "us-east-1"
    assert made["requestParameters"]["email"] == "****" and made["requestParameters"]["accountName"] == "****"
    assert made["responseElements"]["createAccountStatus"]["state"] == "IN_PROGRESS"
    assert made["readOnly"] is False and made["recipientAccountId"] == HERE
    elsewhere = cairn.client("organizations", region="eu-west-1").list_roots()
    assert elsewhere["Roots"][0]["Name"] == "Root"
    assert {one["awsRegion"] for one in records_of(cairn, "ListRoots")} == {"us-east-1"}


def test_members_may_not_manage(family):
    member = family.client(family.made[0], "organizations")
    assert member.describe_organization()["Organization"]["MasterAccountId"] == HERE
    assert code_of(member.list_accounts) == "AccessDeniedException"
    assert code_of(member.create_account, Email="x@example.com", AccountName="x") == "AccessDeniedException"
    assert code_of(family.cairn.client("organizations", family.there).describe_organization) == "AWSOrganizationsNotInUseException"


def test_units_and_trusted_services(family):
    organizations = family.organizations
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="birds")["OrganizationalUnit"]["Id"]
    organizations.move_account(AccountId=family.made[3], SourceParentId=root, DestinationParentId=unit)
    assert organizations.list_parents(ChildId=family.made[3])["Parents"] == [{"Id": unit, "Type": "ORGANIZATIONAL_UNIT"}]
    assert organizations.list_children(ParentId=unit, ChildType="ACCOUNT")["Children"] == [{"Id": family.made[3], "Type": "ACCOUNT"}]
    organizations.enable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    organizations.register_delegated_administrator(AccountId=family.made[3], ServicePrincipal="config.amazonaws.com")
    assert family.client(family.made[3], "organizations").list_accounts()["Accounts"]
    assert code_of(organizations.delete_organization) == "OrganizationNotEmptyException"
    organizations.disable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    assert organizations.list_delegated_administrators()["DelegatedAdministrators"] == []
    organizations.move_account(AccountId=family.made[3], SourceParentId=unit, DestinationParentId=root)
    organizations.delete_organizational_unit(OrganizationalUnitId=unit)


def test_a_bucket_for_the_organization_alone(cairn, family):
    s3 = cairn.client("s3")
    s3.create_bucket(Bucket="for-members")
    s3.put_object(Bucket="for-members", Key="note", Body=b"x")
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::for-members/*",
                 "Condition": {"StringEquals": {"aws:PrincipalOrgID": family.id}}}
    s3.delete_public_access_block(Bucket="for-members")
    s3.put_bucket_policy(Bucket="for-members", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    for account in family.made:
        assert family.client(account, "s3").get_object(Bucket="for-members", Key="note")["Body"].read() == b"x"
    assert code_of(cairn.client("s3", family.there).get_object, Bucket="for-members", Key="note") == "AccessDenied"


def test_an_account_that_is_there_is_invited(cairn, family):
    handshake = family.organizations.invite_account_to_organization(Target={"Id": THERE, "Type": "ACCOUNT"}, Notes="come in")["Handshake"]
    theirs = cairn.client("organizations", family.there)
    assert [one["Id"] for one in theirs.list_handshakes_for_account()["Handshakes"]] == [handshake["Id"]]
    assert theirs.accept_handshake(HandshakeId=handshake["Id"])["Handshake"]["State"] == "ACCEPTED"
    assert theirs.describe_organization()["Organization"]["Id"] == family.id
    assert family.organizations.describe_account(AccountId=THERE)["Account"]["JoinedMethod"] == "INVITED"
    theirs.leave_organization()
    assert code_of(theirs.describe_organization) == "AWSOrganizationsNotInUseException"


def test_accounts_outlive_a_restart(binary, tmp_path):
    with Cairn(binary, tmp_path, CONFIG) as cairn:
        cairn.client("organizations").create_organization()
        account = new_account(cairn, "lasting")
        cairn.stop()
        cairn.start()
        assert client_in(cairn, account, "sts").get_caller_identity()["Account"] == account
        assert cairn.put_records([record("CreateQueue", account=account)])[0] == 200, "the door knows it, too"
