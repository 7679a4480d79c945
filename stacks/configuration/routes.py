"""Routes: which outcomes go where besides to everybody who gets alerts."""

import json
import re
from collections.abc import Mapping
from math import prod
from typing import Annotated, Any

from pydantic import ValidationInfo
from pydantic import field_validator as rule

from rootwarden.contract.detail_types import SOURCE
from rootwarden.contract.route_filters import ACTIVITIES, PLACEHOLDERS, SEVERITIES
from stacks.configuration import values
from stacks.configuration.blocks import Block
from stacks.configuration.values import AS_JSON, ONCE, Takes, refuse, text

# What SNS takes of an address: the values of each key, multiplied.
# https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
_MOST_COMBINATIONS = 150
# What EventBridge takes without a raised quota.
LONGEST_PATTERN = 2048
_KINDS = ("email", "queue", "bus", "pagerduty", "opsgenie", "https")


def _one_of(words: tuple[str, ...]) -> Takes:
    return Takes(f"one of {', '.join(words)}", lambda value, _: value in words)


def _is_another_bus(value: str, others: Mapping[str, Any]) -> bool:
    own = {f":event-bus/{prefix}rootwarden" for prefix in ("", others.get("name_prefix", ""))}
    return not value.endswith(tuple(own))


def _in_hub_region(value: str, others: Mapping[str, Any]) -> bool:
    region = others.get("hub_region")
    return not isinstance(region, str) or value.split(":")[3] == region


_Severity = Annotated[str, _one_of(SEVERITIES)]
_Activity = Annotated[str, _one_of(ACTIVITIES)]
_Name = Annotated[str, text("a name of 1 to 32 letters and digits", r"[A-Za-z][A-Za-z0-9]{0,31}")]
_Header = Annotated[str, text("the name of an HTTP header", r"[A-Za-z0-9-]{1,64}")]
_Queue = Annotated[
    str,
    text(
        "the ARN of a queue in hub_region",
        r"arn:aws:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}",
        _in_hub_region,
    ),
]
_Bus = Annotated[
    str,
    text(
        "the ARN of an event bus, but not of rootwarden's own",
        r"arn:aws:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9_./-]{1,256}",
        _is_another_bus,
    ),
]


_PAYLOAD = Takes(
    f"an object; what it may name is {', '.join(f'<{name}>' for name in PLACEHOLDERS)}",
    lambda value, _: value is None or set(re.findall(r"<(\w+)>", str(value))) <= set(PLACEHOLDERS),
)


class Match(Block):
    """What an outcome must be: of each key that is given, one of its values. unit: or a unit below it."""

    severity: Annotated[tuple[_Severity, ...], AS_JSON, ONCE, Takes("a list of severities")] = ()
    activity: Annotated[tuple[_Activity, ...], AS_JSON, ONCE, Takes("a list of activities")] = ()
    unit: values.Units = ()
    account: Annotated[tuple[values.Account, ...], AS_JSON, ONCE, Takes("a list of account ids")] = ()

    def filters(self) -> dict[str, tuple[str, ...]]:
        """Return what an address is filtered by; whatever people are told of has a severity."""
        given = {
            "severity": self.severity,
            "activity": self.activity,
            "unit": self.unit,
            "account": self.account,
        }
        return {name: found for name, found in given.items() if found} or {"severity": SEVERITIES}

    def pattern(self, hub: str, severity: str | None = None) -> dict[str, object]:
        """Return the pattern of a rule on the bus of the hub's account; `severity` alone where given."""
        detail = {**self.detail(), **({"severity": [severity]} if severity else {})}
        return {"source": [SOURCE], "account": [hub], "detail": detail}

    def detail(self) -> dict[str, object]:
        """Return what a rule matches of an outcome's detail: always one that people are told of."""
        account = {
            **({"organizationalUnits": list(self.unit)} if self.unit else {}),
            **({"id": list(self.account)} if self.account else {}),
        }
        return {
            "severity": list(self.severity or SEVERITIES),
            **({"activity": list(self.activity)} if self.activity else {}),
            **({"account": account} if account else {}),
        }


class Https(Block):
    """An HTTPS endpoint. The secret is the header's value; payload: what is posted, else the whole event."""

    url: values.Url
    secret_arn: values.Secret
    header: _Header = "Authorization"
    payload: Annotated[dict[str, Any] | None, _PAYLOAD] = None


class Target(Block):
    """Where it goes: one of these. pagerduty, opsgenie: the secret that holds the integration's key."""

    email: values.Email | None = None
    queue: _Queue | None = None
    bus: _Bus | None = None
    pagerduty: values.Secret | None = None
    opsgenie: values.Secret | None = None
    https: Https | None = None

    @rule("https")
    @classmethod
    def _exactly_one(cls, https: Https | None, info: ValidationInfo) -> Https | None:
        given = [kind for kind in _KINDS if info.data.get(kind)] + (["https"] if https else [])
        if set(_KINDS[:-1]) <= info.data.keys() and len(given) != 1:
            refuse(f"one of {', '.join(_KINDS)}", key="", found=", ".join(given) or "none of them")
        return https


class Route(Block):
    """One route, by its name, which its alarm has too."""

    name: _Name
    match: Match = Match()
    to: Target

    @rule("to")
    @classmethod
    def _fits(cls, to: Target, info: ValidationInfo) -> Target:
        """Refuse what is more than AWS filters by."""
        match = info.data.get("match", Match())
        lists = match.filters().values()
        if to.email and prod(map(len, lists)) > _MOST_COMBINATIONS:
            takes = (
                f"lists whose lengths multiply to at most {_MOST_COMBINATIONS}, what SNS filters an"
                " address by (match by unit, or make it two routes)"
            )
            refuse(takes, key="match", found=" x ".join(str(len(each)) for each in lists))
        size = len(json.dumps(match.pattern("0" * 12), separators=(",", ":")))
        if not to.email and size > LONGEST_PATTERN:
            takes = (
                f"at most {LONGEST_PATTERN} characters as an event pattern, what EventBridge takes"
                " (match by unit, or make it two routes)"
            )
            refuse(takes, key="match", found=f"{size} characters")
        return to


def names_once(routes: tuple[Route, ...]) -> tuple[Route, ...]:
    """Refuse two routes of one name."""
    names = [route.name.lower() for route in routes]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        refuse("routes of different names", found=", ".join(twice))
    return routes
