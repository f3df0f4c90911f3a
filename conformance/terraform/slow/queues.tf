# The provider waits after each change of a queue until six answers in a row, five seconds apart, are the same, and longer after its end.
resource "aws_sqs_queue" "dead" {
  name = "terraform-dead"
}

resource "aws_sqs_queue" "files" {
  name                       = "terraform-queue"
  visibility_timeout_seconds = local.second ? 60 : 45
  message_retention_seconds  = 86400
  receive_wait_time_seconds  = 5
  delay_seconds              = 1
  max_message_size           = 65536
  tags                       = local.tags
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = local.second ? 4 : 3
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = aws_sqs_queue.dead.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.files.arn]
  })
}

data "aws_iam_policy_document" "queue" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.files.arn]
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com", "sns.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = local.second ? [aws_s3_bucket.queued.arn, aws_sns_topic.files.arn, "arn:aws:s3:::others"] : [aws_s3_bucket.queued.arn, aws_sns_topic.files.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "files" {
  queue_url = aws_sqs_queue.files.id
  policy    = data.aws_iam_policy_document.queue.json
}

resource "aws_sns_topic_subscription" "queue" {
  topic_arn            = aws_sns_topic.files.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.files.arn
  raw_message_delivery = local.second
  filter_policy        = jsonencode({ kind = local.second ? ["owl", "kite"] : ["owl"] })
}

resource "aws_s3_bucket" "queued" {
  bucket = "terraform-queued"
}

resource "aws_s3_bucket_notification" "queued" {
  bucket = aws_s3_bucket.queued.id
  queue {
    id            = "files"
    queue_arn     = aws_sqs_queue.files.arn
    events        = local.second ? ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"] : ["s3:ObjectCreated:*"]
    filter_suffix = ".gz"
  }
  depends_on = [aws_sqs_queue_policy.files]
}
