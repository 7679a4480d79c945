"""Event source mappings of the hub: which function a queue of ours feeds, and what feeds one of ours."""

from typing import Any

import pytest

from rootwarden.activity.root_activity import Finding
from rootwarden.activity.watch import Watch
from rootwarden.contract.activities import Activity, Severity
from rootwarden.contract.names import with_prefix
from rootwarden.contract.pattern_matching import matches
from rootwarden.contract.watch_patterns import HUB_WATCH
from tests.unit.given import HUB, MANAGEMENT
from tests.unit.sample_events import record, sample

QUEUE = "{}RootWardenHub-RootActivityQueue-1"
FUNCTION = "{}RootWardenHub-RootActivityFunction-1"
UUID = "0f1e2d3c-0000-4000-8000-000000000003"


def function(name: str) -> str:
    return f"arn:aws:lambda:us-east-1:{HUB}:function:{name}"


def queue(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:{HUB}:{name}"


def called(
    name: str, asked: dict[str, Any], joins: tuple[str, str] | None, prefix: str = "", **changed: object
) -> dict[str, Any]:
    """A call on a mapping. joins: the function and the queue that AWS answers."""
    answer = None
    if joins:
        answer = {
            "uUID": UUID,
            "functionArn": function(joins[0].format(prefix)),
            "eventSourceArn": queue(joins[1].format(prefix)),
        }
    return sample(
        "hub_source_disabled",
        eventName=f"{name}EventSourceMapping20150331",
        requestParameters={field: value.format(prefix) for field, value in asked.items()},
        responseElements=answer,
        **changed,
    )


def judge(event: dict[str, Any], prefix: str = "") -> Finding:
    watch = Watch(management_account_id=MANAGEMENT, hub_account_id=HUB, name_prefix=prefix)
    found = watch.finding(record(event))
    assert found is not None
    return found


ELSEWHERE = [
    # call, what it asks for, what it then joins, what it acted on
    ("Update", {"uUID": UUID, "functionName": "evil"}, ("evil", QUEUE), QUEUE),
    (
        "Create",
        {"functionName": function("evil"), "eventSourceArn": queue(QUEUE)},
        ("evil", QUEUE),
        QUEUE,
    ),
    ("Create", {"functionName": FUNCTION, "eventSourceArn": queue("evil")}, (FUNCTION, "evil"), FUNCTION),
]


@pytest.mark.parametrize("prefix", ["", "second"])
@pytest.mark.parametrize(
    "by", [{}, {"sourceIPAddress": "cloudformation.amazonaws.com"}], ids=["by hand", "by another stack"]
)
@pytest.mark.parametrize(("name", "asked", "joins", "target"), ELSEWHERE)
def test_a_queue_or_a_function_of_ours_that_is_joined_to_another_is_critical(
    name: str,
    asked: dict[str, str],
    joins: tuple[str, str],
    target: str,
    by: dict[str, str],
    prefix: str,
) -> None:
    event = called(name, asked, joins, prefix, **by)

    found = judge(event, prefix)

    takers = [each.name for each in HUB_WATCH if matches(with_prefix(each, prefix).document(), event)]
    assert takers == ["HubFunctionsTouched"]
    assert (found.activity, found.assessment.severity) == (Activity.WATCH_CHANGED, Severity.CRITICAL)
    assert found.target == target.format(prefix)


def test_a_mapping_that_somebody_made_is_taken_away_again() -> None:
    _, asked, joins, _ = ELSEWHERE[1]
    made = judge(called("Create", asked, joins))

    assert made.put_back == f"aws lambda delete-event-source-mapping --region us-east-1 --uuid {UUID}"
    gone = judge(called("Delete", {"uUID": UUID}, joins))
    assert (gone.activity, gone.assessment.severity) == (Activity.WATCH_CHANGED, Severity.MEDIUM)
    reason = f"the watch's own {QUEUE.format('')} is no longer joined to what is not rootwarden's"
    assert gone.assessment.reason == reason


def test_a_mapping_that_was_led_elsewhere_is_put_back_by_a_deployment() -> None:
    _, asked, joins, _ = ELSEWHERE[0]

    assert "REVERT_DRIFT" in (judge(called("Update", asked, joins)).put_back or "")


@pytest.mark.parametrize(
    ("name", "by", "severity"),
    [
        ("Delete", {}, Severity.CRITICAL),
        ("Update", {}, Severity.CRITICAL),
        ("Create", {"sourceIPAddress": "cloudformation.amazonaws.com"}, Severity.LOW),
        ("Update", {"sourceIPAddress": "cloudformation.amazonaws.com"}, Severity.LOW),
    ],
)
def test_a_mapping_of_ours_is_judged_as_any_resource(
    name: str, by: dict[str, str], severity: Severity
) -> None:
    found = judge(called(name, {"uUID": UUID}, (FUNCTION, QUEUE), **by))

    assert (found.target, found.assessment.severity) == (FUNCTION.format(""), severity)


def test_a_refused_call_that_names_our_queue_is_said() -> None:
    asked = {"functionName": "evil", "eventSourceArn": queue(QUEUE)}

    found = judge(called("Create", asked, None, errorCode="AccessDenied"))

    assert (found.activity, found.target) == (Activity.WATCH_CHANGE_REFUSED, QUEUE.format(""))


def test_mappings_of_others_are_left() -> None:
    event = called("Create", {"functionName": "evil", "eventSourceArn": queue("orders")}, ("evil", "orders"))

    assert [each.name for each in HUB_WATCH if matches(each.document(), event)] == []
