"""The ends of recovery windows: one-time schedules of EventBridge Scheduler, in a group of their own.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import boto3
from botocore.exceptions import ClientError

from rootwarden.aws.clients import PATIENT, error_code, patient, refusals
from rootwarden.events import AccountId
from rootwarden.outcomes import iso
from rootwarden.recovery.windows import RecordedWindow

_RETRY = {"MaximumRetryAttempts": 60, "MaximumEventAgeInSeconds": 3600}


class SchedulerClient(Protocol):
    """The part of the EventBridge Scheduler client that is used."""

    def create_schedule(self, **parameters: object) -> Mapping[str, Any]:
        """Create a schedule."""

    def update_schedule(self, **parameters: object) -> Mapping[str, Any]:
        """Replace everything a schedule says."""

    def delete_schedule(self, *, Name: str, GroupName: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's names
        """Delete a schedule."""


@cache
def scheduler_client() -> SchedulerClient:
    """Return the EventBridge Scheduler client."""
    client: SchedulerClient = boto3.client("scheduler", config=PATIENT)
    return patient(client)


@dataclass(frozen=True)
class WindowSchedules:
    """See rootwarden.recovery.windows.WindowEnds."""

    client: SchedulerClient
    group: str

    def delete(self, account_id: AccountId) -> None:
        """Forget the end of the account's window; again does no harm."""
        with refusals():
            try:
                self.client.delete_schedule(Name=name_of(account_id), GroupName=self.group)
            except ClientError as error:
                # A schedule that has run is gone by itself.
                if error_code(error) != "ResourceNotFoundException":
                    raise


@dataclass(frozen=True, kw_only=True)
class ClosingSchedules:
    """See rootwarden.recovery.opening.FutureEnds. Each ARN is what a schedule works with."""

    schedules: WindowSchedules
    function_arn: str
    role_arn: str
    dead_letters_arn: str

    def set(self, standing: RecordedWindow) -> None:
        """Have the window closed when its time is over; again does no harm."""
        client, schedule = self.schedules.client, self._schedule(standing)
        with refusals():
            try:
                client.create_schedule(**schedule)
            except ClientError as error:
                if error_code(error) != "ConflictException":
                    raise
                # Left by a run that stopped, whose window may be open: at no moment it may have no end.
                client.update_schedule(**schedule)

    def delete(self, account_id: AccountId) -> None:
        """Forget the end of the account's window; again does no harm."""
        self.schedules.delete(account_id)

    def _schedule(self, standing: RecordedWindow) -> dict[str, object]:
        until, account_id = standing.window.until, standing.account_id
        return {
            "Name": name_of(account_id),
            "GroupName": self.schedules.group,
            "Description": f"rootwarden: ends the recovery window of {account_id}",
            "ScheduleExpression": f"at({until:%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "State": "ENABLED",
            "Target": {
                "Arn": self.function_arn,
                "RoleArn": self.role_arn,
                "Input": json.dumps(
                    {"account": account_id, "until": iso(until), "openedAt": iso(standing.opened_at)}
                ),
                "RetryPolicy": _RETRY,
                "DeadLetterConfig": {"Arn": self.dead_letters_arn},
            },
        }


def name_of(account_id: AccountId) -> str:
    """Return the name of the schedule that ends the account's window."""
    return f"rootwarden-recovery-{account_id}"
