"""Whoever runs the command: in which account, and as whom."""

from collections.abc import Iterable

from rootctl.checks.result import Result, ok, unknown, wrong
from rootctl.checks.surroundings import Surroundings
from rootctl.hub import NoHub

_ANOTHER = "rootctl doctor --profile NAME"


def caller(surroundings: Surroundings) -> Iterable[Result]:
    """Say who AWS takes the caller for."""
    who = surroundings.caller
    if who.arn.endswith(":root"):
        yield wrong(
            f"you are the root user of {who.account}: root can open no root session, and alerts",
            mend=_ANOTHER,
        )
        return
    yield ok(who.arn)
    if surroundings.management is surroundings.session or surroundings.is_management:
        return
    yield unknown(
        f"--management-profile leads to {surroundings.management_caller.account},"
        f" not to the management account {surroundings.organization.management_account_id}",
        mend="rootctl doctor --management-profile NAME",
    )


def hub(surroundings: Surroundings) -> Iterable[Result]:
    """Say whether the hub is where the caller looks."""
    where = f"{surroundings.caller.account}, {surroundings.session.region}"
    try:
        surroundings.hub  # noqa: B018 - raises NoHub
    except NoHub as missing:
        yield wrong(str(missing), mend="rootctl doctor --profile NAME --region REGION, or make deploy")
        return
    yield ok(f"the hub is in {where}")
