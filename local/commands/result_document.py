"""What happened in the embedded AWS, as JSON, and which rules each event started on its way."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from moto.events.models import EventBus, events_backends

from embedded_aws.calls import Call
from embedded_aws.events.matching import starts
from embedded_aws.events.shape import Event
from embedded_aws.events.targets import bus_at
from local.aws import LocalAws


def result_document(aws: LocalAws) -> dict[str, Any]:
    """Return everything that happened until now, and every account's root credentials as they are."""
    return {
        "outcomes": aws.outcomes,
        "messages": [asdict(message) for message in list(aws.messages)],
        "posture": {account["Id"]: dict(aws.posture(account["Id"])) for account in aws.accounts},
        "deadLetters": [asdict(letter) for letter in aws.dead_letters],
        "lost": [
            {"rule": lost.rule_arn, "target": lost.target_arn, "reason": lost.reason, "event": lost.event}
            for lost in list(aws.lost_events)
        ],
        "calls": [_call(call) for call in list(aws.calls)],
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "time": call.time.isoformat(),
        "account": call.account,
        "region": call.region,
        "principal": call.principal.arn,
        "service": call.service,
        "operation": call.operation,
        "action": call.action,
        "resource": call.resource,
        "parameters": call.parameters,
        "errorCode": call.error_code,
        "errorMessage": call.error_message,
    }


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
                if ":event-bus/" in target["Arn"] and (further := bus_at(target["Arn"])):
                    yield from _started(event, further)
