"""write_report: a sweep's results → the report → an outcome event."""

import os
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rootwarden.aws import clients
from rootwarden.aws.account_recall import AccountRecall
from rootwarden.aws.clients import DEADLINE
from rootwarden.aws.event_bus import EventRules, OutcomeBus, rule_problems
from rootwarden.aws.member_forwarding import MemberForwarding
from rootwarden.aws.observability import logger, record
from rootwarden.aws.organizations import AccountRegions, OrganizationChecks, answered
from rootwarden.aws.reports_bucket import ReportStore
from rootwarden.aws.security_hub import SecurityHub, security_hub_client
from rootwarden.aws.sns import email_recipients
from rootwarden.aws.state_table import StateTable
from rootwarden.aws.sweep_records import UnheardProbes
from rootwarden.contract.settings import WriteReportSettings
from rootwarden.coverage.paths import unheard
from rootwarden.coverage.rules import RuleGroup
from rootwarden.event_fields import Fields
from rootwarden.hardening.removal import CallRefused
from rootwarden.outcomes import utc_now
from rootwarden.report.alarm_paths import Watched
from rootwarden.report.checks import PROTECTION, CheckName
from rootwarden.report.controls import ControlStatus
from rootwarden.report.deployment_checks import Instance, Recipients
from rootwarden.report.findings import findings_of, still_open
from rootwarden.report.opted_in_regions import RegionQuestions
from rootwarden.report.report import Report, Setting, Sources, make_report
from rootwarden.sweep.outcome import SweepCompleted
from rootwarden.sweep.sweep import Sweep


@dataclass(frozen=True)
class _Function:
    setting: Setting
    store: ReportStore
    checks: OrganizationChecks
    regions: RegionQuestions
    recall: AccountRecall
    rules: EventRules
    rule_groups: tuple[RuleGroup, ...]
    unheard: UnheardProbes
    bus: OutcomeBus
    security_hub: SecurityHub | None
    settings: WriteReportSettings

    def handle(self, event: object) -> dict[str, object]:
        sweep = Sweep.from_detail(Fields(event))
        made = make_report(sweep, self._sources(sweep), self.setting, at=utc_now())
        report = self._with_findings(self._probed_again(made))
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
            answers=replace(self.checks.ask(), rules=rule_problems(self.rules, *self.rule_groups)),
            regions=self.regions,
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

    def _probed_again(self, report: Report) -> Report:
        """Have the next sweep probe again what was not heard, and say so where that fails."""
        silent = {entry.row.account_id: unheard(entry.paths) for entry in report.entries}
        try:
            self.unheard.write({account_id: regions for account_id, regions in silent.items() if regions})
        except CallRefused as refused:
            text = f"silent Regions are probed again in their own turn only: {refused}"
            return replace(report, missing=(*report.missing, text))
        return report

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
    paths = report.path_totals
    if CheckName.FORWARDING not in {check.name for check in report.checks if check.code}:
        record("PathsProven", paths.proven)
        record("PathsSilent", paths.silent)
        record("PathsLost", paths.lost)
    # Not being able to ask is no proof that everyone is reached.
    if not any(check.name is CheckName.ALERT_SUBSCRIPTIONS and check.code for check in report.checks):
        record("RecipientsUnreached", len(report.unreached))
    record("SweepCompleted")
    logger.info("report written", sweep_id=report.sweep.sweep_id, totals=totals.to_detail())


@cache
def _function() -> _Function:
    settings = WriteReportSettings.from_environment(os.environ)
    hub, management = settings.hub_account_id, settings.management_account_id
    table = StateTable(clients.dynamodb(), settings.state_table_name)
    watched = Watched(
        hub=hub,
        hub_region=settings.hub_region,
        forwarding=settings.forwarding_regions,
        probed=settings.probed_regions,
    )
    return _Function(
        setting=Setting(
            organization_id=settings.organization_id, hub=hub, management=management, watched=watched
        ),
        store=ReportStore(clients.s3(), settings.bucket_name),
        checks=OrganizationChecks(clients.own_iam(), clients.organizations(), hub == management),
        regions=RegionQuestions(
            forwarded=frozenset(settings.forwarding_regions),
            never=frozenset({management} - {hub}),
            ask=AccountRegions(clients.account(), hub).opted_in,
            clock=utc_now,
        ),
        recall=AccountRecall(table),
        rules=EventRules(clients.events_in),
        rule_groups=(
            *RuleGroup.read_all(settings.bus_rules),
            *(RuleGroup.read_all(settings.management_rules) if hub == management else ()),
        ),
        unheard=UnheardProbes(table, utc_now),
        bus=OutcomeBus(clients.events(), settings.event_bus_name),
        security_hub=SecurityHub(security_hub_client(), hub) if settings.security_hub else None,
        settings=settings,
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Write the report of a sweep; return where it is, and its totals."""
    DEADLINE.begin(context)
    return _function().handle(event)
