"""Which Regions accounts have opted in to, as Account Management says.

https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html
"""

from collections.abc import Mapping
from typing import Any

from moto.organizations.models import organizations_backends

from embedded_aws.calls import Call, CallRefusedError
from embedded_aws.organizations.state import OrganizationState

SERVICE = "account.amazonaws.com"
_OPTED_IN = frozenset({"ENABLED", "ENABLING"})


def answer(call: Call, state: OrganizationState) -> Mapping[str, Any] | None:
    """Answer ListRegions where only Regions to opt in to are asked for; None for other calls."""
    if call.operation != "ListRegions":
        return None
    if not set(call.parameters.get("RegionOptStatusContains", ())) <= _OPTED_IN:
        raise NotImplementedError("the embedded AWS knows only which Regions accounts opted in to")
    account = call.parameters.get("AccountId")
    if account is not None:
        _check(call, str(account), state)
    regions = sorted(state.opted_in[str(account or call.account)])
    return {"Regions": [{"RegionName": region, "RegionOptStatus": "ENABLED"} for region in regions]}


def _check(call: Call, account: str, state: OrganizationState) -> None:
    management = state.management_account_id
    trusted = organizations_backends[management][call.partition].services
    is_trusted = any(service["ServicePrincipal"] == SERVICE for service in trusted)
    names_itself = account == call.account
    if call.account != management or names_itself or not is_trusted or not state.is_member(account):
        message = f"User: {call.principal.arn} is not authorized to perform: account:ListRegions"
        raise CallRefusedError("AccessDeniedException", message)
