"""The command `prepare-database`: everything in PostgreSQL that the bot's own role may not create."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index.models import SettingsError
from storage import store_urls
from terminal.output import printable, result, say

if TYPE_CHECKING:
    from settings import Settings


def prepare_database(settings: Settings, owner: str | None) -> int:
    """Create or update the bot's role, tables and rights, print what was done, and return the exit status.

    Running it again changes nothing. Raises SettingsError if an address is missing, UserError if PostgreSQL refuses.
    """
    stores = settings.stores()
    if owner is None and settings.database_owner_url is not None:
        owner = settings.database_owner_url.get_secret_value()
    if stores.database_url is None or owner is None:
        missing = "DATABASE_URL" if stores.database_url is None else "DATABASE_OWNER_URL, or --owner"
        raise SettingsError(
            f"prepare-database needs {missing}: DATABASE_URL names the bot's own role, and DATABASE_OWNER_URL the role "
            "that is to own the tables, in the same database of PostgreSQL."
        )
    if _database_of(owner) != _database_of(stores.database_url):
        raise SettingsError(
            f"DATABASE_URL names the database {_database_of(stores.database_url)}, and the owner's address "
            f"{_database_of(owner)}; both have to be the same."
        )
    from storage.bot_role import ensure_role
    from storage.stores import prepare

    done = [*ensure_role(owner, stores.database_url), *prepare(owner, stores.database_url)]
    for sentence in done:
        result(printable(sentence))
    say(
        f"The database is ready for {store_urls.shown(stores.database_url)}."
        if done
        else f"The database was ready already for {store_urls.shown(stores.database_url)}; nothing was changed."
    )
    return 0


def _database_of(url: str) -> str:
    return urlsplit(url).path.strip("/")
