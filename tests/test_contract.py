"""Promises of the command line, kept by the real program in a process of its own, with the real models.

Loading the models takes seconds, so each process that needs them tests many things.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.index.site import running
from tests.processes import Run, bot, environment

HARBOUR = "The lighthouse of Skarholm is kept by Mira Holt.\r\n\r\nThe ferry 😀 leaves at seven.\r\n"
QUESTIONS = [
    "who is Han Song-il?",
    "who keeps the lighthouse of Skarholm?",
    "who won the 2018 World Cup?",
    "",
    "😀😀😀",
    "한송일은 누구입니까?",
    "why? " * 2000,
    "'; DROP TABLE articles; -- \" OR NEAR(a b) * ^ {x} : -y AND NOT",
    "lone \ud800 surrogate and \u2028 separator",
]


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("harbour")
    (folder / "harbour.txt").write_bytes(HARBOUR.encode())
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / "broken.txt").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory, harbour: Path) -> tuple[Path, Run]:
    data = tmp_path_factory.mktemp("contract") / "data"
    return data, bot("add", ROOT / "articles", "--data-dir", data, harbour, harbour / "none.txt")


@pytest.fixture(scope="module")
def data(added: tuple[Path, Run]) -> Path:
    return added[0]


def listed(data: Path) -> dict[str, dict[str, Any]]:
    return {row["source"]: row for row in bot("articles", "--json", "--data-dir", data).lines}


@pytest.fixture(scope="module")
def answered(data: Path) -> Run:
    lines = [json.dumps({"question": question, "more": 1}) for question in QUESTIONS]
    return bot("--data-dir", data, "ask", "--batch", "-", stdin="\n".join([*lines[:2], "{broken", *lines[2:]]))


def test_add_keeps_what_it_can(added: tuple[Path, Run], data: Path) -> None:
    """A missing file and an empty one are told and give status 1; the others are kept, unknown types counted."""
    run = added[1]
    found = listed(data)

    assert run.status == 1
    assert {"north-korea-twitter-accounts.txt", "harbour.txt"} <= found.keys()
    assert all(set(row) >= {"id", "title", "source", "characters", "passages"} for row in found.values())
    assert len(run.out.splitlines()) == len(found)
    assert "none.txt: There is no such file or folder." in run.err
    assert "broken.txt: " in run.err
    assert "Skipped 1 file" in run.err


def test_the_web_is_added_and_refreshed(tmp_path: Path) -> None:
    """Addresses are added as files are, followed, and refreshed; this machine is refused unless a setting allows it."""
    allowed = {"FETCH_PRIVATE_ADDRESSES": "true", "FETCH_DELAY": "0"}
    with running() as site:
        for name in "ab":
            site.page(f"/{name}", f"The ferry {name} leaves at seven.", "<a href=b>on</a>")
        refused = bot("add", f"{site.url}/a", "--data-dir", tmp_path)
        assert (refused.status, refused.out, site.asked) == (1, "", [])
        assert "which is refused; set FETCH_PRIVATE_ADDRESSES=true" in refused.err

        added = bot("add", "--pages", "5", f"{site.url}/a", "--data-dir", tmp_path, **allowed)
        assert (added.status, added.out.count("Added: ")) == (0, 2)
        site.page("/b", "The ferry b leaves at eight.")
        site.take()
        assert bot("refresh", "--data-dir", tmp_path, **allowed).out.startswith("Replaced by the new version: 3 /b (")
        assert site.take() == [("/a", 200), ("/b", 200)]
        assert bot("refresh", "1", "--data-dir", tmp_path, **allowed) == Run(0, "", "Everything is up to date.\n")
        assert site.take() == [("/a", 304)]
        assert bot("refresh", "7", "--data-dir", tmp_path).status == 1
    assert bot("check", "--data-dir", tmp_path).status == 0


def test_show_prints_the_text_exactly(data: Path) -> None:
    """`show` gives the stored text as UTF-8 with LF, and adds no line end."""
    row = listed(data)["harbour.txt"]
    run = bot("show", row["id"], "--data-dir", data)

    assert run == Run(0, run.out, "")
    assert len(run.out) == row["characters"]
    assert run.out.strip() == HARBOUR.replace("\r\n", "\n").strip()


def test_batch_answers_every_line_in_order(answered: Run) -> None:
    """Any question at all gets an outcome; a malformed line gets an error in its place, and status 1."""
    lines = answered.lines
    error = lines.pop(2)

    assert answered.status == 1
    assert list(error) == ["error"]
    assert [line["question"] for line in lines] == QUESTIONS
    assert "Traceback" not in answered.err


def test_every_outcome_has_the_shape_of_the_contract(answered: Run) -> None:
    """Each object has the promised fields, quotes are best first, and only `not_covered` has none."""
    for line in (line for line in answered.lines if "error" not in line):
        confidences = [quote["confidence"] for quote in line["quotes"]]

        assert set(line) == {"question", "outcome", "confidence", "quotes", "understood", "elapsed_ms"}
        assert 0 <= line["confidence"] <= 1
        assert line["elapsed_ms"] >= 0
        assert (line["outcome"] == "not_covered") == (not line["quotes"])
        assert confidences == sorted(confidences, reverse=True)
        assert not confidences or confidences[0] == line["confidence"]


def test_quotes_are_slices_of_what_show_prints(answered: Run, data: Path) -> None:
    """Every quote is, code point for code point, the slice of `show` that it says, and so lie its highlights."""
    texts = {row["id"]: bot("show", row["id"], "--data-dir", data).out for row in listed(data).values()}
    quotes = [quote for line in answered.lines for quote in line.get("quotes", [])]

    assert quotes
    for quote in quotes:
        assert texts[quote["article_id"]][quote["start"] : quote["end"]] == quote["text"]
        assert all(quote["start"] <= start < end <= quote["end"] for start, end in quote["highlights"])
        assert 1 <= quote["paragraph"] <= quote["paragraphs"]


def test_questions_find_their_article(answered: Run) -> None:
    """What the sample and the added file say is quoted; what they do not say is not covered."""
    outcomes = {line["question"]: line for line in answered.lines if "error" not in line}

    assert "Han Song-il, who runs the second account" in outcomes["who is Han Song-il?"]["quotes"][0]["text"]
    assert outcomes["who keeps the lighthouse of Skarholm?"]["quotes"][0]["source"] == "harbour.txt"
    assert outcomes["who won the 2018 World Cup?"]["outcome"] == "not_covered"
    assert outcomes[""]["outcome"] == "not_covered"


def test_start_asks_the_sample_question_itself(tmp_path: Path) -> None:
    """Without a token `start` shows the sample's answer, says how to get a token, and answers a pipe."""
    run = bot("start", "--data-dir", tmp_path, stdin="what are spring tides?\n")
    again = bot("articles", "--data-dir", tmp_path, "--json")

    assert run.status == 0
    assert run.out.startswith("? who is Han Song-il?\n")
    assert "> Han Song-il, who runs the second account" in run.out
    assert "? what are spring tides?\n" in run.out
    assert "https://discord.com/developers/applications" in run.err
    assert len(again.lines) == len([path for path in (ROOT / "articles").iterdir() if path.is_file()])


