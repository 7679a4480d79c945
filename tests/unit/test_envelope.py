"""Queue bodies that are no events: refused, and the refusal names the field."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rootwarden.events import Envelope, MalformedEvent
from rootwarden.hardening.announcement import read_announcement
from tests.unit.given import MANAGEMENT, ORGANIZATION_ID
from tests.unit.sample_events import envelope, sample

# Digits to str.isdigit, but to no AWS account.
ARABIC_DIGITS = "\u0664" * 12
GOOD = "create_account_result_succeeded"


@pytest.mark.parametrize(
    "body",
    ["", "not JSON", "{", "[" * 100_000, '{"a":' * 100_000, "9" * 5000],
    ids=["empty", "text", "cut off", "deep list", "deep object", "endless number"],
)
def test_a_body_that_is_no_json_is_refused(body: str) -> None:
    with pytest.raises(MalformedEvent, match="the message body takes an EventBridge event as JSON"):
        Envelope.from_json(body)


@pytest.mark.parametrize("body", ["null", "1", '"text"', "[]"])
def test_json_that_is_no_object_is_refused(body: str) -> None:
    with pytest.raises(MalformedEvent, match="the event takes an object"):
        Envelope.from_json(body)


@pytest.mark.parametrize("field", ["id", "source", "detail-type", "account", "region", "time", "detail"])
@pytest.mark.parametrize("wrong", [None, "", 7, [], True])
def test_a_missing_or_wrong_field_is_named(field: str, wrong: object) -> None:
    event = sample(GOOD)
    event[field] = wrong

    with pytest.raises(MalformedEvent) as refused:
        Envelope.from_json(json.dumps(event))

    assert refused.value.field == field


@pytest.mark.parametrize("account", ["44445555666", "4444555566667", "4444-5555-6666", ARABIC_DIGITS])
def test_an_account_id_that_is_none_is_refused(account: str) -> None:
    with pytest.raises(MalformedEvent, match="account takes an account id of 12 digits"):
        envelope(sample(GOOD) | {"account": account})


def test_what_is_shown_of_a_wrong_value_is_short() -> None:
    with pytest.raises(MalformedEvent) as refused:
        envelope(sample(GOOD) | {"account": "9" * 100_000})

    assert len(str(refused.value)) < 200


def test_a_detail_nested_deep_is_read_past() -> None:
    nested: dict[str, Any] = {}
    for _ in range(300):
        nested = {"accountId": nested}
    event = sample("account_joined_organization_invited", serviceEventDetails=nested)

    with pytest.raises(MalformedEvent, match=r"detail\.serviceEventDetails\.accountId"):
        read_announcement(envelope(event), MANAGEMENT, ORGANIZATION_ID)


def test_an_oversized_detail_is_read_past() -> None:
    event = sample(GOOD, requestParameters={"padding": "x" * 1_000_000})

    found = read_announcement(envelope(event), MANAGEMENT, ORGANIZATION_ID)

    assert found.account_id == "444455556666"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(body=st.text(max_size=60) | JSON.map(json.dumps))
def test_reading_raises_nothing_but_malformed_event(body: str) -> None:
    with suppress(MalformedEvent):
        Envelope.from_json(body)
