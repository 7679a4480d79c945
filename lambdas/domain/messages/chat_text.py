"""Texts for chat: what strangers wrote makes no link, no mention, no markup and no line of its own there."""

import re

from lambdas.domain.inert_text import LONGEST, one_line

# What Slack or Teams take for markup loses its power where this sign is written as its escape in code.
_MARKUP = re.compile(
    r"""
    (?<!\w)[*_~](?=\S)            # *bold*, _italic_, ~struck~; not role_names, not s3:*
    | `                           # `code`
    | (?<=\])\(                   # [words](address), as Teams reads it
    | (?<=\bhttp):|(?<=\bhttps):  # addresses that a chat client makes a link of by itself
    | (?<=\bftp):|(?<=\bmailto):|(?<=\btel):
    | @(?=(?:here|channel|everyone)\b)
    | ^>                          # a quotation
    """,
    re.VERBOSE | re.IGNORECASE,
)


def escaped(text: str, *, longest: int = LONGEST) -> str:
    """Return a text on one line, inert, with everything escaped that chat would obey."""
    shown = _MARKUP.sub(lambda found: f"\\u{ord(found[0]):04x}", one_line(text, longest=longest))
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
