"""The proof of permissions, without its scenarios: what is deployed, its arrows, and its page."""

from dataclasses import replace
from typing import Any

import pytest

from local.aws import LocalAws
from local.organization import Organization
from local.synthesis import configuration_of
from proofs.permissions.arrows import Arrow, Arrows
from proofs.permissions.conditional import APPROVAL, DELEGATED_HUB, LABELS, MANAGEMENT_HUB
from proofs.permissions.deployed import Deployed
from proofs.permissions.forbidden import ask_all
from proofs.permissions.judgement import missing, refused, used_by
from proofs.permissions.page import PAGE, grants_in, grants_of_rows, rows_of, unexplained, unlabelled
from proofs.permissions.strangers import ask_strangers
from proofs.permissions.topologies import delegated_hub, routes, secrets_of_routes
from tests.assemblies import kept_assembly
from tests.stage import Stage

ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


@pytest.fixture
def deployed(aws: LocalAws) -> Deployed:
    return Deployed(aws.resources)


@pytest.fixture
def arrows(deployed: Deployed, organization: Organization) -> list[Arrow]:
    return Arrows(deployed, organization_id=organization.organization_id).all([])


def changed(deployed: Deployed, name: str, *more: dict[str, Any], without: str = "") -> Deployed:
    """Give a role statements, and take away those that allow an action."""
    role = deployed.role(name)
    kept = [each for each in role.statements if without not in each["Action"] or not without]
    deployed.roles[role.arn] = replace(role, statements=[*kept, *more])
    return deployed


def test_this_deployment_is_the_one_of_the_proof(organization: Organization) -> None:
    assert organization == delegated_hub().organization


def test_every_arrow_is_let_in_and_no_stranger(deployed: Deployed, arrows: list[Arrow]) -> None:
    uses = [use for arrow in arrows for use in arrow.uses]

    assert missing(deployed.roles, uses) == []
    assert list(refused(deployed, arrows)) == []
    assert ask_strangers(deployed, arrows).wrong == ()
    kinds = {arrow.words.partition(" → ")[0].partition("/")[0] for arrow in arrows}
    assert {"RootWardenHub", "RootWardenOrganization", "StackSet", "deployment"} <= kinds


def test_what_is_forbidden_is_denied_to_every_role(deployed: Deployed) -> None:
    asked = ask_all(deployed, enforces=False)

    assert asked.wrong == ()
    assert asked.denied > 1000


def test_the_page_says_what_is_deployed(deployed: Deployed) -> None:
    rows = rows_of(deployed, used_by(deployed.roles, []))
    others = [label for label in LABELS if label not in (DELEGATED_HUB, APPROVAL)]
    page = grants_in(PAGE.read_text(encoding="utf-8"), but=others)

    # Stacks of quiet Regions wait, so a family may be missing here, never a line of one that is there.
    assert grants_of_rows(rows) == {grant for grant in page if grant[0] in rows}, "make permissions-page"


@pytest.mark.long
def test_a_line_of_a_management_hub_is_of_no_other(stage: Stage, organization: Organization) -> None:
    """Whatever a delegated hub has switched on, its grants stand on lines that say what gives them."""
    everything = replace(
        organization,
        configuration={
            **organization.configuration,
            "sweep": {"mode": "enforce", "security_hub": True},
            "routes": routes(organization.hub.account),
        },
        secrets={**organization.secrets, **secrets_of_routes(organization.hub.account)},
    )
    aws = stage.clean(everything, kept_assembly(configuration_of(everything)))
    deployed = Deployed(aws.resources)
    rows = rows_of(deployed, used_by(deployed.roles, []))
    page = grants_in(PAGE.read_text(encoding="utf-8"), but=[MANAGEMENT_HUB])

    assert {f"`RoutesTo{kind}Role`" for kind in ("Bus", "Https", "Opsgenie", "PagerDuty", "Queue")} <= set(
        rows
    )
    assert grants_of_rows(rows) == {grant for grant in page if grant[0] in rows}


def test_what_not_every_deployment_has_says_when(deployed: Deployed) -> None:
    rows = rows_of(deployed, used_by(deployed.roles, []))
    without = {role: cells for role, cells in rows.items() if role not in {"`notify`", "`unlock_queue`"}}
    only_unsaid = {role.split()[0] for role in unlabelled([rows, without])}

    assert only_unsaid == {"`notify`", "`unlock_queue`"}


def test_the_page_says_what_each_permission_is_for() -> None:
    assert unexplained(PAGE.read_text(encoding="utf-8")) == []


def test_a_permission_that_is_taken_away_is_missing(deployed: Deployed, arrows: list[Arrow]) -> None:
    changed(deployed, "harden_account", without="sqs:ReceiveMessage")

    found = missing(deployed.roles, [use for arrow in arrows for use in arrow.uses])

    assert any("harden_account may not sqs:ReceiveMessage" in line for line in found)


def test_a_permission_that_nothing_uses_is_unused(deployed: Deployed, arrows: list[Arrow]) -> None:
    more = {"Effect": "Allow", "Action": ["logs:PutLogEvents", "dynamodb:Scan"], "Resource": "*"}
    changed(deployed, "notify", more)

    used = used_by(deployed.roles, [use for arrow in arrows for use in arrow.uses])

    assert [
        bool(uses) for grant, uses in used.items() if grant.resource == "*" and grant.role.name == "notify"
    ] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("audit_accounts", {"Action": "sts:AssumeRoot", "Resource": "arn:aws:iam::*:root"}),
        ("write_report", {"Action": "s3:*", "Resource": "*"}),
        ("forget_account", {"Action": "kms:*", "Resource": "*"}),
        ("open_recovery", {"Action": "iam:PassRole", "Resource": "*"}),
        ("notify", {"NotAction": "iam:*", "Resource": "*"}),
    ],
)
def test_a_role_that_may_more_is_found(deployed: Deployed, role: str, statement: dict[str, Any]) -> None:
    changed(deployed, role, {"Effect": "Allow", **statement})

    assert any(line.startswith(f"{role} may ") for line in ask_all(deployed, enforces=False).wrong)


def test_a_policy_that_lets_nobody_or_everybody_in_is_found(deployed: Deployed, arrows: list[Arrow]) -> None:
    for arn in deployed.policies:
        deployed.policies[arn] = {"Statement": [ANYBODY]} if ":sqs:" in arn else None

    assert any("does not admit events:PutEvents" in line for line in refused(deployed, arrows))
    assert any("does not admit sns:Publish" in line for line in refused(deployed, arrows))
    assert any("a stranger may sqs:SendMessage" in line for line in ask_strangers(deployed, arrows).wrong)
