"""What operators ask for is read whole or refused with the field's name; whatever goes wrong is an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rootwarden.events import Fields, MalformedEvent
from rootwarden.recovery.requests import persons_request, read_length
from rootwarden.refusals import CallRefused
from rootwarden.requests import Answer, RequestRefused, answered, read_request
from tests.unit.given import MEMBER
from tests.unit.test_envelope import JSON

REQUEST = {"account": MEMBER, "reason": " lost MFA device ", "requestedBy": "alice"}


def test_a_request_is_read() -> None:
    request = read_request({**REQUEST, "dryRun": True, "hours": 4})

    assert (request.account_id, request.reason, request.requested_by) == (MEMBER, "lost MFA device", "alice")
    assert request.dry_run
    assert request.fields.number("hours") == 4


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"account": 444455556666}, "account takes a text, found 444455556666"),
        ({"account": "4444"}, "account takes an account id of 12 digits, found '4444'"),
        ({"reason": ""}, "reason takes a text, found ''"),
        ({"reason": "   "}, "reason takes a text of 1 to 500 characters"),
        ({"reason": "x" * 501}, "reason takes a text of 1 to 500 characters"),
        ({"requestedBy": None}, "requestedBy takes a text, found nothing"),
        ({"requestedBy": "x" * 257}, "requestedBy takes a text of 1 to 256 characters"),
        ({"dryRun": "yes"}, "dryRun takes true or false, found 'yes'"),
    ],
)
def test_what_cannot_be_read_is_named(changes: dict[str, object], said: str) -> None:
    answer = answered({**REQUEST, **changes}, lambda event: {"read": read_request(event)})

    assert answer["result"] == "refused"
    assert answer["reason"]["code"] == "MalformedRequest"  # type: ignore[index]
    assert str(answer["reason"]["text"]).startswith(said)  # type: ignore[index]


@pytest.mark.parametrize(
    ("raised", "result", "code"),
    [
        (RequestRefused("WindowOpen", "one is open"), "refused", "WindowOpen"),
        (CallRefused("Throttling", "Rate exceeded"), "failed", "Throttling"),
    ],
)
def test_what_is_refused_is_an_answer(raised: Exception, result: str, code: str) -> None:
    def refuse(_event: object) -> Answer:
        raise raised

    answer = answered({}, refuse)

    assert (answer["result"], answer["reason"]["code"]) == (result, code)  # type: ignore[index]


@given(event=JSON)
def test_nothing_but_a_malformed_request_comes_of_anything(event: object) -> None:
    for read in (read_request, lambda found: persons_request(Fields(found))):
        with pytest.raises(MalformedEvent):
            read(event)


@given(hours=st.integers(1, 12))
def test_every_length_that_is_allowed_is_read(hours: int) -> None:
    assert read_length(Fields({"hours": hours}), 12).total_seconds() == 3600 * hours
