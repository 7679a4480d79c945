"""Executions of automations: what is known of each, and how AWS shows it."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.ssm.models import Documents, ssm_backends

from embedded_aws.calls import Call, CallRefusedError
from embedded_aws.clock import Clock
from embedded_aws.ssm.automation_documents import (
    Document,
    ParametersError,
    filled_in,
    read_parameters,
)

# What a simple execution is started with; others run on many targets, step by step, or later.
_KNOWN = frozenset({"DocumentName", "DocumentVersion", "Parameters", "Mode"})
# What AWS shows in the place of an output.
_NO_OUTPUT = "No output available yet because the step is not successfully executed"
_FILTERS: Mapping[str, Callable[[Mapping[str, Any], str], bool]] = {
    "ExecutionId": lambda shown, value: shown["AutomationExecutionId"] == value,
    "ExecutionStatus": lambda shown, value: shown["AutomationExecutionStatus"] == value,
    "DocumentNamePrefix": lambda shown, value: shown["DocumentName"].startswith(value),
}


@dataclass(kw_only=True)
class _Progress:
    status: str = "Pending"
    started: datetime | None = None
    ended: datetime | None = None
    failure: str | None = None

    def end(self, status: str, now: datetime, failure: str | None = None) -> None:
        """Note how it ended."""
        self.status, self.ended, self.failure = status, now, failure

    def times(self) -> dict[str, Any]:
        """Return when it began and ended, and why it failed."""
        return _present(
            ExecutionStartTime=self.started, ExecutionEndTime=self.ended, FailureMessage=self.failure
        )


@dataclass(kw_only=True)
class Step(_Progress):
    """One step: as the runbook has it, and what became of it."""

    definition: Mapping[str, Any]
    inputs: Mapping[str, Any]
    outputs: dict[str, list[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The step's name."""
        return str(self.definition["name"])

    @property
    def action(self) -> str:
        """What it does, such as `aws:approve`."""
        return str(self.definition["action"])

    def begin(self, now: datetime) -> None:
        """Note that it has begun."""
        self.status, self.started = "InProgress", now

    def is_overdue(self, now: datetime) -> bool:
        """Say whether it has waited longer than it may."""
        seconds = self.definition.get("timeoutSeconds")
        return bool(seconds and self.started and now >= self.started + timedelta(seconds=seconds))

    def answered(self, output: str) -> list[str]:
        """Return what the automation shows of an output."""
        return self.outputs.get(output, []) if self.status == "Success" else [_NO_OUTPUT]

    def shown(self) -> dict[str, Any]:
        """Return what GetAutomationExecution says of it."""
        return _present(
            StepName=self.name,
            Action=self.action,
            StepStatus=self.status,
            Inputs={name: json.dumps(value) for name, value in self.inputs.items()},
            Outputs=self.outputs or None,
            **self.times(),
        )


@dataclass(kw_only=True)
class Execution(_Progress):
    """One execution. executed_by: who started it, as their ARN."""

    account: str
    region: str
    partition: str
    document_name: str
    document_version: str
    document: Document
    parameters: Mapping[str, str]
    executed_by: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    steps: list[Step] = field(default_factory=list)

    @property
    def outputs(self) -> dict[str, list[str]]:
        """What it answers once it is over, however it ended."""
        steps = {step.name: step for step in self.steps}
        named = {name: name.partition(".") for name in self.document.get("outputs", ()) if self.ended}
        return {name: steps[step].answered(output) for name, (step, _, output) in named.items()}

    @property
    def arn(self) -> str:
        """What the automation's role is assumed for."""
        return f"arn:{self.partition}:ssm:{self.region}:{self.account}:automation-execution/{self.id}"

    @property
    def variables(self) -> dict[str, str]:
        """What stands between double braces."""
        return {**self.parameters, "automation:EXECUTION_ID": self.id}

    def summary(self) -> dict[str, Any]:
        """Return what DescribeAutomationExecutions says of it."""
        current = next((step for step in self.steps if step.status in ("InProgress", "Waiting")), None)
        return _present(
            AutomationExecutionId=self.id,
            DocumentName=self.document_name,
            DocumentVersion=self.document_version,
            AutomationExecutionStatus=self.status,
            ExecutedBy=self.executed_by,
            Outputs=self.outputs or None,
            Mode="Auto",
            CurrentStepName=current.name if current else None,
            CurrentAction=current.action if current else None,
            Targets=[],
            **self.times(),
        )

    def shown(self) -> dict[str, Any]:
        """Return what GetAutomationExecution says of it."""
        return {
            **self.summary(),
            "Parameters": {name: [value] for name, value in self.parameters.items()},
            "StepExecutions": [step.shown() for step in self.steps],
            "StepExecutionsTruncated": False,
        }


