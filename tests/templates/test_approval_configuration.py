"""Who must approve: what is refused, and what an empty object means."""

from typing import Any

import pytest

from stacks.configuration.blocks import Approval
from stacks.configuration.reading import ConfigurationError, Mistake, read_configuration
from tests.templates.synthesized import CONFIGURATION, HUB, MANAGEMENT

USER, ROLE = f"arn:aws:iam::{HUB}:user/people/omar", f"arn:aws:iam::{HUB}:role/Approvers"
SESSION = f"arn:aws:sts::{HUB}:assumed-role/Approvers/omar@example.com"


def read(approval: object) -> Approval:
    return read_configuration({"rootwarden": {**CONFIGURATION, "approval": approval}}).approval


def mistakes(approval: object) -> tuple[Mistake, ...]:
    with pytest.raises(ConfigurationError) as caught:
        read(approval)
    return caught.value.mistakes


def test_an_empty_object_needs_no_approval() -> None:
    assert not read({}).is_required
    assert not read({"approvers": []}).is_required


def test_one_of_several_approves_unless_more_are_asked_for() -> None:
    assert read({"approvers": [USER, ROLE]}) == Approval(approvers=(USER, ROLE), minimum=1)
    assert read({"approvers": [USER, SESSION], "minimum": 2}) == Approval(
        approvers=(USER, SESSION), minimum=2
    )


@pytest.mark.parametrize(
    ("key", "approval"),
    [
        ("approval", []),
        ("approval.approvers", {"approvers": USER}),
        ("approval.approvers", {"approvers": [USER, USER]}),
        ("approval.approvers", {"approvers": [f"{USER}{number}" for number in range(11)]}),
        ("approval.approvers", {"minimum": 1}),
        ("approval.approvers[0]", {"approvers": ["omar"]}),
        ("approval.approvers[0]", {"approvers": ["*"]}),
        ("approval.approvers[0]", {"approvers": [f"arn:aws:iam::{HUB}:root"]}),
        ("approval.approvers[0]", {"approvers": [f"arn:aws:iam::{HUB}:role/*"]}),
        ("approval.approvers[1]", {"approvers": [USER, f"arn:aws:iam::{MANAGEMENT}:user/omar"]}),
        ("approval.minimum", {"approvers": [USER], "minimum": 2}),
        ("approval.minimum", {"approvers": [USER], "minimum": 0}),
        ("approval.minimum", {"approvers": [USER], "minimum": "1"}),
        ("approval.approver", {"approver": USER}),
    ],
)
def test_mistake_is_named_by_its_key(key: str, approval: Any) -> None:
    [mistake] = mistakes(approval)
    assert mistake.key == key
