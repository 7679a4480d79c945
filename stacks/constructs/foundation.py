"""What every construct of the hub stands on."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from stacks.configuration.configuration import Configuration
from stacks.constructs.alarms import AlertTopic
from stacks.constructs.bus import Bus
from stacks.constructs.state_table import StateTable


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """The shared constructs of one hub, handed on as a whole."""

    configuration: Configuration
    key: kms.IKey
    bus: Bus
    state: StateTable
    alerts: AlertTopic
    layer: lambda_.ILayerVersion

    @property
    def settings(self) -> Mapping[str, object]:
        """What is the same for every function that reads it."""
        configuration = self.configuration
        return {
            "state_table_name": self.state.table_name,
            "event_bus_name": self.bus.event_bus_name,
            "alert_topic_arn": self.alerts.topic_arn,
            "alert_emails": configuration.alert_emails,
            "name_prefix": configuration.name_prefix or None,
            "management_account_id": configuration.management_account_id,
            "organization_id": configuration.organization_id,
            "hub_account_id": configuration.hub_account_id,
            "hub_region": configuration.hub_region,
            "forwarding_regions": configuration.forwarding_regions,
            "probed_regions": configuration.probed_regions,
            "expected": [entry.expectation for entry in configuration.expected],
            "owner_tag": configuration.owner_tag,
            "runbook_url": configuration.runbook_url,
            "identity_center_start_url": configuration.identity_center.start_url,
            "identity_center_permission_set": configuration.identity_center.permission_set,
            "exemptions": [entry.exemption for entry in configuration.exemptions],
            "hardening_modes": configuration.hardening.modes,
            "keep_used_within_days": configuration.hardening.keep_used_within_days,
            "sweep_mode": configuration.sweep.mode,
            "security_hub": configuration.sweep.security_hub,
            "recovery_max_hours": configuration.recovery.max_hours,
            "recovery_max_hours_per_week": configuration.recovery.max_hours_per_week,
        }
