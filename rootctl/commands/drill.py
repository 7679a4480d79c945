"""Runs a drill: the proof, in a real organization, that all of rootwarden works."""

import json
from pathlib import Path
from typing import Annotated

import typer

from lambdas.adapters.service_control_policies import ServiceControlPolicies
from lambdas.domain.clock import utc_now
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.sweep_accounts import ListedAccount
from rootctl.accounts import OrganizationAccounts, as_listed
from rootctl.audit.via_hub import HubAuditor
from rootctl.aws import AwsSession
from rootctl.commands.preflight import survey_policies
from rootctl.drill.answers import Answers
from rootctl.drill.course import Course, run
from rootctl.drill.delivery import Delivery
from rootctl.drill.hop import Hop, Sight, exit_of
from rootctl.drill.hub_logs import HubLogs
from rootctl.drill.record import Record, write
from rootctl.drill.showing import ending, hop_line
from rootctl.errors import Hindered
from rootctl.hub import Function, Hub
from rootctl.options import AccountArgument, Profile, Region, Yes, account_ids
from rootctl.requests.approvals import Runbook
from rootctl.requests.asking import accepted, by_hub, who_asks
from rootctl.requests.carrying_out import CarryingOut
from rootctl.root_access import RootAccess
from rootctl.terminal.consent import ask, check_consent_possible, is_somebody_there
from rootctl.terminal.consoles import results

Directory = Annotated[
    Path | None,
    typer.Option("--to", metavar="DIRECTORY", help="Where the record goes. Default: ./drill-ACCOUNT-TIME."),
]
Anonymous = Annotated[
    bool, typer.Option("--anonymous", help="Put pseudonyms for ids, names and addresses into the record.")
]
KeepAnswers = Annotated[
    bool,
    typer.Option("--record", help="Also keep every answer AWS gives to this command, without secrets."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the record as JSON instead of the timeline.")]


def drill(
    account: AccountArgument,
    *,
    to: Directory = None,
    anonymous: Anonymous = False,
    record: KeepAnswers = False,
    as_json: AsJson = False,
    yes: Yes = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Prove in a real organization that everything works, on one member account without root credentials.

    Opens a recovery window (a root password becomes possible), closes it, sees the hardening that follows,
    makes one harmless call as root, and watches every step in the hub's logs: announcements, posture,
    alerts, notifications, delivery. Shows how long each took. Leaves the account as it was, also when
    interrupted, and writes a record. People get about five messages: say so beforehand.

    Exit codes: 0 every step was seen, 3 one was not, 1 one could not be looked at.
    """
    check_consent_possible(yes=yes, dry_run=False)
    [account_id] = account_ids([account], named="ACCOUNT")
    session = AwsSession.begin(profile, region)
    answers = Answers() if record else None
    if answers:
        answers.listen(session)
    hub, began = Hub.find(session), utc_now()
    [found] = OrganizationAccounts.of(session).named([account_id])
    course = _course(hub, as_listed(found))
    _check_allowed(course)
    question = f"Open a recovery window in {found.name or account_id} ({account_id}), and close it again?"
    ask("People will get about five messages, one of them an alert.", question, yes=yes)
    show = (lambda _: None) if as_json else (lambda hop: results().print(hop_line(hop)))
    preflight = _preflight(session, course.account)
    show(preflight)
    hops = [preflight, *run(course, show)]
    for hop in Delivery(hub, began, ask=not yes and is_somebody_there()).hops():
        hops.append(hop)
        show(hop)
    done = Record(
        account=course.account,
        caller=course.caller,
        hub=f"{course.caller.split(':')[4]} {session.region}",
        began=began,
        ended=utc_now(),
        hops=hops,
    )
    directory = to or Path(f"drill-{account_id}-{began:%Y%m%dT%H%M%SZ}")
    paths = write(done, directory, answers=answers, anonymous=anonymous)
    _end(done, paths, as_json=as_json)


def _course(hub: Hub, account: ListedAccount) -> Course:
    opening = CarryingOut(
        by_hub(hub, Function.OPEN_RECOVERY), Runbook.before(hub, "open_recovery"), wait=True
    )
    return Course(
        account=account,
        caller=who_asks(hub.session),
        auditor=HubAuditor.of(hub),
        open_=opening,
        close=by_hub(hub, Function.CLOSE_RECOVERY),
        logs=HubLogs.of(hub),
        root=RootAccess(hub.session),
    )


def _check_allowed(course: Course) -> None:
    """Refuse an account that is exempt: the hardening would leave the drill's password there."""
    [row] = course.auditor.audit([course.account]).rows
    if row.is_exempt:
        raise Hindered(
            f"{course.account.account_id} is exempt until {row.exemption_until} ({row.exemption_reason}):"
            " it would not be hardened after the drill. Nothing was done. Name another account."
        )
    request = {"account": course.account.account_id, "hours": 1, "reason": "drill", "dryRun": True}
    accepted(course.open_.answer({**request, "requestedBy": course.caller}))


def _preflight(session: AwsSession, account: ListedAccount) -> Hop:
    """Say whether a policy stands in the way; that can only be seen with permission to read policies."""
    name = "preflight"
    try:
        policies = ServiceControlPolicies(session.client("organizations"))
        found = survey_policies(policies, [account.account_id])
    except CallRefused as refused:
        return Hop(
            name=name,
            sight=Sight.UNKNOWN,
            text=f"policies cannot be read: {refused}",
            at=utc_now(),
            remedy="rootctl preflight --profile MANAGEMENT",
        )
    if found.blocks:
        text = "a policy blocks a root session's task in this account"
        return Hop(
            name=name,
            sight=Sight.NOT_SEEN,
            text=text,
            at=utc_now(),
            remedy=f"rootctl preflight --account {account.account_id}",
        )
    return Hop(name=name, sight=Sight.SEEN, text="no policy blocks root sessions there", at=utc_now())


def _end(record: Record, paths: list[Path], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(record.to_detail(), indent=2))
    else:
        results().print(ending(record))
        results().print(f"Its record: {', '.join(str(path) for path in paths)}")
    raise typer.Exit(exit_of(record.hops))
