"""rootctl drill: every step is seen where all is well, and the broken one is named where it is not."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.embedded_aws import EmbeddedAws
from local.organization import Organization, organization_from
from rootctl.drill import delivery, hub_logs
from rootctl.exit_codes import Exit
from tests.rootctl.accounts import CLEAN, EXEMPT, EXPOSED, HUB, MANAGEMENT, ORGANIZATION
from tests.rootctl.conftest import run
from tests.rootctl.hub_account import REGION, leave_unconfirmed

Drill = Callable[..., tuple[dict[str, Any], int]]


@pytest.fixture(scope="module")
def operated() -> Organization:
    """An organization with every channel configured."""
    slack = {"workspace_id": "T0123ABCD", "channel_id": "C0123ABCD", "webhook": True}
    return organization_from({**ORGANIZATION, "slack": slack})


@pytest.fixture
def drill(aws: EmbeddedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drill:
    """Run a drill in time that passes when the drill waits, and let AWS go on meanwhile."""

    def wait(seconds: float) -> None:
        # A drill that misses something looks for a quarter of an hour: in strides, so that tests stay short.
        aws.clock.advance(seconds if seconds > 30 else 30)
        aws.run_until_idle()

    monkeypatch.setattr(hub_logs, "sleep", wait)
    monkeypatch.setattr(delivery, "sleep", wait)

    def drilled(*options: str, account: str = CLEAN) -> tuple[dict[str, Any], int]:
        result = run("drill", account, "--yes", "--json", "--to", str(tmp_path), *options)
        return json.loads(result.stdout) if result.stdout else {"error": result.stderr}, result.exit_code

    return drilled


def _sights(record: dict[str, Any]) -> dict[str, str]:
    return {step["name"]: step["sight"] for step in record["steps"]}


def _missing(record: dict[str, Any]) -> list[str]:
    return [step["name"] for step in record["steps"] if step["sight"] != "seen"]


def test_every_step_is_seen_and_the_account_is_left_as_it_was(
    drill: Drill, aws: EmbeddedAws, tmp_path: Path
) -> None:
    record, code = drill("--record", "--anonymous")

    assert _missing(record) == []
    assert code == Exit.DONE
    assert list(_sights(record)) == [
        *("preflight", "clean before", "window opened", "opened announced", "opened notified"),
        *("posture changed", "window closed", "closed announced", "closed notified"),
        *("hardened announced", "hardened notified", "clean after", "member forwards"),
        *("root call", "alert raised", "alert notified", "SNS delivered"),
    ]
    [hardened] = [step for step in record["steps"] if step["name"] == "hardened announced"]
    assert "removed: password" in hardened["text"]
    assert not any(aws.posture(CLEAN).values())
    # Then the record names nothing of the organization, and holds no secret
    page, answers = (tmp_path / name for name in ("drill.html", "answers.json"))
    for path in (page, answers, tmp_path / "drill.json"):
        text = path.read_text("utf-8")
        assert not any(named in text for named in (CLEAN, HUB, MANAGEMENT, "search-prod", "@example.com"))
    kept = json.loads(answers.read_text("utf-8"))["answers"]
    [session] = [each for each in kept if each["operation"] == "AssumeRoot"]
    assert session["answer"]["Credentials"]["SecretAccessKey"] == "(left out)"


@contextmanager
def _rule_off(aws: EmbeddedAws, name: str, account: str, bus: str = "default") -> Iterator[None]:
    events = aws.client("events", account=account, region=REGION)
    rules = [each["Name"] for each in events.list_rules(EventBusName=bus)["Rules"] if name in each["Name"]]
    assert rules
    for rule in rules:
        events.disable_rule(Name=rule, EventBusName=bus)
    try:
        yield
    finally:
        for rule in rules:
            events.enable_rule(Name=rule, EventBusName=bus)


def test_a_forwarding_rule_that_is_off(drill: Drill, aws: EmbeddedAws) -> None:
    with _rule_off(aws, "RootApiCall", CLEAN):
        record, code = drill()

    assert _missing(record) == ["member forwards"]
    assert code == Exit.FINDINGS


def test_a_rule_of_the_hub_that_is_off(drill: Drill, aws: EmbeddedAws) -> None:
    with _rule_off(aws, "Outcomes", HUB, "rootwarden"):
        record, _ = drill()

    notified = ["opened notified", "closed notified", "hardened notified", "alert notified"]
    assert _missing(record) == [*notified, "SNS delivered"]


def test_a_webhook_that_is_dead(drill: Drill, aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = aws.client("secretsmanager", account=HUB, region=REGION)
    [secret] = secrets.list_secrets()["SecretList"]
    url = secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"]
    secrets.put_secret_value(SecretId=secret["ARN"], SecretString="http://127.0.0.1:9/dead")
    try:
        record, _ = drill()
    finally:
        secrets.put_secret_value(SecretId=secret["ARN"], SecretString=url)

    assert _missing(record)[0] == "opened notified"
    [opened] = [step for step in record["steps"] if step["name"] == "opened notified"]
    assert "slack: Slack cannot be reached" in opened["text"]


def test_a_subscription_that_is_not_confirmed(drill: Drill, aws: EmbeddedAws) -> None:
    leave_unconfirmed(aws, "pager@example.com")

    record, code = drill()

    assert _missing(record) == ["email confirmed"]
    assert code == Exit.FINDINGS


def test_a_feature_that_is_off_stops_the_drill(drill: Drill, aws: EmbeddedAws) -> None:
    aws.state.features.root_credentials_management = False

    answer, code = drill()

    assert code == Exit.FAILED
    assert "rootctl doctor" in answer["error"]


@pytest.mark.parametrize(
    ("account", "said"), [(EXPOSED, "has root credentials"), (EXEMPT, "is exempt until")]
)
def test_an_account_that_would_lose_or_keep_something_is_refused(
    drill: Drill, aws: EmbeddedAws, account: str, said: str
) -> None:
    before = dict(aws.posture(account))

    answer, code = drill(account=account)

    assert (said in answer["error"], code) == (True, Exit.FAILED)
    assert "Nothing was done" in answer["error"]
    assert dict(aws.posture(account)) == before


def test_an_interrupted_drill_closes_the_window(
    drill: Drill, aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(hub_logs, "sleep", interrupted)

    answer, code = drill()
    aws.run_until_idle()

    assert code == Exit.INTERRUPTED
    assert "The recovery window is closed" in answer["error"]
    assert not any(aws.posture(CLEAN).values())
