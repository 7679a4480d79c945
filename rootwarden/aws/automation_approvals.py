"""Approvals that people gave in Systems Manager, to automations that ask for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from rootwarden.approval.approvals import ApprovalCode, NotApproved, execution_id
from rootwarden.approval.automations import Automation, check_approval
from rootwarden.aws import clients
from rootwarden.aws.claims_table import ClaimsTable
from rootwarden.aws.clients import refusals
from rootwarden.aws.state_table import KeyKind, StateTable
from rootwarden.claims import Claims, ClaimState
from rootwarden.events import Fields
from rootwarden.refusals import CallRefused
from rootwarden.requests import Approvals, Approved, NoApprovals

_APPROVE = "aws:approve"
_NOT_FOUND = "AutomationExecutionNotFoundException"
# An automation ends within minutes of being approved, and its approval serves it only until then.
_USED = timedelta(days=1)


class AutomationClient(Protocol):
    """What of the SSM client is used."""

    def get_automation_execution(self, *, AutomationExecutionId: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's name
        """Return one execution."""


@dataclass(frozen=True, kw_only=True)
class AutomationApprovals:
    """See rootwarden.requests.Approvals. document: the one whose automations approve requests."""

    ssm: AutomationClient
    claims: Claims
    document: str

    def check(self, request: Fields) -> Approved:
        """Return who approved the request and use the approval up; raises NotApproved and CallRefused."""
        execution = execution_id(request)
        approved = check_approval(self._automation(execution), request, document=self.document)
        if self.claims.begin(execution, lease=_USED).state is not ClaimState.OURS:
            raise NotApproved(ApprovalCode.USED, "this approval was used already; ask for another one")
        return approved

    def _automation(self, execution: str) -> Automation:
        try:
            with refusals():
                answer = self.ssm.get_automation_execution(AutomationExecutionId=execution)
        except CallRefused as refused:
            if refused.code != _NOT_FOUND:
                raise
            text = f"there is no automation {execution} in the hub's account and Region"
            raise NotApproved(ApprovalCode.NOT_GIVEN, text) from refused
        return _read(answer["AutomationExecution"])


def approvals(document: str | None, table: StateTable) -> Approvals:
    """Return how requests are approved, by the document that is configured for it or not at all."""
    if document is None:
        return NoApprovals()
    claims = ClaimsTable(table, KeyKind.APPROVAL)
    return AutomationApprovals(ssm=clients.ssm(), claims=claims, document=document)


def _read(found: Mapping[str, Any]) -> Automation:
    steps = [step for step in found.get("StepExecutions", ()) if step.get("Action") == _APPROVE]
    # One approve step, or it is not one of our runbooks and nothing it says counts.
    outputs = steps[0].get("Outputs", {}) if len(steps) == 1 else {}
    return Automation(
        document=found.get("DocumentName", ""),
        version=found.get("DocumentVersion", ""),
        status=found.get("AutomationExecutionStatus", "of unknown status"),
        is_simple=_is_simple(found),
        executed_by=found.get("ExecutedBy", ""),
        parameters={name: _only(values) for name, values in found.get("Parameters", {}).items()},
        approval=_only(outputs.get("ApprovalStatus", ())) or None,
        decisions=tuple(outputs.get("ApproverDecisions", ())),
    )


def _is_simple(found: Mapping[str, Any]) -> bool:
    unusual = (
        *("ParentAutomationExecutionId", "Targets", "TargetMaps", "TargetLocations"),
        # State Manager, OpsCenter and Change Manager start automations as themselves.
        *("AssociationId", "OpsItemId", "AutomationSubtype", "ChangeRequestName"),
    )
    return (
        found.get("Mode") == "Auto"
        and not found.get("StepExecutionsTruncated")
        and not any(found.get(member) for member in unusual)
    )


def _only(values: Sequence[str]) -> str:
    """Return the one value of a parameter; several are joined, which is no value a request has."""
    return values[0] if len(values) == 1 else "\n".join(values)
