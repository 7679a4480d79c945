"""Writes the policies of a synthesized deployment, and says how to create them: `make policies`."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

from deploying.assembly import read_stacks
from deploying.policies import Policy, Stack, compact, deployer_policies, execution_policies


def policies_of(stacks: list[Stack]) -> dict[str, dict[str, Policy]]:
    """Return every policy by account and name."""
    prefix = stacks[0].name.partition("RootWarden")[0] if stacks else ""
    bootstrapped = [stack for stack in stacks if not stack.is_bootstrapless]
    found: dict[str, dict[str, Policy]] = {}
    for stack in bootstrapped:
        for number, policy in enumerate(execution_policies(stack), 1):
            found.setdefault(stack.account, {})[f"{_words(stack.name)}-{number}"] = policy
    for account, policies in found.items():
        rest = [each for each in stacks if each.is_bootstrapless and each.account == account]
        for number, policy in enumerate(deployer_policies([account], rest), 1):
            policies[f"{prefix}rootwarden-deployer-{number}"] = policy
    return found


def commands_of(account: str, region: str, names: list[str], directory: Path) -> list[str]:
    """Return the commands that create an account's policies and bootstrap it with them."""
    files = directory / account
    creating = [
        f"aws iam create-policy --policy-name {name} --policy-document file://{files / name}.json"
        for name in names
    ]
    executing = [f"arn:aws:iam::{account}:policy/{name}" for name in names if "deployer" not in name]
    bounds = ",".join(executing)
    bootstrap = f"npx cdk bootstrap aws://{account}/{region} --cloudformation-execution-policies {bounds}"
    return [*creating, bootstrap]


def main() -> None:
    """Write `<directory>/<account>/<policy>.json`; print what to type next, account by account."""
    parser = argparse.ArgumentParser(prog="python -m deploying", description=__doc__)
    parser.add_argument("--assembly", type=Path, default=Path("cdk.out"), help="what cdk synth wrote")
    parser.add_argument("--directory", type=Path, default=Path("build/policies"), help="where the files go")
    given = parser.parse_args()
    stacks = read_stacks(given.assembly)
    for account, policies in policies_of(stacks).items():
        (given.directory / account).mkdir(parents=True, exist_ok=True)
        for name, policy in policies.items():
            text = json.dumps(policy, indent=2) + "\n"
            (given.directory / account / f"{name}.json").write_text(text, encoding="utf-8")
        longest = max(len(compact(policy)) for policy in policies.values())
        regions = {each.region for each in stacks if each.account == account and not each.is_bootstrapless}
        lines = [f"# account {account}: {len(policies)} policies, the longest of {longest} characters"]
        for region in sorted(regions):
            lines += commands_of(account, region, list(policies), given.directory)
        sys.stdout.write("\n".join(dict.fromkeys(lines)) + "\n\n")


def _words(stack: str) -> str:
    """Return a stack's name as policies bear it: test-RootWardenHub as test-rootwarden-hub."""
    return re.sub(r"RootWarden(\w+)", lambda found: f"rootwarden-{found[1].lower()}", stack)


if __name__ == "__main__":
    main()
