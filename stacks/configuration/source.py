"""Where the configuration stands: in rootwarden.yaml, the file `-c config=` names, or cdk.json as of old.

`python -m stacks.configuration.source kept.json` writes the block of that cdk.json as rootwarden.yaml.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stacks.configuration.plain_yaml import PlainLoader

BLOCK = "rootwarden"
FILE = "rootwarden.yaml"
_OPTION = "config"
_MOVE = ".venv/bin/python -m stacks.configuration.source cdk.json && git checkout cdk.json"


class SourceError(Exception):
    """When there is not exactly one configuration that can be read; says what to do."""


@dataclass(frozen=True)
class Source:
    """The values as they were written, and in which file; hints are for who wrote it."""

    file: str
    block: object
    hints: tuple[str, ...] = ()


def find_source(context: Mapping[str, object], project: Path) -> Source:
    """Return where the configuration of this context stands; raise SourceError where that is not clear."""
    named, in_context = context.get(_OPTION), context.get(BLOCK)
    if named is not None:
        unread = f"the block {BLOCK} of cdk.json is not read, because -c {_OPTION}={named} was given"
        return Source(str(named), read_file(project / str(named)), (unread,) if in_context else ())
    path = project / FILE
    if in_context is None and not path.exists():
        if any(key.startswith(f"{BLOCK}.") for key in context):
            return Source("-c", {})
        raise SourceError(
            f"There is no configuration: {path} is missing.\n"
            "Write it: rootctl init asks, and looks ids up in AWS. All keys: docs/configuration.md"
        )
    if in_context is None:
        return Source(FILE, read_file(path))
    if path.exists():
        raise SourceError(
            f"There are two configurations, {FILE} and the block {BLOCK} in the context of cdk.json.\n"
            f"Take out the one that should not hold: {FILE}, or the block (git checkout cdk.json, unless you"
            " committed it)."
        )
    moved = f"the configuration stands in cdk.json, which git tracks. Move it: {_MOVE}"
    return Source("cdk.json", in_context, (moved,))


def read_file(path: Path) -> object:
    """Return what a YAML file holds; raise SourceError naming the place where it cannot be read."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), PlainLoader)  # noqa: S506 - it makes plain data
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SourceError(f"{path}{place}: {error.problem}") from error
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise SourceError(f"{path} is no YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise SourceError(f"{path} is nested too deeply; no key takes more than a few levels") from error


def move(kept: Path, project: Path) -> Path:
    """Write the block of a cdk.json as rootwarden.yaml, in this version's words; return where it is.

    Raises SourceError where that cannot be, and writes nothing then.
    """
    path, block = project / FILE, _block_in(kept)
    if path.exists():
        raise SourceError(f"{path} is there already: delete it first, if {kept} is to hold.")
    written = path.with_suffix(".new")
    try:
        with written.open("w", encoding="utf-8") as file:
            file.write("# yaml-language-server: $schema=docs/configuration.schema.json\n")
            yaml.safe_dump(_of_now(block), file, sort_keys=False, allow_unicode=True)
        written.replace(path)
    except OSError as error:
        raise SourceError(f"{path} cannot be written: {error.strerror}") from error
    return path


def _block_in(kept: Path) -> dict[str, Any]:
    try:
        block = json.loads(kept.read_text(encoding="utf-8"))["context"][BLOCK]
    except OSError as error:
        raise SourceError(f"{kept}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise SourceError(f"{kept} is no cdk.json with a block {BLOCK} in its context") from error
    if not isinstance(block, dict):
        raise SourceError(f"{kept}: the block {BLOCK} is no object")
    return block


def _of_now(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return a block in the words of this version: two of 0.1's are others now."""
    now = dict(block)
    # What is no object stays as it is, and the key beside it: make synth names both.
    if isinstance(hardening := now.get("hardening", {}), dict) and now.pop(
        "remove_recently_used_keys", False
    ):
        now["hardening"] = {"keep_used_within_days": 0, **hardening}
    if isinstance(sweep := now.get("sweep"), dict) and sweep.get("mode") == "audit":
        now["sweep"] = {**sweep, "mode": "observe"}
    return now


def _main(arguments: Sequence[str]) -> str:
    if len(arguments) != 1:
        raise SourceError("Name the cdk.json whose block is to be moved, such as kept.json.")
    path = move(Path(arguments[0]), Path(__file__).parents[2])
    return f"Wrote {path}. Read it through, then type: make synth"


if __name__ == "__main__":
    try:
        print(_main(sys.argv[1:]))  # noqa: T201 - what a person reads
    except SourceError as refused:
        sys.exit(str(refused))
