"""Runs the command line."""

import os

from rootctl.app import app
from rootctl.errors import Exit, say


def main() -> None:
    """Run rootctl; no person ever sees a traceback."""
    # The functions' log lines are for CloudWatch; what went wrong is said in one line here. A command's
    # modules are imported later, and their logger reads this then.
    os.environ["POWERTOOLS_LOG_LEVEL"] = "CRITICAL"
    try:
        app(prog_name="rootctl")
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
        say("interrupted.")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is one line
        code = Exit.FAILED
        say(_unforeseen(error))
    raise SystemExit(code)


def _unforeseen(error: Exception) -> str:
    text = str(error).rstrip(". ")
    if isinstance(error, OSError):
        return f"{text}. Remedy that, then run it again."
    kind = type(error).__name__
    return (
        f"{f'{kind}: {text}' if text else kind}. This is a fault of rootctl: look at what was done before you"
        " run it again, and report this line with what rootctl --version says."
    )


if __name__ == "__main__":
    main()
