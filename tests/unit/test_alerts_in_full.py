"""One alert in full, field by field."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from rootwarden.activity.assessment import ActivityVerdict
from rootwarden.activity.outcomes import ActivityAlert, Actor, ObservedEvent
from rootwarden.activity.root_activity import ActorKind
from rootwarden.contract.activities import Activity, Severity
from rootwarden.messages.activity_message import alert_message
from rootwarden.outcomes import AccountReference
from tests.unit.fake_state import FakeBursts
from tests.unit.fakes import NOON
from tests.unit.given import HUB, MANAGEMENT, MEMBER, WINDOW, Assessment, member
from tests.unit.sample_events import record, sample
from tests.unit.test_activity_assessment import SESSION_KEY, assess

PAYMENTS = AccountReference.of(member())


def alert_on(event: str | dict[str, Any]) -> ActivityAlert:
    given = Assessment()
    assess(given, event)
    [alert] = given.bus.alerts
    return alert


def test_an_alert_on_root_says_who_did_what_when_and_where() -> None:
    assert alert_on("root_api_long_term_key") == ActivityAlert(
        account=PAYMENTS,
        activity=Activity.API_CALL,
        severity=Severity.CRITICAL,
        severity_reason="a root access key exists and is in use",
        actor=Actor(
            kind=ActorKind.LONG_TERM_KEY,
            arn=f"arn:aws:iam::{MEMBER}:root",
            access_key_id="AKIAIOSFODNN7EXAMPLE",
        ),
        event=ObservedEvent(
            event_id="c0bd13e3-8186-5f8f-9326-433ade6cf62c",
            name="CreateUser",
            source="iam.amazonaws.com",
            time=NOON + timedelta(minutes=30),
            region="us-east-1",
            account_id=MEMBER,
            source_ip="192.0.2.0",
            user_agent="aws-cli/2",
            error_code=None,
            mfa_used=None,
            delivered_at=NOON + timedelta(minutes=30, seconds=5),
        ),
        occurred_at=NOON,
    )


def test_an_alert_on_the_watch_says_what_was_touched_and_how_to_put_it_back() -> None:
    alert = alert_on("detach_deny_root_policy")

    assert (alert.account.account_id, alert.activity) == (MANAGEMENT, Activity.WATCH_TAKEN_DOWN)
    assert alert.severity_reason == "a policy that protects root or the watch was detached"
    assert alert.target == "p-denyroot1"
    assert alert.put_back == (
        "aws organizations attach-policy --policy-id p-denyroot1 --target-id ou-ab12-11111111"
    )


@pytest.mark.parametrize(
    ("name", "changed", "place"),
    [
        ("default_bus_given_a_key", {}, f"with credentials of account {MEMBER}: aws events"),
        (
            "forwarding_role_policy_deleted",
            {
                "eventName": "PutRolePolicy",
                "requestParameters": {"roleName": "StackSet-rootwarden-forw-1", "policyName": "deny"},
            },
            f"with credentials of account {MEMBER}: aws iam",
        ),
        (
            "forwarding_rule_deleted",
            {},
            "with credentials of the management account; where member_organizational_units is set, the",
        ),
        (
            "stack_set_updated_by_deployment",
            {"eventName": "DeleteStackInstances"},
            "with credentials of the hub's account, by the command that this prints: rootctl doctor ",
        ),
        ("hub_bus_policy_changed", {}, f"with credentials of account {HUB}: stack()"),
        # It takes a profile of each account that stacks are deployed to.
        (
            "hub_stack_deployed",
            {"eventName": "DeleteStack"},
            "from a checkout, as for a deployment: make deploy",
        ),
    ],
)
def test_what_puts_back_says_with_whose_credentials(name: str, changed: dict[str, Any], place: str) -> None:
    first, *_ = alert_message(alert_on(sample(name, **changed)), "us-east-1").next_steps

    assert first.startswith(f"Put it back, {place}")


@pytest.mark.parametrize(
    ("name", "command"),
    [
        (
            "register_delegated_administrator_stranger",
            "deregister-delegated-administrator --account-id 999900001111",
        ),
        ("deregister_delegated_administrator", f"register-delegated-administrator --account-id {HUB}"),
    ],
)
def test_a_delegated_administrator_is_put_back_by_one_call(name: str, command: str) -> None:
    alert = alert_on(name)

    undo, *_ = alert_message(alert, "us-east-1").next_steps

    where = "Undo it, with credentials of the management account"
    assert undo == f"{where}: aws organizations {command} --service-principal iam.amazonaws.com"
    # What account administrators may have written orders nothing about an account of their choice.
    forged = alert_message(structs.replace(alert, collected=True), "us-east-1").next_steps
    assert f"--account-id {alert.target}" not in " ".join(forged)
    assert "--account-id ACCOUNT" in " ".join(forged)


def test_an_alert_goes_by_what_the_watch_says_not_by_the_worst_of_its_kind() -> None:
    alert = alert_on("hub_stack_deployed")

    assert (alert.severity, alert.severity_reason) == (
        Severity.MEDIUM,
        "the stack RootWardenHub is being deployed",
    )


def test_a_correction_says_of_what() -> None:
    assert alert_on("root_console_login_corrected").circumstances == (
        "AWS corrects by this a record that rootwarden has no report of",
    )


def test_the_hubs_registration_is_told_from_a_strangers() -> None:
    assert alert_on("register_delegated_administrator_hub").activity is Activity.PROTECTION_CHANGED


def test_what_is_called_like_ours_in_another_account_alerts_nobody() -> None:
    given = Assessment()

    assert assess(given, sample("hub_bus_policy_changed") | {"account": MEMBER}) is ActivityVerdict.NOTHING
    assert given.bus.published == []


def test_a_second_deployment_watches_its_own() -> None:
    event = sample("hub_bus_policy_changed", requestParameters={"eventBusName": "test-rootwarden"})
    second = replace(Assessment().assessor, name_prefix="test-")

    assert Assessment().assessor.finding(record(event)) is None
    assert second.finding(record(event)) is not None


def test_who_opened_a_session_stays_on_record() -> None:
    given = Assessment()
    given.memory.openers[SESSION_KEY] = "arn:aws:iam::222233334444:role/First"

    assess(given, "assume_root_call")

    assert given.memory.openers == {SESSION_KEY: "arn:aws:iam::222233334444:role/First"}


def test_what_a_window_makes_milder_still_alerts_on_its_own_and_counts_as_that() -> None:
    given = Assessment()
    given.memory.windows[MEMBER] = structs.replace(WINDOW, opened_at=NOON)

    for name in ("root_password_recovery_requested", "root_password_recovery_completed"):
        assert assess(given, name) is ActivityVerdict.ALERTED
        assert assess(given, sample(name, eventID=f"{name} again")) is ActivityVerdict.COUNTED

    [(reference, burst)] = given.reminders.sent
    given.clock.move(burst.ends_at - burst.opened_at)
    given.grouping.summarise(reference, burst.opened_at)
    [summary] = given.bus.summaries
    assert (summary.count, summary.alerted, summary.highest) == (4, 2, Severity.MEDIUM)


class LoadedBursts(FakeBursts):
    """Bursts, and the keys of those that were loaded."""

    loaded: tuple[str, ...] = ()

    def load(self, key: str) -> Any:
        self.loaded += (key,)
        return super().load(key)


@pytest.mark.parametrize("name", ["root_api_long_term_key", "assume_root_call_refused"])
def test_each_burst_is_looked_up_once_a_record(name: str) -> None:
    bursts = LoadedBursts()

    assess(Assessment(bursts=bursts), name)

    assert len(bursts.loaded) == len(set(bursts.loaded))
