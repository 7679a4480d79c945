"""Carries automations out, as the roles of their runbooks."""

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from embedded_aws.clients import Clients
from embedded_aws.clock import Clock
from embedded_aws.ssm.automations import Automations, Execution, Step

_SERVICE = "ssm.amazonaws.com"


class StepFailedError(Exception):
    """When a step fails, and with it the automation."""


@dataclass(frozen=True)
class AutomationRunner:
    """Goes on with every automation that nothing holds up."""

    automations: Automations
    clients: Clients
    clock: Clock

    def run(self) -> bool:
        """Go on until each automation is over or waits for people; say whether anything was done."""
        self._give_up_waiting()
        ready = [found for found in self.automations.executions if found.status in ("Pending", "InProgress")]
        for execution in ready:
            self._go_on(execution)
        return bool(ready)

    def _give_up_waiting(self) -> None:
        now = self.clock.now()
        for execution in self.automations.executions:
            for step in execution.steps:
                if step.status == "Waiting" and step.is_overdue(now):
                    step.end("TimedOut", now)
                    execution.end("TimedOut", now, f"Step {step.name} timed out")

    def _go_on(self, execution: Execution) -> None:
        execution.status = "InProgress"
        for step in execution.steps:
            if step.status == "Success":
                continue
            step.begin(self.clock.now())
            try:
                self._take_role(execution)
                carry_out = self._ask if step.action == "aws:approve" else self._invoke
                carry_out(execution, step)
            except (StepFailedError, ClientError) as error:
                step.end("Failed", self.clock.now(), str(error))
                execution.end("Failed", self.clock.now(), f"Step {step.name} failed: {error}")
            if execution.status != "InProgress":
                return
        execution.end("Success", self.clock.now())

    def _take_role(self, execution: Execution) -> None:
        role = execution.document["assumeRole"]
        context = {"aws:SourceArn": execution.arn, "aws:SourceAccount": execution.account}
        if not self.clients.assume(role, _SERVICE, context):
            raise StepFailedError(f"Automation cannot assume {role}")

    def _ask(self, execution: Execution, step: Step) -> None:
        subject = f"Approval is required for automation {execution.id}"
        self._client("sns", execution).publish(
            TopicArn=step.inputs["NotificationArn"], Subject=subject, Message=step.inputs["Message"]
        )
        step.outputs = {"ApprovalStatus": ["Waiting"], "ApproverDecisions": []}
        step.status = execution.status = "Waiting"

    def _invoke(self, execution: Execution, step: Step) -> None:
        payload = json.dumps(step.inputs["InputPayload"])
        qualifier = step.inputs.get("Qualifier")
        name = ":".join(filter(None, (step.inputs["FunctionName"], qualifier)))
        answer = self._client("lambda", execution).invoke(FunctionName=name, Payload=payload)
        text = answer["Payload"].read().decode()
        step.outputs = {"StatusCode": [str(answer["StatusCode"])], "Payload": [text]}
        if "FunctionError" in answer:
            step.outputs["FunctionError"] = [answer["FunctionError"]]
            raise StepFailedError(text)
        step.end("Success", self.clock.now())

    def _client(self, service: str, execution: Execution) -> Any:
        role = execution.document["assumeRole"]
        name = f"Automation-{execution.id}"
        return self.clients.role(service, role, execution.region, session_name=name)
