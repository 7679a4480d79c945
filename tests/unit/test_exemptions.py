"""Accounts left alone, until when and by what."""

from datetime import date

import pytest

from rootwarden.contract.configured import Exemption, find_exemption
from tests.unit.given import MEMBER, UNIT, member

UNTIL = date(2026, 6, 30)
BY_ACCOUNT = Exemption(account=MEMBER, organizational_unit=None, reason="break glass", until=UNTIL)
BY_UNIT = Exemption(account=None, organizational_unit=UNIT, reason="sandbox", until=UNTIL)


@pytest.mark.parametrize("exemption", [BY_ACCOUNT, BY_UNIT], ids=["account", "unit"])
@pytest.mark.parametrize(
    ("today", "exempt"),
    [(date(2026, 6, 29), True), (date(2026, 6, 30), True), (date(2026, 7, 1), False)],
)
def test_the_last_day_is_still_exempt(exemption: Exemption, today: date, exempt: bool) -> None:  # noqa: FBT001 - a table
    assert exemption.covers(member(), today) is exempt


def test_a_unit_covers_the_accounts_of_the_units_below_it() -> None:
    account = member(units=(UNIT, "ou-ab12-22222222"))

    assert BY_UNIT.covers(account, UNTIL)


@pytest.mark.parametrize("units", [None, (), ("ou-ab12-99999999",)])
def test_a_unit_does_not_cover_accounts_elsewhere(units: tuple[str, ...] | None) -> None:
    assert not BY_UNIT.covers(member(units=units), UNTIL)


def test_an_exemption_of_an_account_does_not_cover_accounts_without_a_unit() -> None:
    other = Exemption(account=None, organizational_unit=None, reason="nobody's", until=UNTIL)

    assert not other.covers(member(units=None), UNTIL)


def test_of_several_exemptions_the_longest_is_found() -> None:
    longer = Exemption(account=MEMBER, organizational_unit=None, reason="longer", until=date(2026, 12, 31))

    assert find_exemption([BY_UNIT, longer, BY_ACCOUNT], member(), UNTIL) == longer
    assert find_exemption([BY_UNIT], member(), date(2027, 1, 1)) is None
