"""The calls that switch everything on in the organization, in order, each beside why.

CloudFormation has resources for none of them. Every one may be repeated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from stacks.configuration.configuration import Configuration

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
