"""Permissions that not every deployment has, each with what gives it."""

from collections.abc import Mapping

MANAGEMENT_HUB, DELEGATED_HUB = "management hub only", "delegated hub only"
APPROVAL, _ENFORCING, _FINDINGS = "with approval", "with enforcing sweeps", "with Security Hub"
_UNITS = "with enforcing sweeps, or units in exemptions"
_ROUTE = "with such a route"
LABELS = (MANAGEMENT_HUB, DELEGATED_HUB, APPROVAL, _ENFORCING, _FINDINGS, _UNITS, _ROUTE)

# By role and action.
WHEN: Mapping[tuple[str, str], str] = {
    **{
        (f"Approvals{function}Role", action): APPROVAL
        for function in ("OpenRecovery", "UnlockBucket", "UnlockQueue")
        for action in ("kms:Decrypt", "kms:GenerateDataKey", "lambda:InvokeFunction", "sns:Publish")
    },
    **{
        (function, "ssm:GetAutomationExecution"): APPROVAL
        for function in ("open_recovery", "unlock_bucket", "unlock_queue")
    },
    **{
        (f"RoutesTo{kind}Role", "events:InvokeApiDestination"): _ROUTE
        for kind in ("Https", "Opsgenie", "PagerDuty")
    },
    ("RoutesToBusRole", "events:PutEvents"): _ROUTE,
    ("RoutesToQueueRole", "sqs:SendMessage"): _ROUTE,
    ("EnablingRole", "organizations:RegisterDelegatedAdministrator"): DELEGATED_HUB,
    ("audit_accounts", "dynamodb:UpdateItem"): _ENFORCING,
    ("audit_accounts", "sts:AssumeRoot"): _ENFORCING,
    ("audit_accounts", "organizations:DescribeAccount"): _UNITS,
    ("audit_accounts", "organizations:DescribeOrganizationalUnit"): _UNITS,
    ("audit_accounts", "organizations:ListTagsForResource"): _UNITS,
    ("write_report", "cloudformation:DescribeStackSet"): MANAGEMENT_HUB,
    ("write_report", "cloudformation:ListStackInstances"): MANAGEMENT_HUB,
    ("write_report", "iam:GetAccountSummary"): MANAGEMENT_HUB,
    ("write_report", "securityhub:BatchImportFindings"): _FINDINGS,
}
