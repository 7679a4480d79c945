"""Runs: a seed's story is played in a copy of the process; one that fails is made as short as it can be."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from embedded_aws.calls import Call
from local.aws import LocalAws
from local.scenarios.sweeping import Sweeping
from proofs.copies import Copies
from proofs.faults.injection import Injection
from proofs.faults.kinds import Kind, kinds_for
from proofs.ledger import Ledger
from proofs.simulation.interleaving import Interleaving
from proofs.simulation.invariants import violations
from proofs.simulation.story import Step, story_of
from proofs.simulation.turns import SharedClock
from proofs.simulation.world import World
from proofs.stage import EXEMPT, MANAGEMENT, Stage

# How many of a thousand calls fail, and how many seeds have no failing call at all.
_FAILING, _UNDISTURBED = 0.008, 0.3
_DAY = 24 * 3600
# Failing seeds are shown after so many.
_TOGETHER = 100
# One run that hangs, in seconds, must not hang the proof.
_LONGEST_RUN = 300


@dataclass(frozen=True)
class Failed:
    """A seed whose story does not end as it must."""

    seed: int
    steps: tuple[Step, ...]
    texts: tuple[str, ...]


def play(aws: LocalAws, seed: int, steps: Sequence[Step]) -> list[str]:
    """Play a story here and now; returns what does not hold."""
    clock = aws.clock
    if not isinstance(clock, SharedClock):
        raise TypeError("a story needs a clock that is shared")
    chance = random.Random(f"course {seed}")  # noqa: S311 # no secret
    random.seed(seed)
    ledger = Ledger(aws, frozenset({MANAGEMENT, EXEMPT}))
    interleaving = Interleaving(aws, clock, chance)
    stage = Stage(aws, ledger)
    world = World(stage, interleaving.turns, chance, list(steps), clock.now())
    calm = _Calm(chance)
    with ExitStack() as stack:
        stack.enter_context(ledger.listening())
        stack.enter_context(interleaving.installed())
        stack.enter_context(Injection(aws, calm.choose, ledger.look).installed())
        try:
            interleaving.run(world.do_due, world.next_at)
            # Whatever was open has ended by then; what still fails, the last sweep does.
            calm.is_over = True
            clock.advance(_DAY)
            interleaving.run(world.do_due, world.next_at)
            Sweeping(aws).start("enforce")
            interleaving.run(world.do_due, world.next_at)
            aws.run_until_idle()
            return violations(world)
        except Exception as error:  # noqa: BLE001 # whatever ends a story is what the run shows
            return [f"the story ended with {type(error).__name__}: {error}"]


class _Calm:
    """Chooses which calls fail, until the story is over."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._share = 0.0 if chance.random() < _UNDISTURBED else _FAILING
        self.is_over = False

    def choose(self, _number: int, call: Call) -> Kind | None:
        if self.is_over or self._chance.random() >= self._share:
            return None
        return self._chance.choice(list(kinds_for(call, is_first=True, is_new=False)))


def play_all(
    aws: LocalAws, seeds: Sequence[int], *, at_once: int, progress: Callable[[int], None]
) -> Iterator[Failed]:
    """Play every seed, and yield those that fail, as short as they can be. progress: how many are played."""
    for first in range(0, len(seeds), _TOGETHER):
        together = seeds[first : first + _TOGETHER]
        for number, text in sorted(_played(aws, together, at_once=at_once).items()):
            seed = together[number - 1]
            yield shortened(aws, seed, story_of(seed), text)
        progress(first + len(together))


def _played(aws: LocalAws, seeds: Sequence[int], *, at_once: int) -> dict[int, str]:
    with TemporaryDirectory() as directory:
        copies = Copies(Path(directory), at_once=at_once, longest=_LONGEST_RUN)
        for seed in seeds:
            if copies.copy():
                copies.end(lambda seed=seed: "\n".join(play(aws, seed, story_of(seed))))  # type: ignore[misc]
        return copies.results()


def shortened(aws: LocalAws, seed: int, steps: Sequence[Step], text: str) -> Failed:
    """Drop steps for as long as the story still fails."""
    kept = list(steps)
    while True:
        for place in range(len(kept)):
            fewer = kept[:place] + kept[place + 1 :]
            again = played_apart(lambda fewer=fewer: play(aws, seed, fewer))  # type: ignore[misc]
            if again:
                kept, text = fewer, again
                break
        else:
            return Failed(seed, tuple(kept), tuple(text.splitlines()))


def played_apart(play_it: Callable[[], list[str]]) -> str:
    """Play a story in a copy, so that this process stays as it is; returns what does not hold, in lines."""
    with TemporaryDirectory() as directory:
        copies = Copies(Path(directory), at_once=1, longest=_LONGEST_RUN)
        if copies.copy():
            copies.end(lambda: "\n".join(play_it()))
        return copies.results().get(1, "")
