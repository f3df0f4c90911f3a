# All that can be imported, by what AWS calls it.

import {
  to = aws_s3_bucket.plain
  id = "terraform-plain"
}

import {
  to = aws_s3_bucket.full
  id = "terraform-full"
}

import {
  to = aws_s3_bucket_versioning.full
  id = "terraform-full"
}

import {
  to = aws_s3_bucket_public_access_block.full
  id = "terraform-full"
}

import {
  to = aws_s3_bucket_ownership_controls.full
  id = "terraform-full"
}

import {
  to = aws_s3_bucket_server_side_encryption_configuration.full
  id = "terraform-full"
}

import {
  to = aws_s3_bucket_cors_configuration.full
  id = "terraform-full"
}

import {
  to = aws_s3_bucket_logging.full
  id = "terraform-full"
}

import {
  to = aws_s3_bucket_notification.full
  id = "terraform-full"
}

import {
  to = aws_s3_bucket_policy.full
  id = "terraform-full"
}

import {
  to = aws_s3_bucket.locked
  id = "terraform-locked"
}

import {
  to = aws_s3_bucket_object_lock_configuration.locked
  id = "terraform-locked"
}

import {
  to = aws_s3_object.note
  id = "terraform-full/notes/first.txt"
}

import {
  to = aws_iam_policy.look
  id = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:policy/terraform/terraform-look"
}

import {
  to = aws_iam_user.ann
  id = "terraform-ann"
}

import {
  to = aws_iam_user_policy.ann
  id = "terraform-ann:inline"
}

import {
  to = aws_iam_user_policy_attachment.ann
  id = "terraform-ann/arn:aws:iam::${data.aws_caller_identity.me.account_id}:policy/terraform/terraform-look"
}

import {
  to = aws_iam_group.readers
  id = "terraform-readers"
}

import {
  to = aws_iam_group_policy.readers
  id = "terraform-readers:inline"
}

import {
  to = aws_iam_group_policy_attachment.readers
  id = "terraform-readers/arn:aws:iam::${data.aws_caller_identity.me.account_id}:policy/terraform/terraform-look"
}

import {
  to = aws_iam_group.writers
  id = "terraform-writers"
}

import {
  to = aws_iam_user_group_membership.writers
  id = "terraform-ann/terraform-writers"
}

import {
  to = aws_iam_role.full
  id = "terraform-full"
}

import {
  to = aws_iam_role_policy.full
  id = "terraform-full:inline"
}

import {
  to = aws_iam_role_policy_attachment.full
  id = "terraform-full/arn:aws:iam::${data.aws_caller_identity.me.account_id}:policy/terraform/terraform-look"
}

import {
  to = aws_iam_instance_profile.full
  id = "terraform-full"
}

import {
  to = aws_iam_account_alias.here
  id = "terraform-alias"
}

import {
  to = aws_iam_account_password_policy.here
  id = "iam-account-password-policy"
}

import {
  to = aws_s3_bucket.logs
  id = "terraform-logs"
}

import {
  to = aws_s3_bucket_policy.logs
  id = "terraform-logs"
}

import {
  to = aws_cloudtrail.least
  id = "arn:aws:cloudtrail:us-east-1:${data.aws_caller_identity.me.account_id}:trail/least"
}

import {
  to = aws_cloudtrail.basic
  id = "arn:aws:cloudtrail:us-east-1:${data.aws_caller_identity.me.account_id}:trail/basic"
}

import {
  to = aws_cloudtrail.advanced
  id = "arn:aws:cloudtrail:us-east-1:${data.aws_caller_identity.me.account_id}:trail/advanced"
}

import {
  to = aws_s3_bucket_ownership_controls.plain
  id = "terraform-plain"
}

import {
  to = aws_s3_bucket_acl.plain
  id = "terraform-plain,private"
}

import {
  to = aws_iam_policy.shared
  id = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:policy/terraform-shared"
}

import {
  to = aws_cloudtrail.organization
  id = "arn:aws:cloudtrail:us-east-1:${data.aws_caller_identity.me.account_id}:trail/organization"
}
