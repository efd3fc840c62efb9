"""Tests of the settings: each is documented, and each mistake is reported in one sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from index.models import SettingsError
from settings import HERE, Settings
from storage.store_urls import check_database_url, password_of, role_of, secrets_of, shown, vector_address
from terminal.settings_file import load

TOKEN = "MTE4.Gx.secret-part_of.it"
POSTGRES = "DATABASE_URL=postgresql://bot:secret-word@db.example.org:5432/verbatim"


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def env(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_example_lists_every_setting_with_its_default_and_meaning(env: Path) -> None:
    """`.env.example` has exactly the settings, each with its default and its description."""
    example = (HERE / ".env.example").read_text(encoding="utf-8")
    env.write_text(example, encoding="utf-8")
    described = dict(re.findall(r"^# (.+)\n(\w+)=", example, flags=re.MULTILINE))

    assert {name: meaning for meaning, name in described.items()} == {
        name.upper(): field.description for name, field in Settings.model_fields.items()
    }
    assert load(env) == load(env.with_name("none"))


def test_example_values_are_the_defaults(env: Path) -> None:
    """Each value in `.env.example` is written exactly like the default."""
    example = (HERE / ".env.example").read_text(encoding="utf-8")
    values = dict(re.findall(r"^(\w+)=(.*)$", example, flags=re.MULTILINE))

    assert values == {
        name.upper(): "" if field.default is None else str(field.default)
        for name, field in Settings.model_fields.items()
    }


def test_environment_wins_over_the_file(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command line option wins over the environment, the environment over `.env`, and `.env` over the default."""
    env.write_text("ANSWER_CONFIDENCE=0.7\nLOG_LEVEL=debug\nDATA_DIR=/file\n", encoding="utf-8")
    monkeypatch.setenv("ANSWER_CONFIDENCE", "0.8")
    settings = load(env, data_dir=Path("/option"))

    assert settings.answer_confidence == 0.8
    assert settings.log_level == "DEBUG"
    assert settings.data_dir == Path("/option")


