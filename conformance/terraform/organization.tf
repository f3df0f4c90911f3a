resource "aws_organizations_organization" "here" {
  feature_set = "ALL"
  aws_service_access_principals = local.second ? [
    "cloudtrail.amazonaws.com", "config.amazonaws.com",
  ] : ["cloudtrail.amazonaws.com"]
}

resource "aws_organizations_organizational_unit" "birds" {
  name      = "birds-${var.round}"
  parent_id = aws_organizations_organization.here.roots[0].id
  tags      = local.tags
}

resource "aws_organizations_organizational_unit" "waders" {
  name      = "waders"
  parent_id = aws_organizations_organizational_unit.birds.id
}

resource "aws_organizations_account" "audit" {
  name      = "audit"
  email     = "audit@example.org"
  role_name = "OrganizationAccountAccessRole"
  parent_id = local.second ? aws_organizations_organizational_unit.birds.id : aws_organizations_organization.here.roots[0].id
  tags      = local.tags

  lifecycle {
    # Of the call that makes it alone: nobody can ask for it afterwards.
    ignore_changes = [role_name]
  }
}

resource "aws_cloudtrail_organization_delegated_admin_account" "audit" {
  account_id = aws_organizations_account.audit.id
}

resource "aws_cloudtrail" "organization" {
  name                  = "organization"
  s3_bucket_name        = aws_s3_bucket.logs.id
  is_organization_trail = local.second
  is_multi_region_trail = true
  depends_on            = [aws_s3_bucket_policy.logs, aws_organizations_organization.here]
}
