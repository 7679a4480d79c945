"""How much time the running invocation has left, so that nothing is begun that would outlive it."""

import math
from typing import TYPE_CHECKING, Any, TypeVar

from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from botocore.exceptions import BotoCoreError

if TYPE_CHECKING:
    from collections.abc import Callable


Client = TypeVar("Client")


class OutOfTime(BotoCoreError):
    """When a call is not sent, because the function could end before the answer comes. Never tried again."""

    fmt = "{call} was not sent: {left:.0f} s are left, and it could take {needed:.0f} s to end well"


class Deadline:
    """The end of the running invocation. Outside of one, as in rootctl, there is none."""

    def __init__(self) -> None:
        self._left: Callable[[], float] = lambda: math.inf

    def begin(self, context: LambdaContext) -> None:
        """Take the deadline of the invocation that begins."""
        self._left = lambda: context.get_remaining_time_in_millis() / 1000

    def seconds_left(self) -> float:
        """Return how many seconds the function may still run."""
        return self._left()

    def bind(self, client: Client, config: Config, *, reserve: float) -> Client:
        """Have a client send a request only if even a hanging one leaves `reserve` seconds to end well."""
        options: Any = config  # its stubs do not know what it was made with
        needed = options.connect_timeout + options.read_timeout + reserve

        def check(event_name: str, **_: object) -> None:
            left = self.seconds_left()
            if left < needed:
                raise OutOfTime(call=event_name.rpartition(".")[2], left=max(left, 0), needed=needed)

        made: Any = client
        service = made.meta.service_model.service_id.hyphenize()
        made.meta.events.register(f"before-send.{service}", check)
        return client


# One process runs one invocation at a time; the threads of a sweep's worker see it too.
DEADLINE = Deadline()
