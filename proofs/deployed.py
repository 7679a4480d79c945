"""rootwarden, deployed on the embedded AWS of a process that has one thread, so that it can be copied."""

import concurrent.futures
import gc
import json
import random
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from unittest.mock import patch

import urllib3
from botocore.exceptions import HTTPClientError
from moto.awslambda.models import lambda_backends

from embedded_aws.calls import Call, CallRefusedError, Principal
from embedded_aws.clock import VirtualClock
from embedded_aws.remembered_work import work_remembered
from local.aws import LocalAws
from local.organization import Organization
from local.synthesis import synthesize
from proofs.history import pass_by
from proofs.routes import set_up

ORGANIZATION = Path(__file__).with_name("organization.yaml")
START = datetime(2026, 6, 1, 12, tzinfo=UTC)
SLACK = "slack"
Returned = TypeVar("Returned")


@contextmanager
def deployed(
    organization: Organization,
    *,
    assembly: Path | None = None,
    environments: int = 1,
    imported: int = 0,
    clock: VirtualClock | None = None,
) -> Iterator[LocalAws]:
    """Deploy to an organization; without an assembly it is synthesized now.

    environments: of each function, ready to run at the same time. imported: for its next cold starts.
    """
    with ExitStack() as stack:
        if assembly is None:
            directory = Path(stack.enter_context(TemporaryDirectory()))
            assembly = synthesize(organization, directory / "assembly")
        stack.enter_context(work_remembered())
        stack.enter_context(patch.object(concurrent.futures, "ThreadPoolExecutor", InTurn))
        aws = stack.enter_context(LocalAws(organization, assembly=assembly, start=START, clock=clock))
        stack.enter_context(patch.object(urllib3.PoolManager, "request", _slack_of(aws)))
        stack.enter_context(patch.object(uuid, "uuid4", _next_id))
        random.seed(0)
        aws.deploy()
        set_up(aws)
        _warm_up(aws, environments=environments, imported=imported)
        pass_by(aws)
        # What is there now stays: copies need not look at it, nor copy it because they did.
        gc.collect()
        gc.freeze()
        yield aws
        gc.unfreeze()


def _warm_up(aws: LocalAws, *, environments: int, imported: int) -> None:
    """Have every function imported, with what it makes at its first call: it has nothing to do."""
    hub = aws.organization.hub
    for function in lambda_backends[hub.account][hub.region].list_functions():
        aws.functions.keep_warm(function, {"Records": []}, environments=environments, imported=imported)


def _next_id() -> uuid.UUID:
    """Return an id that is the same in every run, as everything else that is random."""
    return uuid.UUID(int=random.getrandbits(128), version=4)


class InTurn(Executor):
    """Stands for a thread pool: each piece of work is done when it is handed over.

    So every run makes its calls in the same order. What ends the process, ends whoever hands over.
    """

    def __init__(self, max_workers: int = 1) -> None:
        """Take what a thread pool takes."""

    def submit(self, work: Callable[..., Returned], /, *given: Any, **named: Any) -> Future[Returned]:
        """Do it."""
        done: Future[Returned] = Future()
        try:
            done.set_result(work(*given, **named))
        except Exception as error:  # noqa: BLE001 # whoever asks for the result gets it
            done.set_exception(error)
        return done


def _slack_of(aws: LocalAws) -> Callable[..., urllib3.HTTPResponse]:
    """Answer what is posted to Slack: the endpoint's own server would be another thread."""

    def request(*_: object, json: object, **__: object) -> urllib3.HTTPResponse:
        call, faults = _post(aws), aws.extensions.faults
        try:
            faults.strike(call)
            status, headers, body = aws.slack.answer(_written(json))
            faults.strike(call, after_effect=True)
        except CallRefusedError as refused:
            status, headers, body = refused.http, {}, refused.code.encode()
        except HTTPClientError as silence:
            raise urllib3.exceptions.TimeoutError(str(silence)) from silence
        return urllib3.HTTPResponse(body=body, headers=headers, status=status)

    return request


def _written(document: object) -> bytes:
    return json.dumps(document).encode()


def _post(aws: LocalAws) -> Call:
    running, hub = aws.functions.running, aws.organization.hub
    arn = running.context.invoked_function_arn if running else ""
    return Call(
        time=aws.clock.now(),
        account=hub.account,
        region=hub.region,
        partition="aws",
        principal=Principal(kind="role_session", account=hub.account, arn=arn),
        service=SLACK,
        operation="Post",
        parameters={},
    )