def _present(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


class Automations:
    """Every execution of every account; AutomationRunner carries them out."""

    def __init__(self, clock: Clock) -> None:
        """Start without any."""
        self._clock = clock
        self.executions: list[Execution] = []

    def answer(self, call: Call) -> Mapping[str, Any] | None:
        """Answer a call about automations; documents are moto's to answer for."""
        match call.operation:
            case "StartAutomationExecution":
                return {"AutomationExecutionId": self._start(call).id}
            case "GetAutomationExecution":
                return {"AutomationExecution": self._find(call).shown()}
            case "DescribeAutomationExecutions":
                return {"AutomationExecutionMetadataList": self._described(call)}
            case "SendAutomationSignal":
                self._signal(call)
                return {}
            case "StopAutomationExecution":
                self._stop(call)
                return {}
        return None

    def _start(self, call: Call) -> Execution:
        parameters = call.parameters
        if parameters.keys() - _KNOWN or parameters.get("Mode", "Auto") != "Auto":
            raise CallRefusedError("InvalidTarget", "the embedded AWS runs simple automations only")
        found = _document(call)
        content = json.loads(found.content)
        try:
            given = read_parameters(content, parameters.get("Parameters", {}))
        except ParametersError as error:
            raise CallRefusedError("InvalidAutomationExecutionParametersException", str(error)) from error
        execution = Execution(
            account=call.account,
            region=call.region,
            partition=call.partition,
            document_name=found.name,
            document_version=found.document_version,
            document=content,
            parameters=given,
            executed_by=call.principal.arn,
            started=self._clock.now(),
        )
        execution.steps = [
            Step(definition=step, inputs=filled_in(step["inputs"], execution.variables))
            for step in content["mainSteps"]
        ]
        self.executions.append(execution)
        return execution

    def _find(self, call: Call) -> Execution:
        wanted = call.parameters["AutomationExecutionId"]
        for execution in self._of(call):
            if execution.id == wanted:
                return execution
        message = f"Couldn't find any automation execution with ID: {wanted}."
        raise CallRefusedError("AutomationExecutionNotFoundException", message)

    def _of(self, call: Call) -> list[Execution]:
        place = (call.account, call.region)
        return [found for found in self.executions if (found.account, found.region) == place]

    def _described(self, call: Call) -> list[dict[str, Any]]:
        shown = [execution.summary() for execution in reversed(self._of(call))]
        for wanted in call.parameters.get("Filters", ()):
            if wanted["Key"] not in _FILTERS:
                raise CallRefusedError("InvalidFilterKey", f"the embedded AWS knows {', '.join(_FILTERS)}")
            matches = _FILTERS[wanted["Key"]]
            shown = [one for one in shown if any(matches(one, value) for value in wanted["Values"])]
        return shown

    def _signal(self, call: Call) -> None:
        execution, signal = self._find(call), call.parameters["SignalType"]
        step = next((step for step in execution.steps if step.status == "Waiting"), None)
        if step is None or signal not in ("Approve", "Reject"):
            raise CallRefusedError("InvalidAutomationSignalException", "No step waits for this signal.")
        if not _is_approver(call, step.inputs["Approvers"]):
            message = f"{call.principal.arn} is not one of the step's approvers."
            raise CallRefusedError("InvalidAutomationSignalException", message)
        comment = call.parameters.get("Payload", {}).get("Comment", [""])[0]
        decided = {"approver": call.principal.arn, "decision": signal, "comment": comment}
        _decide(execution, step, decided, self._clock)

    def _stop(self, call: Call) -> None:
        execution = self._find(call)
        if execution.ended:
            message = f"Automation execution {execution.id} has ended already."
            raise CallRefusedError("InvalidAutomationStatusUpdateException", message)
        for step in execution.steps:
            if step.status in ("InProgress", "Waiting"):
                step.end("Cancelled", self._clock.now())
        execution.end("Cancelled", self._clock.now())


def _document(call: Call) -> Any:
    name = str(call.parameters["DocumentName"]).rpartition("/")[2]
    documents: Documents | None = ssm_backends[call.account][call.region]._documents.get(name)  # noqa: SLF001 # moto has no other way
    if documents is None:
        message = f"Couldn't find automation with name: {name}."
        raise CallRefusedError("AutomationDefinitionNotFoundException", message)
    wanted = call.parameters.get("DocumentVersion", "$DEFAULT")
    versions = {"$DEFAULT": documents.default_version, "$LATEST": documents.latest_version}
    found = documents.find_by_version(versions.get(wanted, wanted))
    if found is None or found.document_type != "Automation":
        message = f"There is no automation {name} version {wanted}."
        raise CallRefusedError("AutomationDefinitionVersionNotFoundException", message)
    return found


def _is_approver(call: Call, approvers: list[str]) -> bool:
    return not {call.principal.arn, call.principal.role_arn}.isdisjoint(approvers)


def _decide(execution: Execution, step: Step, decided: Mapping[str, str], clock: Clock) -> None:
    decisions = [json.loads(text) for text in step.outputs["ApproverDecisions"]]
    decisions = [*(one for one in decisions if one["approver"] != decided["approver"]), decided]
    step.outputs["ApproverDecisions"] = [json.dumps(one) for one in decisions]
    if decided["decision"] == "Reject":
        step.outputs["ApprovalStatus"] = ["Rejected"]
        message = f"Step {step.name} was rejected by {decided['approver']}"
        step.end("Failed", clock.now(), message)
        execution.end("Failed", clock.now(), message)
    elif len(decisions) >= step.inputs.get("MinRequiredApprovals", 1):
        step.outputs["ApprovalStatus"] = ["Approved"]
        step.end("Success", clock.now())
        execution.status = "InProgress"
