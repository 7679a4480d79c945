"""Whether members forward, as rootctl doctor says it: by what is configured, not by what is left of it."""

import json
import shlex
from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from rootctl.aws import AwsSession
from rootctl.checks.configured import ConfiguredForwarding
from rootctl.checks.context import CallerIdentity, DoctorContext, Result, Status
from rootctl.checks.member_forwarding import coverage
from rootctl.commands.doctor import Diagnosis
from rootctl.drill.hop import CheckFinding, reason_line
from rootctl.output import Output, show
from rootwarden.activity.put_back import revert_organization
from rootwarden.aws.organizations import Organization
from rootwarden.aws.service_control_policies import Member
from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused
from rootwarden.report.deployment_checks import Instance
from tests.stage import START

MANAGEMENT = AccountId("111122223333")
ROOT, UNIT, NESTED, OTHER = "r-ab12", "ou-ab12-11111111", "ou-ab12-22222222", "ou-ab12-33333333"
REGIONS = ("us-east-1", "eu-west-1")
STACK_SET = "rootwarden-forwarding"


def member(number: int, *units: str) -> Member:
    account = AccountId(f"{number:012d}")
    return Member(account, f"member-{number}", (ROOT, *units, account))


def instances(members: Iterable[Member], regions: Sequence[str] = REGIONS) -> list[Instance]:
    return [Instance(each.account_id, region, "CURRENT", None) for each in members for region in regions]


class FakeRegions:
    """Account Management: which Regions an account opted in to."""

    def __init__(self, answer: frozenset[str] | CallRefused) -> None:
        self.answer = answer

    def opted_in(self, _account: AccountId) -> frozenset[str]:
        if isinstance(self.answer, CallRefused):
            raise self.answer
        return self.answer


def found(
    members: Sequence[Member],
    there: Iterable[Instance],
    *,
    regions: Sequence[str] = REGIONS,
    units: Sequence[str] = (ROOT,),
    opted_in: frozenset[str] | CallRefused = frozenset(),
    is_there: bool = True,
) -> list[Result]:
    session = AwsSession.begin(None, "us-east-1")
    context = DoctorContext(session, session, lambda: START)
    everyone = [Member(MANAGEMENT, "management", (ROOT, MANAGEMENT)), *members]
    forwarding = SimpleNamespace(names=(STACK_SET,), is_there=lambda: is_there, instances=lambda: iter(there))
    vars(context).update(
        caller=CallerIdentity(f"arn:aws:iam::{MANAGEMENT}:role/Admin", MANAGEMENT),
        organization=Organization("o-aa111bb222", MANAGEMENT, "aws"),
        policies=SimpleNamespace(members=lambda: iter(everyone)),
        forwarding=forwarding,
        configured=ConfiguredForwarding(tuple(regions), {STACK_SET: tuple(units)}),
        account_regions=FakeRegions(opted_in),
    )
    return list(coverage(context))


def targets(result: Result) -> dict[str, Any]:
    words = shlex.split(result.remedy or "")
    read: dict[str, Any] = json.loads(words[words.index("--deployment-targets") + 1])
    return read


MEMBERS = (member(1), member(2, UNIT), member(3, OTHER))


def test_a_stack_set_that_is_gone_is_put_back_by_more_than_a_deployment() -> None:
    gone, by_hand = found(MEMBERS, (), is_there=False)

    assert (gone.status, gone.remedy) == (Status.WRONG, "make deploy")
    assert by_hand.status is Status.UNKNOWN
    assert by_hand.remedy == revert_organization("")


def test_all_is_well_only_with_every_region_that_is_configured() -> None:
    [well] = found(MEMBERS, instances(MEMBERS))

    assert (well.status, well.text) == (
        Status.OK,
        "all 3 active member accounts forward from us-east-1, eu-west-1",
    )


@pytest.mark.parametrize("left", [(), ("us-east-1",)])
def test_a_region_without_any_instance_is_missed(left: tuple[str, ...]) -> None:
    [bad] = found(MEMBERS, instances(MEMBERS, left))

    gone = [region for region in REGIONS if region not in left]
    assert bad.status is Status.WRONG
    assert bad.text.startswith(f"{', '.join(gone)}: no instance in 3 accounts")
    assert f"--regions {' '.join(gone)} " in (bad.remedy or "")
    # It concerns everybody in the unit, so that nobody need be named
    assert targets(bad) == {"OrganizationalUnitIds": [ROOT]}


