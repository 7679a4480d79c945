"""Zip files of the same bytes each time: sorted, with one time and one set of permissions for everything."""

import hashlib
import zipfile
from pathlib import Path

# The first that a zip file can say.
_TIME = (1980, 1, 1, 0, 0, 0)
_READABLE_FILE = 0o100644
_UNIX = 3


def archive(directory: Path, target: Path) -> None:
    """Write the files of a directory into a zip file."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for path in sorted(path for path in directory.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(directory).as_posix(), _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = _UNIX
            entry.external_attr = _READABLE_FILE << 16
            zipped.writestr(entry, path.read_bytes())


def digest(path: Path) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
