"""Subtitles become running text, and the time of every cue is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import Article, Draft, UserError
from index.parsers.document import to_draft
from index.parsers.subtitles import read_subtitles
from tests.index.sample_files import SRT, VTT


def draft(text: str) -> Draft:
    return to_draft(read_subtitles(text.encode()), key="k", source="s.srt", title="S", cleaned=False)


def second(found: Draft, words: str) -> int | None:
    article = Article(1, "s", "S", found.text, None, found.sections, found.pages, found.times)
    assert article.page(found.text.index(words)) is None
    return article.time(found.text.index(words))


def test_speech_is_joined() -> None:
    """Continued speech is one line; silence and another speaker begin a paragraph."""
    assert draft(SRT).text == (
        "The ferry to Skarholm leaves at seven in the morning.\n\n- Who keeps the light?\n- Mira Holt.\n\n"
        "She has kept it since 1987.\n"
    )


def test_every_cue_has_its_time() -> None:
    """The time of each word is the second at which its cue begins."""
    found = draft(SRT)
    times = {"The ferry": 1, "leaves": 1, "seven": 3, "Mira": 20, "1987": 3723}
    assert {words: second(found, words) for words in times} == times


def test_web_subtitles_are_read() -> None:
    """Notes, styles, classes and repeated lines of WebVTT are left out; speaker, title and language are kept."""
    found = draft(VTT)
    assert found.text == "Mira Holt: The tide & the gulls are counted every day.\n"
    assert (found.title, found.language) == ("Harbour talk", "en")
    assert second(found, "counted") == 3


def test_cues_need_no_blank_line() -> None:
    """A line with times begins a cue, with the number above it."""
    times = "00:00:0{0}.000 --> 00:00:0{0}.900\n".format
    assert draft(f"WEBVTT\n\n{times(1)}Seven.\n{times(2)}Nine.\n3\n{times(3)}Ten.").text == "Seven. Nine. Ten.\n"


def test_speech_without_full_stops_is_parted() -> None:
    """Automatic transcripts without punctuation become short paragraphs."""
    cues = "\n\n".join(
        f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\nand then we went on to the {n}th light" for n in range(50)
    )
    paragraphs = draft(cues).text.strip().split("\n\n")
    assert max(map(len, paragraphs)) < 260
    assert len(paragraphs) > 5


@pytest.mark.parametrize("text", ["", "WEBVTT\n\n", "Only words.\n", "1\n00:00:01,000 --> 00:00:02,000\n\n"])
def test_a_file_without_cues_is_refused(text: str) -> None:
    """A file without cues is refused with its reason."""
    with pytest.raises(UserError, match=r"no text with times"):
        draft(text)


@given(
    cues=st.lists(
        st.tuples(st.integers(0, 4000), st.text("abc é.!-\n", min_size=1, max_size=60)), min_size=1, max_size=12
    )
)
def test_times_stay_with_their_words(cues: list[tuple[int, str]]) -> None:
    """In any file every character is kept and has a time, in order."""
    cues.sort()
    blocks = [
        f"{n}\n{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02},000 --> 02:00:00,000\n{t}\n"
        for n, (s, t) in enumerate(cues)
    ]
    try:
        found = draft("\n".join(blocks))
    except UserError:
        assert not "".join(text for _, text in cues).strip()
        return
    assert len(found.pages) == len(found.times)
    assert list(found.pages) == sorted(found.pages)
    assert set(found.times) <= {s for s, _ in cues}


def test_a_cue_right_below_a_style_is_read() -> None:
    """No blank line is needed before the first time."""
    found = read_subtitles(b"WEBVTT\n\nSTYLE\n::cue { color: red }\n00:01.000 --> 00:03.000\nIn 2012 it opened.\n")
    assert [row.text for row in found.rows if row.text] == ["In 2012 it opened."]
