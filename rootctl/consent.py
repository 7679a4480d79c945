"""Asking before anything is removed."""

import sys

import typer
from rich.console import RenderableType

from rootctl.errors import Hindered, WrongUsage
from rootctl.terminal import beside_results


class Declined(Hindered):
    """When the operator does not agree; nothing was changed."""


def check_consent_possible(*, yes: bool, dry_run: bool) -> None:
    """Raise WrongUsage before any work, where nobody could be asked and nobody agreed beforehand."""
    if not (yes or dry_run or is_somebody_there()):
        raise WrongUsage(
            "This changes accounts, and there is no terminal to ask on: add --yes to go ahead without"
            " being asked, or --dry-run to see what would be done."
        )


def ask(shown: RenderableType, question: str, *, yes: bool) -> None:
    """Show what would be changed, and go on only if the operator agrees; raises Declined."""
    if yes:
        return
    beside_results().print(shown)
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:
        agreed = False
    if not agreed:
        raise Declined("Nothing was changed: you did not agree.")


def is_somebody_there() -> bool:
    """Say whether somebody can be asked."""
    return sys.stdin.isatty()
