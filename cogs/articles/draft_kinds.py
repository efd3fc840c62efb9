"""What `/article` keeps until a member decides: articles in previews, files to import, and searches in the list."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from cogs.articles.draft_texts import draft_from_json, draft_to_json
from cogs.articles.drafts import DraftKind
from cogs.articles.export_files import PendingImport
from index.models import Draft
from storage.drafts import DraftLimits

_MAX_BYTES: Final = 128 * 1024 * 1024
_MAX_SEARCH_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Preview:
    """An article in a preview, and what was left out of it and who may see it."""

    draft: Draft
    missing: str = ""


def _encode_preview(preview: Preview) -> tuple[str, bytes]:
    value, text = draft_to_json(preview.draft)
    return json.dumps({"draft": value, "missing": preview.missing}), text


def _decode_preview(value: str, text: bytes) -> Preview:
    stored = json.loads(value)
    return Preview(draft_from_json(stored["draft"], text), stored["missing"])


def _encode_import(pending: PendingImport) -> tuple[str, bytes]:
    value = {"name": pending.name, "count": pending.count, "packed": pending.packed}
    return json.dumps(value), pending.data


def _decode_import(value: str, data: bytes) -> PendingImport:
    return PendingImport(data=data, **json.loads(value))


PREVIEWS: Final = DraftKind("article", DraftLimits(100, _MAX_BYTES), _encode_preview, _decode_preview)
IMPORTS: Final = DraftKind("import", DraftLimits(20, _MAX_BYTES), _encode_import, _decode_import)
SEARCHES: Final[DraftKind[str]] = DraftKind(
    "search", DraftLimits(4000, _MAX_SEARCH_BYTES), lambda text: (text, b""), lambda text, _: text, has_body=False
)
