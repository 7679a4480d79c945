"""Every member account forwards its root activity."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_cdk import CfnStackSet
from constructs import Construct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.config import Configuration


class MemberForwarding(Construct):
    """A service-managed StackSet: accounts that join later get it too, those that leave lose it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        configuration: Configuration,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
    ) -> None:
        """Deploy `template`, which travels inline: nothing has to be uploaded or read by anyone."""
        super().__init__(scope, construct_id)
        CfnStackSet(
            self,
            "StackSet",
            stack_set_name="rootwarden-forwarding",
            description="rootwarden: root activity of member accounts goes to the hub",
            permission_model="SERVICE_MANAGED",
            call_as="SELF",
            capabilities=["CAPABILITY_IAM"],
            auto_deployment=CfnStackSet.AutoDeploymentProperty(
                enabled=True, retain_stacks_on_account_removal=False
            ),
            managed_execution={"Active": True},
            # One account that cannot be reached must not keep the others from being watched.
            operation_preferences=CfnStackSet.OperationPreferencesProperty(
                failure_tolerance_percentage=100,
                max_concurrent_percentage=100,
                region_concurrency_type="PARALLEL",
            ),
            stack_instances_group=[
                CfnStackSet.StackInstancesProperty(
                    deployment_targets=CfnStackSet.DeploymentTargetsProperty(
                        organizational_unit_ids=list(configuration.member_targets)
                    ),
                    regions=list(configuration.forwarding_regions),
                )
            ],
            parameters=[
                CfnStackSet.ParameterProperty(parameter_key=key, parameter_value=value)
                for key, value in parameters.items()
            ]
            or None,
            template_body=json.dumps(template, separators=(",", ":"), sort_keys=True),
        )
