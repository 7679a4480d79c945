"""What notify reads is what the other functions said."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rootwarden.events import Fields, MalformedEvent
from rootwarden.hardening.outcome import HardeningOutcome, Reason
from rootwarden.outcomes import Outcome
from tests.unit.outcomes import OF_EACH_KIND


def sent(outcome: Outcome) -> Fields:
    """Return the detail after its way through JSON."""
    return Fields(json.loads(json.dumps(outcome.to_detail())), "detail")


@pytest.mark.parametrize("outcomes", OF_EACH_KIND)
@given(data=st.data())
def test_an_outcome_survives(outcomes: st.SearchStrategy[Outcome], data: st.DataObject) -> None:
    outcome = data.draw(outcomes)
    assert type(outcome).from_detail(sent(outcome)) == outcome


WHOLE: dict[str, Any] = {
    "version": "1",
    "account": {"id": "444455556666", "name": None, "organizationalUnit": None},
    "result": "partial",
    "trigger": {"eventId": "1", "eventName": "CreateAccountResult", "source": "aws.organizations"},
    "failures": [{"kind": "password", "id": None, "code": "Throttling", "message": "slow down"}],
    "attempt": 1,
    "willRetry": False,
    "occurredAt": "2026-06-01T12:00:05Z",
}


def test_an_outcome_of_an_older_or_newer_version_is_read() -> None:
    newer = {**WHOLE, "mood": "fine", "account": {**WHOLE["account"], "born": 2026}}

    read = HardeningOutcome.from_detail(Fields(newer, "detail"))

    assert read == HardeningOutcome.from_detail(Fields(WHOLE, "detail"))
    assert (read.before, read.removed, read.trigger.requested_by) == (None, frozenset(), None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "2"}, "detail.version takes a valid value, found '2'"),
        ({"account": None}, "detail.account takes object, found nothing"),
        ({"account": {"name": "x"}}, "detail.account.id takes a value, found nothing"),
        ({"account": {"id": "1234"}}, "detail.account.id takes "),
        ({"account": {"id": "444455556666\n"}}, "detail.account.id takes "),
        ({"result": "\ud800"}, "detail.result takes a valid value, found "),
        ({"result": "splendid"}, "detail.result takes a valid value, found 'splendid'"),
        ({"trigger": {}}, "detail.trigger.eventId takes a value, found nothing"),
        ({"attempt": "three"}, "detail.attempt takes int, found 'three'"),
        ({"failures": [WHOLE["failures"][0], {"kind": "x" * 999}]}, "detail.failures[1].kind takes "),
        (
            {"occurredAt": "2026-06-01T12:00:05"},
            "detail.occurredAt takes datetime with a timezone component,",
        ),
    ],
)
def test_what_is_no_outcome_names_the_field(change: dict[str, object], said: str) -> None:
    with pytest.raises(MalformedEvent) as refused:
        HardeningOutcome.from_detail(Fields({**WHOLE, **change}, "detail"))

    assert said.startswith(refused.value.field)
    assert str(refused.value).startswith(said)
    assert len(str(refused.value)) < 200


def test_what_lacks_everything_names_the_first_field() -> None:
    with pytest.raises(MalformedEvent) as refused:
        HardeningOutcome.from_detail(Fields({}, "detail"))

    assert str(refused.value) == "detail.account takes a value, found nothing"


def test_half_a_character_is_a_question_mark() -> None:
    reason = {"code": "\ud800", "text": "half \udfff"}

    read = HardeningOutcome.from_detail(Fields({**WHOLE, "reason": reason}, "detail"))

    assert read.reason == Reason("?", "half ?")
