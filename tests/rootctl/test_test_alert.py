"""rootctl test-alert: an alert that goes the way real ones go, and who will not hear of it."""

import csv
import io

import pytest
from jsonschema import Draft202012Validator

from lambdas.adapters.outcome_bus import OutcomeBus, OutcomeNotAccepted
from lambdas.domain.outcomes import Outcome
from local.embedded_aws import EmbeddedAws
from local.organization import Organization, organization_from
from rootctl.exit_codes import Exit
from tests.rootctl.accounts import HUB, ORGANIZATION
from tests.rootctl.conftest import program, run
from tests.rootctl.hub_account import leave_unconfirmed
from tests.wiring.test_outcome_schemas import SCHEMAS


@pytest.fixture(scope="module")
def operated() -> Organization:
    """An organization with every channel configured."""
    slack = {"workspace_id": "T0123ABCD", "channel_id": "C0123ABCD", "webhook": True}
    return organization_from({**ORGANIZATION, "slack": slack})


def test_it_reaches_every_channel(aws: EmbeddedAws) -> None:
    answer, code = program("test-alert")
    aws.run_until_idle()

    assert (answer["sent"], code) == (True, Exit.DONE)
    assert {message.channel for message in aws.messages} == {"email", "chat", "slack"}
    [email] = [message for message in aws.messages if message.channel == "email"]
    assert email.subject == f"[rootwarden] INFO {HUB}: test alert"
    assert f"arn:aws:sts::{HUB}:assumed-role/OrganizationAccountAccessRole" in email.body
    assert len(answer["channels"]) == 3


def test_the_outcome_keeps_to_its_schema(aws: EmbeddedAws) -> None:
    run("test-alert")

    [outcome] = aws.outcomes
    Draft202012Validator(SCHEMAS["Test Alert"]).validate(outcome["detail"])


def test_a_dry_run_sends_nothing(aws: EmbeddedAws) -> None:
    result = run("test-alert", "--dry-run")
    aws.run_until_idle()

    assert result.exit_code == Exit.DONE
    assert "would go, by 3 channels" in result.stdout
    assert aws.messages == []


def test_who_has_not_confirmed_is_named(aws: EmbeddedAws) -> None:
    leave_unconfirmed(aws, "pager@example.com")

    result = run("test-alert")
    rows = list(csv.DictReader(io.StringIO(run("test-alert", "--output", "csv").stdout)))

    assert result.exit_code == Exit.FINDINGS
    assert "aws sns subscribe" in result.stdout
    [pager] = [row for row in rows if row["address"] == "pager@example.com"]
    assert pager["confirmed"] == "False"
    assert "--notification-endpoint pager@example.com" in pager["mend"]


@pytest.mark.usefixtures("aws")
def test_what_the_bus_does_not_take_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_bus: OutcomeBus, _outcome: Outcome) -> None:
        raise OutcomeNotAccepted("InternalFailure", "Try again")

    monkeypatch.setattr(OutcomeBus, "publish", refuse)
    result = run("test-alert")

    assert result.exit_code == Exit.FAILED
    assert "InternalFailure: Try again." in result.stderr
    assert result.stdout == ""
