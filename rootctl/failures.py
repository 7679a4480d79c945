"""A command's known failures in one line each, with the next step."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from botocore.session import get_session

from rootctl.aws import UNKNOWN_CREDENTIALS
from rootctl.errors import Exit, Hindered, WrongUsage, say
from rootctl.printed_commands import complete
from rootwarden.aws.service_control_policies import MalformedPolicy
from rootwarden.events import MalformedEvent
from rootwarden.inert_text import one_line
from rootwarden.policies.service_control_policies import advice
from rootwarden.refusals import CallRefused

# Our own code for an answer that is a web page.
NOT_FROM_AWS = "AnswerNotFromAws"
_OTHERWISE = "Run it again; if it stays so, the words above are AWS's own and say what to look into."
_SIGN_IN = "Sign in again (aws sso login, aws login, or new keys), or name another profile with --profile."
# AWS does not know credentials in a Region that their account has not enabled, and answers the same.
_SIGN_IN_OR_REGION = (
    f"{_SIGN_IN[:-1]}; or your account has not enabled that Region: name another with --region."
)
_NETWORK = "Check the network, the proxy settings and --region, then run it again."
_WAIT = "AWS asks for patience: run it again in a minute."
_PROXY = (
    "Something between you and AWS answered, such as a proxy: check it and the network, then run it again."
)
_OTHER_ACCOUNT = (
    "Use credentials of the management account or of a delegated administrator,"
    " with organizations:Describe* and organizations:List* allowed."
)
_NEXT_STEPS = {
    "NoCredentialsError": "Sign in (aws sso login, aws login or aws configure),"
    " or name a profile with --profile.",
    "ProfileNotFound": "See the profiles there are: aws configure list-profiles.",
    "NoRegionError": "Add the hub's Region, such as --region us-east-1, or set AWS_REGION.",
    "InvalidRegionError": "Name a Region with --region, such as us-east-1.",
    "NoSuchRegion": "Correct it, or where AWS has it newly: python -m pip install --upgrade boto3",
    "ResourceNotFoundException": "It is gone since the stack was looked at: run rootctl doctor.",
    **dict.fromkeys((NOT_FROM_AWS, "500", "502", "503", "504"), _PROXY),
    **dict.fromkeys(UNKNOWN_CREDENTIALS, _SIGN_IN_OR_REGION),
    "AWSOrganizationsNotInUseException": "Use credentials of an account in the organization.",
    **dict.fromkeys(
        (
            "PartialCredentialsError",
            "CredentialRetrievalError",
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidSignatureException",
            "LoginAuthorizationCodeError",
            "LoginError",
            "LoginRefreshRequired",
            "LoginTokenLoadError",
            "RequestExpired",
            "SignatureDoesNotMatch",
            "SSOTokenLoadError",
            "TokenRetrievalError",
            "UnauthorizedSSOTokenError",
        ),
        _SIGN_IN,
    ),
    **dict.fromkeys(
        (
            "RequestLimitExceeded",
            "ServiceException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        ),
        _WAIT,
    ),
    **dict.fromkeys(
        (
            "ConnectionClosedError",
            "ConnectTimeoutError",
            "EndpointConnectionError",
            "ProxyConnectionError",
            "ReadTimeoutError",
            "SSLError",
        ),
        _NETWORK,
    ),
}
# These hold whichever call it was: expired credentials, the network, a proxy.
STEPS_FOR_EVERY_CALL = frozenset(_NEXT_STEPS.values())
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+):(\w+)", re.ASCII)
_ORGANIZATIONS = "organizations"
_ASKING = "Invoke"
_PERMISSIONS = {
    "AssumeRoot": "Root sessions are opened from the management account or IAM's delegated administrator,"
    " with sts:AssumeRoot allowed: use such credentials, or --via-hub; rootctl doctor says what is missing.",
    "DescribeStacks": "Use credentials of the hub account, with cloudformation:DescribeStacks allowed;"
    " with --direct, audit, harden, unlock and restore look for no hub.",
    _ASKING: "Use credentials of the hub account, with lambda:InvokeFunction allowed on this function.",
    "StartAutomationExecution": "Use credentials of the hub account, with ssm:StartAutomationExecution"
    " allowed on this document.",
}


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Let a command's known failures end in one line and their exit code."""
    try:
        yield
    except CallRefused as refused:
        _end(Exit.FAILED, _refusal(refused))
    except WrongUsage as error:
        _end(Exit.USAGE, str(error))
    except Hindered as error:
        _end(Exit.FAILED, str(error))
    except ResponseParserError:
        _end(Exit.FAILED, f"the answer is not AWS's. {_PROXY}")
    except MalformedEvent as error:
        _end(Exit.FAILED, f"{error}. This rootctl cannot read that: is it of the hub's version?")
    except MalformedPolicy as error:
        _end(Exit.FAILED, f"{error}. Nothing was judged: correct that policy first.")
    except KeyboardInterrupt as interruption:
        _end(Exit.INTERRUPTED, f"interrupted. {interruption}")


def _end(code: Exit, text: str) -> None:
    say(complete(text))
    raise typer.Exit(code)


def _refusal(refused: CallRefused) -> str:
    operation = refused_operation(refused)
    call = f"{operation}: " if operation else ""
    # AWS ends some of its messages with a full stop, and others not.
    said = one_line(str(refused)).rstrip(". ")
    return f"{call}{said}. {next_step(refused.code, operation, refused.message)}"


def next_step(code: str, operation: str | None, message: str = "") -> str:
    """Say what to do next; operation: the call that was refused, None when AWS was not reached."""
    by_policy = advice(message)
    if by_policy:
        return by_policy
    if code in DENIED:
        return _PERMISSIONS.get(operation or "") or _allowing(operation, message)
    return _NEXT_STEPS.get(code, _OTHERWISE)


def _allowing(operation: str | None, message: str) -> str:
    action = _ACTION.search(message)
    if action and action[1] != _ORGANIZATIONS:
        return allow(operation, message)
    # Organizations itself names no action.
    if action or operation in get_session().get_service_model(_ORGANIZATIONS).operation_names:
        return _OTHER_ACCOUNT
    return allow(operation, message)


def allow(operation: str | None, message: str) -> str:
    """Say that a denied call must be allowed: by the action AWS names, or by its operation."""
    action = _ACTION.search(message)
    what = f"{action[1]}:{action[2]}" if action else operation or "the call"
    return f"Allow {what} to your credentials, or use others (--profile)."


def refused_operation(refused: CallRefused) -> str | None:
    """Return the call AWS refused; None when AWS was not reached."""
    cause = refused.__cause__
    return cause.operation_name if isinstance(cause, ClientError) else None


def may_not_ask(refused: CallRefused) -> bool:
    """Say whether the caller may not ask the hub's function at all, whichever accounts it is about."""
    return refused.code in DENIED and refused_operation(refused) == _ASKING
