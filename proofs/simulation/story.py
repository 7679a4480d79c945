"""Stories: what people, attackers and AWS do, step by step, chosen by the seed."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from proofs.stage import CLEAN, EXEMPT, EXPOSED, MANAGEMENT, SUSPENDED

_JOINING = ("888899990000", "999900001111")
_MEMBERS = (EXPOSED, CLEAN, *_JOINING)
_HOURS = 36
_SHORTEST, _LONGEST = 4, 9
# How many moments there are, and how many seconds each lasts.
_MOMENTS, _LASTS = 2, 600


@dataclass(frozen=True)
class Step:
    """One thing that happens, so many seconds after the beginning."""

    at: int
    what: str
    account: str
    how: str = ""

    def __str__(self) -> str:
        """Say it in a line."""
        hours, seconds = divmod(self.at, 3600)
        return (
            f"{hours:>3}:{seconds // 60:02}:{seconds % 60:02}  {self.what} {self.account} {self.how}".rstrip()
        )


def story_of(seed: int) -> list[Step]:
    """Return the story of a seed, in order."""
    chance = random.Random(f"story {seed}")  # noqa: S311 # no secret
    count = chance.randint(_SHORTEST, _LONGEST)
    # Most of it happens at few moments, where one thing gets into another's way.
    moments = [chance.randrange(_HOURS * 3600) for _ in range(_MOMENTS)]
    steps = [step for _ in range(count) for step in _chapter(chance, chance.choice(moments))]
    return sorted(steps, key=lambda step: step.at)


def _chapter(chance: random.Random, moment: int) -> list[Step]:
    kinds, weights = zip(*((kind, weight) for kind, (weight, _) in _CHAPTERS.items()), strict=True)
    [kind] = chance.choices(kinds, weights)
    at = moment + chance.randrange(_LASTS)
    return _CHAPTERS[kind][1](chance, at)


def _one(
    what: str, *accounts: str, hows: tuple[str, ...] = ("",)
) -> Callable[[random.Random, int], list[Step]]:
    return lambda chance, at: [Step(at, what, chance.choice(accounts), chance.choice(hows))]


def _window(chance: random.Random, at: int) -> list[Step]:
    """Ask for a window, and often let something happen within it."""
    account, hours = chance.choice(_MEMBERS), chance.choice(("1", "4"))
    steps = [Step(at, "open-window", account, hours)]
    within = chance.choice(
        (None, "close-window", "announce", "sign-in", "depart", "harden", "close-as-schedule")
    )
    if within:
        steps.append(Step(at + chance.randrange(int(hours) * 3600), within, account))
    return steps


def _life(chance: random.Random, at: int) -> list[Step]:
    """Let an account join, and perhaps something else become of it soon."""
    account, method = chance.choice(_JOINING), chance.choice(("create", "invite"))
    steps = [Step(at, method, account)]
    after = chance.choice((None, None, "depart", "suspend", "root-makes-credentials", "announce"))
    if after:
        steps.append(Step(at + chance.randrange(7200), after, account))
    return steps


_CHAPTERS: Mapping[str, tuple[int, Callable[[random.Random, int], list[Step]]]] = {
    "life": (5, _life),
    "window": (5, _window),
    "sign-in": (3, _one("sign-in", *_MEMBERS, MANAGEMENT)),
    "root-makes-credentials": (2, _one("root-makes-credentials", *_MEMBERS)),
    "root-uses-credentials": (1, _one("root-uses-credentials", *_MEMBERS)),
    "announce": (2, _one("announce", *_MEMBERS, EXEMPT, SUSPENDED, MANAGEMENT)),
    "enrol-again": (2, _one("enrol-again", *_MEMBERS)),
    "suspend": (1, _one("suspend", *_MEMBERS)),
    "reinstate": (1, _one("reinstate", *_MEMBERS, SUSPENDED)),
    "depart": (1, _one("depart", *_MEMBERS)),
    "harden": (2, _one("harden", *_MEMBERS, EXEMPT)),
    "sweep": (1, _one("sweep", MANAGEMENT, hows=("observe", "enforce"))),
    "refused-root-sessions": (1, _one("refused-root-sessions", *_MEMBERS)),
    "root-session-by-hub-admin": (1, _one("root-session-by-hub-admin", *_MEMBERS)),
    "forged-outcome": (2, _one("forged-outcome", *_MEMBERS, EXEMPT, hows=("member", "hub"))),
    "forged-queue": (1, _one("forged-queue", *_MEMBERS, EXEMPT, hows=("announcement", "session"))),
    "forged-departure": (1, _one("forged-departure", *_MEMBERS)),
}
