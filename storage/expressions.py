"""SQL expressions that SQLite and PostgreSQL spell differently: values in JSON, and days."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

# Before version 16, PostgreSQL has no other way to ask whether a text is JSON than to try.
CREATE_JSON_FUNCTION: Final = """
CREATE FUNCTION bot.json_or_null(stored text) RETURNS json LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN stored::json;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN NULL;
END
$$
"""
"""Creates the function of PostgreSQL that returns the JSON in a text, and NULL if it is damaged."""

_DAY: Final = 86400  # seconds
# At most 64 bits; ids of Discord have 19 digits.
# Each operator parses the JSON anew: one that looks at the type first would take twice as long.
_WHOLE: Final = "CAST(substring({json} #>> {path} FROM '^-?(?:[0-9]{{1,18}}|[1-8][0-9]{{18}})$') AS bigint)"


def is_json_object(column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Return whether a text is JSON, and an object."""
    return _IsJsonObject(column)


def has_json(column: sa.ColumnElement[str], *path: str | int) -> sa.ColumnElement[bool]:
    """Return whether JSON has something, perhaps null, at a path of names, and places from 0.

    Here and below, the JSON must not be damaged.
    """
    return _HasJson(column, *_paths(path))


def json_text(column: sa.ColumnElement[str], *path: str | int) -> sa.ColumnElement[str | None]:
    """Return the string at a path of JSON, NULL without one."""
    return _JsonText(column, *_paths(path))


def json_integer(column: sa.ColumnElement[str], *path: str | int) -> sa.ColumnElement[int | None]:
    """Return the whole number at a path of JSON, NULL without one; on PostgreSQL also that in a string of digits."""
    return _JsonInteger(column, *_paths(path))


def utc_day(column: sa.ColumnElement[float]) -> sa.ColumnElement[int]:
    """Return the number of the day (UTC) of a Unix time; that of 1970-01-01 is 0."""
    return _UtcDay(column)


class _IsJsonObject(FunctionElement[bool]):
    type = sa.Boolean()
    inherit_cache = True


class _HasJson(FunctionElement[bool]):
    type = sa.Boolean()
    inherit_cache = True


class _JsonText(FunctionElement[Any]):
    type = sa.String()
    inherit_cache = True


class _JsonInteger(FunctionElement[Any]):
    type = sa.BigInteger()
    inherit_cache = True


class _UtcDay(FunctionElement[int]):
    type = sa.BigInteger()
    inherit_cache = True


def _paths(path: tuple[str | int, ...]) -> tuple[sa.ColumnElement[str], sa.ColumnElement[str]]:
    """Return a path as SQLite writes it, and as PostgreSQL does; its names are constants of the program."""
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    names = ",".join(map(str, path))
    return sa.literal_column(f"'${steps}'"), sa.literal_column(f"'{{{names}}}'")


def _sqlite(form: str, element: FunctionElement[Any], compiler: Any, options: Any) -> str:
    """Fill a form with the column and SQLite's path."""
    column, *paths = (compiler.process(clause, **options) for clause in element.clauses)
    return form.format(column=column, path=next(iter(paths), ""))


def _postgresql(form: str, element: FunctionElement[Any], compiler: Any, options: Any) -> str:
    """Fill a form with the column, the JSON in it, and PostgreSQL's path."""
    column, *paths = (compiler.process(clause, **options) for clause in element.clauses)
    return form.format(column=column, json=f"CAST({column} AS json)", path=next(iter(paths[1:]), ""))


_FORMS: Final[dict[type[FunctionElement[Any]], tuple[str, str]]] = {
    _IsJsonObject: (
        "CASE WHEN json_valid({column}) THEN json_type({column}) = 'object' ELSE 0 END",
        "coalesce(json_typeof(bot.json_or_null({column})) = 'object', false)",
    ),
    _HasJson: ("(json_type({column}, {path}) IS NOT NULL)", "(({json} #> {path}) IS NOT NULL)"),
    _JsonText: (
        "json_extract({column}, {path})",
        "({json} #>> {path})",
    ),
    _JsonInteger: (
        "CASE WHEN json_type({column}, {path}) = 'integer' THEN json_extract({column}, {path}) END",
        _WHOLE,
    ),
    _UtcDay: (f"CAST({{column}} / {_DAY} AS INTEGER)", f"CAST(floor({{column}} / {_DAY}) AS bigint)"),
}

for _kind, (_for_sqlite, _for_postgresql) in _FORMS.items():
    compiles(_kind, "sqlite")(
        lambda element, compiler, form=_for_sqlite, **options: _sqlite(form, element, compiler, options)
    )
    compiles(_kind, "postgresql")(
        lambda element, compiler, form=_for_postgresql, **options: _postgresql(form, element, compiler, options)
    )
