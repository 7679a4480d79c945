"""What a row of the activity table is made of: how records show it, who acted, and whether it was a try."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from rootwarden.activity.root_activity import Activity, Severity
from rootwarden.events import CloudTrailRecord

ShownBy = Callable[[CloudTrailRecord], bool]

ASK = "Ask the account's owners now whether they did this, by a channel other than e-mail."
END_SESSION = (
    "If they did not: remove the password and access keys, and read in CloudTrail what else was done."
)


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What is said of an activity.

    A reason may name {user}, the IAM user it is about, and {ending}, how a try ended.
    """

    severity: Severity
    headline: str
    reason: str


def elsewhere(_record: CloudTrailRecord) -> bool:
    """Say no: rows with this are chosen by classification.py or watch.py, which need more than the record."""
    return False


@dataclass(frozen=True, kw_only=True)
class ActivityRow:
    """One activity. done and tried: the wording for a deed and for a try; None: the row has no such.

    by_anyone: also callers that are not root. names_event: the headline ends with the event's name.
    grouped_for: how long further events of the same burst do not alert, where that is another time than usual.
    """

    activity: Activity
    shown_by: ShownBy = elsewhere
    done: Wording | None = None
    tried: Wording | None = None
    steps: tuple[str, ...] = (ASK, END_SESSION)
    by_anyone: bool = False
    names_event: bool = False
    grouped_for: timedelta | None = None

    def wording(self, *, attempted: bool) -> Wording:
        """Return the wording for a try or for a deed."""
        wording = (self.tried if attempted else self.done) or self.done or self.tried
        if wording is None:
            raise ValueError(f"the row of {self.activity} says nothing")
        return wording


# AWS names the kind of policy in the message; only these words of it are repeated.
_POLICY = re.compile(r"\b(service control|resource control|resource-based|identity-based|session) policy\b")
_DENIALS = ("AccessDenied", "AccessDeniedException")


def failed(record: CloudTrailRecord) -> bool:
    """Say whether what the record shows was tried and did not succeed."""
    if record.error_code or record.error_message:
        return True
    result = record.detail.optional_text("responseElements", record.event_name)
    if record.event_name == "ConsoleLogin":
        return result != "Success"
    return result is not None and result.lower() in {"failure", "failed"}


def denying_policy(record: CloudTrailRecord) -> str | None:
    """Return the kind of policy that denied it, in words; None where the record names none."""
    message = record.error_message or ""
    named = _POLICY.search(message.lower())
    if named:
        return f"a {named[0]}"
    at_the_door = record.event_name == "ConsoleLogin" and record.error_code in _DENIALS
    return "a policy" if at_the_door or "policy" in message.lower() else None


def ending(record: CloudTrailRecord) -> str:
    """Say how the try ended; to be read after "and"."""
    policy = denying_policy(record)
    if policy:
        return f"{policy} stopped it"
    return f"AWS refused it ({record.error_code})" if record.error_code else "it failed"


_SIGN_IN = "signin.amazonaws.com"
_ROOT_NAMES = frozenset({"AWS ROOT USER", "root", "Root", "<root_account>"})
# What IAM allows in a user's name; anything else is not repeated.
_USER_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")


def calls(source: str, *names: str) -> ShownBy:
    """Shown by calls of these names to one service, named as in eventSource."""
    return lambda record: record.event_source == source and record.event_name in names


def sign_in(*names: str) -> ShownBy:
    """Shown by these events of the sign-in service; without names by all of them."""
    return lambda record: record.event_source == _SIGN_IN and (not names or record.event_name in names)


def events(*names: str) -> ShownBy:
    """Shown by events of these names, whichever service writes them."""
    return lambda record: record.event_name in names


def console_action(record: CloudTrailRecord) -> bool:
    """Shown by what the account and billing pages write."""
    return record.event_type == "AwsConsoleAction"


def about_payment(record: CloudTrailRecord) -> bool:
    """Shown by billing events about payment methods; AWS names them in several ways."""
    name = record.event_name
    of_billing = record.event_source.startswith(("billingconsole.", "billing.", "payments."))
    changes = not name.startswith(("Get", "List", "Describe"))
    return of_billing and changes and ("payment" in name.lower() or name.startswith("Instruments_"))


def denied_by_policy(shown: ShownBy) -> ShownBy:
    """Shown by one of these that a policy denied."""
    return lambda record: shown(record) and denying_policy(record) is not None


def of_root_itself(shown: ShownBy) -> ShownBy:
    """Shown by one of these about root's own credentials."""
    return lambda record: shown(record) and not names_iam_user(record)


def of_iam_user(shown: ShownBy) -> ShownBy:
    """Shown by one of these about the credentials of an IAM user."""
    return lambda record: shown(record) and names_iam_user(record)


def names_iam_user(record: CloudTrailRecord) -> bool:
    """Say whether a call names an IAM user; without a name, or with root's, it is about root itself."""
    name = record.detail.optional_text("requestParameters", "userName")
    return name is not None and name not in _ROOT_NAMES


def iam_user(record: CloudTrailRecord) -> str:
    """Return the IAM user a call names, in words."""
    name = record.detail.optional_text("requestParameters", "userName") or ""
    return f"IAM user {name}" if _USER_NAME.fullmatch(name) else "an IAM user"
