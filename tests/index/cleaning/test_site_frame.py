"""What repeats on most pages of a site is removed from its articles, and nothing else."""

from __future__ import annotations

from index.cleaning.site_frame import repeated_lines, without_lines
from index.models import Link, Section
from index.text.sections import sections

TOPICS = ("ferries", "harbours", "bridges", "lighthouses", "canals", "tunnels")
FRAME = "Harbour Council\n\n"
FOOT = "\n\nWrite to the council if something on this page is wrong or out of date.\n\nImprint\n"


def page(topic: str) -> str:
    """Return a page of the site."""
    return (
        f"{FRAME}# About {topic}\n\nThe council has counted its {topic} since 1921, and it repairs them every spring."
        f"\n\nOpening hours\n\nThe office for {topic} is open from nine to five.{FOOT}"
    )


def cleaned(text: str, frame: frozenset[str]) -> tuple[str, tuple[Section, ...]]:
    """Return a text without the frame."""
    found = without_lines(text, sections(text, (), markdown=True), (), frame)
    return (found.text, found.sections) if found else (text, sections(text, (), markdown=True))


def test_what_repeats_around_the_articles_is_removed() -> None:
    frame = repeated_lines([page(topic) for topic in TOPICS])
    text, parts = cleaned(page("ferries"), frame)
    assert text.startswith("# About ferries\n")
    assert text.endswith("is open from nine to five.\n")
    assert "Opening hours\n\nThe office" in text  # a label between the article's own lines
    (part,) = parts
    assert text[part.start : part.end].startswith("The council has counted")
    assert text[part.start : part.end].endswith("is open from nine to five.")


def test_links_keep_their_words() -> None:
    text = page("ferries")
    links = [Link(at := text.index(word), at + len(word), word) for word in ("Harbour", "counted", "office for")]
    found = without_lines(
        text, sections(text, (), markdown=True), links, repeated_lines([page(topic) for topic in TOPICS])
    )
    assert found is not None
    assert [(found.text[a:b], address) for a, b, address in found.links or ()] == [
        ("counted", "counted"),
        ("office for", "office for"),
    ]


def test_a_cleaned_page_stays_as_it_is() -> None:
    frame = repeated_lines([page(topic) for topic in TOPICS])
    text, parts = cleaned(page("ferries"), frame)
    assert without_lines(text, parts, (), frame) is None


def test_the_order_of_pages_does_not_matter() -> None:
    texts = [page(topic) for topic in TOPICS]
    assert repeated_lines(texts) == repeated_lines(texts[::-1])


def test_a_repeated_sentence_inside_an_article_is_removed_and_no_section_spans_its_place() -> None:
    notice = "The ferries of the council do not run on public holidays, see the timetable."
    texts = [f"The town of {n} has a harbour.\n\n{notice}\n\nIts {topic} are old." for n, topic in enumerate(TOPICS)]
    text, parts = cleaned(texts[0], repeated_lines(texts))
    assert text == "The town of 0 has a harbour.\n\nIts ferries are old."
    assert len(parts) == 2


def test_a_heading_of_the_articles_own_text_is_kept() -> None:
    texts = [f"## Example\n\nThis shows how the {topic} are to be used in practice, in detail.\n" for topic in TOPICS]
    frame = repeated_lines(texts)
    assert frame
    assert cleaned(texts[0], frame)[0] == texts[0]


def test_code_and_tables_are_kept() -> None:
    common = "```\nimport harbour\nrun()\n```\n\n| Day | Time |\n| --- | --- |\n| Monday | 9 |\n"
    texts = [f"The {topic} are started by this program, which needs a minute.\n\n{common}" for topic in TOPICS]
    assert cleaned(texts[0], repeated_lines(texts))[0] == texts[0]


def test_a_page_whose_only_text_repeats_keeps_it() -> None:
    text = "The same story is told on every page of this site, word for word, from the start to the end.\n"
    texts = [f"{text}\nPage {n}\n" for n in range(8)]
    assert cleaned(texts[0], repeated_lines(texts))[0] == texts[0]
    assert cleaned(text, repeated_lines([text] * 8))[0] == text


def test_few_pages_have_no_frame() -> None:
    assert not repeated_lines([page(topic) for topic in TOPICS[:4]])
