"""What stops a command is said in one line, with the next step."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer
from botocore.exceptions import ClientError

from lambdas.adapters.service_control_policies import MalformedPolicy
from lambdas.domain.event_fields import MalformedEvent
from lambdas.domain.hardening.removal import CallRefused
from rootctl.exit_codes import Exit
from rootctl.next_steps import next_step

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
    return f"{call}{str(refused).rstrip('. ')}. {next_step(refused.code, operation, refused.message)}"


def _end(code: Exit, text: str) -> None:
    typer.echo(f"rootctl: {' '.join(text.split())}", err=True)
    raise typer.Exit(code)
