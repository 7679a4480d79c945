"""The count of files a flow opens: what runs in it counts; what is only imported, or only data, does not."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.files_opened import FilesOpened, import_lines

MODULES = {
    "entry": "import opened_helper, opened_data\ndef handler():\n    return opened_helper.help()\n"
    "def other():\n    return opened_helper.unrelated()\n",
    "helper": "import threading\ndef help():\n    import opened_late, opened_in_thread\n"
    "    thread = threading.Thread(target=opened_in_thread.work)\n    thread.start()\n    thread.join()\n"
    "def unrelated():\n    import opened_unrelated\n    return opened_unrelated.work()\n",
    "data": "def table():\n    return [1, 2]\nTABLE = table()\n",
    "late": "def made():\n    return 1\nclass Kind:\n    number = made()\n",
    "in_thread": "def work():\n    return 1\n",
    "unrelated": "def work():\n    return 1\n",
}


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    for name, source in MODULES.items():
        (tmp_path / f"opened_{name}.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("opened_entry")
    for name in MODULES:
        sys.modules.pop(f"opened_{name}", None)


def test_everything_that_runs_counts_also_in_threads_but_not_at_import(
    entry: ModuleType, tmp_path: Path
) -> None:
    opened = FilesOpened(tmp_path)

    with opened.watching():
        entry.handler()
    entry.other()

    assert names(opened) == {"entry", "helper", "in_thread"}


def test_only_what_runs_inside_the_function_that_is_followed_counts(
    entry: ModuleType, tmp_path: Path
) -> None:
    opened = FilesOpened(tmp_path)

    with opened.watching_function(tmp_path / "opened_entry.py", "handler"):
        entry.other()
        entry.handler()
        entry.other()

    assert names(opened) == {"entry", "helper", "in_thread"}


def test_files_elsewhere_do_not_count(entry: ModuleType, tmp_path: Path) -> None:
    opened = FilesOpened(tmp_path / "elsewhere")

    with opened.watching():
        entry.handler()

    assert opened.files == set()


def test_import_lines_are_counted_wherever_and_however_long_they_are() -> None:
    source = "import a\nfrom b import (\n    c,\n    d,\n)\n\ndef e():\n    import f\n"

    assert import_lines(source) == 6


def names(opened: FilesOpened) -> set[str]:
    return {Path(file).stem.removeprefix("opened_") for file in opened.files}
