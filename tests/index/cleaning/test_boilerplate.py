"""Cleaning deletes whole lines of boilerplate, and nothing of the article."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.cleaning.boilerplate import clean

ARTICLES = Path(__file__).parents[3] / "articles"
PROSE = "The harbour was quiet that evening, and only a few boats were still out at sea."


def page(*lines: str) -> str:
    """Return an article of several paragraphs with these lines between blank ones in its middle."""
    return "\n\n".join([PROSE, "It stayed like that until dawn.", *lines, "Nobody minded the silence.", PROSE]) + "\n"


CLUTTER = [
    "Home » News » World » A Quiet Evening at the Harbour",
    "Home > News > A Quiet Evening",
    "You are here: Home / News / Harbour",
    "Also read: The Boat That Never Came Back",
    "Read also: Why Do Gulls Follow Ships?",
    "Baca juga: Pelabuhan yang Sepi di Malam Hari",
    "**Also read:** [The Boat That Never Came Back](https://example.org/boat)",
    "See also: The Boat That Never Came Back",
    "Don't miss: Ten Harbours You Should See",
    "Related: Storm Warning for the Whole Coast",
    "Share on Facebook | Tweet | WhatsApp | Copy link",
    "Share this article",
    "Leave a Comment\n\nThis site uses Akismet to reduce spam. Learn how your comment data is processed.",
    "## Leave a Reply\n\nYour email address will not be published. Required fields are marked *\n\nName *\n\nSend",
    "We use cookies to give you the best experience. By continuing you agree to our cookie policy.",
    "Accept all | Reject all | Cookie settings",
    "Subscribe to our newsletter",
    "Get the latest stories delivered to your inbox.",
    "Advertisement",
    "ADVERTISEMENT - CONTINUE READING BELOW",
    "Skip to content",
    "← Previous post",
    "Next post: A Loud Morning →",
    "Home | About us | Contact | Login",
    "Tags: harbour, evening, boats",
    "© 2024 Harbour News. All rights reserved.",
    "– .",
    "* * *",
    "---",
    "Related posts\n- A Loud Morning\n- The Oldest Pier",
    "Share\nFacebook\nTwitter\nEmail\n1.2K shares",
]

ARTICLE = [
    "Leave a comment in the box when you want a moderator to see it.",
    "We use cookies as bait for the mice, and they seem to like them.",
    "Share the boat with your neighbour.",
    "See also section 4.",
    "See also: Boats.",
    "Related: a boat is a vessel.",
    "Advertisement is forbidden on the pier.",
    "« Bonsoir », dit le gardien.",
    "Subscribe to the channel by pressing the bell.",
    "Home is where the heart is.",
    "Open Settings > Privacy > Storage",
    "- Facebook",
    "- Twitter",
    "Name: Aurora",
    "Comment: the mast is broken.",
    "Next week the boats go out again.",
    "❤️",
    "5 € / 3 $",
    "| Share | Tweet |\n|-------|-------|\n| 1 | 2 |",
    "```\nAlso read: the manual\n---\nShare\n```",
    "Menu\n====\n\nThe kitchen serves soup.",
    "## Newsletter\n\nIt comes out every month.",
    "## Leave a comment\n\nPress the pencil below a post, write, and press Enter.",
    "## Share\n\nThe share of each owner is written down here.",
    "The captain said that nobody could ever find the harbour without\nAdvertisement\nand a good map.",
]


@pytest.mark.parametrize("lines", CLUTTER)
def test_clutter_is_deleted(lines: str) -> None:
    """Boilerplate is deleted from any place on the page."""
    markdown = lines.startswith("#")
    assert clean(page(lines), markdown).text.split() == page().split()


@pytest.mark.parametrize("lines", ARTICLE)
@pytest.mark.parametrize("markdown", [False, True])
def test_articles_are_kept(lines: str, markdown: bool) -> None:
    """Text that an article may contain is kept, even if it resembles boilerplate."""
    assert clean(page(lines), markdown).text == page(lines)


def test_an_article_about_cookies_keeps_its_notices() -> None:
    """A page whose subject is cookies may quote a cookie notice."""
    text = (
        "What Cookies Are\n\nA cookie is a small file that a site stores.\n\n"
        "We use cookies to give you the best experience. By continuing you agree to our cookie policy.\n\n"
        "So read many notices, and most people accept such cookies at once.\n"
    )
    assert clean(text).text == text


def test_the_title_is_said_once() -> None:
    """A title that the page repeats near the top is kept once."""
    text = "The Oldest Pier\n\nThe oldest pier\n\n" + PROSE + "\n"
    assert clean(text).text == "The Oldest Pier\n\n\n" + PROSE + "\n"


def test_cuts_lie_where_lines_were_deleted() -> None:
    """Each deletion leaves a cut in the kept text, at the start of a line."""
    cleaned = clean("One sentence.\nAlso read: Another Story of Boats\nTwo sentences.\n")
    assert cleaned.text == "One sentence.\nTwo sentences.\n"
    assert cleaned.cuts == (14,)
    assert cleaned.deleted == ("Also read: Another Story of Boats",)


def test_the_samples_clutter_is_deleted() -> None:
    """The sample article keeps its text and loses the page around it."""
    cleaned = clean((ARTICLES / "north-korea-twitter-accounts.txt").read_text(encoding="utf-8"))
    for clutter in ("cookie", "Share", "»", "Also read", "Baca", "– .", "Reply", "Akismet", "Name", "Related", "Tags"):
        assert clutter not in cleaned.text
    assert len([line for line in cleaned.text.split("\n") if line]) == 10
    assert cleaned.text.rstrip().endswith("Uriminzokkiri is one of them.")


LINES = st.lists(
    st.one_of(st.sampled_from([*CLUTTER, *ARTICLE, PROSE, ""]), st.text(st.characters(exclude_characters="\r\0"))),
    max_size=12,
)


@given(LINES, st.booleans())
def test_only_whole_lines_are_deleted(parts: list[str], markdown: bool) -> None:
    """The result is the text without the deleted lines, and cuts are line starts in order."""
    text = "\n".join(parts)
    cleaned = clean(text, markdown)
    kept = cleaned.text.split("\n")
    rest = iter(text.split("\n"))
    assert all(any(line == other for other in rest) for line in kept if line)
    assert list(cleaned.cuts) == sorted(set(cleaned.cuts))
    assert all(cut == 0 or cleaned.text[cut - 1] == "\n" for cut in cleaned.cuts)


@given(LINES)
def test_what_is_not_deleted_is_kept(parts: list[str]) -> None:
    """Every line is either kept or reported as deleted."""
    text = "\n".join(parts)
    cleaned = clean(text)
    ours = sorted(line.strip() for line in [*cleaned.text.split("\n"), *cleaned.deleted] if line.strip())
    assert ours == sorted(line.strip() for line in text.split("\n") if line.strip())
