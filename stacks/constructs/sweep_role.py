"""What the sweep's state machine may do."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.evidence_bucket import WORK, EvidenceBucket
from stacks.constructs.grants import ServiceRole, grant, grant_any_resource, grant_matching

_LOG_DELIVERY = [
    f"logs:{action}"
    for action in (
        *("CreateLogDelivery", "DeleteLogDelivery", "GetLogDelivery", "ListLogDeliveries"),
        *("UpdateLogDelivery", "DescribeLogGroups", "DescribeResourcePolicies", "PutResourcePolicy"),
    )
]
_TRACES = [
    f"xray:{action}"
    for action in ("GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments")
]


class SweepRole(ServiceRole):
    """May invoke the functions of a sweep, run batches of its own, read the accounts, and be seen at it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        functions: Sequence[lambda_.IFunction],
        bucket: EvidenceBucket,
    ) -> None:
        """Grant it; `name` is the state machine's, which cannot be referred to before it is there."""
        stack = Stack.of(scope)
        place = f"states:{stack.region}:{stack.account}"
        machine = f"arn:{stack.partition}:{place}:stateMachine:{name}"
        # AWS does not say whether a map's batches come under the machine's name alone or with a label behind.
        super().__init__(scope, construct_id, service="states.amazonaws.com", source_arn=f"{machine}*")
        grant(self, "Invoke", ["lambda:InvokeFunction"], [function.function_arn for function in functions])
        grant(self, "StartBatches", ["states:StartExecution"], [machine])
        grant_matching(
            self,
            "WatchBatches",
            ["states:DescribeExecution", "states:StopExecution"],
            f"{place}:execution:{name}:*",
            because="The map's batches are executions of its own, named when they start.",
        )
        bucket.allow_get(self, f"{WORK}*/accounts.json")
        grant_any_resource(self, "WriteLogAndTraces", _LOG_DELIVERY + _TRACES)
