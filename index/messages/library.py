"""Why an article cannot be stored, changed, refreshed or imported, and what to do."""

from __future__ import annotations

from typing import Final

from index.messages.sentence import Message

# Storing and changing
TEXT_WITH_NUL: Final = Message(
    "text_with_nul",
    "{source} contains NUL characters, so it is not text. Save it as plain text and add it again.",
)
TEXT_NOT_STORABLE: Final = Message(
    "text_not_storable",
    'The text "{text}" contains NUL or surrogate characters, which cannot be stored. Remove them and try again.',
)
TOO_LONG_FOR_INDEX: Final = Message(
    "too_long_for_index", "A name, path or address is too long to be stored. Shorten it and try again."
)
TITLE_LENGTH: Final = Message("title_length", "A title must have 1 to {limit} characters; this one has {count}.")
ARTICLE_MISSING: Final = Message(
    "article_missing", "Article {article} no longer exists; list the articles to see which ones do."
)
ARTICLE_CHANGED: Final = Message(
    "article_changed", "Article {article} has been removed or replaced in the meantime; rename the current one."
)
SOURCE_CHANGED: Final = Message(
    "source_changed", "The source was removed or changed while it was read, so it was left as it is."
)
NOTHING_KEPT: Final = Message(
    "nothing_kept", "Nothing is kept from before entry {entry}; the history shows which entries can be restored."
)
TEXT_ELSEWHERE: Final = Message(
    "text_elsewhere",
    "The text of article {article} is in article {other}, which still exists, so nothing was purged. "
    "Purge article {other} instead.",
)

# Refreshing
SOURCE_MISSING: Final = Message(
    "source_missing", "The source is missing; its article will be removed after {days:g} days."
)
TOO_MANY_CHANGES: Final = Message(
    "too_many_changes",
    "{changed} of its {articles} articles would change and {gone} are gone, which is "
    "more than a refresh may touch (REFRESH_CHANGE_LIMIT), so nothing was changed. Check the source; "
    "`refresh --force` applies the changes.",
)

# Importing
EXPORT_CUT_SHORT: Final = Message(
    "export_cut_short",
    "{name} was cut short: it ends after article {count}, without its last line. Nothing was imported; "
    "copy or export it again.",
)
NOT_AN_EXPORT: Final = Message(
    "not_an_export", "{name} is not a library written by `export`, so nothing was imported; use `add` for articles."
)
EXPORT_OF_OTHER_VERSION: Final = Message(
    "export_of_other_version",
    "{name} was exported by another version of Verbatim; update this one. Nothing was imported.",
)
EXPORT_DAMAGED: Final = Message(
    "export_damaged",
    "{name} is damaged in line {line} ({reason}). Nothing was imported; export it again.",
)
