"""Changes of policies whose functions stopped, as the state table keeps them, and who announces them."""

import json
from datetime import timedelta

import pytest

from rootwarden.aws.policy_evidence import BegunChangesTable
from rootwarden.aws.state_table import StateTable
from rootwarden.aws.unlocking import NotLookedAt, Unlocking
from rootwarden.contract.functions import Caller
from rootwarden.events import MalformedEvent
from rootwarden.refusals import CallRefused
from rootwarden.unlocking.outcome import PolicyUnlocked, in_text
from rootwarden.unlocking.requests import ResourceKind
from tests.unit import unlock_given

LONG_AGO = timedelta(minutes=5)


def changed(given: unlock_given.Unlocking) -> PolicyUnlocked:
    """Return what is said of a change."""
    given.ask("delete")
    given.clock.move(LONG_AGO)
    return given.published.pop()


def test_a_change_is_on_record_until_it_is_taken_off(table: StateTable) -> None:
    begun = BegunChangesTable(table, ResourceKind.BUCKET)
    text = in_text(changed(unlock_given.Unlocking()))

    begun.add(text)
    begun.add(text)
    assert begun.all() == (text,)
    assert BegunChangesTable(table, ResourceKind.QUEUE).all() == ()

    begun.remove(text)
    begun.remove(text)
    assert begun.all() == ()


def test_a_change_that_another_version_wrote_is_announced_once() -> None:
    given = unlock_given.Unlocking()
    written_otherwise = json.dumps({**changed(given).to_detail(), "laterField": 1}, indent=1)
    given.begun.kept = [written_otherwise]

    assert given.function.unlocker.announce_begun()["announced"] == 1
    assert given.begun.kept == []
    assert len(given.published) == 1


@pytest.mark.parametrize("broken", ["", "{", "{}", "[]", "[" * 100_000])
def test_a_change_that_cannot_be_read_keeps_no_other_from_being_announced(broken: str) -> None:
    given = unlock_given.Unlocking()
    given.begun.kept = [broken, in_text(changed(given))]

    with pytest.raises(MalformedEvent, match="what was put on record"):
        given.function.unlocker.announce_begun()

    assert given.begun.kept == [broken]
    assert [outcome.result for outcome in given.published] == ["deleted"]


def test_a_change_that_the_bus_refuses_keeps_no_other_from_being_announced() -> None:
    given = unlock_given.Unlocking()
    text = in_text(changed(given))
    given.begun.kept = [text, text.replace("locked out", "another")]
    refused = [CallRefused("EntryTooLarge", "too large")]

    def publish(outcome: PolicyUnlocked) -> None:
        if refused:
            raise refused.pop()
        given.published.append(outcome)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(given, "_publish", publish)
        given.__post_init__()
        with pytest.raises(CallRefused, match="EntryTooLarge"):
            given.function.unlocker.announce_begun()

    assert given.begun.kept == [text]
    assert [outcome.request_reason for outcome in given.published] == ["another"]


def test_a_schedule_s_look_that_cannot_read_what_is_there_ends_in_an_error() -> None:
    given = unlock_given.Unlocking()
    unlocking = Unlocking(given.function)
    assert unlocking.answer({"begun": True}, Caller.SCHEDULE)["result"] == "nothing_begun"
    given.begun.kept = ["{}"]

    with pytest.raises(NotLookedAt, match="MalformedRequest"):
        unlocking.answer({"begun": True}, Caller.SCHEDULE)
    assert unlocking.answer({}, Caller.PERSON)["result"] == "refused"
