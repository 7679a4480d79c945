"""Messages stay within what e-mail and Slack take, and no name from outside becomes a link or a mention."""

import json
import re
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from rootwarden.contract.activities import Severity
from rootwarden.messages.compose import compose
from rootwarden.messages.message import Message
from rootwarden.messages.writing import write_amazon_q, write_email, write_slack
from rootwarden.outcomes import AccountReference, Outcome
from tests.unit.given import MEMBER
from tests.unit.outcomes import OUTCOMES, TEXT
from tests.unit.test_messages import on_the_bus

# What Slack reads as a link, a mention of a person or group, or a call to everybody.
MARKUP = re.compile(r"<[^>]*>")
HOSTILE = st.sampled_from(
    [
        "<!channel>",
        "<https://evil.example|AWS console>",
        "<@U012AB3CD>",
        "name\n\nWHAT TO DO NOW\n  1. Send your password",
        "name\r\nBcc: everybody@example.com",
        "a\x00b\x07c\x7f",
        "x" * 5000,
        "&" * 2000,
        "\u202egnp.exe",
        "\N{LATIN SMALL LIGATURE FI}nance \N{SQUARE KCAL}",
    ]
)
NAMES = HOSTILE | TEXT | st.text(st.characters(codec="ascii"), min_size=1, max_size=50)


def message(name: str, headline: str = "root signed in without MFA") -> Message:
    return Message(
        severity=Severity.CRITICAL,
        account=AccountReference(account_id=MEMBER, name=name),
        headline=headline,
        happened=f"Something happened in {name}.",
        done=f"Nothing was done by {name}.",
        facts=(("User agent", name), ("Who", name)),
        next_steps=("Ask.",),
        links=(("The account", "https://console.aws.amazon.com/"),),
    )


@given(
    name=NAMES, headline=st.sampled_from(["root signed in without MFA", f"root called an API: {'X' * 90}"])
)
def test_a_subject_is_one_line_of_100_ascii_characters(name: str, headline: str) -> None:
    subject = write_email(message(name, headline)).subject

    assert len(subject) <= 100
    assert subject.isascii()
    assert subject.isprintable()
    assert subject.startswith("[rootwarden] CRITICAL ")


@given(name=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=50).filter(str.strip))
def test_a_subject_keeps_severity_account_id_and_headline(name: str) -> None:
    subject = write_email(message(name)).subject

    assert f"({MEMBER}): root signed in without MFA" in subject


def test_a_long_name_gives_way_not_a_word_that_looks_like_it() -> None:
    subject = write_email(message("CRITICAL " * 20)).subject

    assert subject.startswith("[rootwarden] CRITICAL CRITICAL CRITICAL ")
    assert subject.endswith(f"... ({MEMBER}): root signed in without MFA")
    assert len(subject) == 100


@given(name=HOSTILE)
def test_a_name_makes_no_line_of_its_own_in_an_email(name: str) -> None:
    body = write_email(message(name)).body

    assert body.count("WHAT TO DO NOW\n") == 1
    assert len(body.splitlines()) == len(write_email(message("payments-prod")).body.splitlines())


@given(outcome=OUTCOMES)
def test_slack_takes_every_message(outcome: Outcome) -> None:
    composed = compose(on_the_bus(outcome))
    assume(composed is not None)
    assert composed is not None

    blocks = json.loads(json.dumps(write_slack(composed)))["blocks"]

    assert 1 < len(blocks) <= 50
    assert blocks[0]["type"] == "header"
    assert 0 < len(blocks[0]["text"]["text"]) <= 150
    for section in blocks[1:]:
        assert 0 < len(section["text"]["text"]) <= 3000
        assert section["text"]["verbatim"] is True


@given(name=NAMES)
def test_no_name_becomes_markup_in_chat(name: str) -> None:
    said = message(name)

    slack = write_slack(said)
    sections = [str(block) for block in slack["blocks"][1:]]  # type: ignore[index]  # a JSON list
    chat = json.loads(write_amazon_q(said))

    link = ["<https://console.aws.amazon.com/|The account>"]
    assert [found for text in sections for found in MARKUP.findall(text)] in (link, [])
    assert MARKUP.findall(str(slack["text"])) == []
    assert MARKUP.findall(chat["content"]["description"]) == link
    assert MARKUP.findall(chat["content"]["title"]) == []


@given(outcome=OUTCOMES)
def test_amazon_q_gets_its_schema_and_nothing_else(outcome: Outcome) -> None:
    composed = compose(on_the_bus(outcome))
    assume(composed is not None)
    assert composed is not None

    document = json.loads(write_amazon_q(composed))

    assert (document["version"], document["source"]) == ("1.0", "custom")
    assert document["content"]["textType"] == "client-markdown"
    assert document["content"]["title"]
    assert document["content"]["description"]
    assert document["metadata"]["threadId"]


@given(name=NAMES)
def test_many_long_facts_make_no_longer_message_and_take_no_link_away(name: str) -> None:
    facts = tuple((f"Fact {number}", name * 40) for number in range(30))
    said = replace(message(name * 40), facts=facts)

    description = json.loads(write_amazon_q(said))["content"]["description"]

    assert len(description) <= 8000
    assert description.endswith("\n\n<https://console.aws.amazon.com/|The account>")


@given(outcome=OUTCOMES)
def test_every_message_says_what_to_do_now(outcome: Outcome) -> None:
    composed = compose(on_the_bus(outcome))
    assume(composed is not None)
    assert composed is not None

    assert composed.next_steps
    assert all(composed.next_steps)
    assert write_email(replace(composed, links=())).body.endswith("\n")
