"""Sweeps of the organization, started as people and the schedule start them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from local.aws import LocalAws

_NAME = "OrganizationSweep"


@dataclass(frozen=True, kw_only=True)
class SweepResult:
    """How a sweep ended. `error` is None unless it failed; `report` is report.json, if there is one."""

    sweep_id: str
    status: str
    error: str | None
    report: Mapping[str, Any] | None
    took: timedelta

    def row(self, account: str) -> Mapping[str, Any]:
        """Return what the report says of an account."""
        [row] = [row for row in (self.report or {})["accounts"] if row["id"] == account]
        return dict(row)


class Sweeping:
    """Starts sweeps and fetches what they leave."""

    def __init__(self, aws: LocalAws) -> None:
        """Sweep this deployed organization."""
        self._aws = aws

    def by_hand(self, mode: str | None = None) -> SweepResult:
        """Start a sweep as `aws stepfunctions start-execution` does, and let everything happen."""
        return self._ended(self.start(mode))

    def start(self, mode: str | None = None) -> str:
        """Start a sweep and leave it to itself; returns its execution's ARN."""
        given = json.dumps({"mode": mode} if mode else {})
        machines = self._aws.hub_client("stepfunctions")
        started = machines.start_execution(stateMachineArn=self._machine, input=given)
        return str(started["executionArn"])

    def by_schedule(self) -> SweepResult:
        """Let the schedule start a sweep, and let everything happen."""
        before = self._executions()
        self._aws.fire_schedules()
        [started] = self._executions() - before
        return self._ended(started)

    @property
    def has_failed(self) -> bool:
        """Whether an execution ended without coming to its end."""
        found = self._aws.hub_client("stepfunctions").list_executions(
            stateMachineArn=self._machine, statusFilter="FAILED"
        )
        return bool(found["executions"])

    def files(self, sweep_id: str) -> Iterator[tuple[str, bytes]]:
        """Yield each file of a sweep's report, by name."""
        prefix, s3 = f"reports/{sweep_id}/", self._aws.hub_client("s3")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            for item in page.get("Contents", ()):
                body: bytes = s3.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read()
                yield item["Key"].removeprefix(prefix), body

    def _executions(self) -> set[str]:
        pages = self._aws.hub_client("stepfunctions").get_paginator("list_executions")
        found = pages.paginate(stateMachineArn=self._machine)
        return {execution["executionArn"] for page in found for execution in page["executions"]}

    def _ended(self, execution_arn: str) -> SweepResult:
        self._aws.run_until_idle()
        execution = self._aws.hub_client("stepfunctions").describe_execution(executionArn=execution_arn)
        report = dict(self.files(execution["name"])).get("report.json")
        return SweepResult(
            sweep_id=execution["name"],
            status=execution["status"],
            error=f"{execution['error']}: {execution.get('cause', '')}" if "error" in execution else None,
            report=json.loads(report) if report else None,
            took=execution["stopDate"] - execution["startDate"],
        )

    @property
    def bucket(self) -> str:
        """The name of the evidence bucket."""
        names: list[str] = [bucket["Name"] for bucket in self._aws.hub_client("s3").list_buckets()["Buckets"]]
        return next(name for name in names if "evidence" in name)

    @property
    def _machine(self) -> str:
        hub = self._aws.organization.hub
        return f"arn:aws:states:{hub.region}:{hub.account}:stateMachine:{_NAME}"
