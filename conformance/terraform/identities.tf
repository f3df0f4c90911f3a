data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [data.aws_caller_identity.me.account_id]
    }
  }
}

data "aws_iam_policy_document" "look" {
  statement {
    actions   = local.second ? ["cloudtrail:LookupEvents", "s3:ListAllMyBuckets"] : ["cloudtrail:LookupEvents"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "look" {
  name        = "terraform-look"
  path        = "/terraform/"
  description = "to look at events"
  policy      = data.aws_iam_policy_document.look.json
  tags        = local.tags
}

resource "aws_iam_user" "ann" {
  name                 = "terraform-ann"
  path                 = local.second ? "/terraform/second/" : "/terraform/"
  permissions_boundary = aws_iam_policy.look.arn
  force_destroy        = true
  tags                 = local.tags
}

resource "aws_iam_access_key" "ann" {
  user   = aws_iam_user.ann.name
  status = local.second ? "Inactive" : "Active"
}

resource "aws_iam_user_policy" "ann" {
  name   = "inline"
  user   = aws_iam_user.ann.name
  policy = data.aws_iam_policy_document.look.json
}

resource "aws_iam_user_policy_attachment" "ann" {
  user       = aws_iam_user.ann.name
  policy_arn = aws_iam_policy.look.arn
}

resource "aws_iam_group" "readers" {
  name = "terraform-readers"
  path = local.second ? "/terraform/second/" : "/terraform/"
}

resource "aws_iam_group_policy" "readers" {
  name   = "inline"
  group  = aws_iam_group.readers.name
  policy = data.aws_iam_policy_document.look.json
}

resource "aws_iam_group_policy_attachment" "readers" {
  group      = aws_iam_group.readers.name
  policy_arn = aws_iam_policy.look.arn
}

resource "aws_iam_group_membership" "readers" {
  name  = "readers"
  group = aws_iam_group.readers.name
  users = [aws_iam_user.ann.name]
}

resource "aws_iam_user_group_membership" "writers" {
  user   = aws_iam_user.ann.name
  groups = [aws_iam_group.writers.name]
}

resource "aws_iam_group" "writers" {
  name = "terraform-writers"
}

resource "aws_iam_role" "full" {
  name                  = "terraform-full"
  path                  = "/terraform/"
  description           = "the ${var.round} description"
  assume_role_policy    = data.aws_iam_policy_document.trust.json
  max_session_duration  = local.second ? 7200 : 3600
  permissions_boundary  = aws_iam_policy.look.arn
  force_detach_policies = true
  tags                  = local.tags
}

resource "aws_iam_role_policy" "full" {
  name   = "inline"
  role   = aws_iam_role.full.name
  policy = data.aws_iam_policy_document.look.json
}

resource "aws_iam_role_policy_attachment" "full" {
  role       = aws_iam_role.full.name
  policy_arn = aws_iam_policy.look.arn
}

resource "aws_iam_instance_profile" "full" {
  name = "terraform-full"
  path = "/terraform/"
  role = aws_iam_role.full.name
  tags = local.tags
}

resource "aws_iam_account_alias" "here" {
  account_alias = "terraform-alias"
}

resource "aws_iam_account_password_policy" "here" {
  minimum_password_length        = local.second ? 16 : 12
  require_symbols                = true
  require_numbers                = true
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  allow_users_to_change_password = true
  max_password_age               = 90
  password_reuse_prevention      = 5
}

resource "aws_iam_policy" "shared" {
  name   = "terraform-shared"
  policy = data.aws_iam_policy_document.no_stop.json
}

data "aws_iam_policy_document" "no_stop" {
  statement {
    effect    = "Deny"
    actions   = ["cloudtrail:StopLogging"]
    resources = ["*"]
  }
}

resource "aws_iam_policy_attachment" "shared" {
  name       = "shared"
  policy_arn = aws_iam_policy.shared.arn
  users      = [aws_iam_user.ann.name]
  groups     = local.second ? [aws_iam_group.writers.name] : [aws_iam_group.writers.name, aws_iam_group.readers.name]
  roles      = [aws_iam_role.full.name]
}
