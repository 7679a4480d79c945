"""How root sessions are opened: through the hub where there is one, else with the operator's credentials."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from rootctl.aws import AwsSession
from rootctl.consent import ask, check_alerts_can_be_agreed_to
from rootctl.errors import WrongUsage
from rootctl.hub import Hub, NoHub
from rootctl.options import RunOptions
from rootctl.output import beside_results, counted, print_whole


@dataclass(frozen=True)
class AlertCost:
    """What a command makes in one account at most: root sessions, and messages about them from a hub.

    unheeded: what only the hub would heed before it changes something; empty where nothing is changed.
    """

    sessions: int
    alerts: int
    unheeded: str = ""


# A hub tells of the session, and of what is called in it.
LOOKING = AlertCost(sessions=1, alerts=2)
# One session shows what is there, one reads before and after, one removes. A hub tells besides of the
# credentials, of the MFA devices, and sums up what is alike twice.
REMOVING = AlertCost(
    sessions=3,
    alerts=6,
    unheeded=" Exemptions, recovery windows and a configuration that only observes are not heeded: the hub"
    " alone knows them.",
)
# One session shows the policy, one changes it and reads it back. A hub tells of the first, of the change, and
# sums up the sessions.
UNLOCKING = AlertCost(
    sessions=2, alerts=3, unheeded=" A second person's approval is not heeded: the hub alone asks for it."
)


@dataclass(frozen=True)
class HubOrDirect:
    """hub: None where the operator's own credentials are used. said: what the reader cannot know of it.

    fell_back: to those credentials, because no hub was found and nobody said --direct.
    """

    hub: Hub | None
    said: str = ""
    fell_back: bool = False

    @classmethod
    def find(cls, session: AwsSession, *, via_hub: bool | None) -> Self:
        """Return the way asked for, or found; raises CallRefused, and NoHub where it must be the hub."""
        if via_hub is False:
            return cls(None)
        try:
            hub = Hub.find(session)
        except NoHub as nowhere:
            if via_hub:
                raise
            return cls(None, f"{nowhere} ", fell_back=True)
        return cls(hub, "" if via_hub else f"Through the hub {hub.name} in {session.region}.")

    def enter(self, run: RunOptions, accounts: Sequence[object], noise: AlertCost) -> None:
        """Say which way it is, and ask before alerts are raised; raises Declined and WrongUsage.

        --yes alone agrees to changes by the hub: where none was found, --direct must be said, too.
        """
        if self.hub is None and accounts:
            if self.fell_back and noise.unheeded and run.yes:
                raise WrongUsage(
                    f"{self.said}Or add --direct to go on with your own credentials.{noise.unheeded}"
                    " Nothing was done."
                )
            # Where something is said, the hub is no way out.
            otherwise = "" if self.said else ", or --via-hub to go through the hub"
            _agree(run, f"{self.said}{_warning(len(accounts), noise)}", otherwise)
        elif self.said:
            _say(self.said)


def _warning(accounts: int, noise: AlertCost) -> str:
    sessions = counted(accounts * noise.sessions, "root session")
    return (
        f"With your own credentials this opens {'up to ' if noise.sessions > 1 else ''}{sessions} in"
        f" {counted(accounts, 'account')}; a rootwarden hub elsewhere in the organization takes each for a"
        f" stranger's, and raises up to {accounts * noise.alerts} alerts, or more where it forwards read-only"
        f" calls.{noise.unheeded}"
    )


def _agree(run: RunOptions, warning: str, otherwise: str) -> None:
    check_alerts_can_be_agreed_to(run, warning, otherwise)
    if run.yes:
        _say(warning)
    ask(warning, "Go on with your own credentials?", yes=run.yes)


def _say(text: str) -> None:
    print_whole(beside_results(), text)
