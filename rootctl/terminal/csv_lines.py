"""Records as CSV, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

from lambdas.domain.report.csv_document import safe_cells


def csv_lines(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a heading and a line a row; nothing becomes an empty cell."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(map(safe_cells, rows))
    return lines.getvalue()
