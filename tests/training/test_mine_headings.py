"""Mining reads documentation that may be mined, and writes the same rows each time."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from training.mine_headings import main
from training.mined_files import drafts_in, source_files
from training.mined_manuals import manual_pages
from training.mined_pairs import PER_SOURCE, MinedDocument, choose
from training.mined_sections import Pair
from training.mined_sources import sources_in

if TYPE_CHECKING:
    from pathlib import Path

HIVE = "Lift the lid slowly and use little smoke. Look at the outer frames first, since the queen is seldom on them."
FEED = "Give them sugar water in autumn, when the heather is over, and stop as soon as the frames are heavy."
VEIL = "The club lends veils and gloves on Saturdays. Wash them before you bring them back, and tell us about holes."
FAQ = f"""# Bee club

The club keeps eleven hives behind the school and meets there on the first Saturday of each month.

## How do I open a hive?

{HIVE}

## When are the bees fed?

{FEED}

## Lending of veils

{VEIL}
"""
MIT = "MIT License\n\nPermission is hereby granted, free of charge, to any person.\n"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a folder with a package, two open repositories and one without a licence."""
    folder = tmp_path / "sources"
    write(folder / "bees-doc/DEBIAN/control", "Package: bees-doc\nSource: bees (1.2)\nVersion: 1.2-3\n")
    write(folder / "bees-doc/usr/share/doc/bees-doc/FAQ.md", FAQ)
    write(folder / "bees-doc/usr/share/doc/bees-doc/copyright", "Files: *\nLicense: GPL-2+\n")
    for name in ("hives+handbook", "wasps+faq", "ants+wiki"):
        write(folder / name / "docs/FAQ.md", FAQ.replace("Bee club", f"{name} club").replace("eleven", name))
    write(folder / "hives+handbook/LICENSE", MIT)
    write(folder / "wasps+faq/LICENSE", MIT)
    return folder