def test_removed_sample_never_returns(data: Path, tmp_path: Path) -> None:
    """`chat` loads the sample into a library that never held an article, and into no other."""
    shutil.copytree(data, tmp_path / "data")
    ids = [str(row["id"]) for row in listed(tmp_path / "data").values()]
    removed = bot("remove", *ids, "9999", ids[0], "--data-dir", tmp_path / "data")
    chat = bot("chat", "--data-dir", tmp_path / "data", stdin="who is Han Song-il?\n")

    assert removed.status == 1
    assert removed.out.splitlines() == [f"Removed: {key}" for key in ids]
    assert "has no article 9999" in removed.err
    assert chat.status == 0
    assert ">" not in chat.out
    assert listed(tmp_path / "data") == {}


def test_check_finds_what_is_not_sound(data: Path, tmp_path: Path) -> None:
    """A sound library gives status 0; one whose text was changed behind its back gives 1 and a line for it."""
    import sqlite3

    shutil.copytree(data, tmp_path / "data")
    sound = bot("check", "--data-dir", tmp_path / "data")
    db = sqlite3.connect(tmp_path / "data" / "libraries" / "shared" / "catalog.db")
    with db:
        db.execute("UPDATE articles SET text = replace(text, 'Mira', 'Mora')")
    db.close()
    unsound = bot("check", "--data-dir", tmp_path / "data")

    assert (sound.status, sound.err) == (0, "")
    assert unsound.status == 1
    assert unsound.out
    assert "Traceback" not in unsound.err


