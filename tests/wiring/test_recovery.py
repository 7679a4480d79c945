"""A recovery window from request to end: allowed, told, closed by its schedule, hardened again."""

from typing import Any

import pytest

from local.aws import LocalAws
from local.scenarios.asking import ask
from local.scenarios.scenario import Scenario
from rootwarden.contract.functions import Caller
from tests.accounts import MEMBER
from tests.wiring.sample_events import sample

WHY = {"account": MEMBER, "reason": "lost MFA device", "requestedBy": "alice"}
HOUR = 3600


@pytest.fixture(autouse=True)
def clean_member(aws: LocalAws) -> None:
    """The account as hardening left it."""
    aws.state.root_users.pop(MEMBER, None)


def opened(aws: LocalAws) -> dict[str, Any]:
    """Open a window of four hours, and let people hear of it."""
    answer = ask(aws, "open_recovery", hours=4, **WHY)
    aws.run_until_idle()
    return answer


def let_it_end(aws: LocalAws) -> None:
    """Let the window's time pass."""
    aws.clock.advance(4 * HOUR + 30)
    aws.run_until_idle()


def said(aws: LocalAws) -> list[str]:
    """What came of windows and accounts, in a word each."""
    return [o["detail"].get("change") or o["detail"].get("result") for o in aws.outcomes]


def schedules(aws: LocalAws) -> list[str]:
    """The one-time schedules there are."""
    client = aws.client("scheduler", account=aws.organization.hub.account)
    return [each["Name"] for each in client.list_schedules(GroupName="rootwarden-recovery")["Schedules"]]


def subjects(aws: LocalAws) -> list[str]:
    """The subjects of the e-mails people got."""
    return [message.subject for message in aws.messages if message.subject]


def test_a_window_allows_recovery_ends_by_itself_and_the_account_is_hardened_again(
    aws: LocalAws,
) -> None:
    answer = opened(aws)

    assert (answer["result"], answer["password"]) == ("opened", "created")
    assert said(aws) == ["opened"]
    assert aws.posture(MEMBER)["password"]
    assert schedules(aws) == [f"rootwarden-recovery-{MEMBER}"]

    let_it_end(aws)

    assert not any(aws.posture(MEMBER).values())
    assert said(aws) == ["opened", "closed", "hardened"]
    assert schedules(aws) == []
    assert ask(aws, "close_recovery", list=True)["windows"] == []
    assert aws.dead_letters == []
    assert [subject.split(": ", 1)[1].split(" until ")[0] for subject in subjects(aws)] == [
        "recovery window open",
        "recovery window closed",
        "root credentials removed",
    ]
    assert {message.channel for message in aws.messages} == {"email", "chat", "slack"}


def test_during_the_window_alerts_go_out_and_hardening_waits(aws: LocalAws) -> None:
    opened(aws)
    aws.deliver(sample("create_account_result_succeeded"))
    Scenario(aws).sign_in_as_root(MEMBER, succeeded=True)
    aws.run_until_idle()

    assert aws.posture(MEMBER)["password"]
    by_type = {outcome["detail-type"]: outcome["detail"] for outcome in aws.outcomes}
    assert by_type["Account Hardening Result"]["reason"]["code"] == "recovery_window_open"
    assert by_type["Root Activity Alert"]["recoveryWindow"]["openedBy"] == "alice"


def test_a_request_closes_it_early_though_the_account_was_proven_within_the_hour(aws: LocalAws) -> None:
    aws.deliver(sample("create_account_result_succeeded"))
    aws.run_until_idle()
    opened(aws)

    answer = ask(aws, "close_recovery", account=MEMBER, requestedBy="bob")
    aws.run_until_idle()

    assert answer == {"result": "closed", "reason": None, "closed": [MEMBER]}
    assert said(aws) == ["clean", "opened", "closed", "hardened"]
    assert schedules(aws) == []
    let_it_end(aws)
    assert said(aws)[-1] == "hardened"


@pytest.mark.long
@pytest.mark.parametrize(("caller", "how"), [(Caller.SCHEDULE, "look"), (Caller.SWEEP, "sweep")])
def test_a_window_whose_schedule_was_lost_is_closed_by_the_next_look_or_sweep(
    aws: LocalAws, caller: Caller, how: str
) -> None:
    opened(aws)
    hub = aws.organization.hub
    client = aws.client("scheduler", account=hub.account, region=hub.region)
    client.delete_schedule(Name=f"rootwarden-recovery-{MEMBER}", GroupName="rootwarden-recovery")
    aws.clock.advance(4 * HOUR + 5 * 60)
    assert aws.posture(MEMBER)["password"]

    ask(aws, "close_recovery", caller, overdue=True)
    aws.run_until_idle()

    assert not any(aws.posture(MEMBER).values())
    [closed] = [o["detail"] for o in aws.outcomes if o["detail"].get("change") == "closed"]
    assert closed["closedBy"] == {"how": how, "by": None}


@pytest.mark.long
def test_an_opening_that_could_not_be_announced_is_announced_within_minutes(aws: LocalAws) -> None:
    aws.extensions.faults.fail("PutEvents", "AccessDeniedException", http=403, times=None)
    assert opened(aws)["reason"]["code"] == "NotAnnounced"
    aws.extensions.faults.clear()
    aws.clock.advance(300)

    for _ in range(2):
        aws.fire_schedules()
        aws.run_until_idle()

    [outcome] = [o["detail"] for o in aws.outcomes if o["detail-type"] == "Recovery Window Change"]
    assert (outcome["change"], outcome["reason"]["code"]) == ("failed", "NotAnnounced")
    assert outcome["mayBeOpen"]
    assert aws.posture(MEMBER)["password"]


@pytest.mark.long
def test_a_closing_that_keeps_failing_is_told_and_left_for_the_next_sweep(aws: LocalAws) -> None:
    opened(aws)
    aws.extensions.faults.fail("DeleteSchedule", "InternalServerException", http=500, times=None)
    let_it_end(aws)

    [letter] = aws.dead_letters
    assert letter.queue.startswith("RootWardenHub-RecoveryNotClosed")
    aws.extensions.faults.clear()
    aws.fire_schedules()
    aws.run_until_idle()
    assert ask(aws, "close_recovery", list=True)["windows"] == []


def test_a_late_departure_event_leaves_the_window_of_an_account_that_is_back(aws: LocalAws) -> None:
    ask(aws, "open_recovery", **WHY, hours=2)

    aws.deliver(sample("account_departed_organization"))
    aws.run_until_idle()

    assert not [o for o in aws.outcomes if o["detail-type"] == "Account Left Organization"]
    assert ask(aws, "close_recovery", account=MEMBER, requestedBy="bob")["result"] == "closed"


@pytest.mark.long
def test_a_schedule_left_by_a_run_that_stopped_is_set_anew_and_never_missing(aws: LocalAws) -> None:
    aws.extensions.faults.fail("CreateLoginProfile", "AccessDeniedException", service="iam", http=403)
    ask(aws, "open_recovery", hours=4, **WHY)

    assert opened(aws)["result"] == "opened"

    operations = [call.operation for call in aws.calls if call.service == "scheduler"]
    assert operations == ["CreateSchedule", "CreateSchedule", "UpdateSchedule"]
