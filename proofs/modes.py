"""Which run may remove root credentials, and of which account: by the configured modes, and by who asked."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from moto.awslambda.models import LambdaFunction
from moto.stepfunctions.models import stepfunctions_backends

from embedded_aws.events.shape import Event
from embedded_aws.lambda_.functions import Invocation
from local.aws import LocalAws
from proofs.credentials import Credential

OBSERVE, ENFORCE = "observe", "enforce"
REQUEST, WINDOW_END, SWEPT = "HardeningRequest", "RecoveryWindowClosed", "OrganizationSweep"
# What changes while somebody looks, he need not have seen.
WHILE_LOOKING = timedelta(minutes=10)
# As docs/configuration.md says it.
_NEW_FOR = timedelta(days=15)


@dataclass(frozen=True)
class Work:
    """What an invocation works on."""

    function: str
    alias: str | None
    event: Any

    @property
    def announcement(self) -> Event:
        """The event in its message: one at a time."""
        [record] = self.event["Records"]
        event: Event = json.loads(record["body"])
        return event

    @property
    def is_request(self) -> bool:
        """Whether a person asks to harden, and not only to see what that would do."""
        return (self.function, self.alias) == ("harden_account", "person") and not self.event.get("dryRun")

    @property
    def is_window_end(self) -> bool:
        """Whether a window's end has the account hardened."""
        is_hardening = (self.function, self.alias) == ("harden_account", "queue")
        return is_hardening and self.announcement["source"] == "rootwarden"

    def __str__(self) -> str:
        """Say what runs, and why."""
        if self.alias != "queue":
            return f"{self.function}, asked by {self.alias}"
        named = self.announcement["detail"].get("eventName", self.announcement["detail-type"])
        return f"{self.function}, on {named}"


@dataclass
class Modes:
    """What the configuration says of each account, and what runs in this thread."""

    aws: LocalAws
    # Each account's mode, and since when.
    _history: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    _here: threading.local = field(default_factory=threading.local)

    @property
    def work(self) -> Work | None:
        """What the function that runs in this thread works on."""
        work: Work | None = getattr(self._here, "work", None)
        return work

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note what each invocation works on."""
        functions = self.aws.functions
        invoke = functions.invoke

        def noted(function: LambdaFunction, event: Any, *, alias: str | None = None) -> Invocation:
            with self.at(Work(str(function.handler).split(".")[1], alias, event)):
                return invoke(function, event, alias=alias)

        with patch.object(functions, "invoke", noted):
            yield

    @contextmanager
    def at(self, work: Work) -> Iterator[None]:
        """Have this thread work on something."""
        before, self._here.work = self.work, work
        try:
            yield
        finally:
            self._here.work = before

    def look_at(self, account: str) -> None:
        """Note how an account came in, if it is a member."""
        for record in self.aws.state.records.accounts:
            if record.id == account:
                mode, history = self._mode_of(record), self._history.setdefault(account, [])
                if not history or history[-1][1] != mode:
                    history.append((self.aws.clock.now(), mode))

    def _mode_of(self, record: Any) -> str:
        now = self.aws.clock.now().replace(tzinfo=None)
        origin = "existing"
        if now - record.create_time.replace(tzinfo=None) <= _NEW_FOR:
            origin = "created" if record.joined_method == "CREATED" else "invited"
        mode: str = self._configuration["hardening"][origin]
        return mode

    def of(self, account: str, *, lately: timedelta = timedelta()) -> frozenset[str]:
        """Return the mode of an account, and those it had lately: another may still be acted on."""
        history, since = self._history.get(account, []), self.aws.clock.now() - lately
        # Each ended when the next began.
        ended = [*(at for at, _ in history), None][1:]
        return frozenset(
            mode for (_, mode), end in zip(history, ended, strict=True) if end is None or end >= since
        )

    def why_not(self, account: str, *, had_window: bool) -> str | None:
        """Say why what runs in this thread may remove nothing of an account; None where it may."""
        work = self.work
        if work is None:
            return "by nobody that is known"
        if work.is_request and work.event["account"] == account:
            return None
        if work.is_window_end and had_window:
            return None
        if (work.function, work.alias) == ("harden_account", "queue"):
            modes = self.of(account, lately=WHILE_LOOKING)
            return None if ENFORCE in modes else f"by {work}, and the account is only observed"
        if (work.function, work.alias) == ("audit_accounts", "sweep"):
            mode = self.of_sweep(work.event["BatchInput"]["sweepId"])
            return None if mode == ENFORCE else f"by {work}, and the sweep only observes"
        return f"by {work}"

    def spares(self, credential: Credential, *, had_window: bool) -> bool:
        """Say whether what runs in this thread leaves a credential that is in use."""
        work = self.work
        if work is None or (work.is_request and work.event.get("removeRecentlyUsed")):
            return False
        return not (work.is_window_end and had_window and credential[0] in {"password", "mfa_device"})

    @property
    def used_within(self) -> timedelta:
        """How lately a credential was used that is in use."""
        return timedelta(days=self._configuration["hardening"]["keep_used_within_days"])

    def of_outcome(self, said: Mapping[str, Any], account: str, *, had_window: bool) -> frozenset[str]:
        """Return the modes in which what set an outcome off may have been done."""
        trigger = said["trigger"]
        if trigger["eventName"] == REQUEST or (trigger["eventName"] == WINDOW_END and had_window):
            return frozenset({ENFORCE})
        if trigger["eventName"] == SWEPT:
            # An enforcing sweep also only looks, where all there is to do is to name earlier removals.
            return frozenset({OBSERVE, self.of_sweep(trigger["eventId"])})
        return self.of(account, lately=WHILE_LOOKING)

    def of_sweep(self, sweep_id: str) -> str:
        """Return the mode a sweep was started with."""
        hub = self.aws.organization.hub
        for machine in stepfunctions_backends[hub.account][hub.region].state_machines:
            for execution in machine.executions:
                if execution.name == sweep_id:
                    given = json.loads(execution.execution_input)
                    return str(given.get("mode") or self._configuration["sweep"]["mode"])
        return OBSERVE

    @property
    def _configuration(self) -> Any:
        return self.aws.organization.configuration
