"""What of a report becomes CloudWatch metrics. Alarms hang on them: what is not known is no number."""

from collections.abc import Iterator

from rootwarden.report.checks import PROTECTION, CheckName
from rootwarden.report.controls import ControlStatus
from rootwarden.report.report import Report


def metrics_of(report: Report) -> dict[str, int]:
    """Return the metrics by their names; none of an older sweep, which must not follow a newer one's."""
    return {} if report.overtaken_by else dict(_metrics(report))


def _metrics(report: Report) -> Iterator[tuple[str, int]]:
    totals, paths = report.totals, report.path_totals
    yield "AccountsClean", totals.proven
    yield "AccountsExposed", totals.exposed + totals.partial
    yield "AccountsUnreachable", totals.unreachable
    protection = [check.status for check in report.checks if check.name in PROTECTION]
    off = protection.count(ControlStatus.FAIL)
    # Not being able to ask is no proof that everything is on.
    if off or ControlStatus.UNKNOWN not in protection:
        yield "FeaturesOff", off
    # Where no queue was looked into, it is not known that none holds anything.
    if report.undelivered.looked or report.undelivered.found:
        yield "UndeliveredInMembers", report.undelivered.unexpected
    unasked = {check.name for check in report.checks if check.code}
    if CheckName.FORWARDING not in unasked:
        yield "PathsProven", paths.proven
        yield "PathsSilent", paths.silent
        yield "PathsLost", paths.lost
    # Nor that everyone is reached.
    if CheckName.ALERT_SUBSCRIPTIONS not in unasked:
        yield "RecipientsUnreached", len(report.unreached)