def mine(sources: Path, out: Path, *options: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    main([str(sources), "--out", str(out), *options])
    return rows(out / "headings.docs.jsonl.gz"), rows(out / "headings.qa.jsonl.gz")


def test_rows_lead_back_to_the_text(sources: Path, tmp_path: Path) -> None:
    """A question's span is its section in its document, which names source and licence."""
    documents, questions = mine(sources, tmp_path / "out")

    texts = {row["doc_id"]: row["text"] for row in documents}
    found = {row["question"]: texts[row["doc_id"]][row["start"] : row["end"]] for row in questions}
    assert found == {"How do I open a hive?": HIVE, "When are the bees fed?": FEED, "Lending of veils": VEIL}
    assert {row["repo"]: row["licence"] for row in documents} == {"debian:bees": "GPL-2+"}
    assert [row["kind"] for row in questions] == ["question", "question", "heading"]
    for row in documents:
        assert all(0 <= start < end <= len(row["text"]) for start, end, _ in row["sections"])


def test_the_same_sources_give_the_same_files(sources: Path, tmp_path: Path) -> None:
    """The number of processes makes no difference either."""
    mine(sources, tmp_path / "one")
    mine(sources, tmp_path / "two", "--jobs", "2")

    for name in ("headings.docs.jsonl.gz", "headings.qa.jsonl.gz"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize("name", ["bees", "bees-doc"])
def test_held_out_packages_are_left_out_under_each_name(name: str, sources: Path, tmp_path: Path) -> None:
    """A package is held out by the digest of its binary or source name."""
    write(tmp_path / "held", hashlib.sha256(name.encode()).hexdigest() + "\n")

    documents, _ = mine(sources, tmp_path / "out", "--skip", str(tmp_path / "held"))

    assert {row["repo"] for row in documents} == {"hives/handbook"}  # the others repeat its answers


def test_judged_repositories_and_unlicensed_ones_are_left_out(sources: Path, tmp_path: Path) -> None:
    """What has no open licence is not mined, nor what the judged questions name as their source."""
    judged = tmp_path / "judged.jsonl.gz"
    with gzip.open(judged, "wt", encoding="utf-8") as lines:
        lines.writelines(
            json.dumps({"repo": repo, "question": "?"}) + "\n" for repo in ("debian:bees", "Hives/handbook")
        )

    documents, _ = mine(sources, tmp_path / "out", "--skip-repositories", str(judged))

    assert {row["repo"] for row in documents} == {"wasps/faq"}


def test_copies_of_judged_documents_are_left_out(sources: Path, tmp_path: Path) -> None:
    """A document that repeats three judged questions is one that is judged, wherever it was found."""
    judged = tmp_path / "judged.jsonl.gz"
    asked = ("How do I open a hive?", "When are the bees fed?", "Who may borrow the smoker?")
    write(sources / "bees-doc/usr/share/doc/bees-doc/FAQ.md", f"{FAQ}\n## {asked[2]}\n\n{VEIL}\n")
    with gzip.open(judged, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps({"repo": "some/other", "question": question}) + "\n" for question in asked)

    documents, _ = mine(sources, tmp_path / "out", "--skip-repositories", str(judged))

    assert "debian:bees" not in {row["repo"] for row in documents}


def test_a_source_gives_at_most_so_many_pairs() -> None:
    """Questions come before headings when a source has too many."""
    text = f"{HIVE}\n" * (PER_SOURCE + 50)
    step = len(HIVE) + 1
    pairs = tuple(
        Pair(f"Heading number {n}", "heading" if n % 2 else "question", n * step, n * step + len(HIVE))
        for n in range(PER_SOURCE + 50)
    )

    mined = choose([MinedDocument("debian:bees", None, "faq", "Bees", text, (), pairs, "digest")])

    kinds = [row["kind"] for row in mined.questions]
    assert len(kinds) == PER_SOURCE
    assert kinds.count("question") == (PER_SOURCE + 50) // 2


def test_files_that_explain_nothing_are_not_read(tmp_path: Path) -> None:
    """Changelogs, translations, API references and pages whose source text is there are left out."""
    for name in ("FAQ.md", "changelog.md", "FAQ.de.md", "de/guide.md", "api/hive.md", "html/classHive.html"):
        write(tmp_path / name, FAQ)
    write(tmp_path / "html/_sources/guide.rst.txt", "Guide\n=====\n\nText.\n")
    write(tmp_path / "html/guide.html", "<p>Text.</p>")

    names = [path.relative_to(tmp_path).as_posix() for path in source_files(tmp_path)]

    assert names == ["FAQ.md", "html/_sources/guide.rst.txt"]


def test_packed_files_are_read(tmp_path: Path) -> None:
    """Debian packs large text files."""
    (tmp_path / "FAQ.md.gz").write_bytes(gzip.compress(FAQ.encode()))

    assert [(name, draft.title) for name, draft in drafts_in(tmp_path)] == [("FAQ.md", "Bee club")]


def test_components_are_left_out_of_mdx(tmp_path: Path) -> None:
    """MDX is read by its own parser, without imports and tags."""
    path = tmp_path / "guide.mdx"
    path.write_text('import { Tabs } from "./tabs";\n\n# Bee club\n\n<Tabs>\nThe club meets on Mondays.\n</Tabs>\n')
    ((name, draft),) = drafts_in(tmp_path)
    assert (name, draft.title) == ("guide.mdx", "Bee club")
    assert "meets on Mondays" in draft.text
    assert "Tabs" not in draft.text


def test_a_docbook_manual_keeps_its_questions(tmp_path: Path) -> None:
    """Entities are spelled out, menus are joined, and each question of the list is a heading."""
    write(
        tmp_path / "index.docbook",
        f"""<?xml version="1.0"?><!DOCTYPE book PUBLIC "x" "y" [<!ENTITY kappname "&hivelog;">]>
        <book><bookinfo><title>The HiveLog Handbook</title><date>2001</date></bookinfo>
        <chapter><title>Use</title><para>Choose <menuchoice><guimenu>File</guimenu><guimenuitem>Open</guimenuitem>
        </menuchoice> in &kappname;.</para><qandaset><qandaentry><question><para>How do I open a hive?</para></question>
        <answer><para>{HIVE}</para></answer></qandaentry></qandaset></chapter></book>""",
    )
    ((name, page),) = manual_pages(tmp_path)
    ((_, draft),) = drafts_in(tmp_path)

    assert name == "index.docbook"
    assert b"2001" not in page
    assert draft.title == "The HiveLog Handbook"
    assert "Choose File > Open in hivelog." in " ".join(draft.text.split())
    assert draft.sections[-1].heading.endswith("How do I open a hive?")


def test_the_pages_of_a_mallard_guide_are_one_article(tmp_path: Path) -> None:
    """Each page is a section of its guide, and a link without text shows the title of its page."""
    head = '<page xmlns="http://projectmallard.org/1.0/" id="{0}"><info><link type="guide" xref="{1}"/></info>'
    write(tmp_path / "bees.page", head.format("bees", "index") + "<title>Keeping bees</title></page>")
    write(tmp_path / "feed.page", head.format("feed", "bees") + f"<title>Feed the bees</title><p>{FEED}</p></page>")
    text = f'<title>Open a hive</title><p>{HIVE} See <link xref="feed"/>.</p></page>'
    write(tmp_path / "open.page", head.format("open", "bees") + text)

    guides = {draft.title: draft for _, draft in drafts_in(tmp_path)}

    assert [section.heading for section in guides["Keeping bees"].sections] == ["Feed the bees", "Open a hive"]
    assert "See Feed the bees." in guides["Keeping bees"].text


def test_sources_are_named_after_their_packages(sources: Path) -> None:
    """Binary packages of one source package share its name, so that data can be split by it."""
    named = {source.folder.name: (source.repo, source.licence) for source in sources_in(sources)}

    assert named == {
        "ants+wiki": ("ants/wiki", None),
        "bees-doc": ("debian:bees", "GPL-2+"),
        "hives+handbook": ("hives/handbook", "MIT"),
        "wasps+faq": ("wasps/faq", "MIT"),
    }
