"""How long rootctl takes to start, against the AWS CLI: `python -m benchmarks.rootctl_start [AWS]`.

AWS is the program to compare with, else `aws` on the PATH. They are started in turns, so that whatever else
the machine does meets both, and the median counts.
"""

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

_TIMES = 15
_ROOTCTL = str(Path(sys.executable).with_name("rootctl"))
_MOST = 1.5


def main() -> None:
    """Print what was measured; exit 1 where rootctl takes longer than it may, or nothing can be compared."""
    aws = sys.argv[1] if len(sys.argv) > 1 else shutil.which("aws")
    if not aws:
        sys.exit("There is no AWS CLI to compare with: install one, such as pip install awscli, and name it.")
    commands = {
        "aws --version": [aws, "--version"],
        "rootctl --version": [_ROOTCTL, "--version"],
        "rootctl -h": [_ROOTCTL, "-h"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(_TIMES):
        for name, command in commands.items():
            seconds[name].append(_seconds(command))
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    for name, median in medians.items():
        ratio = median / medians["aws --version"]
        sys.stdout.write(f"{name:18} {median:.2f} s, {ratio:.2f} times aws --version\n")
    sys.stdout.write(f"{_version(aws)}; the median of {_TIMES} starts each\n")
    sys.exit(medians["rootctl --version"] > _MOST * medians["aws --version"])


def _seconds(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - the two that are compared
    return time.perf_counter() - begun


def _version(aws: str) -> str:
    shown = subprocess.run([aws, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - as above
    return shown.stdout.strip()


if __name__ == "__main__":
    main()
