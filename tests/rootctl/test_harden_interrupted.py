"""rootctl harden when something fails on the way: what was done is said, and what was not."""

import signal
import threading
from typing import Any

import pytest

from embedded_aws.calls import Call
from local.aws import LocalAws
from rootctl.errors import Exit
from tests.rootctl.accounts import CLEAN, EXEMPT, EXPOSED, MFA_ONLY
from tests.rootctl.conftest import program
from tests.rootctl.watching import watching

WAYS = pytest.mark.parametrize("way", [(), ("--via-hub",)], ids=["direct", "via hub"])


def hardened(*arguments: str) -> tuple[dict[str, dict[str, Any]], int]:
    answer, code = program("harden", *arguments)
    return {each["account"]["id"]: each for each in answer["accounts"]}, code


@WAYS
def test_what_cannot_be_removed_is_shown_beside_what_was(aws: LocalAws, way: tuple[str, ...]) -> None:
    aws.extensions.faults.fail("DeleteLoginProfile", "AccessDenied", http=403, times=None)

    found, code = hardened(EXPOSED, "--yes", *way)

    assert found[EXPOSED]["result"] == "partial"
    assert [each["kind"] for each in found[EXPOSED]["left"]] == ["password"]
    assert len(found[EXPOSED]["removed"]) == 4
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
        found, code = hardened(EXPOSED, MFA_ONLY, EXEMPT, CLEAN, "--yes")

    assert code == Exit.INTERRUPTED
    assert found[EXPOSED]["result"] == "hardened"
    assert found[CLEAN]["result"] == "clean"
    assert found[EXEMPT]["result"] == "not_begun"
    assert aws.posture(EXEMPT)["password"]


def test_credentials_that_expire_on_the_way_hide_nothing(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rootctl.hardening._THREADS", 1)

    def expire(call: Call) -> None:
        if call.operation == "DeactivateMFADevice":
            for operation in ("AssumeRoot", "DescribeAccount"):
                aws.extensions.faults.fail(operation, "ExpiredToken", http=403, times=None)

    with watching(aws, expire):
        found, code = hardened(EXPOSED, MFA_ONLY, "--yes")

    assert found[EXPOSED]["result"] == "hardened"
    assert found[MFA_ONLY]["result"] in {"unknown", "unreachable"}
    assert found[MFA_ONLY]["reason"]["code"] == "ExpiredToken"
    assert code == Exit.FAILED
    assert aws.posture(MFA_ONLY)["mfaDevices"]
