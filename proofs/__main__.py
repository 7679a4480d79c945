"""The proofs, one command each: `python -m proofs --help`. Each is a module of its own."""

import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from proofs.faults.command import faults
from proofs.fuzz.command import fuzz
from proofs.permissions.command import permissions
from proofs.simulation.command import simulate

_NAME = "python -m proofs"
_INTERRUPTED = 130  # as shells have it

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Proofs of what rootwarden promises. Each ends in one line of figures.",
    epilog="Exit codes: 0 it holds; 1 it does not: the lines above say where; 2 the arguments are wrong.",
)


@app.callback()
def _proofs() -> None:
    pass  # One command alone would otherwise take no name.


app.command()(faults)
app.command()(simulate)
app.command("fuzz")(fuzz)
app.command("permissions")(permissions)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one proof; returns the exit code."""
    try:
        code = int(app(args=arguments, prog_name=_NAME, standalone_mode=False))
        sys.stdout.flush()
    except TyperException as error:
        sys.stderr.write(f"{_NAME}: {error.format_message()} (see --help)\n")
        return 2
    except typer.Abort:
        return _INTERRUPTED
    return code


if __name__ == "__main__":
    sys.exit(main())
