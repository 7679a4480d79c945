"""The proof of faults, in short: a few runs of some scenarios, and that it sees what it is to see."""

import json
from dataclasses import replace

import pytest

from local.aws import LocalAws
from proofs.copies import Copies
from proofs.faults.invariants import violations
from proofs.faults.kinds import DESCRIPTIONS, Fault, Kind
from proofs.faults.known import KNOWN, reason_for
from proofs.faults.runs import Chosen, play, play_all
from proofs.faults.scenarios import SCENARIOS
from proofs.faults.stage import CLEAN, EXEMPT, EXPOSED, LEFT_ALONE, Stage
from proofs.ledger import Ledger
from proofs.simulation.runs import played_apart


@pytest.mark.parametrize("name", ["new-account", "root-sign-ins"])
def test_whatever_call_fails_what_must_hold_holds(proven: LocalAws, name: str) -> None:
    played = play_all(proven, name, Chosen(seed=0, share=0.02, pairs=0.02), at_once=1)

    assert played.broken == ()
    assert played.runs > 1


def test_one_run_is_played_alone_as_it_was_among_all(proven: LocalAws) -> None:
    def struck() -> list[str]:
        found = play(proven, "new-account", [Fault(1, Kind.DENIED), Fault(20, Kind.HANGS)])
        return list(found.texts) if found else []

    assert played_apart(struck) == ""


def test_a_lie_on_the_bus_is_seen_and_what_was_to_be_left_alone(proven: LocalAws) -> None:
    def lie() -> list[str]:
        ledger = Ledger(proven, LEFT_ALONE)
        with ledger.listening():
            removed = [{"kind": "password", "id": "password"}]
            detail = {
                "account": {"id": EXPOSED},
                "result": "hardened",
                "removed": removed,
                "after": None,
                "willRetry": False,
                "trigger": {"eventId": "e"},
            }
            _publish(proven, "Account Hardening Result", detail)
            proven.state.root_users.pop(EXEMPT)
            ledger.look_at(EXEMPT)
        scenario = replace(SCENARIOS["new-account"], hardened=frozenset({EXPOSED}))
        return violations(Stage(proven, ledger), scenario, [])

    texts = played_apart(lie)

    assert "password was not removed" in texts
    assert "hardened, but there is access_key" in texts
    assert f"password of {EXEMPT} was removed, which is to be left alone" in texts
    assert f"{EXPOSED} still has" in texts


def test_an_alert_that_never_comes_is_missed(proven: LocalAws) -> None:
    def silence() -> list[str]:
        stage = Stage(proven, Ledger(proven, LEFT_ALONE))
        stage.alarming[CLEAN] = proven.clock.now()
        return violations(stage, SCENARIOS["root-sign-ins"], [])

    texts = played_apart(silence)

    assert [line.split(" of ")[0] for line in texts.splitlines()] == [
        f"nobody hears by {channel}" for channel in ("email", "chat", "slack")
    ]


def test_a_copy_that_breaks_says_so(proven: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert proven
    copies = Copies(tmp_path_factory.mktemp("copies"), at_once=2)
    for number in range(3):
        if copies.copy():
            copies.end(lambda number=number: str(1 // number))  # type: ignore[misc]

    results = copies.results()

    assert "ZeroDivisionError" in results.pop(1)
    assert results == {2: "1", 3: "0"}


def test_what_is_known_is_known_for_its_own_calls_alone() -> None:
    text = "an alert of what did not happen: own_role_stolen in 444455556666"

    assert reason_for(text, ["died-after at call 6, sts AssumeRoot"]) == KNOWN[0].reason
    assert reason_for(text, ["denied at call 6, sts AssumeRoot"]) is None
    assert set(DESCRIPTIONS) == set(Kind)


def _publish(aws: LocalAws, detail_type: str, detail: object) -> None:
    hub = aws.organization.hub
    entry = {
        "EventBusName": "rootwarden",
        "Source": "rootwarden",
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
    }
    aws.client("events", account=hub.account, region=hub.region).put_events(Entries=[entry])
