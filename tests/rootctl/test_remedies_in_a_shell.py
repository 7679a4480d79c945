"""What is printed to be typed: zsh takes no comment where people type, and hands its words to the command."""

import ast
from collections.abc import Iterator
from pathlib import Path

_PROJECT = Path(__file__).parents[2]
# It is Python's, not a shell's: a pattern with comments, and what a YAML file begins with.
_NO_COMMANDS = ("rootwarden/messages/writing.py", "rootctl/setting_up/configuration_file.py")
_SOURCES = sorted(
    path.relative_to(_PROJECT).as_posix()
    for package in ("rootctl", "rootwarden")
    for path in (_PROJECT / package).rglob("*.py")
)


def texts(name: str) -> Iterator[str]:
    """Yield every text of a module."""
    for node in ast.walk(ast.parse((_PROJECT / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_command_has_a_comment() -> None:
    read = {name: list(texts(name)) for name in _SOURCES if name not in _NO_COMMANDS}

    assert len(read) > 200
    assert {name for name, found in read.items() if any(" # " in text for text in found)} == set()
