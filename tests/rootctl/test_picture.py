"""docs/rootctl.svg: what rootctl doctor shows; UPDATE_GOLDEN=1 draws it anew."""

import io
import os
import re
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from local.aws import LocalAws
from local.scenarios.sweeping import Sweeping
from tests.docs.page import PROJECT
from tests.rootctl.conftest import run
from tests.rootctl.hub_account import (
    give_up,
    management_profile,
    record_everything,
)
from tests.stage import Stage
from tests.unit.sample_events import sample

pytestmark = pytest.mark.long

PICTURE = PROJECT / "docs" / "rootctl.svg"
_WIDTH = 110
_COMMANDS = (
    ("doctor", "--management-profile", "management"),
    ("redrive", "--dry-run"),
    ("explain", "event.json"),
)


@pytest.fixture
def at_the_beginning(stage: Stage) -> None:
    """The picture shows times: they must not depend on how many tests ran before."""
    stage.clear()


@pytest.fixture
def troubled(
    at_the_beginning: None,  # noqa: ARG001 - before what is deployed
    aws: LocalAws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> LocalAws:
    """An organization in which a feature is off, a message was given up, and somebody did not confirm."""
    management_profile(aws, tmp_path, monkeypatch)
    record_everything(aws)
    Sweeping(aws).by_hand()
    # A report judges the probes of the sweep before.
    aws.clock.advance(24 * 3600)
    Sweeping(aws).by_hand()
    aws.clock.advance(5 * 3600)
    aws.state.features.root_sessions = False
    give_up("HardenAccount", sample("create_account_result_without_account_id"))
    (tmp_path / "event.json").write_bytes((PROJECT / "tests/events/root_api_long_term_key.json").read_bytes())
    monkeypatch.chdir(tmp_path)
    return aws


def drawn(monkeypatch: pytest.MonkeyPatch) -> Console:
    """Return a console on which everything was printed."""
    shown = Console(record=True, width=_WIDTH, file=io.StringIO(), markup=False, highlight=False)
    monkeypatch.setattr("rootctl.output.results", lambda: shown)
    for arguments in _COMMANDS:
        shown.print(Text(f"$ rootctl {' '.join(arguments)}", "bold"))
        run(*arguments)
    return shown


@pytest.mark.usefixtures("troubled")
def test_the_picture_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    svg = drawn(monkeypatch).export_svg(title="rootctl", unique_id="rootctl")
    # A sweep's id is different every time.
    svg = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "5f1c7a52-2b1e-4d0c-9a34-0d9b6f2e8c11", svg)
    if os.environ.get("UPDATE_GOLDEN"):
        PICTURE.write_text(svg, encoding="utf-8")

    assert svg == PICTURE.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 draws docs/rootctl.svg anew"
