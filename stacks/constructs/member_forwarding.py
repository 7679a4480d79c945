"""Every member account forwards its root activity."""

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import CfnStackSet, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from rootwarden.contract.names import CANARY_STACK_SET, STACK_SET
from rootwarden.contract.regions import GLOBAL_SERVICES_REGION
from stacks.configuration.configuration import Configuration
from stacks.constructs.grants import grant_matching


class MemberForwarding(Construct):
    """Service-managed StackSets: accounts that join later get them too, those that leave lose them.

    CloudFormation joins the groups of one StackSet into one operation, in no order: canary units are a
    StackSet of their own, and no account may be in both.
    """

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
        self._configuration = configuration
        self._parameters = parameters
        self._body = json.dumps(template, separators=(",", ":"), sort_keys=True)
        rest = self._stack_set("StackSet", STACK_SET)
        if configuration.canary_targets:
            # What fails in the canary units ends the deployment before anyone else gets it.
            rest.node.add_dependency(self._stack_set("CanaryStackSet", CANARY_STACK_SET))

    def _stack_set(self, construct_id: str, name: str) -> CfnStackSet:
        members, named = self._configuration.members, self._configuration.named(name)
        return CfnStackSet(
            self,
            construct_id,
            stack_set_name=named,
            description="rootwarden: root activity of member accounts goes to the hub",
            permission_model="SERVICE_MANAGED",
            call_as="SELF",
            capabilities=["CAPABILITY_IAM"],
            auto_deployment=CfnStackSet.AutoDeploymentProperty(
                enabled=True, retain_stacks_on_account_removal=False
            ),
            managed_execution={"Active": True},
            # A strict tolerance would allow one account more at a time than may fail: too slow for many.
            operation_preferences=CfnStackSet.OperationPreferencesProperty(
                concurrency_mode="SOFT_FAILURE_TOLERANCE",
                failure_tolerance_count=members.failure_tolerance_count,
                max_concurrent_percentage=members.max_concurrent_percentage,
                region_concurrency_type="PARALLEL",
            ),
            stack_instances_group=[
                CfnStackSet.StackInstancesProperty(
                    deployment_targets=CfnStackSet.DeploymentTargetsProperty(
                        organizational_unit_ids=list(self._configuration.units_by_stack_set[named])
                    ),
                    regions=list(self._configuration.forwarding_regions),
                )
            ],
            parameters=[
                CfnStackSet.ParameterProperty(parameter_key=key, parameter_value=value)
                for key, value in self._parameters.items()
            ]
            or None,
            template_body=self._body,
        )


def grant_list_instances(role: iam.Role, configuration: Configuration) -> None:
    """Let `role`, of the management account, see where the StackSets are deployed."""
    grant_matching(
        role,
        "SeeMembers",
        ["cloudformation:DescribeStackSet", "cloudformation:ListStackInstances"],
        f"cloudformation:{GLOBAL_SERVICES_REGION}:{Stack.of(role).account}:stackset/{configuration.named(STACK_SET)}*",
        because="A StackSet's ARN ends in an id that CloudFormation makes up; the name is our own.",
    )
