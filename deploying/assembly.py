"""The stacks that `cdk synth` wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.cx_api import CloudAssembly

from deploying.policies import Stack

if TYPE_CHECKING:
    from pathlib import Path


def read_stacks(directory: Path) -> list[Stack]:
    """Return every stack of a cloud assembly with its account and Region."""
    return [
        Stack(
            name=found.stack_name,
            account=found.environment.account,
            region=found.environment.region,
            template=found.template,
        )
        for found in CloudAssembly(str(directory)).stacks
    ]
