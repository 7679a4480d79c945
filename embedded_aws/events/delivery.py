"""EventBridge: which rules an event starts, and what happens when a target refuses it."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.events.models import EventBus, EventsBackend, Rule, events_backends

from embedded_aws.clock import Clock
from embedded_aws.events.matching import starts
from embedded_aws.events.shape import Event, event_of, timestamp
from embedded_aws.events.targets import Delivery, DeliveryError, EventTargets, queue_admits
from embedded_aws.moto_patches import patched
from embedded_aws.sqs.resources import put, queue_at

_REQUIRED = {"source": str, "detail-type": str, "account": str, "region": str, "detail": dict}


class MalformedEventError(ValueError):
    """When something is not an event that EventBridge could carry."""


@dataclass(frozen=True, kw_only=True)
class LostEvent:
    """An event no target and no dead-letter queue took."""

    rule_arn: str
    target_arn: str
    reason: str
    event: Event


@dataclass(frozen=True, kw_only=True)
class ReceivedEvent:
    """An event that reached a bus."""

    bus_arn: str
    event: Event


class EventDelivery:
    """Every bus of every account and Region."""

    def __init__(self, targets: EventTargets, clock: Clock) -> None:
        """Deliver to these targets."""
        self._targets = targets
        self._clock = clock
        self.received: list[ReceivedEvent] = []
        self.lost: list[LostEvent] = []
        # Hears of each event when it reaches a bus, before any rule does.
        self.on_received: Callable[[ReceivedEvent], None] = lambda _: None

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Take moto's place at delivering events for as long as the context lasts."""
        original = EventsBackend.put_events

        def put_events(backend: EventsBackend, events: list[dict[str, Any]]) -> list[Any]:
            # moto checks the entries, but knows no bus of another account; its rules deliver to no target.
            checked = [{**entry, "EventBusName": _own_bus(backend, entry)} for entry in events]
            results = original(backend, checked)
            return [
                self._accept(backend, entry, result) for entry, result in zip(events, results, strict=True)
            ]

        with (
            patched(EventsBackend, "put_events", put_events),
            patched(Rule, "send_to_targets", lambda *_, **__: None),
            # moto keeps one statement for each principal; AWS keeps one for each statement id.
            patched(EventBus, "_remove_principals_statements", lambda *_: None),
        ):
            yield

    def deliver(self, event: Event) -> None:
        """Put an AWS event onto the default bus of its account and Region."""
        checked = self._checked(event)
        try:
            backend = events_backends[checked["account"]][checked["region"]]
        except KeyError as error:
            raise MalformedEventError(f"there is no Region {checked['region']!r}") from error
        self._put_on_bus(backend.event_buses["default"], checked)

    def _accept(self, backend: EventsBackend, entry: dict[str, Any], result: Any) -> Any:
        if "EventId" not in result:
            return result
        if entry["Source"].startswith("aws."):
            return {
                "ErrorCode": "NotAuthorizedForSourceException",
                "ErrorMessage": "Not authorized for the source.",
            }
        event = event_of(
            entry["Source"],
            entry["DetailType"],
            json.loads(entry["Detail"]),
            account=backend.account_id,
            region=backend.region_name,
            time=_time(entry.get("Time") or self._clock.now()),
            event_id=result["EventId"],
            resources=entry.get("Resources", []),
        )
        bus = self._addressed(backend, entry, event)
        if bus is None:
            message = "The resource policy of the bus does not admit this event."
            return {"ErrorCode": "NotAuthorizedException", "ErrorMessage": message}
        self._put_on_bus(bus, event)
        return result

    def _addressed(self, backend: EventsBackend, entry: dict[str, Any], event: Event) -> EventBus | None:
        if _is_foreign(backend, entry):
            return self._targets.admitted_to_bus(entry["EventBusName"], backend.account_id, event)
        return backend.event_buses[_own_bus(backend, entry).rpartition("/")[2]]

    def _put_on_bus(self, bus: EventBus, event: Event) -> None:
        received = ReceivedEvent(bus_arn=bus.arn, event=event)
        self.received.append(received)
        self.on_received(received)
        for rule in list(bus.rules.values()):
            if starts(rule, event):
                for target in rule.targets:
                    self._send(event, bus, rule, target)

    def _send(self, event: Event, bus: EventBus, rule: Rule, target: dict[str, Any]) -> None:
        delivery = Delivery(event=event, bus=bus, rule=rule, target=target, put_on_bus=self._put_on_bus)
        try:
            self._targets.send(delivery)
        except DeliveryError as error:
            self._bury(delivery, error)

    def _bury(self, delivery: Delivery, error: DeliveryError) -> None:
        """Send an event to the target's dead-letter queue; without one AWS drops it."""
        arn = delivery.target.get("DeadLetterConfig", {}).get("Arn")
        queue = queue_at(arn) if arn else None
        if queue is None or not queue_admits(queue, delivery):
            reason = f"{error.code}: {error}"
            self.lost.append(
                LostEvent(
                    rule_arn=delivery.rule.arn,
                    target_arn=delivery.arn,
                    reason=reason,
                    event=delivery.event,
                )
            )
            return
        attributes = {
            "RULE_ARN": delivery.rule.arn,
            "TARGET_ARN": delivery.arn,
            "ERROR_CODE": error.code,
            "ERROR_MESSAGE": str(error),
        }
        written = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        put(queue, json.dumps(delivery.event), written)

    def _checked(self, event: object) -> Event:
        defaults = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "time": timestamp(self._clock.now()),
            "resources": [],
        }
        return {**defaults, **check_event(event)}


def check_event(event: object) -> Event:
    """Return the event unless EventBridge could not carry it; raises MalformedEventError."""
    if not isinstance(event, dict):
        raise MalformedEventError(f"an event is a JSON object, not {type(event).__name__}")
    for key, kind in _REQUIRED.items():
        if key not in event:
            raise MalformedEventError(f"the event has no {key!r}")
        if not isinstance(event[key], kind):
            takes = "text" if kind is str else "an object"
            raise MalformedEventError(f"the event's {key!r} takes {takes}: {event[key]!r}")
    return event


def _is_foreign(backend: EventsBackend, entry: dict[str, Any]) -> bool:
    name = str(entry.get("EventBusName") or "")
    return name.startswith("arn:") and name.split(":")[4] != backend.account_id


def _own_bus(backend: EventsBackend, entry: dict[str, Any]) -> str:
    return "default" if _is_foreign(backend, entry) else str(entry.get("EventBusName") or "default")


def _time(time: datetime | float | str) -> datetime | str:
    return time if isinstance(time, datetime | str) else datetime.fromtimestamp(float(time), UTC)
