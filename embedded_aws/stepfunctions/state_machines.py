"""Runs Step Functions executions, in virtual time and as the roles of their state machines."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.models import Execution, StateMachine
from moto.utilities.arns import parse_arn

from embedded_aws.clients import Clients
from embedded_aws.clock import Clock
from embedded_aws.cloudformation.resource import Created, Creator, Resource
from embedded_aws.iam.roles import role_allows
from embedded_aws.moto_patches import patched
from embedded_aws.stepfunctions.state_data import StateFailedError
from embedded_aws.stepfunctions.state_language import Interpreter, check_definition

_SERVICE = "states.amazonaws.com"


class StateMachines:
    """Every execution of every account, one after the other."""

    def __init__(self, clients: Clients, clock: Clock) -> None:
        """Act with credentials of the state machines' roles. Set `on_progress` to hear how far it is."""
        self._clients = clients
        self._clock = clock
        self._started: list[tuple[StateMachine, Execution]] = []
        self.tolerated: list[StateFailedError] = []
        self.on_progress: Callable[[str], None] = lambda _: None

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Take over the executions moto starts, for as long as the context lasts."""

        def start(machine: StateMachine, *arguments: Any, **named: Any) -> Execution:
            before = len(machine.executions)
            execution: Execution = original(machine, *arguments, **named)
            if len(machine.executions) > before:
                self._started.append((machine, execution))
            return execution

        with patched(StateMachine, "start_execution", start) as original:
            yield

    def forget(self) -> None:
        """Drop what was started and has not been carried out."""
        self._started.clear()

    def run(self) -> bool:
        """Carry out every execution started until now; say whether there was any."""
        started = self.take()
        for carry_out in started:
            carry_out()
        return bool(started)

    def take(self) -> list[Callable[[], None]]:
        """Return what carries out each execution started until now."""
        started, self._started = self._started, []
        return [partial(self._run, *each) for each in started if each[1].status == "RUNNING"]

    def _run(self, machine: StateMachine, execution: Execution) -> None:
        services = _Services(machine, execution, self._clients)
        interpreter = Interpreter(services, self._clock, self._context(execution), self.on_progress)
        try:
            self._take_role(machine)
            output = interpreter.run(json.loads(machine.definition), json.loads(execution.execution_input))
            execution.output, execution.status = json.dumps(output), "SUCCEEDED"
        except StateFailedError as failure:
            execution.error, execution.cause = failure.error, failure.cause
            execution.status = "TIMED_OUT" if failure.error == "States.Timeout" else "FAILED"
        execution.stop_date = self._clock.now()
        self.tolerated += interpreter.tolerated

    def _take_role(self, machine: StateMachine) -> None:
        context = {"aws:SourceArn": machine.arn, "aws:SourceAccount": parse_arn(machine.arn).account}
        if not self._clients.assume(machine.roleArn, _SERVICE, context):
            raise StateFailedError("States.Runtime", f"Step Functions cannot assume {machine.roleArn}")

    def _context(self, execution: Execution) -> Mapping[str, Any]:
        return {
            "Execution": {
                "Id": execution.execution_arn,
                "Name": execution.name,
                "StartTime": _iso(self._clock.now()),
                "Input": json.loads(execution.execution_input),
            }
        }


@dataclass(frozen=True)
class _Services:
    """AWS as one state machine's role sees it."""

    machine: StateMachine
    execution: Execution
    clients: Clients

    def invoke(self, function: str, payload: Any) -> dict[str, Any]:
        try:
            answer = self._client("lambda").invoke(FunctionName=function, Payload=json.dumps(payload))
        except ClientError as error:
            described = error.response["Error"]
            raise StateFailedError(f"Lambda.{described['Code']}", described["Message"]) from error
        document = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise StateFailedError(document.get("errorType", "Lambda.Unknown"), json.dumps(document))
        return {"StatusCode": answer["StatusCode"], "Payload": document}

    def items(self, bucket: str, key: str) -> list[Any]:
        try:
            items = json.load(self._client("s3").get_object(Bucket=bucket, Key=key)["Body"])
        except (ClientError, ValueError) as error:
            raise StateFailedError("States.ItemReaderFailed", str(error)) from error
        if not isinstance(items, list):
            raise StateFailedError("States.ItemReaderFailed", f"{key} holds no JSON list")
        return items

    def may_start_batches(self) -> bool:
        return role_allows(self.machine.roleArn, action="states:StartExecution", resource=self.machine.arn)

    def _client(self, service: str) -> Any:
        name = self.execution.name
        return self.clients.role(service, self.machine.roleArn, self.execution.region_name, session_name=name)


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _state_machine(resource: Resource) -> Created:
    # Where a log goes changes nothing here, and neither does a trace.
    resource.expect(
        *("StateMachineName", "DefinitionString", "RoleArn", "LoggingConfiguration", "TracingConfiguration")
    )
    name, definition = resource.name("StateMachineName", longest=80), resource.properties["DefinitionString"]
    check_definition(json.loads(definition))
    arn = resource.client("stepfunctions").create_state_machine(
        name=name,
        definition=definition,
        roleArn=resource.properties["RoleArn"],
    )["stateMachineArn"]
    return Created(reference=arn, attributes={"Arn": arn, "Name": name})


CREATORS: dict[str, Creator] = {"AWS::StepFunctions::StateMachine": _state_machine}
