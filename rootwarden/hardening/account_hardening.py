"""Hardening one account, from an event that announces it to the outcome that says how it ended."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import structs

from rootwarden.accounts import Account, AccountState, Directory
from rootwarden.contract.configured import Exemption, HardeningModes, Mode, Origin, find_exemption
from rootwarden.events import AccountId
from rootwarden.hardening.announcement import Announcement, Skip
from rootwarden.hardening.outcome import (
    ONLY_OBSERVED,
    HardeningOutcome,
    Progress,
    Reason,
    Result,
    SkipReason,
    Trigger,
)
from rootwarden.hardening.removal import Preview, Removal, RootSessions, preview, remove_root_credentials
from rootwarden.outcomes import AccountReference
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.refusals import CallRefused
from rootwarden.requests import OBSERVES_ONLY
from rootwarden.root_credentials import (
    KEEP_USED_WITHIN_DAYS,
    USE_IS_KNOWN,
    Credential,
    CredentialKind,
    KeepRule,
    Posture,
    latest,
)

# So long after it joined an account is new. An event may wait 14 days in a queue, and an enrolment is
# retried within days: both are still about the account that joined. After that people work in it.
NEW_FOR = timedelta(days=15)


class HardeningMemory(Protocol):
    """What is remembered about an account while it is hardened, and until people know what was removed."""

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's open recovery window, if there is one."""

    def had_window(self, account_id: AccountId) -> bool:
        """Say whether the account had a recovery window within the last two weeks; raises CallRefused."""

    def window_is_hardened(self, account_id: AccountId) -> None:
        """Have the account's next window wait no longer for the hardening after the last one."""

    def unreported(self, account_id: AccountId, trigger: Trigger) -> Progress:
        """Return what attempts did that no other trigger's final outcome has named, whoever asked."""

    def remember(self, account_id: AccountId, progress: Progress) -> None:
        """Put on record what is about to be removed, before it is, and what was removed."""

    def reported(
        self, account_id: AccountId, trigger: Trigger, progress: Progress, *, may_repeat: bool
    ) -> None:
        """Take it off the record: the final outcome of this trigger, on the bus, named this progress.

        may_repeat: the trigger's message comes again if this run stops now; for it alone, it stays.
        """


