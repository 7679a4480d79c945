"""What in a record shows an activity: the parts that the rows of the table are made of."""

import re

from lambdas.domain.activity.activity_row import ShownBy
from lambdas.domain.activity.tries import denying_policy
from lambdas.domain.cloudtrail import CloudTrailRecord

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
