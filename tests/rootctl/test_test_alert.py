"""rootctl test-alert: an alert that goes the way real ones go, and who will not hear of it."""

import csv
import io

import pytest

from local.aws import LocalAws
from local.organization import Organization, organization_from
from rootctl.errors import Exit
from rootwarden.aws.event_bus import OutcomeBus, OutcomeNotAccepted
from rootwarden.outcomes import Outcome
from tests.accounts import HUB, WITH_EVERY_CHANNEL
from tests.outcome_schemas import breaches
from tests.rootctl.conftest import program, run
from tests.rootctl.hub_account import leave_unconfirmed


@pytest.fixture(scope="module")
def operated() -> Organization:
    """An organization with every channel configured."""
    return organization_from(WITH_EVERY_CHANNEL)


@pytest.fixture(autouse=True)
def _meanwhile(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the hub go on while the command waits."""
    monkeypatch.setattr("rootctl.commands.test_alert.sleep", lambda _: aws.run_until_idle())


def test_it_reaches_every_channel(aws: LocalAws) -> None:
    answer, code = program("test-alert")

    assert (answer["sent"], answer["notLeft"], code) == (True, [], Exit.DONE)
    assert {channel["left"] for channel in answer["channels"]} == {True}
    assert {message.channel for message in aws.messages} == {"email", "chat", "slack"}
    [email] = [message for message in aws.messages if message.channel == "email"]
    assert email.subject == f"[rootwarden] INFO {HUB}: test alert"
    assert f"arn:aws:sts::{HUB}:assumed-role/OrganizationAccountAccessRole" in email.body
    kinds = {channel["kind"] for channel in answer["channels"]}
    assert kinds == {"email", "chat by Amazon Q Developer", "Slack webhook"}


def test_a_disabled_rule_keeps_it_and_that_is_said(aws: LocalAws) -> None:
    client = aws.client("events", account=HUB)
    [rule] = [
        rule["Name"]
        for rule in client.list_rules(EventBusName="rootwarden")["Rules"]
        if "Test Alert" in rule["EventPattern"]
    ]
    client.disable_rule(Name=rule, EventBusName="rootwarden")
    try:
        result = run("test-alert")
    finally:
        client.enable_rule(Name=rule, EventBusName="rootwarden")

    assert result.exit_code == Exit.FINDINGS
    assert "did not leave by chat, email, slack" in result.stdout
    assert "on its way" not in result.stdout


def test_what_could_not_be_seen_is_not_said_to_have_left(aws: LocalAws) -> None:
    aws.extensions.faults.fail("GetItem", "AccessDeniedException", times=None)
    try:
        answer, code = program("test-alert")
    finally:
        aws.extensions.faults.clear()

    assert (answer["sent"], answer["notLeft"], code) == (True, None, Exit.FAILED)
    assert "AccessDeniedException" in answer["why"]


def test_the_csv_says_beside_it_what_could_not_be_seen(aws: LocalAws) -> None:
    aws.extensions.faults.fail("GetItem", "AccessDeniedException", times=None)
    try:
        result = run("test-alert", "--output", "csv")
    finally:
        aws.extensions.faults.clear()

    assert (len(result.stdout.splitlines()), result.exit_code) == (4, Exit.FAILED)
    assert "EventBridge took the test alert (event " in result.stderr
    assert "Whether it left could not be seen: AccessDeniedException" in result.stderr


def test_the_outcome_keeps_to_its_schema(aws: LocalAws) -> None:
    run("test-alert")

    [outcome] = aws.outcomes
    assert outcome["detail-type"] == "Test Alert"
    assert not breaches([outcome])


def test_a_dry_run_sends_nothing(aws: LocalAws) -> None:
    result = run("test-alert", "--dry-run")
    aws.run_until_idle()

    assert result.exit_code == Exit.DONE
    assert "would go, by 3 channels" in result.stdout
    assert aws.messages == []


def test_who_has_not_confirmed_is_named(aws: LocalAws) -> None:
    leave_unconfirmed(aws, "pager@example.com")

    result = run("test-alert")
    rows = list(csv.DictReader(io.StringIO(run("test-alert", "--output", "csv").stdout)))

    assert result.exit_code == Exit.FINDINGS
    assert "aws sns subscribe" in result.stdout
    [pager] = [row for row in rows if row["address"] == "pager@example.com"]
    assert pager["confirmed"] == "False"
    assert "--notification-endpoint pager@example.com" in pager["remedy"]
    assert f"→ {pager['remedy']}\n" in result.stdout


@pytest.mark.usefixtures("aws")
def test_what_the_bus_does_not_take_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_bus: OutcomeBus, _outcome: Outcome) -> str:
        raise OutcomeNotAccepted("InternalFailure", "Try again")

    monkeypatch.setattr(OutcomeBus, "send", refuse)
    result = run("test-alert")

    assert result.exit_code == Exit.FAILED
    assert "InternalFailure: Try again." in result.stderr
    assert result.stdout == ""


@pytest.mark.usefixtures("aws")
def test_addresses_are_whole_in_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rootctl.output._PIPE_WIDTH", 50)

    assert "…" not in run("test-alert", "--dry-run").stdout
