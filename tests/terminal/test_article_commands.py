"""Tests of the commands that add, list and refresh articles, with real libraries in this process."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.libraries.library import Library
from index.libraries.library_names import SHARED
from index.libraries.registry import Libraries
from index.models import Draft, Receipt, Section, SettingsError
from index.passages.embedder import Embedder
from index.refreshing.refresh import Refresh, RefreshRules
from index.sources.http.client import Fetcher
from index.sqlite_errors import StorageError
from terminal import article_commands as commands
from terminal.add_command import AddOptions, add
from terminal.sample import is_loaded, load_once
from terminal.schedule_command import schedule
from tests.conftest import ROOT
from tests.index.site import running


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    libraries = Libraries(tmp_path / "data", lambda: embedder)
    yield libraries.open(SHARED)
    libraries.close()


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_each_source_has_its_line(library: Library, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The result of each source is printed: added, unchanged, replaced or the same text as another."""
    first = write(tmp_path / "a.txt", "Dogs travel free of charge on this ferry.")
    copy = write(tmp_path / "b.txt", "Dogs travel free of charge on this ferry.")
    other = write(tmp_path / "c.txt", "The ferry leaves at seven in the morning.")
    assert add(lambda: library, [first, first, copy, other], Fetcher()) == 0
    write(tmp_path / "c.txt", "The ferry leaves at eight in the morning.")
    assert add(lambda: library, [other], Fetcher()) == 0
    results = [line.partition(":")[0] for line in capfd.readouterr().out.splitlines()]

    assert results == [
        "Added",
        "Unchanged",
        "The same text is there already; both sources are kept",
        "Added",
        "Replaced by the new version",
    ]


