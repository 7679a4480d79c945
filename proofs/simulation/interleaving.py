"""Functions that run at the same time: at each call, another one may go on."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

from botocore.endpoint import Endpoint
from moto.awslambda.models import LambdaFunction

from embedded_aws.lambda_.functions import Invocation
from local.aws import LocalAws
from proofs.simulation.turns import SharedClock, Turns

# Every fourth invocation has a clock that is off, by so many seconds at most.
_OFF, _AT_MOST = 0.25, 5
# Of one function, at the same time.
_AT_ONCE = 2


class Interleaving:
    """Runs what is due, in actors."""

    def __init__(self, aws: LocalAws, clock: SharedClock, chance: random.Random) -> None:
        """Choose by `chance`."""
        self._aws, self._clock, self._chance = aws, clock, chance
        self.turns = Turns(clock, chance)
        self.turns.outside = self._leave
        clock.turns = self.turns

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Give way at each call of a function, for as long as the context lasts."""
        get_response = vars(Endpoint)["_get_response"]
        functions = self._aws.functions
        invoke = functions.invoke

        def in_turn(endpoint: Endpoint, request: Any, model: Any, context: Any) -> Any:
            if functions.running is None:
                return get_response(endpoint, request, model, context)
            with self.turns.at_aws():
                self.turns.give_way()
                return get_response(endpoint, request, model, context)

        def skewed(function: LambdaFunction, event: Any, **by: Any) -> Invocation:
            is_off = self._chance.random() < _OFF
            with self.turns.with_skew(self._chance.randint(-_AT_MOST, _AT_MOST) if is_off else 0):
                return invoke(function, event, **by)

        with (
            patch.object(Endpoint, "_get_response", in_turn),
            patch.object(functions, "invoke", skewed),
            patch.object(functions, "lock", nullcontext()),
        ):
            yield

    def run(self, steps: Callable[[], bool], next_step: Callable[[], Any]) -> None:
        """Run until nothing is left. steps: does what is due of the story; next_step: says when more is."""
        while True:
            if steps():
                continue
            moves = self._moves()
            if moves:
                self._chance.choice(moves)()
                continue
            now = self._clock.now()
            times = (next_step(), self.turns.next_wake(), *self._aws.next_due())
            later = [at for at in times if at and at > now]
            if not later:
                return
            self._clock.advance((min(later) - now).total_seconds())

    def _moves(self) -> list[Callable[[], object]]:
        for name, work in self._aws.due():
            if name in {"schedule", "execution"} or self.turns.running(name) < _AT_ONCE:
                self.turns.start(name, work)
        return list(self.turns.ready())

    def _leave(self) -> Callable[[], object] | None:
        running = self._aws.functions.running
        if running is None:
            return None
        outside = running.environment.outside()
        outside.__enter__()
        return lambda: outside.__exit__(None, None, None)
