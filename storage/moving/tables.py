"""Which tables are moved and backed up."""

from __future__ import annotations

from typing import Final

from index.catalog.schema import schema as catalog_schema
from storage.moving.rows import tables_in_order
from storage.schema import schema as memory_schema

CATALOG_TABLES: Final = tuple(tables_in_order(catalog_schema))
"""The tables of a library."""

MEMORY_TABLES: Final = tuple(tables_in_order(memory_schema, without={"accepted_questions"}))
"""The tables of the bot's memory: not questions that wait for an answer for some minutes."""
