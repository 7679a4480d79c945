"""The simulation, in short: the first seeds, and the turns it is made of."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.aws import LocalAws
from proofs.deployed import START
from proofs.simulation.runs import play, played_apart
from proofs.simulation.story import Step, story_of
from proofs.simulation.turns import SharedClock, Turns
from proofs.stage import CLEAN


# `make simulate` plays a thousand.
@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 25))]
)
def test_whatever_happens_what_must_hold_in_the_end_holds(proven: LocalAws, seed: int) -> None:
    assert played_apart(lambda: play(proven, seed, story_of(seed))) == ""


@pytest.mark.long
def test_a_story_that_ends_otherwise_than_its_configuration_says_is_seen(proven: LocalAws) -> None:
    def played() -> list[str]:
        routes: Any = proven.organization.configuration["routes"]
        believed = {
            **proven.organization.configuration,
            "hardening": {"created": "observe", "invited": "observe", "existing": "observe"}
            | {"keep_used_within_days": 30},
            "routes": [{**routes[0], "match": {"severity": ["low"]}}],
        }
        proven.organization = replace(proven.organization, configuration=believed)
        return play(proven, 0, [Step(10, "create", "999900001111"), Step(20, "sign-in", CLEAN)])

    texts = played_apart(played)

    assert "999900001111 was removed by harden_account, on " in texts
    assert "the route Siem, to its target: 1 too many of Root Activity Alert" in texts


def test_a_story_is_the_same_for_the_same_seed_alone() -> None:
    assert story_of(7) == story_of(7) != story_of(8)


def _played(seed: int) -> list[str]:
    """Let two take turns at eight calls each, and one wait a minute."""
    heard: list[str] = []
    with SharedClock(START) as clock:
        turns = Turns(clock, random.Random(seed))  # noqa: S311 # no secret
        clock.turns = turns

        def call(name: str) -> None:
            with turns.with_skew(3):
                for number in range(8):
                    with turns.at_aws():
                        turns.give_way()
                        assert clock.now() in (START, START + timedelta(minutes=1))
                    heard.append(f"{name}{number}")

        def wait() -> None:
            clock.advance(60)
            heard.append("waited")

        turns.start("a", lambda: call("a"))
        turns.start("b", lambda: call("b"))
        turns.start("c", wait)
        chance = random.Random(seed)  # noqa: S311 # no secret
        while turns.ready() or turns.next_wake():
            ready = turns.ready()
            if ready:
                chance.choice(ready)()
            else:
                clock.advance(60)
        assert turns.errors == []
    return heard


def test_turns_go_round_at_calls_and_are_the_same_again() -> None:
    heard = _played(1)

    assert heard == _played(1) != _played(2)
    assert heard[-1] == "waited"
    assert [each for each in heard if each[0] == "a"] == [f"a{n}" for n in range(8)]
    # Truly mixed: neither is done before the other begins.
    assert heard.index("b0") < heard.index("a7")
    assert heard.index("a0") < heard.index("b7")
