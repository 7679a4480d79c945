"""The text of rootwarden.yaml: which Regions it names where policies may deny some."""

from typing import Any

import pytest
import yaml

from rootctl.setting_up.configuration_file import Answers, configuration_text
from rootctl.setting_up.organization_facts import ControlTower, OrganizationFacts
from rootwarden.accounts import Account
from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused
from tests.accounts import HUB, MANAGEMENT

_REFUSED = CallRefused("AccessDeniedException", "no")


def test_governed_regions_are_those_that_forward() -> None:
    text = _text(ControlTower("eu-central-1", ("eu-central-1", "us-east-1")))

    assert _read(text)["control_tower_home_region"] == "eu-central-1"
    assert _read(text)["forwarding_regions"] == ["eu-central-1", "us-east-1"]
    assert "the Regions that Control Tower governs" in text


@pytest.mark.parametrize(
    ("found", "answered", "reason"),
    [
        (ControlTower("eu-central-1", _REFUSED), None, "governs is not known: AccessDeniedException: no"),
        (_REFUSED, "eu-central-1", "governs is not known: AccessDeniedException: no"),
        (None, "eu-central-1", "governs is not known: AWS names no Control Tower"),
        (_REFUSED, None, "Where a policy denies Regions"),
        (None, None, "Where a policy denies Regions"),
    ],
    ids=["not allowed to look", "a person knows", "a person knows better", "not known", "no Control Tower"],
)
def test_without_governed_regions_the_file_says_when_to_name_some(
    found: ControlTower | CallRefused | None, answered: str | None, reason: str
) -> None:
    text = _text(found, answered)

    assert "forwarding_regions" not in _read(text)
    assert "# forwarding_regions: [" in text
    assert reason in text


def _read(text: str) -> Any:
    return yaml.safe_load(text)


def _text(control_tower: ControlTower | CallRefused | None, answered: str | None = None) -> str:
    hub = Account(account_id=AccountId(HUB), name="security", state="ACTIVE", organizational_units=())
    facts = OrganizationFacts(
        organization_id="o-aa111bb222",
        management_account_id=MANAGEMENT,
        root_id="r-ab12",
        accounts=(hub,),
        units={},
        administrators=frozenset(),
        control_tower=control_tower,
    )
    answers = Answers(
        hub=hub,
        region="us-east-1",
        emails=("security@example.com",),
        slack={},
        schedule="rate(1 day)",
        mode="observe",
        hours=12,
        control_tower=answered,
    )
    return configuration_text(facts, answers)
