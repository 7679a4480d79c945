"""Runs: a scenario is played once, and at every call copies go on, each with another fault."""

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.json import decode, encode

from embedded_aws.calls import Call
from local.aws import LocalAws
from proofs.copies import ERROR, Copies
from proofs.faults.injection import Injection, faults_at
from proofs.faults.invariants import violations
from proofs.faults.kinds import Fault, Kind, kinds_for
from proofs.faults.known import reason_for
from proofs.faults.scenarios import SCENARIOS
from proofs.ledger import Ledger
from proofs.stage import LEFT_ALONE, Stage

# One run that hangs, in seconds, must not hang the proof.
_LONGEST_RUN = 300
# The second fault of a pair comes within so many calls of the first.
_NEAR = 30


@dataclass(frozen=True)
class Violation:
    """What did not hold in one run."""

    scenario: str
    faults: tuple[str, ...]
    struck: tuple[str, ...]
    texts: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        """Whether nothing else than what is known did not hold."""
        return all(reason_for(text, self.struck) for text in self.texts)


@dataclass(frozen=True)
class Chosen:
    """Which runs there are. share: of a scenario's single faults. pairs: at each call, on average."""

    seed: int = 0
    share: float = 1.0
    pairs: float = 0.3


def play(aws: LocalAws, name: str, faults: Sequence[Fault]) -> Violation | None:
    """Play one run here and now; None when everything holds."""
    run = _Run(aws, name)
    run.injection = Injection(aws, faults_at(*faults), run.ledger.look)
    run.faults = list(faults)
    return run.play()


@dataclass(frozen=True)
class Played:
    """What came of every run of a scenario. known: runs in which only what is known did not hold."""

    runs: int
    known: int
    broken: tuple[Violation, ...]


def play_all(aws: LocalAws, name: str, chosen: Chosen, *, at_once: int) -> Played:
    """Play every run of a scenario, in copies of this process, which stays as it is."""
    with TemporaryDirectory() as directory:
        alone = Copies(Path(directory), at_once=1)
        if alone.copy():
            alone.end(lambda: encode(_played(aws, name, chosen, at_once=at_once)).decode())
        [text] = alone.results().values()
    if text.startswith(ERROR):
        raise RuntimeError(text)
    return decode(text, type=Played)


def _played(aws: LocalAws, name: str, chosen: Chosen, *, at_once: int) -> Played:
    with TemporaryDirectory() as directory:
        copies = Copies(Path(directory), at_once=at_once, longest=_LONGEST_RUN)
        run = _Run(aws, name)
        branching = _Branching(run, copies, chosen)
        run.injection = Injection(aws, branching.choose, run.ledger.look)
        found = run.play()
        copies.end(lambda: encode(found).decode() if found else "")
        broken = [found] if found else []
        broken += [_read(name, text) for text in copies.results().values()]
        unknown = tuple(each for each in broken if not each.is_known)
        return Played(copies.made + 1, len(broken) - len(unknown), unknown)


def _read(name: str, text: str) -> Violation:
    if text.startswith(ERROR):
        return Violation(name, (), (), (text,))
    return decode(text, type=Violation)


class _Run:
    """One run of a scenario, or the one that all others branch off from."""

    injection: Injection

    def __init__(self, aws: LocalAws, name: str) -> None:
        self.name, self.scenario = name, SCENARIOS[name]
        self.ledger = Ledger(aws, LEFT_ALONE)
        self.stage = Stage(aws, self.ledger)
        self.faults: list[Fault] = []

    def play(self) -> Violation | None:
        with ExitStack() as stack:
            stack.enter_context(self.ledger.listening())
            stack.enter_context(self.injection.installed())
            try:
                self.scenario.story(self.stage)
                kinds = [fault.kind for fault in self.faults]
                texts = violations(self.stage, self.scenario, kinds)
            except Exception as error:  # noqa: BLE001 # whatever ends a story is what the run shows
                texts = [f"the story ended with {type(error).__name__}: {error}"]
        if not texts:
            return None
        told = tuple(str(fault) for fault in self.faults)
        return Violation(self.name, told, tuple(self.injection.struck), tuple(texts))


class _Branching:
    """Makes a copy for every fault that a call may meet, and for some pairs."""

    def __init__(self, run: _Run, copies: Copies, chosen: Chosen) -> None:
        self._run, self._copies, self._chosen = run, copies, chosen
        self._random = random.Random(f"{chosen.seed} {run.name}")  # noqa: S311 # no secret
        self._operations: set[tuple[str, str]] = set()
        self._invocation = ""
        self._second: Fault | None = None

    def choose(self, number: int, call: Call) -> Kind | None:
        if self._copies.is_copy:
            return self._second.kind if self._second and self._second.at == number else None
        for kind, second in self._wanted(number, call):
            if self._copies.copy():
                first = Fault(number, kind)
                self._second = second
                self._run.faults = [first, second] if second else [first]
                return kind
        return None

    def _wanted(self, number: int, call: Call) -> Iterator[tuple[Kind, Fault | None]]:
        kinds = list(kinds_for(call, is_first=self._is_first(), is_new=self._is_new(call)))
        chance, of_all = self._random, self._run.scenario.share
        for kind in kinds:
            if chance.random() < self._chosen.share * of_all:
                yield kind, None
        if chance.random() < self._chosen.pairs * of_all:
            yield chance.choice(kinds), Fault(number + chance.randint(1, _NEAR), chance.choice(list(Kind)))

    def _is_first(self) -> bool:
        running = self._run.stage.aws.functions.running
        before, self._invocation = self._invocation, running.context.aws_request_id if running else ""
        return before != self._invocation

    def _is_new(self, call: Call) -> bool:
        seen = (call.operation, call.account)
        is_new = seen not in self._operations
        self._operations.add(seen)
        return is_new
