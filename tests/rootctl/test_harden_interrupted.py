"""rootctl harden when something fails on the way: what was done is said, and what was not."""

import signal
import threading
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from embedded_aws.calls import Call
from local.aws import LocalAws
from rootctl.commands import harden as harden_command
from rootctl.errors import Exit
from rootctl.hardening import hardened as read_hardened
from rootwarden.events import AccountId, Fields
from rootwarden.hardening.outcome import HardeningOutcome, Result, Trigger
from rootwarden.outcomes import AccountReference
from rootwarden.root_credentials import Credential, CredentialKind
from tests.accounts import CLEAN, EXEMPT, EXPOSED, MFA_ONLY
from tests.rootctl.conftest import program, run
from tests.rootctl.watching import watching
from tests.unit.fakes import NOON

WAYS = pytest.mark.parametrize("way", [("--direct", "--yes"), ("--via-hub",)], ids=["direct", "via hub"])


def hardened(*arguments: str) -> tuple[dict[str, dict[str, Any]], int]:
    answer, code = program("harden", *arguments)
    return {each["account"]["id"]: each for each in answer["accounts"]}, code


@WAYS
def test_what_cannot_be_removed_is_shown_beside_what_was(aws: LocalAws, way: tuple[str, ...]) -> None:
    aws.extensions.faults.fail("DeleteLoginProfile", "AccessDenied", http=403, times=None)

    found, code = hardened(EXPOSED, "--yes", *way)

    assert found[EXPOSED]["result"] == "partial"
    # MFA devices stay as long as the password does.
    assert [each["kind"] for each in found[EXPOSED]["left"]] == ["password", "mfa_device"]
    assert len(found[EXPOSED]["removed"]) == 3
    assert code == Exit.FAILED


@WAYS
def test_a_read_back_that_fails_proves_nothing(aws: LocalAws, way: tuple[str, ...]) -> None:
    delete = threading.Event()

    def fail_afterwards(call: Call) -> None:
        if call.operation == "DeactivateMFADevice" and not delete.is_set():
            delete.set()
            aws.extensions.faults.fail("GetAccountSummary", "AccessDenied", http=403, times=None)

    with watching(aws, fail_afterwards):
        found, code = hardened(EXPOSED, "--yes", *way)

    assert found[EXPOSED]["result"] == "partial"
    assert found[EXPOSED]["after"] is None
    assert code == Exit.FAILED


def test_ctrl_c_tells_what_was_done_and_what_was_not(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rootctl.hardening._THREADS", 1)
    main = threading.main_thread().ident
    assert main is not None

    def interrupt(call: Call) -> None:
        if call.operation == "DeactivateMFADevice":
            signal.pthread_kill(main, signal.SIGINT)

    with watching(aws, interrupt):
        found, code = hardened(EXPOSED, MFA_ONLY, EXEMPT, CLEAN, "--yes", "--direct")

    assert code == Exit.INTERRUPTED
    assert found[EXPOSED]["result"] == "hardened"
    assert found[CLEAN]["result"] == "clean"
    assert found[EXEMPT]["result"] == "not_begun"
    assert aws.posture(EXEMPT)["password"]


@WAYS
def test_ctrl_c_while_looking_removes_nothing(aws: LocalAws, way: tuple[str, ...]) -> None:
    main = threading.main_thread().ident
    assert main is not None
    before = aws.posture(EXPOSED)

    def interrupt(call: Call) -> None:
        if call.operation == "GetAccountSummary":
            signal.pthread_kill(main, signal.SIGINT)

    with watching(aws, interrupt):
        result = run("harden", EXPOSED, "--yes", *way)

    assert (result.exit_code, result.stdout) == (Exit.INTERRUPTED, "")
    assert "interrupted. Nothing was changed." in result.stderr
    assert aws.posture(EXPOSED) == before


def test_credentials_that_expire_on_the_way_hide_nothing(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rootctl.hardening._THREADS", 1)

    def expire(call: Call) -> None:
        if call.operation == "DeactivateMFADevice":
            for operation in ("AssumeRoot", "DescribeAccount"):
                aws.extensions.faults.fail(operation, "ExpiredToken", http=403, times=None)

    with watching(aws, expire):
        found, code = hardened(EXPOSED, MFA_ONLY, "--yes", "--direct")

    assert found[EXPOSED]["result"] == "hardened"
    assert found[MFA_ONLY]["result"] in {"unknown", "unreachable"}
    assert found[MFA_ONLY]["reason"]["code"] == "ExpiredToken"
    assert code == Exit.FAILED
    assert aws.posture(MFA_ONLY)["mfaDevices"]


def test_what_an_attempt_that_stopped_may_have_removed_is_shown() -> None:
    key = Credential(CredentialKind.ACCESS_KEY, "AKIAIOSFODNN7EXAMPLE")
    outcome = HardeningOutcome(
        account=AccountReference(account_id=AccountId(EXPOSED)),
        result=Result.UNREACHABLE,
        trigger=Trigger(event_id="1", event_name="HardeningRequest", source="rootwarden"),
        may_have_been_removed=frozenset([key]),
        attempt=1,
        will_retry=False,
        occurred_at=NOON,
    )
    ending = read_hardened(Fields(outcome.to_detail()))
    shown = Console(file=StringIO(), width=200)
    shown.print(harden_command._table("Removed", [ending]))  # noqa: SLF001 - what people see

    assert ending.to_detail()["mayHaveBeenRemoved"] == [{"kind": "access_key", "id": key.identifier}]
    assert isinstance(shown.file, StringIO)
    assert f"perhaps access key {key.identifier}, by an attempt that stopped" in shown.file.getvalue()
