"""What strangers wrote is inert wherever people read it: visible, short, and nothing but text."""

import csv
import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import typer
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.console import Console

from rootctl.errors import Hindered
from rootctl.failures import errors_in_one_line
from rootctl.output import printable
from rootwarden.aws.clients import logger
from rootwarden.inert_text import inert, is_visible, lines, one_line
from rootwarden.messages.compose import AlertTest, compose
from rootwarden.messages.message import account_link, cloudtrail_event, s3_object
from rootwarden.messages.writing import escaped, write_amazon_q, write_email, write_slack
from rootwarden.outcomes import AccountReference, Outcome
from rootwarden.report.csv_document import write_csv
from rootwarden.report.html_page import write_html
from tests.unit.fakes import NOON
from tests.unit.outcomes import OUTCOMES
from tests.unit.report_given import Given, row
from tests.unit.test_messages import on_the_bus

UNSEEN = [
    *("\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9b"),
    *("\u202a", "\u202e", "\u2066", "\u2069", "\u200e", "\u061c"),
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u3164", "\ufe0f"),
    *("\u2028", "\u2029", "\U000e0041", "\U000e0101", "\ue000"),
]
STRANGE = st.lists(st.sampled_from(UNSEEN) | st.text(max_size=5), min_size=1, max_size=30).map("".join)


def unseen(text: str, *, but: str = "\n") -> list[str]:
    return [character for character in text if character not in but and not is_visible(character)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("payments-prod", "payments-prod"),
        ("Zürich 東京 ✓ 🚀", "Zürich 東京 ✓ 🚀"),
        ("name\u202egnp.exe", r"name\u202egnp.exe"),
        ("a\u200bb", r"a\u200bb"),
        ("\x1b[31mred", r"\u001b[31mred"),
        ("two\nlines\tand\rmore", r"two\nlines\tand\rmore"),
        ("\U000e0041", r"\U000e0041"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert inert(text) == shown


@given(text=STRANGE | st.text(), longest=st.integers(1, 60))
def test_an_inert_text_is_visible_and_short_and_stays_as_it_is(text: str, longest: int) -> None:
    shown = inert(text, longest=longest)

    assert not unseen(shown, but="")
    assert len(shown) <= longest
    assert inert(shown, longest=longest) == shown
    assert len(one_line(text, longest=longest)) <= longest
    assert not unseen(lines(text, longest=longest))


def test_a_text_is_cut_at_whole_escapes() -> None:
    assert inert("ab\u202e", longest=7) == "ab…"
    assert inert("ab\u202e", longest=8) == r"ab\u202e"


def texts_in(found: object) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for value in found.values():
            yield from texts_in(value)
    elif isinstance(found, list):
        for value in found:
            yield from texts_in(value)


def strange(found: object, text: str) -> object:
    """Return an outcome's detail with a strange text in all that others may have written."""
    if isinstance(found, dict):
        return {
            name: text
            if name in _WRITTEN_BY_OTHERS and value and isinstance(value, str)
            else strange(value, text)
            for name, value in found.items()
        }
    if isinstance(found, list):
        return [strange(value, text) for value in found]
    return found


_WRITTEN_BY_OTHERS = {
    *("name", "organizationalUnit", "arn", "accessKeyId", "sourceIp", "userAgent", "errorCode", "region"),
    *("severityReason", "reason", "openedBy", "requestedBy", "requestReason", "message", "text", "code"),
    *("identifier", "eventName", "source", "sid", "who", "why", "method", "lastResult", "by"),
}


@given(outcome=OUTCOMES, text=STRANGE | st.just("x" * 20_000) | st.just("\u202e" * 5000))
def test_every_message_is_visible_and_short(outcome: Outcome, text: str) -> None:
    envelope = on_the_bus(outcome)
    detail = replace(envelope.detail, value=strange(outcome.to_detail(), text or "x"))
    announcement = compose(replace(envelope, detail=detail))
    assume(announcement is not None)
    assert announcement is not None

    email = write_email(announcement)
    written = [
        email.subject,
        email.body,
        *texts_in(json.loads(write_amazon_q(announcement))),
        *texts_in(write_slack(announcement)),
        announcement.title,
    ]

    assert not [found for each in written for found in unseen(each)]
    assert max(map(len, email.body.splitlines())) <= 1100
    assert len(announcement.title) <= 500


@pytest.mark.parametrize(
    "text",
    [
        "<!channel>",
        "<https://evil.example|AWS console>",
        "*bold* and _slanted_ and ~struck~",
        "`code` and ```more```",
        "see https://evil.example/x or HTTP://evil.example or mailto:a@evil.example",
        "xhttps://evil.example or 0mailto:a@evil.example or _ftp://evil.example",
        "[click](https://evil.example)",
        "@here @channel @everyone",
        "> quoted",
        ":white_check_mark: ok",
        "(:+1:)",
        "x:white_check_mark: or ::rotating_light:",
    ],
)
def test_chat_sees_no_markup_link_or_mention_in_it(text: str) -> None:
    shown = escaped(text)

    assert not re.search(r"[<>`]|\]\(|(?i:https?|mailto):|@(here|channel|everyone)", shown)
    assert not re.search(r"(?<!\w)([*_~])\S.*\1", shown)
    assert not shown.startswith("&gt;")
    assert not re.search(r":[\w+'-]+:", shown)


def test_an_accounts_name_brings_no_emoji_into_slack() -> None:
    account = AccountReference(account_id=None, name=":white_check_mark: all fine")
    outcome = AlertTest(account=account, requested_by="alice", occurred_at=NOON)
    announcement = compose(on_the_bus(outcome))
    assert announcement is not None

    written = list(texts_in(write_slack(announcement)))

    assert not [text for text in written if ":white_check_mark: all" in text]
    assert [text for text in written if r"\u003awhite_check_mark: all" in text]


def test_no_mail_client_makes_a_link_of_it() -> None:
    name = "see https://evil.example or xHTTP://evil.example, mailto:a@evil.example"
    outcome = AlertTest(
        account=AccountReference(account_id=None, name=name), requested_by=name, occurred_at=NOON
    )
    announcement = compose(on_the_bus(outcome))
    assert announcement is not None

    body = write_email(announcement).body

    assert body.count(r"https\u003a//evil.example") == 4
    assert not re.search(r"(?i:https?|mailto):", body)


@pytest.mark.parametrize(
    "text",
    [
        "role_of_payments",
        "s3:*",
        "arn:aws:s3:::ledger/*",
        "arn:aws:sts::444455556666:assumed-role/Admin/op",
        "arn:aws:iam::aws:policy/root-task/x",
        "2001:db8::1 and ::ffff:192.0.2.1",
        "12:00:05",
        "a - b",
        "2 * 3",
        "~",
    ],
)
def test_what_is_no_markup_stays_readable_in_chat(text: str) -> None:
    assert escaped(text) == text


@pytest.mark.parametrize(
    "region",
    [
        "evil.example/",
        "evil.example#",
        "us-east-1.evil.example",
        "us-east-1@evil.example",
        "",
        "us-east-1\n",
        "US-EAST-1",
        "\u202e",
        "cn-.evil.example",
        "us-gov-@evil",
        "x" * 3000,
    ],
)
def test_a_forged_region_leads_to_no_other_host(region: str) -> None:
    found = (
        cloudtrail_event(region, "../../../evil?x#y"),
        *dict(account_link(region, "../../evil")).values(),
        s3_object(region, "../evil", "key & more"),
    )

    assert all(link.startswith("https://console.aws.amazon.com/") for link in found)
    assert not any(region and region in link for link in found)
    assert not any("../" in link for link in found)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "us-east-1.console.aws.amazon.com"),
        ("ap-southeast-5", "ap-southeast-5.console.aws.amazon.com"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
    ],
)
def test_a_region_leads_to_its_console(region: str, host: str) -> None:
    assert cloudtrail_event(region, "1") == f"https://{host}/cloudtrailv2/home?region={region}#/events/1"


