"""Probing the other Regions with a session that the audit opened anyway: whatever fails, no audit does."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from rootwarden.coverage.probes import Probe, ProbePlan
from rootwarden.hardening.removal import CallRefused
from rootwarden.sweep.rows import Row

# A hanging endpoint takes at most a third of this; the audit's own time comes first.
_SECONDS_TO_PROBE = 15.0
OUT_OF_TIME, NO_ANSWER = "OutOfTime", "NoAnswer"


class ProbedSession(Protocol):
    """A root session that can say who it is in any Region; raises CallRefused where AWS refuses."""

    def identify(self, region: str) -> None:
        """Call GetCallerIdentity at a Region's own endpoint."""


S = TypeVar("S", bound=ProbedSession)


@dataclass(frozen=True, kw_only=True)
class Prober(Generic[S]):
    """Probes the accounts of one batch. unforeseen: takes errors that AWS did not answer with."""

    plan: ProbePlan
    time_left: Callable[[], float]
    clock: Callable[[], datetime]
    unforeseen: Callable[[Exception], None]
    # Regions whose endpoint gave no answer: no other account of the batch waits for it.
    _mute: set[str] = field(default_factory=set, init=False, repr=False)

    def __call__(self, row: Row, session: S) -> Row:
        """Return the row with its account's probes; raises nothing."""
        regions = self.plan.regions_of(row.account.account_id, self.clock())
        return replace(row, probes=tuple(self._probe(region, session) for region in regions))

    def _probe(self, region: str, session: S) -> Probe:
        probe = Probe(region=region, at=self.clock())
        if region in self._mute:
            return replace(probe, code=NO_ANSWER, message="the Region's STS gave no answer before")
        if self.time_left() < _SECONDS_TO_PROBE:
            return replace(probe, code=OUT_OF_TIME, message="no time was left for this Region")
        try:
            session.identify(region)
        except CallRefused as refused:
            if refused.may_pass:
                self._mute.add(region)
            return replace(probe, code=refused.code, message=refused.message)
        except Exception as error:  # noqa: BLE001 - a probe never makes an audit fail
            self._mute.add(region)
            self.unforeseen(error)
            return replace(probe, code=NO_ANSWER, message=f"{type(error).__name__}: {error}")
        return probe
