"""An account vending pipeline: it creates accounts, and waits with the example's state machine."""

import json
from typing import Any

from local.aws import LocalAws
from tests.wiring.vending.examples import ANSWER_ARN, VENDING, WAIT_ARN
from tests.wiring.vending.state_machines import until


class Pipeline:
    """Waits in the vending account."""

    def __init__(self, aws: LocalAws) -> None:
        """Use the deployed examples."""
        self._aws = aws
        self._states = aws.client("stepfunctions", account=VENDING)
        self._dynamodb = aws.client("dynamodb", account=VENDING)

    def begin_waiting(self, account: str) -> str:
        """Start the state machine; return its execution once it either waits or has ended."""
        execution: str = self._states.start_execution(
            stateMachineArn=WAIT_ARN, input=json.dumps({"account": account})
        )["executionArn"]
        until(lambda: self._keeps_token_of(account) or self._status(execution) != "RUNNING")
        return execution

    def end_of(self, execution: str) -> dict[str, Any]:
        """Return a description of an execution that has ended."""
        until(lambda: self._status(execution) != "RUNNING")
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

    def _keeps_token_of(self, account: str) -> bool:
        [table] = self._dynamodb.list_tables()["TableNames"]
        key = {"account": {"S": account}}
        return "token" in self._dynamodb.get_item(TableName=table, Key=key).get("Item", {})
