"""The report of a sweep: asked of AWS, made, written and announced, as the function is configured."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from rootwarden.aws import clients
from rootwarden.aws.account_recall import AccountRecall
from rootwarden.aws.deployed import EventRules, MemberForwarding, rule_problems
from rootwarden.aws.earlier_reports import overtaken_in_words
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.organizations import (
    AccountRegions,
    OrganizationChecks,
    OrganizationTags,
    answer_or_refusal,
)
from rootwarden.aws.reports_bucket import ReportStore
from rootwarden.aws.security_hub import SecurityHub, security_hub_client
from rootwarden.aws.sns import email_recipients
from rootwarden.aws.state_table import StateTable
from rootwarden.aws.sweep_records import UnheardProbes
from rootwarden.contract.configured import Expectation
from rootwarden.contract.settings import WriteReportSettings
from rootwarden.coverage.paths import unheard
from rootwarden.coverage.rules import DeployedRules
from rootwarden.outcomes import utc_now
from rootwarden.refusals import CallRefused
from rootwarden.report.alarm_paths import Watched
from rootwarden.report.deployment_checks import Instances, Recipients
from rootwarden.report.findings import findings_of, still_open
from rootwarden.report.opted_in_regions import RegionQuestions
from rootwarden.report.owners import OwnerQuestions
from rootwarden.report.report import Report, Setting, Sources, make_report
from rootwarden.sweep.outcome import ReportLocation, SweepCompleted
from rootwarden.sweep.sweep import Sweep

# Of the function's ten minutes: the rest is for owners, Regions and writing.
_SECONDS_TO_LIST = 120.0


@dataclass(frozen=True)
class ReportWriter:
    """Writes the reports of sweeps."""

    settings: WriteReportSettings
    table: StateTable
    store: ReportStore
    security_hub: SecurityHub | None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Make one as the function is configured; raises InvalidSetting."""
        settings = WriteReportSettings.from_environment(environ)
        hub = settings.hub_account_id
        return cls(
            settings=settings,
            table=StateTable(clients.dynamodb(), settings.state_table_name, utc_now),
            store=ReportStore(clients.s3(), settings.bucket_name),
            security_hub=SecurityHub(security_hub_client(), hub) if settings.security_hub else None,
        )

    @property
    def _is_management(self) -> bool:
        return self.settings.hub_account_id == self.settings.management_account_id

    def write(
        self,
        sweep: Sweep,
        expected: tuple[Expectation, ...] | None = None,
        rules: DeployedRules | None = None,
    ) -> tuple[Report, ReportLocation]:
        """Make a sweep's report, write it, and say so on the bus; return it, and where it is."""
        made = make_report(sweep, self._sources(sweep, rules), self._setting(expected), at=utc_now())
        report = self._with_findings(self._probed_again(self._if_overtaken(made)))
        where = self.store.write(report)
        bus = OutcomeBus.of(self.settings)
        bus.publish(SweepCompleted.of(report, where))
        # What nobody was told is news to the next sweep.
        return replace(report, overtaken_by=self.store.mark_latest(report)), where

    def _if_overtaken(self, report: Report) -> Report:
        """Look once more, before anything is changed: what was asked for the report took minutes."""
        if report.overtaken_by or not (later := self.store.overtook(report.sweep)):
            return report
        return replace(report, overtaken_by=later, missing=(*report.missing, overtaken_in_words(later)))

    def _setting(self, expected: tuple[Expectation, ...] | None) -> Setting:
        settings = self.settings
        watched = Watched(
            hub=settings.hub_account_id,
            hub_region=settings.hub_region,
            forwarding=settings.forwarding_regions,
            probed=settings.probed_regions,
        )
        return Setting(
            organization_id=settings.organization_id,
            hub=settings.hub_account_id,
            management=settings.management_account_id,
            watched=watched,
            expected=expected,
        )

    def _sources(self, sweep: Sweep, rules: DeployedRules | None) -> Sources:
        results, missing = self.store.results(sweep)
        undelivered, unlisted = self.store.undelivered(sweep)
        earlier = self.store.before(sweep)
        recall = AccountRecall(self.table)
        checks = OrganizationChecks(clients.own_iam(), clients.organizations(), self._is_management)
        return Sources(
            accounts=self.store.accounts(sweep),
            results=results,
            previous=earlier.source,
            imported=self.store.findings_record() if self.security_hub else None,
            overtaken_by=earlier.overtaken_by,
            answers=replace(checks.ask(), rules=self._rule_problems(rules)),
            regions=self._regions(),
            owners=self._owners(),
            recall=recall,
            windows=recall.windows,
            undelivered=undelivered,
            recipients=self._recipients(),
            members=self._members(),
            missing=(*earlier.missing, *missing, *unlisted),
        )

    def _rule_problems(self, deployed: DeployedRules | None) -> tuple[str, ...] | CallRefused | None:
        """Look at the hub's rules, and the management account's where the hub is that account."""
        if deployed is None:
            return None
        of_management = deployed.management if self._is_management else ()
        return rule_problems(EventRules(clients.events_in), *deployed.bus, *of_management)

    def _regions(self) -> RegionQuestions:
        hub, management = self.settings.hub_account_id, self.settings.management_account_id
        return RegionQuestions(
            forwarded=frozenset(self.settings.forwarding_regions),
            never=frozenset({management} - {hub}),
            ask=AccountRegions(clients.account(), hub).opted_in,
            clock=utc_now,
        )

    def _owners(self) -> OwnerQuestions:
        tags = OrganizationTags(clients.organizations(), self.settings.owner_tag)
        return OwnerQuestions(ask=tags.owner_of, clock=utc_now, pause=time.sleep)

    def _recipients(self) -> Recipients:
        found = answer_or_refusal(lambda: email_recipients(clients.sns(), self.settings.alert_topic_arn))
        return Recipients(configured=self.settings.alert_emails, found=found)

    def _members(self) -> Instances | CallRefused | None:
        if not self._is_management:
            return None
        forwarding = MemberForwarding(clients.organization_cloudformation(), self.settings.name_prefix)
        return answer_or_refusal(
            lambda: Instances.within(_SECONDS_TO_LIST, forwarding.instances(), time.monotonic)
        )

    def _probed_again(self, report: Report) -> Report:
        """Have the next sweep probe again what was not heard, and say so where that fails."""
        if report.overtaken_by:
            return report
        silent = {entry.row.account_id: unheard(entry.paths) for entry in report.entries}
        try:
            UnheardProbes(self.table).write(
                {account_id: regions for account_id, regions in silent.items() if regions}
            )
        except CallRefused as refused:
            text = f"silent Regions are probed again in their own turn only: {refused}"
            return replace(report, missing=(*report.missing, text))
        return report

    def _with_findings(self, report: Report) -> Report:
        """Import the findings before the report is written, so that it says what was not taken."""
        if self.security_hub is None or report.overtaken_by:
            return report
        self.store.put_findings_on_record(report)
        imported = self.security_hub.send(findings_of(report))
        return replace(
            report,
            missing=(*report.missing, *imported.missing),
            open_findings=still_open(report, imported.accounts),
        )
