"""Promises of the readers, with the shipped weights; the texts were written for these tests."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from index.models import UserError
from index.passages.embedder import load_embedder
from qa.reading.loading import load_reader
from qa.reading.network import read_weights, save_weights
from qa.reading.protocol import Reader, ReadPassage
from qa.reading.span_reader import SentenceReader, SpanReader

LIGHTHOUSE = ReadPassage(
    "The lighthouse at Grey Point",
    "History",
    "The lighthouse at Grey Point was built in 1874 by the engineer Ada Merrow. It stands 41 metres tall and is "
    "painted in red and white bands. Its lamp burned whale oil until 1912, when electricity reached the village.",
)
BREAD = ReadPassage(
    "Sourdough",
    "",
    "A sourdough starter is a mixture of flour and water in which wild yeast grows. Feed it once a day and keep it at "
    "room temperature. A loaf bakes for about forty minutes in a hot oven.",
)
PASSAGES = [BREAD, LIGHTHOUSE]
STRANGE = [
    "",
    " ",
    "?",
    "\U0001f600" * 50,
    "\u200b\u200d\ufe0f",
    "\ud83d",
    "\x00\x01",
    "w" * 10_000,
    "who built it? " * 1_000,
    "a" * 20_000,
    "谁建造了灯塔",
    "[CLS] [SEP] [PAD] [MASK]",
]


@pytest.fixture(scope="module")
def reader() -> SpanReader:
    return SpanReader()


def quoted(reader: Reader, question: str, passages: list[ReadPassage]) -> str:
    """Return the text of the best reading."""
    best = reader.read(question, passages)[0]
    return passages[best.passage].text[best.start : best.end]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who built the lighthouse at Grey Point?", "Ada Merrow"),
        ("when was the lighthouse built", "1874"),
        ("How tall is the lighthouse?", "41 metres"),
        ("lighthouse lamp fuel before electricity", "whale oil"),
        ("How long does a loaf bake?", "forty minutes"),
    ],
)
def test_answering_words_are_found(reader: SpanReader, question: str, answer: str) -> None:
    """The best reading of all passages contains the words that answer."""
    assert answer in quoted(reader, question, PASSAGES)


def test_scores_are_as_fine_as_the_readings_are_many(reader: SpanReader) -> None:
    """No two readings have the same score, as they would if scores were rounded to half precision."""
    readings = reader.read("How tall is the lighthouse?", PASSAGES)

    assert len({reading.score for reading in readings}) == len(readings)


def test_another_topic_scores_lower(reader: SpanReader) -> None:
    """A passage that answers scores above "no answer", one on another topic below it."""
    scores = {r.passage: r.score for r in reversed(reader.read("Who built the lighthouse?", PASSAGES))}

    assert scores[1] > 0 > scores[0]


def test_missing_fact_scores_lower(reader: SpanReader) -> None:
    """A question on the right topic that the passage does not answer scores below one that it answers."""
    answered = reader.read("How tall is the lighthouse?", [LIGHTHOUSE])[0].score
    missing = reader.read("How many people visit the lighthouse in a year?", [LIGHTHOUSE])[0].score

    assert missing < answered


@pytest.mark.parametrize(("title", "heading"), [("The library", ""), ("Town", "The library")])
def test_title_and_heading_are_read(reader: SpanReader, title: str, heading: str) -> None:
    """A passage that says "it" scores higher with a title or heading that says what "it" is."""
    text = "It is open from nine to five."
    question = "When is the library open?"
    named = reader.read(question, [ReadPassage(title, heading, text)])[0]
    unnamed = reader.read(question, [ReadPassage("", "", text)])[0]

    assert named.score > unnamed.score + 1


def test_the_deepest_heading_is_read_below_many_others(reader: SpanReader) -> None:
    """A long title and outer headings are left out before the heading directly above the passage."""
    text = "It is open from nine to five."
    question = "When is the library open?"
    outer = " > ".join(
        f"The {number}th part of the long description of the town and its buildings" for number in range(9)
    )
    title = "A description of the town and of everything in it that a visitor may want to see " * 3
    named = reader.read(question, [ReadPassage(title, f"{outer} > The library", text)])[0]
    other = reader.read(question, [ReadPassage(title, f"{outer} > The bakery", text)])[0]

    assert named.score > other.score + 0.5


def test_the_head_of_a_table_is_read(reader: SpanReader) -> None:
    """A row is understood by the introduction of its passage: here, the names of the columns."""
    row = "| Taxes | Per Moe | 14 |"
    head = ReadPassage("Town hall", "", row, "These are the desks.\n| Desk | Head of the desk | Room number |")
    question = "What is the room number of the taxes desk?"

    assert "14" in quoted(reader, question, [head])
    assert reader.read(question, [head])[0].score > reader.read(question, [ReadPassage("Town hall", "", row)])[0].score


def test_spans_slice_exactly_after_emoji(reader: SpanReader) -> None:
    """Offsets are code points of the passage's text, whatever precedes the answer."""
    passage = ReadPassage("", "", "\U0001f469\u200d\U0001f680 \ud83d e\u0301 \U0001f600\U0001f600 " + LIGHTHOUSE.text)

    assert "Ada Merrow" in quoted(reader, "Who built the lighthouse?", [passage])


