"""Which events announce an account: AWS's own, and our word that a recovery window was closed."""

from datetime import datetime
from typing import Any

import pytest

from rootwarden.contract.configured import Mode
from rootwarden.events import MalformedEvent
from rootwarden.hardening.announcement import Announcement, Skip, announces, read_announcement
from rootwarden.hardening.outcome import SkipReason, Trigger
from rootwarden.outcomes import Outcome
from tests.unit.given import HUB, MANAGEMENT, MEMBER, ORGANIZATION_ID
from tests.unit.recovery_stories import (
    hardened_after_a_window,
    window_closed_by_its_schedule,
    window_not_closed,
    window_opened,
)
from tests.unit.sample_events import envelope, sample


def said(outcome: Outcome, **detail: object) -> dict[str, Any]:
    """Return an outcome as harden_account gets it from the bus."""
    return {
        "id": "7f0c8a52",
        "source": "rootwarden",
        "detail-type": outcome.detail_type,
        "account": HUB,
        "region": "us-east-1",
        "time": "2026-06-01T16:00:00Z",
        "detail": {**outcome.to_detail(), **detail},
    }


def read(event: str | dict[str, Any]) -> Announcement:
    return read_announcement(envelope(event), MANAGEMENT, ORGANIZATION_ID)


def test_the_end_of_a_recovery_window_announces_its_account_anew_and_enforces() -> None:
    assert read(said(window_closed_by_its_schedule())) == Announcement(
        trigger=Trigger(event_id="7f0c8a52", event_name="RecoveryWindowClosed", source="rootwarden"),
        account_id=MEMBER,
        mode=Mode.ENFORCE,
        ignores_recent_result=True,
    )


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (said(window_opened()), "detail.change takes closed, found 'opened'"),
        (said(window_not_closed()), "detail.change takes closed, found 'failed'"),
        (said(window_closed_by_its_schedule(), change=None), "detail.change takes a text, found nothing"),
        (
            said(window_closed_by_its_schedule(), account={"id": "1234"}),
            "detail.account.id takes an account id of 12 digits, found '1234'",
        ),
    ],
)
def test_any_other_change_of_a_window_announces_nothing(event: dict[str, Any], text: str) -> None:
    with pytest.raises(MalformedEvent) as refused:
        read(event)

    assert str(refused.value) == text
    assert text.startswith(refused.value.field)


def test_an_event_from_another_account_is_kept_with_what_it_was() -> None:
    text = "CreateAccountResult came from 444455556666; only the management account announces accounts"
    event = sample("create_account_result_from_member_account")

    assert read(event) == Announcement(
        trigger=Trigger(event_id=event["id"], event_name="CreateAccountResult", source="aws.organizations"),
        account_id=None,
        skip=Skip(SkipReason.FOREIGN_ACCOUNT, text),
    )


@pytest.mark.parametrize(
    ("name", "is_said"),
    [("account_joined_organization_created", True), ("controltower_create_managed_account", False)],
)
def test_organizations_says_when_an_account_joined(name: str, is_said: bool) -> None:  # noqa: FBT001
    time = datetime.fromisoformat(sample(name)["time"])

    assert read(name).joined_by_event_at == (time if is_said else None)


def test_an_event_of_no_known_kind_says_which_are_known() -> None:
    with pytest.raises(MalformedEvent) as refused:
        read("close_account_result")

    assert str(refused.value) == (
        "detail.eventName takes one of CreateAccountResult, AccountJoinedOrganization, AcceptHandshake,"
        " CreateManagedAccount, UpdateManagedAccount, EnableBaseline, UpdateEnabledBaseline,"
        " found 'aws.organizations CloseAccountResult'"
    )


@pytest.mark.parametrize(
    ("event", "does"),
    [
        ("accept_handshake", True),
        ("create_account_result_malformed_account_id", True),
        ("controltower_enable_baseline_unit", True),
        ("close_account_result", False),
        ("root_console_login_success_mfa", False),
        (sample("accept_handshake") | {"source": "com.example"}, False),
        (said(window_closed_by_its_schedule()), True),
        (said(window_closed_by_its_schedule()) | {"source": "com.example"}, False),
        (said(window_opened()), False),
        (said(hardened_after_a_window()), False),
        (said(hardened_after_a_window(), change="closed"), False),
    ],
)
def test_an_event_is_of_a_kind_that_announces_accounts_or_not(
    event: str | dict[str, Any],
    does: bool,  # noqa: FBT001 - a table
) -> None:
    assert announces(envelope(event)) is does
