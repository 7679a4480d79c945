"""`rootctl harden`: removes the root credentials of accounts."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from rootctl.accounts import OrganizationAccounts, check_one_choice, chosen
from rootctl.consent import ask, check_consent_possible
from rootctl.hardening import Ending, Hardening, How, Left, check_allowed, direct_hardening, exit_of
from rootctl.hub import Function
from rootctl.hub_or_direct import LOOKING, REMOVING, HubOrDirect
from rootctl.options import AccountArguments, All, Reason, RunOptions, Unit, ViaHubOrDirect, reason_text
from rootctl.output import Columns, counted, csv_of, printable, show, some, table_of, with_advice
from rootctl.requests import by_hub, who_asks
from rootwarden.accounts import AccountState
from rootwarden.events import AccountId
from rootwarden.root_credentials import PASSWORD, Credential

_WORDS = {
    How.WOULD_REMOVE: "to be removed",
    How.PARTIAL: "still exposed",
    How.SKIPPED: "left alone",
    How.UNREACHABLE: "could not be checked",
    How.UNKNOWN: "unknown: audit it",
    How.NOT_BEGUN: "not begun",
}
_COLOURS = {How.CLEAN: "green", How.HARDENED: "green", How.WOULD_REMOVE: "bold yellow"}
_CSV: Columns[Ending] = {
    "account_id": lambda each: each.account.account_id,
    "name": lambda each: each.account.name,
    "result": lambda each: each.how.value,
    "removed": lambda each: [f"{c.kind}:{c.identifier}" for c in each.removed],
    "may_have_been_removed": lambda each: [f"{c.kind}:{c.identifier}" for c in each.may_have_been_removed],
    "to_be_removed": lambda each: [f"{c.kind}:{c.identifier}" for c in each.to_be_removed],
    "left": lambda each: [f"{left.kind}:{left.identifier or '?'}" for left in each.left],
    "why_left": lambda each: "; ".join(map(_left, each.left)),
    "code": lambda each: each.reason and each.reason.code,
    "message": lambda each: each.reason and each.reason.text,
}

RemoveRecentlyUsed = Annotated[
    bool,
    typer.Option(
        "--remove-recently-used",
        help="Remove passwords and access keys, too, that were used lately.",
    ),
]


def harden(
    run: RunOptions,
    account: AccountArguments = None,
    *,
    ou: Unit = None,
    every: All = False,
    reason: Reason = "asked for with rootctl harden",
    remove_recently_used: RemoveRecentlyUsed = False,
    via_hub: ViaHubOrDirect = None,
) -> None:
    """Remove the root credentials of accounts, and prove by reading back that they are gone.

    Shows first what would be removed, and asks; with your own credentials it asks about the alerts before
    that, with --dry-run too. Passwords and access keys that were used lately stay unless you say
    --remove-recently-used: within 30 days, or as many as the hub is configured with. Then exit code 3 means
    that something was left for a person to decide, as it does with --dry-run where there is something to
    remove. An account that could not be checked, or is not proven clean in the end, makes it 1. Exemptions
    and recovery windows are known to the hub alone: --direct does not heed them. After Ctrl-C the accounts
    that were begun are finished, and a second one does not wait for them; the same command again goes on
    where it stopped. --ou and --all list accounts with your own credentials (organizations:Describe* and
    organizations:List*).
    """
    check_consent_possible(run)
    check_one_choice(account, ou, every=every)
    why = reason_text(reason)
    way = HubOrDirect.find(run.session, via_hub=via_hub)
    accounts = _accounts(run, account, ou, way)
    answer = by_hub(way.hub, Function.HARDEN_ACCOUNT) if way.hub else direct_hardening(run.session)
    request = {
        "reason": why,
        "requestedBy": who_asks(run.session),
        "removeRecentlyUsed": remove_recently_used,
    }
    way.enter(run, accounts, LOOKING if run.dry_run else REMOVING)
    hardening = Hardening(answer, request, goes_on=not account)
    endings = hardening.preview(accounts)
    if not run.dry_run:
        check_allowed(endings)
        if any(ending.to_be_removed for ending in endings):
            shown = Group(_table("Would be removed", endings), *_in_use(endings))
            ask(shown, _question(endings), yes=run.yes)
        endings = hardening.harden(endings)
    table = _table("Would be removed" if run.dry_run else "Removed", endings)
    document = {"accounts": [ending.to_detail() for ending in endings]}
    shown = Group(table, Text(_summary(endings)), *_in_use(endings))
    show(run.output, table=shown, document=document, csv=csv_of(endings, _CSV))
    raise typer.Exit(exit_of(endings))


def _accounts(
    run: RunOptions, account: Sequence[str] | None, unit: str | None, way: HubOrDirect
) -> Sequence[AccountId]:
    """Return the accounts named, or of a unit or all those that root sessions can reach.

    Those named are checked before anybody is asked about alerts; the hub checks its own.
    """
    account_ids = run.account_ids(account)
    if account_ids and way.hub:
        return account_ids
    organization = OrganizationAccounts.of(run.session)
    return [
        each.account_id
        for each in chosen(organization, account_ids, unit)
        if each.state == AccountState.ACTIVE and each.account_id != organization.management_account_id
    ]


def _question(previews: Iterable[Ending]) -> str:
    to_do = [preview for preview in previews if preview.to_be_removed]
    credentials = counted(sum(len(preview.to_be_removed) for preview in to_do), "root credential")
    return f"Remove {credentials} from {counted(len(to_do), 'account')}, for good?"


def _summary(endings: Sequence[Ending]) -> str:
    counts = {how: sum(ending.how is how for ending in endings) for how in How}
    said = ", ".join(f"{count} {_WORDS.get(how, how.value)}" for how, count in counts.items() if count)
    on = " Run the same command again to go on." if counts[How.NOT_BEGUN] else ""
    return f"Accounts: {len(endings)} ({said or 'none'}).{on}"


def _in_use(endings: Iterable[Ending]) -> list[Text]:
    """Name what stays because it was used lately, and how to remove that, too."""
    stays = [
        f"{_name(left)} of {ending.account.account_id}"
        for ending in endings
        for left in ending.left
        if left.is_in_use
    ]
    said = f"Left, because it was used lately: {some(stays)}. To remove that too: --remove-recently-used"
    return [Text(printable(said))] if stays else []


def _table(heading: str, endings: Iterable[Ending]) -> Table:
    columns: Columns[Ending] = {
        "Account": lambda each: "\n".join(n for n in (each.account.name, each.account.account_id) if n),
        "Result": lambda each: Text(_WORDS.get(each.how, each.how.value), _COLOURS.get(each.how, "bold red")),
        heading: _gone,
        "Stays, and why": _stays,
    }
    return table_of(endings, columns, show_lines=True)


def _gone(ending: Ending) -> str:
    perhaps = map(_credential, ending.may_have_been_removed)
    return "\n".join(
        [
            *map(_credential, ending.credentials),
            *(f"perhaps {each}, by an attempt that stopped" for each in perhaps),
        ]
    )


def _credential(credential: Credential) -> str:
    kind = credential.kind.value.replace("_", " ")
    return kind if credential == PASSWORD else f"{kind} {credential.identifier}"


def _stays(ending: Ending) -> str:
    reason = ending.reason
    if reason is None:
        return "\n".join(map(_left, ending.left))
    # Why an account is left alone is a sentence that says it all; AWS's codes say what its sentences do not.
    why = reason.text if ending.how is How.SKIPPED else f"{reason.code}: {with_advice(reason.text)}"
    return "\n".join([*map(_left, ending.left), why])


def _left(left: Left) -> str:
    return f"{_name(left)}: {with_advice(left.why)}"


def _name(left: Left) -> str:
    what = left.kind.value.replace("_", " ")
    return f"{what} {left.identifier}" if left.identifier not in (None, PASSWORD.identifier) else what
