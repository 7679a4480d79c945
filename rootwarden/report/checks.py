"""What must hold for the organization as a whole, beside the accounts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused
from rootwarden.report.controls import CENTRALIZED_ROOT_ACCESS, ControlStatus
from rootwarden.root_credentials import CredentialKind, Posture

SERVICE = "iam.amazonaws.com"
_NO_TRUST = "ServiceAccessNotEnabledException"
_SHOWN = 5


class CheckName(StrEnum):
    """What is checked, in the order of the report."""

    TRUSTED_ACCESS = "trusted_access"
    ROOT_CREDENTIALS_MANAGEMENT = "root_credentials_management"
    ROOT_SESSIONS = "root_sessions"
    DELEGATED_ADMINISTRATOR = "delegated_administrator"
    MANAGEMENT_ROOT = "management_root"
    RULES = "rules"
    FORWARDING = "forwarding"
    REGIONS = "regions"
    STALE_ACCOUNTS = "stale_accounts"
    UNDELIVERED = "undelivered"
    ALERT_SUBSCRIPTIONS = "alert_subscriptions"
    MEMBER_STACKS = "member_stacks"


FEATURES: Mapping[CheckName, str] = {
    CheckName.ROOT_CREDENTIALS_MANAGEMENT: "RootCredentialsManagement",
    CheckName.ROOT_SESSIONS: "RootSessions",
}
PROTECTION = (CheckName.TRUSTED_ACCESS, *FEATURES)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check. code: AWS's own, where it could not be asked.

    subjects: each thing that is wrong, in words without counts and ages, which stay the same from one day
    to the next; none where there is but one thing that can be.
    """

    name: CheckName
    status: ControlStatus
    text: str
    code: str | None = None
    subjects: tuple[str, ...] = ()

    @property
    def concerns(self) -> tuple[str, ...]:
        """What a person should look at, a line each."""
        if self.status is ControlStatus.FAIL:
            line = f"check {self.name.value} failed"
            return tuple(f"{line}: {subject}" for subject in self.subjects) or (line,)
        # What could not be asked and is then found wrong is news.
        return (f"check {self.name.value} not made",) if self.code else ()

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "check": self.name.value,
            "status": self.status.value,
            "text": self.text,
            "code": self.code,
            "controls": [CENTRALIZED_ROOT_ACCESS] if self.name in PROTECTION else [],
        }


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What AWS said of the organization, or why it did not.

    trusted_services, delegated_administrators: of the organization, and for IAM.
    management_root: what the management account's own summary shows; None: the hub is another account.
    rules: what of the rules that bring events here is not as deployed; None: nothing asked.
    """

    features: frozenset[str] | CallRefused
    trusted_services: frozenset[str] | CallRefused
    delegated_administrators: frozenset[AccountId] | CallRefused
    management_root: Posture | CallRefused | None
    rules: tuple[str, ...] | CallRefused | None = None


def organization_checks(answers: Answers, *, hub: AccountId, management: AccountId) -> tuple[Check, ...]:
    """Judge the answers."""
    return (
        _trusted_access(answers.trusted_services),
        *(_feature(check, answers.features) for check in FEATURES),
        _delegated_administrator(answers.delegated_administrators, hub, management),
        _management_root(answers.management_root),
        _rules(answers.rules, hub_is_management=hub == management),
    )


def passed_check(name: CheckName, text: str) -> Check:
    """Return a check of something that is as it must be."""
    return Check(name=name, status=ControlStatus.PASS, text=text)


def failed_check(name: CheckName, text: str, *, subjects: Iterable[str] = ()) -> Check:
    """Return a check of something that is not as it must be. subjects: see Check."""
    return Check(name=name, status=ControlStatus.FAIL, text=text, subjects=tuple(subjects))


def unknown_check(name: CheckName, text: str, code: str | None = None) -> Check:
    """Return a check that nothing can be said of. code: AWS's own, where it refused a call."""
    return Check(name=name, status=ControlStatus.UNKNOWN, text=text, code=code)


def unasked(name: CheckName, refused: CallRefused) -> Check:
    """Return a check that AWS refused to answer."""
    return unknown_check(name, f"could not be checked: {refused}", refused.code)


