"""Every check, in the order they are shown: what later ones stand on comes first."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from rootctl.checks.access import caller, hub, permissions
from rootctl.checks.alarm_paths import alarm_paths
from rootctl.checks.context import DoctorContext, Result, unknown
from rootctl.checks.hub import functions_at_once, last_sweep, queues, rules, subscriptions
from rootctl.checks.member_forwarding import coverage
from rootctl.checks.members import member_queues, opted_in_regions
from rootctl.checks.organization import blocking_policies, delegated_administrator, features, trusted_access
from rootctl.checks.trails import trail
from rootctl.errors import Hindered
from rootctl.failures import DENIED, allow, next_step, refused_operation
from rootctl.printed_commands import complete
from rootwarden.events import MalformedEvent
from rootwarden.policies.service_control_policies import advice
from rootwarden.refusals import CallRefused

_OTHER_VERSION = "Use the rootctl of the version that is deployed, and look at what was changed by hand."


@dataclass(frozen=True)
class DoctorCheck:
    """A name, and the function that looks. What it cannot look at, it need not catch."""

    name: str
    look: Callable[[DoctorContext], Iterable[Result]]

    def results(self, context: DoctorContext) -> Iterator[Result]:
        """Look; what AWS refuses is a result: could not check. Commands ask as this one was asked."""
        for result in self._results(context):
            remedy = result.remedy and complete(result.remedy)
            yield replace(result, text=complete(result.text), remedy=remedy)

    def _results(self, context: DoctorContext) -> Iterator[Result]:
        try:
            yield from self.look(context)
        except CallRefused as refused:
            yield unknown(str(refused), remedy=_remedy(refused))
        except Hindered as hindered:
            yield unknown(str(hindered), remedy="Remedy that first.")
        except MalformedEvent as malformed:
            yield unknown(f"what was answered cannot be read: {malformed}", remedy=_OTHER_VERSION)


def _remedy(refused: CallRefused) -> str:
    operation = refused_operation(refused)
    if operation and refused.code in DENIED and advice(refused.message) is None:
        return allow(operation, refused.message)
    return next_step(refused.code, operation, refused.message)


CHECKS = (
    DoctorCheck("caller", caller),
    DoctorCheck("hub", hub),
    DoctorCheck("permissions", permissions),
    DoctorCheck("trusted access", trusted_access),
    DoctorCheck("features", features),
    DoctorCheck("delegated administrator", delegated_administrator),
    DoctorCheck("service control policies", blocking_policies),
    DoctorCheck("trail", trail),
    DoctorCheck("member forwarding", coverage),
    DoctorCheck("opted-in Regions", opted_in_regions),
    DoctorCheck("rules", rules),
    DoctorCheck("last sweep", last_sweep),
    DoctorCheck("functions at once", functions_at_once),
    DoctorCheck("alarm paths", alarm_paths),
    DoctorCheck("queues", queues),
    DoctorCheck("accounts' queues", member_queues),
    DoctorCheck("alert channels", subscriptions),
)
