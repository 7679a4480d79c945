"""Organizations is asked once an account and hour, and the memory of it is bounded."""

from datetime import timedelta

import pytest

from rootwarden.accounts import AccountId
from rootwarden.aws.organizations import RememberedAccounts
from rootwarden.hardening.removal import CallRefused
from tests.unit.fakes import FakeClock, FakeOrganization
from tests.unit.given import MEMBER, member

UNKNOWN = AccountId("999988887777")


def test_an_account_is_asked_for_once_an_hour_also_one_that_is_not_there() -> None:
    clock, organization = FakeClock(), FakeOrganization({MEMBER: member()})
    accounts = RememberedAccounts(organization, clock)

    for _ in range(10):
        assert accounts.describe(MEMBER) == member()
        assert accounts.describe(UNKNOWN) is None
    assert organization.line.calls == ["describe"] * 2

    clock.move(timedelta(hours=1))
    accounts.describe(MEMBER)
    assert organization.line.calls == ["describe"] * 3


def test_a_refusal_is_not_remembered() -> None:
    organization = FakeOrganization({MEMBER: member()}, refusal=CallRefused("TooManyRequests", "slow down"))
    accounts = RememberedAccounts(organization, FakeClock())
    with pytest.raises(CallRefused):
        accounts.describe(MEMBER)
    organization.refusal = None

    assert accounts.describe(MEMBER) == member()


def test_random_ids_do_not_fill_the_memory() -> None:
    organization = FakeOrganization({MEMBER: member()})
    accounts = RememberedAccounts(organization, FakeClock(), most=10)

    for number in range(100):
        accounts.describe(AccountId(f"{number:012}"))
    organization.line.calls.clear()

    accounts.describe(AccountId(f"{90:012}"))
    assert organization.line.calls == []
    accounts.describe(AccountId(f"{89:012}"))
    assert organization.line.calls == ["describe"]
