"""Why articles cannot be put into a collection, and what to do."""

from __future__ import annotations

from typing import Final

from index.messages.sentence import Message

TAG_NAME: Final = Message("tag_name", "A collection's name must have 1 to {limit} characters and no comma.")
TAG_RESERVED: Final = Message("tag_reserved", "“{name}” has a meaning of its own here; choose another name.")
TOO_MANY_TAGS: Final = Message("too_many_tags", "An article can be in at most {limit} collections.")
TOO_MANY_COLLECTIONS: Final = Message(
    "too_many_collections", "There can be at most {limit} collections; take articles out of one first."
)
