"""rootctl drill in front of a person: what it asks, and what Ctrl-C leaves."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import typer

from local.aws import LocalAws
from local.organization import Organization, organization_from
from rootctl.drill.hop import Hop
from rootctl.errors import Exit
from rootctl.hub import Function, Hub
from rootwarden.events import Fields
from tests.accounts import CLEAN, WITH_EVERY_CHANNEL
from tests.rootctl.conftest import program, run
from tests.rootctl.drilled import Drill, drilling

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def operated() -> Organization:
    """An organization with every channel configured."""
    return organization_from(WITH_EVERY_CHANNEL)


@pytest.fixture
def drill(aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drill:
    return drilling(aws, tmp_path, monkeypatch)


@pytest.mark.parametrize("last", ["window opened", "posture changed", "window closed", "SNS delivered"])
def test_an_interrupted_drill_leaves_the_account_as_it_was(
    drill: Drill, aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    def interrupted(hop: Hop) -> str:
        if hop.name == last:
            raise KeyboardInterrupt
        return hop.name

    monkeypatch.setattr("rootctl.commands.drill.hop_line", interrupted)

    answer, code = drill(CLEAN, form=())
    aws.run_until_idle()

    assert code == Exit.INTERRUPTED
    assert "The recovery window is closed" in answer["error"]
    *before, stopped = json.loads((tmp_path / "drill.json").read_text())["steps"]
    assert (before[-1]["step"], stopped["step"]) == (last, "stopped")
    assert "The recovery window is closed" in stopped["text"]
    assert program("recovery", "list")[0]["windows"] == []
    assert not any(aws.posture(CLEAN).values())


def test_an_interruption_while_the_hub_opens_the_window(
    drill: Drill, aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Hub.ask

    def interrupted(hub: Hub, function: Function, request: Mapping[str, object]) -> Fields:
        answer = ask(hub, function, request)
        if function is Function.OPEN_RECOVERY and not request.get("dryRun"):
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(Hub, "ask", interrupted)

    answer, code = drill(CLEAN)
    aws.run_until_idle()

    assert (code, "The recovery window is closed" in answer["error"]) == (Exit.INTERRUPTED, True)
    assert not any(aws.posture(CLEAN).values())


@pytest.mark.usefixtures("drill")
def test_a_person_is_asked_first(aws: LocalAws) -> None:
    declined = run("drill", CLEAN, answers="n\n")

    assert f"Open a recovery window in search-prod ({CLEAN})" in declined.stderr
    assert "Nothing was changed" in declined.stderr
    assert (declined.exit_code, aws.outcomes) == (Exit.FAILED, [])


@pytest.mark.usefixtures("drill")
def test_a_person_is_asked_what_arrived(tmp_path: Path) -> None:
    shown = run("drill", CLEAN, "--to", str(tmp_path), answers="y\nn\ny\ny\n")

    assert shown.exit_code == Exit.FINDINGS
    assert "a person says that nothing arrived" in shown.stdout
    assert "→ look into the spam folder; then rootctl test-alert" in shown.stdout


@pytest.mark.usefixtures("drill")
def test_where_the_answers_end_nobody_said_that_nothing_arrived(tmp_path: Path) -> None:
    shown = run("drill", CLEAN, "--to", str(tmp_path), answers="y\n")

    assert shown.exit_code == Exit.FAILED
    assert "a person says that nothing arrived" not in shown.stdout
    assert "nobody said whether it arrived" in shown.stdout


@pytest.mark.usefixtures("drill")
def test_an_interruption_at_the_last_question_says_what_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def confirm(question: str, **_: object) -> bool:
        if question.startswith("Open a recovery window"):
            return True
        abort = typer.Abort()
        abort.__context__ = KeyboardInterrupt()
        raise abort

    monkeypatch.setattr(typer, "confirm", confirm)

    shown = run("drill", CLEAN, "--to", str(tmp_path), answers="")

    assert (shown.exit_code, "Nothing was changed" in shown.stderr) == (Exit.INTERRUPTED, False)
    assert "The recovery window is closed" in shown.stderr
    *_, stopped = json.loads((tmp_path / "drill.json").read_text())["steps"]
    assert "The recovery window is closed" in stopped["text"]
