"""What to type so that an account's policies exist, and bound CloudFormation there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_DEPLOYER = "rootwarden-deployer-"


@dataclass(frozen=True)
class Target:
    """An account that CDK deploys into with its roles.

    regions: where. policies: the names of its policies. management: the account that may deploy into it.
    """

    account: str
    regions: Sequence[str]
    policies: Sequence[str]
    management: str

    @property
    def is_management(self) -> bool:
        """Say whether it is the management account."""
        return self.account == self.management

    @property
    def profile(self) -> str:
        """Return the name that docs/deploying.md gives a profile of the account's administrator."""
        return "management" if self.is_management else "security"

    @property
    def bounds(self) -> list[str]:
        """Return the ARNs of what CloudFormation may do there."""
        names = [name for name in self.policies if _DEPLOYER not in name]
        return [f"arn:aws:iam::{self.account}:policy/{name}" for name in names]


def commands_of(target: Target, directory: Path) -> Iterator[str]:
    """Yield the commands for an account whose policies are in a directory, and where each is meant."""
    for name in target.policies:
        document = f"file://{directory / name}.json"
        yield (
            f"aws iam create-policy --profile {target.profile} --policy-name {name}"
            f" --policy-document {document}"
        )
    for region in target.regions:
        yield from _bootstrapping(target, region)
        yield from _attaching(target, region)


def _bootstrapping(target: Target, region: str) -> Iterator[str]:
    """Elsewhere it would take from the apps that are there what CloudFormation may do for them."""
    trust, meaning = "", ""
    if not target.is_management:
        trust = f" --trust {target.management}"
        meaning = f"; without --trust {target.management} cannot deploy here"
    yield f"# {region}, only where no stack CDKToolkit exists yet{meaning}:"
    yield (
        f"npx cdk bootstrap aws://{target.account}/{region} --profile {target.profile}{trust}"
        f" --cloudformation-execution-policies {','.join(target.bounds)}"
    )


def _attaching(target: Target, region: str) -> Iterator[str]:
    role = f"cdk-hnb659fds-cfn-exec-role-{target.account}-{region}"
    yield f"# {region}, where CDKToolkit exists, unless this role has AdministratorAccess:"
    for bound in target.bounds:
        yield f"aws iam attach-role-policy --profile {target.profile} --role-name {role} --policy-arn {bound}"
