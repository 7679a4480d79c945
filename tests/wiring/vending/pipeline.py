"""An account vending pipeline: it creates accounts, and waits with the example's state machine."""

import json
from typing import Any

from local.aws import LocalAws
from tests.wiring.vending.examples import ANSWER_ARN, VENDING, WAIT_ARN


class Pipeline:
    """Waits in the vending account."""

    def __init__(self, aws: LocalAws) -> None:
        """Use the deployed examples."""
        self._aws = aws
        self._states = aws.client("stepfunctions", account=VENDING)

    def begin_waiting(self, account: str) -> str:
        """Start the state machine; return its execution, which then either waits or has ended."""
        started = self._states.start_execution(
            stateMachineArn=WAIT_ARN, input=json.dumps({"account": account})
        )
        return str(started["executionArn"])

    def end_of(self, execution: str) -> dict[str, Any]:
        """Return a description of an execution."""
        ended: dict[str, Any] = self._states.describe_execution(executionArn=execution)
        return ended

    def is_waiting(self, execution: str) -> bool:
        """Tell whether an execution still waits once every answer has been given."""
        self.answers()
        return self._status(execution) == "RUNNING"

    def answers(self) -> list[str]:
        """Return how every answer to a result ended."""
        executions = self._states.list_executions(stateMachineArn=ANSWER_ARN)["executions"]
        return [str(self.end_of(execution["executionArn"])["status"]) for execution in executions]

    def _status(self, execution: str) -> str:
        return str(self._states.describe_execution(executionArn=execution)["status"])
