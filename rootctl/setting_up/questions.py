"""What `rootctl init` asks: where an answer comes from, and what it takes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from botocore.session import get_session

from rootctl.accounts import account_named
from rootctl.consent import typed
from rootctl.errors import WrongUsage
from rootctl.setting_up.organization_facts import OrganizationFacts
from rootwarden.accounts import Account, AccountState
from rootwarden.contract import asked_values
from rootwarden.contract.configured import Mode

T = TypeVar("T")

_CONSOLE = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}")
_ID = re.compile(r"[0-9]{12}")
_HOURS_A_WEEK = 168


@dataclass(frozen=True)
class Question(Generic[T]):
    """option: what answers it beforehand. check: raises WrongUsage for what it does not take."""

    option: str
    text: str
    check: Callable[[str], T]
    default: str | None = None


@dataclass(frozen=True)
class Asking:
    """Answers come from an option, else from a person, else from the default where nobody is asked."""

    yes: bool

    def answer(self, given: object, question: Question[T], *, default: str | None = None) -> T:
        """Return an answer that the question takes; raises WrongUsage, and Declined where the answers end.

        default: in place of the question's own.
        """
        default = default or question.default
        if given is None and not self.yes:
            return typed(question.text, question.check, default=default)
        answer = default if given is None else str(given)
        if answer is None:
            raise WrongUsage(f"There is no default for {question.option}: add it.")
        try:
            return question.check(answer)
        except WrongUsage as wrong:
            raise WrongUsage(f"{question.option}: {wrong}") from wrong


def hub(facts: OrganizationFacts) -> Question[Account]:
    """Return the question for the hub's account: by id, also as the console shows it, or by name."""

    def check(text: str) -> Account:
        account_id = text.replace("-", "") if _CONSOLE.fullmatch(text) else text
        with_id = [each for each in facts.accounts if each.account_id == account_id]
        if not with_id and _ID.fullmatch(account_id):
            raise WrongUsage(f"{account_id} is not in the organization: check it, and --profile.")
        account = with_id[0] if with_id else account_named(text, facts.accounts)
        if account.state != AccountState.ACTIVE:
            raise WrongUsage(f"{account.account_id} is {account.state}: takes an account that is ACTIVE.")
        return account

    administrators = facts.administrators
    sole = isinstance(administrators, frozenset) and len(administrators) == 1
    default = min(administrators) if isinstance(administrators, frozenset) and sole else None
    return Question("--hub", "Account rootwarden runs in, id or name", check, default)


def _matching(pattern: str, takes: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise WrongUsage(f"takes {takes}, found {text!r}.")
        return text

    return check


def _addresses(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(_address(each.strip()) for each in text.split(",")))
    size = asked_values.escaped_bytes(found)
    if size > asked_values.MAX_EMAILS_BYTES:
        raise WrongUsage(
            f"takes addresses of at most {asked_values.MAX_EMAILS_BYTES} bytes in all, found {size}:"
            " use a mailbox that several people read."
        )
    return found


def _region(text: str) -> str:
    if text not in _regions():
        raise WrongUsage(f"takes a Region of the aws partition, such as us-east-1, found {text!r}.")
    return text


@cache
def _regions() -> frozenset[str]:
    return frozenset(get_session().get_available_regions("sts", "aws"))


def _schedule(text: str) -> str:
    if not asked_values.is_schedule(text):
        raise WrongUsage(f"takes {asked_values.SCHEDULE}, found {text!r}.")
    return text


def slack_webhook(region: str) -> Question[str]:
    """Return the question for a webhook's secret, which is in the hub's Region."""
    takes = f"the ARN of a Secrets Manager secret in {region} that holds the webhook's URL"
    is_secret = _matching(f"({asked_values.SECRET})?", takes)

    def check(text: str) -> str:
        arn = is_secret(text)
        if arn and not asked_values.is_in_region(arn, region):
            raise WrongUsage(f"takes {takes}, found {text!r}.")
        return arn

    text = "ARN of a secret with a Slack webhook's URL, empty for none"
    return Question("--slack-webhook", text, check, "")


def _whole_hours(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= _HOURS_A_WEEK):
        raise WrongUsage(f"takes a whole number of hours from 1 to {_HOURS_A_WEEK}, found {text!r}.")
    return int(text)


_address = _matching(asked_values.EMAIL, "e-mail addresses")
REGION = Question("--hub-region", "Region it runs in", _region, "us-east-1")
EMAILS = Question("--email", "Who gets alerts (addresses, with commas)", _addresses)
SLACK_WORKSPACE = Question(
    "--slack-workspace",
    "Slack workspace id (T…), empty for no Slack through Amazon Q",
    _matching(f"({asked_values.SLACK_WORKSPACE})?", "a Slack workspace id, such as T012AB3C4D"),
    "",
)
SLACK_CHANNEL = Question(
    "--slack-channel",
    "Slack channel id (C…)",
    _matching(asked_values.SLACK_CHANNEL, "a Slack channel id, such as C012AB3C4D"),
)
SCHEDULE = Question("--sweep-schedule", "How often every account is audited", _schedule, "rate(1 day)")
MODE = Question(
    "--sweep-mode",
    "What a sweep finds is only reported (observe) or removed (enforce)",
    _matching("|".join(Mode), " or ".join(Mode)),
    Mode.OBSERVE.value,
)
HOURS = Question("--recovery-hours", "Longest recovery window, in hours", _whole_hours, "12")
CONTROL_TOWER = Question(
    "--control-tower",
    "Control Tower could not be asked. Its home Region, empty if there is none or it is not known",
    lambda text: text and _region(text),
    "",
)
