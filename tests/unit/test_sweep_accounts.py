"""The items of a sweep: whatever the list holds, an account is read or the item is named as unreadable."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rootwarden.accounts import Account
from rootwarden.contract.configured import Mode
from rootwarden.events import AccountId, Fields, MalformedEvent
from rootwarden.sweep.sweep import Sweep, each_once, listed, read_account
from tests.unit.given import MEMBER, UNIT
from tests.unit.test_envelope import JSON

ITEM = {"id": MEMBER, "name": "payments-prod", "state": "ACTIVE", "organizationalUnits": [UNIT]}
ITEM["joinedAt"] = "2026-05-31T08:00:00Z"
SWEEP = {"sweepId": "nightly-1", "startedAt": "2026-06-01T12:00:00.123Z"}


def test_an_item_is_read_as_it_was_written() -> None:
    account = read_account(Fields(ITEM))

    assert listed(account) == ITEM
    assert account.organizational_unit == UNIT


def test_what_is_not_known_of_an_account_is_said_to_be_unknown() -> None:
    item = {"id": MEMBER, "name": None, "state": "UNKNOWN", "organizationalUnits": None, "joinedAt": None}

    account = read_account(Fields({"id": MEMBER}))

    assert account == Account(account_id=MEMBER, name=None, state="UNKNOWN")
    assert listed(account) == item
    assert read_account(Fields(item)) == account


@given(st.dictionaries(st.sampled_from([*ITEM, "other"]), JSON) | JSON)
def test_any_other_item_is_an_account_or_malformed(item: Any) -> None:
    try:
        account = read_account(Fields(item))
    except MalformedEvent:
        return

    assert account.account_id == item["id"]
    assert read_account(Fields(listed(account))) == account


@pytest.mark.parametrize("wrong", [None, "", 444455556666, "44445555666", "44445555666x", ["444455556666"]])
def test_without_an_account_id_there_is_no_account(wrong: object) -> None:
    with pytest.raises(MalformedEvent, match=r"^id takes"):
        read_account(Fields({**ITEM, "id": wrong}))


def test_units_that_are_no_list_of_texts_are_not_known() -> None:
    assert read_account(Fields({**ITEM, "organizationalUnits": [1]})).organizational_units is None


@given(st.lists(st.integers(0, 9)))
def test_every_account_is_there_once(numbers: list[int]) -> None:
    accounts = [
        Account(account_id=AccountId(f"{number:012d}"), name=str(place), state="ACTIVE")
        for place, number in enumerate(numbers)
    ]

    once = each_once(accounts)

    assert [a.account_id for a in once] == list(dict.fromkeys(a.account_id for a in accounts))
    assert all(account in accounts for account in once)


@pytest.mark.parametrize(
    ("said", "mode"),
    [
        ({}, None),
        ({"mode": None}, None),
        ({"mode": "observe"}, Mode.OBSERVE),
        ({"mode": "enforce"}, "enforce"),
    ],
)
def test_a_sweep_knows_the_mode_it_was_told(said: dict[str, object], mode: Mode | None) -> None:
    sweep = Sweep.from_detail(Fields(SWEEP | said))

    assert sweep.mode == mode
    assert sweep.to_detail() == {"sweepId": "nightly-1", "startedAt": "2026-06-01T12:00:00Z", "mode": mode}
    assert sweep.accounts_key == "sweeps/nightly-1/accounts.json"


@pytest.mark.parametrize("mode", ["enforced", "ENFORCE", "", True, 1])
def test_any_other_mode_is_refused(mode: object) -> None:
    with pytest.raises(MalformedEvent, match="mode takes"):
        Sweep.from_detail(Fields({**SWEEP, "mode": mode}))
