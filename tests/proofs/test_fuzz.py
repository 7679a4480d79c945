"""The fuzzing, in short; and that it finds, shrinks and repeats what does not hold."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from proofs.__main__ import app
from proofs.fuzz import campaign, of_events, reading
from proofs.fuzz.campaign import failure_of, failures
from proofs.fuzz.inertness import Broken
from proofs.fuzz.strangers import SECRETS
from proofs.fuzz.targets import TARGETS, case_of, target_of
from rootwarden.events import Envelope
from rootwarden.messages.writing import Email


def test_the_first_cases_hold() -> None:
    assert list(map(str, failures(0, 300))) == []
    assert {target_of(seed).name for seed in range(300)} == {target.name for target in TARGETS}


def test_a_seed_is_always_the_same_case() -> None:
    assert [case_of(seed) for seed in range(50)] == [case_of(seed) for seed in range(50)]


def test_what_a_stranger_wrote_into_an_email_as_it_is_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "write_email", lambda announcement: Email("alert", announcement.happened))
    monkeypatch.setattr(campaign, "_TRIES", 100)
    seed = next(
        seed for seed in range(10_000) if target_of(seed).name == "outcome written" and failure_of(seed)
    )

    found = failure_of(seed)

    assert found is not None
    assert "the e-mail" in found.error
    assert len(found.value) <= len(case_of(seed))
    assert f"python -m proofs fuzz --seed {seed}" in str(found)
    again = CliRunner().invoke(app, ["fuzz", "--seed", str(seed)], standalone_mode=False)
    assert (again.return_value, f"seed {seed}, outcome written" in again.output) == (1, True)


def test_an_error_that_nobody_documents_is_found_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(value: Any) -> None:
        if "evil" in json.dumps(value):
            raise KeyError("evil")

    target = next(target for target in TARGETS if target.name == "state item")
    monkeypatch.setattr(
        campaign, "target_of", lambda _: target.__class__(**{**vars(target), "attempt": fail})
    )
    monkeypatch.setattr(campaign, "case_of", lambda _: ["a", {"b": ["c", "an evil thing"]}])

    found = failure_of(1)

    assert found is not None
    assert found.error.startswith("KeyError")
    assert found.value == [{"b": ["evil"]}]


def test_a_secret_in_a_log_line_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_events, "DOCUMENTED", (Exception,))
    monkeypatch.setattr(Envelope, "from_json", _raising)
    with pytest.raises(Broken, match="the log holds a planted secret"):
        of_events.judge(json.dumps({"sessionToken": SECRETS[1]}))


def _raising(body: str) -> Any:
    raise ValueError(body)
