"""The functions of a sweep: each without a queue, because the state machine waits for its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.config import compact_json
from stacks.constructs.collecting import CollectUndelivered
from stacks.constructs.deployed_rules import rules_of_bus, rules_of_management
from stacks.constructs.evidence_bucket import REPORTS, WORK
from stacks.constructs.member_forwarding import grant_list_instances
from stacks.constructs.organization_access import (
    grant_any_resource,
    grant_describe_accounts,
    grant_list_regions,
    grant_look_at_targets,
)
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.task_sessions import AUDIT_TASK, DELETE_TASK, grant_root_sessions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stacks.constructs.deployed_rules import RuleGroup
    from stacks.constructs.evidence_bucket import EvidenceBucket
    from stacks.constructs.foundation import Foundation
    from stacks.constructs.queued_function import QueuedFunction
    from stacks.constructs.queues import EventQueue

_THREADS = 16
BATCH_TIMEOUT = Duration.seconds(140)


class SweepFunctions(Construct):
    """Listing, collecting, auditing and reporting, each with only what it needs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        foundation: Foundation,
        bucket: EvidenceBucket,
        queues: Sequence[EventQueue],
    ) -> None:
        """Create the functions; what they find goes into `bucket`, what they bring in onto `queues`."""
        super().__init__(scope, construct_id)
        self._foundation = foundation
        self._bucket = bucket
        self.list_accounts = self._list_accounts()
        self.collect_undelivered = CollectUndelivered(
            self, "CollectUndelivered", foundation=foundation, bucket=bucket, queues=queues
        )
        self.audit_accounts = self._audit_accounts()
        self.write_report = self._write_report()

    @property
    def all(self) -> tuple[PythonFunction, ...]:
        """The functions in the order a sweep needs them."""
        return (self.list_accounts, self.collect_undelivered, self.audit_accounts, self.write_report)

    def look_at_rules_of(self, work: Sequence[QueuedFunction]) -> None:
        """Have every report say whether the bus's rules are still as deployed."""
        rules = rules_of_bus(self, work, self._foundation.configuration)
        self.write_report.add_environment("BUS_RULES", self._rules(rules))

    def _rules(self, groups: Sequence[RuleGroup]) -> str:
        return Stack.of(self).to_json_string(groups)

    def _list_accounts(self) -> PythonFunction:
        function = self._function(
            "ListAccounts",
            "list_accounts",
            {"SWEEP_MODE": self._foundation.configuration.sweep.mode},
            timeout=Duration.minutes(5),
            memory_size=256,
        )
        # Organizations takes no account for ListAccounts: whoever may list at all lists everyone.
        grant_any_resource(function.own_role, "ListAccounts", ["organizations:ListAccounts"])
        # Before the first report: whether the organization's stack is there yet.
        grant_any_resource(function.own_role, "IsOrganizationThere", ["iam:ListOrganizationsFeatures"])
        self._bucket.allow_list(function.own_role, f"{REPORTS}*")
        self._bucket.allow_put(function.own_role, f"{WORK}*")
        return function

    def _audit_accounts(self) -> PythonFunction:
        configuration, sweep = self._foundation.configuration, self._foundation.configuration.sweep
        function = self._function(
            "AuditAccounts",
            "audit_accounts",
            {
                **self._of_the_organization(),
                "EXEMPTIONS": configuration.exemptions_json(),
                "REMOVE_RECENTLY_USED_KEYS": str(configuration.remove_recently_used_keys).lower(),
                "SWEEP_MODE": sweep.mode,
                "THREADS": str(_THREADS),
                "REQUESTS_PER_SECOND": f"{sweep.requests_per_second_of_a_worker:g}",
                "PROBED_REGIONS": compact_json(configuration.probed_regions),
                "PROBE_TURN_HOURS": str(configuration.coverage.turn_hours(sweep.hours_between)),
            },
            timeout=BATCH_TIMEOUT,
            memory_size=512,
        )
        role = function.own_role
        tasks = [AUDIT_TASK, *([DELETE_TASK] if sweep.may_enforce else [])]
        self.sessions = grant_root_sessions(role, tasks=tasks)
        grant_describe_accounts(role, configuration=configuration)
        self._foundation.state.grant_remember_many(role, claims=sweep.may_enforce)
        if sweep.may_enforce:
            self._foundation.bus.grant_publish_outcomes(role)
        self._bucket.allow_put(role, f"{WORK}*")
        return function

    def _write_report(self) -> PythonFunction:
        configuration = self._foundation.configuration
        function = self._function(
            "WriteReport",
            "write_report",
            {
                **self._of_the_organization(),
                "HUB_ACCOUNT_ID": configuration.hub_account_id,
                "FORWARDING_REGIONS": compact_json(configuration.forwarding_regions),
                "ALERT_TOPIC_ARN": self._foundation.alerts.topic_arn,
                "ALERT_EMAILS": compact_json(list(configuration.alert_emails)),
                "SECURITY_HUB": str(configuration.sweep.security_hub).lower(),
                "HUB_REGION": configuration.hub_region,
                "PROBED_REGIONS": compact_json(configuration.probed_regions),
                "MANAGEMENT_RULES": self._rules(rules_of_management(self, configuration)),
            },
            timeout=Duration.minutes(10),
            memory_size=1024,
        )
        role = function.own_role
        own_root = [] if configuration.hub_is_delegated_administrator else ["iam:GetAccountSummary"]
        grant_any_resource(role, "CheckProtection", [*own_root, *_CHECKS])
        grant_list_regions(role, configuration=configuration)
        grant_look_at_targets(role, configuration=configuration)
        self._foundation.alerts.grant_list_subscriptions(role)
        if not configuration.hub_is_delegated_administrator:
            grant_list_instances(role)
        self._foundation.state.grant_recall_many(role)
        self._foundation.bus.grant_publish_outcomes(role)
        self._bucket.allow_get(role, f"{WORK}*", f"{REPORTS}*")
        self._bucket.allow_list(role, f"{WORK}*", f"{REPORTS}*")
        self._bucket.allow_put(role, f"{REPORTS}*")
        if configuration.sweep.security_hub:
            self._grant_findings(role)
        return function

    def _grant_findings(self, role: iam.Role) -> None:
        product = Stack.of(self).format_arn(
            service="securityhub",
            resource="product",
            resource_name=f"{self._foundation.configuration.hub_account_id}/default",
        )
        role.add_to_policy(
            iam.PolicyStatement(
                sid="Findings", actions=["securityhub:BatchImportFindings"], resources=[product]
            )
        )

    def _of_the_organization(self) -> dict[str, str]:
        foundation, configuration = self._foundation, self._foundation.configuration
        return {
            "STATE_TABLE_NAME": foundation.state.table_name,
            "EVENT_BUS_NAME": foundation.bus.event_bus_name,
            "MANAGEMENT_ACCOUNT_ID": configuration.management_account_id,
            "ORGANIZATION_ID": configuration.organization_id,
        }

    def _function(
        self,
        construct_id: str,
        module: str,
        environment: Mapping[str, str],
        *,
        timeout: Duration,
        memory_size: int,
    ) -> PythonFunction:
        return PythonFunction(
            self,
            construct_id,
            handler=f"lambdas.{module}.handler",
            environment={"BUCKET_NAME": self._bucket.bucket_name, **environment},
            timeout=timeout,
            memory_size=memory_size,
            foundation=self._foundation,
        )


# Of the organization as a whole: none of these calls knows resources.
_CHECKS = (
    "events:ListRules",
    "iam:ListOrganizationsFeatures",
    "organizations:ListAWSServiceAccessForOrganization",
    "organizations:ListDelegatedAdministrators",
)
