"""Drafts of articles as JSON and bytes, for keeping them on disk until a member decides."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import fields
from typing import Any, Final

from index.models import Draft, Link, Section

_PLAIN: Final = tuple(one.name for one in fields(Draft) if one.name not in {"text", "sections", "links"})
_ERRORS: Final = "surrogatepass"  # a text that came from elsewhere may hold what UTF-8 does not


def draft_to_json(draft: Draft) -> tuple[dict[str, Any], bytes]:
    """Return a draft's values, which can be written as JSON, and its text."""
    values = {name: getattr(draft, name) for name in _PLAIN}
    values["sections"] = [[one.start, one.end, one.heading] for one in draft.sections]
    values["links"] = draft.links
    return values, draft.text.encode(errors=_ERRORS)


def draft_from_json(values: dict[str, Any], text: bytes) -> Draft:
    """Return the draft of `draft_to_json`."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    values["sections"] = tuple(Section(*one) for one in values["sections"])
    values["links"] = None if values["links"] is None else tuple(Link(*one) for one in values["links"])
    return Draft(text=text.decode(errors=_ERRORS), **values)


def pack_drafts(drafts: Sequence[Draft]) -> Generator[None, None, bytes]:
    """Return drafts as lines, three for each (the length of its text, its values, its text), in steps."""
    parts: list[bytes] = []
    for draft in drafts:
        yield
        values, text = draft_to_json(draft)
        parts += [b"%d\n" % len(text), json.dumps(values).encode(), b"\n", text, b"\n"]
    return b"".join(parts)


def unpack_drafts(data: bytes) -> Iterator[Draft]:
    """Yield the drafts of `pack_drafts`."""
    at = 0
    while at < len(data):
        begin = data.index(b"\n", at) + 1
        end = data.index(b"\n", begin)
        at = end + 1 + int(data[at:begin])
        yield draft_from_json(json.loads(data[begin:end]), data[end + 1 : at])
        at += 1
