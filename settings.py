"""Every setting of Verbatim: its name, default, bounds and meaning. `.env.example` shows the same list."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, Self

from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from index.models import SettingsError

HERE: Final = Path(__file__).resolve().parent
ENV_FILE: Final = HERE / ".env"
# Windows editors put a byte order mark at the start of a file; without "-sig" it would belong to the first name.
_ENCODING: Final = "utf-8-sig"


class Settings(BaseSettings):
    """Read from the environment, else from `.env` beside bot.py, else the defaults. Use `load`."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_file_encoding=_ENCODING, hide_input_in_errors=True
    )

    discord_token: SecretStr | None = Field(None, description="The bot's token; without it only the terminal works.")
    data_dir: Path = Field(Path("data"), description="Folder for libraries and what the bot remembers.")
    articles_dir: Path = Field(Path("articles"), description="Folder that a new data folder is filled from, once.")
    embedding_model: str = Field(
        "bundled", min_length=1, description="`bundled`, or a sentence-transformers model's folder or hub name."
    )
    reader_model: str = Field(
        "verbatim",
        min_length=1,
        description="`verbatim`, `none`, or an extractive-QA model's or cross-encoder's folder or hub name.",
    )
    answer_confidence: float = Field(
        0.3, ge=0, le=1, description="From this probability on a quote is given as the answer; higher refuses more."
    )
    closest_confidence: float = Field(
        0.1, ge=0, le=1, description="From this one on the nearest passages are shown; below it, nothing is."
    )
    second_quote_confidence: float = Field(
        0.3, ge=0, le=1, description="On Discord a second and third quote are shown from this probability on."
    )
    fetch_private_addresses: bool = Field(
        False, description="Whether web addresses may lead to this machine or a private network, as for an intranet."
    )
    fetch_delay: float = Field(1.0, ge=0, le=60, description="Seconds between two requests to one web site.")
    refresh_hours: float = Field(
        24.0,
        ge=0,
        le=8784,
        description="Hours after which the running bot looks at a page, site or folder again; 0 means never.",
    )
    refresh_change_limit: float = Field(
        0.3, ge=0, le=1, description="The share of a folder's or site's articles that one refresh may change or lose."
    )
    refresh_grace_days: float = Field(
        7.0, ge=0, le=3650, description="Days for which an article stays after its source is gone."
    )
    history_versions: int = Field(
        5,
        ge=0,
        le=100,
        description="How many earlier versions of an article are kept for being brought back.",
    )
    history_days: float = Field(
        30.0, ge=0, le=3650, description="Days for which removed articles and earlier versions are kept; 0 keeps none."
    )
    server_articles: int = Field(
        2000, ge=0, le=1_000_000, description="How many articles a Discord server may have in a library of its own."
    )
    server_characters: int = Field(
        20_000_000, ge=0, le=10_000_000_000, description="How many characters these articles may have together."
    )
    server_loads: int = Field(
        5000,
        ge=0,
        le=10_000_000,
        description="How many pages, files and texts a server may have read in on a day (UTC).",
    )
    site_pages: int = Field(
        1000, ge=1, le=100_000, description="How many pages of one site can be added at once on Discord."
    )
    conversation_minutes: float = Field(
        30.0, ge=0, le=1440, description="How long ago a follow-up question may look back on Discord; 0 means never."
    )
    message_content: bool = Field(
        False,
        description="Hear all messages, for channels that are sources or where questions need no mention; "
        "a privileged intent.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much the bot logs.")

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if not isinstance(value, str) or value.strip()}

    @field_validator("discord_token")
    @classmethod
    def _like_a_token(cls, token: SecretStr | None) -> SecretStr | None:
        secret = token.get_secret_value().strip() if token else ""
        if not secret.isascii() or not secret.isprintable() or " " in secret:
            raise ValueError("It holds characters that no token has; copy the token again")
        return SecretStr(secret) if secret else None

    @field_validator("data_dir", "articles_dir")
    @classmethod
    def _beside_the_program(cls, path: Path) -> Path:
        # A service manager starts programs in some other folder; where the data is must not depend on that.
        return HERE / path.expanduser()

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.closest_confidence > self.answer_confidence:
            raise ValueError("CLOSEST_CONFIDENCE must not be above ANSWER_CONFIDENCE")
        return self


def load(env_file: Path = ENV_FILE, **overrides: object) -> Settings:
    """Return the settings; `overrides` (command line options) win over the environment, which wins over the file.

    An empty value means the default; paths that are not absolute are taken from the folder of bot.py.
    Raises SettingsError with one sentence for each name that is unknown and each value that does not fit.
    """
    problems = _problems_of_file(env_file) if env_file.is_file() else []
    if problems:
        raise SettingsError("\n".join(problems))
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return Settings(_env_file=env_file, **given)  # type: ignore[arg-type] # the plugin knows no `_env_file`
    except ValidationError as error:
        found = error.errors(include_url=False)
    raise SettingsError("\n".join(_malformed(problem["loc"], problem["msg"]) for problem in found))


def _problems_of_file(env_file: Path) -> list[str]:
    """Say what a file holds that would be passed over in silence. No line is shown: it may hold the token."""
    try:
        with env_file.open(encoding=_ENCODING) as stream:
            lines = list(parse_stream(stream))
    except UnicodeDecodeError:
        return [f"{env_file.name} is not a UTF-8 text; save it as UTF-8."]
    broken = [line.original.line for line in lines if line.error]
    unknown = [line.key for line in lines if line.key and line.key.lower() not in Settings.model_fields]
    return [f"Line {number} of {env_file.name} is neither NAME=value nor a comment." for number in broken] + [
        _unknown(name, env_file.name) for name in unknown
    ]


def _unknown(name: str, file: str) -> str:
    names = [field.upper() for field in Settings.model_fields]
    near = get_close_matches(name.upper(), names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(names)}."
    return f"{file} sets {name}, which is no setting: {hint}"


def _malformed(place: tuple[int | str, ...], reason: str) -> str:
    detail = reason.removeprefix("Value error, ")
    if not place:
        return f"The settings do not fit together: {detail}."
    name = str(place[0])
    meaning = Settings.model_fields[name].description
    return f"{name.upper()} cannot be used: {detail[0].lower()}{detail[1:]}. Its meaning: {meaning}"
