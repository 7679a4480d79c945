"""write_report: a sweep's results → the report → an outcome event."""

from rootwarden.aws.function import Event, entry_point, logger, made_once, put_metric
from rootwarden.aws.report_writing import ReportWriter
from rootwarden.contract.configured import Expectation
from rootwarden.coverage.rules import DeployedRules
from rootwarden.events import Fields
from rootwarden.report.checks import PROTECTION, CheckName
from rootwarden.report.controls import ControlStatus
from rootwarden.report.report import Report
from rootwarden.sweep.sweep import Sweep

_function = made_once(ReportWriter.from_environment)


@entry_point
def handler(event: Event) -> dict[str, object]:
    """Write the report of a sweep; return where it is, and its totals."""
    fields = Fields(event)
    # By the state machine: there is no room for both in the function's environment.
    told, known = fields.has("expected"), fields.optional_object("rules")
    expected = tuple(map(Expectation.from_detail, fields.objects("expected"))) if told else None
    rules = DeployedRules.from_detail(known) if known else None
    report, where = _function().write(Sweep.from_detail(fields), expected, rules)
    # An older sweep's numbers must not follow a newer one's.
    if not report.overtaken_by:
        _measure(report)
    put_metric("SweepCompleted")
    logger.info("report written", sweep_id=report.sweep.sweep_id, totals=report.totals.to_detail())
    return {"report": f"s3://{where.bucket}/{where.html}", "totals": report.totals.to_detail()}


def _measure(report: Report) -> None:
    totals = report.totals
    put_metric("AccountsClean", totals.proven)
    put_metric("AccountsExposed", totals.exposed + totals.partial)
    put_metric("AccountsUnreachable", totals.unreachable)
    protection = [check.status for check in report.checks if check.name in PROTECTION]
    off = protection.count(ControlStatus.FAIL)
    # Not being able to ask is no proof that everything is on.
    if off or ControlStatus.UNKNOWN not in protection:
        put_metric("FeaturesOff", off)
    # Where no queue was looked into, it is not known that none holds anything.
    if report.undelivered.looked or report.undelivered.found:
        put_metric("UndeliveredInMembers", report.undelivered.unexpected)
    paths = report.path_totals
    if CheckName.FORWARDING not in {check.name for check in report.checks if check.code}:
        put_metric("PathsProven", paths.proven)
        put_metric("PathsSilent", paths.silent)
        put_metric("PathsLost", paths.lost)
    # Not being able to ask is no proof that everyone is reached.
    if not any(check.name is CheckName.ALERT_SUBSCRIPTIONS and check.code for check in report.checks):
        put_metric("RecipientsUnreached", len(report.unreached))
