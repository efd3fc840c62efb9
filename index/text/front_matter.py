"""The metadata block at the head of a text file: YAML between `---` lines, or TOML between `+++` lines."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date

import yaml

from index.text.metadata_values import iso_date

_YAML = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^([A-Za-z][\w-]*)[ \t]*:[ \t]*(.*)$")
_MAX_YAML = 20_000  # code points, parsed within 0.3 s; of a longer block only the `key: value` lines are read
_ADDRESS_FIELDS = ("url", "source", "link", "canonical", "canonical_url", "permalink")
_DATE_FIELDS = ("date", "published", "pubdate", "publish_date", "created")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The metadata in the front matter; `published` is an ISO 8601 date or date-time."""

    title: str | None = None
    address: str | None = None
    published: str | None = None


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """Return the metadata and the rest of the text, unchanged. A first block that is not metadata stays in the text."""
    for pattern, parse in ((_YAML, _parse_yaml), (_TOML, _parse_toml)):
        if (block := pattern.match(text)) and (fields := parse(block[1])) is not None:
            return _article_fields(fields), text[block.end() :]
    return FrontMatter(), text


def _parse_yaml(block: str) -> dict[str, str] | None:
    """Return the scalar fields of a YAML block as strings, or None if the block is not a mapping."""
    if len(block) > _MAX_YAML:
        return _parse_lines(block)
    try:
        # BaseLoader keeps every scalar a string, so dates stay as they were written
        loaded = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader builds no objects
    except (yaml.YAMLError, RecursionError, ValueError):
        return _parse_lines(block)
    if loaded in (None, ""):
        return {} if not block.strip() or block.lstrip().startswith("#") else None
    return _scalar_fields(loaded) if isinstance(loaded, dict) else None


def _parse_lines(block: str) -> dict[str, str] | None:
    """Parse the `key: value` lines of a block that is almost YAML, for example a title with an unquoted colon."""
    fields: dict[str, str] = {}
    for row in filter(str.strip, block.split("\n")):
        if field := _FIELD.match(row):
            fields[field[1]] = field[2].strip().strip("\"'")
        elif not row.startswith((" ", "\t", "- ", "#")):
            return None
    return fields


def _parse_toml(block: str) -> dict[str, str] | None:
    """Return the scalar fields of a TOML block as strings, or None if the block is not TOML."""
    try:
        return _scalar_fields(tomllib.loads(block))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _scalar_fields(fields: dict[object, object] | dict[str, object]) -> dict[str, str]:
    """Return the scalar fields as strings; TOML dates are formatted as ISO 8601."""
    plain = {key: value for key, value in fields.items() if not isinstance(value, dict | list)}
    return {str(key): value.isoformat() if isinstance(value, date) else str(value) for key, value in plain.items()}


def _article_fields(fields: dict[str, str]) -> FrontMatter:
    """Return the title, address and date among the fields, ignoring the letter case of their names."""
    lower = {key.lower(): value.strip() for key, value in fields.items()}
    addresses = (lower.get(name, "") for name in _ADDRESS_FIELDS)
    dates = (iso_date(lower.get(name, "")) for name in _DATE_FIELDS)
    return FrontMatter(
        title=lower.get("title") or None,
        address=next((value for value in addresses if re.fullmatch(r"(?i)https?://[^\s<>]+", value)), None),
        published=next((value for value in dates if value), None),
    )
