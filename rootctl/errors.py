"""What stops a command is said in one line, with the next step."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer
from botocore.exceptions import ClientError

from lambdas.adapters.service_control_policies import MalformedPolicy
from lambdas.domain.removal import CallRefused
from rootctl.exit_codes import Exit

Options = ParamSpec("Options")

_OTHERWISE = "Run it again; if it stays so, the words above are AWS's own and tell what to look into."
_SIGN_IN = "Sign in again (aws sso login, or new keys), or name another profile with --profile."
_NETWORK = "Check the network, the proxy settings and --region, then run it again."
_WAIT = "AWS asks for patience: run it again in a minute."
_OTHER_ACCOUNT = (
    "Use credentials of the management account or of a delegated administrator,"
    " with organizations:Describe* and organizations:List* allowed."
)
_NEXT_STEPS = {
    "NoCredentialsError": "Sign in (aws sso login or aws configure), or name a profile with --profile.",
    "ProfileNotFound": "See the profiles there are: aws configure list-profiles.",
    "NoRegionError": "Name a Region with --region.",
    "InvalidRegionError": "Name a Region with --region, such as us-east-1.",
    "AWSOrganizationsNotInUseException": "Use credentials of an account in the organization.",
    **dict.fromkeys(
        (
            "PartialCredentialsError",
            "CredentialRetrievalError",
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "RequestExpired",
            "SignatureDoesNotMatch",
            "SSOTokenLoadError",
            "TokenRetrievalError",
            "UnauthorizedSSOTokenError",
            "UnrecognizedClientException",
        ),
        _SIGN_IN,
    ),
    **dict.fromkeys(("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"), _OTHER_ACCOUNT),
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


class WrongUsage(Exception):
    """When a command cannot mean what it was given; one sentence says why."""


def told_in_one_line(command: Callable[Options, None]) -> Callable[Options, None]:
    """Let a command's known failures end in one line and their exit code."""

    @wraps(command)
    def told(*args: Options.args, **options: Options.kwargs) -> None:
        try:
            command(*args, **options)
        except CallRefused as refused:
            _end(Exit.FAILED, _refusal(refused))
        except WrongUsage as error:
            _end(Exit.USAGE, str(error))
        except MalformedPolicy as error:
            _end(Exit.FAILED, f"{error}. Nothing was judged: mend that policy first.")

    return told


def _refusal(refused: CallRefused) -> str:
    cause = refused.__cause__
    call = f"{cause.operation_name}: " if isinstance(cause, ClientError) else ""
    # AWS ends some of its messages with a full stop, and others not.
    return f"{call}{str(refused).rstrip('. ')}. {_NEXT_STEPS.get(refused.code, _OTHERWISE)}"


def _end(code: Exit, text: str) -> None:
    typer.echo(f"rootctl: {' '.join(text.split())}", err=True)
    raise typer.Exit(code)
