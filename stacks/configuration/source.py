"""Where the configuration stands: in rootwarden.yaml, the file `-c config=` names, or cdk.json as of old.

`python -m stacks.configuration.source` prints cdk.json's block as rootwarden.yaml would have it.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from stacks.configuration.plain_yaml import PlainLoader

BLOCK = "rootwarden"
FILE = "rootwarden.yaml"
_OPTION = "config"
_MOVE = f"python -m stacks.configuration.source > {FILE} && git checkout cdk.json"


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
            "Take out the one that should not hold. cdk.json as it was cloned: git checkout cdk.json"
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


if __name__ == "__main__":
    _document = json.loads((Path(__file__).parents[2] / "cdk.json").read_text(encoding="utf-8"))
    print("# yaml-language-server: $schema=docs/configuration.schema.json")  # noqa: T201 - what it is for
    yaml.safe_dump(_document["context"][BLOCK], sys.stdout, sort_keys=False, allow_unicode=True)
