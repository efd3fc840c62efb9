"""The bot's memory on PostgreSQL: its tables and their migrations, in the schema `bot`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from index.catalog.postgres.migrations import SchemaPart
from index.catalog.postgres.tables import vacuum_at_once
from storage.expressions import CREATE_JSON_FUNCTION
from storage.schema import accepted_questions, answers, feedback, schema, word_offers

if TYPE_CHECKING:
    import sqlalchemy as sa

SCHEMA: Final = "bot"
"""The schema of PostgreSQL that the bot's tables are in."""

_WITH_WORDS: Final = (accepted_questions, answers, feedback, word_offers)  # of members, who may have them deleted
# One tuple of statements per migration; only ever appended to. Each has its counterpart in `storage.migrations`.
_MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = ()


def _create(db: sa.Connection) -> None:
    schema.create_all(db.execution_options(schema_translate_map={None: SCHEMA}))
    db.exec_driver_sql(CREATE_JSON_FUNCTION)
    for table in _WITH_WORDS:
        db.exec_driver_sql(vacuum_at_once(f"{SCHEMA}.{table.name}"))


MEMORY_PART: Final = SchemaPart("the bot's memory", SCHEMA, _create, _MIGRATIONS)
"""The tables of `storage.schema`."""
