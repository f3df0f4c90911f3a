data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Owners"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"]
    }
  }
  statement {
    sid       = "CloudTrail"
    actions   = local.second ? ["kms:GenerateDataKey*", "kms:DescribeKey"] : ["kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = ["arn:aws:cloudtrail:*:${data.aws_caller_identity.me.account_id}:trail/*"]
    }
  }
}

resource "aws_kms_key" "trail" {
  description             = "for trails, ${var.round}"
  policy                  = data.aws_iam_policy_document.key.json
  enable_key_rotation     = local.second
  deletion_window_in_days = 7
  tags                    = local.tags
}

resource "aws_kms_key" "other" {
  description             = "of no trail"
  deletion_window_in_days = 7
}

resource "aws_kms_alias" "trail" {
  name          = "alias/terraform-trail"
  target_key_id = local.second ? aws_kms_key.other.key_id : aws_kms_key.trail.key_id
}

resource "aws_sns_topic" "files" {
  name         = "terraform-files"
  display_name = "files, ${var.round}"
  tags         = local.tags
}

data "aws_iam_policy_document" "files" {
  statement {
    sid       = "CloudTrail"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.files.arn]
    principals {
      type        = "Service"
      identifiers = local.second ? ["cloudtrail.amazonaws.com", "s3.amazonaws.com", "sns.amazonaws.com"] : ["cloudtrail.amazonaws.com", "s3.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.me.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "files" {
  arn    = aws_sns_topic.files.arn
  policy = data.aws_iam_policy_document.files.json
}
