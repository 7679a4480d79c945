"""Recordings of real organizations beside the embedded AWS: README.md says how they come here."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.organization import organization_from
from tests.accounts import CLEAN, ORGANIZATION
from tests.rootctl.conftest import operate
from tests.rootctl.drilled import drilling
from tests.stage import START
from tests.wiring.recorded.comparing import differences

RECORDINGS = sorted(Path(__file__).parent.glob("*.json"))


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_the_embedded_aws_answers_as_recorded(
    recording: Path,
    tmp_path: Path,
    assembly_of: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recorded = json.loads(recording.read_text("utf-8"))
    operated = organization_from(ORGANIZATION)
    with LocalAws(operated, assembly=assembly_of(operated), start=START) as aws:
        aws.deploy()
        operate(aws, monkeypatch)
        drilling(aws, tmp_path, monkeypatch)(CLEAN, "--record")
    embedded = json.loads((tmp_path / "answers.json").read_text("utf-8"))

    found = differences(recorded["answers"], embedded["answers"])

    assert [each for each in found if each not in recorded.get("accepted", ())] == []