def test_empty_means_default(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty value, in the file or the environment, means the default; an empty token is no token."""
    env.write_text(f"DISCORD_TOKEN={TOKEN}\nREADER_MODEL=\n", encoding="utf-8")
    monkeypatch.setenv("DISCORD_TOKEN", " ")
    settings = load(env)

    assert settings.discord_token is None
    assert settings.reader_model == "verbatim"


def test_other_variables_of_the_environment_are_ignored(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only names in `.env` are checked; the environment belongs to other programs as well."""
    monkeypatch.setenv("DISCORD_TOKENS", "x")

    assert load(env).discord_token is None


def test_a_folder_of_nobody(env: Path) -> None:
    """A home folder of a user who does not exist is one sentence."""
    env.write_text("DATA_DIR=~no-such-user-here/data\n", encoding="utf-8")

    with pytest.raises(SettingsError, match="DATA_DIR cannot be used: there is no home folder for ~no-such-user-here"):
        load(env)


def test_relative_paths_are_taken_from_the_program(env: Path) -> None:
    """The data folder does not depend on the folder in which the bot is started."""
    env.write_text("DATA_DIR=somewhere\n", encoding="utf-8")

    assert load(env).data_dir == HERE / "somewhere"


def test_home_is_the_folder_of_env_and_data(tmp_path: Path) -> None:
    """VERBATIM_HOME moves `.env` and the data folder; the sample articles stay those of the program."""
    (tmp_path / ".env").write_text("LOG_LEVEL=ERROR\n", encoding="utf-8")
    show = (
        "from terminal.settings_file import load; s = load(); print(s.data_dir, s.articles_dir, s.log_level, sep='|')"
    )
    environment = {**os.environ, "VERBATIM_HOME": str(tmp_path), "PYTHONPATH": str(HERE)}
    out = subprocess.run([sys.executable, "-c", show], env=environment, capture_output=True, text=True, check=True)

    assert out.stdout.strip().split("|") == [str(tmp_path / "data"), str(HERE / "articles"), "ERROR"]


def test_windows_file_is_read(env: Path) -> None:
    """A byte order mark, CRLF line ends and blanks around the token are accepted."""
    env.write_bytes(f"\ufeffDISCORD_TOKEN = {TOKEN} \r\nLOG_LEVEL=ERROR\r\n".encode())

    assert load(env).discord_token == SecretStr(TOKEN)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("DISCORD_TOKN=x", r"\.env sets DISCORD_TOKN, which is not a setting: did you mean DISCORD_TOKEN\?"),
        ("COLOUR=x", r"\.env sets COLOUR, which is not a setting: the settings are DISCORD_TOKEN, .*LOG_LEVEL, .*\."),
        ("ANSWER_CONFIDENCE=high", r"ANSWER_CONFIDENCE cannot be used: input should be a valid number.*Its meaning: "),
        ("ANSWER_CONFIDENCE=1.5", r"ANSWER_CONFIDENCE cannot be used: input should be less than or equal to 1"),
        ("CLOSEST_CONFIDENCE=nan", r"CLOSEST_CONFIDENCE cannot be used: "),
        ("CLOSEST_CONFIDENCE=0.9", r"The settings do not fit together: CLOSEST_CONFIDENCE must not be above ANSWER_"),
        ("LOG_LEVEL=loud", r"LOG_LEVEL cannot be used: input should be 'DEBUG', "),
        ("DATABASE_URL=mysql://a:secret-word@h/d", r"DATABASE_URL cannot be used: only PostgreSQL is supported"),
        ("DATABASE_URL=sqlite:///a.db", r"DATABASE_URL cannot be used: without this setting, SQLite is used"),
        ("DATABASE_URL=postgresql://a:secret-word@h", r"DATABASE_URL cannot be used: it names no database"),
        ("DATABASE_URL=postgresql://h/d", r"DATABASE_URL cannot be used: it names no role"),
        ("DATABASE_URL=postgresql://a@/d", r"DATABASE_URL cannot be used: it names no host"),
        ("DATABASE_URL=postgresql://a:secret-word/@h/d", r"DATABASE_URL cannot be used: its host or port"),
        ("DATABASE_OWNER_URL=mariadb://h/d", r"DATABASE_OWNER_URL cannot be used: only PostgreSQL"),
        (f"{POSTGRES}\nVECTOR_STORE=milvus.db", r"VECTOR_STORE cannot be used: it must be the address of a Milvus"),
        ("VECTOR_STORE=http://h:19530", r"do not fit together: VECTOR_STORE needs DATABASE_URL, since Milvus is used"),
        ("# fine\n=== what", r"Line 2 of \.env is neither NAME=value nor a comment\."),
    ],
)
def test_what_is_wrong_is_one_sentence(env: Path, text: str, message: str) -> None:
    """An unknown name, an invalid value and a malformed line are each reported in one line."""
    env.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=message) as caught:
        load(env)

    assert "\n" not in str(caught.value)
    assert "secret-word" not in str(caught.value)
    assert "pydantic" not in str(caught.value)


