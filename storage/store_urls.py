"""The addresses of PostgreSQL and Milvus as they stand in the settings: checked, taken apart, shown without passwords.

Imports nothing heavy, since the settings are read before anything else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_POSTGRESQL: Final = ("postgresql", "postgres")
_MILVUS: Final = ("http", "https")
_SQLITE: Final = ("sqlite", "file", "")
_FORM: Final = "postgresql://ROLE:PASSWORD@HOST:5432/DATABASE"
_BARE_PERCENT: Final = re.compile("%(?![0-9A-Fa-f]{2})")
_MILVUS_PORT: Final = 19530


@dataclass(frozen=True, slots=True)
class VectorAddress:
    """Where Milvus is: the address without a token, and the token, which has the form USER:PASSWORD or is a key."""

    url: str
    token: str | None = field(default=None, repr=False)


def check_database_url(url: str) -> str:
    """Return the address of a PostgreSQL database. Raises ValueError in one sentence that does not quote it."""
    parts = _split(url)
    if parts.scheme not in _POSTGRESQL:
        if parts.scheme in _SQLITE:
            raise ValueError(f"without this setting, SQLite is used; PostgreSQL's address has the form {_FORM}")
        raise ValueError(f"Only PostgreSQL is supported, and its address has the form {_FORM}")
    if not parts.path.strip("/"):
        raise ValueError(f"It names no database; the form is {_FORM}")
    if not parts.username:
        raise ValueError(f"It names no role; the form is {_FORM}")
    if not _without_user(parts) and "host" not in parse_qs(parts.query):
        raise ValueError(f"It names no host; the form is {_FORM}")
    return url


def check_vector_url(url: str) -> str:
    """Return the address of Milvus. Raises ValueError in one sentence that does not quote it."""
    parts = _split(url)
    if parts.scheme not in _MILVUS or not parts.hostname:
        raise ValueError(
            f"It must be the address of a Milvus server, such as http://HOST:{_MILVUS_PORT}; FAISS is used without it"
        )
    return url


def vector_address(url: str, token: str | None = None) -> VectorAddress:
    """Return the address and the token of Milvus; a token that is given wins over one in the address."""
    parts = urlsplit(url)
    if token is None and parts.username is not None:
        token = unquote(parts.username) + (f":{unquote(parts.password)}" if parts.password is not None else "")
    return VectorAddress(parts._replace(netloc=_without_user(parts)).geturl(), token or None)


def shown(url: str) -> str:
    """Return an address for people: without a password, and without parameters, which may hold one."""
    parts = urlsplit(url)
    # The user of a Milvus address may be a key; a role of PostgreSQL is no secret, and says who cannot connect.
    user = f"{parts.username}@" if parts.username and parts.scheme in _POSTGRESQL else ""
    return parts._replace(netloc=f"{user}{_without_user(parts)}", query="", fragment="").geturl()


def role_of(url: str) -> str:
    """Return the role that an address of PostgreSQL names."""
    return unquote(urlsplit(url).username or "")


def password_of(url: str) -> str | None:
    """Return the password that an address names, None without one."""
    parts = urlsplit(url)
    found = parts.password if parts.password is not None else "".join(parse_qs(parts.query).get("password", []))
    return unquote(found) or None


def secrets_of(url: str) -> list[str]:
    """Return what of an address must not be shown, as it is written there and decoded."""
    parts = urlsplit(url)
    written = [parts.password, *parse_qs(parts.query).get("password", [])]
    if parts.scheme not in _POSTGRESQL:
        written.append(parts.username)
    return sorted({one for text in written if text for one in (text, unquote(text))})


def _split(url: str) -> SplitResult:
    if any(sign.isspace() or not sign.isprintable() for sign in url):
        raise ValueError("It contains spaces or control characters, which have to be percent-encoded")
    if _BARE_PERCENT.search(url):  # libpq's own message would quote what surrounds it
        raise ValueError("A % in it has to be written as %25")
    try:
        parts = urlsplit(url)
        for host in _without_user(parts).split(","):  # libpq tries several, one after the other
            _ = urlsplit(f"//{host}").port
    except ValueError:
        raise ValueError(
            "Its host or port cannot be read; characters such as @, / and : in a password have to be percent-encoded"
        ) from None
    return parts


def _without_user(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]
