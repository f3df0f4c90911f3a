# The provider itself waits 55 seconds after each change of a lifecycle configuration: ten equal answers, five seconds apart.
resource "aws_s3_bucket_lifecycle_configuration" "full" {
  bucket = aws_s3_bucket.full.id

  rule {
    id     = "old"
    status = local.second ? "Disabled" : "Enabled"
    filter {
      prefix = "old/"
    }
    expiration {
      days = local.second ? 60 : 30
    }
    noncurrent_version_expiration {
      noncurrent_days           = 7
      newer_noncurrent_versions = 3
    }
  }

  rule {
    id     = "marked"
    status = "Enabled"
    filter {
      and {
        prefix                   = "logs/"
        object_size_greater_than = 500
        tags                     = { kind = "log" }
      }
    }
    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }
    transition {
      days          = 90
      storage_class = "GLACIER"
    }
    expiration {
      days = 365
    }
  }

  rule {
    id     = "uploads"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = local.second ? 3 : 7
    }
  }
}
