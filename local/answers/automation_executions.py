"""Executions of automations: what is known of each, and how AWS shows it."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local.answers.automation_documents import Document


@dataclass
class Step:
    """One step: as the runbook has it, and what became of it."""

    definition: Mapping[str, Any]
    inputs: Mapping[str, Any]
    status: str = "Pending"
    started: datetime | None = None
    ended: datetime | None = None
    outputs: dict[str, list[str]] = field(default_factory=dict)
    failure: str | None = None

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

    def end(self, status: str, now: datetime, failure: str | None = None) -> None:
        """Note how it ended."""
        self.status, self.ended, self.failure = status, now, failure

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether it has waited longer than it may."""
        seconds = self.definition.get("timeoutSeconds")
        return bool(seconds and self.started and now >= self.started + timedelta(seconds=seconds))

    def shown(self) -> dict[str, Any]:
        """Return what GetAutomationExecution says of it."""
        return _present(
            StepName=self.name,
            Action=self.action,
            StepStatus=self.status,
            ExecutionStartTime=self.started,
            ExecutionEndTime=self.ended,
            Inputs={name: json.dumps(value) for name, value in self.inputs.items()},
            Outputs=self.outputs or None,
            FailureMessage=self.failure,
        )


@dataclass(kw_only=True)
class Execution:
    """One execution. executed_by: who started it, as their ARN."""

    account: str
    region: str
    partition: str
    document_name: str
    document_version: str
    document: Document
    parameters: Mapping[str, str]
    executed_by: str
    started: datetime
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "Pending"
    steps: list[Step] = field(default_factory=list)
    ended: datetime | None = None
    outputs: dict[str, list[str]] = field(default_factory=dict)
    failure: str | None = None

    @property
    def arn(self) -> str:
        """What the automation's role is assumed for."""
        return f"arn:{self.partition}:ssm:{self.region}:{self.account}:automation-execution/{self.id}"

    @property
    def variables(self) -> dict[str, str]:
        """What stands between double braces."""
        return {**self.parameters, "automation:EXECUTION_ID": self.id}

    def end(self, status: str, now: datetime, failure: str | None = None) -> None:
        """Note how it ended."""
        self.status, self.ended, self.failure = status, now, failure

    def summary(self) -> dict[str, Any]:
        """Return what DescribeAutomationExecutions says of it."""
        current = next((step for step in self.steps if step.status in ("InProgress", "Waiting")), None)
        return _present(
            AutomationExecutionId=self.id,
            DocumentName=self.document_name,
            DocumentVersion=self.document_version,
            AutomationExecutionStatus=self.status,
            ExecutionStartTime=self.started,
            ExecutionEndTime=self.ended,
            ExecutedBy=self.executed_by,
            Outputs=self.outputs or None,
            Mode="Auto",
            CurrentStepName=current.name if current else None,
            CurrentAction=current.action if current else None,
            FailureMessage=self.failure,
            Targets=[],
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
