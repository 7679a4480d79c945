"""One account and Region that forwards to the hub: a stack of its own, or a StackSet's template."""

import tempfile
from collections.abc import Sequence
from typing import Any

from aws_cdk import App, BootstraplessSynthesizer, CfnParameter, Environment, Fn, Stack, Validations
from cdk_nag import AwsSolutionsChecks
from constructs import Construct

from rootwarden.contract.event_patterns import root_activity
from rootwarden.contract.pattern import EventPattern
from rootwarden.contract.watch_patterns import WATCH, protecting_policies
from stacks.configuration.configuration import Configuration
from stacks.constructs.forwarding import Forwarding, management_patterns
from stacks.constructs.standards import apply_standards, described

# The deny-root policy's id, which exists only once the policy does.
DENY_ROOT_PARAMETER = "DenyRootPolicyId"
_PURPOSE = "forwards root activity to the hub"


class ForwardingStack(Stack):
    """Composes a forwarding account and Region; needs no bootstrapping, as it has no assets.

    The members' template does not name its version: it would change with each release, and every account
    would be updated for a description.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        configuration: Configuration,
        patterns: Sequence[EventPattern],
        env: Environment | None = None,
    ) -> None:
        """Forward `patterns`; without `env` the template fits any account and Region."""
        super().__init__(
            scope,
            construct_id,
            description=described(_PURPOSE) if env else f"rootwarden: {_PURPOSE}",
            env=env,
            synthesizer=BootstraplessSynthesizer(),
        )
        Forwarding(
            self,
            "Forwarding",
            patterns=patterns,
            configuration=configuration,
        )


def management_forwarding(scope: Construct, *, configuration: Configuration) -> list[ForwardingStack]:
    """Return a stack for each Region the management account forwards from besides us-east-1.

    StackSets never reach the management account, and Control Tower's events exist in its home
    Region alone. A StackSet of the management account's own would need a role there that may rewrite
    the watch at any time; stacks need no role that stays. They have no topic: each would ask every
    address to confirm once more.
    """
    return [
        ForwardingStack(
            scope,
            configuration.named(f"RootWardenForwarding-{region}"),
            configuration=configuration,
            patterns=management_patterns(region, configuration),
            env=Environment(account=configuration.management_account_id, region=region),
        )
        for region in configuration.other_management_regions
    ]


def member_template(*, configuration: Configuration) -> dict[str, Any]:
    """Return the template every member account gets, checked by cdk-nag like the others."""
    own = [Fn.ref(DENY_ROOT_PARAMETER)] if configuration.deny_root_organizational_units else []
    with tempfile.TemporaryDirectory() as directory:
        app = App(outdir=directory, analytics_reporting=False, auto_synth=False)
        stack = ForwardingStack(
            app,
            "RootWardenMember",
            configuration=configuration,
            patterns=(
                *root_activity(read_only_calls=configuration.forward_read_only_calls),
                *WATCH,
                *protecting_policies([*own, *configuration.protecting_policies]),
            ),
        )
        if own:
            CfnParameter(stack, DENY_ROOT_PARAMETER, description="The id of the deny-root policy")
        apply_standards(app, configuration)
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
        template: dict[str, Any] = app.synth().get_stack_by_name(stack.stack_name).template
    return template
