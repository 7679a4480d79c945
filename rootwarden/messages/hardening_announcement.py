"""The words for `Account Hardening Result`: sent only when a person should know."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from rootwarden.activity.root_activity import Severity
from rootwarden.hardening.account_events import SkipReason
from rootwarden.hardening.announcement import HARDENING_REQUEST, WINDOW_CLOSED
from rootwarden.hardening.last_use import LastUse
from rootwarden.hardening.outcome import HardeningOutcome, Result
from rootwarden.hardening.removal import in_order
from rootwarden.leaving import AccountLeft
from rootwarden.messages.announcement import Announcement, Facts, organizations_account
from rootwarden.policies.service_control_policies import advice
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind

_NAMES = {
    CredentialKind.PASSWORD: ("the password", "passwords"),
    CredentialKind.ACCESS_KEY: ("an access key", "access keys"),
    CredentialKind.SIGNING_CERTIFICATE: ("a signing certificate", "signing certificates"),
    CredentialKind.MFA_DEVICE: ("an MFA device", "MFA devices"),
}
# What a posture can say: it does not count.
_SEEN = {kind: one if kind is CredentialKind.PASSWORD else many for kind, (one, many) in _NAMES.items()}
_ANNOUNCED_SKIPS = {
    SkipReason.EXEMPT.value: Severity.LOW,
    SkipReason.RECOVERY_WINDOW_OPEN.value: Severity.LOW,
    SkipReason.NOT_ACTIVE.value: Severity.LOW,
    SkipReason.NOT_IN_ORGANIZATION.value: Severity.MEDIUM,
    SkipReason.FOREIGN_ACCOUNT.value: Severity.MEDIUM,
    SkipReason.FOREIGN_ORGANIZATION.value: Severity.MEDIUM,
}
_OCCASIONS = {
    WINDOW_CLOSED: "The account's recovery window was closed, and root credentials had been left in it.",
    HARDENING_REQUEST: "Somebody asked for the account to be hardened, and it had root credentials.",
}
_FEATURE_STEP = (
    "In the management account, open IAM, Root access management, and enable root credentials "
    "management; then put the message back from the dead-letter queue."
)
_LOOK_STEP = "Read AWS's reason below, fix it, then put the message back from the dead-letter queue."
_ASK_AGAIN_STEP = "Read AWS's reason below, fix it, then ask again: no message waits to be put back."


def announce_hardening(outcome: HardeningOutcome, region: str) -> Announcement | None:
    """Compose the announcement; None where no person needs it."""
    if outcome.will_retry:
        return None
    announcement = _announcement(outcome, region)
    if outcome.gov_cloud_account_id:
        return _with_gov_cloud(announcement, outcome, region)
    return announcement


def _announcement(outcome: HardeningOutcome, region: str) -> Announcement | None:
    if outcome.result is Result.CLEAN:
        return None
    if outcome.result is Result.OBSERVED:
        return _observed(outcome, region)
    if outcome.result is Result.SKIPPED:
        return _skipped(outcome, region)
    if outcome.result is Result.HARDENED:
        return _hardened(outcome, region)
    return _failed(outcome, region)


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


def _hardened(outcome: HardeningOutcome, region: str) -> Announcement:
    what = credentials_in_words(outcome.removed)
    keys = any(credential.kind is CredentialKind.ACCESS_KEY for credential in outcome.removed)
    unless = ", unless a workload used one of the removed keys: give it an IAM role" if keys else ""
    return Announcement(
        severity=Severity.INFO,
        account=outcome.account,
        headline="root credentials removed",
        happened=_OCCASIONS.get(
            outcome.trigger.event_name,
            f"The account was announced ({outcome.trigger.event_name}) with root credentials.",
        ),
        done=f"Removed {what}.{_perhaps(outcome)} Reading back shows no root credential left.",
        facts=_facts(outcome),
        next_steps=(f"Nothing{unless}.",),
        links=_links(outcome, region),
    )


def _observed(outcome: HardeningOutcome, region: str) -> Announcement:
    goes = credentials_in_words(outcome.would_remove)
    why = outcome.reason.text if outcome.reason else "it was only looked at"
    return Announcement(
        severity=Severity.MEDIUM,
        account=outcome.account,
        headline="root credentials found and left",
        happened=f"The account was announced ({outcome.trigger.event_name}) with root credentials.",
        done=f"{_earlier(outcome)}: {why}. Enforcing would remove {goes}.",
        facts=_facts(outcome),
        next_steps=(
            "Find out whether these root credentials are in use.",
            f'If they are not: rootctl harden {outcome.account.account_id} --via-hub --reason "…"',
        ),
        links=_links(outcome, region),
    )


def _with_gov_cloud(
    announcement: Announcement | None, outcome: HardeningOutcome, region: str
) -> Announcement:
    """Name the account that nothing here reaches, also where nothing else is worth a message."""
    step = (
        f"Protect the root user of the GovCloud account {outcome.gov_cloud_account_id} by hand: it is not"
        " covered, because AWS has no centralized root access there."
    )
    if announcement:
        return replace(announcement, next_steps=(*announcement.next_steps, step))
    clean = "This account has no root credentials. " if outcome.result is Result.CLEAN else ""
    return Announcement(
        severity=Severity.LOW,
        account=outcome.account,
        headline="its GovCloud account is not covered",
        happened=f"An account in AWS GovCloud, {outcome.gov_cloud_account_id}, was created with this one.",
        done=f"{clean}rootwarden did nothing in GovCloud.",
        facts=_facts(outcome),
        next_steps=(step,),
        links=_links(outcome, region),
    )


def _failed(outcome: HardeningOutcome, region: str) -> Announcement:
    if outcome.needs_a_person:
        return _kept(outcome, region)
    partial = outcome.result is Result.PARTIAL
    remain = "root credentials remain" if outcome.after else "root credentials may remain"
    times = "once" if outcome.attempt == 1 else f"{outcome.attempt} times"
    reason = outcome.reason.text if outcome.reason else ""
    removed = credentials_in_words(outcome.removed)
    return Announcement(
        severity=Severity.HIGH,
        account=outcome.account,
        headline=remain if partial else "root credentials could not be checked",
        happened=(
            "Some root credentials could not be removed, or it could not be proven that they are gone."
            if partial
            else "rootwarden could not look at this account: it may have root credentials or not."
        ),
        done=f"Tried {times}. Removed {removed}.{_perhaps(outcome)}",
        facts=_facts(outcome),
        next_steps=_steps(outcome, reason),
        links=_links(outcome, region),
    )


def _steps(outcome: HardeningOutcome, reason: str) -> tuple[str, ...]:
    refused = (reason, *(failure.message for failure in outcome.failures))
    by_policy = [step for step in map(advice, refused) if step]
    return (*by_policy[:1], _step(outcome, reason))


def _step(outcome: HardeningOutcome, reason: str) -> str:
    if outcome.trigger.event_name == HARDENING_REQUEST:
        return _ASK_AGAIN_STEP
    return _FEATURE_STEP if "feature is not enabled" in reason else _LOOK_STEP


def _kept(outcome: HardeningOutcome, region: str) -> Announcement:
    left = ", ".join(
        "the password" if each.kind is CredentialKind.PASSWORD else each.identifier or ""
        for each in outcome.in_use
    )
    password = any(each.kind is CredentialKind.PASSWORD for each in outcome.in_use)
    what = "credentials" if password else "access keys"
    return Announcement(
        severity=Severity.HIGH,
        account=outcome.account,
        headline=f"root {what} in use were left",
        happened=f"The account has root {what} that somebody used lately.",
        done=f"Left {left}; removed {credentials_in_words(outcome.removed)}.",
        facts=_facts(outcome),
        next_steps=(
            "Find who or what uses it (CloudTrail has user agent and address). Give a workload an IAM role.",
            f"Then: rootctl harden {outcome.account.account_id} --via-hub --remove-recently-used",
        ),
        links=_links(outcome, region),
    )


def _skipped(outcome: HardeningOutcome, region: str) -> Announcement | None:
    reason = outcome.reason
    touched = bool(outcome.removed or outcome.may_have_been_removed)
    if reason is None or (reason.code not in _ANNOUNCED_SKIPS and not touched):
        return None
    severity = _ANNOUNCED_SKIPS.get(reason.code, Severity.LOW)
    again = " again" if touched else ""
    return Announcement(
        severity=Severity.MEDIUM if touched else severity,
        account=outcome.account,
        headline=f"left alone ({reason.code.replace('_', ' ')})",
        happened=f"The account was announced ({outcome.trigger.event_name}) and was not looked at{again}.",
        done=f"{_earlier(outcome)}: {reason.text}." if touched else f"Nothing: {reason.text}.",
        facts=_facts(outcome),
        next_steps=("Check that this is meant to be so.",),
        links=_links(outcome, region),
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
    if outcome.account.organizational_unit:
        facts.append(("Organizational unit", outcome.account.organizational_unit))
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


def _links(outcome: HardeningOutcome, region: str) -> Facts:
    account_id = outcome.account.account_id
    if account_id is None:
        return ()
    return (("The account in Organizations", organizations_account(region, account_id)),)
