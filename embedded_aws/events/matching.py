"""Decides which rules an event starts: rule states and event patterns."""

from collections.abc import Mapping
from typing import Any

from moto.events.models import UNDEFINED, EventPattern, Rule

from embedded_aws.events.shape import Event

_API_CALL = "AWS API Call via CloudTrail"
_ALL_MANAGEMENT_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def starts(rule: Rule, event: Event) -> bool:
    """Say whether a rule acts on an event."""
    if rule.state == "DISABLED" or rule.event_pattern.dump() is None:
        return False
    if _is_read_only_call(event) and rule.state != _ALL_MANAGEMENT_EVENTS:
        return False
    return matches(rule.event_pattern, event)


def matches(pattern: EventPattern, event: Event) -> bool:
    """Say whether a pattern describes an event, whatever the state of its rule."""
    return _object_matches(pattern.get_pattern(), event, pattern)


def _is_read_only_call(event: Event) -> bool:
    """Read-only calls reach only rules that ask for all management events.

    Whether AWS counts calls of STS as read-only is not documented: a rule that needs them must
    hold either way, so an STS call that does not say counts as read-only.
    """
    if event["detail-type"] != _API_CALL:
        return False
    return bool(event["detail"].get("readOnly", event["source"] == "aws.sts"))


def _object_matches(pattern: Mapping[str, Any], node: Mapping[str, Any], leaves: EventPattern) -> bool:
    return all(_key_matches(key, wanted, node, leaves) for key, wanted in pattern.items())


def _key_matches(key: str, wanted: Any, node: Mapping[str, Any], leaves: EventPattern) -> bool:
    if key == "$or":
        return any(_object_matches(choice, node, leaves) for choice in wanted)
    value = node.get(key, UNDEFINED)
    if isinstance(wanted, list):
        matches: bool = leaves._does_item_match_filters(_leaf(value), wanted)  # noqa: SLF001 # the leaf matcher
        return matches
    # Unlike moto, AWS looks into objects inside arrays; one of them must match by itself.
    objects = [item for item in (value if isinstance(value, list) else [value]) if _is_object(item)]
    return any(_object_matches(wanted, item, leaves) for item in objects or [{}])


def _leaf(value: Any) -> Any:
    """Only leaves can match; an object, or an array with none, counts as absent."""
    if isinstance(value, list):
        items = [item for item in value if not _is_object(item)]
        return items or UNDEFINED
    return UNDEFINED if _is_object(value) else value


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)
