"""The table of activities: one row each. What an event shows, how bad it is and what to do stand together."""

from collections.abc import Mapping

from lambdas.domain.activity.activity_row import ActivityRow
from lambdas.domain.activity.call_rows import CALL_ROWS
from lambdas.domain.activity.protection_rows import PROTECTION_ROWS
from lambdas.domain.activity.root_activity import Activity
from lambdas.domain.activity.sign_in_rows import SIGN_IN_ROWS

# The first row that fits counts, so the rows for everything else come last.
ROWS: tuple[ActivityRow, ...] = (*PROTECTION_ROWS, *SIGN_IN_ROWS, *CALL_ROWS)
ROW_OF: Mapping[Activity, ActivityRow] = {row.activity: row for row in ROWS}
