"""Every check, in the order they are told: what later ones stand on comes first."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.policies.refused_by_policy import advice
from rootctl.checks.blocking_policies import blocking_policies
from rootctl.checks.coverage import coverage
from rootctl.checks.identity import caller, hub
from rootctl.checks.last_sweep import last_sweep
from rootctl.checks.member_queues import member_queues
from rootctl.checks.permissions import permissions
from rootctl.checks.protection import delegated_administrator, features, trusted_access
from rootctl.checks.queues import queues
from rootctl.checks.result import Result, unknown
from rootctl.checks.subscriptions import subscriptions
from rootctl.checks.surroundings import Surroundings
from rootctl.checks.trail import trail
from rootctl.errors import Hindered
from rootctl.next_steps import next_step

_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})


@dataclass(frozen=True)
class Check:
    """A name, and the function that looks. What it cannot look at, it need not catch."""

    name: str
    look: Callable[[Surroundings], Iterable[Result]]

    def results(self, surroundings: Surroundings) -> Iterator[Result]:
        """Look; what AWS refuses is a result: could not check."""
        try:
            yield from self.look(surroundings)
        except CallRefused as refused:
            yield unknown(str(refused), mend=_mend(refused))
        except Hindered as hindered:
            yield unknown(str(hindered), mend="Mend that first.")


def _mend(refused: CallRefused) -> str:
    cause = refused.__cause__
    operation = cause.operation_name if isinstance(cause, ClientError) else None
    if operation and refused.code in _DENIED and advice(refused.message) is None:
        return f"Allow {operation} to your credentials, or use others (--profile)."
    return next_step(refused.code, operation, refused.message)


CHECKS = (
    Check("caller", caller),
    Check("hub", hub),
    Check("permissions", permissions),
    Check("trusted access", trusted_access),
    Check("features", features),
    Check("delegated administrator", delegated_administrator),
    Check("service control policies", blocking_policies),
    Check("trail", trail),
    Check("member forwarding", coverage),
    Check("last sweep", last_sweep),
    Check("queues", queues),
    Check("accounts' queues", member_queues),
    Check("alert channels", subscriptions),
)
