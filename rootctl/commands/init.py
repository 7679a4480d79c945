"""`rootctl init`: writes rootwarden.yaml."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from rootctl.consent import Declined, check_answers_possible, confirmed, typed
from rootctl.errors import WrongUsage
from rootctl.options import RunOptions
from rootctl.setting_up.configuration_file import Answers, configuration_text
from rootctl.setting_up.organization_facts import OrganizationFacts, look_up
from rootwarden.accounts import Account
from rootwarden.contract.modes import Mode
from rootwarden.hardening.removal import CallRefused

T = TypeVar("T")

_CONSOLE = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}")
_HOURS_A_WEEK = 168

Hub = Annotated[
    str | None,
    typer.Option(
        "--hub",
        metavar="ACCOUNT",
        help="Where rootwarden runs: id or name. [default: IAM's delegated administrator]",
    ),
]
HubRegion = Annotated[
    str | None, typer.Option(metavar="REGION", help="In which Region it runs. [default: us-east-1]")
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
    str | None, typer.Option(metavar="ARN", help="Secret that holds a Slack webhook's URL.")
]
Schedule = Annotated[
    str | None,
    typer.Option(metavar="RATE", help="How often every account is audited. [default: rate(1 day)]"),
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
    (organizations:Describe* and organizations:List*, and controltower:ListLandingZones where Control Tower is
    in use), and only reads. What an option answers is not asked. A file that is there is replaced only if you
    agree.
    """
    check_answers_possible(run)
    _check_replaceable(to, replace=replace, yes=run.yes)
    facts = look_up(run.session)
    asking = _Asking(run.yes)
    default_hub = _sole_administrator(facts)
    answers = Answers(
        hub=asking.answer(
            hub, "--hub", "Account rootwarden runs in, id or name", _account_of(facts), default_hub
        ),
        region=asking.answer(
            hub_region, "--hub-region", "Region it runs in", _region, run.session.region or "us-east-1"
        ),
        emails=asking.answer(
            ",".join(email) if email else None, "--email", "Who gets alerts (addresses, with commas)", _emails
        ),
        slack=_slack(asking, slack_workspace, slack_channel, slack_webhook),
        schedule=asking.answer(
            sweep_schedule, "--sweep-schedule", "How often every account is audited", _text, "rate(1 day)"
        ),
        mode=asking.answer(
            sweep_mode,
            "--sweep-mode",
            "What a sweep finds is only reported (observe) or removed (enforce)",
            _mode,
            "observe",
        ),
        hours=asking.answer(
            str(recovery_hours) if recovery_hours else None,
            "--recovery-hours",
            "Longest recovery window, in hours",
            _hours,
            "12",
        ),
        control_tower=_control_tower(asking, facts, control_tower),
    )
    to.write_text(configuration_text(facts, answers), encoding="utf-8")
    _say_what_is_next(to, facts, answers)


@dataclass(frozen=True)
class _Asking:
    """Answers come from an option, else from a person, else from the default where nobody is asked."""

    yes: bool

    def answer(
        self,
        given: str | None,
        option: str,
        question: str,
        check: Callable[[str], T],
        default: str | None = None,
    ) -> T:
        if given is None and not self.yes:
            return typed(question, check, default=default)
        answer = default if given is None else given
        if answer is None:
            raise WrongUsage(f"There is no default for {option}: add it.")
        try:
            return check(answer)
        except WrongUsage as wrong:
            raise WrongUsage(f"{option}: {wrong}") from wrong


def _check_replaceable(path: Path, *, replace: bool, yes: bool) -> None:
    if not path.exists() or replace:
        return
    if yes:
        raise WrongUsage(
            f"{path} is there already, and was left as it is: add --replace, or another name with --to."
        )
    if not confirmed(f"{path} is there already. Replace it with new answers?"):
        raise Declined(f"{path} was left as it is.")


def _sole_administrator(facts: OrganizationFacts) -> str | None:
    found = facts.administrators
    return min(found) if isinstance(found, frozenset) and len(found) == 1 else None


def _account_of(facts: OrganizationFacts) -> Callable[[str], Account]:
    def check(text: str) -> Account:
        named = text.replace("-", "") if _CONSOLE.fullmatch(text) else text
        found = [each for each in facts.accounts if named in (each.account_id, each.name)]
        if len(found) != 1:
            raise WrongUsage(
                f"{len(found) or 'no'} accounts of the organization have this id or name; say the id of one."
            )
        return found[0]

    return check


def _matching(pattern: str, takes: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise WrongUsage(f"takes {takes}, found {text!r}.")
        return text

    return check


_region = _matching(r"[a-z]{2}(-[a-z]+)+-[0-9]", "a Region, such as us-east-1")
_email = _matching(r"[^@\s<>,]+@[^@\s<>,]+\.[^@\s<>,]+", "e-mail addresses")
_text = _matching(r".+", "a text")
_mode = _matching("|".join(Mode), " or ".join(Mode))
_workspace = _matching(r"(T[A-Z0-9]{5,})?", "a Slack workspace id, such as T012AB3C4D")
_channel = _matching(r"[CG][A-Z0-9]{5,}", "a Slack channel id, such as C012AB3C4D")
_secret = _matching(r"(arn:aws:secretsmanager:.+)?", "the ARN of a secret")


def _emails(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_email(each.strip()) for each in text.split(",")))


def _hours(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= _HOURS_A_WEEK):
        raise WrongUsage(f"takes a whole number of hours from 1 to {_HOURS_A_WEEK}, found {text!r}.")
    return int(text)


def _slack(
    asking: _Asking, workspace: str | None, channel: str | None, webhook: str | None
) -> dict[str, str]:
    if asking.yes and (workspace is None) != (channel is None):
        raise WrongUsage("--slack-workspace and --slack-channel go together: add the other.")
    workspace = asking.answer(
        workspace,
        "--slack-workspace",
        "Slack workspace id (T…), empty for no Slack through Amazon Q",
        _workspace,
        "",
    )
    found = {"workspace_id": workspace}
    if workspace:
        found["channel_id"] = asking.answer(channel, "--slack-channel", "Slack channel id (C…)", _channel)
    found["webhook_secret_arn"] = asking.answer(
        webhook, "--slack-webhook", "ARN of a secret with a Slack webhook's URL, empty for none", _secret, ""
    )
    return {key: value for key, value in found.items() if value}


def _control_tower(asking: _Asking, facts: OrganizationFacts, given: str | None) -> str | None:
    """Ask only what AWS did not say."""
    if given is None and (asking.yes or not isinstance(facts.control_tower, CallRefused)):
        return None
    return (
        asking.answer(
            given,
            "--control-tower",
            "Control Tower could not be asked. Its home Region, empty if there is none or it is not known",
            lambda text: _region(text) if text else "",
            "",
        )
        or None
    )


def _say_what_is_next(path: Path, facts: OrganizationFacts, answers: Answers) -> None:
    own = answers.hub.account_id != facts.management_account_id
    profiles = " HUB_PROFILE=... MANAGEMENT_PROFILE=..." if own else ""
    typer.echo(
        f"Wrote {path}. Read it through, at the top of the checkout, then type:\n"
        "  make synth       look at what would be deployed; this calls nothing in AWS\n"
        "  make policies    print how to bootstrap the accounts\n"
        f"  make deploy{profiles}\n"
        "Each is explained in docs/deploying.md."
    )
