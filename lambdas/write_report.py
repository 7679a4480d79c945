"""write_report: a sweep's results → the report → an outcome event."""

from rootwarden.aws.function import Event, entry_point, logger, made_once, put_metric
from rootwarden.aws.report_writing import ReportWriter
from rootwarden.contract.configured import Expectation
from rootwarden.coverage.rules import DeployedRules
from rootwarden.events import Fields
from rootwarden.report.metrics import metrics_of
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
    for name, value in metrics_of(report).items():
        put_metric(name, value)
    put_metric("SweepCompleted")
    logger.info("report written", sweep_id=report.sweep.sweep_id, totals=report.totals.to_detail())
    return {"report": f"s3://{where.bucket}/{where.html}", "totals": report.totals.to_detail()}
