"""`rootctl init`: writes rootwarden.yaml."""

from pathlib import Path
from typing import Annotated

import typer

from rootctl.consent import Declined, check_answers_possible, confirmed
from rootctl.errors import Hindered, WrongUsage
from rootctl.options import RunOptions
from rootctl.setting_up import questions
from rootctl.setting_up.configuration_file import Answers, configuration_text
from rootctl.setting_up.organization_facts import OrganizationFacts, look_up
from rootwarden.contract import asked_values
from rootwarden.contract.configured import Mode
from rootwarden.refusals import CallRefused

Hub = Annotated[
    str | None,
    typer.Option(
        "--hub",
        metavar="ACCOUNT",
        help="Where rootwarden runs: id or name. [default: IAM's delegated administrator]",
    ),
]
HubRegion = Annotated[
    str | None,
    typer.Option(
        metavar="REGION",
        help="In which Region it runs. [default: --region, else the profile's or the environment's, else"
        " us-east-1]",
    ),
]
Emails = Annotated[
    list[str] | None, typer.Option("--email", metavar="ADDRESS", help="Who gets alerts; may be repeated.")
]
SlackWorkspace = Annotated[
    str | None, typer.Option(metavar="ID", help="Slack workspace, with --slack-channel.")
]
SlackChannel = Annotated[
    str | None, typer.Option(metavar="ID", help="Slack channel, with --slack-workspace.")
]
SlackWebhook = Annotated[
    str | None,
    typer.Option(metavar="ARN", help="Secret that holds a Slack webhook's URL, in the hub's Region."),
]
Schedule = Annotated[
    str | None,
    typer.Option(
        metavar="SCHEDULE",
        help=f"When every account is audited: {asked_values.SCHEDULE}. [default: rate(1 day)]",
    ),
]
SweepMode = Annotated[
    Mode | None, typer.Option(help="Whether that may remove what it finds. [default: observe]")
]
Hours = Annotated[
    int | None, typer.Option(metavar="N", min=1, max=168, help="Longest recovery window. [default: 12]")
]
ControlTower = Annotated[
    str | None, typer.Option(metavar="REGION", help="Control Tower's home Region. [default: looked up]")
]
To = Annotated[Path, typer.Option("--to", metavar="FILE", help="Where to write.")]
Replace = Annotated[
    bool, typer.Option("--replace", help="Replace the file if it is there; without this it is asked.")
]


def init(
    run: RunOptions,
    *,
    hub: Hub = None,
    hub_region: HubRegion = None,
    email: Emails = None,
    slack_workspace: SlackWorkspace = None,
    slack_channel: SlackChannel = None,
    slack_webhook: SlackWebhook = None,
    sweep_schedule: Schedule = None,
    sweep_mode: SweepMode = None,
    recovery_hours: Hours = None,
    control_tower: ControlTower = None,
    to: To = Path("rootwarden.yaml"),
    replace: Replace = False,
) -> None:
    """Write rootwarden.yaml, which says what is deployed: asks, and looks the organization up in AWS.

    Takes credentials that may read the organization, such as the management account's
    (organizations:Describe* and organizations:List*; where Control Tower is in use, also
    controltower:ListLandingZones and controltower:GetLandingZone), and only reads. What an option answers is
    not asked. A file that is there is replaced only if you agree.
    """
    check_answers_possible(run)
    _check_writable(to, replace=replace, yes=run.yes)
    facts = look_up(run.session)
    asking = questions.Asking(run.yes)
    account = asking.answer(hub, questions.hub(facts))
    region = asking.answer(hub_region, questions.REGION, default=run.session.region)
    answers = Answers(
        hub=account,
        region=region,
        emails=asking.answer(",".join(email) if email else None, questions.EMAILS),
        slack=_slack(asking, region, slack_workspace, slack_channel, slack_webhook),
        schedule=asking.answer(sweep_schedule, questions.SCHEDULE),
        mode=asking.answer(sweep_mode, questions.MODE),
        hours=asking.answer(recovery_hours, questions.HOURS),
        control_tower=_control_tower(asking, facts, control_tower),
    )
    _write(to, configuration_text(facts, answers))
    _say_what_is_next(to, facts, answers)


def _check_writable(path: Path, *, replace: bool, yes: bool) -> None:
    try:
        is_there, has_directory = path.exists(), path.parent.is_dir()
    except OSError as error:
        raise _unwritable(path, error) from error
    if not has_directory:
        raise WrongUsage(f"There is no directory {path.parent}: make it, or name another file with --to.")
    if not is_there or replace:
        return
    if yes:
        raise WrongUsage(
            f"{path} is there already, and was left as it is: add --replace, or another name with --to."
        )
    if not confirmed(f"{path} is there already. Replace it with new answers?"):
        raise Declined(f"{path} was left as it is.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> Hindered:
    return Hindered(f"{path} cannot be written: {error.strerror}. Name another file with --to.")


def _slack(
    asking: questions.Asking, region: str, workspace: str | None, channel: str | None, webhook: str | None
) -> dict[str, str]:
    if asking.yes and (workspace is None) != (channel is None):
        raise WrongUsage("--slack-workspace and --slack-channel go together: add the other.")
    found = {"workspace_id": asking.answer(workspace, questions.SLACK_WORKSPACE)}
    if found["workspace_id"]:
        found["channel_id"] = asking.answer(channel, questions.SLACK_CHANNEL)
    found["webhook_secret_arn"] = asking.answer(webhook, questions.slack_webhook(region))
    return {key: value for key, value in found.items() if value}


def _control_tower(asking: questions.Asking, facts: OrganizationFacts, given: str | None) -> str | None:
    """Ask only what AWS did not say."""
    if given is None and (asking.yes or not isinstance(facts.control_tower, CallRefused)):
        return None
    return asking.answer(given, questions.CONTROL_TOWER) or None


def _say_what_is_next(path: Path, facts: OrganizationFacts, answers: Answers) -> None:
    own = answers.hub.account_id != facts.management_account_id
    profiles = " HUB_PROFILE=... MANAGEMENT_PROFILE=..." if own else ""
    is_elsewhere = path.resolve() != Path("rootwarden.yaml").resolve()
    move = ", and move it to rootwarden.yaml at the top of the checkout" if is_elsewhere else ""
    typer.echo(
        f"Wrote {path}. Read it through{move}. Then type at the top of the checkout:\n"
        "  make synth       look at what would be deployed; this calls nothing in AWS\n"
        "  make policies    print how to bootstrap the accounts\n"
        f"  make deploy{profiles}\n"
        "Each is explained in docs/deploying.md."
    )
