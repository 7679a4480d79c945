"""Asking a person: before anything is removed or alerts, and for what only a person knows."""

import sys
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import typer
from rich.console import RenderableType

from rootctl.errors import Hindered, WrongUsage
from rootctl.options import RunOptions
from rootctl.output import beside_results, print_whole

T = TypeVar("T")


class Declined(Hindered):
    """When the operator does not agree; nothing was changed."""


def check_consent_possible(run: RunOptions) -> None:
    """Raise WrongUsage before anything is done, where no person can be asked and none agreed beforehand."""
    if not (run.yes or run.dry_run or is_person_there()):
        raise WrongUsage(
            "This changes accounts, and there is no terminal to ask on: add --yes to go ahead without"
            " being asked, or --dry-run to see what would be done."
        )


def check_answers_possible(run: RunOptions) -> None:
    """Raise WrongUsage where no person can be asked, and options are not to answer alone."""
    if not (run.yes or is_person_there()):
        raise WrongUsage("There is no terminal to ask on: add --yes, and answer with options.")


def check_alerts_can_be_agreed_to(run: RunOptions, warning: str, otherwise: str) -> None:
    """Raise WrongUsage where nobody agreed to the alerts beforehand, and no person can be asked.

    otherwise: what to do instead of agreeing, if anything.
    """
    if not (run.yes or is_person_there()):
        raise WrongUsage(
            f"{warning} There is no terminal to ask on: add --yes to go ahead without being asked{otherwise}."
            " Nothing was done."
        )


def ask(shown: RenderableType, question: str, *, yes: bool) -> None:
    """Show what would be changed, and go on only if the operator agrees; raises Declined."""
    if yes:
        return
    print_whole(beside_results(), shown)
    if not confirmed(question):
        raise Declined("Nothing was changed: you did not agree.")


def confirmed(question: str) -> bool:
    """Ask a person before anything is changed; raises KeyboardInterrupt, which says that nothing was."""
    try:
        return answered(question) or False
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Nothing was changed.") from None


def answered(question: str) -> bool | None:
    """Ask a person; None: the input ended. Raises KeyboardInterrupt, which typer takes for that end."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort as abort:
        if isinstance(abort.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        return None


def is_person_there() -> bool:
    """Say whether a person can be asked."""
    return sys.stdin.isatty()


def typed(question: str, check: Callable[[str], T], *, default: str | None = None) -> T:
    """Ask a person for a text until `check` takes it; raises Declined where the input ends.

    check: raises WrongUsage for what it does not take.
    """
    try:
        answer: T = typer.prompt(question, default=default, value_proc=partial(_checked, check), err=True)
    except typer.Abort as abort:
        if isinstance(abort.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt("Nothing was written.") from None
        raise Declined("Nothing was written: the answers ended too soon.") from None
    return answer


def _checked(check: Callable[[str], T], text: str) -> T:
    try:
        return check(text.strip())
    except WrongUsage as wrong:
        raise typer.BadParameter(str(wrong)) from wrong
