data "aws_caller_identity" "aft" {}
data "aws_region" "home" {}

locals {
  here             = "${data.aws_region.home.name}:${data.aws_caller_identity.aft.account_id}"
  account_hardened = "arn:aws:states:${local.here}:stateMachine:account-hardened"
}

resource "aws_sfn_state_machine" "aft_account_provisioning_customizations" {
  name     = "aft-account-provisioning-customizations"
  role_arn = aws_iam_role.aft_states.arn
  definition = templatefile("${path.module}/states/customizations.asl.json", {
    account_hardened = local.account_hardened
  })
}
