"""Clients that ask at the same time, while functions work."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.request import urlopen

import boto3
import pytest

from local.commands.http_server import EVENTS
from local.scenarios.scenario_events import create_account_result
from tests.local.playground.conftest import Playground

pytestmark = pytest.mark.long

AT_ONCE = 6
SEARCH, SANDBOX = "777788889999", "567856785678"


def hub(playground: Playground, service: str) -> Any:
    given = playground.environment
    session: Any = boto3.Session()
    return session.client(
        service,
        endpoint_url=given["AWS_ENDPOINT_URL"],
        region_name=given["AWS_DEFAULT_REGION"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )


def test_functions_answer_many_clients_while_they_work_for_queues(playground: Playground) -> None:
    cloudformation = hub(playground, "cloudformation")
    [stack] = cloudformation.describe_stacks(StackName="RootWardenHub")["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    harden, request = hub(playground, "lambda"), {"reason": "drill", "requestedBy": "me", "dryRun": True}

    def ask(account: str) -> dict[str, Any]:
        answer = harden.invoke(
            FunctionName=f"{outputs['HardenAccountFunction']}:person",
            Payload=json.dumps({**request, "account": account}),
        )
        return dict(json.load(answer["Payload"]))

    with ThreadPoolExecutor(AT_ONCE + 1) as clients:
        announced = clients.submit(announce, playground, SANDBOX)
        answers = list(clients.map(ask, [SEARCH] * AT_ONCE))
        assert announced.result()["rules"]
    assert [answer["result"] for answer in answers] == ["clean"] * AT_ONCE
    playground.wait_for("sandbox-new (567856785678)")


def announce(playground: Playground, account: str) -> dict[str, Any]:
    event = create_account_result(management="111122223333", time=datetime.now(UTC), account=account)
    url = playground.environment["AWS_ENDPOINT_URL"] + EVENTS
    with urlopen(url, data=json.dumps(event).encode()) as answer:  # noqa: S310 # loopback
        return dict(json.load(answer))
