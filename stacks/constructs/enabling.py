"""The deployment switches on what CloudFormation cannot: the calls, in order, each beside why.

CloudFormation has resources for none of them. Every one may be repeated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import custom_resources as custom
from constructs import Construct

from stacks.configuration.configuration import Configuration
from stacks.constructs.cfn_resource import cfn_resource
from stacks.constructs.grants import acknowledge
from stacks.constructs.python_function import FunctionLog

_IAM = "iam.amazonaws.com"
_STACK_SETS = "stacksets.cloudformation.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class EnablingCall:
    """A call, the permissions it takes, and the error that says it was made before."""

    name: str
    service: str
    action: str
    permissions: Sequence[iam.PolicyStatement]
    parameters: Mapping[str, str] = field(default_factory=dict)
    already: str | None = None


def enabling_calls(stack: Stack, *, configuration: Configuration) -> list[EnablingCall]:
    """Return the calls in the order they must be made in.

    The delegated administrator comes last, so that whatever is refused before leaves no account
    registered; a hub in the management account needs none.
    """
    return [
        _iam_trusted_access(),
        _feature("RootCredentialsManagement", "EnableOrganizationsRootCredentialsManagement"),
        _feature("RootSessions", "EnableOrganizationsRootSessions"),
        _stack_sets_access(stack),
        *(
            [_delegated_administrator(stack, configuration)]
            if configuration.hub_is_delegated_administrator
            else []
        ),
    ]


def _iam_trusted_access() -> EnablingCall:
    """Both features are refused without it; they do not switch it on themselves."""
    return EnablingCall(
        name="TrustedAccess",
        service="Organizations",
        action="EnableAWSServiceAccess",
        parameters={"ServicePrincipal": _IAM},
        permissions=[_allow("organizations:EnableAWSServiceAccess", service_principal=_IAM)],
    )


def _feature(name: str, action: str) -> EnablingCall:
    """RootCredentialsManagement gates the IAM task policies, RootSessions those of S3 and SQS."""
    return EnablingCall(name=name, service="IAM", action=action, permissions=[_allow(f"iam:{action}")])


def _stack_sets_access(stack: Stack) -> EnablingCall:
    """StackSets keeps a switch of its own beside Organizations'; this call sets both."""
    role = f"arn:{stack.partition}:iam::{stack.account}:role/aws-service-role/{_STACK_SETS}"
    return EnablingCall(
        name="StackSetsAccess",
        service="CloudFormation",
        action="ActivateOrganizationsAccess",
        permissions=[
            _allow("cloudformation:ActivateOrganizationsAccess"),
            _allow("organizations:DescribeOrganization"),
            _allow(
                "organizations:EnableAWSServiceAccess",
                service_principal=f"member.org.{_STACK_SETS}",
            ),
            iam.PolicyStatement(
                actions=["iam:CreateServiceLinkedRole"],
                resources=[f"{role}/AWSServiceRoleForCloudFormationStackSetsOrgAdmin"],
                conditions={"StringEquals": {"iam:AWSServiceName": _STACK_SETS}},
            ),
        ],
    )


def _delegated_administrator(stack: Stack, configuration: Configuration) -> EnablingCall:
    """Without it AWS answers a hub outside the management account with AccessDenied."""
    account = (
        f"arn:{stack.partition}:organizations::{configuration.management_account_id}"
        f":account/{configuration.organization_id}/{configuration.hub_account_id}"
    )
    action = "RegisterDelegatedAdministrator"
    return EnablingCall(
        name="DelegatedAdministrator",
        service="Organizations",
        action=action,
        parameters={"AccountId": configuration.hub_account_id, "ServicePrincipal": _IAM},
        permissions=[_allow(f"organizations:{action}", account, service_principal=_IAM)],
        already="AccountAlreadyRegisteredException",
    )


def _allow(action: str, resource: str = "*", *, service_principal: str | None = None) -> iam.PolicyStatement:
    conditions = {"StringEquals": {"organizations:ServicePrincipal": service_principal}}
    return iam.PolicyStatement(
        actions=[action],
        resources=[resource],
        conditions=conditions if service_principal else None,
    )


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
