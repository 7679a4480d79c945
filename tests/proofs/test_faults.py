"""The proof of faults, in short: a few runs of some scenarios, and that it sees what it is to see."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.aws import LocalAws
from local.scenarios.sweeping import Sweeping
from proofs.copies import Copies
from proofs.deployed import START
from proofs.faults.invariants import violations
from proofs.faults.kinds import DESCRIPTIONS, Fault, Kind
from proofs.faults.known import KNOWN, reason_for
from proofs.faults.runs import Chosen, play, play_all
from proofs.faults.scenarios import SCENARIOS
from proofs.ledger import Ledger
from proofs.modes import Work
from proofs.simulation.runs import played_apart
from proofs.stage import CLEAN, EXEMPT, EXPOSED, LEFT_ALONE, NEW, Stage
from rootwarden.contract.configured import Mode

LONG = ("new-account", "announced-often", "request", "window", "window-closed-early")


@pytest.mark.parametrize(
    "name", ["root-sign-ins", *(pytest.param(name, marks=pytest.mark.long) for name in LONG)]
)
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
                "mode": None,
                "trigger": {"eventId": "e", "eventName": "UpdateManagedAccount"},
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
        detail = {"account": {"id": EXPOSED}, "severity": "low", "version": "1"}
        _publish(proven, "Account Hardening Result", detail)
        return violations(stage, SCENARIOS["root-sign-ins"], [])

    texts = played_apart(silence)

    assert [line.split(" of ")[0].split(" Result ")[0] for line in texts.splitlines()] == [
        *(f"nobody hears by {channel}" for channel in ("email", "chat", "slack")),
        "the route Payments, by e-mail: nobody got Account Hardening",
    ]


def _believing(aws: LocalAws, scenario: str, **configuration: object) -> str:
    """Play a scenario, and hold it to another configuration than the one that is deployed."""

    def played() -> list[str]:
        believed = {**aws.organization.configuration, **configuration}
        aws.organization = replace(aws.organization, configuration=believed)
        key, *_ = aws.state.root_user(EXPOSED).access_keys
        key.last_used = START - timedelta(days=100)
        found = play(aws, scenario, [])
        return list(found.texts) if found else []

    return played_apart(played)


MODES: dict[str, object] = {
    "created": "enforce",
    "invited": "observe",
    "existing": "observe",
    "keep_used_within_days": 30,
}


def test_a_run_that_does_not_do_what_the_mode_says_is_seen(proven: LocalAws) -> None:
    removed = _believing(proven, "new-account", hardening={**MODES, "created": "observe"})
    left = _believing(proven, "only-observed", hardening={**MODES, "existing": "enforce"})

    on = "by harden_account, on CreateAccountResult, and the account is only observed"
    assert f"password of {NEW} was removed {on}" in removed
    assert f"Account Hardening Result of {NEW}: done in the mode enforce, where it is observe" in removed
    assert left == (
        f"said, but untrue: Account Hardening Result of {EXPOSED}: "
        "done in the mode observe, where it is enforce"
    )


def test_what_is_in_use_and_goes_is_seen(proven: LocalAws) -> None:
    removed = _believing(proven, "request", hardening={**MODES, "keep_used_within_days": 365})

    [text] = removed.splitlines()
    assert text.startswith("access_key ")
    assert text.endswith(f" of {EXPOSED} was removed, which is in use")


def test_only_who_may_removes_from_an_account_that_is_observed(proven: LocalAws) -> None:
    def judged() -> list[str]:
        modes = Ledger(proven, LEFT_ALONE).modes
        observing, enforcing = (Sweeping(proven).start(mode).rpartition(":")[2] for mode in Mode)
        body = json.dumps({"source": "rootwarden", "detail-type": "x", "detail": {}})
        works = (
            Work("audit_accounts", "sweep", {"BatchInput": {"sweepId": observing}}),
            Work("audit_accounts", "sweep", {"BatchInput": {"sweepId": enforcing}}),
            Work("audit_accounts", "person", {"BatchInput": {"sweepId": enforcing}}),
            Work("harden_account", "person", {"account": EXPOSED, "dryRun": True}),
            Work("harden_account", "person", {"account": CLEAN}),
            Work("harden_account", "person", {"account": EXPOSED}),
            Work("harden_account", "queue", {"Records": [{"body": body}]}),
            Work("close_recovery", "person", {"account": EXPOSED}),
        )
        found = []
        for work in works:
            with modes.at(work):
                found.append(modes.why_not(EXPOSED, had_window=False) or "may")
        return [*found, modes.why_not(EXPOSED, had_window=True) or "may"]

    assert played_apart(judged).splitlines() == [
        "by audit_accounts, asked by sweep, and the sweep only observes",
        "may",
        "by audit_accounts, asked by person",
        "by harden_account, asked by person",
        "by harden_account, asked by person",
        "may",
        "by harden_account, on x, and the account is only observed",
        "by close_recovery, asked by person",
        "by nobody that is known",
    ]


def test_what_routes_lose_mistake_or_let_in_is_seen(proven: LocalAws) -> None:
    configured: Any = proven.organization.configuration["routes"]
    siem, refusing, team = configured
    other = {"match": {"account": [CLEAN]}}
    routes = [{**siem, "match": {"severity": ["info"]}}, {**refusing, **other}, {**team, **other}]

    texts = _believing(proven, "root-sign-ins", routes=routes)
    taken = _believing(proven, "root-sign-ins", routes=[{**refusing, "to": siem["to"]}])

    alert = "Root Activity Alert"
    assert texts.count(f"the route Siem, to its target: 1 too many of {alert}") == 3
    for text in ("missing", "too many"):
        assert texts.count(f"the route Payments, by e-mail: 1 {text} of ") == 1
    assert "the route Refusing" not in texts
    assert f"the route Refusing, to its dead letters: 1 too many of {alert}" in taken


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
