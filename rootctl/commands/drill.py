"""`rootctl drill`: the proof, in a real organization, that all of rootwarden works."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from rootctl import consent
from rootctl.accounts import OrganizationAccounts, as_listed
from rootctl.checks.context import DoctorContext
from rootctl.drill.course import Course, course_of, preflight, run_course
from rootctl.drill.delivery import Delivery
from rootctl.drill.hop import CHANNELS, CheckFinding, Hop, Sight, exit_of, hop_line, reason_line, reasons
from rootctl.drill.record import Answers, Record, make, write
from rootctl.errors import Hindered
from rootctl.options import AccountArgument, ManagementProfile, RunOptions
from rootctl.output import print_whole, results
from rootwarden.outcomes import utc_now
from rootwarden.refusals import CallRefused

EXIT_CODES = (
    "Exit codes: 0 every step was seen, 1 a step could not be looked at and none was missed, 2 wrong usage,"
    " 3 a step was not seen (whatever could not be looked at besides), 130 interrupted (Ctrl-C)."
)
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

# Nobody has agreed to anything yet: such a drill leaves no record where it is interrupted.
_BEFORE_ASKING = 1


@dataclass(frozen=True)
class _Drill:
    """One drill. context: what rootctl doctor looks at, if a step is not seen."""

    course: Course
    context: DoctorContext
    show: Callable[[Hop], None]
    directory: Path
    yes: bool

    def hops(self) -> list[Hop]:
        """Take every step; raises Declined where the person does not agree, Hindered without a directory."""
        began, first = utc_now(), self.course.first_look()
        if first.sight is not Sight.SEEN:
            self.show(first)
            return [first]
        self._ask()
        make(self.directory)
        policies, hub = self.context.policies, self.context.caller.account
        before = [first, preflight(policies, self.course.account, hub=hub)]
        for hop in before:
            self.show(hop)
        course = run_course(self.course, self.show)
        delivery = Delivery(self.context.hub, began, ask=not self.yes and consent.is_person_there())
        return [*before, *course, *self._delivered(delivery)]

    def _ask(self) -> None:
        account = self.course.account
        named = f"{account.name} ({account.account_id})" if account.name else account.account_id
        question = f"Open a recovery window in {named}, and close it again?"
        consent.ask("People will get about five messages, one of them an alert.", question, yes=self.yes)

    def _delivered(self, delivery: Delivery) -> list[Hop]:
        hops = []
        try:
            for hop in delivery.hops():
                hops.append(hop)
                self.show(hop)
        except CallRefused as refused:
            hops.append(Hop.unknown("delivery", str(refused), "rootctl doctor", *CHANNELS))
            self.show(hops[-1])
        return hops


def drill(
    run: RunOptions,
    account: AccountArgument,
    *,
    to: Directory = None,
    anonymous: Anonymous = False,
    record: KeepAnswers = False,
    as_json: AsJson = False,
    management_profile: ManagementProfile = None,
) -> None:
    """Prove in a real organization that everything works, on one member account without root credentials.

    Opens a recovery window (a root password becomes possible), closes it, sees the hardening that follows,
    asks for one root session that may only look, and watches every step in the hub's logs: announcements,
    posture, alerts, notifications, delivery. Shows how long each took. Leaves the account as it was, also
    when interrupted, and writes a record. People get about five messages: say so beforehand.
    """
    consent.check_consent_possible(run)
    account_id = run.account_id(account)
    session, management = run.session, run.management_session(management_profile)
    answers = Answers.listening(session, management) if record else None
    context, began = DoctorContext(session, management, utc_now), utc_now()
    [found] = OrganizationAccounts.of(session).named([account_id])
    course = course_of(context.hub, as_listed(found))
    course.window.check_possible()
    directory = to or Path(f"drill-{account_id}-{began:%Y%m%dT%H%M%SZ}")
    taken: list[Hop] = []

    def show(hop: Hop) -> None:
        taken.append(hop)
        if not as_json:
            print_whole(results(), hop_line(hop))

    interrupted: str | None = None
    why: list[CheckFinding] = []
    try:
        why = reasons(_Drill(course, context, show, directory, yes=run.yes).hops(), context)
    except KeyboardInterrupt as interruption:
        interrupted = str(interruption) or course.window.restore()
        if len(taken) <= _BEFORE_ASKING:
            raise KeyboardInterrupt(interrupted) from None
        taken.append(Hop.missed("stopped", f"Interrupted. {interrupted}", f"rootctl drill {account_id}"))
    hub = f"{context.caller.account} {session.region}"
    done = Record(
        account=course.account,
        caller=context.caller.arn,
        hub=hub,
        began=began,
        ended=utc_now(),
        hops=taken,
        reasons=why,
    )
    write_it = partial(write, done, directory, answers=answers, anonymous=anonymous)
    _end(done, write_it, interrupted, as_json=as_json)


def _end(
    record: Record, write_it: Callable[[], list[Path]], interrupted: str | None, *, as_json: bool
) -> None:
    # Shown first: a full disk may take the record away, and not what was seen.
    if as_json:
        typer.echo(json.dumps(record.to_detail(), indent=2))
    elif interrupted is None:
        print_whole(results(), ending(record))
    try:
        paths = write_it()
    except Hindered as error:
        if interrupted is None:
            raise
        raise KeyboardInterrupt(f"{interrupted} {error}") from None
    if not as_json:
        print_whole(results(), f"Its record: {', '.join(map(str, paths))}")
    if interrupted is not None:
        raise KeyboardInterrupt(interrupted)
    raise typer.Exit(exit_of(record.hops))


def ending(record: Record) -> RenderableType:
    """Return why steps were not seen, and the whole drill in a line."""
    seen = sum(hop.sight is Sight.SEEN for hop in record.hops)
    took = (record.ended - record.began).total_seconds()
    verdict = record.verdict[:1].upper() + record.verdict[1:]
    said = f"{verdict}: {seen} of {len(record.hops)} steps, {took:.0f} s in all."
    return Group(*_why(record), Text(said))


def _why(record: Record) -> Iterator[RenderableType]:
    if all(hop.sight is Sight.SEEN for hop in record.hops):
        return
    if not record.reasons:
        yield Text("\nThe checks of doctor that could explain it find nothing wrong.")
        return
    yield Text("\nWhy, as far as the checks of doctor see:")
    yield from map(reason_line, record.reasons)
    yield Text("")
