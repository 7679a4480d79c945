"""Asking the hub's functions, with a second person's approval where it takes one."""

import json
from typing import Any

from local.aws import LocalAws
from local.scenarios.asking import ask, function_named
from proofs.permissions.topologies import APPROVERS, OPERATORS


class Asking:
    """Asks as operators of the hub account do."""

    def __init__(self, aws: LocalAws) -> None:
        """Ask the functions of a deployed organization."""
        self._aws = aws
        self._hub = aws.organization.hub

    def ask(self, function: str, **request: object) -> dict[str, Any]:
        """Ask for something, and have it approved where that is needed."""
        document = function_named(self._aws, function)["Environment"]["Variables"].get("APPROVAL_DOCUMENT")
        if document is None:
            return ask(self._aws, function, **request)
        given = {key: [_text(value)] for key, value in request.items() if key != "requestedBy"}
        asked = self._person(OPERATORS, "jane@example.com").start_automation_execution(
            DocumentName=document, Parameters=given
        )["AutomationExecutionId"]
        self._aws.run_until_idle()
        self._person(APPROVERS, "omar@example.com").send_automation_signal(
            AutomationExecutionId=asked, SignalType="Approve"
        )
        self._aws.run_until_idle()
        execution = self._aws.client(
            "ssm", account=self._hub.account, region=self._hub.region
        ).get_automation_execution(AutomationExecutionId=asked)
        outputs = execution["AutomationExecution"]["Outputs"]
        answer: dict[str, Any] = json.loads(outputs["Act.Payload"][0])
        return answer

    def _person(self, role: str, name: str) -> Any:
        return self._aws.client_of_role("ssm", role, session_name=name)


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)
