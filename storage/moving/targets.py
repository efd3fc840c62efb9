"""Which stores an address of `migrate` names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from index.models import SettingsError
from storage.moving.postgres_side import PATIENT, PostgresSide
from storage.moving.sides import SqliteSide
from storage.store_urls import check_database_url, check_vector_url, shown, vector_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.moving.sides import Side
    from storage.stores import Stores

SQLITE: Final = "sqlite"
FAISS: Final = "faiss"


def target_stores(current: Stores, database: str | None, vectors: str | None) -> Stores:
    """Return the stores that the arguments name; what is None stays as in the current ones.

    `database` is an address of PostgreSQL, `sqlite` for the files of the data folder, or `sqlite:FOLDER` for those of
    another one. `vectors` is an address of Milvus or `faiss`. Raises SettingsError if they cannot be.
    """
    found = replace(current, timeouts=PATIENT)
    if database is not None:
        kind, _, folder = database.partition(":")
        if kind == SQLITE:
            data_dir = Path(unquote(folder.removeprefix("//"))).expanduser().absolute() if folder else current.data_dir
            found = replace(found, database_url=None, data_dir=data_dir)
            if vectors is None:
                found = replace(found, vector_url=None, vector_token=None)
        else:
            found = replace(found, database_url=_checked(check_database_url, database, "--database"))
    if vectors == FAISS:
        found = replace(found, vector_url=None, vector_token=None)
    elif vectors is not None:
        address = vector_address(_checked(check_vector_url, vectors, "--vectors"))
        found = replace(found, vector_url=address.url, vector_token=address.token or current.vector_token)
    if found.database_url is None and found.vector_url is not None:
        raise SettingsError("Milvus needs PostgreSQL: SQLite goes with FAISS. Name another --database, or --vectors.")
    return found


def side(stores: Stores) -> Side:
    """Return stores as a side of a move. Raises UserError if they cannot be reached, or are not prepared."""
    return SqliteSide(stores.data_dir) if stores.database_url is None else PostgresSide(stores)


def words(stores: Stores) -> str:
    """Return where stores are, in words, without passwords."""
    database = f"SQLite in {stores.data_dir}" if stores.database_url is None else shown(stores.database_url)
    return f"{database} with {'FAISS' if stores.vector_url is None else shown(stores.vector_url)}"


def _checked(check: Callable[[str], str], value: str, option: str) -> str:
    try:
        return check(value)
    except ValueError as error:
        raise SettingsError(f"{option} cannot be used. {str(error)[:1].upper()}{str(error)[1:]}.") from None