@dataclass(frozen=True, kw_only=True)
class AccountHardener:
    """Decides about an account and hardens it. Safe to run twice, and to stop at any call and run again."""

    organization: Directory
    sessions: RootSessions
    memory: HardeningMemory
    clock: Callable[[], datetime]
    exemptions: tuple[Exemption, ...] = field(default=())
    modes: HardeningModes = field(default_factory=HardeningModes)
    keep_used_within_days: int = KEEP_USED_WITHIN_DAYS

    def harden(
        self, announcement: Announcement, progress: Progress, *, attempt: int, is_last: bool
    ) -> HardeningOutcome:
        """Harden the announced account, or say why not. Never raises for what AWS refuses."""
        account_id = announcement.account_id
        ending = HardeningOutcome(
            account=AccountReference(account_id=account_id),
            result=Result.UNREACHABLE,
            trigger=announcement.trigger,
            attempt=attempt,
            will_retry=not is_last,
            occurred_at=self.clock(),
            before=progress.before,
            removed=progress.removed,
            last_used=progress.last_used,
            may_have_been_removed=progress.tried - progress.removed,
            gov_cloud_account_id=announcement.gov_cloud_account_id,
        )
        if announcement.skip or account_id is None:
            skip = announcement.skip or Skip(SkipReason.NOT_A_JOIN, "the event names no account")
            return _skipped(ending, skip)
        try:
            account = self.organization.describe(account_id)
            if account is None:
                return _not_in_organization(ending)
            ending = structs.replace(ending, account=AccountReference.of(account))
            return self._harden_unless_skipped(announcement, account, ending, progress)
        except CallRefused as refused:
            return _unreachable(ending, refused.code, refused.message)

    def _harden_unless_skipped(
        self,
        announcement: Announcement,
        account: Account,
        ending: HardeningOutcome,
        progress: Progress,
    ) -> HardeningOutcome:
        skip = self.skip_for(account)
        if skip:
            return _skipped(ending, self._after_a_window(skip, announcement, account.account_id))
        if account.state == AccountState.PENDING_ACTIVATION:
            return _unreachable(ending, account.state, "the account is still being activated")
        announcement = self.believed(announcement, account.account_id)
        mode, why = self.decide(announcement, account)
        ending = structs.replace(ending, mode=mode)
        is_window_end = announcement.trigger.is_window_end and announcement.mode is not None
        rule = self.rule(is_window_end=is_window_end)
        return self._look_and_harden(account.account_id, ending, progress, why, rule)

    def _after_a_window(self, skip: Skip, announcement: Announcement, account_id: AccountId) -> Skip:
        """Return the reason for leaving an account alone, another one where its window's password stays."""
        is_window_end = skip.reason is SkipReason.EXEMPT and announcement.trigger.is_window_end
        if is_window_end and self.memory.had_window(account_id):
            return replace(skip, reason=SkipReason.EXEMPT_AFTER_WINDOW)
        return skip

    def believed(self, announcement: Announcement, account_id: AccountId) -> Announcement:
        """Return the announcement, without a mode where it is the end of a window that nobody knows of.

        Whoever may put outcomes on the bus can say that one closed. Raises CallRefused.
        """
        if announcement.trigger.is_window_end and not self.memory.had_window(account_id):
            return replace(announcement, mode=None)
        return announcement

    def decide(self, announcement: Announcement, account: Account) -> tuple[Mode, str]:
        """Say whether what is found is removed, and why so."""
        if announcement.mode is Mode.ENFORCE and not self.modes.may_enforce:
            return Mode.OBSERVE, OBSERVES_ONLY
        if announcement.mode:
            return announcement.mode, "only looked at the account, to say what became of it"
        origin, told_by = _origin(account, self.clock())
        mode = self.modes.of(origin)
        return mode, f"{told_by}, and hardening.{origin} is {mode}"

    def skip_for(self, account: Account) -> Skip | None:
        """Say why the account is not to be hardened, None when it is; raises CallRefused."""
        if account.state not in {AccountState.ACTIVE, AccountState.PENDING_ACTIVATION}:
            return Skip(SkipReason.NOT_ACTIVE, f"the account is {account.state}")
        exemption = exemption_of(account, self.exemptions, self.clock())
        if exemption:
            text = f"exempt until {exemption.until}: {exemption.reason}"
            return Skip(SkipReason.EXEMPT, text)
        window = self.memory.recovery_window(account.account_id)
        if window:
            text = f"a recovery window is open until {window.until:%Y-%m-%d %H:%M} UTC: {window.reason}"
            return Skip(SkipReason.RECOVERY_WINDOW_OPEN, text)
        return None

    def _look_and_harden(
        self, account_id: AccountId, ending: HardeningOutcome, progress: Progress, why: str, rule: KeepRule
    ) -> HardeningOutcome:
        try:
            audit = self.sessions.audit(account_id)
            present = audit.posture()
        except CallRefused as refused:
            return _unreachable(ending, refused.code, refused.message)
        progress = replace(progress, before=progress.before or present)
        if present.is_clean:
            return _proven(ending, progress, Removal(after=present))
        if ending.mode is Mode.OBSERVE:
            found = preview(audit, present, rule)
            return _observed(ending, progress, Removal(after=present), found, why)
        try:
            removal = self._remove(account_id, present, progress, rule)
        except CallRefused as refused:
            removal = Removal(unproven=refused)
        try:
            removal = replace(removal, after=audit.posture())
        except CallRefused as refused:
            removal = replace(removal, unproven=refused)
        return _proven(ending, progress, removal)

    def rule(self, *, is_window_end: bool = False) -> KeepRule:
        """Return what stays for a person. The password goes at a window's end: it was there to be used."""
        kinds = USE_IS_KNOWN - ({CredentialKind.PASSWORD} if is_window_end else set())
        return KeepRule(now=self.clock(), days=self.keep_used_within_days, kinds=kinds)

    def _remove(self, account_id: AccountId, present: Posture, progress: Progress, rule: KeepRule) -> Removal:
        return remove_root_credentials(
            self.sessions.delete(account_id),
            present,
            rule=rule,
            before_deleting=lambda seen: self.memory.remember(account_id, progress.trying(seen)),
        )


