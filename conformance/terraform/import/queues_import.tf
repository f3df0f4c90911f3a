import {
  to = aws_sqs_queue.dead
  id = var.made_up["aws_sqs_queue.dead"]
}

import {
  to = aws_sqs_queue.files
  id = var.made_up["aws_sqs_queue.files"]
}

import {
  to = aws_sqs_queue_redrive_allow_policy.dead
  id = var.made_up["aws_sqs_queue.dead"]
}

import {
  to = aws_sqs_queue_policy.files
  id = var.made_up["aws_sqs_queue.files"]
}

import {
  to = aws_sns_topic_subscription.queue
  id = var.made_up["aws_sns_topic_subscription.queue"]
}

import {
  to = aws_s3_bucket.queued
  id = "terraform-queued"
}

import {
  to = aws_s3_bucket_notification.queued
  id = "terraform-queued"
}