def test_readings_are_sound(reader: SpanReader) -> None:
    """Readings are best first, inside their passage, not empty, and those of a passage do not overlap."""
    readings = reader.read("Who built the lighthouse?", PASSAGES)

    assert [r.score for r in readings] == sorted((r.score for r in readings), reverse=True)
    assert {r.passage for r in readings} == {0, 1}
    for one in readings:
        assert 0 <= one.start < one.end <= len(PASSAGES[one.passage].text)
        for other in readings:
            apart = one.passage != other.passage or one.end <= other.start or other.end <= one.start
            assert apart or one is other


def test_whole_words_only(reader: SpanReader) -> None:
    """A reading never begins or ends inside a word."""
    for reading in reader.read("What stands at the point?", PASSAGES):
        text = PASSAGES[reading.passage].text
        assert not (text[reading.start - 1 : reading.start].isalnum() and text[reading.start].isalnum())
        assert not (text[reading.end - 1].isalnum() and text[reading.end : reading.end + 1].isalnum())


@pytest.mark.parametrize("question", STRANGE)
def test_any_question_is_read(reader: SpanReader, question: str) -> None:
    """Any string is read without an error, and every passage with text gets a reading."""
    assert {r.passage for r in reader.read(question, PASSAGES)} == {0, 1}


@pytest.mark.parametrize("text", [*STRANGE, "\n", "…", "\U0001f600"])
def test_any_passage_is_read(reader: SpanReader, text: str) -> None:
    """Any passage is read without an error; one with text gets a reading inside it."""
    readings = reader.read("Who built it?", [ReadPassage(text, text, text)])

    assert bool(readings) == bool(text.strip())
    assert all(0 <= r.start < r.end <= len(text) for r in readings)


def test_nothing_to_read(reader: SpanReader) -> None:
    """No passages give no readings."""
    assert reader.read("Who?", []) == []


def test_long_passage_is_read_to_its_end(reader: SpanReader) -> None:
    """No part of a long passage is dropped: an answer after a thousand words is found."""
    passage = ReadPassage("Grey Point", "", (BREAD.text + " ") * 30 + LIGHTHOUSE.text)

    assert "Ada Merrow" in quoted(reader, "Who built the lighthouse at Grey Point?", [passage])


def test_company_does_not_change_a_reading(reader: SpanReader) -> None:
    """A passage's score hardly depends on the passages read with it, and not at all on the run."""
    alone = reader.read("Who built the lighthouse?", [LIGHTHOUSE])[0]
    together = reader.read("Who built the lighthouse?", PASSAGES)[0]

    assert (alone.start, alone.end) == (together.start, together.end)
    assert alone.score == pytest.approx(together.score, abs=0.3)
    assert reader.read("Who built the lighthouse?", PASSAGES)[0] == together


def test_sentence_reader_takes_whole_sentences() -> None:
    """The sentence reader returns the sentence most similar to the question first."""
    reader = load_reader("none", load_embedder())

    best = reader.read("How tall is the lighthouse?", PASSAGES)[0]

    assert best.passage == 1
    assert LIGHTHOUSE.text[best.start : best.end] == "It stands 41 metres tall and is painted in red and white bands."
    assert not best.exact


class _Still:
    """An embedder whose every vector is the same."""

    def passages(self, texts: list[str]) -> np.ndarray:
        return np.ones((len(texts), 1), np.float32)

    def query(self, _text: str) -> np.ndarray:
        return np.ones(1, np.float32)


def test_sentence_reader_counts_shared_words() -> None:
    """With equal vectors, the sentence that contains the question's words comes first."""
    best = SentenceReader(_Still()).read("WHALE oil?", PASSAGES)[0]  # type: ignore[arg-type]

    assert "whale oil" in LIGHTHOUSE.text[best.start : best.end]
    assert best.passage == 1


def test_wrong_name_is_said_clearly() -> None:
    """A model that does not exist raises an error that names the setting."""
    with pytest.raises(UserError, match="READER_MODEL"):
        load_reader("no/such-model-anywhere", _Still())  # type: ignore[arg-type]


def test_folder_that_training_left_is_a_reader(reader: SpanReader, tmp_path: Path) -> None:
    """READER_MODEL may be a folder with weights: a copy of the shipped weights is the same reader."""
    weights, metadata = read_weights(Path(str(files("qa.reading") / "weights" / "reader.safetensors")))
    save_weights(weights, tmp_path / "reader.safetensors", metadata)
    again = load_reader(str(tmp_path), _Still())  # type: ignore[arg-type]

    assert again.identity == reader.identity
    assert again.read("How tall is the lighthouse?", PASSAGES) == reader.read("How tall is the lighthouse?", PASSAGES)


def test_missing_weights_are_said_clearly(tmp_path: Path) -> None:
    """A folder without weights raises an error that names the file."""
    with pytest.raises(UserError, match=r"reader\.safetensors"):
        SpanReader(tmp_path)
