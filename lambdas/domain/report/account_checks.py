"""What must hold for the accounts together: none out of sight, none out of earshot."""

from collections.abc import Iterable, Sequence

from lambdas.domain.coverage.paths import AlarmPath, PathStatus, PathTotals
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.report.checks import Check, CheckName, unasked
from lambdas.domain.report.controls import ControlStatus
from lambdas.domain.report.entries import Entry

MOST_SWEEPS = 2
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


def forwarding(entries: Iterable[Entry], *, refused: CallRefused | None) -> Check:
    """Check that root activity arrives from every account and Region: our own sessions prove it."""
    name = CheckName.FORWARDING
    if refused:
        return unasked(name, refused)
    paths = [(entry, path) for entry in entries for path in entry.paths]
    totals = PathTotals.of(path for _, path in paths)
    counts = (
        f"proven {totals.proven}, silent {totals.silent}, waiting for a probe or its record"
        f" {totals.waiting}, not possible {totals.not_possible}"
    )
    text = f"alarm paths, one an account and Region: {counts}"
    if totals.silent:
        silent = [_silent(entry, path) for entry, path in paths if path.status is PathStatus.SILENT]
        return Check(name=name, status=ControlStatus.FAIL, text=f"{text}; silent: {_shown(silent)}")
    is_known = totals.proven and not totals.waiting
    return Check(name=name, status=ControlStatus.PASS if is_known else ControlStatus.UNKNOWN, text=text)


def _silent(entry: Entry, path: AlarmPath) -> str:
    since = f" since {path.silent_since:%Y-%m-%d %H:%M}" if path.silent_since else ""
    before = "" if path.proven_at else ", never proven"
    return f"{entry.row.account_id} in {path.region}{since}{before}"


def _named(entries: Sequence[Entry]) -> str:
    return _shown([entry.row.account_id for entry in entries])


def _shown(texts: Sequence[str]) -> str:
    rest = len(texts) - _SHOWN
    shown = ", ".join(texts[:_SHOWN])
    return f"{shown} and {rest} more" if rest > 0 else shown
