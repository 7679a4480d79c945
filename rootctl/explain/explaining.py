"""From an event to what each function would do with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from rootctl.explain.activity import explain_activity
from rootctl.explain.explanation import Explanation
from rootctl.explain.hardening import explain_hardening, explain_leaving
from rootctl.explain.knowledge import Knowledge, Source
from rootctl.explain.routing import Taker, takers, why_none
from rootctl.explain.telling import explain_telling
from rootwarden.accounts import AccountId
from rootwarden.event_fields import MalformedEvent
from rootwarden.events import Envelope

Explainer = Callable[[Envelope, Knowledge, Callable[[], datetime]], Explanation]

_EXPLAINERS: Mapping[Taker, Explainer] = {
    Taker.HARDEN_ACCOUNT: explain_hardening,
    Taker.FORGET_ACCOUNT: explain_leaving,
    Taker.ASSESS_ROOT_ACTIVITY: explain_activity,
    Taker.NOTIFY: explain_telling,
}


@dataclass(frozen=True)
class Explaining:
    """source: None where nobody is to be asked."""

    source: Source | None
    clock: Callable[[], datetime]

    def explain(self, envelope: Envelope) -> tuple[Explanation, ...]:
        """Say what each function that gets the event would do; or one explanation why none gets it."""
        knowledge = Knowledge(self.source)
        management = _management(envelope, knowledge)
        found = takers(envelope, management)
        if not found:
            return (_nobody(envelope, management, knowledge),)
        return tuple(self._explain(taker, envelope, knowledge) for taker in found)

    def _explain(self, taker: Taker, envelope: Envelope, routed: Knowledge) -> Explanation:
        knowledge = Knowledge(self.source, dict(routed.not_known))
        try:
            explanation = _EXPLAINERS[taker](envelope, knowledge, self.clock)
        except MalformedEvent as malformed:
            explanation = Explanation(
                function=taker.value,
                would="give it up: after its attempts it waits in the dead-letter queue, which alarms",
                because=str(malformed),
            )
        return replace(explanation, not_known=tuple(knowledge.not_known))


def _management(envelope: Envelope, knowledge: Knowledge) -> AccountId:
    """Ask which account it is only where that changes who gets the event."""
    own = envelope.account_id
    if takers(envelope, own) == takers(envelope, AccountId("")):
        return own
    return knowledge.management(own)


def _nobody(envelope: Envelope, management: AccountId, knowledge: Knowledge) -> Explanation:
    return Explanation(
        function=None,
        would="nothing",
        because=why_none(envelope, management),
        not_known=tuple(knowledge.not_known),
    )
