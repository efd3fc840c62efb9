"""The role of PostgreSQL that the bot connects as: created where that is possible, refused where it could do too much.

Row-level security keeps libraries apart only for a role that is no superuser, has not BYPASSRLS, and neither owns the
tables nor may become their owner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, LiteralString

from index.models import UserError
from storage import store_urls

if TYPE_CHECKING:
    import psycopg

_SECONDS: Final = 10
_LOCK: Final = 0x7665726261746D  # of two processes that prepare a database at the same time
_ATTRIBUTES: Final = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION"


def ensure_role(owner_url: str, bot_url: str) -> list[str]:
    """Create the bot's role if it does not exist, and let it connect; return a sentence for each thing done.

    The password of `bot_url` is sent as a SCRAM-SHA-256 verifier, so that neither the server nor its log sees it.
    Raises UserError if the role exists but may do too much, and, with the statement to run, if it cannot be created.
    """
    import psycopg

    role = store_urls.role_of(bot_url)
    try:
        with psycopg.connect(owner_url, connect_timeout=_SECONDS) as db:
            db.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            done = [] if _exists(db, role) else [_create(db, role, store_urls.password_of(bot_url))]
            _refuse_powers(db, role)
            return done + _let_connect(db, role)
    except psycopg.Error as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise UserError(f"{store_urls.shown(owner_url)}: {reason.rstrip('.')}.") from None


def _value(db: psycopg.Connection, query: LiteralString, *values: object) -> object:
    row = db.execute(query, values).fetchone()
    return row[0] if row else None


def _exists(db: psycopg.Connection, role: str) -> bool:
    return _value(db, "SELECT true FROM pg_roles WHERE rolname = %s", role) is not None


def _create(db: psycopg.Connection, role: str, password: str | None) -> str:
    from psycopg import sql

    may = _value(db, "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    if not may or password is None:
        why = "DATABASE_URL has no password for it" if may else "the owner may not create roles"
        statement = sql.SQL(f"CREATE ROLE {{}} {_ATTRIBUTES} PASSWORD 'PASSWORD';").format(sql.Identifier(role))
        raise UserError(
            f"The role {role} does not exist, and {why}. Run this as an administrator of the database, with a password "
            f"of your own, then this command again:\n    {statement.as_string(db)}"
        )
    verifier = db.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    create = sql.SQL(f"CREATE ROLE {{}} {_ATTRIBUTES} PASSWORD {{}}")
    db.execute(create.format(sql.Identifier(role), sql.Literal(verifier)))
    return f"Created the role {role}."


def _refuse_powers(db: psycopg.Connection, role: str) -> None:
    powerful = _value(db, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", role)
    if powerful or _value(db, "SELECT pg_has_role(%s, current_user, 'MEMBER')", role):
        raise UserError(
            f"The role {role} of DATABASE_URL owns the tables, is a member of their owner, is a superuser or has "
            "BYPASSRLS, so that the database could not keep the libraries of servers apart. Name a role of the bot's "
            "own there: if it does not exist, this command creates it."
        )


def _let_connect(db: psycopg.Connection, role: str) -> list[str]:
    from psycopg import sql

    if _value(db, "SELECT has_database_privilege(%s, current_database(), 'CONNECT')", role):
        return []
    database = str(_value(db, "SELECT current_database()"))
    grant = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
    db.execute(grant.format(sql.Identifier(database), sql.Identifier(role)))
    return [f"Let the role {role} connect to {database}."]
