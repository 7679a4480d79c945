"""The course of a drill: open, see, close, see, ask for a root session, see; leave the account as it was."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rootctl.auditing import HubAuditor
from rootctl.commands.preflight import survey_policies
from rootctl.direct import RootAccess
from rootctl.drill.hop import ENTERING, POLICIES, ROUTING, Hop, now
from rootctl.drill.sightings import HubLogs, Sightings
from rootctl.drill.window import DrillWindow
from rootctl.errors import Hindered
from rootctl.hub import Function, Hub
from rootctl.output import beside_results, print_whole
from rootctl.printed_commands import complete
from rootctl.requests import Runbook, by_hub, who_asks
from rootwarden.accounts import Account
from rootwarden.aws.clients import refusals
from rootwarden.aws.root_sessions import assume_root
from rootwarden.aws.service_control_policies import MalformedPolicy, ServiceControlPolicies
from rootwarden.contract.functions import AUDIT
from rootwarden.events import AccountId, MalformedEvent
from rootwarden.policies.service_control_policies import BlockVerdict
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import CredentialKind, Posture
from rootwarden.sweep.sweep import AccountRow

_DOCTOR = "rootctl doctor"
_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})


@dataclass(frozen=True)
class Course:
    """One drill in one account. look: the hub's audit of an account; root: the operator's own root calls."""

    account: Account
    look: Callable[[Account], AccountRow]
    window: DrillWindow
    sightings: Sightings
    root: RootAccess

    def first_look(self) -> Hop:
        """See that the account has no root credentials; raises Hindered where a drill would change it."""
        name, row = "clean before", self.look(self.account)
        if row.posture is None:
            text = f"the hub could not look into the account: {row.code}: {row.message}"
            return Hop.missed(name, text, _DOCTOR, *ENTERING)
        self._check_allowed(row, row.posture)
        return Hop.seen(name, "the account has no root credentials")

    def hops(self) -> Iterator[Hop]:
        """Take the steps one by one; run_course calls restore wherever they stop."""
        began = now()
        self.window.open()
        yield Hop.seen("window opened", "a root password can be recovered", since=began)
        yield from self.sightings.announced("OpenRecovery", "Recovery Window Change", "opened", began)
        yield self._password_seen()
        began = now()
        self.window.close()
        yield Hop.seen("window closed", "the hub closed it on request", since=began)
        yield from self.sightings.announced("CloseRecovery", "Recovery Window Change", "closed", began)
        yield from self.sightings.announced("HardenAccount", "Account Hardening Result", "hardened", began)
        yield self._clean_after()
        yield self.sightings.member_records()
        yield from self._root_call()

    def _check_allowed(self, row: AccountRow, posture: Posture) -> None:
        account_id = self.account.account_id
        if row.is_exempt:
            raise Hindered(
                f"{account_id} is exempt until {row.exemption_until} ({row.exemption_reason}): the hub would"
                " not harden it after the drill. Nothing was done. Name another account."
            )
        if not posture.is_clean:
            raise Hindered(
                f"{account_id} has root credentials ({_kinds(posture)}), which the hardening at the drill's"
                " end would remove. Nothing was done. Name another account, or first: rootctl harden"
                f" {account_id}"
            )

    def _password_seen(self) -> Hop:
        if CredentialKind.PASSWORD in self._posture().present:
            return Hop.seen("posture changed", "an audit sees the password")
        return Hop.missed("posture changed", "an audit sees no password", _DOCTOR, *ENTERING)

    def _clean_after(self) -> Hop:
        posture = self._posture()
        if posture.is_clean:
            return Hop.seen("clean after", "an audit sees no root credentials")
        remedy = f"rootctl harden {self.account.account_id}"
        return Hop.missed("clean after", f"still there: {_kinds(posture)}", remedy, *ROUTING, *ENTERING)

    def _root_call(self) -> Iterator[Hop]:
        """Open a root session as the operator, which nothing sanctions: it must alert, refused or not."""
        name, began, refusal = "root call", now(), None
        try:
            with refusals():
                assume_root(self.root.sts(), self.account.account_id, AUDIT)
        except CallRefused as refused:
            refusal = refused
        if refusal and refusal.code not in _DENIED:
            text = f"AWS did not decide about the call: {refusal}"
            yield Hop.unknown(name, text, _DOCTOR, *ENTERING)
            return
        how = "was refused, which alerts as well" if refusal else "opened a root session that may only look"
        yield Hop.seen(name, f"sts:AssumeRoot with your own credentials {how}", since=began)
        yield from self.sightings.alert(began)

    def _posture(self) -> Posture:
        row = self.look(self.account)
        if row.posture is None:
            raise CallRefused(row.code or "Unreachable", row.message or "the hub did not say why")
        return row.posture


def run_course(course: Course, show: Callable[[Hop], None]) -> list[Hop]:
    """Take every step and show each; however it ends, the account is left as it was."""
    hops: list[Hop] = []

    def take(hop: Hop) -> None:
        hops.append(hop)
        show(hop)

    try:
        for hop in course.hops():
            take(hop)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(course.window.restore()) from None
    except (CallRefused, Hindered, MalformedEvent) as error:
        take(_stopped(error, course.window.restore()))
    except BaseException:
        print_whole(beside_results(), complete(course.window.restore()))
        raise
    return hops


def _stopped(error: Exception, restored: str) -> Hop:
    """Return the step at which a drill ended before its time."""
    return Hop.missed("stopped", f"{str(error).rstrip('. ')}. {restored}", _DOCTOR, *ENTERING, *ROUTING)


def _kinds(posture: Posture) -> str:
    return ", ".join(sorted(kind.value for kind in posture.present))


def course_of(hub: Hub, account: Account) -> Course:
    """Return the course of a drill in an account; raises NoHub and CallRefused."""
    caller = who_asks(hub.session)
    window = DrillWindow(
        account_id=account.account_id,
        caller=caller,
        ask_open=by_hub(hub, Function.OPEN_RECOVERY),
        ask_close=by_hub(hub, Function.CLOSE_RECOVERY),
        runbook=Runbook.before(hub, "open_recovery"),
    )
    return Course(
        account=account,
        look=HubAuditor.of(hub).row,
        window=window,
        sightings=Sightings(HubLogs.of(hub), account.account_id, caller),
        root=RootAccess(hub.session),
    )


def preflight(policies: ServiceControlPolicies, account: Account, *, hub: AccountId) -> Hop:
    """Say whether a policy stands in the way; that can only be seen with permission to read policies."""
    name, command = "preflight", f"rootctl preflight --account {account.account_id} --hub {hub}"
    try:
        found = survey_policies(policies, [account.account_id], hub=hub)
    except (CallRefused, MalformedPolicy) as error:
        text = f"policies cannot be judged: {error}"
        return Hop.unknown(name, text, f"{command} --profile MANAGEMENT", *POLICIES)
    if found.blocks:
        return Hop.missed(name, "a policy blocks a root session's task in this account", command, *POLICIES)
    if any(each.finding.verdict is BlockVerdict.MAY_BLOCK for each in found.findings):
        return Hop.unknown(name, "a policy may block root sessions there", command, *POLICIES)
    if found.not_judged:
        return Hop.unknown(name, " ".join(found.not_judged), command, *POLICIES)
    return Hop.seen(name, "no policy blocks root sessions there")
