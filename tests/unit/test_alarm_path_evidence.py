"""What a record shows of the alarm path it came along: root's events arrive, a sweep's probe was heard."""

from typing import Any

import pytest

from rootwarden.contract.names import OURS
from tests.unit.given import MEMBER, Assessment
from tests.unit.sample_events import record, sample
from tests.unit.test_activity_assessment import SESSION_KEY, assess

CALLS_OF_SWEEPS = {"eventName": "GetAccountSummary", "readOnly": True}


@pytest.mark.parametrize(
    ("event", "is_ours", "root_events", "paths"),
    [
        ("root_api_long_term_key", False, [MEMBER], []),
        (sample("root_session_api_call", **CALLS_OF_SWEEPS), True, [], [(MEMBER, "us-east-1")]),
        # The same call of a stranger answers no probe, nor does whatever else our own session does.
        (sample("root_session_api_call", **CALLS_OF_SWEEPS), False, [MEMBER], []),
        ("root_session_api_call", True, [MEMBER], []),
        # No acts of root, and Sign-In's own alert, which needs no trail.
        ("assume_root_call", False, [], []),
        ("hub_bus_policy_changed", False, [], []),
        ("sign_in_anomaly", False, [], []),
    ],
)
def test_a_record_shows_of_the_alarm_path_what_came_along_it(
    event: str | dict[str, Any],
    is_ours: bool,  # noqa: FBT001 - a table
    root_events: list[str],
    paths: list[tuple[str, str]],
) -> None:
    given = Assessment()
    if is_ours:
        given.memory.openers[SESSION_KEY] = OURS

    assess(given, event)

    found = record(event)
    assert given.memory.root_events == dict.fromkeys(root_events, found.delivered_at)
    assert given.memory.paths == dict.fromkeys(paths, found.time)


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        ("root_api_long_term_key", False),
        ("root_api_invoked_by_service", False),
        ("root_session_api_call", True),
    ],
)
def test_a_record_brought_in_from_the_accounts_own_queue_shows_nothing_of_the_path(
    name: str,
    is_ours: bool,  # noqa: FBT001 - a table
) -> None:
    given = Assessment()
    if is_ours:
        given.memory.openers[SESSION_KEY] = OURS

    given.assessor.assess(record(name), attempt=1, is_collected=True)

    assert (given.memory.root_events, given.memory.paths) == ({}, {})
