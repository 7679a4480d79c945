"""What must hold for the accounts together: none out of sight, none out of earshot."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from lambdas.domain.accounts import AccountState
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.report.checks import Check, CheckName, unasked
from lambdas.domain.report.controls import ControlStatus
from lambdas.domain.report.entries import Entry

MOST_SWEEPS = 2
# CloudTrail delivers within about five minutes, EventBridge retries for longer.
UNDER_WAY = timedelta(hours=1)
_SHOWN = 5


def stale_accounts(entries: Iterable[Entry], *, knows_before: bool) -> Check:
    """Check that no account was out of sight for more than two sweeps."""
    name = CheckName.STALE_ACCOUNTS
    stale = [entry for entry in entries if entry.sweeps_without_posture > MOST_SWEEPS]
    if stale:
        text = f"could not be looked at for more than {MOST_SWEEPS} sweeps: {_named(stale)}"
        return Check(name=name, status=ControlStatus.FAIL, text=text)
    if not knows_before:
        text = "the previous report cannot be read, so nobody knows for how long accounts were out of sight"
        return Check(name=name, status=ControlStatus.UNKNOWN, text=text)
    text = f"every account was looked at within the last {MOST_SWEEPS + 1} sweeps"
    return Check(name=name, status=ControlStatus.PASS, text=text)


def forwarding(entries: Iterable[Entry], *, refused: CallRefused | None, at: datetime) -> Check:
    """Check that members' root activity arrives: removing credentials is itself root activity.

    An account in which nothing was ever removed may well have nothing to tell: that proves nothing.
    """
    name = CheckName.FORWARDING
    if refused:
        return unasked(name, refused)
    active = [entry for entry in entries if entry.row.account.state == AccountState.ACTIVE]
    silent = [entry for entry in active if _is_silent(entry, at)]
    heard = [entry for entry in active if entry.last_root_event_at]
    if silent:
        text = f"root credentials were removed, yet no event of that arrived: {_named(silent)}"
        return Check(name=name, status=ControlStatus.FAIL, text=text)
    text = f"root events arrived from {len(heard)} of {len(active)} active accounts"
    if active and len(heard) == len(active):
        return Check(name=name, status=ControlStatus.PASS, text=text)
    text += "; of the others nothing can be said: their root users may never have acted"
    return Check(name=name, status=ControlStatus.UNKNOWN, text=text)


def _is_silent(entry: Entry, at: datetime) -> bool:
    hardened, heard = entry.last_hardened_at, entry.last_root_event_at
    if hardened is None or at - hardened < UNDER_WAY:
        return False
    return heard is None or heard < hardened - UNDER_WAY


def _named(entries: Sequence[Entry]) -> str:
    shown = ", ".join(entry.row.account_id for entry in entries[:_SHOWN])
    rest = len(entries) - _SHOWN
    return f"{shown} and {rest} more" if rest > 0 else shown
