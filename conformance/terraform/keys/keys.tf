resource "aws_kms_key" "rotates" {
  description             = "of a test"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  tags                    = local.tags
}

resource "aws_kms_key" "signs" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
  tags                     = local.tags
}

resource "aws_kms_key" "of_rsa" {
  customer_master_key_spec = "RSA_2048"
  key_usage                = "ENCRYPT_DECRYPT"
  is_enabled               = true
}

resource "aws_kms_key" "makes_macs" {
  customer_master_key_spec = "HMAC_256"
  key_usage                = "GENERATE_VERIFY_MAC"
}

resource "aws_kms_alias" "signs" {
  name          = "alias/terraform/signs"
  target_key_id = aws_kms_key.signs.key_id
}

resource "aws_kms_grant" "signs" {
  key_id            = aws_kms_key.signs.key_id
  grantee_principal = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"
  operations        = ["Sign", "Verify"]
}

data "aws_kms_public_key" "signs" {
  key_id = aws_kms_key.signs.arn
}

output "public_key" {
  value = data.aws_kms_public_key.signs.public_key
}
