"""What `make policies` writes and prints: held against the configuration, and against docs/deploying.md."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from deploying.__main__ import policies_of, write
from deploying.assembly import read_stacks
from deploying.commands import Target, commands_of
from deploying.policies import Stack
from tests.docs.page import Page
from tests.templates.synthesized import HUB, MANAGEMENT, synthesized

_DIRECTORY = Path("build/policies")
_PAGE = Page("docs/deploying.md")
_IN_HUB = Target(
    HUB, ["us-east-1"], ["rootwarden-hub-1", "rootwarden-hub-2", "rootwarden-deployer-1"], MANAGEMENT
)
_IN_MANAGEMENT = Target(MANAGEMENT, ["us-east-1"], ["rootwarden-organization-1"], MANAGEMENT)
_HUB_POLICIES = [f"arn:aws:iam::{HUB}:policy/rootwarden-hub-{number}" for number in (1, 2)]


@pytest.fixture(scope="module")
def stacks() -> list[Stack]:
    return read_stacks(synthesized().directory)


def _printed(target: Target) -> dict[str, list[str]]:
    """Return the commands by the remark before them."""
    found: dict[str, list[str]] = {"": []}
    for line in commands_of(target, _DIRECTORY / target.account):
        if line.startswith("#"):
            found[line] = []
        else:
            found[list(found)[-1]].append(line)
    return found


def _where(printed: Mapping[str, list[str]], remark: str) -> list[str]:
    [found] = [commands for said, commands in printed.items() if remark in said]
    return found


def test_every_policy_is_created_from_its_file() -> None:
    creating = _printed(_IN_HUB)[""]

    assert len(creating) == len(_IN_HUB.policies)
    for name, command in zip(_IN_HUB.policies, creating, strict=True):
        assert f"--policy-name {name} " in command
        assert command.endswith(f"--policy-document file://build/policies/{HUB}/{name}.json")


def test_an_account_is_bootstrapped_only_where_no_other_app_loses_its_permissions() -> None:
    for target in (_IN_HUB, _IN_MANAGEMENT):
        bootstrapping = {
            said for said, commands in _printed(target).items() if "cdk bootstrap" in str(commands)
        }
        assert len(bootstrapping) == 1
        assert "only where no stack CDKToolkit exists yet" in bootstrapping.pop()


def test_bootstrapping_bounds_cloudformation_and_not_the_person() -> None:
    [command] = _where(_printed(_IN_HUB), "no stack CDKToolkit")

    assert command.partition("--cloudformation-execution-policies ")[2].split(",") == _HUB_POLICIES


def test_bootstrapping_that_is_there_gets_the_policies_beside_its_own() -> None:
    commands = _where(_printed(_IN_HUB), "where CDKToolkit exists")

    role = f"--role-name cdk-hnb659fds-cfn-exec-role-{HUB}-us-east-1"
    assert [command.rpartition(" ")[2] for command in commands] == _HUB_POLICIES
    assert all(f"aws iam attach-role-policy --profile security {role} " in command for command in commands)


def test_the_hub_s_account_trusts_the_management_account_which_trusts_none() -> None:
    [hub] = _where(_printed(_IN_HUB), "no stack CDKToolkit")
    [management] = _where(_printed(_IN_MANAGEMENT), "no stack CDKToolkit")

    assert f"--profile security --trust {MANAGEMENT} " in hub
    assert "--profile management --cloudformation" in management


def test_one_set_of_credentials_reaches_every_account(stacks: list[Stack]) -> None:
    """The management account's deployer takes CDK's roles of both accounts, the hub's its own."""
    for account, reached in ((MANAGEMENT, {MANAGEMENT, HUB}), (HUB, {HUB})):
        taken = {
            resource
            for name, policy in policies_of(stacks)[account].items()
            if "deployer" in name
            for statement in policy["Statement"]
            if "sts:AssumeRole" in statement["Action"]
            for resource in statement["Resource"]
        }
        assert taken == {f"arn:aws:iam::{each}:role/cdk-hnb659fds-*" for each in reached}


def test_a_run_with_fewer_policies_leaves_none_of_the_run_before(stacks: list[Stack], tmp_path: Path) -> None:
    other = tmp_path / HUB / "test-rootwarden-hub-1.json"
    list(write(stacks, tmp_path))
    (tmp_path / HUB / "rootwarden-hub-9.json").write_text("{}")
    other.write_text("{}")

    list(write(stacks, tmp_path))

    written = {path.stem for path in (tmp_path / HUB).iterdir()} - {other.stem}
    assert written == set(policies_of(stacks)[HUB])
    assert other.exists(), "it is of a deployment with another name_prefix"


def test_the_page_shows_what_is_printed(stacks: list[Stack], tmp_path: Path) -> None:
    [shown] = _PAGE.blocks("Bootstrap", "text")
    printed = "\n".join(write(stacks, tmp_path)).replace(str(tmp_path), str(_DIRECTORY))

    assert shown.replace("\\\n  ", "").strip() == printed.strip()
