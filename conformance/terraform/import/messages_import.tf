import {
  to = aws_kms_key.trail
  id = var.made_up["aws_kms_key.trail"]
}

import {
  to = aws_kms_key.other
  id = var.made_up["aws_kms_key.other"]
}

import {
  to = aws_kms_alias.trail
  id = "alias/terraform-trail"
}

import {
  to = aws_sns_topic.files
  id = "arn:aws:sns:us-east-1:${data.aws_caller_identity.me.account_id}:terraform-files"
}

import {
  to = aws_sns_topic_policy.files
  id = "arn:aws:sns:us-east-1:${data.aws_caller_identity.me.account_id}:terraform-files"
}
