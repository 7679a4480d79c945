"""Runs the command line."""

import os
import sys
from types import TracebackType

from rootctl.app import app
from rootctl.errors import Exit
from rootwarden.inert_text import one_line


def main() -> None:
    """Run rootctl; no person ever sees a traceback."""
    # The functions' log lines are for CloudWatch; what went wrong is said in one line here. A command's
    # modules are imported later, and their logger reads this then.
    os.environ["POWERTOOLS_LOG_LEVEL"] = "CRITICAL"
    sys.excepthook = _unforeseen
    app(prog_name="rootctl")


def _unforeseen(kind: type[BaseException], error: BaseException, _traceback: TracebackType | None) -> None:
    text = one_line(str(error))
    sys.stderr.write(f"rootctl: {kind.__name__}: {text}. This is a fault of rootctl: please report it.\n")
    sys.stderr.flush()
    raise SystemExit(Exit.FAILED)


if __name__ == "__main__":
    main()
