"""All settings with their defaults, bounds and meanings, as in `.env.example`; `terminal.settings_file` reads them."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from index.models import SettingsError
from storage import store_urls

if TYPE_CHECKING:
    from storage.stores import Stores

HERE: Final = Path(__file__).resolve().parent  # the checkout, or the folder into which a wheel was installed


def _home() -> Path:
    """Return VERBATIM_HOME, else the checkout, else, for an installed wheel, a folder of the user's data."""
    if given := os.environ.get("VERBATIM_HOME", "").strip():
        try:
            return Path(given).expanduser().absolute()
        except RuntimeError:
            sys.stderr.write(f"VERBATIM_HOME cannot be used: there is no home folder for {Path(given).parts[0]}.\n")
            raise SystemExit(2) from None
    if (HERE / "pyproject.toml").is_file():
        return HERE
    places = {"win32": ("LOCALAPPDATA", "~/AppData/Local"), "darwin": ("", "~/Library/Application Support")}
    variable, usual = places.get(sys.platform, ("XDG_DATA_HOME", "~/.local/share"))
    try:
        return Path(os.environ.get(variable) or usual).expanduser().absolute() / "verbatim"
    except RuntimeError:  # a user without a home folder
        return Path.cwd()


HOME: Final = _home()  # has .env; relative paths start here
ENV_FILE: Final = HOME / ".env"
INSTALL_EXTRA: Final = 'pip install "verbatim[cluster]"'
# Windows editors put a byte order mark at the start of a file; without "-sig" it would become part of the first name.
ENCODING: Final = "utf-8-sig"


