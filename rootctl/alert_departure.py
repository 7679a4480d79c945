"""Whether an alert left: notify puts on record each channel that took a message."""

from collections.abc import Collection
from time import sleep

from lambdas.adapters.claims_table import ClaimsTable
from lambdas.adapters.refusals import refusals
from lambdas.adapters.state_table import StateTable
from lambdas.domain.clock import utc_now
from rootctl.hub import Hub

# EventBridge, a queue and a function: seconds as a rule, more when the function has to start.
PATIENCE_SECONDS = 60
_SECONDS_BETWEEN_LOOKS = 3


def departed(hub: Hub, event_id: str, channels: Collection[str]) -> frozenset[str]:
    """Return the channels that took the event's message, waiting for all of them; raises CallRefused."""
    table = StateTable(hub.session.client("dynamodb"), hub.output("StateTableName"))
    claims = ClaimsTable(table, "MESSAGE", utc_now)
    for look in range(PATIENCE_SECONDS // _SECONDS_BETWEEN_LOOKS + 1):
        if look:
            sleep(_SECONDS_BETWEEN_LOOKS)
        with refusals():
            found = frozenset(name for name in channels if claims.is_done(f"{event_id}#{name}"))
        if found == frozenset(channels):
            break
    return found
