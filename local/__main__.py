"""rootwarden on the embedded AWS, from the command line: `python -m local --help`."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from embedded_aws.cloudformation.deployment import DeploymentError
from embedded_aws.events.delivery import MalformedEventError
from embedded_aws.sqs.queues import NotIdleError
from local.commands import demo, playground, replay
from local.commands.playground import ServerError
from local.commands.replay import EventFileError
from local.organization import OrganizationFileError, load_organization
from local.scenarios.many_accounts import filled_up
from local.synthesis import SynthesisError

_NAME = "python -m local"
_EXAMPLE = Path(__file__).with_name("organization.example.yaml")
_EXIT_CODES = (
    "Exit codes: 0 done; 1 it ran, and something is wrong: the last line says what; "
    "2 the arguments, a file or an event cannot be used."
)
_UNUSABLE = (EventFileError, MalformedEventError, OrganizationFileError, ServerError, SynthesisError)
_INTERRUPTED = 130  # as shells have it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    try:
        code = int(app(args=arguments, prog_name=_NAME, standalone_mode=False))
        sys.stdout.flush()
    except TyperException as error:
        return _complain(f"{error.format_message()} (see --help)", 2)
    except _UNUSABLE as error:
        return _complain(str(error), 2)
    except (DeploymentError, NotIdleError) as error:
        return _complain(str(error), 1)
    except typer.Abort:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough; nothing must be flushed into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _complain(text: str, code: int) -> int:
    lines = text.splitlines()
    # One mistake fits on the line that announces it; a list of them is easier to read as a list.
    text = " ".join(line.strip() for line in lines) if len(lines) == 2 else text  # noqa: PLR2004 - as said
    sys.stderr.write(f"{_NAME}: {text}\n")
    return code


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _assembly(directory: Path | None) -> Path | None:
    if directory and not (directory / "manifest.json").is_file():
        raise typer.BadParameter(f"{directory} is no cloud assembly: it has no manifest.json")
    return directory


Assembly = Annotated[
    Path | None,
    typer.Option(
        callback=_assembly,
        metavar="DIRECTORY",
        help="Templates synthesized before for the same organization. Without it they are synthesized now.",
    ),
]
_YAML = "ORG.yaml"
app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog=_EXIT_CODES,
    help="An AWS organization on this machine, with the synthesized rootwarden deployed to it.",
)


@app.command("demo", epilog=_EXIT_CODES)
def _demo(
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the page as a picture.")
    ] = None,
    assembly: Assembly = None,
) -> int:
    """Show the main job: accounts join, root is used, people are notified."""
    return demo.run(load_organization(demo.ORGANIZATION), assembly=assembly, svg=svg)


@app.command("replay", epilog=_EXIT_CODES)
def _replay(  # noqa: PLR0913 # a command's parameters are its options
    events: Annotated[
        list[str],
        typer.Argument(
            metavar="EVENT.json...",
            help="An EventBridge event or a list of them; - reads standard input. Each goes onto the "
            "default bus of its account and Region, in the order given; then virtual time runs until all "
            "work is done.",
        ),
    ],
    *,
    organization: Annotated[
        Path, typer.Option(metavar=_YAML, help="The organization to play; the default explains every key.")
    ] = _EXAMPLE,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document, calls included.")] = False,
    calls: Annotated[
        bool, typer.Option("--calls", help="Also print every AWS call the functions made.")
    ] = False,
    logs: Annotated[bool, typer.Option("--logs", help="Also print the functions' log lines.")] = False,
    at: Annotated[
        datetime | None,
        typer.Option(parser=_time, metavar="TIME", help="When virtual time begins, as ISO 8601 (now)."),
    ] = None,
    assembly: Assembly = None,
) -> int:
    """Deliver EventBridge events and say what came of them."""
    shown = replay.Shown(as_json=json, calls=calls, logs=logs)
    return replay.run(load_organization(organization), events, shown=shown, assembly=assembly, start=at)


@app.command("playground", epilog=_EXIT_CODES)
def _playground(
    organization: Annotated[
        Path | None, typer.Option(metavar=_YAML, help="Play this organization, and put nothing into it.")
    ] = None,
    accounts: Annotated[
        int, typer.Option(min=0, metavar="N", help="Fill the organization up to so many accounts.")
    ] = 0,
    port: Annotated[int, typer.Option(help="Where to listen; 0 takes a free port.")] = playground.PORT,
    assembly: Assembly = None,
) -> int:
    """Answer any AWS client on 127.0.0.1, in real time: rootctl has a populated organization to work on."""
    played = load_organization(organization or playground.ORGANIZATION)
    return playground.run(
        filled_up(played, accounts), is_populated=organization is None, port=port, assembly=assembly
    )


if __name__ == "__main__":
    sys.exit(main())
