"""What to do now, after an alert: the steps of its row, with everything filled in for the case."""

from collections.abc import Iterator, Mapping
from string import Formatter

from rootwarden.activity.classification import ROW_OF
from rootwarden.activity.outcomes import ActivityAlert
from rootwarden.activity.root_activity import ActorKind
from rootwarden.activity.rows import ASK, END_SESSION, OPEN_SESSION
from rootwarden.activity.takeover_rows import ASK_OWNER, REVOKE_PRINCIPAL
from rootwarden.activity.watch_rows import IF_DEPLOYED, OWN_SESSION_STEPS, REVOKE, ROOT_SESSION_STEPS
from rootwarden.contract.activities import Activity
from rootwarden.messages.commands import audit, close_window, end_sessions, harden, revoke, undo

_BY_HAND = "take its permissions, and end its sessions"
_LOOK_FIRST = (
    "Before anything else, look in CloudTrail of account {} whether this happened. If it is not there,"
    " somebody forged it: ask the account's administrators."
)
_KEYS = frozenset({ActorKind.LONG_TERM_KEY, ActorKind.FEDERATED_SESSION, ActorKind.TEMPORARY_SESSION})
_NOT_ROOT_ITSELF = frozenset({ActorKind.PRINCIPAL, ActorKind.ROOT_SESSION})
_MANAGEMENT_STEP = (
    "This root user is yours to secure: change its password, remove its access keys, check its MFA devices"
    " and its e-mail address."
)
_HARDEN = "{harden}"
# What a window's end removes is the password; a key used lately it keeps.
_AFTER_WINDOW = "When the hardening after that has ended, remove what it kept as in use: {after_window}"
# The functions do not know which units these are.
_OR_UNIT = (
    "; where member_organizational_units is set, the target is its unit above the account, not the root"
)
# What puts a resource back in the account it was changed in.
_BY_ONE_CALL = ("aws events", "aws iam", "aws lambda", "aws sns")
_ATTACH_AGAIN = "Then attach every policy of that type again: all were detached with it."
# Root has no permissions that could be taken, and no principal's owner.
_END_ROOT = (END_SESSION, OPEN_SESSION)
_FOR_ROOT: Mapping[str, tuple[str, ...]] = {
    ASK_OWNER: (ASK,),
    IF_DEPLOYED: (ASK,),
    REVOKE_PRINCIPAL: _END_ROOT,
    REVOKE: _END_ROOT,
}


def next_steps(alert: ActivityAlert) -> tuple[str, ...]:
    """Return what to do now, in order."""
    fillings = _fillings(alert)
    steps = [filled for step in _with_rest(_steps(alert)) if (filled := _filled(step, fillings))]
    if alert.collected:
        return (_LOOK_FIRST.format(alert.event.account_id), *steps)
    if alert.put_back:
        # What takes the watch down is put back first: as long as it is down, nothing else is seen.
        where = f"Put it back, {_place(alert)}: {alert.put_back}"
        again = (_ATTACH_AGAIN,) if alert.event.name == "DisablePolicyType" else ()
        return (where, *again, *(ASK_OWNER if step == IF_DEPLOYED else step for step in steps))
    return tuple(steps)


def _with_rest(steps: tuple[str, ...]) -> Iterator[str]:
    for step in steps:
        yield step
        if _HARDEN in step:
            yield _AFTER_WINDOW


def _steps(alert: ActivityAlert) -> tuple[str, ...]:
    if alert.actor.kind is ActorKind.ROOT_SESSION:
        is_own = alert.activity is Activity.OWN_ROLE_STOLEN
        return OWN_SESSION_STEPS if is_own else ROOT_SESSION_STEPS
    row = ROW_OF[alert.activity]
    steps = row.steps_tried if alert.attempted and row.steps_tried else row.steps
    if alert.actor.kind not in _NOT_ROOT_ITSELF:
        steps = tuple(said for step in steps for said in _FOR_ROOT.get(step, (step,)))
    if alert.actor.kind in _KEYS and END_SESSION not in steps:
        steps = (*steps, END_SESSION)
    if _is_about_management_root(alert, steps):
        return (*_without_session(steps), _MANAGEMENT_STEP)
    return _without_session(steps) if alert.actor.kind is ActorKind.LONG_TERM_KEY else steps


def _is_about_management_root(alert: ActivityAlert, steps: tuple[str, ...]) -> bool:
    return alert.management_root or (alert.management_account and any(_HARDEN in step for step in steps))


def _without_session(steps: tuple[str, ...]) -> tuple[str, ...]:
    # No policy binds the management account's root, and a key is no session.
    return tuple(step for step in steps if step != OPEN_SESSION)


def _fillings(alert: ActivityAlert) -> Mapping[str, str | None]:
    account_id = None if alert.management_account else alert.account.account_id
    of_root = None if alert.management_root else _account_of_root(alert)
    in_window = bool(alert.recovery_window) and of_root == alert.account.account_id
    # What was used minutes ago is what must go; without the option it is kept as in use.
    remove = harden([of_root], f"alert {alert.event.event_id}", recently_used=True) if of_root else None
    return {
        "account": account_id,
        # Nothing is removed while the window is open.
        "harden": close_window(of_root) if of_root and in_window else remove,
        "after_window": remove if in_window else None,
        "audit": audit(account_id) if account_id and not alert.management_root else None,
        "revoke": _revoke(alert),
        # An account's administrators may have written it, and are to choose no account.
        "undo": undo(alert.event.name, None if alert.collected else alert.target),
        "end_sessions": end_sessions("ROLE"),
    }


def _account_of_root(alert: ActivityAlert) -> str | None:
    """Return the account whose root user is to lose its credentials, where a root session reaches it."""
    if alert.actor.kind not in _NOT_ROOT_ITSELF and alert.account.account_id:
        # Whoever acts as root in one account may reach for another.
        return alert.event.account_id
    return None if alert.management_account else alert.account.account_id


def _revoke(alert: ActivityAlert) -> str | None:
    arn = alert.actor.arn or ""
    # An account's administrators may have written it, and are to order no harm in another.
    if alert.collected and arn.split(":")[4:5] != [alert.event.account_id]:
        return None
    return revoke(arn, alert.actor.access_key_id) or _BY_HAND


def _filled(step: str, fillings: Mapping[str, str | None]) -> str | None:
    names = [name for _, name, _, _ in Formatter().parse(step) if name]
    return None if any(fillings[name] is None for name in names) else step.format_map(fillings)


def _place(alert: ActivityAlert) -> str:
    command = alert.put_back or ""
    if command.startswith("make deploy"):
        # It takes a profile of each account that stacks are deployed to.
        return "from a checkout, as for a deployment"
    if command.startswith(_BY_ONE_CALL) or "RootWardenHub" in command:
        return f"with credentials of account {alert.event.account_id}"
    if command.startswith("rootctl"):
        return "with credentials of the hub's account, by the command that this prints"
    if command.startswith("instance()"):
        return f"with credentials of the management account{_OR_UNIT}"
    return "with credentials of the management account"
