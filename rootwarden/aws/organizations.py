"""What AWS says of the organization's protection: each question asked by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from rootwarden.accounts import AccountId
from rootwarden.aws.errors import refusals
from rootwarden.aws.root_credentials import IamAuditSession
from rootwarden.hardening.removal import CallRefused
from rootwarden.report.checks import SERVICE, Answers

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_organizations import OrganizationsClient


T = TypeVar("T")


@dataclass(frozen=True)
class OrganizationChecks:
    """AWS, asked with the function's own role. is_management: whether that is in the management account."""

    iam: "IAMClient"
    organizations: "OrganizationsClient"
    is_management: bool

    def ask(self) -> Answers:
        """Ask everything, whatever is refused."""
        return Answers(
            features=enabled_features(self.iam),
            trusted_services=answered(self._trusted_services),
            delegated_administrators=answered(self._delegated_administrators),
            management_root=answered(IamAuditSession(self.iam).posture) if self.is_management else None,
        )

    def _trusted_services(self) -> frozenset[str]:
        pages = self.organizations.get_paginator("list_aws_service_access_for_organization").paginate()
        return frozenset(
            found["ServicePrincipal"] for page in pages for found in page["EnabledServicePrincipals"]
        )

    def _delegated_administrators(self) -> frozenset[AccountId]:
        paginator = self.organizations.get_paginator("list_delegated_administrators")
        pages = paginator.paginate(ServicePrincipal=SERVICE)
        return frozenset(
            AccountId(found["Id"]) for page in pages for found in page["DelegatedAdministrators"]
        )


def enabled_features(iam: "IAMClient") -> frozenset[str] | CallRefused:
    """Return the features of centralized root access that are on, or why AWS does not say."""
    return answered(lambda: frozenset(iam.list_organizations_features().get("EnabledFeatures", [])))


def answered(ask: Callable[[], T]) -> T | CallRefused:
    """Return an answer, or the refusal in its place."""
    try:
        with refusals():
            return ask()
    except CallRefused as refused:
        return refused
