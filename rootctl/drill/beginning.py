"""What a drill begins with: its parts put together, and whether a policy stands in its way."""

from lambdas.adapters.service_control_policies import MalformedPolicy, ServiceControlPolicies
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.policies.service_control_policies import Verdict
from lambdas.domain.sweep_accounts import ListedAccount
from rootctl.audit.via_hub import HubAuditor
from rootctl.commands.preflight import survey_policies
from rootctl.drill.course import Course
from rootctl.drill.hop import Hop
from rootctl.drill.hub_logs import HubLogs
from rootctl.drill.reasons import POLICIES
from rootctl.drill.sightings import Sightings
from rootctl.drill.window import DrillWindow
from rootctl.hub import Function, Hub
from rootctl.requests.approvals import Runbook
from rootctl.requests.asking import by_hub, who_asks
from rootctl.root_access import RootAccess


def course_of(hub: Hub, account: ListedAccount) -> Course:
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


def preflight(policies: ServiceControlPolicies, account: ListedAccount) -> Hop:
    """Say whether a policy stands in the way; that can only be seen with permission to read policies."""
    name, command = "preflight", f"rootctl preflight --account {account.account_id}"
    try:
        found = survey_policies(policies, [account.account_id])
    except (CallRefused, MalformedPolicy) as error:
        text = f"policies cannot be judged: {error}"
        return Hop.unknown(name, text, f"{command} --profile MANAGEMENT", *POLICIES)
    if found.blocks:
        return Hop.missed(name, "a policy blocks a root session's task in this account", command, *POLICIES)
    if any(each.finding.verdict is Verdict.MAY_BLOCK for each in found.findings):
        return Hop.unknown(name, "a policy may block root sessions there", command, *POLICIES)
    if found.not_judged:
        return Hop.unknown(name, " ".join(found.not_judged), command, *POLICIES)
    return Hop.seen(name, "no policy blocks root sessions there")
