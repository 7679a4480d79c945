"""Runs Lambda functions in this process: moto knows them, their real handlers answer."""

import json
import os
import threading
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import LambdaFunction
from moto.logs.models import logs_backends

from embedded_aws.clock import Clock
from embedded_aws.extensions import Extensions
from embedded_aws.iam.roles import role_allows
from embedded_aws.lambda_.execution_environment import OUTPUT, ExecutionEnvironment, LambdaContext
from embedded_aws.moto_patches import patched
from embedded_aws.sqs.resources import put, queue_at

if TYPE_CHECKING:
    from embedded_aws.calls import Call


# How long Lambda waits before it tries once more, in seconds.
_WAITS = (60, 120)
# moto forgets what a template says of it.
DEAD_LETTERS = "dead_letters_arn"
# Lambda replaces an environment every few hours, without saying after how many.
_ENVIRONMENT_LIFETIME = timedelta(hours=12)
_STREAM = "embedded"


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """What became of one invocation. `payload` is the answer, or AWS's description of the error."""

    payload: Any
    failed: bool
    output: str

    @property
    def error(self) -> str | None:
        """The error as one line, or None."""
        if not self.failed:
            return None
        return f"{self.payload.get('errorType', 'Error')}: {self.payload['errorMessage']}"


class Functions:
    """Every function of every account."""

    def __init__(self, extensions: Extensions, clock: Clock) -> None:
        """Run functions with credentials of their roles."""
        self._extensions = extensions
        self.clock = clock
        # Environment variables and imported modules belong to the whole process: one at a time.
        self._lock = threading.RLock()
        self._environments: dict[str, tuple[datetime, ExecutionEnvironment]] = {}
        self.logs: list[dict[str, Any]] = []
        self.metrics: list[dict[str, Any]] = []
        self.calls: list[Call] = []

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Let moto's Lambda run functions here for as long as the context lasts."""

        def invoke(function: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
            payload = json.loads(event) if isinstance(event, str) else event
            invocation = self.invoke(function, payload)
            return json.dumps(invocation.payload), invocation.failed, invocation.output

        with patched(LambdaFunction, "_invoke_lambda", invoke):
            yield

    def invoke(self, function: LambdaFunction, event: Any) -> Invocation:
        """Run a function once and wait for it."""
        with self._lock:
            began, calls_before = self.clock.now(), len(self._extensions.calls)
            payload, failed = self._run(function, event)
            seconds = (self.clock.now() - began).total_seconds()
            output = OUTPUT.take()
            self.calls += self._extensions.calls.since(calls_before)
        if seconds > function.timeout:
            # An error leaves the environment as it is; running out of time ends it.
            self._environments.pop(function.function_arn, None)
            payload = {"errorMessage": f"Task timed out after {function.timeout:.2f} seconds"}
            failed = True
        if failed:
            output += f"[ERROR] {json.dumps(payload)}\n"
        self._keep(function, output)
        return Invocation(payload=payload, failed=failed, output=output)

    def _run(self, function: LambdaFunction, event: Any) -> tuple[Any, bool]:
        context = self._context(function)
        try:
            answer = self._environment(function).call(event, context)
            return json.loads(json.dumps(answer)), False
        except Exception as error:  # noqa: BLE001 # whatever a handler raises, Lambda reports
            return _described(error, context.aws_request_id), True

    def _environment(self, function: LambdaFunction) -> ExecutionEnvironment:
        started, environment = self._environments.get(function.function_arn, (None, None))
        now = self.clock.now()
        if environment is None or started is None or now - started > _ENVIRONMENT_LIFETIME:
            environment = ExecutionEnvironment(str(function.handler), self._variables(function))
            self._environments[function.function_arn] = (now, environment)
        return environment

    def _variables(self, function: LambdaFunction) -> dict[str, str]:
        credentials = self._extensions.credentials_for(function.role, function.function_name)
        return {
            **function.environment_vars,
            **{key.upper(): value for key, value in credentials.for_boto3().items()},
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
            "AWS_LAMBDA_LOG_STREAM_NAME": _STREAM,
            "_HANDLER": function.handler,
            "TZ": ":UTC",
            # Lambda has no such files; a developer's own must not reach the function.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def _context(self, function: LambdaFunction) -> LambdaContext:
        return LambdaContext(
            clock=self.clock,
            deadline=self.clock.now() + timedelta(seconds=function.timeout),
            function_name=function.function_name,
            invoked_function_arn=function.function_arn,
            memory_limit_in_mb=function.memory_size,
            aws_request_id=str(uuid.uuid4()),
            log_group_name=function.logs_group_name,
            log_stream_name=_STREAM,
        )

    def _keep(self, function: LambdaFunction, output: str) -> None:
        _log(function, output.splitlines(), self.clock.now())
        for line in output.splitlines():
            record = _record(line, function.function_name)
            (self.metrics if "_aws" in record else self.logs).append(record)


def _log(function: LambdaFunction, lines: list[str], at: datetime) -> None:
    """Put lines into the function's log group, where AWS's own API reads them."""
    backend = logs_backends[function.account_id][function.region]
    group = backend.groups.get(function.logs_group_name)
    if group is None or not lines:
        return
    if _STREAM not in group.streams:
        group.create_log_stream(_STREAM)
    milliseconds = int(at.timestamp() * 1000)
    group.put_log_events(_STREAM, [{"timestamp": milliseconds, "message": line} for line in lines])


def _record(line: str, function_name: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    return record if isinstance(record, dict) else {"function_name": function_name, "message": line}


def _described(error: Exception, request_id: str) -> dict[str, Any]:
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


def invoke_asynchronously(functions: Functions, function: LambdaFunction, event: Any) -> None:
    """Run a function until it works, three times at most."""
    for wait in (*_WAITS, None):
        if not functions.invoke(function, event).failed:
            return
        if wait:
            functions.clock.advance(wait)
    arn = getattr(function, DEAD_LETTERS, None)
    queue = queue_at(arn) if arn else None
    if queue and role_allows(function.role, action="sqs:SendMessage", resource=queue.queue_arn):
        put(queue, json.dumps(event))