@pytest.mark.parametrize(
    ("detailed", "status", "command"),
    [
        ("FAILED", Status.WRONG, "update-stack-instances"),
        ("CANCELLED", Status.WRONG, "update-stack-instances"),
        ("PENDING", Status.UNKNOWN, "list-stack-set-operations"),
        ("RUNNING", Status.UNKNOWN, "list-stack-set-operations"),
    ],
)
def test_what_cloudformation_is_at_work_on_is_not_wrong(detailed: str, status: Status, command: str) -> None:
    behind = [
        Instance(each.account_id, region, "OUTDATED", None, detailed, STACK_SET)
        for each in MEMBERS[:1]
        for region in REGIONS
    ]

    [result] = found(MEMBERS, [*behind, *instances(MEMBERS[1:])])

    assert result.status is status
    assert "OUTDATED in 1 account" in result.text
    assert command in (result.remedy or "")


def test_accounts_outside_the_configured_units_are_named_without_a_command() -> None:
    inside, nested, outside = member(1, UNIT), member(2, UNIT, NESTED), member(3, OTHER)

    *rest, named = found([inside, nested, outside], instances([inside]), units=[UNIT, "ou-ab12-99999999"])

    [bad] = rest
    assert bad.status is Status.WRONG
    assert "member-2" in bad.text
    # The unit that the StackSet has, not the root and not the one below it
    assert targets(bad) == {
        "OrganizationalUnitIds": [UNIT],
        "Accounts": [nested.account_id],
        "AccountFilterType": "INTERSECTION",
    }
    assert (named.status, named.remedy) == (Status.OK, None)
    assert "not watched: 1 account, member-3" in named.text


REFUSED = CallRefused("AccessDeniedException", "No.")


@pytest.mark.parametrize(
    ("opted_in", "status", "said"),
    [
        (frozenset({"me-south-1"}), Status.WRONG, "no instance in 3 accounts, which do not forward"),
        (frozenset(), Status.OK, "3 accounts have not opted in"),
        (REFUSED, Status.UNKNOWN, "whether 3 accounts without a current instance opted in: Acc"),
    ],
)
def test_a_region_that_accounts_do_not_have_needs_no_instance(
    opted_in: frozenset[str] | CallRefused, status: Status, said: str
) -> None:
    results = found(MEMBERS, instances(MEMBERS), regions=[*REGIONS, "me-south-1"], opted_in=opted_in)

    assert results[0].status is status
    assert f"me-south-1: {said}" in results[0].text
    well = [each.text for each in results[1:]]
    if status is Status.OK:
        assert well[0].endswith("from us-east-1, eu-west-1, me-south-1, where they have the Region")
    assert len(well) == (status is Status.OK)


def test_no_more_accounts_are_asked_than_a_person_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rootctl.checks.member_forwarding.MOST_ACCOUNTS", 2)

    asked, rest = found(MEMBERS, instances(MEMBERS), regions=[*REGIONS, "me-south-1"])

    assert (asked.status, rest.status) == (Status.OK, Status.UNKNOWN)
    assert "2 were asked" in rest.text
    assert MEMBERS[2].account_id in (rest.remedy or "")


@pytest.fixture
def many() -> list[Result]:
    """A hundred and fifty members without an instance, and one with."""
    members = [member(number, UNIT) for number in range(1, 152)]
    return found(members, instances(members[:1]))


def test_a_command_for_many_accounts_is_printed_whole(
    many: list[Result], capsys: pytest.CaptureFixture[str]
) -> None:
    for table in (
        Diagnosis([("member forwarding", each) for each in many]).table(),
        reason_line(CheckFinding("member forwarding", many[0])),
    ):
        show(Output.TABLE, table=table, document=None, csv="")
        [line] = [each for each in capsys.readouterr().out.splitlines() if "→" in each]
        words = shlex.split(line.replace("→", ""))
        read = json.loads(words[words.index("--deployment-targets") + 1])
        assert len(read["Accounts"]) == 150


def test_canary_units_have_a_stack_set_of_their_own() -> None:
    configured = ConfiguredForwarding(REGIONS, {STACK_SET: (UNIT,), f"{STACK_SET}-canary": (OTHER,)})

    assert configured.stack_set_of((ROOT, OTHER, "1")) == f"{STACK_SET}-canary"
    assert configured.stack_set_of((ROOT, "1")) is None
