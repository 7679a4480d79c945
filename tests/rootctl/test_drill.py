"""rootctl drill: every step is seen where all is well, and the broken one is named where it is not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from moto.sqs.models import sqs_backends

from local.aws import LocalAws
from local.organization import Organization, organization_from
from rootctl.drill.sightings import HubLogs, LogLine, Sightings
from rootctl.errors import Exit
from rootwarden.events import AccountId
from rootwarden.outcomes import utc_now
from rootwarden.refusals import CallRefused
from tests.accounts import (
    CLEAN,
    EXEMPT,
    EXPOSED,
    HUB,
    MANAGEMENT,
    REASON,
    STRANGER,
    SUSPENDED,
    WITH_EVERY_CHANNEL,
)
from tests.rootctl.conftest import program, run
from tests.rootctl.drilled import Drill, drilling, missing, reasons, rules_off, sights, step
from tests.rootctl.hub_account import REGION, forget_subscription, leave_unconfirmed, record_everything
from tests.wiring.recorded.comparing import differences

pytestmark = pytest.mark.long

_NOTIFIED = ["opened notified", "closed notified", "hardened notified", "alert notified"]
_WITHOUT_RECORDS = ["member forwards", "alert raised"]


@pytest.fixture(scope="module")
def operated() -> Organization:
    """An organization with every channel configured."""
    return organization_from(WITH_EVERY_CHANNEL)


@pytest.fixture
def drill(aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drill:
    return drilling(aws, tmp_path, monkeypatch)


def test_every_step_is_seen_and_the_account_is_left_as_it_was(
    drill: Drill, aws: LocalAws, tmp_path: Path
) -> None:
    record, code = drill(CLEAN, "--record", "--anonymous")

    assert missing(record) == []
    assert (record["reasons"], code) == ([], Exit.DONE)
    assert list(sights(record)) == [
        *("clean before", "preflight", "window opened", "opened announced", "opened notified"),
        *("posture changed", "window closed", "closed announced", "closed notified"),
        *("hardened announced", "hardened notified", "clean after", "member forwards"),
        *("root call", "alert raised", "alert notified", "SNS delivered", "chat delivered"),
    ]
    assert "removed: password" in step(record, "hardened announced")["text"]
    assert not any(aws.posture(CLEAN).values())
    # Then the record names nothing of the organization, and holds no secret
    page, answers = (tmp_path / name for name in ("drill.html", "answers.json"))
    for path in (page, answers, tmp_path / "drill.json"):
        text = path.read_text("utf-8")
        assert not any(named in text for named in (CLEAN, HUB, MANAGEMENT, "search-prod", "@example.com"))
    kept = json.loads(answers.read_text("utf-8"))["answers"]
    [session] = [each for each in kept if each["operation"] == "AssumeRoot"]
    assert session["answer"]["Credentials"]["SecretAccessKey"] == "(left out)"
    # Then it can be compared with another recording of the same calls
    assert differences(kept, kept) == []
    session["answer"]["Credentials"]["SourceIdentity"] = "new"
    assert differences(kept, json.loads(answers.read_text("utf-8"))["answers"]) == [
        "sts AssumeRoot: Credentials.SourceIdentity is missing in the embedded AWS's answer"
    ]


def test_a_forwarding_rule_that_is_off(drill: Drill, aws: LocalAws) -> None:
    with rules_off(aws, "", CLEAN, REGION):
        record, code = drill(CLEAN)

    assert missing(record) == ["member forwards"]
    assert "the member's forwarding rule does not send it on" in step(record, "member forwards")["text"]
    assert code == Exit.FINDINGS


def test_a_rule_of_the_hub_that_is_off(drill: Drill, aws: LocalAws) -> None:
    with rules_off(aws, "Outcomes", HUB, REGION, "rootwarden"):
        record, _ = drill(CLEAN)

    assert missing(record) == [*_NOTIFIED, "SNS delivered", "chat delivered"]
    assert "no rule of the bus sent it on" in step(record, "alert notified")["text"]
    assert "is DISABLED, not ENABLED" in reasons(record)["rules"]


def test_a_log_to_look_into_is_named_with_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    client = SimpleNamespace(meta=SimpleNamespace(region_name="eu-west-1"))
    logs = HubLogs(client, {"notify": "/aws/notify"}, utc_now())
    monkeypatch.setattr(HubLogs, "first", lambda *_args, **_options: None)

    [missed] = Sightings(logs, AccountId(CLEAN), "me").announced("notify", "Type", "opened", utc_now())

    assert missed.remedy == "aws logs tail --region eu-west-1 /aws/notify --since 1h"


def test_a_queue_whose_policy_denies_the_rule(drill: Drill) -> None:
    with _queue_denies("Notify"):
        record, _ = drill(CLEAN)

    # The alarm on the queue of undelivered events is delivered, and nothing else
    assert missing(record) == [*_NOTIFIED, "chat delivered"]
    assert "events never reached notify" in reasons(record)["queues"]


def test_a_trail_that_is_stopped(drill: Drill, aws: LocalAws) -> None:
    trail = record_everything(aws)
    trail.stop_logging(Name="organization")
    try:
        record, _ = drill(CLEAN)
    finally:
        trail.delete_trail(Name="organization")

    assert missing(record) == _WITHOUT_RECORDS
    assert "the trail organization of account" in reasons(record)["trail"]
    assert "does not record" in reasons(record)["trail"]


def test_a_webhook_that_is_dead(drill: Drill, aws: LocalAws) -> None:
    secrets = aws.client("secretsmanager", account=HUB, region=REGION)
    [secret] = secrets.list_secrets()["SecretList"]
    url = secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"]
    secrets.put_secret_value(SecretId=secret["ARN"], SecretString="http://127.0.0.1:9/dead")
    try:
        record, _ = drill(CLEAN)
    finally:
        secrets.put_secret_value(SecretId=secret["ARN"], SecretString=url)

    assert missing(record) == _NOTIFIED
    assert "slack: Slack cannot be reached" in step(record, "opened notified")["text"]


def test_a_subscription_that_is_not_confirmed(drill: Drill, aws: LocalAws) -> None:
    subscription = leave_unconfirmed(aws, "pager@example.com")
    try:
        record, code = drill(CLEAN)
    finally:
        forget_subscription(subscription)

    assert missing(record) == ["email confirmed"]
    assert "pager@example.com (email) has not confirmed" in reasons(record)["alert channels"]
    assert code == Exit.FINDINGS


def test_a_feature_that_is_off(drill: Drill, aws: LocalAws) -> None:
    aws.state.features.root_credentials_management = False

    record, code = drill(CLEAN)

    assert (missing(record), list(sights(record)), code) == (
        ["clean before"],
        ["clean before"],
        Exit.FINDINGS,
    )
    assert step(record, "clean before")["remedy"] == "rootctl doctor"
    assert reasons(record)["features"].startswith("RootCredentialsManagement is off")


@pytest.mark.parametrize(
    ("account", "why"),
    [
        (EXPOSED, "has root credentials (access_key, mfa_device, password, signing_certificate)"),
        (EXEMPT, "is exempt until"),
        (SUSPENDED, "is SUSPENDED, not ACTIVE"),
        (MANAGEMENT, "management account"),
        (STRANGER, "Organizations does not know the account"),
    ],
)
def test_an_account_that_would_be_changed_or_cannot_be_entered_is_refused(
    drill: Drill, aws: LocalAws, tmp_path: Path, account: str, why: str
) -> None:
    before = dict(aws.posture(account))

    answer, code = drill(account)

    assert why in answer["error"]
    assert "Nothing was done" in answer["error"]
    assert code in {Exit.FAILED, Exit.USAGE}
    assert dict(aws.posture(account)) == before
    assert aws.outcomes == []
    assert list(tmp_path.iterdir()) == []


def test_a_window_that_another_person_opened_stays_open(drill: Drill, aws: LocalAws) -> None:
    program("recovery", "open", CLEAN, "--hours", "2", "--yes", *REASON)

    answer, code = drill(CLEAN)

    assert "a window was opened" in answer["error"].lower()
    assert code == Exit.FAILED
    assert len(program("recovery", "list")[0]["windows"]) == 1
    assert aws.posture(CLEAN)["password"]
    assert run("recovery", "close", CLEAN, "--yes").exit_code == Exit.DONE


def test_aws_refusing_half_way_ends_the_drill_and_closes_the_window(
    drill: Drill, aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_logs: HubLogs, function: str) -> Iterator[LogLine]:
        raise CallRefused(
            "AccessDeniedException", f"not authorized to perform logs:FilterLogEvents ({function})"
        )

    monkeypatch.setattr(HubLogs, "lines", refused)

    record, code = drill(CLEAN)
    aws.run_until_idle()

    assert (missing(record)[0], code) == ("stopped", Exit.FINDINGS)
    assert "logs:FilterLogEvents" in step(record, "stopped")["text"]
    assert "The recovery window is closed" in step(record, "stopped")["text"]
    assert not any(aws.posture(CLEAN).values())


def test_without_a_place_for_its_record_no_drill_begins(drill: Drill, aws: LocalAws, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    answer, code = drill(CLEAN, "--to", str(tmp_path / "file"))

    assert (code, aws.outcomes) == (Exit.FAILED, [])
    assert f"{tmp_path / 'file'} cannot be made" in answer["error"]


def test_what_was_seen_is_shown_though_the_record_cannot_be_written(drill: Drill, tmp_path: Path) -> None:
    (tmp_path / "drill.html").mkdir()

    record, code = drill(CLEAN)

    assert (missing(record), code) == ([], Exit.FAILED)
    assert "drill.html cannot be written" in record["error"]


@contextmanager
def _queue_denies(function: str) -> Iterator[None]:
    """Have a function's queue deny what EventBridge sends."""
    queues = sqs_backends[HUB][REGION].queues
    [queue] = [each for name, each in queues.items() if function in name and each.redrive_policy]
    denied = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue.queue_arn}
    before, queue.policy = queue.policy, json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    try:
        yield
    finally:
        queue.policy = before
