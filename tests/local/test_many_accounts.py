import pytest

from local.organization import Organization
from local.scenarios.many_accounts import KINDS, filled_up


@pytest.mark.parametrize("accounts", [30, 200, 1000])
def test_organizations_are_filled_up_with_every_kind(organization: Organization, accounts: int) -> None:
    filled = filled_up(organization, accounts)
    assert 1 + len(filled.members) == accounts
    made = filled.accounts[len(organization.accounts) :]
    for _, kind in KINDS:
        assert any(all(getattr(account, key) == value for key, value in kind.items()) for account in made)
    assert len({account.name for account in made}) == len({account.id for account in made}) == len(made)
    assert sum(not any(vars(account.root).values()) for account in made) >= accounts // 4


def test_an_organization_that_is_large_enough_stays_as_it_is(organization: Organization) -> None:
    assert filled_up(organization, 3) == organization
