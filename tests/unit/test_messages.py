"""What people receive, as files to read: tests/golden. UPDATE_GOLDEN=1 writes them anew."""

import inspect
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rootwarden.aws.event_bus import AccountParticulars
from rootwarden.events import Envelope, MalformedEvent
from rootwarden.messages.compose import compose
from rootwarden.messages.message import Guidance
from rootwarden.messages.writing import write_amazon_q, write_email, write_slack
from rootwarden.outcomes import Outcome
from tests.unit import stories
from tests.unit.fakes import FakeOrganization, RootUser
from tests.unit.given import HUB, MEMBER, UNIT, Hardening, member
from tests.unit.report_given import Given, exposed, row, unreachable
from tests.unit.stories import STORIES

GOLDEN = Path(__file__).parents[1] / "golden"
# What chats make of an announcement differs by its kind only: steps and links, neither, lists, a test.
CHATTED = {"root_sign_in_without_mfa", "hardened", "sweep_found_credentials", "alert_test"}

PARTICULARS = AccountParticulars(
    describe=FakeOrganization({MEMBER: member()}).describe,
    owner_of={MEMBER: "payments-team@example.com"}.get,
    unit_name={UNIT: "Workloads"}.__getitem__,
)
GUIDANCE = Guidance(
    runbook_url="https://wiki.example.com/rootwarden",
    start_url="https://d-1234567890.awsapps.com/start",
    permission_set="IncidentResponder",
)


def as_event(outcome: Outcome, detail_type: str | None = None) -> dict[str, object]:
    """Return an outcome as the bus delivers it."""
    return {
        "id": "7f0c8a52-0000-4000-8000-000000000001",
        "source": "rootwarden",
        "detail-type": detail_type or outcome.detail_type,
        "account": HUB,
        "region": "us-east-1",
        "time": "2026-06-01T12:00:00Z",
        "detail": outcome.to_detail(),
    }


def on_the_bus(outcome: Outcome, detail_type: str | None = None) -> Envelope:
    """Return an outcome as notify gets it."""
    return Envelope.from_json(json.dumps(as_event(outcome, detail_type)))


def messages(outcome: Outcome) -> dict[str, str]:
    """Return what each channel carries, by the golden file's ending."""
    message = compose(on_the_bus(PARTICULARS.added_to(outcome)), GUIDANCE)
    assert message is not None
    email = write_email(message)
    amazon_q = json.loads(write_amazon_q(message))
    return {
        "email.txt": f"Subject: {email.subject}\n\n{email.body}",
        "amazon_q.json": json.dumps(amazon_q, indent=2, ensure_ascii=False) + "\n",
        "slack.json": json.dumps(write_slack(message), indent=2, ensure_ascii=False) + "\n",
    }


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_people_get_these_messages(story: Callable[[], Outcome]) -> None:
    for ending, text in messages(story()).items():
        if ending != "email.txt" and story.__name__ not in CHATTED:
            continue
        path = GOLDEN / f"{story.__name__}.{ending}"
        if os.environ.get("UPDATE_GOLDEN"):
            path.write_text(text)

        assert text == path.read_text(), f"{path.name} differs; UPDATE_GOLDEN=1 writes it anew"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_commands_of_a_deployment_with_a_prefix_ask_that_deployment(story: Callable[[], Outcome]) -> None:
    plain, prefixed = (compose(on_the_bus(story()), Guidance(name_prefix=prefix)) for prefix in ("", "test-"))
    assert plain
    assert prefixed

    steps = " ".join(prefixed.next_steps)
    assert steps.count("rootctl ") == len(
        re.findall(r"rootctl (recovery )?[a-z-]+ --name-prefix test-", steps)
    )
    assert steps.replace(" --name-prefix test-", "") == " ".join(plain.next_steps)


def test_no_golden_file_is_left_behind() -> None:
    emails = {f"{story.__name__}.email.txt" for story in STORIES}
    chats = {f"{name}.{ending}" for name in CHATTED for ending in ("amazon_q.json", "slack.json")}

    assert {path.name for path in GOLDEN.iterdir()} == emails | chats


def test_no_story_is_left_out() -> None:
    told = {
        story
        for name, story in inspect.getmembers(stories, inspect.isfunction)
        if story.__module__ == stories.__name__ and not name.startswith("_")
        if not inspect.signature(story).parameters
    }

    assert told - {*STORIES} == {stories.a_sweep_where_all_is_well}


def quiet() -> list[Outcome]:
    """Outcomes nobody needs to be told of: nothing found, nothing final, nothing that concerns people."""
    trying = Hardening()
    trying.sessions.refusals["audit session"] = stories.OFF
    failed_creation = stories.hardening(Hardening(), "create_account_result_failed")
    well = stories.a_sweep_where_all_is_well()
    return [Hardening(user=RootUser()).harden(), trying.harden(), failed_creation, well]


@pytest.mark.parametrize("outcome", quiet(), ids=["clean", "tried again", "failed creation", "sweep"])
def test_nobody_is_told_what_needs_nobody(outcome: Outcome) -> None:
    assert compose(on_the_bus(outcome)) is None


def test_a_sweep_that_found_what_the_one_before_found_is_quiet_and_what_is_new_is_said() -> None:
    given = Given()
    found = [given.sweep(row(1), exposed(2), unreachable(3)) for _ in range(2)]
    found += [given.sweep(row(1), exposed(2), unreachable(3), exposed(4)), given.sweep(row(1), exposed(2))]

    outcomes = [stories.completed(report) for report in found]
    told = [compose(on_the_bus(outcome)) for outcome in outcomes]
    assert [bool(message) for message in told] == [True, False, True, True]
    third = outcomes[2].to_detail()["inQuestion"]
    assert [(each["account"]["name"], each["isNew"]) for each in third] == [  # type: ignore[attr-defined]
        ("account-4", True),
        ("account-2", False),
        ("account-3", False),
    ]


def test_an_unknown_outcome_names_the_field() -> None:
    with pytest.raises(MalformedEvent, match="detail-type takes an outcome of rootwarden"):
        compose(on_the_bus(stories.hardened(), "Root Activity Rumour"))
