"""What AWS refuses, in the domain's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from rootwarden.aws.function import logger
from rootwarden.hardening.removal import CallRefused

_SERVER_ERROR = 500


def error_code(error: ClientError) -> str:
    """Return AWS's own code for an error."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


@contextmanager
def refusals() -> Iterator[None]:
    """Turn botocore's errors into CallRefused, with AWS's code and message or the kind of network failure.

    Each is logged, whatever its caller makes of it.
    """
    try:
        yield
    except ClientError as error:
        message = str(error.response.get("Error", {}).get("Message", ""))
        logger.warning("AWS refused a call", operation=error.operation_name, why=str(error))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        raise CallRefused(error_code(error), message, may_pass=status >= _SERVER_ERROR) from error
    except BotoCoreError as error:
        logger.warning("AWS could not be asked", why=str(error))
        may_pass = isinstance(error, HTTPClientError)
        raise CallRefused(type(error).__name__, str(error), may_pass=may_pass) from error
