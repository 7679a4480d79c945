"""Finds what keeps rootwarden from working, and says what mends it."""

from typing import Annotated

import typer

from rootctl.aws import AwsSession
from rootctl.checks.registry import CHECKS, Diagnosis
from rootctl.checks.surroundings import Surroundings
from rootctl.options import Output, OutputOption, Profile, Region, show
from rootctl.terminal import with_progress
from rootwarden.outcomes import utc_now

EXIT_CODES = (
    "Exit codes: 0 all is well, 1 something could not be checked and nothing is wrong, 2 wrong usage,"
    " 3 something is wrong (whatever could not be checked besides), 130 interrupted (Ctrl-C)."
)
ManagementProfile = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Profile of the management account, for what only it can answer. Default: as --profile.",
    ),
]


def doctor(
    *,
    profile: Profile = None,
    management_profile: ManagementProfile = None,
    region: Region = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Find what keeps rootwarden from working: each with what is wrong and the command that mends it.

    Only reads. Run it with credentials of the hub account, in the hub's Region. What could not be checked
    is told as that, never as well.
    """
    session = AwsSession.begin(profile, region)
    management = AwsSession.begin(management_profile, region) if management_profile else session
    surroundings = Surroundings(session, management, utc_now)
    found = [
        (check.name, result)
        for check in with_progress(CHECKS, "Checking")
        for result in check.results(surroundings)
    ]
    diagnosis = Diagnosis(found)
    show(output, diagnosis, as_table=Diagnosis.as_table, as_json=Diagnosis.as_json, as_csv=Diagnosis.as_csv)
    raise typer.Exit(diagnosis.exit)
