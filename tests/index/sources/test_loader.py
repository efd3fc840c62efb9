"""Files and folders become drafts with unchanged text, or failures with a reason."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.models import Draft, UserError
from index.sources import loader
from index.sources.discovery import Failure, discover
from index.sources.loader import EmptyFolder, Skipped, Unchanged, draft_from_text, drafts
from tests.index.sample_files import GOOD, archive, tarred

ARTICLES = Path(__file__).parents[3] / "articles"
ARCHIVES = {
    "a.zip": archive,
    "a.tgz": lambda: tarred({"a.txt": PROSE.encode()}),
    "a.tar": lambda: tarred({"a.txt": b"x"}, "w"),
}
PROSE = "The harbour was quiet that evening, and only a few boats were still out at sea."


def write(path: Path, content: str | bytes = PROSE) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def one(path: Path | str) -> Draft:
    """Return the only draft of a source."""
    (draft,) = drafts(str(path))
    assert isinstance(draft, Draft), draft
    return draft


def reason(path: Path | str) -> str:
    """Return the reason why a source fails."""
    (failure,) = drafts(str(path))
    assert isinstance(failure, Failure), failure
    return failure.reason


def text_of(draft: Draft) -> str:
    """Return the texts of all sections."""
    return "\n".join(draft.text[s.start : s.end] for s in draft.sections)


def test_a_file_is_shown_by_its_name(tmp_path: Path) -> None:
    """The key of a file is its absolute path, and its source is its name."""
    path = write(tmp_path / "a" / "server-rules_2.TXT")
    draft = one(path)
    told = Draft(str(path.resolve()), "server-rules_2.TXT", "Server rules 2", PROSE, None, draft.sections)
    assert replace(draft, version=None) == told
    assert text_of(draft) == PROSE


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    """Each readable file of a folder gives a draft with its relative path; others are counted unless hidden."""
    for name in ("b.md", "a.txt", "sub/c.Markdown", ".hidden.txt", ".git/d.txt", "x.png", "sub/y.exe"):
        write(tmp_path / name)
    *found, last = drafts(str(tmp_path))
    assert [item.source for item in found if isinstance(item, Draft)] == ["a.txt", "b.md", "sub/c.Markdown"]
    assert last == Skipped(2)


def test_a_known_version_is_not_read_again(tmp_path: Path) -> None:
    """A file is unchanged as long as its bytes are, and its origin is its folder."""
    path = write(tmp_path / "a" / "b.txt")
    (first,) = drafts(str(tmp_path))
    assert isinstance(first, Draft)
    assert first.origin == str(tmp_path.resolve())
    assert list(drafts(str(tmp_path), {first.key: first.version}.get)) == [Unchanged(first.key)]
    write(path, f"{PROSE} And more.")
    (second,) = drafts(str(tmp_path), {first.key: first.version}.get)
    assert isinstance(second, Draft)


def test_links_do_not_lead_in_circles(tmp_path: Path) -> None:
    """A linked folder is visited once, and a broken link is skipped."""
    write(tmp_path / "sub" / "a.txt")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "sub" / "self").symlink_to(tmp_path / "sub")
    (tmp_path / "same.txt").symlink_to(tmp_path / "sub" / "a.txt")
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nothing")
    found = discover(str(tmp_path))
    assert len(found.files) == 1
    assert found.skipped == 1


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A named pipe called .txt is skipped."""
    os.mkfifo(tmp_path / "pipe.txt")
    assert list(drafts(str(tmp_path))) == [Skipped(1), EmptyFolder(str(tmp_path))]
    assert "A pipe or device cannot be read" in reason(tmp_path / "pipe.txt")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "has no text"),
        (b" \n\t\n", "has no text"),
        (b"Advertisement\n\n- .\n", "has no text"),
        (b"---\ntitle: Only a title\n---\n", "has no text"),
        (b"text\0text", "NUL"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(1, 32)) * 4, "not a text file"),
        (b"Some words \x81\x8d\x8f and \xff\xfe\xfd more words", "cannot be told for certain"),
        (b"\xef\xbb\xbfabc \xff", "damaged"),
    ],
)
def test_what_is_no_text_says_why(tmp_path: Path, content: bytes, expected: str) -> None:
    """A file without text or with uncertain encoding fails with its reason."""
    assert expected in reason(write(tmp_path / "a.txt", content))


def test_sources_that_cannot_be_loaded_say_why(tmp_path: Path) -> None:
    """A missing path, an unknown type and an invalid name fail, each with its reason."""
    assert "no such file" in reason(tmp_path / "missing.txt")
    assert "known are .csv, .docx, .epub, .htm, " in reason(write(tmp_path / "a.png"))
    assert "no such file" in reason("a\0b")
    assert "ftp:// are not fetched, only http:// and https://" in reason("ftp://example.org/a.txt")
    assert "usable file name" in reason("x" * 5000)


