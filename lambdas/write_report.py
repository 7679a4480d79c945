"""write_report: a sweep's results → the report → an outcome event."""

from rootwarden.aws.function import Event, entry_point, logger, made_once, record
from rootwarden.aws.report_writing import ReportWriter
from rootwarden.contract.configured import Expectation
from rootwarden.coverage.rules import DeployedRules
from rootwarden.event_fields import Fields
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
    record("SweepCompleted")
    logger.info("report written", sweep_id=report.sweep.sweep_id, totals=report.totals.to_detail())
    return {"report": f"s3://{where.bucket}/{where.html}", "totals": report.totals.to_detail()}


def _measure(report: Report) -> None:
    totals = report.totals
    record("AccountsClean", totals.proven)
    record("AccountsExposed", totals.exposed + totals.partial)
    record("AccountsUnreachable", totals.unreachable)
    protection = [check.status for check in report.checks if check.name in PROTECTION]
    off = protection.count(ControlStatus.FAIL)
    # Not being able to ask is no proof that everything is on.
    if off or ControlStatus.UNKNOWN not in protection:
        record("FeaturesOff", off)
    # Where no queue was looked into, it is not known that none holds anything.
    if report.undelivered.looked or report.undelivered.found:
        record("UndeliveredInMembers", report.undelivered.unexpected)
    paths = report.path_totals
    if CheckName.FORWARDING not in {check.name for check in report.checks if check.code}:
        record("PathsProven", paths.proven)
        record("PathsSilent", paths.silent)
        record("PathsLost", paths.lost)
    # Not being able to ask is no proof that everyone is reached.
    if not any(check.name is CheckName.ALERT_SUBSCRIPTIONS and check.code for check in report.checks):
        record("RecipientsUnreached", len(report.unreached))
