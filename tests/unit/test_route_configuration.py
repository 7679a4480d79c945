"""Routes and expectations in the configuration: what is refused, and in which words."""

from contextlib import nullcontext
from typing import Any

import pytest

from stacks.configuration.reading import ConfigurationError, read_configuration
from stacks.configuration.routes import Match
from tests.templates.synthesized import CONFIGURATION, HUB

BUS = f"arn:aws:events:us-east-1:{HUB}:event-bus"


def route(**changes: Any) -> dict[str, Any]:
    return {"name": "Pager", "to": {"email": "pager@example.com"}, **changes}


def accounts(count: int) -> list[str]:
    return [f"{number:012}" for number in range(count)]


_IN_FRANKFURT = {"queue": "arn:aws:sqs:eu-central-1:222233334444:siem"}
_QUEUE = {"queue": f"arn:aws:sqs:us-east-1:{HUB}:siem"}
_UNKNOWN_NAME = {"https": {"url": "https://x.example.com/a", "secret_arn": "s", "payload": {"a": "<who>"}}}
_PLACEHOLDERS = "what it may name is <id>, <time>, <severity>, <activity>, <account>, <detail>"
_TWICE = [route(to={"email": "a@example.com"}), route(to={"email": "b@example.com"})]
_KNOWN = [route(to={"email": "security@example.com"})]


@pytest.mark.parametrize(
    ("routes", "mistake"),
    [
        ([route(to={})], 'routes[0].to: found "none of them"; takes one of email, queue'),
        ([route(to={"email": "a@b.cc", "bus": f"{BUS}/siem"})], 'routes[0].to: found "email, bus"; takes'),
        ([route(to={"bus": f"{BUS}/rootwarden"})], "an event bus, but not of rootwarden's own"),
        ([route(match={"severity": ["grave"]})], 'routes[0].match.severity[0]: found "grave"; takes'),
        ([route(match={"activity": ["sign_in"]})], 'routes[0].match.activity[0]: found "sign_in"; takes'),
        (_KNOWN, 'routes: found "security@example.com"; takes each address once'),
        (_TWICE, 'routes: found "pager"; takes routes of different names'),
        ([route(to=_IN_FRANKFURT)], "takes the ARN of a queue in hub_region"),
        ([route(to=_UNKNOWN_NAME)], _PLACEHOLDERS),
        ([route(to={"bus": f"{BUS}/test-rootwarden"})], "an event bus, but not of rootwarden's own"),
        (
            [route(match={"account": accounts(151)})],
            'routes[0].match: found "151"; takes lists whose lengths',
        ),
        (
            [route(match={"account": accounts(40), "severity": ["critical", "high", "medium", "low"]})],
            'routes[0].match: found "4 x 40"; takes lists whose lengths multiply to at most 150',
        ),
        ([route(match={"account": accounts(140)}, to=_QUEUE)], "takes at most 2048 characters as an event"),
    ],
)
def test_a_route_that_cannot_work_is_refused(routes: list[dict[str, Any]], mistake: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_configuration({"rootwarden": {**CONFIGURATION, "name_prefix": "test-", "routes": routes}})

    assert mistake in str(refused.value)


def test_what_aws_still_filters_by_is_taken() -> None:
    routes = [
        route(match={"account": accounts(150)}),
        {"name": "Siem", "match": {"account": accounts(100)}, "to": _QUEUE},
    ]
    found = read_configuration({"rootwarden": {**CONFIGURATION, "routes": routes}})

    assert [set(each.match.filters()) for each in found.routes] == [{"account"}, {"account"}]
    assert set(Match().filters()) == {"severity"}


@pytest.mark.parametrize("count", [60, 200])
def test_protecting_policies_fit_into_one_rule(count: int) -> None:
    changed = {**CONFIGURATION, "protecting_policies": [f"p-{number:08}" for number in range(count)]}
    with nullcontext() if count == 60 else pytest.raises(ConfigurationError, match="200 ids"):
        read_configuration({"rootwarden": changed})


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"principal": "Operator"}, 'expected[0].principal: found "Operator"; takes the ARN of a role'),
        ({"calls": []}, "expected[0].calls: found []; takes a list of at least one entry"),
        (
            {"calls": ["AssumeRoot"]},
            'expected[0].calls[0]: found "AssumeRoot"; takes a call as',
        ),
        ({"until": "soon"}, 'expected[0].until: found "soon"; takes a date'),
    ],
)
def test_an_expectation_that_covers_nothing_is_refused(change: dict[str, Any], mistake: str) -> None:
    entry = {"principal": f"arn:aws:iam::{HUB}:role/Operator", "calls": ["sts:AssumeRoot"]}
    expected = [{**entry, "reason": "weekly test", "until": "2099-01-31", **change}]
    with pytest.raises(ConfigurationError) as refused:
        read_configuration({"rootwarden": {**CONFIGURATION, "expected": expected}})

    assert mistake in str(refused.value)


def test_an_expectation_that_ended_is_warned_of() -> None:
    entry = {"principal": f"arn:aws:iam::{HUB}:root", "calls": ["signin:ConsoleLogin"]}
    expected = [{**entry, "reason": "support case", "until": "2020-01-31"}]
    found = read_configuration({"rootwarden": {**CONFIGURATION, "expected": expected}})

    assert any("expected[0] ended on 2020-01-31: signin:ConsoleLogin by" in each for each in found.warnings())
