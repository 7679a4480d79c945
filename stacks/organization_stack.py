"""What belongs to the organization as a whole."""

from aws_cdk import Environment, Stack
from constructs import Construct

from rootwarden.contract.regions import GLOBAL_SERVICES_REGION
from stacks.configuration.configuration import Configuration
from stacks.constructs.alarms import AlertTopic
from stacks.constructs.deny_root import DenyRoot
from stacks.constructs.enabling import Enabling, enabling_calls
from stacks.constructs.forwarding import Forwarding, management_patterns
from stacks.constructs.member_forwarding import MemberForwarding
from stacks.constructs.standards import described
from stacks.forwarding_stack import DENY_ROOT_PARAMETER, member_template


class OrganizationStack(Stack):
    """Composes the management account's part, in us-east-1: root access on, events to the hub."""

    def __init__(self, scope: Construct, construct_id: str, *, configuration: Configuration) -> None:
        super().__init__(
            scope,
            construct_id,
            description=described("centralized root access, and the organization's events"),
            env=Environment(account=configuration.management_account_id, region=GLOBAL_SERVICES_REGION),
        )
        units = configuration.deny_root_organizational_units
        deny_root = self._deny_root(configuration) if units else None
        self._enable(configuration, deny_root)
        self._forward(configuration, deny_root)

    def _deny_root(self, configuration: Configuration) -> str:
        return DenyRoot(
            self,
            "DenyRoot",
            name=configuration.named("rootwarden-deny-root"),
            organizational_units=configuration.deny_root_organizational_units,
        ).policy_id

    def _enable(self, configuration: Configuration, deny_root: str | None) -> None:
        enabling = Enabling(
            self,
            "Enabling",
            calls=enabling_calls(self, configuration=configuration),
            log_retention_days=configuration.log_retention_days,
        )
        members = MemberForwarding(
            self,
            "Members",
            configuration=configuration,
            template=member_template(configuration=configuration),
            parameters={DENY_ROOT_PARAMETER: deny_root} if deny_root else {},
        )
        members.node.add_dependency(enabling)

    def _forward(self, configuration: Configuration, deny_root: str | None) -> None:
        own = [deny_root] if deny_root else []
        Forwarding(
            self,
            "Forwarding",
            patterns=management_patterns(
                GLOBAL_SERVICES_REGION,
                configuration,
                policies=[*own, *configuration.protecting_policies],
            ),
            configuration=configuration,
            alerts=AlertTopic(
                self, "Alerts", emails=configuration.alert_emails, runbook_url=configuration.runbook_url
            ),
        )
