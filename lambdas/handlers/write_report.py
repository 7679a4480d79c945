"""write_report: a sweep's results → the report → an outcome event."""

import os
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.adapters import clients
from lambdas.adapters.account_recall import AccountRecall
from lambdas.adapters.alert_recipients import email_recipients
from lambdas.adapters.deadline import DEADLINE
from lambdas.adapters.member_forwarding import MemberForwarding
from lambdas.adapters.organization_checks import OrganizationChecks, answered
from lambdas.adapters.outcome_bus import OutcomeBus
from lambdas.adapters.report_store import ReportStore
from lambdas.adapters.security_hub import SecurityHub, security_hub_client
from lambdas.adapters.state_table import StateTable
from lambdas.domain.clock import utc_now
from lambdas.domain.event_fields import Fields
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.report.alert_subscriptions import Recipients
from lambdas.domain.report.checks import PROTECTION, CheckName
from lambdas.domain.report.controls import ControlStatus
from lambdas.domain.report.findings import findings_of, still_open
from lambdas.domain.report.member_stacks import Instance
from lambdas.domain.report.report import Report, Setting, Sources, make_report
from lambdas.domain.sweep import Sweep
from lambdas.domain.sweep_outcome import SweepCompleted
from lambdas.observability import logger, record
from lambdas.settings import WriteReportSettings


@dataclass(frozen=True)
class _Function:
    setting: Setting
    store: ReportStore
    checks: OrganizationChecks
    recall: AccountRecall
    bus: OutcomeBus
    security_hub: SecurityHub | None
    settings: WriteReportSettings

    def handle(self, event: object) -> dict[str, object]:
        sweep = Sweep.from_detail(Fields(event))
        report = self._with_findings(make_report(sweep, self._sources(sweep), self.setting, at=utc_now()))
        where = self.store.write(report)
        self.bus.publish(SweepCompleted.of(report, where))
        _measure(report)
        return {"report": f"s3://{where.bucket}/{where.html}", "totals": report.totals.to_detail()}

    def _sources(self, sweep: Sweep) -> Sources:
        results, missing = self.store.results(sweep)
        undelivered, unlisted = self.store.undelivered(sweep)
        return Sources(
            accounts=self.store.accounts(sweep),
            results=results,
            previous=self.store.previous(sweep),
            answers=self.checks.ask(),
            recall=self.recall,
            undelivered=undelivered,
            recipients=self._recipients(),
            members=self._members(),
            missing=(*missing, *unlisted),
        )

    def _recipients(self) -> Recipients:
        found = answered(lambda: email_recipients(clients.sns(), self.settings.alert_topic_arn))
        return Recipients(configured=self.settings.alert_emails, found=found)

    def _members(self) -> list[Instance] | CallRefused | None:
        if self.settings.hub_account_id != self.settings.management_account_id:
            return None
        return answered(lambda: list(MemberForwarding(clients.organization_cloudformation()).instances()))

    def _with_findings(self, report: Report) -> Report:
        """Import the findings before the report is written, so that it says what was not taken."""
        if self.security_hub is None:
            return report
        imported = self.security_hub.send(findings_of(report))
        return replace(
            report,
            missing=(*report.missing, *imported.missing),
            open_findings=still_open(report, imported.accounts),
        )


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
    # Where no queue was looked into, nobody knows that none holds anything.
    if report.undelivered.looked or report.undelivered.found:
        record("UndeliveredInMembers", report.undelivered.unexpected)
    # Not being able to ask is no proof that everyone is reached.
    if not any(check.name is CheckName.ALERT_SUBSCRIPTIONS and check.code for check in report.checks):
        record("RecipientsUnreached", len(report.unreached))
    record("SweepCompleted")
    logger.info("report written", sweep_id=report.sweep.sweep_id, totals=totals.to_detail())


@cache
def _function() -> _Function:
    settings = WriteReportSettings.from_environment(os.environ)
    hub, management = settings.hub_account_id, settings.management_account_id
    return _Function(
        setting=Setting(organization_id=settings.organization_id, hub=hub, management=management),
        store=ReportStore(clients.s3(), settings.bucket_name),
        checks=OrganizationChecks(clients.own_iam(), clients.organizations(), hub == management),
        recall=AccountRecall(StateTable(clients.dynamodb(), settings.state_table_name)),
        bus=OutcomeBus(clients.events(), settings.event_bus_name),
        security_hub=SecurityHub(security_hub_client(), hub) if settings.security_hub else None,
        settings=settings,
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Write the report of a sweep; return where it is, and its totals."""
    DEADLINE.begin(context)
    return _function().handle(event)
