"""Asking the hub's functions, with a second person's approval where it takes one."""

import json
from typing import Any

from local.aws import LocalAws
from proofs.permissions.topologies import APPROVERS, OPERATORS
from rootwarden.contract.functions import Caller


class Asking:
    """Asks as operators of the hub account do."""

    def __init__(self, aws: LocalAws) -> None:
        """Ask the functions of a deployed organization."""
        self._aws = aws
        self._hub = aws.organization.hub

    def invoke(self, function: str, **request: object) -> dict[str, Any]:
        """Invoke a function; returns its answer, or what Lambda says of its error."""
        name = self._function(function)["FunctionName"]
        answer = self._client("lambda").invoke(
            FunctionName=f"{name}:{Caller.PERSON}", Payload=json.dumps(request)
        )
        found: dict[str, Any] = json.load(answer["Payload"])
        return found

    def ask(self, function: str, **request: object) -> dict[str, Any]:
        """Ask for something, and have it approved where that is needed."""
        document = self._function(function)["Environment"]["Variables"].get("APPROVAL_DOCUMENT")
        if document is None:
            return self.invoke(function, **request)
        given = {key: [_text(value)] for key, value in request.items() if key != "requestedBy"}
        asked = self._person(OPERATORS, "jane@example.com").start_automation_execution(
            DocumentName=document, Parameters=given
        )["AutomationExecutionId"]
        self._aws.run_until_idle()
        self._person(APPROVERS, "omar@example.com").send_automation_signal(
            AutomationExecutionId=asked, SignalType="Approve"
        )
        self._aws.run_until_idle()
        execution = self._client("ssm").get_automation_execution(AutomationExecutionId=asked)
        outputs = execution["AutomationExecution"]["Outputs"]
        answer: dict[str, Any] = json.loads(outputs["Act.Payload"][0])
        return answer

    def _function(self, name: str) -> dict[str, Any]:
        functions: list[dict[str, Any]] = self._client("lambda").list_functions()["Functions"]
        return next(found for found in functions if found["Handler"] == f"lambdas.{name}.handler")

    def _person(self, role: str, name: str) -> Any:
        return self._aws.client_of_role("ssm", role, session_name=name)

    def _client(self, service: str) -> Any:
        return self._aws.client(service, account=self._hub.account, region=self._hub.region)


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)
