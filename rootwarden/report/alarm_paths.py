"""Every account's alarm paths, judged by this sweep's probes and by what earlier ones left."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from msgspec import structs

from rootwarden.coverage.paths import AlarmPath, PathStatus, PathTotals, impossible, judge_path
from rootwarden.coverage.probes import Probe
from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused
from rootwarden.report.checks import (
    Check,
    CheckName,
    by_account,
    failed_check,
    first_of_many,
    passed_check,
    unasked,
    unknown_check,
)
from rootwarden.report.entries import Entry
from rootwarden.sweep.sweep import AccountRow, RowResult

# IAM is a global service: the audit's own call is on record in this Region, wherever it is made.
AUDITS_REGION = "us-east-1"
_MANAGEMENT = "root sessions never reach the management account: its rules are looked at instead"
NEVER_PROBED = 'not probed, because coverage.other_regions is "never"'
_NOT_ENABLED = frozenset(
    {"InvalidClientTokenId", "OptInRequired", "RegionDisabledException", "UnrecognizedClientException"}
)
# The worst first.
STATUS_WORDS = {
    PathStatus.SILENT: "silent",
    PathStatus.WAITING: "waiting",
    PathStatus.NOT_POSSIBLE: "not possible",
    PathStatus.PROVEN: "proven",
}


@dataclass(frozen=True, kw_only=True)
class Watched:
    """The Regions that forward, and those of them that sweeps probe. hub: where sessions are opened."""

    hub: AccountId | None = None
    hub_region: str = AUDITS_REGION
    forwarding: tuple[str, ...] = (AUDITS_REGION,)
    probed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PathJudge:
    """Judges paths at a time. heard: None where the state table cannot be read; then nothing is judged.

    opened_at: when this sweep opened a session, whose record proves the hub's own path; None: it opened none.
    """

    watched: Watched
    heard: Mapping[AccountId, Mapping[str, datetime]] | None
    opened_at: datetime | None
    at: datetime
    before: Mapping[AccountId, Sequence[AlarmPath]] = field(default_factory=dict)

    def paths(self, row: AccountRow) -> tuple[AlarmPath, ...]:
        """Return the account's paths, a Region each."""
        before = {path.region: path for path in self.before.get(row.account_id, ())}
        if row.posture:
            before = {region: _reached_again(path, before) for region, path in before.items()}
        return tuple(self._path(row, region, before.get(region)) for region in self.watched.forwarding)

    def _path(self, row: AccountRow, region: str, before: AlarmPath | None) -> AlarmPath:
        is_of_hub = (row.account_id, region) == (self.watched.hub, self.watched.hub_region)
        why = self._never_possible(row, region, is_of_hub=is_of_hub)
        if why:
            return impossible(region, why, before)
        known = before or AlarmPath(region=region, status=PathStatus.WAITING)
        if self.heard is None:
            return known
        probe = _probe_of(row, region)
        if is_of_hub and self.opened_at and (probe is None or probe.code):
            probe = Probe(region=region, at=self.opened_at)
        heard = self.heard.get(row.account_id, {}).get(region)
        return judge_path(known, probe, heard=heard, at=self.at)

    def _never_possible(self, row: AccountRow, region: str, *, is_of_hub: bool) -> str | None:
        if is_of_hub:
            return None
        if row.result is RowResult.MANAGEMENT:
            return _MANAGEMENT
        if row.result is RowResult.NOT_ACTIVE:
            return row.message or "the account is not active"
        return None if region in (AUDITS_REGION, *self.watched.probed) else NEVER_PROBED


def opened_at(rows: Iterable[AccountRow], started_at: datetime) -> datetime | None:
    """Say when a sweep opened its sessions; None where not a single one was opened."""
    return started_at if any(row.posture for row in rows) else None


def _reached_again(path: AlarmPath, paths: Mapping[str, AlarmPath]) -> AlarmPath:
    """Take back what kept every Region from being probed; what a Region itself refused stands."""
    audits = paths.get(AUDITS_REGION)
    of_account = path.why is not None and path.why in (NEVER_PROBED, audits.why if audits else None)
    if path.status is PathStatus.NOT_POSSIBLE and of_account:
        return replace(path, status=PathStatus.WAITING, why=None)
    return path


def _probe_of(row: AccountRow, region: str) -> Probe | None:
    found = next((probe for probe in row.probes if probe.region == region), None)
    if found is None and row.result is RowResult.UNREACHABLE and row.posture is None:
        # No session was opened, so no Region could be probed, whether it was its turn or not.
        code = row.code or "unreachable"
        return Probe(region=region, at=row.audited_at, code=code, message=row.message)
    if region == AUDITS_REGION:
        return Probe(region=region, at=row.audited_at)
    if found and found.code in _NOT_ENABLED:
        return structs.replace(found, message=f"the Region is not enabled in the account ({found.message})")
    return found


def worst_status(paths: Iterable[AlarmPath]) -> str | None:
    """Return how the worst of an account's paths stands; None where it has none."""
    found = {path.status for path in paths}
    return next((words for status, words in STATUS_WORDS.items() if status in found), None)


def paths_in_words(paths: Iterable[AlarmPath]) -> str:
    """Return every path in a line, the worst first: Region, how it stands, since when or why."""
    order = [*STATUS_WORDS]
    return "; ".join(path_in_words(path) for path in sorted(paths, key=lambda path: order.index(path.status)))


def path_in_words(path: AlarmPath) -> str:
    """Return one path in words: Region, how it stands, since when or why."""
    return " ".join(_words(path))


def _words(path: AlarmPath) -> Iterator[str]:
    yield f"{path.region} {STATUS_WORDS[path.status]}"
    if path.silent_since and path.status is PathStatus.SILENT:
        yield f"since {path.silent_since:%Y-%m-%d %H:%M}"
    if path.proven_at:
        is_proven = path.status is PathStatus.PROVEN
        yield f"{'at' if is_proven else 'proven last at'} {path.proven_at:%Y-%m-%d %H:%M}"
    elif path.status is PathStatus.SILENT:
        yield "never proven"
    if path.why:
        yield f"({path.why})"


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
        silent = [(entry, path) for entry, path in paths if path.status is PathStatus.SILENT]
        named = first_of_many([_silent(entry, path) for entry, path in silent])
        where = by_account((entry.row.account_id, path.region) for entry, path in silent)
        return failed_check(name, f"{text}; silent: {named}", subjects=where)
    return passed_check(name, text) if totals.proven and not totals.waiting else unknown_check(name, text)


def _silent(entry: Entry, path: AlarmPath) -> str:
    since = f" since {path.silent_since:%Y-%m-%d %H:%M}" if path.silent_since else ""
    before = "" if path.proven_at else ", never proven"
    return f"{entry.row.account_id} in {path.region}{since}{before}"
