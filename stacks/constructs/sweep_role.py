"""What the sweep's state machine may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam

from stacks.constructs.evidence_bucket import WORK
from stacks.constructs.organization_access import grant_any_resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from stacks.constructs.evidence_bucket import EvidenceBucket
    from stacks.constructs.python_function import PythonFunction

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


class SweepRole(iam.Role):
    """May invoke the functions of a sweep, run batches of its own, read the accounts, and be seen at it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        functions: Sequence[PythonFunction],
        bucket: EvidenceBucket,
    ) -> None:
        """Grant it; `name` is the state machine's, which cannot be referred to before it is there."""
        super().__init__(scope, construct_id, assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        self._allow("Invoke", ["lambda:InvokeFunction"], [function.function_arn for function in functions])
        self._run_batches(name)
        bucket.allow_get(self, f"{WORK}*/accounts.json")
        grant_any_resource(self, "WriteLogAndTraces", _LOG_DELIVERY + _TRACES)

    def _run_batches(self, name: str) -> None:
        stack = Stack.of(self)
        place = f"states:{stack.region}:{stack.account}"
        machine, executions = f"{place}:stateMachine:{name}", f"{place}:execution:{name}:*"
        self._allow("StartBatches", ["states:StartExecution"], [f"arn:{stack.partition}:{machine}"])
        self._allow(
            "WatchBatches",
            ["states:DescribeExecution", "states:StopExecution"],
            [f"arn:{stack.partition}:{executions}"],
        )
        Validations.of(self).acknowledge(
            Acknowledgment(
                id=f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:{executions}]",
                reason="The map's batches are executions of its own, named when they start.",
            )
        )

    def _allow(self, sid: str, actions: list[str], resources: list[str]) -> None:
        self.add_to_policy(iam.PolicyStatement(sid=sid, actions=actions, resources=resources))