def test_a_link_is_no_longer_than_the_ids_of_aws() -> None:
    links = (
        cloudtrail_event("us-east-1", " " * 5000),
        *dict(account_link("us-east-1", "\u2028" * 5000)).values(),
        s3_object("us-east-1", "\U0001f4a5" * 5000, "key"),
    )

    assert all(len(link) < 1000 for link in links)


@given(text=STRANGE | st.just("x" * 20_000))
def test_the_report_is_visible_and_short(text: str) -> None:
    report = Given().sweep(row(1, name=text), row(2, name=f"={text}"))

    table = write_csv(report)
    cells = [cell for line in csv.reader(io.StringIO(table, newline="")) for cell in line]
    page = write_html(report)

    assert not unseen(table, but="\r\n")
    assert max(map(len, cells)) <= 2001
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert not unseen(page)
    shown = _Page()
    shown.feed(page)
    assert max(len(found) for found in shown.names) <= 600


class _Page(HTMLParser):
    """The texts of the page's table."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def handle_data(self, data: str) -> None:
        if data.startswith('{"finished"'):
            self.names += [found.get("name", "") for found in json.loads(data)["accounts"]]


@given(text=STRANGE | st.just("x" * 20_000))
def test_the_terminal_obeys_nothing(text: str) -> None:
    out = io.StringIO()
    Console(file=out, markup=False, highlight=False, width=100_000).print(printable(text))

    assert not unseen(out.getvalue())
    assert max(map(len, printable(text).split("\n"))) <= 2000


@pytest.mark.parametrize("text", ["\x1b]0;owned\x07", "a\u202eb", "zero\u200bwidth", "x" * 20_000])
def test_an_error_line_of_rootctl_is_one_inert_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise Hindered(f"{text}\nis in the way")

    with pytest.raises(typer.Exit), errors_in_one_line():
        fail()

    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert not unseen(line)
    assert len(line) <= 2100


def test_a_log_line_hides_nothing() -> None:
    lines = io.StringIO()
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(lines)
    try:
        logger.warning("AWS refused a call", why="a\u202eb\x9b31m\u3164Zürich", at=NOON)
    finally:
        handler.setStream(before)

    assert not unseen(lines.getvalue())
    assert json.loads(lines.getvalue())["why"] == "a\u202eb\x9b31m\u3164Zürich"
