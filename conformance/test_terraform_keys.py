"""Terraform's aws provider and keys of each kind: made, seen without drift, changed in place, destroyed."""

import base64
import json
import re

from test_terraform import FILES
from terraform import Terraform


def test_keys_of_each_kind(cairn, tmp_path):
    terraform = Terraform(tmp_path / "terraform", cairn.aws_environment() | {"AWS_REGION": "us-east-1"})
    terraform.add(FILES / "provider.tf", FILES / "keys/keys.tf")
    terraform.run("init")
    for number in ("first", "second"):
        terraform.variables = {"round": number}
        said = terraform.apply()
        assert number == "first" or not re.search(r"Destroying|Creating", said), said
        assert not terraform.drift()
    made = terraform.resources()
    kms = cairn.client("kms")
    assert kms.describe_key(KeyId=made["aws_kms_key.rotates"]["arn"])["KeyMetadata"]["Description"] == "of a test"
    signs = kms.describe_key(KeyId="alias/terraform/signs")["KeyMetadata"]
    assert (signs["Arn"], signs["KeySpec"]) == (made["aws_kms_key.signs"]["arn"], "ECC_NIST_P256")
    public = base64.b64encode(kms.get_public_key(KeyId=signs["KeyId"])["PublicKey"]).decode()
    assert json.loads((terraform.folder / terraform.state).read_text())["outputs"]["public_key"]["value"] == public
    terraform.destroy()
    assert kms.describe_key(KeyId=signs["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
