"""What an alert tells people to do: what works in this case, and nothing that does not."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from rootwarden.activity.classification import ROWS
from rootwarden.activity.outcomes import ActivityAlert
from rootwarden.activity.root_activity import ActorKind
from rootwarden.activity.rows import ActivityRow
from rootwarden.contract.activities import Activity, Severity
from rootwarden.contract.names import NEVER_USED
from rootwarden.messages.activity_message import alert_message
from rootwarden.messages.commands import revoke
from rootwarden.messages.message import OWN_ROLE, Message
from tests.unit.fakes import NOON
from tests.unit.given import MANAGEMENT, MEMBER, WINDOW, Assessment
from tests.unit.sample_events import record, sample

SESSION_KEY = "ASIAIOSFODNN7EXAMPLE"
ROOT = {
    "type": "Root",
    "principalId": MEMBER,
    "arn": f"arn:aws:iam::{MEMBER}:root",
    "accountId": MEMBER,
    "accessKeyId": SESSION_KEY,
    "sessionContext": {"attributes": {"mfaAuthenticated": "true"}},
}
_OF_A_DEED = re.compile(r"reopen|invite|set it back|link goes there")
_COMMAND = re.compile(r"(?:^|: )((?:rootctl|aws) .*)$")


def alert_on(event: str | dict[str, Any], given: Assessment | None = None) -> ActivityAlert:
    given = given or Assessment()
    given.assessor.assess(record(event), attempt=2)
    [alert] = given.bus.alerts
    return alert


def of(account: str, event: dict[str, Any]) -> dict[str, Any]:
    """Return an event as it happens in another account."""
    moved: dict[str, Any] = json.loads(json.dumps(event).replace(MEMBER, account))
    return moved


@pytest.mark.parametrize("row", [row for row in ROWS if row.tried], ids=lambda row: row.activity)
def test_a_try_has_no_step_that_undoes_the_deed(row: ActivityRow) -> None:
    alert = structs.replace(
        alert_on("close_account"), activity=row.activity, attempted=True, management_root=False
    )
    for kind in ActorKind:
        actor = structs.replace(alert.actor, kind=kind)
        said = " ".join(alert_message(structs.replace(alert, actor=actor), "us-east-1").next_steps)
        assert said
        assert not _OF_A_DEED.search(said)
        # Whoever acts as root in a session of it has one, whatever became of the try.
        assert row.by_anyone or "may last" not in said


def test_a_deed_has_the_steps_that_undo_it() -> None:
    assert "Have AWS Support reopen it" in " ".join(
        alert_message(alert_on("close_account"), "us-east-1").next_steps
    )


@pytest.mark.parametrize("name", ["root_session_api_call", "root_session_api_call_without_flag"])
def test_a_session_of_ours_that_was_given_up_and_is_used_leads_to_the_role_that_opened_it(name: str) -> None:
    given = Assessment()
    given.memory.openers[SESSION_KEY] = NEVER_USED

    alert = alert_on(name, given)

    announcement = alert_message(alert, "us-east-1")
    assert (alert.activity, alert.severity) == (Activity.OWN_ROLE_STOLEN, Severity.CRITICAL)
    assert announcement.entry == OWN_ROLE
    assert "RevokeOlderSessions" in " ".join(announcement.next_steps)
    assert "Find who opened the session" not in " ".join(announcement.next_steps)


def said_in_window(event: str | dict[str, Any], opened_at: Any = NOON) -> Message:
    given = Assessment()
    given.memory.windows[MEMBER] = structs.replace(WINDOW, opened_at=opened_at)
    return alert_message(alert_on(event, given), "us-east-1")


@pytest.mark.parametrize("name", ["root_console_login_success_mfa", "root_password_recovery_requested"])
def test_what_a_recovery_window_is_for_may_be_expected_in_it(name: str) -> None:
    assert said_in_window(name).done.endswith("this may be expected.")


@pytest.mark.parametrize(
    "name", ["forwarding_rule_deleted", "assume_root_call", "root_api_long_term_key", "root_email_updated"]
)
def test_what_it_is_not_for_is_never_said_to_be_expected(name: str) -> None:
    said = said_in_window(name)

    assert "expected" not in said.done
    assert dict(said.facts)["Recovery window"].startswith("alice opened")


def test_what_was_used_lately_goes_after_the_window_is_closed() -> None:
    said = " ".join(said_in_window("root_api_long_term_key").next_steps)

    closed, _, then = said.partition(f"rootctl recovery close {MEMBER}")
    assert "rootctl harden" not in closed
    assert f"rootctl harden {MEMBER} --remove-recently-used --reason 'alert " in then


def test_what_happened_before_the_window_was_opened_is_not_said_to_be_expected() -> None:
    said = said_in_window("root_console_login_success_mfa", NOON + timedelta(hours=2))

    assert "expected" not in said.done


def test_root_that_takes_the_watch_down_has_credentials_to_lose_and_no_permissions() -> None:
    steps = alert_message(
        alert_on(sample("forwarding_rule_deleted", userIdentity=ROOT)), "us-east-1"
    ).next_steps

    said = " ".join(steps)
    assert f"rootctl harden {MEMBER} --remove-recently-used" in said
    assert "attach the deny-root policy" in said
    assert "take its permissions" not in said
    assert "principal's owner" not in said


@pytest.mark.parametrize(
    "event",
    [
        "root_email_updated",
        "root_password_recovery_requested",
        "root_console_login_failure",
        "root_console_login_success_mfa",
        "root_cli_login_authorized",
        "root_api_long_term_key",
        "sign_in_anomaly",
        sample("sign_in_anomaly", userIdentity={"type": "Unknown"}),
    ],
)
def test_no_command_is_about_the_management_accounts_root(event: str | dict[str, Any]) -> None:
    """AWS refuses them all: no root session reaches it, and it is no member."""
    alert = alert_on(of(MANAGEMENT, sample(event) if isinstance(event, str) else event))

    announcement = alert_message(alert, "us-east-1")

    assert alert.management_account is True
    commands = [found[1] for step in announcement.next_steps if (found := _COMMAND.search(step))]
    assert not [command for command in commands if MANAGEMENT in command]
    assert not [step for step in announcement.next_steps if "deny-root" in step]
    assert "yours to secure" in announcement.next_steps[-1]


def test_the_mailbox_of_the_management_accounts_root_is_to_be_secured_too() -> None:
    alert = alert_on(of(MANAGEMENT, sample("root_password_recovery_requested")))

    assert "secure the mailbox first" in " ".join(alert_message(alert, "us-east-1").next_steps)


def test_policies_of_a_type_that_was_switched_off_are_attached_again_by_people() -> None:
    off = sample(
        "detach_deny_root_policy",
        eventName="DisablePolicyType",
        requestParameters={"rootId": "r-ab12", "policyType": "SERVICE_CONTROL_POLICY"},
    )

    put_back, again, *_ = alert_message(alert_on(off), "us-east-1").next_steps

    assert put_back.endswith("--root-id r-ab12 --policy-type SERVICE_CONTROL_POLICY")
    assert "attach every policy of that type again" in again


def test_a_session_of_a_permission_set_runs_on_when_that_is_taken_away() -> None:
    role = "AWSReservedSSO_Admin_0123456789abcdef"
    said = revoke(f"arn:aws:sts::{MEMBER}:assumed-role/{role}/anna@example.com", None)

    assert said
    assert "12 hours" in said
    assert "DateLessThan" in said
    assert "aws:TokenIssueTime" in said
