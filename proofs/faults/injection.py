"""Where faults strike: every call of a deployed function goes over one place, and is counted there."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from botocore.endpoint import Endpoint
from botocore.exceptions import ReadTimeoutError

from embedded_aws.calls import Call, Faults
from embedded_aws.extensions import Answer
from embedded_aws.lambda_.functions import FunctionDied, Running
from local.aws import LocalAws
from proofs.deployed import SLACK
from proofs.faults.kinds import AFTER_EFFECT, LASTING, Fault, Kind, partly_done, refusal

Choose = Callable[[int, Call], Kind | None]
# How long notify waits for Slack.
_SLACK_PATIENCE = 5.0


class _Thread(threading.local):
    """What is known of the function that runs in a thread, and of its call under way."""

    dead: Running | None = None
    current: tuple[Kind, object] | None = None
    patience: float = 0.0


class Injection(Faults):
    """Counts the calls of functions from 1, and lets those fail that were chosen.

    choose: says what happens to a call, by its number. A function that is dead or out of time calls nothing.
    done: hears of every call that took effect.
    """

    def __init__(self, aws: LocalAws, choose: Choose, done: Callable[[Call], None]) -> None:
        """Stand where the embedded AWS asks for faults."""
        super().__init__()
        self._aws = aws
        self._choose = choose
        self._done = done
        self._here = _Thread()
        self._denied: set[tuple[str, str, str]] = set()
        self.number = 0
        self.struck: list[str] = []

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Count and strike for as long as the context lasts."""
        # The one place that knows how long a client waits.
        original = vars(Endpoint)["_get_response"]

        def get_response(endpoint: Endpoint, request: Any, model: Any, context: Any) -> Any:
            self._here.patience = float(context["client_config"].read_timeout)
            return original(endpoint, request, model, context)

        extensions = self._aws.extensions
        before, extensions.faults = extensions.faults, self
        services = ("dynamodb", "events", "sqs")
        for service in services:
            extensions.answers.add(service, self._answer)
        try:
            with patch.object(Endpoint, "_get_response", get_response):
                yield
        finally:
            extensions.faults = before

    def strike(self, call: Call, *, after_effect: bool = False) -> None:
        """Raise what was chosen for this call, if anything was."""
        running = self._aws.functions.running
        if running is None or call.principal.kind == "administrator":
            return
        if after_effect:
            self._done(call)
            self._strike(call, running, after_effect=True)
            return
        if self._here.dead is running:
            raise FunctionDied("the process has ended")
        if running.context.get_remaining_time_in_millis() <= 0:
            self._die(running, "Task timed out")
        self.number += 1
        self._here.current = self._chosen(call, running)
        self._strike(call, running, after_effect=False)

    def _chosen(self, call: Call, running: Running) -> tuple[Kind, object] | None:
        if _operation(call) in self._denied:
            return (Kind.DENIED_FROM_NOW_ON, None)
        # The next invocation may begin with the very same call: that is another one.
        identity = (*_operation(call), str(call.parameters), running.context.aws_request_id)
        if self._here.current and self._here.current[0] in LASTING and self._here.current[1] == identity:
            return self._here.current
        kind = self._choose(self.number, call)
        if kind is None:
            return None
        self.struck.append(f"{kind} at call {self.number}, {call.service} {call.operation}")
        if kind is Kind.DENIED_FROM_NOW_ON:
            self._denied.add(_operation(call))
        return (kind, identity)

    def _strike(self, call: Call, running: Running, *, after_effect: bool) -> None:
        if self._here.current is None:
            return
        kind, _ = self._here.current
        if (kind in AFTER_EFFECT) is not after_effect or kind is Kind.PARTLY_DONE:
            return
        if kind in {Kind.DIED_BEFORE, Kind.DIED_AFTER}:
            self._die(running, "Runtime exited: signal: killed")
        if kind in {Kind.HANGS, Kind.ANSWER_LOST}:
            self._wait_in_vain(call, running)
        raise refusal(kind)

    def _die(self, running: Running, why: str) -> None:
        self._here.dead = running
        raise FunctionDied(why)

    def _wait_in_vain(self, call: Call, running: Running) -> None:
        patience = _SLACK_PATIENCE if call.service == SLACK else self._here.patience
        left = running.context.get_remaining_time_in_millis() / 1000
        self._aws.clock.advance(min(patience, left))
        if patience >= left:
            self._die(running, "Task timed out")
        raise ReadTimeoutError(endpoint_url=call.service)

    def _answer(self, call: Call) -> Answer | None:
        is_struck = self._here.current is not None and self._here.current[0] is Kind.PARTLY_DONE
        return partly_done(call) if is_struck and call.principal.kind != "administrator" else None


def faults_at(*faults: Fault) -> Choose:
    """Choose these."""
    by_number = {fault.at: fault.kind for fault in faults}
    return lambda number, _: by_number.get(number)


def _operation(call: Call) -> tuple[str, str, str]:
    return call.service, call.operation, call.account