def test_reindex_leaves_the_library_sound(data: Path, tmp_path: Path) -> None:
    """After `reindex` the articles keep their ids, and the library is sound."""
    shutil.copytree(data, tmp_path / "data")
    run = bot("reindex", "--data-dir", tmp_path / "data")

    assert (run.status, run.out) == (0, f"Rebuilt: {len(listed(data))} articles.\n")
    assert listed(tmp_path / "data") == listed(data)
    assert bot("check", "--data-dir", tmp_path / "data").status == 0


LIGHT = [
    (["--help"], 0),
    ([], 2),
    (["anser"], 2),
    (["add", "no/such/file.txt"], 1),
    (["ask", "--batch", "no/such/file.jsonl"], 1),
    (["articles"], 0),
    (["show", "1"], 1),
    (["show", "99999999999999999999999"], 1),
    (["remove", "1"], 1),
    (["remove", "--purge", "1"], 1),
    (["rename", "1", "Boats"], 1),
    (["history"], 0),
    (["restore", "1"], 1),
    (["export", "nothing.jsonl"], 1),
    (["import", "no/such/file.jsonl"], 1),
    (["check"], 0),
    (["articles", "--library", "../other"], 2),
]


@pytest.mark.parametrize(
    ("arguments", "status"), LIGHT, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_light_commands_load_no_model(arguments: list[str], status: int, tmp_path: Path) -> None:
    """Help, mistakes and what is not there are told at once, without torch, without writing anything."""
    command = [sys.executable, "-X", "importtime", str(ROOT / "bot.py"), *arguments, "--data-dir", str(tmp_path / "d")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60, check=False)
    times = [line for line in done.stderr.splitlines() if line.startswith("import time:")]

    assert done.returncode == status
    heavy = {"torch", "transformers", "discord", "psycopg", "pymilvus", "pandas", "cryptography"}
    assert not [line for line in times if line.rpartition("|")[2].strip() in heavy]
    assert "Traceback" not in done.stderr
    assert (status == 0) or set(done.stderr.splitlines()) - set(times)
    assert not (tmp_path / "d").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a process can hear")
def test_stopping_while_models_load_is_clean(tmp_path: Path) -> None:
    """A bot that is ended before it has logged in ends with status 0, and nothing is damaged."""
    command = [sys.executable, str(ROOT / "bot.py"), "--data-dir", str(tmp_path / "data")]
    token = {"DISCORD_TOKEN": "a.token.that.is.never.sent"}
    process = subprocess.Popen(command, env=environment() | token, stderr=subprocess.PIPE)
    # It is there while the sample is loaded, for which the models are; without it the process would end by itself.
    while not (tmp_path / "data" / "loading-articles").exists() and process.poll() is None:
        time.sleep(0.05)
    early = process.poll() is None
    process.terminate()
    _, said = process.communicate()

    assert early, said.decode()
    assert process.returncode == 0, said.decode()
    assert b"Traceback" not in said
    assert bot("check", "--data-dir", tmp_path / "data").status == 0


def test_missing_token_says_what_to_do() -> None:
    """Without a token the bot says where to get one and that the chat works without."""
    run = bot()

    assert (run.status, run.out) == (2, "")
    assert "https://discord.com/developers/applications" in run.err
    assert "`python bot.py chat`" in run.err


def test_data_folder_that_is_a_file_is_told(tmp_path: Path, harbour: Path) -> None:
    """A data folder that cannot be one is a wrong setting, and one sentence says so."""
    (tmp_path / "file").touch()
    run = bot("add", harbour / "harbour.txt", "--data-dir", tmp_path / "file")

    assert run.status == 2
    assert "is to name a folder, but" in run.err
    assert run.err.count("\n") == 1


def test_reader_that_leaves_is_no_error(data: Path) -> None:
    """`articles | head` ends quietly when the pipe is closed."""
    command = [sys.executable, str(ROOT / "bot.py"), "articles", "--data-dir", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()

        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 1
