"""AWS clients with the operator's own credentials."""

from typing import TYPE_CHECKING

import boto3

from lambdas.adapters.clients import CONFIG
from lambdas.adapters.refusals import refusals

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient


def organizations(profile: str | None, region: str | None) -> "OrganizationsClient":
    """Return the Organizations client; raises CallRefused, for example for an unknown profile."""
    with refusals():
        session = boto3.Session(profile_name=profile, region_name=region)
        return session.client("organizations", config=CONFIG)