def _origin(account: Account, now: datetime) -> tuple[Origin, str]:
    """Say how the account came in, and in a clause what told so.

    Without a time it counts as existing, and a new one without a method as invited: that may be in use.
    """
    if account.joined_at is None:
        return Origin.EXISTING, "Organizations did not say when the account joined"
    joined = f"the account joined on {account.joined_at:%Y-%m-%d}"
    if now - account.joined_at > NEW_FOR:
        return Origin.EXISTING, f"{joined}, more than {NEW_FOR.days} days ago"
    origin = Origin.CREATED if account.joined_method == "CREATED" else Origin.INVITED
    return origin, f"{joined} ({account.joined_method or 'how is not said'})"


def exemption_of(account: Account, exemptions: Collection[Exemption], now: datetime) -> Exemption | None:
    """Return the exemption that covers the account now; raises CallRefused where nobody can say."""
    by_unit = any(exemption.organizational_unit for exemption in exemptions)
    if by_unit and account.organizational_units is None:
        raise CallRefused(
            "UnknownOrganizationalUnit",
            "DescribeAccount did not say which organizational units the account stands in, "
            "so its exemption could not be checked",
        )
    return find_exemption(exemptions, account, now.date())


def _skipped(ending: HardeningOutcome, skip: Skip) -> HardeningOutcome:
    reason = Reason(skip.reason.value, skip.text)
    return structs.replace(ending, result=Result.SKIPPED, reason=reason, will_retry=False)


def _not_in_organization(ending: HardeningOutcome) -> HardeningOutcome:
    # Organizations may not know its newest member for some minutes, as STS, IAM and buses may not.
    if ending.will_retry:
        text = "Organizations does not know this account yet"
        return _unreachable(ending, SkipReason.NOT_IN_ORGANIZATION.value, text)
    text = "Organizations does not know this account"
    return _skipped(ending, Skip(SkipReason.NOT_IN_ORGANIZATION, text))


def _unreachable(ending: HardeningOutcome, code: str, text: str) -> HardeningOutcome:
    return structs.replace(ending, result=Result.UNREACHABLE, reason=Reason(code, text))


def _observed(
    ending: HardeningOutcome, progress: Progress, seen: Removal, found: Preview, why: str
) -> HardeningOutcome:
    return structs.replace(
        _with_removed(ending, progress, seen),
        result=Result.OBSERVED,
        reason=Reason(ONLY_OBSERVED, why),
        would_remove=found.goes,
        last_used=latest(progress.last_used, found.last_used),
        failures=found.stays,
        will_retry=False,
    )


def _proven(ending: HardeningOutcome, progress: Progress, removal: Removal) -> HardeningOutcome:
    """Give the result that the read-back proves, and no better."""
    ended = _with_removed(ending, progress, removal)
    if removal.after is not None and removal.after.is_clean:
        was_clean = progress.before is not None and progress.before.is_clean
        result = Result.CLEAN if was_clean and not ended.removed else Result.HARDENED
        return structs.replace(ended, result=result, failures=(), will_retry=False)
    refused = removal.unproven
    reason = Reason(refused.code, refused.message) if refused else None
    partial = structs.replace(ended, result=Result.PARTIAL, reason=reason)
    return structs.replace(partial, will_retry=ending.will_retry and not partial.needs_a_person)


def _with_removed(ending: HardeningOutcome, progress: Progress, removal: Removal) -> HardeningOutcome:
    gone = {found for found in progress.tried | removal.found if _is_gone(found, removal)}
    removed = progress.removed | removal.removed | gone
    return structs.replace(
        ending,
        before=progress.before,
        after=removal.after,
        removed=removed,
        last_used=latest(progress.last_used, removal.last_used),
        # What this attempt found was still there, and is a failure where it was not removed.
        may_have_been_removed=progress.tried - removal.found - removed,
        failures=tuple(f for f in removal.failures if Credential(f.kind, f.identifier or "") not in removed),
    )


def _is_gone(credential: Credential, removal: Removal) -> bool:
    read_back = removal.after is not None and credential.kind not in removal.after.present
    # Deleting may work though its answer gets lost: what this attempt found is gone only by read-back.
    delisted = credential.kind in removal.listed and credential not in removal.found
    return read_back or delisted
