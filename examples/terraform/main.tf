# rootwarden from what `make package` wrote. Apply it with credentials of the management account that may act in the
# hub account as well; each provider below says who it is.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source = "hashicorp/aws"
      # The first in which a resource says its Region itself.
      version               = ">= 6.0"
      configuration_aliases = [aws.hub, aws.management]
    }
  }
}

variable "package" {
  description = "The folder that `make package` wrote"
  type        = string
}

variable "name_prefix" {
  description = "That of rootwarden.yaml, where it has one"
  type        = string
  default     = ""
}

variable "hub_region" {
  description = "That of rootwarden.yaml: a template holds ARNs of its Region, and works in no other"
  type        = string
}

variable "hub_bucket" {
  description = "The bucket to make for the code, in the hub's account and Region"
  type        = string
}

variable "organization_bucket" {
  description = "The bucket to make for the code, in the management account and us-east-1"
  type        = string
}

# The names of the stacks are part of what rootwarden watches and of what rootctl looks for.
locals {
  hub          = "${var.name_prefix}RootWardenHub"
  organization = "${var.name_prefix}RootWardenOrganization"
  forwarding   = "${var.name_prefix}RootWardenForwarding-"
  regional     = fileset(var.package, "${local.forwarding}*.template.json")
  zips         = fileset(var.package, "*.zip")
  # A template is uploaded under its digest: another one is another URL, and so an update.
  keys = {
    for name in fileset(var.package, "*.template.json") :
    name => "${filesha256("${var.package}/${name}")}/${name}"
  }
}

resource "aws_s3_bucket" "hub" {
  provider = aws.hub
  region   = var.hub_region
  bucket   = var.hub_bucket
}

resource "aws_s3_bucket_public_access_block" "hub" {
  provider                = aws.hub
  region                  = var.hub_region
  bucket                  = aws_s3_bucket.hub.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_object" "hub_code" {
  provider    = aws.hub
  region      = var.hub_region
  for_each    = local.zips
  bucket      = aws_s3_bucket.hub.id
  key         = each.value
  source      = "${var.package}/${each.value}"
  source_hash = filesha256("${var.package}/${each.value}")

  # What an update replaces goes after it: until then CloudFormation may roll back to it.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_s3_object" "hub_template" {
  provider = aws.hub
  region   = var.hub_region
  bucket   = aws_s3_bucket.hub.id
  key      = local.keys["${local.hub}.template.json"]
  source   = "${var.package}/${local.hub}.template.json"
}

resource "aws_cloudformation_stack" "hub" {
  provider     = aws.hub
  region       = var.hub_region
  name         = local.hub
  template_url = "https://${aws_s3_bucket.hub.bucket_regional_domain_name}/${aws_s3_object.hub_template.key}"
  capabilities = ["CAPABILITY_NAMED_IAM"]
  parameters   = { CodeBucket = aws_s3_bucket.hub.id }
  depends_on   = [aws_s3_object.hub_code]

  timeouts {
    create = "2h"
    update = "2h"
    delete = "2h"
  }
}

resource "aws_s3_bucket" "organization" {
  provider = aws.management
  region   = "us-east-1"
  bucket   = var.organization_bucket
}

resource "aws_s3_bucket_public_access_block" "organization" {
  provider                = aws.management
  region                  = "us-east-1"
  bucket                  = aws_s3_bucket.organization.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_object" "organization_code" {
  provider    = aws.management
  region      = "us-east-1"
  for_each    = local.zips
  bucket      = aws_s3_bucket.organization.id
  key         = each.value
  source      = "${var.package}/${each.value}"
  source_hash = filesha256("${var.package}/${each.value}")

  # What an update replaces goes after it: until then CloudFormation may roll back to it.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_s3_object" "organization_template" {
  provider = aws.management
  region   = "us-east-1"
  bucket   = aws_s3_bucket.organization.id
  key      = local.keys["${local.organization}.template.json"]
  source   = "${var.package}/${local.organization}.template.json"
}

resource "aws_cloudformation_stack" "organization" {
  provider     = aws.management
  region       = "us-east-1"
  name         = local.organization
  template_url = "https://${aws_s3_bucket.organization.bucket_regional_domain_name}/${aws_s3_object.organization_template.key}"
  capabilities = ["CAPABILITY_NAMED_IAM"]
  parameters   = { CodeBucket = aws_s3_bucket.organization.id }
  # The bus is there before anything is sent to it. Its StackSet goes to every account, so it comes last.
  depends_on = [
    aws_cloudformation_stack.hub,
    aws_cloudformation_stack.forwarding,
    aws_s3_object.organization_code,
  ]

  # The StackSet goes to every member account. After 30 minutes Terraform would call the stack tainted.
  timeouts {
    create = "24h"
    update = "24h"
    delete = "24h"
  }
}

# These carry no code, and are small enough to travel as they are.
resource "aws_cloudformation_stack" "forwarding" {
  provider      = aws.management
  for_each      = local.regional
  region        = trimprefix(trimsuffix(each.value, ".template.json"), local.forwarding)
  name          = trimsuffix(each.value, ".template.json")
  template_body = file("${var.package}/${each.value}")
  capabilities  = ["CAPABILITY_NAMED_IAM"]
  depends_on    = [aws_cloudformation_stack.hub]

  timeouts {
    create = "2h"
    update = "2h"
    delete = "2h"
  }
}
