"""`python -m rootctl.documentation`: writes docs/rootctl.md from what the commands say of themselves."""

import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from rootctl.app import app

PAGE = Path("docs/rootctl.md")
_WIDTH = 118
# What most commands take is said once.
_USUAL = ("--yes", "--profile", "--region", "--name-prefix", "--output")
_INTRODUCTION = """\
# rootctl

{summary}

![rootctl doctor: what is ok, what is wrong, and the command that remedies it](rootctl.svg)

<!-- Made by `make rootctl-docs` from the commands' own help; change it there. -->

`pip install .` in a checkout installs it, `rootctl --version` says which version you have, and
`rootctl --install-completion` teaches your shell its commands.
Profile, Region and credentials are the AWS CLI's. Most commands look for the hub: use credentials of the
hub account, and its Region. It takes boto3 1.35.61 or newer, the first that knows `sts:AssumeRoot`, and asks
the Region's own STS endpoint whatever `AWS_STS_REGIONAL_ENDPOINTS` says.

**Two ways to do the same.** `audit`, `harden`, `unlock` and `restore` go through the hub where your account
and Region have one. Then the deployed functions open the root sessions, which are on record, and nothing
alerts. You need `lambda:InvokeFunction` on the functions' alias `person`, `cloudformation:DescribeStacks` to
find them and, for `audit`, `organizations:Describe*` and `organizations:List*`. Otherwise, and with
`--direct`, your own credentials open the root sessions: they need `sts:AssumeRoot`. A hub takes those
sessions for a stranger's and alerts: the commands say first how many they open, and ask. Where no hub is
found, `--yes` alone changes nothing: add `--direct`, which heeds no exemption, recovery window, approval, or
configuration that only observes. What `unlock` saved, only the same way can put back. Recovery windows
always go through the hub, because only the hub can close them again by itself.

An account is named by its id, as APIs or as the console write it (`4444-5555-6666`), or by its name; where
several accounts have a name, the command says their ids. A name is looked up with
`organizations:ListAccounts`. `-h` shows a command's help.

Results go to standard output, progress and questions to standard error. What stops a command is said in one
line with the next step. Queues are encrypted with the hub's key: `redrive` needs `kms:Decrypt` and
`kms:GenerateDataKey` on it.

{exit_codes}
Of `doctor`, `drill` and `test-alert`, 3 outweighs 1: what is wrong counts for more than what could not be
looked at.
"""


def page() -> str:
    """Return the page."""
    group = typer.main.get_command(app)
    if not isinstance(group, TyperGroup):
        raise TypeError("the command line is a group of commands")
    introduction = _INTRODUCTION.format(
        summary=_one_line(group.help), exit_codes=_wrapped(_one_line(group.epilog))
    )
    commands = list(_commands(group, "rootctl"))
    sections = [_section(name, command, group.epilog) for name, command in commands]
    return "\n".join([introduction, _index(commands), _usual(commands), *sections])


def _commands(group: TyperGroup, prefix: str) -> Iterator[tuple[str, TyperCommand]]:
    context = typer.Context(group)
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        if isinstance(command, TyperGroup):
            yield from _commands(command, f"{prefix} {name}")
        elif isinstance(command, TyperCommand):
            yield f"{prefix} {name}", command


def _index(commands: list[tuple[str, TyperCommand]]) -> str:
    rows = [f"| [`{name}`](#{name.replace(' ', '-')}) | {_first(command)} |" for name, command in commands]
    return "\n".join(["| command | what it does |", "|---|---|", *rows, ""])


def _usual(commands: list[tuple[str, TyperCommand]]) -> str:
    """Return the table of the options that most commands take, with those that do not."""
    taking = defaultdict[str, list[str]](list)
    for name, command in commands:
        for row in _rows(command, typer.Context(command), usual=True):
            taking[row].append(f"`{name.removeprefix('rootctl ')}`")
    all_names = [f"`{name.removeprefix('rootctl ')}`" for name, _ in commands]
    rows = [f"{row} {_said_of(names, all_names)} |" for row, names in taking.items()]
    table = "\n".join(["| option | meaning | of |", "|---|---|---|", *rows])
    return f"These options most commands take. They are not named again below.\n\n{table}\n"


def _said_of(names: list[str], all_names: list[str]) -> str:
    lacking = [name for name in all_names if name not in names]
    return f"all but {', '.join(lacking)}" if lacking else "all"


def _section(name: str, command: TyperCommand, usual: str | None) -> str:
    context = typer.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    paragraphs = [_wrapped(_one_line(text)) for text in (command.help or "").split("\n\n")]
    exit_codes, _, examples = (command.epilog or "").partition("\n\nExamples:\n\n")
    if exit_codes != usual:
        paragraphs.append(_wrapped(_one_line(exit_codes)))
    text = "\n\n".join(paragraphs)
    typed = "\n".join(line.removeprefix("- `").removesuffix("`") for line in examples.split("\n\n"))
    return (
        f"## {name}\n\n```\n{usage}\n```\n\n{text}\n\n```\n{typed}\n```\n\n{_parameters(command, context)}\n"
    )


def _parameters(command: TyperCommand, context: typer.Context) -> str:
    rows = _rows(command, context, usual=False)
    return "\n".join(["| parameter | meaning |", "|---|---|", *rows]) if rows else ""


def _rows(command: TyperCommand, context: typer.Context, *, usual: bool) -> list[str]:
    rows = []
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if not record or "--help" in parameter.opts or usual is not any(o in _USUAL for o in parameter.opts):
            continue
        # Of an argument its type follows, which says less than its name; a bar would end the cell.
        named = record[0] if isinstance(parameter, TyperOption) else record[0].split(" <")[0]
        rows.append(f"| `{named.replace('|', ', ')}` | {_one_line(record[1]).replace('|', ', ')} |")
    return rows


def _first(command: TyperCommand) -> str:
    return _one_line((command.help or "").split("\n\n")[0])


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"Wrote {PAGE}\n")
