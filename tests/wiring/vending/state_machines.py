"""Step Functions as moto interprets it, made to act in the account its state machines are in."""

import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from moto.stepfunctions import responses
from moto.stepfunctions.models import StepFunctionBackend
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk as sdk_integrations,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends

from embedded_aws.cloudformation.creators import CREATORS
from embedded_aws.cloudformation.resource import Resource
from embedded_aws.cloudformation.template import Created
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
        in_vending = resource.environment.account == VENDING
        return _state_machine(resource) if in_vending else create_elsewhere(resource)

    monkeypatch.setattr(responses, "get_backend", backend)
    assert isinstance(CREATORS, dict)
    monkeypatch.setitem(CREATORS, _TYPE, create)
    start = StepFunctionsParserBackend.start_execution

    def start_named(backend: Any, arn: str, name: str | None = None, *rest: Any) -> Any:
        # moto takes two executions without a name for the same one.
        return start(backend, arn, name or str(uuid.uuid4()), *rest)

    monkeypatch.setattr(StepFunctionsParserBackend, "start_execution", start_named)


def act_in_the_vending_account(monkeypatch: pytest.MonkeyPatch, aws: LocalAws) -> None:
    """Let tasks call the embedded AWS; to moto they come from nowhere in particular."""

    def client(service: str, region: str, **_: object) -> _SdkClient:
        return _SdkClient(aws.client(service, account=VENDING, region=region or "us-east-1"))

    monkeypatch.setattr(sdk_integrations, "boto_client_for", client)


def until(condition: Callable[[], bool]) -> None:
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
