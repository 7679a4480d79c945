"""How a command ends, for scripts."""

from collections.abc import Callable, Iterable
from enum import IntEnum
from functools import wraps
from typing import ParamSpec

import typer
from botocore.exceptions import ClientError

from rootctl.next_steps import next_step
from rootctl.terminal import LONGEST_LINE
from rootwarden.aws.service_control_policies import MalformedPolicy
from rootwarden.event_fields import MalformedEvent
from rootwarden.hardening.removal import CallRefused
from rootwarden.inert_text import one_line


class Exit(IntEnum):
    """Exit codes; 2 is also what the option parser ends with."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    FINDINGS = 3
    INTERRUPTED = 130


EXIT_CODES = (
    "Exit codes: 0 done, 1 failed or not everything could be checked (also when something was found besides),"
    " 2 wrong usage, 3 something was found, 130 interrupted (Ctrl-C)."
)


def worst(codes: Iterable[Exit]) -> Exit:
    """Return the code that tells most: what could not be checked outweighs what was found."""
    found = set(codes)
    order = (Exit.INTERRUPTED, Exit.FAILED, Exit.USAGE, Exit.FINDINGS)
    return next((code for code in order if code in found), Exit.DONE)


Options = ParamSpec("Options")


class WrongUsage(Exception):
    """When a command cannot mean what it was given; one sentence says why."""


class Hindered(Exception):
    """When something besides AWS and the usage is in the way; says what, and the next step."""


def told_in_one_line(command: Callable[Options, None]) -> Callable[Options, None]:
    """Let a command's known failures end in one line and their exit code."""

    @wraps(command)
    def told(*args: Options.args, **options: Options.kwargs) -> None:
        try:
            command(*args, **options)
        except CallRefused as refused:
            _end(Exit.FAILED, _refusal(refused))
        except WrongUsage as error:
            _end(Exit.USAGE, str(error))
        except Hindered as error:
            _end(Exit.FAILED, str(error))
        except MalformedEvent as error:
            _end(Exit.FAILED, f"{error}. That is not what this rootctl reads: is it of the hub's version?")
        except MalformedPolicy as error:
            _end(Exit.FAILED, f"{error}. Nothing was judged: mend that policy first.")
        except KeyboardInterrupt as interruption:
            _end(Exit.INTERRUPTED, f"interrupted. {interruption}")

    return told


def _refusal(refused: CallRefused) -> str:
    cause = refused.__cause__
    operation = cause.operation_name if isinstance(cause, ClientError) else None
    call = f"{operation}: " if operation else ""
    # AWS ends some of its messages with a full stop, and others not.
    advice = next_step(refused.code, operation, refused.message)
    return f"{call}{one_line(str(refused)).rstrip('. ')}. {advice}"


def _end(code: Exit, text: str) -> None:
    typer.echo(f"rootctl: {one_line(text, longest=LONGEST_LINE)}", err=True)
    raise typer.Exit(code)
