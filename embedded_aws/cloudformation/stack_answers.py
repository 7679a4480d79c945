"""What CloudFormation says of the stacks and stack sets deployed here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from embedded_aws.calls import Call, CallRefusedError
from embedded_aws.cloudformation.resource import StackArtifact
from embedded_aws.cloudformation.stack_sets import StackSet, StackSets

_NO_DELEGATE = (
    "You must be the management account or delegated admin account of an organization"
    " before operating a SERVICE_MANAGED stack set"
)


@dataclass(frozen=True, kw_only=True)
class DeployedStack:
    """One stack as it was deployed."""

    stack: StackArtifact
    created: datetime
    outputs: tuple[Mapping[str, str], ...]

    def describe(self) -> dict[str, Any]:
        """Return the stack as DescribeStacks does."""
        return {
            "StackId": self.stack.stack_id,
            "StackName": self.stack.name,
            "CreationTime": self.created,
            "StackStatus": "CREATE_COMPLETE",
            # moto writes tags and parameters as lists itself.
            "Tags": {},
            "Outputs": list(self.outputs),
        }


class StackAnswers:
    """Answers for what the deployment made; other stacks are moto's."""

    def __init__(self, stacks: Sequence[DeployedStack], stack_sets: StackSets) -> None:
        """Tell of these, as they are when a client asks."""
        self._stacks = stacks
        self._stack_sets = stack_sets

    def answer(self, call: Call) -> dict[str, Any] | None:
        """Answer or refuse a call; None when it is moto's to answer."""
        answerer = self._OPERATIONS.get(call.operation)
        return answerer(self, call) if answerer else None

    def _describe_stacks(self, call: Call) -> dict[str, Any] | None:
        place = (call.account, call.region)
        here = [each for each in self._stacks if (each.stack.account, each.stack.region) == place]
        if (name := call.parameters.get("StackName")) is not None:
            here = [each for each in here if name in (each.stack.name, each.stack.stack_id)]
        return {"Stacks": [each.describe() for each in here]} if here else None

    def _describe_stack_set(self, call: Call) -> dict[str, Any]:
        found = self._stack_set(call)
        return {
            "StackSet": {
                "StackSetName": found.name,
                "StackSetId": found.name,
                "Status": "ACTIVE",
                "PermissionModel": "SERVICE_MANAGED",
                "Parameters": found.parameters,
                "Tags": {},
                "AutoDeployment": {"Enabled": found.automatic},
                "OrganizationalUnitIds": _once(u for t in found.targets for u in t.organizational_units),
                # Not those of its targets: AWS names the Regions in which there are instances.
                "Regions": _once(instance.region for instance in self._stack_sets.instances(found)),
            }
        }

    def _list_stack_instances(self, call: Call) -> dict[str, Any]:
        found = self._stack_set(call)
        wanted = (call.parameters.get("StackInstanceAccount"), call.parameters.get("StackInstanceRegion"))
        return {
            "Summaries": [
                {
                    "StackSetId": found.name,
                    "Account": instance.account,
                    "Region": instance.region,
                    "OrganizationalUnitId": instance.organizational_unit,
                    "Status": "CURRENT",
                    "StackInstanceStatus": {"DetailedStatus": "SUCCEEDED"},
                }
                for instance in self._stack_sets.instances(found)
                if wanted[0] in (None, instance.account) and wanted[1] in (None, instance.region)
            ]
        }

    def _stack_set(self, call: Call) -> StackSet:
        name = call.parameters["StackSetName"]
        if call.parameters.get("CallAs") == "DELEGATED_ADMIN":
            # Nobody registers a delegated administrator of stack sets here.
            raise CallRefusedError("ValidationError", _NO_DELEGATE)
        for stack_set in self._stack_sets.of(call.account, call.region):
            if stack_set.name == name:
                return stack_set
        raise CallRefusedError("StackSetNotFoundException", f"StackSet {name} not found", 404)

    _OPERATIONS: Mapping[str, Callable[..., dict[str, Any] | None]] = {
        "DescribeStacks": _describe_stacks,
        "DescribeStackSet": _describe_stack_set,
        "ListStackInstances": _list_stack_instances,
    }


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
