"""Whether a pattern matches an event: as the embedded EventBridge says, and never by a guess."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern as EmbeddedPattern

from embedded_aws.events.matching import matches as embedded_matches
from rootwarden.contract.event_patterns import FORWARDED, OUTCOMES
from rootwarden.contract.pattern import EventPattern
from rootwarden.contract.pattern_matching import UnknownOperator, matches
from rootwarden.contract.watch_patterns import WATCH_FORWARDED
from tests.unit.sample_events import NAMES, sample

SAMPLES = {name: sample(name) for name in NAMES}


@pytest.mark.parametrize("pattern", [*FORWARDED, OUTCOMES, *WATCH_FORWARDED], ids=lambda each: each.name)
def test_ours_match_what_the_embedded_eventbridge_matches(pattern: EventPattern) -> None:
    document = pattern.document()
    embedded = EmbeddedPattern.load(json.dumps(document))
    assert [name for name, event in SAMPLES.items() if matches(document, event)] == [
        name for name, event in SAMPLES.items() if embedded_matches(embedded, event)
    ]


@pytest.mark.parametrize(
    ("matcher", "value", "expected"),
    [
        ([{"suffix": "Root"}], "AssumeRoot", True),
        ([{"equals-ignore-case": "ROOT"}], "root", True),
        ([{"prefix": {"equals-ignore-case": "assume"}}], "ASSUMEROOT", True),
        ([{"prefix": {"equals-ignore-case": "root"}}], "ASSUMEROOT", False),
        ([{"prefix": {"equals-ignore-case": ["a", "Get"]}}], "getObject", True),
        ([{"suffix": {"equals-ignore-case": "ROOT"}}], "AssumeRoot", True),
        ([{"wildcard": "Put*Policy"}], "PutBucketPolicy", True),
        ([{"wildcard": "Put*Policy"}], "PutBucketPolicies", False),
        ([{"anything-but": {"prefix": "Get"}}], "PutBucketPolicy", True),
        ([{"anything-but": {"suffix": ["-mcp", "Policy"]}}], "PutBucketPolicy", False),
        ([{"anything-but": {"suffix": ["-mcp", "Policy"]}}], "PutBucketPolicies", True),
        ([{"anything-but": ["a", "b"]}], "b", False),
        ([True], 1, False),
        ([{"exists": True}], ["x"], True),
        ([{"prefix": ["a", "b"]}], "bc", True),
    ],
)
def test_other_comparisons(matcher: list[Any], *, value: object, expected: bool) -> None:
    assert matches({"name": matcher}, {"name": value}) is expected
    assert matches({"$or": [{"name": matcher}, {"other": ["x"]}]}, {"name": value}) is expected


@pytest.mark.parametrize(
    ("matcher", "said"),
    [
        ({"cidr": "10.0.0.0/8"}, "cidr"),
        ({"anything-but": {"cidr": "10.0.0.0/8"}}, "cidr"),
        ({"prefix": {"cidr": "10"}}, "prefix with"),
        ({"prefix": {"equals-ignore-case": 10}}, "prefix with"),
        ({"wildcard": {"equals-ignore-case": "10"}}, "wildcard with"),
        ({"prefix": "1", "suffix": "2"}, "suffix"),
    ],
)
def test_a_comparison_that_is_not_known_is_no_answer(matcher: dict[str, Any], said: str) -> None:
    with pytest.raises(UnknownOperator, match=said):
        matches({"ip": [matcher]}, {"ip": "10.0.0.1"})
