"""Whether accounts have opted in to Regions that do not forward."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from rootctl.checks.surroundings import EVENTS_REGION, Result, Surroundings, ok, unknown, wrong
from rootwarden.accounts import AccountId
from rootwarden.aws.organizations import AccountRegions
from rootwarden.hardening.removal import CallRefused

# AWS answers about five of these questions a second; nobody waits for more than a minute.
MOST_ACCOUNTS = 200
_SHOWN = 10
_TRUST = "aws organizations enable-aws-service-access --service-principal account.amazonaws.com"


def opted_in_regions(surroundings: Surroundings) -> Iterable[Result]:
    """Name the accounts with Regions in which root's calls are not seen, the management account included."""
    if not surroundings.is_management:
        yield unknown(
            "only the management account sees which Regions forward, and which Regions accounts have",
            mend="rootctl doctor --management-profile NAME",
        )
        return
    forwarded = surroundings.forwarding.regions()
    if forwarded is None:
        yield unknown("there is no StackSet that says which Regions forward", mend="make deploy")
        return
    management = surroundings.organization.management_account_id
    members = sorted({each.account_id for each in surroundings.policies.members()} - {management})
    regions = AccountRegions(surroundings.management.client("account", region=EVENTS_REGION), management)
    yield from _compared(regions, (management, *members), frozenset(forwarded))


def _compared(
    regions: AccountRegions, accounts: Sequence[AccountId], forwarded: frozenset[str]
) -> Iterator[Result]:
    unseen: list[str] = []
    asked = 0
    refused: CallRefused | None = None
    for account in islice(accounts, MOST_ACCOUNTS):
        try:
            found = sorted(regions.opted_in(account) - forwarded)
        except CallRefused as error:
            refused = error
            break
        asked += 1
        unseen += [f"{account}: {', '.join(found)}"] if found else []
    if unseen:
        yield _wrong(unseen)
    if refused:
        text = f"which Regions {len(accounts) - asked} of {len(accounts)} accounts opted in to: {refused}"
        yield unknown(text, mend=_TRUST)
    elif asked < len(accounts):
        text = f"{asked} of {len(accounts)} accounts were asked which Regions they opted in to"
        yield unknown(text, mend="Read the check regions in the report of a hub in the management account.")
    elif not unseen:
        yield ok(f"no account of {asked} has opted in to a Region that does not forward")


def _wrong(unseen: Sequence[str]) -> Result:
    more = len(unseen) - _SHOWN
    named = "; ".join([*unseen[:_SHOWN], *([f"and {more} more"] if more > 0 else [])])
    return wrong(
        f"root's calls are not seen in Regions that {len(unseen)} accounts have opted in to: {named}",
        mend="Add the Regions to forwarding_regions in cdk.json, or deny them by policy; then: make deploy",
    )
