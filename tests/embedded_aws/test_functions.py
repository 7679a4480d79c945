import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embedded_aws.environment import EmbeddedAws
from tests.embedded_aws.templates import HUB, Stack, allow, function, role

Deploy = Callable[..., EmbeddedAws]

HANDLER = """
import json, os, boto3
from function_code import memory

def handler(event, context):
    left = context.get_remaining_time_in_millis()
    return {"environ": dict(os.environ), "count": memory.count(), "left": left}

def whoami(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]

def log(event, context):
    print(json.dumps({"level": "INFO", "message": "structured"}))
    print("plain")
    print(json.dumps({"_aws": {}, "Metric": 1}))

def crash(event, context):
    raise ValueError(f"no good: {memory.count()}")

def table(event, context):
    boto3.client("dynamodb").list_tables()

def slow(event, context):
    context.clock.advance(event.get("seconds", 20))
    return memory.count()

def lazy(event, context):
    from function_code import late
    return late.NAME
"""


@pytest.fixture(autouse=True)
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "function_code"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "main.py").write_text(HANDLER)
    (package / "late.py").write_text("NAME = __name__")
    (package / "memory.py").write_text("n = 0\ndef count():\n    global n\n    n += 1\n    return n")
    monkeypatch.syspath_prepend(str(tmp_path))


def stack(handler: str, *statements: Any, **variables: str) -> Stack:
    return Stack(
        resources={
            "Role": role("lambda.amazonaws.com", *statements),
            "Function": named("f", handler, **variables),
        }
    )


def named(name: str, handler: str, **variables: str) -> dict[str, Any]:
    environment = {"Variables": variables}
    return function(
        f"function_code.main.{handler}",
        FunctionName=name,
        Timeout=10,
        MemorySize=256,
        Environment=environment,
    )


def invoke(aws: EmbeddedAws, name: str = "f", **event: Any) -> dict[str, Any]:
    client = aws.client("lambda", account=HUB)
    answer: dict[str, Any] = client.invoke(FunctionName=name, Payload=json.dumps(event))
    return {**answer, "Payload": json.loads(answer["Payload"].read())}


def test_a_function_has_exactly_its_own_environment(
    deployed: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_DEVELOPER", "1")
    monkeypatch.setenv("AWS_PROFILE", "developer")
    aws = deployed(stack("handler", OWN="value"))
    environment = invoke(aws)["Payload"]["environ"]
    assert environment["OWN"] == "value"
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "f"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert not environment.keys() & {"SECRET_OF_THE_DEVELOPER", "AWS_PROFILE"}
    assert "OWN" not in os.environ


def test_a_function_acts_as_its_role(deployed: Deploy) -> None:
    aws = deployed(stack("whoami"))
    arn = invoke(aws)["Payload"]
    assert arn.startswith(f"arn:aws:sts::{HUB}:assumed-role/Stack-Role")
    [call] = aws.calls
    assert (call.operation, call.principal.arn) == ("GetCallerIdentity", arn)


def test_a_function_may_do_only_what_its_role_allows(deployed: Deploy) -> None:
    aws = deployed(stack("table", allow("sqs:*")))
    answer = invoke(aws)
    assert answer["FunctionError"]
    assert "AccessDenied" in answer["Payload"]["errorMessage"]


def test_a_warm_function_keeps_its_memory_and_others_do_not_see_it(deployed: Deploy) -> None:
    resources = {**stack("handler").resources, "Other": named("g", "handler")}
    aws = deployed(Stack(resources=resources))
    assert [invoke(aws, name)["Payload"]["count"] for name in ("f", "f", "g", "f")] == [1, 2, 1, 3]
    assert "function_code" not in sys.modules


def test_a_function_whose_variables_change_starts_anew(deployed: Deploy) -> None:
    aws = deployed(stack("handler", OWN="before"))
    invoke(aws)
    aws.client("lambda", account=HUB).update_function_configuration(
        FunctionName="f", Environment={"Variables": {"OWN": "after"}}
    )
    found = invoke(aws)["Payload"]
    assert (found["environ"]["OWN"], found["count"]) == ("after", 1)


def test_modules_may_be_imported_late(deployed: Deploy) -> None:
    aws = deployed(stack("lazy"))
    assert [invoke(aws)["Payload"] for _ in range(2)] == ["function_code.late"] * 2
    assert "function_code.late" not in sys.modules


def test_output_becomes_logs_and_metrics(deployed: Deploy) -> None:
    aws = deployed(stack("log"))
    invoke(aws)
    assert aws.logs == [
        {"level": "INFO", "message": "structured"},
        {"function_name": "f", "message": "plain"},
    ]
    assert aws.metrics == [{"_aws": {}, "Metric": 1}]


def test_an_error_is_described_as_lambda_does_and_the_environment_stays(deployed: Deploy) -> None:
    aws = deployed(stack("crash"))
    first, second = invoke(aws), invoke(aws)
    assert first["FunctionError"]
    assert first["Payload"]["errorType"] == "ValueError"
    assert [answer["Payload"]["errorMessage"] for answer in (first, second)] == ["no good: 1", "no good: 2"]


def test_a_function_that_takes_too_long_times_out_and_starts_anew(deployed: Deploy) -> None:
    aws = deployed(stack("slow"))
    assert invoke(aws, seconds=1)["Payload"] == 1
    assert invoke(aws)["Payload"]["errorMessage"] == "Task timed out after 10.00 seconds"
    assert invoke(aws, seconds=1)["Payload"] == 1


def test_a_handler_that_cannot_be_imported_is_an_error_of_the_function(deployed: Deploy) -> None:
    aws = deployed(stack("no_such_handler"))
    assert invoke(aws)["Payload"]["errorType"] == "AttributeError"