def test_a_saved_page_is_an_article(tmp_path: Path) -> None:
    """The source of an HTML file is its canonical address."""
    page = "<title>x</title><link rel=canonical href=https://example.org/a><main><h1>Harbour</h1><p>{}</p></main>"
    draft = one(write(tmp_path / "a.HTM", page.format(PROSE)))
    assert (draft.key, draft.source, draft.title) == (str(tmp_path / "a.HTM"), "https://example.org/a", "Harbour")
    assert text_of(draft) == PROSE


@pytest.mark.parametrize(
    ("name", "clutter"), [("a.html", "<nav>Home | About us</nav>"), ("a.txt", "Share on Facebook")]
)
def test_what_is_left_out_is_counted(tmp_path: Path, name: str, clutter: str) -> None:
    """A draft has the number of removed lines and blocks, 0 if everything is kept."""
    page = "<main><h1>Harbour</h1><p>{}</p>{}<p>{}</p></main>" if name == "a.html" else "{}\n\n{}\n\n{}\n"
    counts = [one(write(tmp_path / name, page.format(PROSE, left_out, PROSE))).removed for left_out in (clutter, "")]
    assert counts == [1, 0]


@pytest.mark.parametrize("name", [*GOOD, *ARCHIVES])
@given(data=st.binary(max_size=300), cut=st.floats(0, 1), whole=st.booleans(), mutated=st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_broken_files_are_refused_or_read(
    tmp_path: Path, name: str, data: bytes, cut: float, whole: bool, mutated: bool
) -> None:
    """Truncated, overwritten and random files of every kind give a draft or a one-sentence failure."""
    good = (GOOD | ARCHIVES)[name]()
    at = int(cut * len(good))
    changed = data if whole else good[:at] + data + (good[at + len(data) :] if mutated else b"")
    for item in drafts(str(write(tmp_path / name, changed))):
        if isinstance(item, Failure):
            assert item.source.startswith(name)
            assert re.fullmatch(r"[A-Z][^\n]+[.]", item.reason)
        elif isinstance(item, Draft):
            assert text_of(item).strip()
            assert len(item.pages) == len(item.times) or not item.times


def test_a_file_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file above the limit is not read."""
    monkeypatch.setattr(loader, "MAX_BYTES", 10)
    assert "larger than" in reason(write(tmp_path / "a.txt"))


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8-sig", "It’s a café. 😀"),
        ("utf-16", "It’s a café. 😀"),
        ("utf-16-le", "It's a plain text without a mark."),
        ("utf-16-be", "It's a plain text without a mark."),
        ("utf-32", "It’s a café. 😀"),
        ("cp1252", "“It’s a café – naïve,” she said…"),
        ("cp1252", "Les élèves sont allés à l’école; où étaient-ils?"),
        ("latin-1", "Größe und Übermut tun selten gut."),
        ("cp1250", "Wszystkie osoby mogą zgłosić się do działu obsługi, który odpowie w ciągu tygodnia."),
        ("cp1254", "Bugün hava çok güzel, dışarı çıkıp yürüyüş yapacağım."),
        ("cp1251", "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 4),
        ("koi8-r", "Это короткая статья о погоде. Завтра будет дождь. " * 4),
        ("shift_jis", "今日は天気がとても良いので、公園まで散歩に出かけました。" * 6),
        ("gb18030", "这是一个测试。我们写一些中文句子。" * 8),
    ],
)
def test_encodings_are_told(tmp_path: Path, encoding: str, text: str) -> None:
    """The encoding of a file does not change its text."""
    assert text_of(one(write(tmp_path / "a.txt", text.encode(encoding)))) == text.strip()


@pytest.mark.parametrize("encoding", ["cp437", "mac_roman", "cp1250", "iso8859_2", "cp1257", "cp1254", "euc_kr"])
@pytest.mark.parametrize(
    "text",
    [
        "Les élèves déjà à Noël.",
        "Größe",
        "Příliš žluťoučký kůň",
        "Zażółć gęślą jaźń",
        "dışarı çıkıp",
        "한국어 문장을 씁니다.",
    ],
)
def test_no_encoding_is_guessed_wrongly(tmp_path: Path, encoding: str, text: str) -> None:
    """A short text in an unusual encoding is decoded correctly or refused."""
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        return
    (item,) = drafts(str(write(tmp_path / "a.txt", content)))
    assert isinstance(item, Failure) or (isinstance(item, Draft) and text_of(item) == text)


def test_line_ends_become_line_feeds() -> None:
    """CRLF and CR become LF and a byte order mark is dropped; nothing else changes."""
    text = "\ufeffOne  two\u00a0three.\r\nFour\u200b\u2028five.\rSix e\u0301."
    draft = draft_from_text(text, key="k", source="s.txt")
    assert draft.text == "One  two\u00a0three.\nFour\u200b\u2028five.\nSix e\u0301."


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_what_cannot_be_stored_is_refused(text: str) -> None:
    """NUL and lone surrogates are refused."""
    with pytest.raises(UserError, match="UTF-8"):
        draft_from_text(text, key="k", source="s")


MATTER = "---\ntitle: 'A Quiet Evening'\ndate: 2024-05-06\nurl: https://example.org/quiet\n---\n"


@pytest.mark.parametrize(
    ("text", "markdown", "expected"),
    [
        (MATTER + "# Other\n\nText.", True, ("A Quiet Evening", "https://example.org/quiet", "2024-05-06")),
        (MATTER + "Text.", False, ("A Quiet Evening", "https://example.org/quiet", "2024-05-06")),
        (
            "+++\ntitle = 'T'\ndate = 2024-05-06T07:08:09Z\n+++\nText.",
            True,
            ("T", "a-b.md", "2024-05-06T07:08:09+00:00"),
        ),
        ("---\ntitle: Boats: a history\ntags: [x\n---\nText.", True, ("Boats: a history", "a-b.md", None)),
        ("---\ndate: 3/4/2020\nsource: a friend\n---\nText.", True, ("A b", "a-b.md", None)),
        ("---\ndate: 2024-05-06 10:00:00 +0100\n---\nText.", True, ("A b", "a-b.md", "2024-05-06 10:00:00+0100")),
        ("## Sub\n\nText.\n\nTop\n===\n\nMore.", True, ("Top", "a-b.md", None)),
        ("A Quiet Evening\n\nText.", False, ("A Quiet Evening", "a-b.md", None)),
        ("A Quiet Evening\n\nText.", True, ("A b", "a-b.md", None)),
        ("Home » A Quiet Evening\n\nA Quiet Evening\n\nText.", False, ("A Quiet Evening", "a-b.md", None)),
    ],
)
def test_title_source_and_date(text: str, markdown: bool, expected: tuple[str, str, str | None]) -> None:
    """The title is that of the front matter, the article or the file name; an ambiguous date is ignored."""
    draft = draft_from_text(text, key="k", source="a-b.md", markdown=markdown)
    assert (draft.title, draft.source, draft.published) == expected
    assert text_of(draft).startswith(("Text.", "A Quiet"))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("https://example.org/quiet.md", "https://example.org/quiet"),
        ("https://www.example.org/quiet.md", "https://example.org/quiet"),
        ("https://other.example/quiet.md", "https://other.example/quiet.md"),
        ("https://discord.com/channels/1/2/3", "https://discord.com/channels/1/2/3"),
        ("https://example.org.other.example/quiet.md", "https://example.org.other.example/quiet.md"),
    ],
)
def test_an_address_counts_on_its_own_host(source: str, shown: str) -> None:
    """What a web page or a message says about its address is believed only on the host that it came from."""
    assert draft_from_text(MATTER + "Text.", key="k", source=source, markdown=True).source == shown


def test_a_line_between_rules_is_no_metadata() -> None:
    """A text that begins with a horizontal rule keeps its first lines."""
    text = "---\nA word of welcome to all.\n---\n\nText.\n"
    assert "A word of welcome to all." in draft_from_text(text, key="k", source="s.md").text


def test_a_given_title_wins() -> None:
    """A title given by the caller is used."""
    assert draft_from_text(MATTER + "Text.", key="k", source="s", title="Mine").title == "Mine"


def test_the_samples_load() -> None:
    """Each sample article loads, with its own title, and answers the sample question in one sentence."""
    found = {item.source: item for item in drafts(str(ARTICLES)) if isinstance(item, Draft)}
    assert len(found) == 4
    main = text_of(found["north-korea-twitter-accounts.txt"])
    assert (
        found["north-korea-twitter-accounts.txt"].title == "Two Personal Accounts From North Korea Turn Up on Twitter"
    )
    assert "Han Song-il, who runs the second account, says that he is the director of North Korea's Unification" in main
    for fact in ("Kim Myong-il", "Yonhap News Agency", "October 1", "13/11/2020", "80-day", "Anti-smoking", "Chinese"):
        assert fact in main


@given(st.text(st.characters(codec="utf-8")), st.booleans())
def test_quotable_text_is_the_file(text: str, markdown: bool) -> None:
    """The sections of any file consist of its own lines, unchanged."""
    try:
        draft = draft_from_text(text, key="k", source="s.md", markdown=markdown)
    except UserError:
        return
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for section in draft.sections:
        assert draft.text[section.start : section.end] in plain


def test_an_empty_name_is_no_folder() -> None:
    """It does not stand for the current folder."""
    for name in ("", " "):
        (failure,) = drafts(name)
        assert str(failure) == '"": An empty name is no file, folder or address.'


def test_links_that_lead_to_themselves(tmp_path: Path) -> None:
    """A loop of links is named, and the other files of the folder are read."""
    (tmp_path / "a.txt").write_text("The ferry leaves at seven.")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    found = list(drafts(str(tmp_path)))

    assert [item.source for item in found if isinstance(item, Draft)] == ["a.txt"]
    assert sorted(str(item) for item in found if isinstance(item, Failure)) == [
        f"{name}: This cannot be opened: it is a link that leads to itself." for name in ("loop.txt", "one", "two")
    ]


def test_an_empty_folder_is_reported(tmp_path: Path) -> None:
    """A folder without a readable file yields its key, so that it can be watched."""
    assert list(drafts(str(tmp_path))) == [EmptyFolder(str(tmp_path.resolve()))]
