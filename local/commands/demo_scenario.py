"""What happens in the demo, step by step, and which messages each step must lead to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from embedded_aws.organizations.organization import Account
from local.aws import LocalAws
from local.scenarios import scenario_events as events
from local.scenarios.scenario import Scenario

_JOINING = ("payments-prod", "acquired-shop", "data-lake")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happens.

    `act` lets it happen and returns the names of AWS's events; `notified` is how the titles of the
    messages end that people must get for it, through every channel, and no others.
    """

    title: str
    act: Callable[[], list[str]]
    notified: tuple[str, ...]


def is_joining(account: Account) -> bool:
    """Tell whether the account arrives during the demo."""
    return account.name in _JOINING


class DemoScenario:
    """The steps, acting on a deployed organization."""

    def __init__(self, aws: LocalAws) -> None:
        """Know every account of demo.yaml by name, the ones to come too."""
        self._aws = aws
        self._scenario = Scenario(aws)

    def steps(self, accounts: dict[str, Account]) -> Iterator[Step]:
        """Return the steps in order; `accounts` are all of demo.yaml's, by name."""
        yield from self._joining(accounts)
        yield from self._left_alone(accounts)
        yield from self._root_activity(accounts["legacy-erp"].id, accounts["web-shop"].id)

    def _joining(self, accounts: dict[str, Account]) -> Iterator[Step]:
        removed = ("root credentials removed",)
        yield Step(
            title="payments-prod is created, with everything a root user can have; AWS says so three times",
            act=lambda: self._create(accounts["payments-prod"]),
            notified=removed,
        )
        yield Step(
            title="acquired-shop joins by invitation, with the root credentials it always had",
            act=lambda: _names(self._scenario.invite_account(accounts["acquired-shop"])),
            notified=removed,
        )
        yield Step(
            title="data-lake is created, and refuses root sessions for its first five minutes",
            act=lambda: _names(self._scenario.create_account(accounts["data-lake"])),
            notified=removed,
        )

    def _left_alone(self, accounts: dict[str, Account]) -> Iterator[Step]:
        yield Step(
            title="legacy-erp is announced again; the configuration exempts it",
            act=lambda: _names(self._scenario.announce_account(accounts["legacy-erp"].id)),
            notified=("left alone (exempt)",),
        )
        yield Step(
            title="sandbox-old is announced again; it is suspended",
            act=lambda: _names(self._scenario.announce_account(accounts["sandbox-old"].id)),
            notified=("left alone (not active)",),
        )

    def _root_activity(self, legacy: str, shop: str) -> Iterator[Step]:
        yield Step(
            title="a person signs in to legacy-erp as root, without MFA",
            act=lambda: _names(self._scenario.sign_in_as_root(legacy)),
            notified=("root signed in without MFA",),
        )
        yield Step(
            title="its root access key makes users, four times within the same minutes",
            act=lambda: self._burst(legacy),
            notified=("root called an API: CreateUser", "4 root activities in one burst"),
        )
        yield Step(
            title="an administrator opens a root session in web-shop, past rootwarden",
            act=lambda: self._assume_root(shop),
            notified=("root session opened by somebody else",),
        )
        yield Step(
            title="a person switches root sessions off for the organization",
            act=self._disable_root_sessions,
            notified=("root protection weakened",),
        )

    def _create(self, account: Account) -> list[str]:
        created = self._scenario.create_account(account)
        management = self._aws.organization.management_account.id
        enrolled = events.managed_account_created(
            management=management, time=self._aws.clock.now(), account=account.id, name=account.name
        )
        self._aws.deliver(enrolled)
        return _names([*created, enrolled])

    def _burst(self, account: str) -> list[str]:
        key = self._aws.state.root_user(account).access_keys[0].id
        return [
            name
            for _ in range(4)
            for name in _names(
                self._scenario.call_as_root(account, action="iam:CreateUser", access_key_id=key)
            )
        ]

    def _assume_root(self, account: str) -> list[str]:
        self._scenario.assume_root_as_administrator(account)
        return ["AssumeRoot"]

    def _disable_root_sessions(self) -> list[str]:
        management = self._aws.organization.management_account.id
        self._aws.client("iam", account=management).disable_organizations_root_sessions()
        return ["DisableOrganizationsRootSessions"]


def _names(delivered: list[dict[str, object]]) -> list[str]:
    return [str(event["detail"]["eventName"]) for event in delivered]  # type: ignore[index]
