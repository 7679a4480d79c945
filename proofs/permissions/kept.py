"""Permissions that no scenario here can use, each with the reason it is granted all the same."""

from collections.abc import Mapping

_LOG_DELIVERY = "Step Functions delivers its log by vended logs, which its documentation asks these for"
_TRACES = "Step Functions' documentation asks for it where executions are traced"
_BATCHES = "Step Functions' documentation asks for it where a distributed map starts executions"
_STACK_SETS = "AWS makes this call itself, with the caller's permission, within ActivateOrganizationsAccess"

# By role and action.
KEPT: Mapping[tuple[str, str], str] = {
    **{
        ("OrganizationSweepMachineRole", f"logs:{action}"): _LOG_DELIVERY
        for action in (
            *("CreateLogDelivery", "DeleteLogDelivery", "DescribeLogGroups", "DescribeResourcePolicies"),
            *("GetLogDelivery", "ListLogDeliveries", "PutResourcePolicy", "UpdateLogDelivery"),
        )
    },
    **{
        ("OrganizationSweepMachineRole", f"xray:{action}"): _TRACES
        for action in ("GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments")
    },
    ("OrganizationSweepMachineRole", "states:DescribeExecution"): _BATCHES,
    ("OrganizationSweepMachineRole", "states:StopExecution"): _BATCHES,
    ("write_report", "organizations:DescribeAccount"): (
        "Where AWS lists an account without its units, it is looked up before a message names it"
    ),
    ("EnablingRole", "iam:CreateServiceLinkedRole"): _STACK_SETS,
    ("EnablingRole", "organizations:DescribeOrganization"): _STACK_SETS,
    ("EnablingRole", "organizations:EnableAWSServiceAccess"): _STACK_SETS,
}
