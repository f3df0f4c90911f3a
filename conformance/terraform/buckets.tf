resource "aws_s3_bucket" "plain" {
  bucket = "terraform-plain"
}

resource "aws_s3_bucket" "full" {
  bucket        = "terraform-full"
  force_destroy = true
  tags          = local.tags
}

resource "aws_s3_bucket_versioning" "full" {
  bucket = aws_s3_bucket.full.id
  versioning_configuration {
    status = local.second ? "Suspended" : "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "full" {
  bucket                  = aws_s3_bucket.full.id
  block_public_acls       = true
  block_public_policy     = !local.second
  ignore_public_acls      = true
  restrict_public_buckets = !local.second
}

resource "aws_s3_bucket_ownership_controls" "full" {
  bucket = aws_s3_bucket.full.id
  rule {
    object_ownership = local.second ? "BucketOwnerEnforced" : "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "full" {
  bucket = aws_s3_bucket.full.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_cors_configuration" "full" {
  bucket = aws_s3_bucket.full.id
  cors_rule {
    id              = "pages"
    allowed_methods = local.second ? ["GET", "PUT"] : ["GET"]
    allowed_origins = ["https://example.org"]
    allowed_headers = ["*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }
}

resource "aws_s3_bucket_logging" "full" {
  bucket        = aws_s3_bucket.full.id
  target_bucket = aws_s3_bucket.plain.id
  target_prefix = "access-${var.round}/"
}

resource "aws_s3_bucket_notification" "full" {
  bucket = aws_s3_bucket.full.id
  topic {
    id            = "made"
    topic_arn     = aws_sns_topic.files.arn
    events        = local.second ? ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"] : ["s3:ObjectCreated:*"]
    filter_prefix = "in/"
    filter_suffix = ".gz"
  }
  depends_on = [aws_sns_topic_policy.files]
}

data "aws_iam_policy_document" "full" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = local.second ? ["s3:DeleteObject", "s3:PutObject"] : ["s3:PutObject"]
    resources = ["${aws_s3_bucket.full.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.full.arn]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "full" {
  bucket = aws_s3_bucket.full.id
  policy = data.aws_iam_policy_document.full.json
}

resource "aws_s3_bucket" "locked" {
  bucket              = "terraform-locked"
  object_lock_enabled = true
}

resource "aws_s3_bucket_object_lock_configuration" "locked" {
  bucket = aws_s3_bucket.locked.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = local.second ? 2 : 1
    }
  }
}

resource "aws_s3_object" "note" {
  bucket       = aws_s3_bucket.full.id
  key          = "notes/first.txt"
  content      = "the ${var.round} content"
  content_type = "text/plain"
  metadata     = { from = "terraform" }
  tags         = merge(local.tags, { Name = "a note + more" })
}

resource "aws_s3_bucket_ownership_controls" "plain" {
  bucket = aws_s3_bucket.plain.id
  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_acl" "plain" {
  bucket = aws_s3_bucket_ownership_controls.plain.bucket
  acl    = "private"
}
