"""Names of collections, which articles are tagged with: as displayed, and as compared."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from index.messages.tags import TAG_NAME, TAG_RESERVED
from index.models import UserError
from index.text.display_names import display_line

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_NAME: Final = 40  # characters of a collection's name
MAX_TAGS: Final = 10  # collections of an article
MAX_COLLECTIONS: Final = 50  # collections of a library
ALL: Final = "all"  # stands for every article where collections are named
NONE: Final = "none"  # stands for no collection


def folded_tag(name: str) -> str:
    """Return a collection's name as it is compared: without regard to case, width and white space."""
    return " ".join(unicodedata.normalize("NFKC", display_line(name)).casefold().split())


def tag_name(text: str) -> str:
    """Return a collection's name as it is stored and displayed: on one line, as typed.

    Raises UserError if nothing visible is left, if it is longer than `MAX_NAME` or reserved, or if it has a comma,
    which separates names in a list.
    """
    name = unicodedata.normalize("NFC", display_line(text)).strip()
    if not folded_tag(name) or len(name) > MAX_NAME or "," in name:
        raise UserError(TAG_NAME, limit=MAX_NAME)
    if folded_tag(name) in {ALL, NONE}:
        raise UserError(TAG_RESERVED, name=name)
    return name


def tag_names(typed: str) -> tuple[str, ...]:
    """Return the names in a list separated by commas, each once. Raises UserError as `tag_name` does."""
    return distinct_tags(tag_name(part) for part in typed.split(",") if part.strip())


def distinct_tags(names: Iterable[str]) -> tuple[str, ...]:
    """Return names without those that differ from an earlier one in case or white space alone."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(folded_tag(name), name)
    return tuple(found.values())
