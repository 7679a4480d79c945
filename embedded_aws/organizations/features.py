"""Centralized root access: its switches, and the IAM operations that read and turn them."""

from collections.abc import Mapping
from typing import Any

from embedded_aws.calls import Call, CallRefusedError
from embedded_aws.organizations.organization import Features
from embedded_aws.organizations.state import OrganizationState

_ATTRIBUTES = {
    "RootCredentialsManagement": "root_credentials_management",
    "RootSessions": "root_sessions",
}


def enabled(features: Features) -> list[str]:
    """Return the features' names as IAM lists them."""
    return [name for name, attribute in _ATTRIBUTES.items() if getattr(features, attribute)]


def answer(call: Call, organization: OrganizationState) -> dict[str, Any] | None:
    """Answer an IAM call about the features; None when the call is not one."""
    change = _CHANGES.get(call.operation)
    if change is None and call.operation != "ListOrganizationsFeatures":
        return None
    _check_caller(call.account, organization)
    if change:
        name, is_on = change
        if is_on and call.account != organization.management_account_id:
            raise CallRefusedError(
                "CallerIsNotManagementAccountException",
                f"Caller account {call.account} is not management account of the organization "
                "and cannot enable IAM features.",
            )
    if not organization.features.trusted_access:
        raise CallRefusedError(
            "ServiceAccessNotEnabledException",
            f"Trusted Access for IAM not enabled by organization of input account {call.account}.",
        )
    if change:
        setattr(organization.features, _ATTRIBUTES[name], is_on)
    return {
        "OrganizationId": organization.organization_id,
        "EnabledFeatures": enabled(organization.features),
    }


_CHANGES: Mapping[str, tuple[str, bool]] = {
    f"{verb}OrganizationsRoot{name.removeprefix('Root')}": (name, is_on)
    for name in _ATTRIBUTES
    for verb, is_on in (("Enable", True), ("Disable", False))
}


def _check_caller(account: str, organization: OrganizationState) -> None:
    if account == organization.management_account_id:
        return
    if not organization.is_member(account):
        raise CallRefusedError(
            "OrganizationNotFoundException",
            f"Organization could not be found for input account {account}.",
        )
    if not organization.is_delegated_administrator(account):
        raise CallRefusedError(
            "AccountNotManagementOrDelegatedAdministratorException",
            f"Input account {account} is neither management account nor delegated admin.",
        )
