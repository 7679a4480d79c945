"""Whether alarms arrive from every account and Region, as the latest report has proven it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from rootctl.checks.context import DoctorContext, Result, ok, unknown, wrong
from rootctl.output import counted, read_json, some
from rootwarden.aws.reports_bucket import ReportArchive
from rootwarden.coverage.paths import AlarmPath, PathStatus
from rootwarden.events import Fields, MalformedEvent
from rootwarden.report.alarm_paths import NEVER_PROBED
from rootwarden.sweep.sweep import RowResult

_RUNBOOK = "Follow docs/runbook.md, PathsLost; rootctl report --output json says more of each."
_PREFLIGHT = "See which policy refuses it: rootctl preflight"
# Results of a report's accounts in which no session is ever opened.
_NEVER_ASKED = frozenset({RowResult.MANAGEMENT, RowResult.NOT_ACTIVE})
_WAIT = "Wait for the next sweep, or start one an hour after the last: a report judges the probe before it."


def alarm_paths(context: DoctorContext) -> Iterable[Result]:
    """Say how every path stands, Region by Region, and name the accounts that are silent."""
    hub = context.hub
    archive = ReportArchive(context.session.client("s3"), hub.output("EvidenceBucketName"))
    text = archive.latest()
    if text is None:
        yield unknown("no sweep has proven anything yet", remedy=_WAIT)
        return
    try:
        yield from list(judged_report(Fields(read_json(text, "the latest report"))))
    except MalformedEvent as malformed:
        yield unknown(f"the latest report cannot be read: {malformed}", remedy="Deploy again (make deploy).")


def judged_report(report: Fields) -> Iterator[Result]:
    """Say how the paths of a report stand, what Regions share once; raises MalformedEvent."""
    by_region: dict[str, list[_Path]] = defaultdict(list)
    for each in _paths(report):
        by_region[each.path.region].append(each)
    # Most Regions stand alike: each cause is said once.
    alike: dict[tuple[Result, ...], list[str]] = defaultdict(list)
    for region, paths in by_region.items():
        alike[tuple(_judged_paths("", paths))].append(region)
    for regions in alike.values():
        yield from _judged_paths(some(sorted(regions), len(by_region)), by_region[regions[0]])


@dataclass(frozen=True)
class _Path:
    account: str
    path: AlarmPath
    is_never_proven: bool

    @classmethod
    def of(cls, account: Fields, coverage: Fields) -> Self:
        path = AlarmPath.from_detail(coverage)
        meant = account.optional_text("result") in _NEVER_ASKED or path.why == NEVER_PROBED
        name = f"{account.optional_text('name') or 'no name'} ({account.text('id')})"
        return cls(name, path, is_never_proven=path.status is PathStatus.NOT_POSSIBLE and meant)


def _paths(report: Fields) -> Iterator[_Path]:
    for account in report.objects("accounts"):
        for path in account.objects("coverage"):
            yield _Path.of(account, path)


def _judged_paths(region: str, paths: list[_Path]) -> Iterator[Result]:
    by_status: dict[PathStatus, list[tuple[str, AlarmPath]]] = defaultdict(list)
    meant = [(each.account, each.path) for each in paths if each.is_never_proven]
    for each in paths:
        if not each.is_never_proven:
            by_status[each.path.status].append((each.account, each.path))
    silent, waiting = by_status[PathStatus.SILENT], by_status[PathStatus.WAITING]
    if silent:
        named = [f"{account}{_since(path)}" for account, path in silent]
        from_where = f"{counted(len(silent), 'account')}: {some(named, separator='; ')}"
        text = f"{region}: no alarm arrives from {from_where}"
        yield wrong(text, remedy=_RUNBOOK)
    if waiting:
        text = f"{region}: {counted(len(waiting), 'account')} with a first probe that is not judged yet"
        yield unknown(text, remedy=_WAIT)
    proven, refused = by_status[PathStatus.PROVEN], by_status[PathStatus.NOT_POSSIBLE]
    if refused:
        which = some(sorted(_reasons(refused)), separator="; ")
        text = f"{region}: {counted(len(refused), 'account')} where AWS refuses a session: {which}"
        yield unknown(text, remedy=_PREFLIGHT)
    oldest = min((path.proven_at for _, path in proven if path.proven_at), default=None)
    since = f", each since {oldest:%Y-%m-%d %H:%M}" if oldest else ""
    said = [f"{counted(len(proven), 'account')} proven{since}"] if proven else []
    if meant:
        said.append(f"{len(meant)} never looked into: {some(sorted(_reasons(meant)), separator='; ')}")
    if said:
        yield ok(f"{region}: {'; '.join(said)}")


def _since(path: AlarmPath) -> str:
    since = f" since {path.silent_since:%Y-%m-%d %H:%M}" if path.silent_since else ""
    return f"{since}, proven before" if path.proven_at else f"{since}, never proven"


def _reasons(paths: Iterable[tuple[str, AlarmPath]]) -> Iterator[str]:
    by_why: dict[str, list[str]] = defaultdict(list)
    for account, path in paths:
        by_why[path.why or "no reason is known"].append(account)
    for why, accounts in by_why.items():
        yield f"{why}: {some(accounts, separator='; ')}"
