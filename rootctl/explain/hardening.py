"""What harden_account would do: its own decider, stopped at the door of the account."""

from dataclasses import dataclass
from typing import NoReturn

from rootctl.explain.explanation import Explanation, title
from rootctl.explain.knowledge import Knowledge
from rootctl.explain.routing import Taker
from rootwarden.accounts import Account
from rootwarden.aws.state_table import KeyKind
from rootwarden.contract.configured import HardeningModes, Mode
from rootwarden.events import AccountId, Envelope
from rootwarden.hardening.account_hardening import AccountHardener
from rootwarden.hardening.announcement import Announcement, read_announcement
from rootwarden.hardening.outcome import HardeningOutcome, Progress, Result, Trigger
from rootwarden.leaving import read_departure
from rootwarden.outcomes import utc_now
from rootwarden.recovery.windows import RecoveryWindow

_FUNCTION = Taker.HARDEN_ACCOUNT.value
# The ARNs that say which organization a handshake or a baseline is of.
_NAMES_ORGANIZATION = (
    ("responseElements", "handshake", "arn"),
    ("serviceEventDetails", "enableBaselineStatus", "enabledBaselineDetails", "targetIdentifier"),
    ("serviceEventDetails", "updateEnabledBaselineStatus", "enabledBaselineDetails", "targetIdentifier"),
)


class _AtTheDoor(Exception):
    """When the next step would be a root session."""


@dataclass
class _KnownWorld:
    """The organization, memory and root sessions that the decider sees. account: the one it asked for."""

    knowledge: Knowledge
    account: Account | None = None

    def describe(self, account_id: AccountId) -> Account | None:
        self.account = self.knowledge.account(account_id)
        return self.account

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        return self.knowledge.recovery_window(account_id)

    def had_window(self, account_id: AccountId) -> bool:
        return self.knowledge.had_window(account_id)

    def window_is_hardened(self, _account_id: AccountId) -> None:
        """Nothing is hardened."""

    def unreported(self, _account_id: AccountId, _trigger: Trigger) -> Progress:
        return Progress()

    def remember(self, _account_id: AccountId, _progress: Progress) -> None:
        """Nothing is removed, so nothing is put on record."""

    def reported(
        self, _account_id: AccountId, _trigger: Trigger, _progress: Progress, *, may_repeat: bool
    ) -> None:
        """Nothing is removed, so nothing is on record."""

    def audit(self, _account_id: AccountId) -> NoReturn:
        raise _AtTheDoor

    def delete(self, _account_id: AccountId) -> NoReturn:
        raise _AtTheDoor


def explain_hardening(envelope: Envelope, knowledge: Knowledge) -> Explanation:
    """Explain an event that announces an account; raises MalformedEvent."""
    management = knowledge.management(envelope.account_id)
    announcement = read_announcement(envelope, management, _organization(envelope, knowledge))
    if knowledge.is_done(KeyKind.ACCOUNT, announcement.work):
        return Explanation(
            function=_FUNCTION,
            would="skip it as a duplicate",
            because="the account was proven free of root credentials within the last hour",
            account=announcement.account_id,
        )
    world = _KnownWorld(knowledge)
    hardener = AccountHardener(
        organization=world,
        sessions=world,
        memory=world,
        clock=utc_now,
        exemptions=knowledge.exemptions() if announcement.skip is None else (),
        modes=knowledge.hardening_modes() if announcement.skip is None else HardeningModes(),
    )
    try:
        outcome = hardener.harden(announcement, Progress(), attempt=1, is_last=False)
    except _AtTheDoor:
        assert world.account is not None  # noqa: S101 # nobody comes to the door of an unknown account
        announcement = hardener.believed(announcement, world.account.account_id)
        mode, why = hardener.decide(announcement, world.account)
        return _entered(announcement, mode, why)
    return _kept_out(outcome, envelope)


def _entered(announcement: Announcement, mode: Mode, why: str) -> Explanation:
    if mode is Mode.OBSERVE:
        return Explanation(
            function=_FUNCTION,
            would="open a root session that may only look, and remove nothing",
            because=why,
            account=announcement.account_id,
            notification="which root credentials there are; no message when there are none",
        )
    return Explanation(
        function=_FUNCTION,
        would="open a root session that may only look, remove the root credentials it shows but those"
        " used lately, and read back",
        because=f"nothing speaks against it: {why}",
        account=announcement.account_id,
        notification="what was removed or could not be; no message when there is nothing",
    )


def _kept_out(outcome: HardeningOutcome, envelope: Envelope) -> Explanation:
    reason = outcome.reason
    skipped = outcome.result is Result.SKIPPED
    return Explanation(
        function=_FUNCTION,
        would="leave the account alone" if skipped else "try again later, up to eight times",
        because=f"{reason.code}: {reason.text}" if reason else outcome.result.value,
        account=outcome.account.account_id,
        notification=title(outcome, envelope),
    )


def _organization(envelope: Envelope, knowledge: Knowledge) -> str:
    """Ask where it matters; where it cannot be asked, the organization that is named is taken for ours."""
    arns = (envelope.detail.optional_text(*place) or "" for place in _NAMES_ORGANIZATION)
    named = next((part for arn in arns for part in arn.split("/") if part.startswith("o-")), None)
    return knowledge.organization_id(named) if named else ""


_FORGET_ACCOUNT = Taker.FORGET_ACCOUNT.value


def explain_leaving(envelope: Envelope, knowledge: Knowledge) -> Explanation:
    """Explain an event about an account's end; raises MalformedEvent."""
    departure = read_departure(envelope, knowledge.management(envelope.account_id))
    if departure is None:
        return Explanation(
            function=_FORGET_ACCOUNT, would="nothing", because="the account could not be closed"
        )
    account = departure.account_id
    of_event = departure.work_of(envelope.event_id)
    if any(knowledge.is_done(KeyKind.LEFT, work) for work in (departure.work, of_event)):
        because = "this was dealt with before"
        return Explanation(
            function=_FORGET_ACCOUNT, would="skip it as a duplicate", because=because, account=account
        )
    method = f" ({departure.method})" if departure.method else ""
    return Explanation(
        function=_FORGET_ACCOUNT,
        would="forget its posture, its recovery window and the progress of its hardening, and say so",
        because=f"the account is {departure.how}{method}",
        account=account,
        notification="that the account is gone, with what was last known of it",
    )
