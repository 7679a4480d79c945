"""Commands for one case, with everything filled in: what a person copies out of a message."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from rootwarden.inert_text import one_line
from rootwarden.policies.locks import LockVerdict, StatementVerdict
from rootwarden.report.checks import SERVICE, CheckName

# What STS takes, and no more: where a record is forged, the rest of it may read like a command.
_ROLE = re.compile(r"arn:[a-z-]+:sts::(\d{12}):assumed-role/([\w+=,.@-]{1,64})/([\w+=,.@-]{2,64})", re.ASCII)
_USER = re.compile(r"arn:[a-z-]+:iam::(\d{12}):user/(?:[!-~]*/)?([\w+=,.@-]{1,64})", re.ASCII)
# Identity Center makes such a role for each permission set, and lets nobody else change it.
_PERMISSION_SET = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}", re.ASCII)
_RUNS_ON = (
    "A session that is open runs on, for 12 hours at most. To end it, deny everything whose"
    " aws:TokenIssueTime is before now (DateLessThan), in the permission set's inline policy or a service"
    " control policy."
)
_OLDER_SESSIONS = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*",'
    '"Condition":{"DateLessThan":{"aws:TokenIssueTime":"'
)


def harden(accounts: Sequence[str], why: str, *, recently_used: bool = False) -> str:
    """Return the command that removes these accounts' root credentials."""
    keys = " --remove-recently-used" if recently_used else ""
    return f"rootctl harden {' '.join(accounts)}{keys} --reason {quoted(why)}"


def close_window(account: str) -> str:
    """Return the command that closes an account's recovery window, which has the account hardened."""
    return f"rootctl recovery close {account}"


def audit(account: str) -> str:
    """Return the command that looks which root credentials an account has."""
    return f"rootctl audit {account}"


def restore(evidence: str, statements: Iterable[StatementVerdict], why: str) -> str:
    """Return the command that puts a saved policy back, with the word it takes where that one may lock."""
    locks = any(each.verdict is not LockVerdict.HARMLESS for each in statements)
    return f"rootctl restore {quoted(evidence)}{' --lock-again' if locks else ''} --reason {quoted(why)}"


def invite(account: str) -> str:
    """Return the command that asks an account back into the organization."""
    return f"aws organizations invite-account-to-organization --target Id={account},Type=ACCOUNT"


def revoke(arn: str | None, access_key_id: str | None) -> str | None:
    """Say how to end what a principal may still do; None where its ARN does not show that."""
    if role := _ROLE.fullmatch(arn or ""):
        account, name, session = role.groups()
        if shown := _PERMISSION_SET.fullmatch(name):
            return (
                f"in IAM Identity Center, take permission set {shown[1]} in account {account} from {session}."
                f" {_RUNS_ON}"
            )
        return f"with credentials of account {account}: {end_sessions(name)}"
    user, key = _USER.fullmatch(arn or ""), access_key_id or ""
    if user and re.fullmatch(r"AKIA[A-Z0-9]{12,124}", key):
        return (
            f"with credentials of account {user[1]}: aws iam update-access-key --user-name {user[2]}"
            f" --access-key-id {key} --status Inactive"
        )
    return None


def end_sessions(role: str) -> str:
    """Return the command that ends all sessions of a role that have begun."""
    document = f"'{_OLDER_SESSIONS}'$(date -u +%FT%TZ)'\"}}}}}}]}}'"
    return (
        f"aws iam put-role-policy --role-name {role} --policy-name RevokeOlderSessions"
        f" --policy-document {document}"
    )


def quoted(text: str) -> str:
    """Return a text as one word of a shell, on one line."""
    return shlex.quote(one_line(text))


# In the order they must be made in. A deployment makes them once, and not again.
SWITCH_ON: Mapping[CheckName, str] = {
    CheckName.TRUSTED_ACCESS: f"aws organizations enable-aws-service-access --service-principal {SERVICE}",
    CheckName.ROOT_CREDENTIALS_MANAGEMENT: "aws iam enable-organizations-root-credentials-management",
    CheckName.ROOT_SESSIONS: "aws iam enable-organizations-root-sessions",
}
_UNDO = {
    "DisableOrganizationsRootCredentialsManagement": SWITCH_ON[CheckName.ROOT_CREDENTIALS_MANAGEMENT],
    "DisableOrganizationsRootSessions": SWITCH_ON[CheckName.ROOT_SESSIONS],
    "DisableAWSServiceAccess": SWITCH_ON[CheckName.TRUSTED_ACCESS],
}
_UNDO_ADMINISTRATOR = {
    "DeregisterDelegatedAdministrator": "register-delegated-administrator",
    "RegisterDelegatedAdministrator": "deregister-delegated-administrator",
}


def undo(event_name: str, target: str | None) -> str | None:
    """Return the command that undoes a change of the protection; None where there is none.

    target: the account that was registered or deregistered, where that is known.
    """
    if event_name in _UNDO:
        return _UNDO[event_name]
    verb = _UNDO_ADMINISTRATOR.get(event_name)
    account = target if re.fullmatch(r"[0-9]{12}", target or "") else "ACCOUNT"
    return f"aws organizations {verb} --account-id {account} --service-principal {SERVICE}" if verb else None
