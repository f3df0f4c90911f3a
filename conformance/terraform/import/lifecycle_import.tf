import {
  to = aws_s3_bucket_lifecycle_configuration.full
  id = "terraform-full"
}
