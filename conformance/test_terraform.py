"""Terraform's aws provider: made, seen without drift, changed in place, imported into an empty state, and destroyed.

What is made is in terraform/*.tf; -var round=second is what it is changed into. terraform/slow has what the provider itself waits
a minute for.
"""

import json
import re

import pytest
from botocore.exceptions import ClientError
from cairn import ROOT
from terraform import Terraform

FILES = ROOT / "conformance/terraform"
# What AWS does not hold, so that an import cannot know it (an object is put again for its content); the ids of attachments and
# memberships are made up by the provider.
OF_THE_STATE_ALONE = {"force_destroy", "force_detach_policies", "content", "version_id", "id", "role_name", "close_on_deletion", "create_govcloud",
                      "govcloud_id"}
# All others differ between the rounds.
UNCHANGED = {
    "aws_cloudtrail.least", "aws_cloudtrail_organization_delegated_admin_account.audit", "aws_iam_account_alias.here",
    "aws_iam_group.writers", "aws_iam_group_membership.readers", "aws_iam_group_policy_attachment.readers", "aws_iam_policy.shared",
    "aws_iam_role_policy_attachment.full", "aws_iam_user_group_membership.writers", "aws_iam_user_policy_attachment.ann", "aws_kms_key.other",
    "aws_organizations_organizational_unit.waders", "aws_s3_bucket.plain", "aws_s3_bucket_acl.plain",
    "aws_s3_bucket_ownership_controls.plain", "aws_s3_bucket_policy.logs",
}
UNCHANGED_OF_SLOW = {"aws_s3_bucket.queued", "aws_sqs_queue_redrive_allow_policy.dead"}
# What a bucket and a role repeat of their companions: the first state has it from before these changed.
REPEATED = {("aws_iam_role", "inline_policy"), ("aws_iam_policy", "attachment_count"),
            ("aws_organizations_organizational_unit", "accounts"), ("aws_sns_topic", "policy"), ("aws_sqs_queue", "policy"),
            ("aws_sqs_queue", "redrive_allow_policy")} | {("aws_s3_bucket", name) for name in (
    "cors_rule", "lifecycle_rule", "logging", "object_lock_configuration", "policy", "server_side_encryption_configuration", "versioning")}
# An import of a key asks GetAccessKeyLastUsed, which is not there.
MADE_ANEW = {"aws_iam_access_key.ann"}
# What has an id that nobody can know before.
MADE_UP = ("aws_cloudtrail_organization", "aws_kms_key", "aws_organizations", "aws_sns_topic_subscription", "aws_sqs_queue")
ENDPOINTS = """provider "aws" {{
  endpoints {{
    cloudtrail    = "{0}"
    iam           = "{0}"
    kms           = "{0}"
    organizations = "{0}"
    s3            = "{0}"
    sns           = "{0}"
    sqs           = "{0}"
    sts           = "{0}"
  }}
}}
"""


@pytest.fixture
def terraform(cairn, tmp_path):
    terraform = Terraform(tmp_path / "terraform", cairn.aws_environment() | {"AWS_REGION": "us-east-1"})
    terraform.add(*FILES.glob("*.tf"))
    return terraform


def made_and_changed(terraform, unchanged=UNCHANGED):
    """The attributes of each resource at the end."""
    terraform.run("init")
    terraform.variables = {"round": "first"}
    terraform.apply()
    assert not (drift := terraform.drift()), drift
    before = terraform.resources()
    terraform.variables = {"round": "second"}
    said = terraform.apply()
    assert not re.search(r"Destroying|Creating", said), said
    assert not (drift := terraform.drift()), drift
    after = terraform.resources()
    same = {address for address in after if told(before[address]) == told(after[address])}
    assert same == unchanged
    return after


def told(attributes):
    """Without what a refresh fills in: an empty map for none, and how many hold a policy."""
    return {name: value for name, value in attributes.items() if value and name != "attachment_count"}


def imported_and_destroyed(terraform, cairn, original, more=()):
    # From here on the endpoints come from the provider's block.
    del terraform.environment["AWS_ENDPOINT_URL"]
    (terraform.folder / "override.tf").write_text(ENDPOINTS.format(cairn.endpoint))
    terraform.add(*(FILES / f"import/{name}.tf" for name in ("imports", "messages_import", "organization_import", *more)))
    made_up = {address: held["id"] for address, held in original.items() if address.split(".")[0].startswith(MADE_UP)}
    terraform.variables["made_up"] = json.dumps(made_up)
    terraform.state = "imported.tfstate"
    terraform.apply()
    assert not (drift := terraform.drift()), drift
    found = terraform.resources()
    assert found.keys() == original.keys()
    differ = {(address.split(".")[0], name) for address in original.keys() - MADE_ANEW
              for name, value in original[address].items() if found[address].get(name) != value and name not in OF_THE_STATE_ALONE}
    assert differ <= REPEATED
    terraform.destroy()
    assert terraform.resources() == {}


def left(cairn):
    iam = cairn.client("iam")
    with pytest.raises(ClientError, match="AWSOrganizationsNotInUseException"):
        cairn.client("organizations").describe_organization()
    return {
        "buckets": cairn.client("s3").list_buckets()["Buckets"],
        "trails": cairn.client("cloudtrail").describe_trails()["trailList"],
        "users": [user["UserName"] for user in iam.list_users()["Users"] if user["UserName"] != "admin"],
        "roles": [role["Arn"] for role in iam.list_roles()["Roles"] if not role["Path"].startswith("/aws-service-role/")],
        "groups": iam.list_groups()["Groups"],
        "policies": iam.list_policies(Scope="Local")["Policies"],
        "profiles": iam.list_instance_profiles()["InstanceProfiles"],
        "aliases": iam.list_account_aliases()["AccountAliases"],
        "keys": [key for key in cairn.client("kms").list_aliases()["Aliases"] if not key["AliasName"].startswith("alias/aws/")],
        "topics": cairn.client("sns").list_topics()["Topics"],
        "queues": cairn.client("sqs").list_queues().get("QueueUrls", []),
    }


def test_made_changed_imported_and_destroyed(terraform, cairn):
    imported_and_destroyed(terraform, cairn, made_and_changed(terraform))
    assert not any(left(cairn).values()), left(cairn)


@pytest.mark.soak
def test_with_what_the_provider_waits_for(terraform, cairn):
    terraform.add(*FILES.glob("slow/*.tf"))
    more = ("lifecycle_import", "queues_import")
    imported_and_destroyed(terraform, cairn, made_and_changed(terraform, UNCHANGED | UNCHANGED_OF_SLOW), more)
    assert not any(left(cairn).values()), left(cairn)
