"""The commands of `python -m local` and what they take."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from local.commands import demo, playground, replay, serve, sweep
from local.synthesis import PROJECT

_AddParser = Callable[..., argparse.ArgumentParser]

_EXAMPLE = Path(__file__).parent.parent / "organization.example.yaml"
_EXIT_CODES = """\
exit codes:
  0  done
  1  it ran, and something is wrong: the last line says what
  2  the arguments, a file or an event cannot be used
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Complain in one line, and leave the usage to --help."""
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def command_line() -> argparse.ArgumentParser:
    """Return the parser of the whole command line; a command leaves its `run` in the result."""
    parser = _Parser(
        prog="python -m local",
        description="An AWS organization on this machine, with the synthesized rootwarden deployed to it.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (_add_demo, _add_sweep, _add_replay, _add_serve, _add_playground):
        add(commands.add_parser)
    return parser


def _add_demo(add_parser: _AddParser) -> None:
    parser = _command(add_parser, "demo", "show the main job: accounts join, root is used, people are told")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="also write the page as a picture")
    parser.set_defaults(run=demo.run, organization=demo.ORGANIZATION)


def _add_sweep(add_parser: _AddParser) -> None:
    parser = _command(
        add_parser, "sweep", "sweep an organization with every kind of posture; keep the report"
    )
    _add_organization(parser)
    parser.add_argument(
        "--accounts",
        type=_count,
        default=sweep.ACCOUNTS,
        metavar="N",
        help="how many accounts to fill the organization up to; default: %(default)s",
    )
    parser.add_argument(
        "--days", type=_count, default=sweep.DAYS, help="sweeps, one a day; default: %(default)s"
    )
    parser.add_argument(
        "--enforce", action="store_true", help="let the last sweep remove the root credentials it finds"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=sweep.OUTPUT,
        metavar="DIRECTORY",
        help=f"where the report goes; default: {sweep.OUTPUT.relative_to(PROJECT)}",
    )
    parser.set_defaults(run=sweep.run)


def _add_replay(add_parser: _AddParser) -> None:
    parser = _command(add_parser, "replay", "deliver EventBridge events and tell what came of them")
    parser.add_argument(
        "events",
        nargs="+",
        metavar="EVENT.json",
        help="an EventBridge event or a list of them; - reads standard input. Each goes onto the default "
        "bus of its account and Region, in the order given; then virtual time runs until all work is done",
    )
    _add_organization(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document, calls included")
    parser.add_argument("--calls", action="store_true", help="also print every AWS call the functions made")
    parser.add_argument("--logs", action="store_true", help="also print the functions' log lines")
    parser.add_argument(
        "--at", type=_time, metavar="TIME", help="when virtual time begins (ISO 8601; default: now)"
    )
    parser.set_defaults(run=replay.run)


def _add_serve(add_parser: _AddParser) -> None:
    parser = _command(add_parser, "serve", "answer any AWS client on 127.0.0.1, in real time")
    _add_port(parser)
    _add_organization(parser)
    parser.set_defaults(run=serve.run)


def _add_playground(add_parser: _AddParser) -> None:
    parser = _command(add_parser, "playground", "serve a populated organization for rootctl to work on")
    _add_port(parser)
    parser.set_defaults(run=playground.run, organization=playground.ORGANIZATION)


def _command(add_parser: _AddParser, name: str, purpose: str) -> argparse.ArgumentParser:
    parser = add_parser(
        name,
        help=purpose,
        description=f"{purpose[0].upper()}{purpose[1:]}.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--assembly",
        type=_assembly,
        metavar="DIRECTORY",
        help="templates synthesized before for the same organization; default: synthesized now",
    )
    return parser


def _add_port(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=int, default=serve.PORT, help="default: %(default)s; 0 takes a free one"
    )


def _add_organization(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--organization",
        type=Path,
        default=_EXAMPLE,
        metavar="ORG.yaml",
        help=f"the organization to play; default, and documented example: {_EXAMPLE.relative_to(PROJECT)}",
    )


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is not an ISO 8601 time") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)


def _assembly(text: str) -> Path:
    directory = Path(text)
    if not (directory / "manifest.json").is_file():
        raise argparse.ArgumentTypeError(f"{text} is no cloud assembly: it has no manifest.json")
    return directory
