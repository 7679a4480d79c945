"""Requests for root work: asked of the hub, or carried out with the operator's own credentials."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import typer

from rootctl.approvals import Automation, Runbook
from rootctl.at_once import at_once
from rootctl.aws import AwsSession
from rootctl.errors import Exit, Hindered, WrongUsage
from rootctl.hub import Function, Hub
from rootctl.options import Output
from rootctl.terminal import beside_results
from rootwarden.accounts import AccountId
from rootwarden.aws.errors import refusals
from rootwarden.claims import Claim, ClaimState
from rootwarden.event_fields import Fields
from rootwarden.hardening.announcement import Trigger
from rootwarden.hardening.outcome import PostureRecord
from rootwarden.hardening.progress import Progress
from rootwarden.hardening.removal import CallRefused
from rootwarden.outcomes import Outcome
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.requests import LONGEST_NAME, Answer, RefusalCode, answered
from rootwarden.unlocking.requests import UnlockRefusal

Request = Mapping[str, object]
# Raises CallRefused, and what Hub.ask raises.
Answerer = Callable[[Request], Fields]

_WRONG = frozenset(code.value for code in (*RefusalCode, *UnlockRefusal))


def by_hub(hub: Hub, function: Function) -> Answerer:
    """Let a function of the hub answer; raises NoHub where it has none such."""
    hub.output(function)
    return partial(hub.ask, function)


def by_this_machine(handle: Callable[[Mapping[str, object]], Answer]) -> Answerer:
    """Let this machine answer as a function does."""

    def handle_whatever_aws_says(request: Mapping[str, object]) -> Answer:
        with refusals():
            return handle(request)

    return lambda request: Fields(answered(request, handle_whatever_aws_says))


def who_asks(session: AwsSession) -> str:
    """Return who is asking, as it goes on record; raises CallRefused."""
    return session.caller()[:LONGEST_NAME]


def accepted(answer: Fields) -> Fields:
    """Return an answer, unless nothing was done: then raises WrongUsage, Hindered or CallRefused."""
    reason = answer.optional_object("reason")
    code, text = (reason.text("code"), reason.optional_text("text") or "") if reason else ("", "no reason")
    match answer.text("result"):
        case "refused":
            said = f"{text[:1].upper()}{text[1:].rstrip('. ')}. Nothing was done."
            raise WrongUsage(said) if code in _WRONG else Hindered(said)
        case "failed" if not answer.has("account"):
            raise CallRefused(code, text)
    return answer


_LEFT = "It was begun, and nobody waited for its end: look again with --dry-run."


@dataclass(frozen=True)
class CarryingOut:
    """Whoever carries requests out. runbook: None where no approval is needed."""

    answer: Answerer
    runbook: Runbook | None = None
    wait: bool = False
    output: Output = Output.TABLE

    def do(self, request: Request) -> Fields:
        """Return what was done; ends the command where a person must approve first, and raises as asking."""
        if self.runbook is None:
            return accepted(self._answered(request))
        automation = self.runbook.start(request)
        if self.wait:
            beside_results().print(automation.instructions)
            return accepted(automation.wait())
        self._say(automation)
        raise typer.Exit(Exit.DONE)

    def _answered(self, request: Request) -> Fields:
        """Let a Ctrl-C wait until it is known what was done."""
        harvest = at_once([""], lambda _: self.answer(request), threads=1, description="Working")
        if harvest.is_interrupted:
            raise KeyboardInterrupt(_LEFT if harvest.left else "Nothing was changed.")
        return harvest.done[""]

    def _say(self, automation: Automation) -> None:
        if self.output is Output.TABLE:
            typer.echo(automation.instructions)
            return
        document = {
            "result": "approval_requested",
            "automationExecutionId": automation.execution_id,
            "approveCommand": automation.approve_command,
        }
        if self.output is Output.JSON:
            typer.echo(json.dumps(document, indent=2))
        else:
            typer.echo(f"{','.join(document)}\n{','.join(document.values())}")


class NoRegister:
    """Keeps no root session, so that a hub takes it for a stranger's and alerts: that is meant so."""

    def remember(self, access_key_id: str, opener: str) -> None:
        """Keep nothing."""

    def remember_all(self, access_key_ids: Iterable[str], opener: str) -> None:
        """Keep nothing."""


class NoClaims:
    """Gives every piece of work to whoever asks: one command works on an account once."""

    def begin(self, _key: str, *, lease: timedelta) -> Claim:  # noqa: ARG002 - nobody else is there
        """Give the work away."""
        return Claim(ClaimState.OURS)

    def release(self, key: str) -> None:
        """Keep nothing."""

    def finish(self, key: str, *, remember: timedelta) -> None:
        """Keep nothing."""


class NoPostures:
    """Keeps no posture."""

    def save(self, record: PostureRecord) -> None:
        """Keep nothing."""

    def last(self, _account_id: AccountId) -> PostureRecord | None:
        """Know nothing."""
        return None


class NoMemory:
    """Knows no recovery windows: only the hub does."""

    def recovery_window(self, _account_id: AccountId) -> RecoveryWindow | None:
        """Know nothing."""
        return None

    def window_is_hardened(self, account_id: AccountId) -> None:
        """Keep nothing."""

    def unreported(self, _account_id: AccountId) -> Progress:
        """Know nothing."""
        return Progress()

    def remember(self, account_id: AccountId, progress: Progress) -> None:
        """Keep nothing: what is removed is told when it is."""

    def reported(self, account_id: AccountId, trigger: Trigger, progress: Progress) -> None:
        """Keep nothing."""


def tell_nobody(outcome: Outcome) -> None:
    """Publish nothing: there is no bus."""
