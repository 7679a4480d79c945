"""`python -m stacks.layer`, or `rootwarden.cdk.layer` when installed: builds the functions' layer.

Programs name the Python they were installed with, and RECORD their hashes; the functions need neither.
Without them the layer is the same bytes on every machine, and a deployment from another one changes nothing.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).parent
# In the wheel the functions' code lies beside this file.
INSTALLED = (_HERE / "lambdas").is_dir()
LAMBDAS = _HERE / "lambdas" if INSTALLED else _HERE.parent / "lambdas"
LAYER = Path.cwd() / "build" / "layer" if INSTALLED else _HERE.parent / "build" / "layer"
# As stacks/constructs/python_function.py has it.
_PYTHON, _PLATFORM = "3.14", "manylinux2014_aarch64"


def build(directory: Path) -> None:
    """Install what the lock file pins, for the functions' machine, into a directory that is made anew."""
    shutil.rmtree(directory, ignore_errors=True)
    packages = directory / "python"
    words = f"--quiet --require-hashes --only-binary=:all: --implementation cp --platform {_PLATFORM}"
    subprocess.run(  # noqa: S603 - pip with this file's words
        [
            *(sys.executable, "-m", "pip", "install", *words.split(), "--python-version", _PYTHON),
            *("--target", str(packages), "--requirement", str(LAMBDAS / "requirements.txt")),
        ],
        check=True,
    )
    shutil.rmtree(packages / "bin", ignore_errors=True)
    for path in [*packages.rglob("__pycache__"), *packages.rglob("RECORD")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def main() -> None:
    """Build it where the stacks look for it, or elsewhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, nargs="?", default=LAYER)
    directory = parser.parse_args().directory
    try:
        build(directory)
    except subprocess.CalledProcessError as error:
        sys.exit(f"The layer could not be built: pip ended with {error.returncode}, and said why above.")
    sys.stdout.write(f"Built the functions' layer in {directory}\n")


if __name__ == "__main__":
    main()
