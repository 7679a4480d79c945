"""Routes and expectations in the configuration: what is refused, and in which words."""

from typing import Any

import pytest

from stacks.configuration.reading import ConfigurationError, read_configuration
from tests.templates.synthesized import CONFIGURATION, HUB

BUS = f"arn:aws:events:us-east-1:{HUB}:event-bus"


def route(**changes: Any) -> dict[str, Any]:
    return {"name": "Pager", "to": {"email": "pager@example.com"}, **changes}


_IN_FRANKFURT = {"queue": "arn:aws:sqs:eu-central-1:222233334444:siem"}
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
    ],
)
def test_a_route_that_cannot_work_is_refused(routes: list[dict[str, Any]], mistake: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_configuration({"rootwarden": {**CONFIGURATION, "routes": routes}})

    assert mistake in str(refused.value)


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
