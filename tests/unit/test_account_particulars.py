"""Whose account an outcome is about, and in which unit by name: said, said to be missing, or not known."""

from collections.abc import Callable
from datetime import timedelta

import boto3
import pytest
from botocore.stub import Stubber
from msgspec import UNSET

from rootwarden.aws.event_bus import AccountParticulars
from rootwarden.aws.organizations import OrganizationTags, Remembered
from rootwarden.events import AccountId
from rootwarden.messages.compose import AlertTest, compose
from rootwarden.messages.message import Guidance
from rootwarden.outcomes import AccountReference, Outcome
from rootwarden.refusals import CallRefused
from tests.unit.fakes import NOON, FakeClock, FakeOrganization, RootUser
from tests.unit.given import MEMBER, UNIT, Hardening, member
from tests.unit.stories import hardened, partial, root_sign_in_failed, sweep_found_credentials
from tests.unit.test_messages import on_the_bus

REFUSED = CallRefused("AccessDeniedException", "You don't have permissions to access this resource.")


class Organizations:
    """Answers, refuses, and counts what it is asked; each answer takes a while."""

    def __init__(self, *, owner: str | None = "payments", refuse: str = "", takes: float = 0.1) -> None:
        self.asked: list[str] = []
        self._owner, self._refuse, self._takes, self._now = owner, refuse, takes, 0.0

    def _answer(self, what: str) -> None:
        self.asked.append(what)
        self._now += self._takes
        if what == self._refuse:
            raise REFUSED

    def owner_of(self, _account: AccountId) -> str | None:
        self._answer("owner")
        return self._owner

    def unit_name(self, _unit: str) -> str:
        self._answer("unit")
        return "Workloads"

    def particulars(self) -> AccountParticulars:
        return AccountParticulars(
            describe=FakeOrganization({MEMBER: member()}).describe,
            owner_of=self.owner_of,
            unit_name=self.unit_name,
            seconds=lambda: self._now,
        )


def filled(organizations: Organizations, outcome: Outcome) -> AccountReference:
    found = organizations.particulars().added_to(outcome)
    account: AccountReference = found.account  # type: ignore[attr-defined]
    return account


@pytest.mark.parametrize("story", [hardened, partial, root_sign_in_failed])
def test_an_outcome_people_are_told_of_names_owner_and_unit(story: Callable[[], Outcome]) -> None:
    account = filled(Organizations(), story())

    assert (account.owner, account.unit_path) == ("payments", "Root / Workloads")
    assert account.organizational_units == (UNIT,)


def test_nothing_is_asked_for_what_nobody_is_told_of() -> None:
    organizations = Organizations()
    clean = Hardening(user=RootUser()).harden()

    assert organizations.particulars().added_to(clean) is clean
    assert organizations.asked == []


def test_a_sweep_names_each_of_its_accounts() -> None:
    found = Organizations().particulars().added_to(sweep_found_credentials())

    assert {each.account.owner for each in found.in_question} == {"payments"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("organizations", "owner", "unit"),
    [
        (
            Organizations(owner=None),
            'nobody named: the account has no tag "team"',
            f"Root / Workloads ({UNIT})",
        ),
        (Organizations(refuse="owner"), "not known: AWS Organizations did not say", UNIT),
        (Organizations(refuse="unit"), "payments", UNIT),
    ],
    ids=["no tag", "tags refused", "units refused"],
)
def test_what_is_missing_is_said_and_what_is_refused_is_said_to_be_not_known(
    organizations: Organizations, owner: str, unit: str
) -> None:
    outcome = organizations.particulars().added_to(hardened())
    announcement = compose(on_the_bus(outcome), Guidance(owner_tag="team"))

    assert announcement is not None
    assert dict(announcement.where)["Owner"] == owner
    assert dict(announcement.where)["Unit"] == unit


def test_a_slow_organization_is_asked_no_further() -> None:
    organizations = Organizations(takes=3)

    account = filled(organizations, hardened())

    assert organizations.asked == ["owner"]
    assert (account.owner, account.unit_path) == ("payments", UNSET)


def test_what_did_not_answer_with_the_name_is_not_asked_again() -> None:
    organizations = Organizations()
    account = AccountReference(account_id=MEMBER)

    test = AlertTest(account=account, requested_by="anna", occurred_at=NOON)
    assert filled(organizations, test) == account
    assert organizations.asked == []


def test_answers_are_kept_for_an_hour_and_refusals_are_not() -> None:
    clock, asked = FakeClock(), []

    def ask(key: str) -> str:
        asked.append(key)
        if len(asked) == 1:
            raise REFUSED
        return key.upper()

    remembered = Remembered(ask, clock, most=1)
    with pytest.raises(CallRefused):
        remembered("a")
    assert [remembered("a"), remembered("a"), len(asked)] == ["A", "A", 2]
    clock.move(timedelta(hours=1))
    assert [remembered("a"), len(asked)] == ["A", 3]
    remembered("b")
    assert [remembered("a"), len(asked)] == ["A", 5]


def test_the_owner_is_the_value_of_the_configured_tag() -> None:
    client = boto3.client("organizations")
    tags = OrganizationTags(client, "team")
    with Stubber(client) as stub:
        found = [{"Key": "owner", "Value": "no"}, {"Key": "team", "Value": "payments"}]
        stub.add_response("list_tags_for_resource", {"Tags": found}, {"ResourceId": MEMBER})
        assert tags.owner_of(MEMBER) == "payments"
        stub.add_response("list_tags_for_resource", {"Tags": found[:1]}, {"ResourceId": MEMBER})
        assert tags.owner_of(MEMBER) is None
