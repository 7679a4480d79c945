"""A documentation page taken apart: its sections, tables, code blocks and links."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PROJECT = Path(__file__).parents[2]
NOT_DESCRIBED_YET: tuple[str, ...] = ()
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Page:
    """One page, by its path below the project's root."""

    name: str

    @cached_property
    def text(self) -> str:
        return (PROJECT / self.name).read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The text without code blocks."""
        return _FENCE.sub("", self.text)

    @property
    def headings(self) -> list[str]:
        return [title for _, title in _HEADING.findall(self.prose)]

    @property
    def links(self) -> list[str]:
        return _LINK.findall(self.prose)

    def section(self, title: str) -> str:
        """Return what stands below a heading, as far as the next of the same level or above."""
        [found] = [match for match in _HEADING.finditer(self.text) if match[2] == title]
        after = self.text[found.end() :]
        end = re.search(rf"^#{{1,{len(found[1])}}} ", _FENCE.sub(_blank, after), re.MULTILINE)
        return after[: end.start()] if end else after

    def table(self, title: str) -> list[dict[str, str]]:
        """Return the first table of a section, a row by its columns' names."""
        rows = [_cells(line) for line in self.section(title).splitlines() if line.startswith("|")]
        width = len(rows[0])
        first = next((place for place, row in enumerate(rows) if len(row) != width), len(rows))
        return [dict(zip(rows[0], row, strict=True)) for row in rows[2:first]]

    def blocks(self, title: str, language: str) -> list[str]:
        """Return a section's code blocks in a language."""
        return [body for name, body in _FENCE.findall(self.section(title)) if name == language]

    def every_block(self, language: str) -> list[str]:
        """Return the page's code blocks in a language, those within lists too."""
        return re.findall(rf"^ *```{language}\n(.*?)^ *```$", self.text, re.MULTILINE | re.DOTALL)


def pages() -> list[Page]:
    """Return every page people read."""
    found = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
    return [Page(str(path.relative_to(PROJECT))) for path in found]


def anchor(title: str) -> str:
    """Return the anchor GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def is_described(path: str) -> bool:
    """Tell whether these pages are meant to describe a resource, key or module."""
    return not any(word in path for word in NOT_DESCRIBED_YET)


def in_code(text: str) -> list[str]:
    """Return every `word in code` of a text."""
    return re.findall(r"`([^`]+)`", text)


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _blank(fence: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", fence[0])
