"""Why a step was not seen: the checks of rootctl doctor that may explain it, looked at once at the end."""

from collections.abc import Iterable
from dataclasses import dataclass

from rootctl.checks.registry import CHECKS
from rootctl.checks.result import Result, Status
from rootctl.checks.surroundings import Surroundings
from rootctl.drill.hop import Hop, Sight
from rootctl.terminal.consoles import with_progress

# By the names that rootctl doctor shows. A step names those that its path leads through.
POLICIES = ("service control policies",)
ENTERING = ("trusted access", "features", "delegated administrator", *POLICIES)
ROUTING = ("rules", "queues")
RECORDS = ("trail", "member forwarding", "alarm paths", *ROUTING)
CHANNELS = ("alert channels",)


@dataclass(frozen=True)
class Reason:
    """What one check found. A check that could not look says that it could not."""

    check: str
    result: Result


def reasons(hops: Iterable[Hop], surroundings: Surroundings) -> list[Reason]:
    """Return what is wrong where it may explain a step that was not seen, and what could not be checked."""
    wanted = {check for hop in hops if hop.sight is not Sight.SEEN for check in hop.suspects}
    looks = [check for check in CHECKS if check.name in wanted]
    if not looks:
        return []
    return [
        Reason(check.name, result)
        for check in with_progress(looks, "Looking for the reason")
        for result in check.results(surroundings)
        if result.status is not Status.OK
    ]