def test_each_mistake_has_its_sentence(env: Path) -> None:
    """Two invalid values give two lines, so that both can be fixed at once."""
    env.write_text("ANSWER_CONFIDENCE=high\nLOG_LEVEL=loud\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"ANSWER_CONFIDENCE.*\nLOG_LEVEL"):
        load(env)


@pytest.mark.parametrize("line", ["DISCORD_TOKEN='{}  é'", "DISCORD_TOKEN='{} twice'", "DISCORD_TOKEN {}"])
def test_token_is_never_shown(env: Path, line: str) -> None:
    """Neither error messages nor the repr of the settings contain the token."""
    env.write_text(line.format(TOKEN), encoding="utf-8")
    try:
        shown = repr(load(env))
    except SettingsError as error:
        shown = str(error)

    assert TOKEN not in shown


PAIRS = [
    ("", (None, None, None)),
    (POSTGRES, ("postgresql://bot:secret-word@db.example.org:5432/verbatim", None, None)),
    (
        f"{POSTGRES}\nVECTOR_STORE=https://m.example.org:19530\nVECTOR_STORE_TOKEN=root:secret-token",
        (POSTGRES.partition("=")[2], "https://m.example.org:19530", "root:secret-token"),
    ),
    (
        f"{POSTGRES}\nVECTOR_STORE=http://root:secret%2Dtoken@m.example.org:19530",
        (POSTGRES.partition("=")[2], "http://m.example.org:19530", "root:secret-token"),
    ),
]


@pytest.mark.parametrize(("text", "expected"), PAIRS)
def test_the_three_pairs_of_stores(env: Path, text: str, expected: tuple[str | None, ...]) -> None:
    """SQLite with FAISS, PostgreSQL with FAISS and PostgreSQL with Milvus; no password is ever shown."""
    env.write_text(text, encoding="utf-8")
    settings = load(env)
    stores = settings.stores()

    assert stores.data_dir == settings.data_dir
    assert (stores.database_url, stores.vector_url, stores.vector_token) == expected
    assert "secret" not in repr(settings) + repr(stores)
    written = {"secret-word": POSTGRES in text, "secret-token": "VECTOR_STORE" in text}
    assert {name for name, there in written.items() if there} <= set(settings.secrets())


def test_packages_that_are_missing_are_named(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, one sentence says how to install it."""
    env.write_text(f"{POSTGRES}\nVECTOR_STORE=http://h:19530", encoding="utf-8")
    monkeypatch.setattr("settings.find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"\(psycopg, pymilvus\): run `pip install \"verbatim\[cluster\]\"`\.$"):
        load(env).stores()


def test_several_hosts_may_be_tried() -> None:
    """Libpq's form for a primary that may be on one of several machines is understood."""
    url = "postgresql://bot:word@one:5432,other:5433/d?target_session_attrs=read-write"

    assert check_database_url(url) == url
    assert shown(url) == "postgresql://bot@one:5432,other:5433/d"
    with pytest.raises(ValueError, match="host or port cannot be read"):
        check_database_url("postgresql://bot:word@one:5432,other:x/d")


def test_addresses_are_shown_without_secrets() -> None:
    """A role may be seen, since it says who cannot connect; passwords, keys and parameters may not."""
    assert shown("postgresql://bot:word@h:5432/d?password=word&sslmode=require") == "postgresql://bot@h:5432/d"
    assert shown("https://key-of-milvus@h:19530") == "https://h:19530"
    assert secrets_of("postgresql://bot:a%40b@h/d?password=word") == ["a%40b", "a@b", "word"]
    assert secrets_of("https://key-of-milvus@h:19530") == ["key-of-milvus"]
    assert (role_of("postgresql://b%20t:a%40b@h/d"), password_of("postgresql://b:a%40b@h/d")) == ("b t", "a@b")
    assert password_of("postgresql://b@h/d") is None


def test_a_percent_sign_in_a_password() -> None:
    """It is refused before libpq, whose message would quote the password."""
    with pytest.raises(ValueError, match=r"has to be written as %25$"):
        check_database_url("postgresql://bot:100%secret@h/d")
    assert "secret" not in repr(vector_address("http://root:secret@h:19530"))


def test_unreadable_file_is_reported(env: Path) -> None:
    """A file that is not UTF-8 is refused with advice on what to do."""
    env.write_bytes(b"DATA_DIR=caf\xe9\n")
    with pytest.raises(SettingsError, match=r"\.env is not UTF-8 text; save it as UTF-8\."):
        load(env)


def test_readme_lists_every_setting_with_its_default() -> None:
    """The README's table of settings names them all, in order, each with its default."""
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `([A-Z_]+)` \| (\S+) \|", readme, flags=re.MULTILINE)

    assert table == [
        (name.upper(), "none" if field.default is None else f"`{field.default}`")
        for name, field in Settings.model_fields.items()
    ]
