"""The embedded AWS from the command line: `python -m local --help`."""

import os
import sys
from collections.abc import Sequence

from embedded_aws.cloudformation.deployment import DeploymentError
from embedded_aws.events.delivery import MalformedEventError
from embedded_aws.sqs.queues import NotIdleError
from local.commands.command_line import command_line
from local.commands.event_files import EventFileError
from local.commands.serving import ServerError
from local.organization import OrganizationFileError, load_organization
from local.synthesis import SynthesisError

_UNUSABLE = (EventFileError, MalformedEventError, OrganizationFileError, ServerError, SynthesisError)
_INTERRUPTED = 130  # as shells have it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parsed = command_line().parse_args(arguments)
    try:
        code: int = parsed.run(parsed, load_organization(parsed.organization))
        sys.stdout.flush()
    except _UNUSABLE as error:
        _complain(error)
        return 2
    except (DeploymentError, NotIdleError) as error:
        _complain(error)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough; nothing must be flushed into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _complain(error: Exception) -> None:
    lines = str(error).splitlines()
    # One mistake fits on the line that announces it; a list of them is easier to read as a list.
    text = " ".join(line.strip() for line in lines) if len(lines) == 2 else "\n".join(lines)  # noqa: PLR2004
    sys.stderr.write(f"python -m local: {text}\n")


if __name__ == "__main__":
    sys.exit(main())
