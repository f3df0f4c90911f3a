# Ids that Organizations makes up.
variable "made_up" {
  type = map(string)
}

import {
  to = aws_organizations_organization.here
  id = var.made_up["aws_organizations_organization.here"]
}

import {
  to = aws_organizations_organizational_unit.birds
  id = var.made_up["aws_organizations_organizational_unit.birds"]
}

import {
  to = aws_organizations_organizational_unit.waders
  id = var.made_up["aws_organizations_organizational_unit.waders"]
}

import {
  to = aws_organizations_account.audit
  id = var.made_up["aws_organizations_account.audit"]
}

import {
  to = aws_cloudtrail_organization_delegated_admin_account.audit
  id = var.made_up["aws_organizations_account.audit"]
}
