"""A sweep's rows as they are kept and read again: nothing is lost, nothing believed that no one saw."""

import json

import pytest

from rootwarden.accounts import Account
from rootwarden.coverage.probes import Probe
from rootwarden.events import Fields, MalformedEvent
from rootwarden.hardening.removal import Failure, Preview
from rootwarden.root_credentials import Credential, CredentialKind, Posture
from rootwarden.sweep.sweep import AccountRow, RowResult
from tests.unit.fakes import NOON
from tests.unit.given import MEMBER, UNIT, WINDOW
from tests.unit.report_given import NONE, PASSWORD

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
FULL = AccountRow(
    account=Account(account_id=MEMBER, name="payments-prod", state="ACTIVE", organizational_units=(UNIT,)),
    result=RowResult.PARTIAL,
    audited_at=NOON,
    posture=PASSWORD,
    removed=(Credential(CredentialKind.ACCESS_KEY, KEY_ID),),
    preview=Preview(stays=(Failure(CredentialKind.PASSWORD, None, "AccessDenied", "explicit deny"),)),
    exemption_reason="break glass",
    exemption_until="2026-06-30",
    recovery_window=WINDOW,
    code="AccessDenied",
    message="explicit deny in a service control policy",
    probes=(
        Probe(region="eu-west-1", at=NOON),
        Probe(region="me-south-1", at=NOON, code="InvalidClientTokenId", message="not enabled"),
    ),
)
KEPT: dict[str, object] = {
    "id": MEMBER,
    "name": "payments-prod",
    "state": "ACTIVE",
    "organizationalUnit": UNIT,
    "result": "partial",
    "posture": {"password": True, "accessKeys": False, "signingCertificates": False, "mfaDevices": False},
    "removed": [{"kind": "access_key", "id": KEY_ID}],
    "preview": {
        "goes": [],
        "stays": [{"kind": "password", "id": None, "code": "AccessDenied", "message": "explicit deny"}],
        "lastUsed": [],
    },
    "exemption": {"reason": "break glass", "until": "2026-06-30"},
    "recoveryWindow": {"until": "2026-06-01T16:00:00Z", "reason": "lost MFA device", "openedBy": "alice"},
    "code": "AccessDenied",
    "message": "explicit deny in a service control policy",
    "auditedAt": "2026-06-01T12:00:00Z",
    "probes": [
        {"region": "eu-west-1", "at": "2026-06-01T12:00:00Z", "code": None, "message": None},
        {
            "region": "me-south-1",
            "at": "2026-06-01T12:00:00Z",
            "code": "InvalidClientTokenId",
            "message": "not enabled",
        },
    ],
}
UNKNOWN = Account(account_id=MEMBER, name=None, state="UNKNOWN", organizational_units=None)
BARE = AccountRow(account=UNKNOWN, result=RowResult.UNREACHABLE, audited_at=NOON)
REQUIRED: dict[str, object] = {
    "id": MEMBER,
    "result": "unreachable",
    "removed": [],
    "auditedAt": "2026-06-01T12:00:00Z",
}


def read(detail: object) -> AccountRow:
    """Read a row after its way through JSON."""
    return AccountRow.from_detail(Fields(json.loads(json.dumps(detail)), "row"))


def test_a_row_is_kept_with_all_that_it_says_and_read_as_it_was() -> None:
    assert json.loads(json.dumps(FULL.to_detail())) == KEPT
    assert read(KEPT) == FULL


def test_a_row_of_which_little_is_known_is_read_as_it_was() -> None:
    assert read(BARE.to_detail()) == BARE


def test_what_an_older_version_did_not_write_is_not_known() -> None:
    assert read(REQUIRED) == BARE


def test_an_exemption_without_a_reason_still_exempts() -> None:
    row = read(KEPT | {"exemption": {"until": "2026-06-30"}})

    assert (row.is_exempt, row.exemption_reason, row.exemption_until) == (True, None, "2026-06-30")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": None}, "row.id takes a text, found nothing"),
        ({"result": "splendid"}, "row.result takes one of clean, exposed, hardened, partial, "),
        ({"auditedAt": None}, "row.auditedAt takes a text, found nothing"),
        ({"posture": {}}, "row.posture.password takes a value, found nothing"),
        ({"removed": None}, "row.removed takes a list, found nothing"),
        (
            {"removed": [{"kind": "key", "id": "1"}]},
            "row.removed[0].kind takes one of password, access_key, ",
        ),
        ({"removed": [{"kind": "access_key"}]}, "row.removed[0].id takes a text, found nothing"),
        ({"preview": {"goes": 1}}, "row.preview.goes takes array, found 1"),
        ({"exemption": {"reason": "x"}}, "row.exemption.until takes a text, found nothing"),
        ({"recoveryWindow": {}}, "row.recoveryWindow.until takes a value, found nothing"),
        ({"probes": {}}, "row.probes takes a list, found an object of 0"),
        ({"probes": [{}]}, "row.probes[0].region takes a value, found nothing"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_field(change: dict[str, object], said: str) -> None:
    with pytest.raises(MalformedEvent) as refused:
        read(KEPT | change)

    assert str(refused.value).startswith(said)


_PROOF = "posture takes what proves {}, found nothing"
_EXPOSED = "posture takes the credentials that are exposed, found nothing"


@pytest.mark.parametrize(
    ("result", "posture", "said"),
    [
        ("clean", None, _PROOF.format("clean")),
        ("clean", PASSWORD, _PROOF.format("clean")),
        ("hardened", None, _PROOF.format("hardened")),
        ("hardened", PASSWORD, _PROOF.format("hardened")),
        ("exposed", None, _EXPOSED),
        ("exposed", NONE, _EXPOSED),
    ],
)
def test_a_result_that_the_posture_does_not_show_is_refused(
    result: str, posture: Posture | None, said: str
) -> None:
    with pytest.raises(MalformedEvent) as refused:
        read(_with(result, posture))

    assert (str(refused.value), refused.value.field) == (said, "posture")


@pytest.mark.parametrize(
    ("result", "posture"),
    [
        ("clean", NONE),
        ("hardened", NONE),
        ("exposed", PASSWORD),
        ("partial", None),
        ("partial", NONE),
        ("unreachable", PASSWORD),
        ("not_active", None),
    ],
)
def test_any_other_result_is_read_with_its_posture(result: str, posture: Posture | None) -> None:
    row = read(_with(result, posture))

    assert (row.result, row.posture) == (result, posture)


def _with(result: str, posture: Posture | None) -> dict[str, object]:
    seen = posture.to_detail() if posture else None
    return REQUIRED | {"result": result, "posture": seen}


def test_the_row_of_an_account_whose_batch_left_none_says_so_and_proves_nothing() -> None:
    assert AccountRow.failed(FULL.account, NOON) == AccountRow(
        account=FULL.account,
        result=RowResult.UNREACHABLE,
        audited_at=NOON,
        code="BatchFailed",
        message="the account's batch timed out, died, or left a result that cannot be read",
    )
