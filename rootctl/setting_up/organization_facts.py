"""What AWS knows of the organization and the configuration needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rootctl.aws import AwsSession
from rootwarden.accounts import Account
from rootwarden.aws.clients import refusals
from rootwarden.aws.organizations import (
    answer_or_refusal,
    delegated_administrators,
    list_accounts,
    organization_of,
    root_id_of,
)
from rootwarden.contract.regions import DEFAULT_REGIONS, GLOBAL_SERVICES_REGION
from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused
from rootwarden.sweep.sweep import each_once

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

_CONTROL_TOWER = "controltower.amazonaws.com"


@dataclass(frozen=True)
class ControlTower:
    """The landing zone's Regions. governed: those that its manifest names, and us-east-1; sorted."""

    home_region: str
    governed: tuple[str, ...] | CallRefused


@dataclass(frozen=True, kw_only=True)
class OrganizationFacts:
    """The organization as the operator's credentials see it.

    units: each unit's path of names by its id. administrators: IAM's delegated ones. control_tower: None
    where the organization has none. A refusal stands for what AWS did not say.
    """

    organization_id: str
    management_account_id: str
    root_id: str
    accounts: tuple[Account, ...]
    units: Mapping[str, str]
    administrators: frozenset[AccountId] | CallRefused
    control_tower: ControlTower | CallRefused | None


def look_up(session: AwsSession) -> OrganizationFacts:
    """Ask AWS; raises CallRefused where the organization itself cannot be read."""
    client: OrganizationsClient = session.client("organizations")
    organization = organization_of(client)
    with refusals():
        root_id = root_id_of(client)
        accounts = each_once(list_accounts(client))
        units = dict(_units_below(client, root_id))
    return OrganizationFacts(
        organization_id=organization.organization_id,
        management_account_id=organization.management_account_id,
        root_id=root_id,
        accounts=tuple(accounts),
        units=units,
        administrators=answer_or_refusal(lambda: delegated_administrators(client)),
        control_tower=answer_or_refusal(lambda: _control_tower(session, client)),
    )


def _units_below(
    client: "OrganizationsClient", parent: str, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, str]]:
    for page in client.get_paginator("list_organizational_units_for_parent").paginate(ParentId=parent):
        for unit in page["OrganizationalUnits"]:
            here = (*path, unit["Name"])
            yield unit["Id"], "/".join(here)
            yield from _units_below(client, unit["Id"], here)


def _control_tower(session: AwsSession, client: "OrganizationsClient") -> ControlTower | None:
    """Ask the Regions only where the organization trusts Control Tower; an ARN says which is home."""
    pages = client.get_paginator("list_aws_service_access_for_organization").paginate()
    if _CONTROL_TOWER not in {
        each["ServicePrincipal"] for page in pages for each in page["EnabledServicePrincipals"]
    }:
        return None
    for region in dict.fromkeys([*filter(None, [session.region]), *DEFAULT_REGIONS]):
        tower = session.client("controltower", region=region)
        for page in tower.get_paginator("list_landing_zones").paginate():
            for zone in page["landingZones"]:
                return _landing_zone(tower, zone["arn"])
    raise CallRefused(
        "LandingZoneNotFound", "Control Tower is trusted, and no Region asked has a landing zone"
    )


def _landing_zone(client: Any, arn: str) -> ControlTower:
    return ControlTower(
        home_region=arn.split(":")[3], governed=answer_or_refusal(lambda: _governed(client, arn))
    )


def _governed(client: Any, arn: str) -> tuple[str, ...]:
    manifest = client.get_landing_zone(landingZoneIdentifier=arn)["landingZone"]["manifest"]
    named = manifest.get("governedRegions")
    if not named:
        raise CallRefused("NoGovernedRegions", "the landing zone's manifest names none")
    return tuple(sorted({*named, GLOBAL_SERVICES_REGION}))
