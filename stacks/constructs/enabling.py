"""The deployment switches on what CloudFormation cannot."""

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import custom_resources as custom
from constructs import Construct

from stacks.constructs.cfn_resource import cfn_resource
from stacks.constructs.grants import acknowledge
from stacks.constructs.python_function import FunctionLog
from stacks.enabling_calls import EnablingCall


class Enabling(Construct):
    """Makes calls one after the other, when the stack is created and when a call changes.

    A refusal fails the deployment with AWS's own words. Deleting the stack switches nothing off.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        calls: Sequence[EnablingCall],
        log_retention_days: int,
    ) -> None:
        """Make `calls` in their order."""
        super().__init__(scope, construct_id)
        self._log = FunctionLog(self, "Log", retention_days=log_retention_days)
        self._role = self._role_for(calls)
        made: list[custom.AwsCustomResource] = []
        for call in calls:
            made.append(self._make(call))
            made[-1].node.add_dependency(*made[:-1][-1:])

    def _role_for(self, calls: Sequence[EnablingCall]) -> iam.Role:
        # Inline, not policies of their own: CloudFormation waits until a new role can be used, but
        # a policy attached a moment before its call may not count yet, and the call be refused.
        documents = {call.name: iam.PolicyDocument(statements=list(call.permissions)) for call in calls}
        documents["WriteLog"] = iam.PolicyDocument(statements=[self._log.writing()])
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies=documents,
        )
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            "These actions concern the whole organization and know no narrower resource; where AWS has a"
            " condition for the service concerned, it is set.",
        )
        return role

    def _make(self, call: EnablingCall) -> custom.AwsCustomResource:
        resource = custom.AwsCustomResource(
            self,
            call.name,
            on_update=custom.AwsSdkCall(
                service=call.service,
                action=call.action,
                parameters=dict(call.parameters) or None,
                physical_resource_id=custom.PhysicalResourceId.of(
                    "/".join((call.action, *call.parameters.values()))
                ),
                ignore_error_codes_matching=f"^{call.already}$" if call.already else None,
            ),
            role=self._role,
            log_group=self._log,
            timeout=Duration.minutes(2),
            # The SDK in Lambda's runtime knows these calls; nothing comes from the network.
            install_latest_aws_sdk=False,
        )
        provider = Stack.of(self).node.find_child(
            f"AWS{custom.AwsCustomResource.PROVIDER_FUNCTION_UUID.replace('-', '')}"
        )
        cfn_resource(provider, lambda_.CfnFunction).add_deletion_override("DependsOn")
        return resource
