"""Step Functions as moto interprets it, made to act in the account its state machines are in."""

import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from moto.stepfunctions import responses
from moto.stepfunctions.models import StepFunctionBackend
from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk as sdk_integrations,
)
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends

from embedded_aws.cloudformation.deployment import CREATORS
from embedded_aws.cloudformation.resource import Created, Resource
from local.aws import LocalAws
from tests.wiring.vending.examples import VENDING

_TYPE = "AWS::StepFunctions::StateMachine"
# Executions are threads in real time, beside the virtual time that everything else lives in.
_TRIES, _BETWEEN_TRIES = 500, 0.01


def interpret_state_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto run the vending account's executions, tasks that wait for a token included."""
    elsewhere, create_elsewhere = responses.get_backend, CREATORS[_TYPE]

    def backend(account: str, region: str) -> StepFunctionBackend:
        if account == VENDING:
            return stepfunctions_parser_backends[account][region]
        return elsewhere(account, region)

    def create(resource: Resource) -> Created:
        in_vending = resource.stack.account == VENDING
        return _state_machine(resource) if in_vending else create_elsewhere(resource)

    monkeypatch.setattr(responses, "get_backend", backend)
    assert isinstance(CREATORS, dict)
    monkeypatch.setitem(CREATORS, _TYPE, create)
    _let_one_work_at_a_time(monkeypatch)


def _let_one_work_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whoever starts or answers an execution go on once that waits or has ended.

    moto runs each in a thread of its own, and nothing of moto may be read while another thread changes it.
    """
    start = StepFunctionsParserBackend.start_execution

    def start_and_wait(backend: Any, arn: str, name: str | None = None, *rest: Any) -> Any:
        # moto takes two executions without a name for the same one.
        execution = start(backend, arn, name or str(uuid.uuid4()), *rest)
        _until(lambda: _has_ended(execution) or _waits_for_token(execution))
        return execution

    def and_wait(answer: Callable[..., Any]) -> Callable[..., Any]:
        def answered(backend: Any, task_token: str, *rest: Any, **more: Any) -> Any:
            waiting = [each for each in backend._get_executions() if _has_token(each, task_token)]  # noqa: SLF001
            result = answer(backend, task_token, *rest, **more)
            _until(lambda: all(_has_ended(each) for each in waiting))
            return result

        return answered

    monkeypatch.setattr(StepFunctionsParserBackend, "start_execution", start_and_wait)
    for name in ("send_task_success", "send_task_failure"):
        monkeypatch.setattr(
            StepFunctionsParserBackend, name, and_wait(getattr(StepFunctionsParserBackend, name))
        )


def _has_ended(execution: Execution) -> bool:
    return execution.exec_status not in (None, ExecutionStatus.RUNNING)


def _waits_for_token(execution: Execution) -> bool:
    """Tell whether the call that hands the token on has returned."""
    worker = execution.exec_worker
    if worker is None or worker.env is None:
        return False
    history = worker.env.event_manager.get_event_history()
    return bool(history) and history[-1]["type"] == HistoryEventType.TaskSubmitted


def _has_token(execution: Execution, token: str) -> bool:
    worker = execution.exec_worker
    if worker is None or worker.env is None:
        return False
    return worker.env.callback_pool_manager.get(token) is not None


def act_in_the_vending_account(monkeypatch: pytest.MonkeyPatch, aws: LocalAws) -> None:
    """Let tasks call the embedded AWS; to moto they come from nowhere in particular."""

    def client(service: str, region: str, **_: object) -> _SdkClient:
        return _SdkClient(aws.client(service, account=VENDING, region=region or "us-east-1"))

    monkeypatch.setattr(sdk_integrations, "boto_client_for", client)


def _until(condition: Callable[[], bool]) -> None:
    """Wait in real time."""
    for _ in range(_TRIES):
        if condition():
            return
        threading.Event().wait(_BETWEEN_TRIES)
    raise TimeoutError("it never came true")


class _SdkClient:
    """Takes parameters as SDK integrations write them (TaskToken), for boto3 (taskToken)."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        name = self._client.meta.method_to_api_mapping[operation]
        members = self._client.meta.service_model.operation_model(name).input_shape.members
        spelling = {member.lower(): member for member in members}

        def call(**parameters: Any) -> Any:
            spelled = {spelling[key.lower()]: value for key, value in parameters.items()}
            return getattr(self._client, operation)(**spelled)

        return call


def _state_machine(resource: Resource) -> Created:
    resource.expect("StateMachineName", "RoleArn", "DefinitionString", "DefinitionSubstitutions")
    definition = resource.properties["DefinitionString"]
    for name, value in resource.properties.get("DefinitionSubstitutions", {}).items():
        definition = definition.replace(f"${{{name}}}", str(value))
    json.loads(definition)
    arn = resource.client("stepfunctions").create_state_machine(
        name=resource.name("StateMachineName"),
        definition=definition,
        roleArn=resource.properties["RoleArn"],
    )["stateMachineArn"]
    return Created(reference=arn, attributes={"Arn": arn})
