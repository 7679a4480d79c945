"""Which alarm paths are proven, as the last sweep's report says: an account and Region each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from lambdas.adapters.report_archive import ReportArchive
from lambdas.domain.coverage.paths import AlarmPath, PathStatus
from lambdas.domain.event_fields import Fields, MalformedEvent
from rootctl.checks.result import Result, ok, unknown, wrong
from rootctl.checks.surroundings import Surroundings
from rootctl.json_text import read_json

_SHOWN = 10
_RUNBOOK = "Follow docs/runbook.md, PathsLost; rootctl report --output json says more of each."
_WAIT = "Wait for the next sweep, or start one an hour after the last: a report judges the probe before it."


def alarm_paths(surroundings: Surroundings) -> Iterable[Result]:
    """Say how every path stands, Region by Region, and name the accounts that are silent."""
    hub = surroundings.hub
    archive = ReportArchive(surroundings.session.client("s3"), hub.output("EvidenceBucketName"))
    text = archive.latest()
    if text is None:
        yield unknown("no sweep has proven anything yet", mend=_WAIT)
        return
    try:
        found = list(_paths(Fields(read_json(text, "the latest report"))))
    except MalformedEvent as malformed:
        yield unknown(f"the latest report cannot be read: {malformed}", mend="Deploy again (make deploy).")
        return
    by_region: dict[str, list[tuple[str, AlarmPath]]] = defaultdict(list)
    for account, path in found:
        by_region[path.region].append((account, path))
    for region, paths in by_region.items():
        yield from _judged(region, paths)


def _paths(report: Fields) -> Iterator[tuple[str, AlarmPath]]:
    for account in report.objects("accounts"):
        for path in account.objects("coverage"):
            yield (
                f"{account.optional_text('name') or 'no name'} ({account.text('id')})",
                (AlarmPath.from_detail(path)),
            )


def _judged(region: str, paths: list[tuple[str, AlarmPath]]) -> Iterator[Result]:
    by_status: dict[PathStatus, list[tuple[str, AlarmPath]]] = defaultdict(list)
    for account, path in paths:
        by_status[path.status].append((account, path))
    silent, waiting = by_status[PathStatus.SILENT], by_status[PathStatus.WAITING]
    if silent:
        named = [f"{account}{_since(path)}" for account, path in silent]
        text = f"{region}: no alarm arrives from {len(silent)} accounts: {_shown(named)}"
        yield wrong(text, mend=_RUNBOOK)
    if waiting:
        text = f"{region}: {len(waiting)} accounts wait for their first probe to be judged"
        yield unknown(text, mend=_WAIT)
    proven, rest = by_status[PathStatus.PROVEN], by_status[PathStatus.NOT_POSSIBLE]
    oldest = min((path.proven_at for _, path in proven if path.proven_at), default=None)
    since = f", each since {oldest:%Y-%m-%d %H:%M}" if oldest else ""
    said = [f"{len(proven)} accounts proven{since}"]
    if rest:
        said.append(f"{len(rest)} cannot be proven: {_shown(sorted(_reasons(rest)))}")
    if proven or rest:
        yield ok(f"{region}: {'; '.join(said)}")


def _since(path: AlarmPath) -> str:
    since = f" since {path.silent_since:%Y-%m-%d %H:%M}" if path.silent_since else ""
    return f"{since}, proven before" if path.proven_at else f"{since}, never proven"


def _reasons(paths: Iterable[tuple[str, AlarmPath]]) -> Iterator[str]:
    by_why: dict[str, list[str]] = defaultdict(list)
    for account, path in paths:
        by_why[path.why or "no reason is known"].append(account)
    for why, accounts in by_why.items():
        yield f"{why}: {_shown(accounts)}"


def _shown(texts: list[str]) -> str:
    more = len(texts) - _SHOWN
    return "; ".join([*texts[:_SHOWN], *([f"and {more} more"] if more > 0 else [])])
