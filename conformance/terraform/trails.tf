resource "aws_s3_bucket" "logs" {
  bucket        = "terraform-logs"
  force_destroy = true
}

data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "Look"
    actions   = ["s3:GetBucketAcl"]
    resources = [aws_s3_bucket.logs.arn]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
  statement {
    sid       = "Write"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.logs.arn}/*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "s3:x-amz-acl"
      values   = ["bucket-owner-full-control"]
    }
  }
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = data.aws_iam_policy_document.logs.json
}

resource "aws_cloudtrail" "least" {
  name           = "least"
  s3_bucket_name = aws_s3_bucket.logs.id
  depends_on     = [aws_s3_bucket_policy.logs]
}

resource "aws_cloudtrail" "basic" {
  name                          = "basic"
  s3_bucket_name                = aws_s3_bucket.logs.id
  s3_key_prefix                 = "basic-${var.round}"
  is_multi_region_trail         = local.second
  include_global_service_events = true
  enable_logging                = !local.second
  tags                          = local.tags

  event_selector {
    read_write_type                  = local.second ? "WriteOnly" : "All"
    include_management_events        = true
    exclude_management_event_sources = ["kms.amazonaws.com", "rdsdata.amazonaws.com"]
    data_resource {
      type   = "AWS::S3::Object"
      values = local.second ? ["arn:aws:s3"] : ["${aws_s3_bucket.full.arn}/", "${aws_s3_bucket.plain.arn}/in/"]
    }
  }

  event_selector {
    read_write_type           = "ReadOnly"
    include_management_events = false
    data_resource {
      type   = "AWS::Lambda::Function"
      values = ["arn:aws:lambda"]
    }
  }

  dynamic "insight_selector" {
    for_each = local.second ? ["ApiErrorRateInsight"] : ["ApiCallRateInsight", "ApiErrorRateInsight"]
    content {
      insight_type = insight_selector.value
    }
  }

  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_cloudtrail" "advanced" {
  name                          = "advanced"
  s3_bucket_name                = aws_s3_bucket.logs.id
  include_global_service_events = local.second
  kms_key_id                    = aws_kms_key.trail.arn
  sns_topic_name                = local.second ? aws_sns_topic.files.name : null
  enable_log_file_validation    = !local.second
  tags                          = { round = var.round }

  advanced_event_selector {
    name = "management"
    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
    field_selector {
      field  = "readOnly"
      equals = [local.second ? "true" : "false"]
    }
  }

  advanced_event_selector {
    name = "objects"
    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
    field_selector {
      field           = "resources.ARN"
      starts_with     = ["${aws_s3_bucket.full.arn}/"]
      not_starts_with = ["${aws_s3_bucket.full.arn}/tmp/"]
    }
    field_selector {
      field      = "eventName"
      equals     = ["PutObject", "DeleteObject"]
      ends_with  = ["Object"]
      not_equals = ["GetObject"]
    }
  }

  depends_on = [aws_s3_bucket_policy.logs, aws_sns_topic_policy.files]
}
