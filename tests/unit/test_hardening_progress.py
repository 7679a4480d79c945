"""What attempts did, as it is kept until an outcome has named it."""

import json
from datetime import timedelta

import pytest

from rootwarden.hardening.outcome import Progress
from rootwarden.hardening.removal import Preview
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, LastUse, Posture, in_order
from tests.unit.fakes import NOON

KEYS = [Credential(CredentialKind.ACCESS_KEY, f"AKIA{number}") for number in range(6)]
DEVICE = Credential(CredentialKind.MFA_DEVICE, "arn:aws:iam::444455556666:mfa/root-account-mfa-device")
USES = [LastUse(key.kind, key.identifier, NOON - timedelta(days=90)) for key in KEYS]
PASSWORD_USE = LastUse(PASSWORD.kind, PASSWORD.identifier)

WHOLE = Progress(
    before=Posture.of({CredentialKind.PASSWORD, CredentialKind.ACCESS_KEY, CredentialKind.MFA_DEVICE}),
    tried=frozenset({PASSWORD, DEVICE}),
    removed=frozenset(KEYS[:2]),
    last_used=frozenset({*USES, PASSWORD_USE}),
)


def test_progress_is_kept_as_json_in_one_order() -> None:
    assert json.loads(WHOLE.to_json()) == {
        "before": ["access_key", "mfa_device", "password"],
        "tried": [["mfa_device", DEVICE.identifier], ["password", "password"]],
        "removed": [["access_key", "AKIA0"], ["access_key", "AKIA1"]],
        "lastUsed": [
            *({"kind": "access_key", "id": f"AKIA{n}", "at": "2026-03-03T12:00:00Z"} for n in range(6)),
            {"kind": "password", "id": "password", "at": None},
        ],
    }


@pytest.mark.parametrize(
    "progress",
    [
        WHOLE,
        Progress(),
        Progress(before=Posture.of(frozenset())),
        Progress(tried=WHOLE.tried),
        Progress(removed=WHOLE.removed),
        Progress(last_used=WHOLE.last_used),
    ],
    ids=["whole", "nothing", "clean before", "tried", "removed", "last used"],
)
def test_what_is_read_is_what_was_kept(progress: Progress) -> None:
    assert Progress.from_json(progress.to_json()) == progress


def test_nothing_kept_is_no_progress() -> None:
    assert Progress.from_json(None) == Progress()


def test_what_an_earlier_version_kept_names_no_last_use() -> None:
    kept = '{"before": ["password"], "tried": [["password", "password"]], "removed": []}'

    assert Progress.from_json(kept) == Progress(
        before=Posture.of({CredentialKind.PASSWORD}), tried=frozenset({PASSWORD})
    )


def test_what_is_about_to_be_removed_adds_to_what_was_and_its_newest_last_use_counts() -> None:
    used_again = LastUse(KEYS[0].kind, KEYS[0].identifier, NOON)
    before = Progress(tried=frozenset({DEVICE}), removed=frozenset({KEYS[1]}), last_used=frozenset(USES[:2]))

    trying = before.trying(
        Preview(goes=frozenset({PASSWORD}), last_used=frozenset({used_again, PASSWORD_USE}))
    )

    assert trying == Progress(
        tried=frozenset({DEVICE, PASSWORD}),
        removed=frozenset({KEYS[1]}),
        last_used=frozenset({used_again, USES[1], PASSWORD_USE}),
    )


def test_last_uses_are_named_in_the_order_of_removal() -> None:
    assert in_order({USES[1], USES[0], PASSWORD_USE}) == [PASSWORD_USE, USES[0], USES[1]]
