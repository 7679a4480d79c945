import re
from datetime import timedelta

import pytest

from rootctl.output import ago
from tests.docs.page import PROJECT


@pytest.mark.parametrize(
    ("age", "said"),
    [
        ({"seconds": -3}, "less than a minute"),
        ({"seconds": 59}, "less than a minute"),
        ({"minutes": 59}, "59 min"),
        ({"minutes": 61}, "1 h"),
        ({"hours": 4, "minutes": 59}, "5 h"),
        ({"hours": 2, "minutes": 33}, "2 h 35 min"),
        ({"days": 3, "hours": 23, "minutes": 59}, "4 d"),
        ({"days": 9, "hours": 5, "minutes": 29}, "9 d 5 h"),
    ],
)
def test_ages_are_shown_as_exactly_as_people_need(age: dict[str, int], said: str) -> None:
    assert ago(timedelta(**age)) == said


def test_titles_of_columns_are_words_not_names_of_classes() -> None:
    files = sorted((PROJECT / "rootctl").rglob("*.py"))
    titles = [
        title for file in files for title in re.findall(r'"(\w+)": lambda', file.read_text(encoding="utf-8"))
    ]
    assert titles
    assert [title for title in titles if re.match("[A-Z][a-z]+[A-Z]", title)] == []


def test_nothing_a_shell_would_refuse_stands_behind_a_command() -> None:
    texts = "\n".join(file.read_text(encoding="utf-8") for file in (PROJECT / "rootctl/checks").glob("*.py"))

    assert "rootctl redrive" in texts
    assert re.findall(r"rootctl [a-z -]+ \(.*", texts) == []


def test_one_function_prints_so_that_commands_in_lines_can_be_copied() -> None:
    printing = {
        file.name
        for file in (PROJECT / "rootctl").rglob("*.py")
        if re.search(r"\.print\(|no_wrap=|soft_wrap=", file.read_text(encoding="utf-8"))
    }

    assert printing == {"output.py"}
