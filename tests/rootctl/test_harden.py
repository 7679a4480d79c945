"""rootctl harden: shown, agreed to, done, read back; the same with own root sessions and by the hub."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest

from embedded_aws.calls import Call
from local.aws import LocalAws
from rootctl.errors import Exit, Hindered
from rootctl.hardening import check_allowed, previewed
from rootwarden.events import Fields
from rootwarden.requests import OBSERVES_ONLY
from tests.accounts import (
    CLEAN,
    EXEMPT,
    EXPOSED,
    MANAGEMENT,
    MFA_ONLY,
    REFUSING,
    STRANGER,
    SUSPENDED,
    UNIT,
)
from tests.rootctl.conftest import program, run

WAYS = pytest.mark.parametrize("way", [("--direct", "--yes"), ("--via-hub",)], ids=["direct", "via hub"])
DELETING = ("DeleteLoginProfile", "DeleteAccessKey", "DeleteSigningCertificate", "DeactivateMFADevice")


def hardened(*arguments: str) -> tuple[dict[str, dict[str, Any]], int]:
    answer, code = program("harden", *arguments)
    return {each["account"]["id"]: each for each in answer["accounts"]}, code


def deletions(aws: LocalAws) -> list[Call]:
    return [call for call in aws.extensions.calls if call.operation in DELETING]


@WAYS
def test_everything_is_removed_and_read_back(aws: LocalAws, way: tuple[str, ...]) -> None:
    found, code = hardened(EXPOSED, MFA_ONLY, CLEAN, "--yes", *way)

    assert {account: each["result"] for account, each in found.items()} == {
        EXPOSED: "hardened",
        MFA_ONLY: "hardened",
        CLEAN: "clean",
    }
    assert code == Exit.DONE
    assert not any(aws.posture(EXPOSED).values())
    assert len(found[EXPOSED]["removed"]) == 5
    assert found[EXPOSED]["after"] == dict.fromkeys(found[EXPOSED]["after"], False)
    last = [call.operation for call in aws.extensions.calls if call.account == EXPOSED][-1]
    assert last == "GetAccountSummary"


def test_a_hub_that_only_observes_asks_nothing_and_says_what_to_change() -> None:
    answer = {
        "result": "would_remove",
        "account": {"id": EXPOSED, "name": None, "organizationalUnit": None},
        "credentials": [{"kind": "password", "id": "password", "kept": None}],
        "hindrance": OBSERVES_ONLY,
    }

    with pytest.raises(Hindered, match=r"^This hub only observes: .* Set one of them to enforce and deploy"):
        check_allowed([previewed(Fields(answer))])
    check_allowed([previewed(Fields({**answer, "hindrance": None}))])


@WAYS
def test_a_dry_run_only_shows(aws: LocalAws, way: tuple[str, ...]) -> None:
    found, code = hardened(EXPOSED, "--dry-run", *way)

    assert found[EXPOSED]["result"] == "would_remove"
    assert {each["kind"] for each in found[EXPOSED]["toBeRemoved"]} == {
        *("password", "access_key", "signing_certificate", "mfa_device")
    }
    assert found[EXPOSED]["removed"] == []
    assert code == Exit.FINDINGS
    assert hardened(CLEAN, "--dry-run", *way)[1] == Exit.DONE
    assert deletions(aws) == []


@pytest.mark.parametrize(
    ("account", "said", "way"),
    [
        (MANAGEMENT, "is the management account", ("--direct",)),
        (MANAGEMENT, "is the management account", ("--via-hub",)),
        (SUSPENDED, "is SUSPENDED", ("--via-hub",)),
        (STRANGER, f"does not know the account {STRANGER}", ("--via-hub",)),
        ("44445555666", "12 digits", ("--via-hub",)),
    ],
)
def test_one_account_that_cannot_be_hardened_stops_all_before_anything_is_done(
    aws: LocalAws, way: tuple[str, ...], account: str, said: str
) -> None:
    result = run("harden", EXPOSED, account, "--yes", *way)

    assert result.exit_code == Exit.USAGE
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert deletions(aws) == []


@WAYS
def test_what_will_be_removed_is_shown_and_asked(aws: LocalAws, way: tuple[str, ...]) -> None:
    # Going direct, people agree to the alerts before.
    way, agree = (("--direct",), "y\n") if "--direct" in way else (way, "")
    declined = run("harden", EXPOSED, *way, answers=f"{agree}n\n")

    assert declined.exit_code == Exit.FAILED
    for said in (
        "payments-prod",
        "mfa device",
        "Remove 5 root credentials from 1 account",
        "Nothing was changed",
    ):
        assert said in declined.stderr
    assert "payments-prod" not in declined.stdout
    assert deletions(aws) == []

    agreed = run("harden", EXPOSED, *way, answers=f"{agree}y\n")

    assert agreed.exit_code == Exit.DONE
    assert not any(aws.posture(EXPOSED).values())


def test_without_a_terminal_nobody_is_asked_and_nothing_done(aws: LocalAws) -> None:
    result = run("harden", EXPOSED)

    assert result.exit_code == Exit.USAGE
    assert "--yes" in result.stderr
    assert result.stderr.count("\n") == 1
    assert len(aws.extensions.calls) == 0


@pytest.mark.usefixtures("aws")
def test_nothing_to_remove_needs_no_answer() -> None:
    result = run("harden", CLEAN, answers="")

    assert result.exit_code == Exit.DONE
    assert "Accounts: 1 (1 clean)." in result.stdout


@WAYS
def test_an_account_nobody_can_look_at_is_never_called_clean(aws: LocalAws, way: tuple[str, ...]) -> None:
    found, code = hardened(REFUSING, EXPOSED, "--yes", *way)

    assert found[REFUSING]["result"] == "unreachable"
    assert found[REFUSING]["after"] is None
    assert found[EXPOSED]["result"] == "hardened"
    assert code == Exit.FAILED
    assert not any(aws.posture(EXPOSED).values())


@WAYS
def test_recently_used_keys_stay_unless_said(aws: LocalAws, way: tuple[str, ...]) -> None:
    used = aws.state.root_user(EXPOSED).access_keys[0]
    used.last_used = aws.clock.now() - timedelta(days=2)

    found, code = hardened(EXPOSED, "--yes", *way)

    assert found[EXPOSED]["result"] == "partial"
    assert [each["id"] for each in found[EXPOSED]["left"]] == [used.id]
    assert code == Exit.FINDINGS
    assert [key.id for key in aws.state.root_user(EXPOSED).access_keys] == [used.id]

    # All that is there now stays, as a dry run says too.
    for looks in (("--yes",), ("--yes", "--dry-run")):
        said = " ".join(run("harden", EXPOSED, *looks, *way).stdout.split())
        assert f"used lately: access key {used.id} of {EXPOSED}. To remove" in said
        assert "--remove-recently-used" in said
        assert "Accounts: 1 (1 still exposed)." in said

    found, code = hardened(EXPOSED, "--yes", "--remove-recently-used", *way)

    assert (found[EXPOSED]["result"], code) == ("hardened", Exit.DONE)


@WAYS
def test_a_unit_is_hardened_with_what_is_below_it(aws: LocalAws, way: tuple[str, ...]) -> None:
    found, code = hardened("--ou", UNIT, "--yes", *way)

    assert {account: each["result"] for account, each in found.items()} == {
        EXPOSED: "hardened",
        CLEAN: "clean",
    }
    assert code == Exit.DONE
    assert not any(aws.posture(EXPOSED).values())


def test_all_leaves_out_what_root_sessions_never_reach_and_goes_on_past_what_fails(aws: LocalAws) -> None:
    found, code = hardened("--all", "--yes", "--via-hub")

    assert found.keys().isdisjoint({MANAGEMENT, SUSPENDED})
    assert (found[EXPOSED]["result"], found[REFUSING]["result"]) == ("hardened", "unreachable")
    assert found[EXEMPT]["result"] == "skipped"
    assert code == Exit.FAILED
    assert not any(aws.posture(MFA_ONLY).values())


def test_only_the_hub_heeds_exemptions(aws: LocalAws) -> None:
    found, code = hardened(EXEMPT, "--yes", "--via-hub")

    assert (found[EXEMPT]["result"], found[EXEMPT]["reason"]["code"]) == ("skipped", "exempt")
    assert code == Exit.FAILED
    assert aws.posture(EXEMPT)["password"]


def test_the_hub_tells_everyone_who_asked_and_why(aws: LocalAws) -> None:
    hardened(EXPOSED, "--yes", "--via-hub", "--reason", "INC-7")

    [outcome] = [o for o in aws.outcomes if o["detail-type"] == "Account Hardening Result"]
    assert outcome["detail"]["trigger"]["requestReason"] == "INC-7"
    assert ":assumed-role/" in outcome["detail"]["trigger"]["requestedBy"]


@pytest.mark.usefixtures("aws")
def test_csv_has_a_line_an_account() -> None:
    result = run("harden", EXPOSED, REFUSING, "--yes", "--output", "csv")

    rows = {row["account_id"]: row for row in csv.DictReader(io.StringIO(result.stdout))}
    assert "password:password" in rows[EXPOSED]["removed"]
    assert (rows[REFUSING]["result"], rows[REFUSING]["code"]) == ("unreachable", "AccessDenied")


@WAYS
def test_csv_says_why_something_stays(aws: LocalAws, way: tuple[str, ...]) -> None:
    key = aws.state.root_user(EXPOSED).access_keys[0]
    key.last_used = aws.clock.now() - timedelta(days=2)

    [row] = csv.DictReader(io.StringIO(run("harden", EXPOSED, "--yes", "--output", "csv", *way).stdout))

    assert row["left"] == f"access_key:{key.id}"
    assert re.fullmatch(f"access key {key.id}: .*used.*", row["why_left"])
