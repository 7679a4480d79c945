"""Runs Lambda functions in this process: moto knows them, their real handlers answer."""

import json
import os
import threading
import traceback
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import LambdaBackend, LambdaFunction
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
# Of the invocation that an API call asks for.
_ALIAS: ContextVar[str | None] = ContextVar("alias", default=None)


class FunctionDied(BaseException):
    """When a function's process ends in the middle of a call; nothing in it can catch that."""


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


@dataclass(frozen=True)
class Running:
    """An invocation under way."""

    context: LambdaContext
    environment: ExecutionEnvironment


@dataclass(frozen=True)
class _Started:
    at: datetime
    environment: ExecutionEnvironment
    variables: Mapping[str, str]


class Functions:
    """Every function of every account."""

    def __init__(self, extensions: Extensions, clock: Clock) -> None:
        """Run functions with credentials of their roles."""
        self._extensions = extensions
        self.clock = clock
        # Environment variables and imported modules belong to the whole process: one at a time.
        self.lock: AbstractContextManager[Any] = threading.RLock()
        self._idle: dict[str, list[_Started]] = defaultdict(list)
        self._imported: dict[str, list[ExecutionEnvironment]] = defaultdict(list)
        self.logs: list[dict[str, Any]] = []
        self.metrics: list[dict[str, Any]] = []
        self.calls: list[Call] = []
        self._here = threading.local()

    def keep_warm(
        self, function: LambdaFunction, event: Any, *, environments: int, imported: int = 0
    ) -> None:
        """Have so many environments ready, each of which has answered the event once.

        imported: more of them, to begin with where a cold start has imported its packages.
        """
        kept = []
        for _ in range(environments):
            self.invoke(function, event)
            kept += self._idle.pop(function.function_arn, [])
        self._idle[function.function_arn] = kept
        self._imported[function.function_arn] = [self._cold_start(function) for _ in range(imported)]

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Let moto's Lambda run functions here for as long as the context lasts."""

        def invoke(function: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
            payload = json.loads(event) if isinstance(event, str) else event
            invocation = self.invoke(function, payload, alias=_ALIAS.get())
            return json.dumps(invocation.payload), invocation.failed, invocation.output

        original = LambdaBackend.invoke

        def invoke_by_name(backend: LambdaBackend, function_name: str, *rest: Any) -> Any:
            # moto finds the function and forgets by which alias.
            token = _ALIAS.set(alias_in(function_name))
            try:
                return original(backend, function_name, *rest)
            finally:
                _ALIAS.reset(token)

        with (
            patched(LambdaFunction, "_invoke_lambda", invoke),
            patched(LambdaBackend, "invoke", invoke_by_name),
        ):
            yield

    @property
    def running(self) -> "Running | None":
        """What runs in this thread; None between two invocations."""
        return getattr(self._here, "running", None)

    def invoke(self, function: LambdaFunction, event: Any, *, alias: str | None = None) -> Invocation:
        """Run a function once, as invoked by this alias, and wait for it."""
        with self.lock:
            began, calls_before = self.clock.now(), len(self._extensions.calls)
            payload, failed = self._run(function, event, alias)
            seconds = (self.clock.now() - began).total_seconds()
            output = OUTPUT.take()
            self.calls += self._extensions.calls[calls_before:]
        if seconds > function.timeout:
            # An error leaves the environment as it is; running out of time ends it.
            self._idle.pop(function.function_arn, None)
            payload = {"errorMessage": f"Task timed out after {function.timeout:.2f} seconds"}
            failed = True
        if failed:
            output += f"[ERROR] {json.dumps(payload)}\n"
        self._keep(function, output)
        return Invocation(payload=payload, failed=failed, output=output)

    def _run(self, function: LambdaFunction, event: Any, alias: str | None) -> tuple[Any, bool]:
        context = self._context(function, alias)
        try:
            answer = json.loads(json.dumps(self._call(function, event, context)))
        except Exception as error:  # noqa: BLE001 # whatever a handler raises, Lambda reports
            return _described(error, context.aws_request_id), True
        except FunctionDied as death:
            return {"errorType": "Runtime.ExitError", "errorMessage": str(death)}, True
        finally:
            self._here.running = None
        return answer, False

    def _call(self, function: LambdaFunction, event: Any, context: LambdaContext) -> Any:
        started = self._started(function)
        self._here.running = Running(context, started.environment)
        try:
            answer = started.environment.call(event, context)
        except Exception:
            # An error that a handler lets out does not end its process.
            self._idle[function.function_arn].append(started)
            raise
        self._idle[function.function_arn].append(started)
        return answer

    def _started(self, function: LambdaFunction) -> "_Started":
        """Return an environment that is idle and not too old, or a new one. One that died is gone.

        One that began with other variables is of the function as it was before an update.
        """
        idle, now = self._idle[function.function_arn], self.clock.now()
        variables = dict(function.environment_vars)
        while idle:
            started = idle.pop()
            if now - started.at <= _ENVIRONMENT_LIFETIME and started.variables == variables:
                return started
        imported = self._imported[function.function_arn]
        if not imported:
            return _Started(now, self._cold_start(function), variables)
        environment = imported.pop()
        environment.begin(self._variables(function))
        return _Started(now, environment, variables)

    def _cold_start(self, function: LambdaFunction) -> ExecutionEnvironment:
        return ExecutionEnvironment(str(function.handler), self._variables(function))

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

    def _context(self, function: LambdaFunction, alias: str | None) -> LambdaContext:
        return LambdaContext(
            clock=self.clock,
            deadline=self.clock.now() + timedelta(seconds=function.timeout),
            function_name=function.function_name,
            invoked_function_arn=f"{function.function_arn}:{alias}" if alias else function.function_arn,
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


def alias_in(name_or_arn: str) -> str | None:
    """Return the alias at the end of a function's name or ARN, None where there is none."""
    name, colon, alias = name_or_arn.rpartition(":function:")[2].partition(":")
    return alias if name and colon else None


def invoke_asynchronously(
    functions: Functions, function: LambdaFunction, event: Any, *, alias: str | None = None
) -> None:
    """Run a function until it works, three times at most."""
    for wait in (*_WAITS, None):
        if not functions.invoke(function, event, alias=alias).failed:
            return
        if wait:
            functions.clock.advance(wait)
    arn = getattr(function, DEAD_LETTERS, None)
    queue = queue_at(arn) if arn else None
    if queue and role_allows(function.role, action="sqs:SendMessage", resource=queue.queue_arn):
        put(queue, json.dumps(event))