class Settings(BaseSettings):
    """The settings of a process: from the environment, else from `.env`, else the defaults."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_file_encoding=ENCODING, hide_input_in_errors=True
    )

    discord_token: SecretStr | None = Field(
        None, description="Token of the Discord bot; without it only the terminal commands work."
    )
    data_dir: Path = Field(Path("data"), description="Folder of the libraries and the bot's database.")
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL for the articles and the bot's database, as the bot's own role; without it SQLite is "
        "used, in DATA_DIR.",
    )
    database_owner_url: SecretStr | None = Field(
        None, description="The same database as the role that owns its tables; only `prepare-database` uses it."
    )
    vector_store: SecretStr | None = Field(
        None,
        description="Milvus for the vectors and words of articles, which needs DATABASE_URL; without it FAISS is used, "
        "in DATA_DIR.",
    )
    vector_store_token: SecretStr | None = Field(None, description="Token for VECTOR_STORE: USER:PASSWORD, or a key.")
    articles_dir: Path = Field(
        Path("articles"), description="Folder of articles that are loaded once into a new data folder."
    )
    embedding_model: str = Field(
        "bundled", min_length=1, description="`bundled`, or the folder or hub name of a sentence-transformers model."
    )
    reader_model: str = Field(
        "verbatim",
        min_length=1,
        description="`verbatim`, `none`, or the folder or hub name of an extractive question-answering model.",
    )
    reranker_model: str = Field(
        "verbatim", min_length=1, description="`verbatim`, `none`, or the folder or hub name of a cross-encoder."
    )
    answer_confidence: float = Field(
        0.3, ge=0, le=1, description="Lowest confidence of an answer, 0 to 1; a higher value refuses more questions."
    )
    closest_confidence: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Lowest confidence at which the closest passages are shown instead; below it, nothing is quoted.",
    )
    second_quote_confidence: float = Field(
        0.3, ge=0, le=1, description="Lowest confidence at which a second and third quote are shown."
    )
    fetch_private_addresses: bool = Field(
        False, description="Whether pages of this machine and of private networks may be fetched, as for an intranet."
    )
    fetch_delay: float = Field(1.0, ge=0, le=60, description="Seconds between two requests to the same web site.")
    refresh_hours: float = Field(
        24.0,
        ge=0,
        le=8784,
        description="Hours between two refreshes of a page, site or folder while the bot runs; 0 means never.",
    )
    refresh_change_limit: float = Field(
        0.3,
        ge=0,
        le=1,
        description="Largest share of a folder's or site's articles that one refresh may change or remove, 0 to 1.",
    )
    refresh_grace_days: float = Field(
        7.0, ge=0, le=3650, description="Days that an article is kept after its source has disappeared."
    )
    history_versions: int = Field(
        5,
        ge=0,
        le=100,
        description="Number of earlier versions kept of each article, which can be restored.",
    )
    history_days: float = Field(
        30.0, ge=0, le=3650, description="Days that removed articles and earlier versions are kept; 0 keeps none."
    )
    server_articles: int = Field(
        2000,
        ge=0,
        le=1_000_000,
        description="Maximum number of articles that a Discord server may have in its own library.",
    )
    server_characters: int = Field(
        20_000_000,
        ge=0,
        le=10_000_000_000,
        description="Maximum number of characters that the articles of a Discord server may have in total.",
    )
    server_loads: int = Field(
        5000,
        ge=0,
        le=10_000_000,
        description="Maximum number of pages, files and texts that a Discord server may import per day (UTC).",
    )
    site_pages: int = Field(
        1000, ge=1, le=100_000, description="Maximum number of pages of one site that can be added at once on Discord."
    )
    conversation_minutes: float = Field(
        30.0,
        ge=0,
        le=1440,
        description="Minutes that a follow-up question on Discord may look back; 0 means never.",
    )
    busy_seconds: float = Field(
        10.0,
        ge=0,
        le=600,
        description="Seconds that a command's answer may take before its asker is told how long it will take.",
    )
    question_days: int = Field(
        90,
        ge=0,
        le=90,
        description="Maximum number of days that the text of a question on Discord is stored; 0 stores none.",
    )
    backup_folder: Path | None = Field(
        None, description="Folder in which the running bot writes backups; without one it writes none."
    )
    backup_days: float = Field(1.0, gt=0, le=365, description="Days between two backups in BACKUP_FOLDER.")
    backup_keep: int = Field(
        7, ge=1, le=10_000, description="Number of backups that are kept in BACKUP_FOLDER; older ones are deleted."
    )
    message_content: bool = Field(
        False,
        description="Whether to receive all messages, a privileged intent, for source channels and answers without a "
        "mention.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Level of the log: DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Literal["auto", "human", "json"] = Field(
        "auto",
        description="Form of the log: human, json, or auto, which is json if the bot runs without a terminal.",
    )
    metrics_host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address of metrics and health; with the default, only this machine can read them.",
    )
    metrics_port: int = Field(
        9464, ge=0, le=65535, description="Port of metrics and health (/metrics and /healthz); 0 means neither."
    )
    project_url: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="Web address of a page about this bot, which /about links to; without one it links to none.",
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if not isinstance(value, str) or value.strip()}

    @field_validator("discord_token")
    @classmethod
    def _check_token(cls, token: SecretStr | None) -> SecretStr | None:
        secret = token.get_secret_value().strip() if token else ""
        if not secret.isascii() or not secret.isprintable() or " " in secret:
            raise ValueError("It contains characters that no token has; copy the token again")
        return SecretStr(secret) if secret else None

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _check_database(cls, url: SecretStr | None) -> SecretStr | None:
        return SecretStr(store_urls.check_database_url(url.get_secret_value().strip())) if url else None

    @field_validator("vector_store")
    @classmethod
    def _check_vectors(cls, url: SecretStr | None) -> SecretStr | None:
        return SecretStr(store_urls.check_vector_url(url.get_secret_value().strip())) if url else None

    @field_validator("data_dir", "backup_folder")
    @classmethod
    def _relative_to_home(cls, path: Path | None) -> Path | None:
        # A service manager may start the bot in any folder; the place of the data must not depend on that.
        return HOME / _expanded(path) if path else None

    @field_validator("articles_dir")
    @classmethod
    def _relative_or_shipped(cls, path: Path) -> Path:
        own, shipped = HOME / _expanded(path), HERE / _expanded(path)
        return shipped if shipped.is_dir() and not own.is_dir() else own

    @field_validator("log_format", mode="before")
    @classmethod
    def _to_lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _to_upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.closest_confidence > self.answer_confidence:
            raise ValueError("CLOSEST_CONFIDENCE must not be above ANSWER_CONFIDENCE")
        return self

    @model_validator(mode="after")
    def _check_stores(self) -> Self:
        if self.vector_store is not None and self.database_url is None:
            raise ValueError(
                "VECTOR_STORE needs DATABASE_URL, since Milvus is used with PostgreSQL only; remove it, or set both"
            )
        return self

    def stores(self) -> Stores:
        """Return where libraries and the bot's memory are. Raises SettingsError if packages for that are missing."""
        from storage.stores import Stores

        needed = {"psycopg": self.database_url, "pymilvus": self.vector_store}
        missing = [name for name, url in needed.items() if url is not None and find_spec(name) is None]
        if missing:
            raise SettingsError(
                f"DATABASE_URL and VECTOR_STORE need packages that are not installed ({', '.join(missing)}): "
                f"run `{INSTALL_EXTRA}`."
            )
        database = self.database_url.get_secret_value() if self.database_url else None
        if self.vector_store is None:
            return Stores(self.data_dir, database)
        token = self.vector_store_token.get_secret_value() if self.vector_store_token else None
        vectors = store_urls.vector_address(self.vector_store.get_secret_value(), token)
        return Stores(self.data_dir, database, vectors.url, vectors.token)

    def secrets(self) -> list[str]:
        """Return what no message or record of the log may show."""
        found = [secret.get_secret_value() for secret in (self.discord_token, self.vector_store_token) if secret]
        found += [found[-1].partition(":")[2]] if self.vector_store_token else []
        for url in (self.database_url, self.database_owner_url, self.vector_store):
            found += store_urls.secrets_of(url.get_secret_value()) if url else []
        return found


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"There is no home folder for {path.parts[0]}") from error
