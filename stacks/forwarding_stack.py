"""One account and Region that forwards to the hub: a stack of its own, or a StackSet's template."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

from aws_cdk import App, BootstraplessSynthesizer, Environment, Stack, Validations
from cdk_nag import AwsSolutionsChecks

from stacks.constructs.alert_topic import AlertTopic
from stacks.constructs.bus import hub_bus
from stacks.constructs.forwarding import Forwarding
from stacks.event_patterns import root_activity
from stacks.management_patterns import management_patterns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from stacks.config import Configuration
    from stacks.event_patterns import EventPattern


class ForwardingStack(Stack):
    """Composes a forwarding account and Region; needs no bootstrapping, as it has no assets."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        configuration: Configuration,
        patterns: Sequence[EventPattern],
        alert_emails: Sequence[str] = (),
        env: Environment | None = None,
    ) -> None:
        """Forward `patterns`; without `env` the template fits any account and Region."""
        super().__init__(
            scope,
            construct_id,
            description="rootwarden: forwards root activity to the hub",
            env=env,
            synthesizer=BootstraplessSynthesizer(),
        )
        Forwarding(
            self,
            "Forwarding",
            patterns=patterns,
            hub_bus=hub_bus(self, "HubBus", configuration=configuration),
            alerts=AlertTopic(self, "Alerts", emails=alert_emails) if alert_emails else None,
        )


def management_forwarding(scope: Construct, *, configuration: Configuration) -> list[ForwardingStack]:
    """Return a stack for each Region the management account forwards from besides us-east-1.

    StackSets never reach the management account, and Control Tower's events exist in its home
    Region alone.
    """
    return [
        ForwardingStack(
            scope,
            f"RootWardenForwarding-{region}",
            configuration=configuration,
            patterns=management_patterns(region, configuration),
            alert_emails=configuration.alert_emails,
            env=Environment(account=configuration.management_account_id, region=region),
        )
        for region in configuration.other_management_regions
    ]


def member_template(*, configuration: Configuration) -> dict[str, Any]:
    """Return the template every member account gets, checked by cdk-nag like the others."""
    with tempfile.TemporaryDirectory() as directory:
        app = App(outdir=directory, analytics_reporting=False, auto_synth=False)
        stack = ForwardingStack(
            app,
            "RootWardenMember",
            configuration=configuration,
            patterns=root_activity(read_only_calls=configuration.forward_read_only_calls),
        )
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
        template: dict[str, Any] = app.synth().get_stack_by_name(stack.stack_name).template
    return template
