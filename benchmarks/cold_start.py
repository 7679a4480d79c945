"""How long harden_account takes to initialise, beside the least it could: boto3 and one STS client.

Every run is a fresh Python process, as a Lambda cold start is; the two take turns, so that a busy
machine disturbs both alike. Prints medians and their ratio; the aim is 1.2 or less.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path

_RUNS = 15
_PROJECT = Path(__file__).parent.parent
_TIMED = "import time; start = time.perf_counter()\n{}\nprint(time.perf_counter() - start)"
_BASELINE = "import boto3; boto3.client('sts')"
_HANDLER = "import lambdas.harden_account"


def _milliseconds(code: str) -> float:
    environment = {**os.environ, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    command = [sys.executable, "-c", _TIMED.format(code)]
    run = subprocess.run(  # noqa: S603 - our own interpreter and code
        command, cwd=_PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    return float(run.stdout) * 1000


def main() -> None:
    """Measure and print."""
    pairs = [(_milliseconds(_BASELINE), _milliseconds(_HANDLER)) for _ in range(_RUNS)]
    baseline, handler = (statistics.median(times) for times in zip(*pairs, strict=True))
    sys.stdout.write(
        f"boto3 and one STS client:    {baseline:6.0f} ms (median of {_RUNS})\n"
        f"harden_account, initialised: {handler:6.0f} ms (median of {_RUNS})\n"
        f"ratio:                       {handler / baseline:6.2f}    (aim: 1.2 or less)\n"
    )


if __name__ == "__main__":
    main()
