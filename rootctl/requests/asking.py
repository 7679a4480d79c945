"""Requests and their answers: the same whether the hub answers, or the same decisions on this machine."""

from collections.abc import Callable, Mapping
from functools import partial

from lambdas.adapters.refusals import refusals
from lambdas.domain.event_fields import Fields
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.requests import LONGEST_NAME, Answer, RefusalCode, answered
from lambdas.domain.unlocking.requests import UnlockRefusal
from rootctl.aws import AwsSession
from rootctl.errors import Hindered, WrongUsage
from rootctl.hub import Function, Hub

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
