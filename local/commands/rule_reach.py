"""Which rules an event starts on its way: on its own bus, and on the buses it is forwarded to."""

from collections.abc import Iterator

from moto.events.models import EventBus, events_backends
from moto.utilities.arns import parse_arn

from embedded_aws.events.matching import starts
from embedded_aws.events.shape import Event


def rules_started(event: Event) -> list[str]:
    """Return the ARNs of the rules an event starts from its account's default bus, in order."""
    regions = events_backends[event["account"]]
    if event["region"] not in regions:
        return []
    return list(_started(event, regions[event["region"]].event_buses["default"]))


def _started(event: Event, bus: EventBus) -> Iterator[str]:
    for rule in list(bus.rules.values()):
        if starts(rule, event):
            yield rule.arn
            for target in rule.targets:
                arn = parse_arn(target["Arn"])
                if arn.service == "events":
                    name = arn.resource_id.rpartition("/")[2]
                    buses = events_backends[arn.account][arn.region].event_buses
                    yield from _started(event, buses[name]) if name in buses else ()
