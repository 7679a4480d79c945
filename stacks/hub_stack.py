"""The hub: where events are decided on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Environment, Stack

from stacks.constructs.alert_topic import AlertTopic
from stacks.constructs.bus import Bus
from stacks.constructs.encryption_key import EncryptionKey
from stacks.constructs.foundation import Foundation
from stacks.constructs.hardening import Hardening
from stacks.constructs.leaving import Leaving
from stacks.constructs.notification import Notification
from stacks.constructs.operations import Operations
from stacks.constructs.organization_sweep import OrganizationSweep
from stacks.constructs.python_function import DependencyLayer
from stacks.constructs.root_activity import RootActivity
from stacks.constructs.state_table import StateTable

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.config import Configuration


class HubStack(Stack):
    """Composes the hub in its account and Region; holds no resources itself."""

    def __init__(self, scope: Construct, construct_id: str, *, configuration: Configuration) -> None:
        """Put the constructs together."""
        super().__init__(
            scope,
            construct_id,
            description="rootwarden: hardens new accounts and alerts on the use of root",
            env=Environment(account=configuration.hub_account_id, region=configuration.hub_region),
        )
        key = EncryptionKey(self, "Key")
        foundation = Foundation(
            configuration=configuration,
            key=key,
            bus=Bus(self, "Bus", configuration=configuration),
            state=StateTable(self, "State"),
            alerts=AlertTopic(self, "Alerts", emails=configuration.alert_emails, key=key),
            layer=DependencyLayer(self, "Dependencies"),
        )
        hardening = Hardening(self, "Hardening", foundation=foundation)
        sweep = OrganizationSweep(self, "OrganizationSweep", foundation=foundation)
        own_roles = [hardening.role, sweep.role]
        activity = RootActivity(self, "RootActivity", foundation=foundation, sanctioned_roles=own_roles)
        leaving = Leaving(self, "Leaving", foundation=foundation)
        notification = Notification(self, "Notification", foundation=foundation)
        work = [part.work for part in (hardening, activity, leaving, notification)]
        Operations(self, "Operations", foundation=foundation, work=work, sweep=sweep)
