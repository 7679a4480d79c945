"""The oldest boto3 that rootctl works with: the first whose STS client knows AssumeRoot."""

import re

import botocore

OLDEST = "1.35.61"


def too_old() -> str | None:
    """Say in a sentence what to do where the installed botocore is older; None where it is not."""
    found = botocore.__version__
    if _numbers(found) >= _numbers(OLDEST):
        return None
    return (
        f"botocore {found} does not know sts:AssumeRoot: install boto3 {OLDEST} or newer,"
        f" with python -m pip install --upgrade 'boto3>={OLDEST}'."
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"[0-9]+", version)[:3])
