"""Whose accounts are: a tag of each account says so, in Organizations."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from rootctl.parallel import at_once
from rootctl.plan.planned import Planned
from rootwarden.aws.organizations import OrganizationTags
from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

# Organizations takes some ten such calls a second.
_THREADS = 4


def with_owners(client: "OrganizationsClient", plans: Iterable[Planned], tag: str) -> list[Planned]:
    """Return the plans with the owners that the accounts' tags name, or why they could not be read."""
    tags = OrganizationTags(client, tag)

    def ask(plan: Planned) -> str | None:
        try:
            return tags.owner_of(plan.account.account_id or AccountId(""))
        except CallRefused as refused:
            return f"not known ({refused.code})"

    found = list(plans)
    owners = at_once(found, ask, threads=_THREADS, description="Asking whose accounts they are").seen()
    return [replace(plan, owner=owners[plan]) for plan in found]