def test_standard_input_is_an_article(
    library: Library, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard input is added under its title, replaces the article of that title, and is refused if it is not text."""
    for text in ("The ferry leaves at seven.", "The ferry leaves at eight.", "\0"):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        add(lambda: library, ["-"], Fetcher(), AddOptions(title="Ferry"))
    out, err = capfd.readouterr()

    assert [line.partition(" (")[0] for line in out.splitlines()] == [
        "Added: 1 Ferry",
        "Replaced by the new version: 2 Ferry",
    ]
    assert err.startswith("standard input: The file contains NUL characters")


def test_wrong_settings_are_reported_once(tmp_path: Path) -> None:
    """A model that cannot be loaded ends the command instead of failing each article."""

    def broken() -> Embedder:
        raise SettingsError("no model")

    libraries = Libraries(tmp_path / "data", broken)
    files = [write(tmp_path / f"{name}.txt", f"The ferry leaves at {name}.") for name in ("six", "seven")]
    with pytest.raises(SettingsError, match="no model"):
        add(lambda: libraries.open(SHARED), files, Fetcher())
    libraries.close()


def test_list_for_people(sample: Libraries, capfd: pytest.CaptureFixture[str]) -> None:
    """The line of an article has its id, title, source and size."""
    assert commands.articles(sample.open(SHARED), as_json=False) == 0
    out = capfd.readouterr().out

    assert "Why Tides Rise and Fall  (why-tides-rise-and-fall.txt; " in out
    assert all(line.endswith(("passage)", "passages)")) for line in out.splitlines())


def test_empty_library_gives_a_hint(library: Library, capfd: pytest.CaptureFixture[str]) -> None:
    """An empty library prints nothing to standard output, and on standard error how to add articles."""
    assert commands.articles(library, as_json=True) == 0
    out, err = capfd.readouterr()

    assert out == ""
    assert "python bot.py add SOURCE..." in err


def test_sample_is_loaded_once(library: Library, tmp_path: Path) -> None:
    """The sample is only loaded into a library that never had an article; once removed, it does not return."""
    load_once(library, ROOT / "articles", tmp_path / "unfinished")
    assert is_loaded(library)

    for row in library.articles():
        library.remove(row.id)
    load_once(library, ROOT / "articles", tmp_path / "unfinished")
    assert not is_loaded(library)


def test_interrupted_sample_loading_is_completed(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the first load is interrupted, the next start adds the missing articles."""
    add, added = library.add, []

    def stop_at_the_second(draft: Draft) -> Receipt:
        added.append(draft)
        if len(added) == 2:
            raise KeyboardInterrupt
        return add(draft)

    with monkeypatch.context() as patch:
        patch.setattr(library, "add", stop_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            load_once(library, ROOT / "articles", tmp_path / "unfinished")
    load_once(library, ROOT / "articles", tmp_path / "unfinished")

    assert len(library.articles()) == len(list((ROOT / "articles").iterdir()))
    assert not (tmp_path / "unfinished").exists()


def test_missing_sample_is_reported(library: Library, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Without the folder of the sample the bot still starts, and reports that it is missing."""
    load_once(library, tmp_path / "nowhere", tmp_path / "unfinished")

    assert "nowhere (ARTICLES_DIR), so no articles were loaded." in capfd.readouterr().err
    assert library.articles() == []


def test_broken_sample_is_reported(library: Library, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A sample file that cannot be read is reported; the others are loaded."""
    folder = tmp_path / "articles"
    folder.mkdir()
    write(folder / "empty.txt", "")
    write(folder / "ferry.txt", "Dogs travel free of charge on this ferry.")
    load_once(library, folder, tmp_path / "unfinished")

    assert capfd.readouterr().err.startswith("empty.txt: ")
    assert [row.source for row in library.articles()] == ["ferry.txt"]


def test_a_site_is_added_and_refreshed(library: Library, capfd: pytest.CaptureFixture[str]) -> None:
    """Pages up to the limit are added, unchanged ones are reported as such, and a refresh prints what has changed."""
    fetcher = Fetcher(private=True, delay=0)
    with running() as site:
        for name in "abc":
            site.page(f"/{name}", f"The ferry {name} leaves at seven.", "<a href=b>1</a><a href=c>2</a>")
        assert add(lambda: library, [f"{site.url}/a"], fetcher, AddOptions(2)) == 0
        assert add(lambda: library, [f"{site.url}/b", f"{site.url}/none"], fetcher) == 1
        out, err = capfd.readouterr()
        assert [line.partition(":")[0] for line in out.splitlines()] == ["Added", "Added", "Unchanged"]
        assert "Left out 1 page beyond the limit; --pages N takes more." in err
        assert f"{site.url}/none: 127.0.0.1 has no such page; check the address." in err

        assert commands.refresh(library, [], Refresh(library, fetcher, RefreshRules())) == 0
        site.page("/a", "The ferry a leaves at eight.", "<a href=b>1</a>")
        assert commands.refresh(library, [], Refresh(library, fetcher, RefreshRules())) == 0
        del site.pages["/a"], site.pages["/b"]
        assert commands.refresh(library, [], Refresh(library, fetcher, RefreshRules())) == 1
        assert commands.refresh(library, [99], Refresh(library, fetcher, RefreshRules())) == 1
    out, err = capfd.readouterr()

    assert out.startswith("Replaced by the new version: 3 /a (")
    assert out.count("\n") == 1
    assert err.startswith("Everything is up to date.\n")
    assert "2 are gone, which is more than a refresh may touch" in err
    assert "no article 99" in err


def test_a_page_of_which_little_is_kept_is_named(
    library: Library, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A page that is almost all boilerplate is named with what was kept of it; another page is not."""
    menu = "".join(f'<li><a href="/{n}">All about the ferry number {n}</a></li>' for n in range(100))
    story = "<p>The ferry leaves at seven in the morning, and dogs travel free of charge on it.</p>"
    little = write(tmp_path / "little.html", f"<nav><ul>{menu}</ul></nav><main>{story}</main>")
    much = write(tmp_path / "much.html", f"<nav>Home</nav><main>{story}<p>It takes twelve cars.</p></main>")
    assert add(lambda: library, [little, much], Fetcher()) == 0
    said = [line for line in capfd.readouterr().err.splitlines() if line.startswith(("little", "much"))]
    assert len(said) == 1
    assert "little.html: kept 8" in said[0]


def test_what_repeats_on_a_site_is_removed(library: Library, capfd: pytest.CaptureFixture[str]) -> None:
    """An import of a site ends without what most of its pages have, and says so."""
    frame = "Please write to the harbour office if something on this page is wrong."
    with running() as site:
        links = "".join(f'<a href="/s/{n}">{n}</a> ' for n in range(5))
        for n in range(5):
            site.page(f"/s/{n}", f"<p>The ferry number {n} leaves at seven in the morning.</p><p>{frame}</p>{links}")
        fetcher = Fetcher(private=True, delay=0)
        assert add(lambda: library, [f"{site.url}/s/0"], fetcher, AddOptions(5)) == 0
    articles = [article for row in library.articles() if (article := library.article(row.id))]
    assert len(articles) == 5
    assert not any(frame in article.text for article in articles)
    assert "Removed what repeats on most pages of a site from 5 articles." in capfd.readouterr().err


def test_what_could_not_be_read_is_listed(library: Library, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A failure is listed below its article, or on standard error without one, until the source can be read again."""
    folder = tmp_path / "texts"
    folder.mkdir()
    write(folder / "ferry.txt", "The ferry leaves at seven.")
    write(folder / "empty.txt", "")
    assert add(lambda: library, [str(folder)], Fetcher()) == 1
    write(folder / "ferry.txt", "")
    assert add(lambda: library, [str(folder / "ferry.txt"), str(folder / "none.txt")], Fetcher()) == 1
    capfd.readouterr()
    assert commands.articles(library, as_json=False) == 0
    assert commands.articles(library, as_json=True) == 0
    out, err = capfd.readouterr()
    lines = out.splitlines()

    assert "could not be read on 20" in lines[1]
    assert "no text" in json.loads(lines[2])["failure"]["reason"]
    assert json.loads(lines[2])["failure"]["source"] == "ferry.txt"
    assert err.count("empty.txt: The file has no text") == 2
    assert "none.txt" not in err

    write(folder / "ferry.txt", "The ferry leaves at eight.")
    (folder / "empty.txt").unlink()
    assert commands.refresh(library, [], Refresh(library, Fetcher(), RefreshRules())) == 0
    capfd.readouterr()
    assert commands.articles(library, as_json=True) == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["failure"] is None
    assert err == ""


def test_the_schedule_is_printed_and_set(library: Library, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Each source has a line; its interval can be set, disabled and reset to the default."""
    add(lambda: library, [write(tmp_path / "a.txt", "The ferry leaves at seven.")], Fetcher())
    library.add(Draft("piped:x", "standard input", "X", "Sent.", None, (Section(0, 5, ""),)))
    capfd.readouterr()
    assert schedule(library, [], None, change=False, hours=24) == 0
    assert schedule(library, [1], 5, change=True, hours=24) == 0
    assert schedule(library, [1], 1.5, change=True, hours=24) == 0
    assert schedule(library, [1], None, change=True, hours=0) == 0
    assert schedule(library, [2], 5, change=True, hours=24) == 1
    assert schedule(library, [99], None, change=False, hours=24) == 1
    out, err = capfd.readouterr()
    assert [line.partition(", next")[0] for line in out.splitlines()] == [
        "a.txt: never", "a.txt: every 5 hours", "a.txt: every 1.5 hours", "a.txt: never",
    ]  # fmt: skip
    assert len(err.splitlines()) == 2


def test_articles_that_the_models_do_not_read_are_told_once(
    library: Library, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """`add` says once how many articles are not in English, which the bundled models read."""
    sentences = ["Der Hafen ist von neun bis fünf Uhr geöffnet.", "Das Boot fährt jeden Tag um acht Uhr ab."]
    for number, sentence in enumerate(sentences):
        (tmp_path / f"{number}.txt").write_text(f"{sentence} Hunde sind hier nicht erlaubt.\n", encoding="utf-8")
    (tmp_path / "english.txt").write_text("The harbour opens at nine. Dogs are not allowed here.\n", encoding="utf-8")

    assert add(lambda: library, [str(tmp_path)], Fetcher()) == 0
    _, err = capfd.readouterr()

    assert err.count("read English; they may miss answers in 2 articles in another language") == 1


def test_an_empty_folder_is_watched(library: Library, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`add` says that nothing was found, and a refresh adds what appears later, also after it was empty again."""
    folder = tmp_path / "texts"
    folder.mkdir()
    assert add(lambda: library, [str(folder)], Fetcher()) == 1
    assert "No article was found in this folder" in capfd.readouterr().err

    run = Refresh(library, Fetcher(), RefreshRules())
    assert commands.refresh(library, (), run) == 0
    write(folder / "a.txt", "The ferry leaves at seven in the morning.")
    assert commands.refresh(library, (), run) == 0
    assert [row.source for row in library.articles()] == ["a.txt"]


def test_a_library_that_cannot_be_read_is_reported_once(
    tmp_path: Path, embedder: Embedder, capfd: pytest.CaptureFixture[str]
) -> None:
    """A damaged catalogue ends the command with one sentence, not with one for each source."""
    libraries = Libraries(tmp_path / "data", lambda: embedder)
    folder = tmp_path / "data" / "libraries" / SHARED
    folder.mkdir(parents=True)
    (folder / "catalog.db").write_bytes(b"hello world " * 400)
    files = [write(tmp_path / f"{number}.txt", f"Room {number} is blue.") for number in range(3)]

    with pytest.raises(StorageError, match=r"catalog\.db cannot be read"):
        add(lambda: libraries.open(SHARED), files, Fetcher())

    assert "catalog.db" not in "".join(capfd.readouterr())
