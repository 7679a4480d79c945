"""What is said of a handshake that was accepted: another organization's invitation takes an account away."""

from typing import Any

import pytest

from tests.unit.sample_events import sample
from tests.unit.test_watch import REFUSED, judge


@pytest.mark.parametrize(
    ("name", "changed", "reason", "is_named"),
    [
        (
            "member_accepts_foreign_invitation_by_root",
            {},
            "the account accepted another organization's invitation, and left this one by that",
            True,
        ),
        (
            "member_accepts_foreign_invitation_by_root",
            {"responseElements": None},
            "the account accepted a handshake, perhaps another organization's invitation",
            False,
        ),
        (
            "member_accepts_foreign_invitation_by_root",
            REFUSED | {"responseElements": None},
            (
                "the account tried to accept a handshake, perhaps another organization's invitation,"
                " and AWS refused it (AccessDenied)"
            ),
            False,
        ),
        ("accept_handshake", {}, "an account accepted this organization's own invitation", False),
        (
            "accept_handshake_all_features",
            {},
            "the handshake takes no account out of the organization",
            False,
        ),
    ],
)
def test_what_accepting_a_handshake_does_is_said(
    name: str, changed: dict[str, Any], reason: str, *, is_named: bool
) -> None:
    found = judge(name, **changed)

    arn = sample(name)["detail"]["responseElements"]["handshake"]["arn"]
    assert (found.assessment.reason, found.target) == (reason, arn if is_named else None)
