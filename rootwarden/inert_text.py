"""Texts that others wrote, made safe to look at: short, and without a character that cannot be seen.

Names, user agents, policies, messages and reasons come from strangers. Control characters obey a terminal,
bidirectional ones turn a line around, zero-width ones hide words: each becomes the escape it has in code.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

# A user agent, a name with its unit, AWS's reason: enough to act on. The whole text is in CloudTrail.
LONGEST = 500
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SPACES = str.maketrans("\n\r\t", "   ")
# Categories of what has no shape: controls, formats (bidirectional, zero-width), halves, private, unassigned.
_SHAPELESS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters, marks and symbols that show nothing: joiners, fillers, selectors, an empty Braille cell.
_BLANK = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
    | set(range(0x180B, 0x1810))
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0100, 0xE01F0))
)


def inert(text: str, *, longest: int = LONGEST) -> str:
    """Return a text with what cannot be seen as visible escapes, and at most `longest` characters of it."""
    shown, length = [], 0
    for piece in _pieces(text[: longest + 1]):
        length += len(piece)
        shown.append(piece)
        if length > longest:
            return _cut(shown, longest)
    return "".join(shown)


def one_line(text: str, *, longest: int = LONGEST) -> str:
    """Return an inert text with single spaces: what came from outside cannot pose as a line of ours."""
    return " ".join(inert(text.translate(_SPACES), longest=longest).split())


def lines(text: str, *, longest: int) -> str:
    """Return a text of several lines, each of them inert."""
    return "\n".join(inert(line, longest=longest) for line in text.split("\n"))


def is_visible(character: str) -> bool:
    """Say whether a character shows what it is."""
    return unicodedata.category(character) not in _SHAPELESS and ord(character) not in _BLANK


def _pieces(text: str) -> Iterator[str]:
    for character in text:
        yield character if is_visible(character) else _escape(character)


def _escape(character: str) -> str:
    code = ord(character)
    return _NAMED.get(character) or (f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")  # noqa: PLR2004 - the last of four digits


def _cut(shown: list[str], longest: int) -> str:
    # Whole pieces go, lest half an escape stays.
    length = sum(map(len, shown))
    while length > longest - 1:
        length -= len(shown.pop())
    return "".join(shown) + "…"


# A spreadsheet takes a cell that begins so for a formula, and runs it.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
            "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
# A spreadsheet that reads another separator than commas begins a cell within a cell, quoted or not.
_BEHIND_A_SEPARATOR = re.compile(rf'([;,|][\s"]*)([{re.escape("".join(_FORMULA))}])')
# Longer than the names of all credentials that one root user can have.
_LONGEST_CELL = 2000


def safe_cells(cells: Iterable[object]) -> list[str]:
    """Return cells as inert texts that no spreadsheet takes for formulas."""
    return [_safe("" if cell is None else str(cell)) for cell in cells]


def _safe(text: str) -> str:
    shown = inert(_BEHIND_A_SEPARATOR.sub(r"\1'\2", text), longest=_LONGEST_CELL)
    return f"'{shown}" if (text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)) else shown
