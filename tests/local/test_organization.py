from datetime import date
from pathlib import Path
from typing import Any

import pytest

from local.organization import Organization, OrganizationFileError, load_organization, organization_from

SMALLEST: dict[str, Any] = {
    "organization_id": "o-aa111bb222",
    "management_account": {"id": "111122223333", "name": "management"},
    "hub": {"account": "222233334444"},
}


def test_the_documented_example_can_be_read(organization: Organization) -> None:
    payments, erp, sandbox = organization.accounts
    assert (payments.root.password, payments.root.access_keys) == (True, 2)
    assert sandbox.state == "SUSPENDED"
    assert organization.exemptions[0].account == erp.id
    assert organization.exemptions[0].until == date(2027, 1, 31)


def test_what_is_left_out_has_a_default() -> None:
    organization = organization_from(SMALLEST)
    assert organization.features.root_credentials_management
    assert organization.hub.region == "us-east-1"
    assert not organization.slack.webhook


def test_a_hub_account_not_listed_is_a_member() -> None:
    assert [member.id for member in organization_from(SMALLEST).members] == ["222233334444"]
    hub_is_management = {**SMALLEST, "hub": {"account": "111122223333"}}
    assert organization_from(hub_is_management).members == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"colour": "red"}, "colour: unknown; local/organization.example.yaml"),
        ({"hub": {}}, "hub.account: missing"),
        ({"hub": None}, "hub: None found; takes an object"),
        ({"accounts": {"id": "1"}}, "accounts: .* takes a valid array"),
        ({"accounts": [{"id": 444455556666, "name": "x"}]}, r"accounts\[0\].id: .* in quotes"),
        ({"accounts": [{"id": "1", "name": "x"}]}, "account '1': an id is 12 digits"),
        ({"accounts": [{"id": "111122223333", "name": "x"}]}, "listed twice"),
        (
            {"accounts": [{"id": "1", "name": "x", "root": {"acess_keys": 1}}]},
            r"accounts\[0\].root.acess_keys: unknown",
        ),
        (
            {"accounts": [{"id": "444455556666", "name": "x", "root": {"access_keys": True}}]},
            "access_keys: True found; takes a valid integer",
        ),
        (
            {"accounts": [{"id": "444455556666", "name": "x", "state": "GONE"}]},
            "state: 'GONE' found; takes 'PENDING_ACTIVATION'",
        ),
        ({"exemptions": [{"reason": "r", "until": date(2027, 1, 1)}]}, "either account or ou"),
        (
            {"exemptions": [{"account": "1", "reason": "r", "until": "soon"}]},
            "takes a valid date in the format YYYY-MM-DD",
        ),
    ],
)
def test_mistakes_are_told_with_place_and_what_it_takes(change: dict[str, Any], says: str) -> None:
    with pytest.raises(OrganizationFileError, match=says):
        organization_from({**SMALLEST, **change})


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(OrganizationFileError) as caught:
        organization_from({"hub": {"account": 1}, "a": 1, "b": 2})
    assert len(str(caught.value).splitlines()) == 1 + 5


def test_a_file_that_is_no_yaml_is_refused_by_name(tmp_path: Path) -> None:
    broken = tmp_path / "org.yaml"
    broken.write_text("a: [")
    with pytest.raises(OrganizationFileError, match=r"org\.yaml"):
        load_organization(broken)
    with pytest.raises(OrganizationFileError, match=r"none\.yaml"):
        load_organization(tmp_path / "none.yaml")
