"""What became of a request about one window."""

import json

from rich.console import RenderableType
from rich.text import Text

from lambdas.domain.event_fields import Fields
from lambdas.domain.outcomes import AccountReference
from lambdas.domain.recovery.windows import RecoveryWindow
from rootctl.terminal.consoles import printable
from rootctl.terminal.csv_lines import csv_lines

_PASSWORD = {
    "created": "Its root user's password can be recovered now, at https://signin.aws.amazon.com/resetpassword",
    "existed": "Its root password existed already, or could be recovered before.",
}
_COLUMNS = ("result", "account", "until", "password", "closed", "code", "message")


def as_table(answer: Fields) -> RenderableType:
    """Return in sentences what was done."""
    return Text(printable("\n".join(_lines(answer))))


def as_json(answer: Fields) -> str:
    """Return the answer as it came."""
    return json.dumps(answer.value, indent=2)


def as_csv(answer: Fields) -> str:
    """Return one line."""
    closed = answer.optional_texts("closed") or ()
    about = (answer.optional_text(*path) for path in (("account", "id"), ("window", "until"), ("password",)))
    why = (answer.optional_text("reason", "code"), answer.optional_text("reason", "text"))
    return csv_lines(_COLUMNS, [(answer.text("result"), *about, " ".join(closed), *why)])


def opening(answer: Fields) -> str:
    """Return what is to be opened, from a dry run's answer; raises MalformedEvent."""
    account = AccountReference.from_detail(answer.object("account"))
    window = RecoveryWindow.from_detail(answer.object("window"))
    return printable(
        f"Account {account}: root password recovery would be allowed until {window.until:%Y-%m-%d %H:%M} UTC,"
        f" by {window.opened_by}: {window.reason}"
    )


def _lines(answer: Fields) -> list[str]:
    match answer.text("result"):
        case "would_open":
            return [opening(answer)]
        case "opened":
            return _opened(answer)
        case "closed":
            closed = ", ".join(answer.optional_texts("closed") or ())
            return [f"Closed: {closed}. It is being hardened again; rootctl audit tells when that is done."]
        case "failed":
            return [
                f"Failed: {_why(answer)}.",
                "Perhaps a window is open all the same: rootctl recovery list",
            ]
    return [f"{_why(answer)}."]


def _opened(answer: Fields) -> list[str]:
    window = RecoveryWindow.from_detail(answer.object("window"))
    account = AccountReference.from_detail(answer.object("account"))
    return [
        f"The recovery window of {account} is open until {window.until:%Y-%m-%d %H:%M} UTC.",
        _PASSWORD.get(answer.optional_text("password") or "", ""),
        "At its end, or after rootctl recovery close, the account is hardened again.",
    ]


def _why(answer: Fields) -> str:
    words = (answer.optional_text("reason", "code"), answer.optional_text("reason", "text"))
    return ": ".join(word for word in words if word).rstrip(". ") or answer.text("result")
