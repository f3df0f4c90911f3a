# Where Cairn is and who calls come from AWS_ENDPOINT_URL, AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE and AWS_REGION.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {}

# "first" is what is made, "second" what it is changed into, in place.
variable "round" {
  type    = string
  default = "first"
}

locals {
  second = var.round == "second"
  tags   = { round = var.round, kept = "yes" }
}

data "aws_caller_identity" "me" {}
data "aws_partition" "here" {}
data "aws_region" "here" {}