def by_account(found: Iterable[tuple[AccountId, str]]) -> list[str]:
    """Name accounts with their Regions, a text an account: there may be thousands."""
    regions: dict[AccountId, list[str]] = {}
    for account_id, region in found:
        regions.setdefault(account_id, []).append(region)
    return [f"{account_id} in {', '.join(sorted({*each}))}" for account_id, each in regions.items()]


def first_of_many(texts: Sequence[str], *, joined_by: str = ", ") -> str:
    """Name the first of many, and say how many there are besides."""
    rest = len(texts) - _SHOWN
    shown = joined_by.join(texts[:_SHOWN])
    return f"{shown} and {rest} more" if rest > 0 else shown


def _trusted_access(answer: frozenset[str] | CallRefused) -> Check:
    name = CheckName.TRUSTED_ACCESS
    if isinstance(answer, CallRefused):
        return unasked(name, answer)
    if SERVICE in answer:
        return passed_check(name, "IAM has trusted access to the organization")
    text = "IAM has no trusted access to the organization: no root session can be opened"
    return failed_check(name, text)


def _feature(name: CheckName, answer: frozenset[str] | CallRefused) -> Check:
    feature = FEATURES[name]
    if isinstance(answer, CallRefused) and answer.code != _NO_TRUST:
        return unasked(name, answer)
    if not isinstance(answer, CallRefused) and feature in answer:
        return passed_check(name, f"{feature} is on")
    return failed_check(name, f"{feature} is off")


def _delegated_administrator(
    answer: frozenset[AccountId] | CallRefused, hub: AccountId, management: AccountId
) -> Check:
    name = CheckName.DELEGATED_ADMINISTRATOR
    if isinstance(answer, CallRefused):
        return unasked(name, answer)
    expected = frozenset() if hub == management else frozenset({hub})
    if answer == expected:
        text = f"{hub} is, as configured" if expected else "there is none, as configured"
        return passed_check(name, text)
    problems = [f"{account_id} is, and is not configured" for account_id in sorted(answer - expected)]
    problems += [f"{account_id}, the hub, is not" for account_id in sorted(expected - answer)]
    return failed_check(name, "; ".join(problems), subjects=problems)


def _management_root(answer: Posture | CallRefused | None) -> Check:
    name = CheckName.MANAGEMENT_ROOT
    if isinstance(answer, CallRefused):
        return unasked(name, answer)
    if answer is None:
        text = "the hub is another account, and no one can look at the management account's root from outside"
        return unknown_check(name, text)
    problems = [
        text
        for holds, text in (
            (CredentialKind.ACCESS_KEY in answer.present, "has an access key"),
            (CredentialKind.SIGNING_CERTIFICATE in answer.present, "has a signing certificate"),
            (CredentialKind.MFA_DEVICE not in answer.present, "has no MFA"),
        )
        if holds
    ]
    if problems:
        return failed_check(name, f"the management account's root {', '.join(problems)}", subjects=problems)
    text = "no access key, no signing certificate, MFA on; whether it has a password cannot be known"
    return passed_check(name, text)


def _rules(answer: tuple[str, ...] | CallRefused | None, *, hub_is_management: bool) -> Check:
    name = CheckName.RULES
    if isinstance(answer, CallRefused):
        return unasked(name, answer)
    if answer is None:
        return unknown_check(name, "the rules were not looked at")
    if answer:
        return failed_check(
            name, f"not as deployed: {first_of_many(answer, joined_by='; ')}", subjects=answer
        )
    text = "every rule of the hub's bus is there, enabled and as deployed"
    if hub_is_management:
        return passed_check(name, f"{text}; so are the management account's")
    text += "; the management account's are seen from there alone: rootctl doctor --management-profile NAME"
    return passed_check(name, text)


def names_of_failed(checks: Iterable[Check]) -> tuple[str, ...]:
    """Return the names of the checks that failed."""
    return tuple(check.name.value for check in checks if check.status is ControlStatus.FAIL)


def names_of_unasked(checks: Iterable[Check]) -> tuple[str, ...]:
    """Return the names of the checks that could not be made: AWS refused, or not all was looked at."""
    return tuple(check.name.value for check in checks if check.code)
