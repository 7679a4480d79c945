"""The functions of a sweep: each without a queue, because the state machine waits for its answer."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from rootwarden.contract.functions import AUDIT, DELETE, Caller
from rootwarden.contract.regions import GLOBAL_SERVICES_REGION
from stacks.constructs.encryption_key import grant_use
from stacks.constructs.evidence_bucket import REPORTS, WORK, EvidenceBucket
from stacks.constructs.foundation import Foundation
from stacks.constructs.grants import grant, grant_any_resource, grant_matching
from stacks.constructs.member_forwarding import grant_list_instances
from stacks.constructs.organization_access import (
    grant_describe_accounts,
    grant_list_regions,
    grant_look_at_targets,
    grant_root_sessions,
)
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.queues import COLLECTOR_ROLE_NAME, QUEUE_NAME, EventQueue

_AUDITING_THREADS = 16
# Of the organization as a whole: none of these calls knows resources.
_CHECKS = (
    "events:ListRules",
    "iam:ListOrganizationsFeatures",
    "organizations:ListAWSServiceAccessForOrganization",
    "organizations:ListDelegatedAdministrators",
)


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

    @property
    def by_sweep(self) -> tuple[lambda_.IFunction, ...]:
        """The same as a sweep invokes them: by an alias those that people may invoke as well."""
        collecting, auditing = (
            function.alias_of(Caller.SWEEP) for function in (self.collect_undelivered, self.audit_accounts)
        )
        return (self.list_accounts, collecting, auditing, self.write_report)

    def _list_accounts(self) -> PythonFunction:
        function = self._function("ListAccounts", "list_accounts")
        # Organizations takes no account for ListAccounts: who may list at all lists every account.
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
            memory_size=512,
            threads=_AUDITING_THREADS,
            requests_per_second=sweep.requests_per_second_of_a_worker,
            probe_turn_hours=configuration.coverage.turn_hours(sweep.hours_between),
        )
        role = function.own_role
        tasks = [AUDIT, *([DELETE] if sweep.may_enforce else [])]
        self.sessions = grant_root_sessions(role, tasks=tasks)
        if sweep.may_enforce or any(entry.ou for entry in configuration.exemptions):
            grant_describe_accounts(role, configuration=configuration)
        self._foundation.state.grant_remember_many(role, claims=sweep.may_enforce)
        self._foundation.bus.grant_publish_outcomes(role, of_accounts=sweep.may_enforce)
        self._bucket.allow_put(role, f"{WORK}*")
        return function

    def _write_report(self) -> PythonFunction:
        configuration = self._foundation.configuration
        function = self._function("WriteReport", "write_report", memory_size=1024)
        role = function.own_role
        own_root = [] if configuration.hub_is_delegated_administrator else ["iam:GetAccountSummary"]
        grant_any_resource(role, "CheckProtection", [*own_root, *_CHECKS])
        grant_describe_accounts(role, configuration=configuration)
        grant_list_regions(role, configuration=configuration)
        grant_look_at_targets(role, configuration=configuration)
        self._foundation.alerts.grant_list_subscriptions(role)
        if not configuration.hub_is_delegated_administrator:
            grant_list_instances(role, self._foundation.configuration)
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
        grant(role, "Findings", ["securityhub:BatchImportFindings"], [product])

    def _function(
        self, construct_id: str, name: str, *, memory_size: int = 256, **settings: object
    ) -> PythonFunction:
        return PythonFunction(
            self,
            construct_id,
            name=name,
            memory_size=memory_size,
            foundation=self._foundation,
            settings={"bucket_name": self._bucket.bucket_name, **settings},
        )


_COLLECTING_THREADS = 16


class CollectUndelivered(PythonFunction):
    """Takes events out of accounts' own queues, and puts them on the queues of the hub's functions."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        foundation: Foundation,
        bucket: EvidenceBucket,
        queues: Sequence[EventQueue],
    ) -> None:
        """Create the function; `queues` are those that rules on other accounts' events aim at."""
        configuration = foundation.configuration
        regions = (GLOBAL_SERVICES_REGION, *configuration.other_management_regions)
        super().__init__(
            scope,
            construct_id,
            name="collect_undelivered",
            memory_size=512,
            foundation=foundation,
            # The accounts' queues know the role by this name.
            role_name=configuration.named(COLLECTOR_ROLE_NAME),
            settings={
                "bucket_name": bucket.bucket_name,
                "undelivered_name": configuration.named(QUEUE_NAME),
                "queue_urls": [queue.queue_url for queue in queues],
                "management_regions": list(dict.fromkeys(regions)),
                "threads": _COLLECTING_THREADS,
            },
        )
        grant_matching(
            self.own_role,
            "TakeUndelivered",
            ["sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:DeleteMessage"],
            f"sqs:*:*:{configuration.named(QUEUE_NAME)}",
            because="One queue of this name in every account and Region; only where its policy lets the"
            " role in can it be read.",
        )
        grant(self.own_role, "SendToFunctions", ["sqs:SendMessage"], [queue.queue_arn for queue in queues])
        grant_any_resource(self.own_role, "ReadRules", ["events:ListRules", "events:ListRuleNamesByTarget"])
        grant_use(foundation.key, self.own_role, writes=True)
        bucket.allow_put(self.own_role, f"{WORK}*")
