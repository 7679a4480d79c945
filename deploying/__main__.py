"""Writes the policies of a synthesized deployment, and says how to create them: `make policies`."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from deploying.assembly import read_stacks
from deploying.commands import Target, commands_of
from deploying.policies import Policy, Stack, deployer_policies, execution_policies

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def policies_of(stacks: Sequence[Stack]) -> dict[str, dict[str, Policy]]:
    """Return every policy by account and name."""
    found: dict[str, dict[str, Policy]] = {}
    for stack in stacks:
        if not stack.is_bootstrapless:
            for number, policy in enumerate(execution_policies(stack), 1):
                found.setdefault(stack.account, {})[f"{_words(stack.name)}-{number}"] = policy
    for account, policies in found.items():
        # One set of credentials is enough where the hub's account trusts the management account.
        reached = list(found) if account == _management(stacks) else [account]
        rest = [each for each in stacks if each.is_bootstrapless and each.account == account]
        for number, policy in enumerate(deployer_policies(reached, rest), 1):
            policies[f"{_prefix(stacks)}rootwarden-deployer-{number}"] = policy
    return found


def write(stacks: Sequence[Stack], directory: Path) -> Iterator[str]:
    """Write `<directory>/<account>/<policy>.json`; yield what to type next, account by account."""
    for account, policies in policies_of(stacks).items():
        files = directory / account
        files.mkdir(parents=True, exist_ok=True)
        # Of another prefix are those of another deployment.
        for earlier in files.glob(f"{_prefix(stacks)}rootwarden-*.json"):
            earlier.unlink()
        for name, policy in policies.items():
            (files / f"{name}.json").write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")
        yield f"# account {account}, as its administrator:"
        regions = {each.region for each in stacks if each.account == account and not each.is_bootstrapless}
        yield from commands_of(Target(account, sorted(regions), list(policies), _management(stacks)), files)
        yield ""


def main() -> None:
    """Write the policies; print what to type next."""
    parser = argparse.ArgumentParser(prog="python -m deploying", description=__doc__)
    parser.add_argument("--assembly", type=Path, default=Path("cdk.out"), help="what cdk synth wrote")
    parser.add_argument("--directory", type=Path, default=Path("build/policies"), help="where the files go")
    given = parser.parse_args()
    for line in write(read_stacks(given.assembly), given.directory):
        sys.stdout.write(f"{line}\n")


def _prefix(stacks: Sequence[Stack]) -> str:
    return stacks[0].name.partition("RootWarden")[0] if stacks else ""


def _management(stacks: Sequence[Stack]) -> str:
    """Return the management account, where the organization's stack is."""
    [account] = [each.account for each in stacks if each.name.endswith("RootWardenOrganization")]
    return account


def _words(stack: str) -> str:
    """Return a stack's name as policies bear it: test-RootWardenHub as test-rootwarden-hub."""
    return re.sub(r"RootWarden(\w+)", lambda found: f"rootwarden-{found[1].lower()}", stack)


if __name__ == "__main__":
    main()
