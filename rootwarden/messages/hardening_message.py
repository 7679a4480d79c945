"""The words for `Account Hardening Result`: sent only when a person should know."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from rootwarden.hardening.outcome import (
    HARDENING_REQUEST,
    SWEEP,
    WINDOW_CLOSED,
    HardeningOutcome,
    Reason,
    Result,
    SkipReason,
)
from rootwarden.hardening.removal import RECENTLY_USED
from rootwarden.leaving import AccountLeft
from rootwarden.messages.commands import SWITCH_ON, harden
from rootwarden.messages.message import CREDENTIALS_STAY, Facts, Message, account_link
from rootwarden.policies.service_control_policies import advice
from rootwarden.report.checks import CheckName
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, LastUse, in_order

_NAMES = {
    CredentialKind.PASSWORD: ("the password", "passwords"),
    CredentialKind.ACCESS_KEY: ("an access key", "access keys"),
    CredentialKind.SIGNING_CERTIFICATE: ("a signing certificate", "signing certificates"),
    CredentialKind.MFA_DEVICE: ("an MFA device", "MFA devices"),
}
# What a posture can say: it does not count.
_SEEN = {kind: one if kind is CredentialKind.PASSWORD else many for kind, (one, many) in _NAMES.items()}
_OCCASIONS = {
    WINDOW_CLOSED: "The account's recovery window was closed, and root credentials had been left in it.",
    HARDENING_REQUEST: "Somebody asked for the account to be hardened, and it had root credentials.",
    SWEEP: "A sweep found root credentials in the account.",
}
_CAME_BY = {
    WINDOW_CLOSED: "The account's recovery window was closed; the account",
    HARDENING_REQUEST: "Somebody asked for the account to be hardened; it",
    SWEEP: "A sweep came to the account, which",
}
_FEATURE_STEP = (
    "Switch it on, with credentials of the management account: "
    f"{SWITCH_ON[CheckName.ROOT_CREDENTIALS_MANAGEMENT]}"
)
_LOOK_STEP = "Read AWS's reason below, and fix it."


def hardening_message(outcome: HardeningOutcome, region: str) -> Message | None:
    """Compose the message; None where no person needs it."""
    if outcome.severity is None:
        return None
    words = _words(outcome) if outcome.weighed_result() else None
    if gov_cloud := outcome.gov_cloud_account_id:
        words = _with_gov_cloud(words, gov_cloud, outcome)
    if words is None:
        return None
    return Message(
        severity=outcome.severity,
        account=outcome.account,
        headline=words.headline,
        happened=words.happened,
        done=words.done,
        facts=_facts(outcome),
        next_steps=words.next_steps,
        links=account_link(region, outcome.account.account_id),
        entry=CREDENTIALS_STAY,
    )


@dataclass(frozen=True)
class _Words:
    headline: str
    happened: str
    done: str
    next_steps: tuple[str, ...]


def _words(outcome: HardeningOutcome) -> _Words:
    if outcome.result is Result.OBSERVED:
        return _observed(outcome)
    if outcome.result is Result.SKIPPED and outcome.reason:
        return _skipped(outcome, outcome.reason)
    if outcome.result is Result.HARDENED:
        return _hardened(outcome)
    return _kept(outcome) if outcome.needs_a_person else _failed(outcome)


def credentials_in_words(credentials: Iterable[Credential]) -> str:
    """Return credentials as people count them: the password, 2 access keys and an MFA device."""
    counts = Counter(credential.kind for credential in credentials)
    words = [
        one if counts[kind] == 1 else f"{counts[kind]} {many}"
        for kind, (one, many) in _NAMES.items()
        if counts[kind]
    ]
    if len(words) < 2:  # noqa: PLR2004 - "a and b" needs two
        return words[0] if words else "nothing"
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _hardened(outcome: HardeningOutcome) -> _Words:
    what = credentials_in_words(outcome.removed)
    keys = any(credential.kind is CredentialKind.ACCESS_KEY for credential in outcome.removed)
    unless = ", unless a workload used one of the removed keys: give it an IAM role" if keys else ""
    return _Words(
        "root credentials removed",
        _occasion(outcome),
        f"Removed {what}.{_perhaps(outcome)} Reading back shows no root credential left.",
        (f"Nothing{unless}.",),
    )


def _occasion(outcome: HardeningOutcome) -> str:
    name = outcome.trigger.event_name
    return _OCCASIONS.get(name, f"The account was announced ({name}) with root credentials.")


def _observed(outcome: HardeningOutcome) -> _Words:
    goes = credentials_in_words(outcome.would_remove)
    why = outcome.reason.text if outcome.reason else "it was only looked at"
    return _Words(
        "root credentials found and left",
        _occasion(outcome),
        f"{_earlier(outcome)}: {why}. Enforcing would remove {goes}.",
        (
            "Ask the owner whether these root credentials are in use.",
            f"If they are not: {_harden(outcome, 'not in use', recently_used=bool(outcome.in_use))}",
        ),
    )


def _with_gov_cloud(words: _Words | None, gov_cloud: str, outcome: HardeningOutcome) -> _Words:
    """Name the account that nothing here reaches, also where nothing else is worth a message."""
    step = (
        f"Protect the root user of the GovCloud account {gov_cloud} by hand: it is not covered, because AWS"
        " has no centralized root access there."
    )
    if words:
        return replace(words, next_steps=(*words.next_steps, step))
    clean = "This account has no root credentials. " if outcome.result is Result.CLEAN else ""
    return _Words(
        "its GovCloud account is not covered",
        f"An account in AWS GovCloud, {gov_cloud}, was created with this one.",
        f"{clean}rootwarden did nothing in GovCloud.",
        (step,),
    )


def _failed(outcome: HardeningOutcome) -> _Words:
    partial = outcome.result is Result.PARTIAL
    remain = "root credentials remain" if outcome.after else "root credentials may remain"
    times = "once" if outcome.attempt == 1 else f"{outcome.attempt} times"
    return _Words(
        remain if partial else "root credentials could not be checked",
        "Some root credentials could not be removed, or it could not be proven that they are gone."
        if partial
        else "rootwarden could not look at this account: it may have root credentials or not.",
        f"Tried {times}. Removed {credentials_in_words(outcome.removed)}.{_perhaps(outcome)}",
        _steps(outcome, outcome.reason.text if outcome.reason else ""),
    )


def _steps(outcome: HardeningOutcome, reason: str) -> tuple[str, ...]:
    refused = (reason, *(failure.message for failure in outcome.failures))
    by_policy = [step for step in map(advice, refused) if step]
    remedy = _FEATURE_STEP if "feature is not enabled" in reason else _LOOK_STEP
    if outcome.trigger.event_name == HARDENING_REQUEST:
        # No message waits to be put back.
        keys = any(each.code == RECENTLY_USED for each in outcome.failures)
        again = _harden(outcome, outcome.trigger.request_reason or "again", recently_used=keys)
        return (*by_policy[:1], remedy, f"Then ask again: {again}")
    if outcome.trigger.is_sweep:
        at_once = _harden(outcome, "a sweep could not")
        return (*by_policy[:1], remedy, f"The next sweep tries again; to try at once: {at_once}")
    return (*by_policy[:1], remedy, "Then put the message back: rootctl redrive harden_account")


def _kept(outcome: HardeningOutcome) -> _Words:
    # An MFA device stays because it protects the password: nothing uses it.
    used = [
        "the password" if each.kind is CredentialKind.PASSWORD else each.identifier or ""
        for each in outcome.in_use
        if each.kind is not CredentialKind.MFA_DEVICE
    ]
    left = " and ".join(used)
    it, is_not = ("it", "is not") if len(used) == 1 else ("them", "are not")
    password = any(each.kind is CredentialKind.PASSWORD for each in outcome.in_use)
    what = "credentials" if password else "access keys"
    return _Words(
        f"root {what} in use were left",
        f"The account has root {what} that somebody used lately.",
        f"Left {left}; removed {credentials_in_words(outcome.removed)}.",
        (
            f"Ask the owner what uses {left} (its calls are in CloudTrail), and give a workload an IAM role.",
            f"Then remove {it}: {_harden(outcome, f'{left} {is_not} needed', recently_used=True)}",
        ),
    )


def _harden(outcome: HardeningOutcome, why: str, *, recently_used: bool = False) -> str:
    return harden([outcome.account.account_id or "ACCOUNT"], why, recently_used=recently_used)


def _skipped(outcome: HardeningOutcome, reason: Reason) -> _Words:
    if reason.code == SkipReason.EXEMPT_AFTER_WINDOW:
        return _exempt_after_a_window(outcome, reason)
    touched = bool(outcome.removed or outcome.may_have_been_removed)
    again = " again" if touched else ""
    name = outcome.trigger.event_name
    who = _CAME_BY.get(name, f"The account was announced ({name}) and")
    return _Words(
        f"left alone ({reason.code.replace('_', ' ')})",
        f"{who} was not looked at{again}.",
        f"{_earlier(outcome)}: {reason.text}." if touched else f"Nothing: {reason.text}.",
        ("Check that this is meant to be so.",),
    )


def _exempt_after_a_window(outcome: HardeningOutcome, reason: Reason) -> _Words:
    gone = _harden(outcome, "its window is over", recently_used=True)
    return _Words(
        "the password of a recovery window stays",
        "The account's recovery window was closed, and the account had become exempt meanwhile.",
        f"{_earlier(outcome)}: {reason.text}. The root password that the window allowed stays.",
        (
            "Ask whoever made the account exempt whether that password is meant to stay.",
            f"If it is not: take the exemption out of the configuration, deploy, then: {gone}",
        ),
    )


def _earlier(outcome: HardeningOutcome) -> str:
    """Say what earlier attempts did, before the reason why this one did nothing."""
    return f"{done}Then did no more" if (done := removed_in_words(outcome)) else "Removed nothing"


def removed_in_words(outcome: HardeningOutcome | AccountLeft) -> str:
    """Say in sentences what was removed and what may have been; nothing where neither is."""
    removed = f"Removed {credentials_in_words(outcome.removed)}." if outcome.removed else ""
    said = f"{removed}{_perhaps(outcome)}".strip()
    return f"{said} " if said else ""


def _perhaps(outcome: HardeningOutcome | AccountLeft) -> str:
    if not outcome.may_have_been_removed:
        return ""
    what = credentials_in_words(outcome.may_have_been_removed)
    return f" An attempt that was stopped may have removed {what}: nothing proves it."


def _facts(outcome: HardeningOutcome) -> Facts:
    facts = [("Announced by", f"{outcome.trigger.source} {outcome.trigger.event_name}")]
    if outcome.trigger.requested_by:
        facts.append(("Asked for by", outcome.trigger.requested_by))
        facts.append(("Why", outcome.trigger.request_reason or "no reason on record"))
    if outcome.result is Result.OBSERVED and outcome.before:
        found = [kind for kind in CredentialKind if kind in outcome.before.present]
        facts.append(("Found", ", ".join(_SEEN[kind] for kind in found)))
    if outcome.gov_cloud_account_id:
        facts.append(("GovCloud account", f"{outcome.gov_cloud_account_id}, not covered"))
    facts += [(f"Removed {named(c.kind)}", c.identifier) for c in sorted(outcome.removed)]
    facts += [
        (f"May have removed {named(c.kind)}", c.identifier) for c in sorted(outcome.may_have_been_removed)
    ]
    facts += [(f"Would remove {named(c.kind)}", c.identifier) for c in sorted(outcome.would_remove)]
    facts += [(f"Last use of {named(use.kind)}", _when(use)) for use in in_order(outcome.last_used)]
    left = "Would leave" if outcome.result is Result.OBSERVED else "Left"
    facts += [
        (
            f"{left} {named(f.kind)}",
            f"{f.identifier or 'not listed'}: {f.code}, {f.message}",
        )
        for f in outcome.failures
    ]
    if outcome.reason:
        facts.append(("Reason", f"{outcome.reason.code}: {outcome.reason.text}"))
    return tuple(facts)


def _when(use: LastUse) -> str:
    when = f"{use.at:%Y-%m-%d}" if use.at else "never, as far as AWS knows"
    return when if use.credential == PASSWORD else f"{use.identifier}: {when}"


def named(kind: CredentialKind) -> str:
    """Return a credential's kind as people call it, without an article."""
    return _NAMES[kind][0].partition(" ")[2]
