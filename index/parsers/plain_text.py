"""Parse plain text and Markdown: front matter, boilerplate, title and sections."""

from __future__ import annotations

from index.cleaning.boilerplate import clean
from index.messages.files import NO_TEXT
from index.models import Draft, UserError
from index.text.encoding import normalize_newlines
from index.text.file_names import UNTITLED, title_from_name
from index.text.front_matter import split_front_matter
from index.text.markdown_links import markdown_links
from index.text.metadata_values import clean_title, is_own_address
from index.text.sections import markdown_headings, sections, title_line


def text_draft(
    text: str, *, key: str, source: str, markdown: bool = False, title: str | None = None, address: str = ""
) -> Draft:
    """Return the draft of a text: cleaned, with its title and sections.

    The title is the first available of `title`, the title in the front matter, the first Markdown heading of level 1
    or the title line of a plain text, and the name in `source`. An address in the front matter replaces `source`,
    unless `source` is an address on another host. Relative links of Markdown are resolved against `address`, that of
    the file; plain text states no links. Raises `UserError` if no text can be quoted.
    """
    front_matter, body = split_front_matter(normalize_newlines(text))
    cleaned = clean(body, markdown)
    title = title or front_matter.title or _own_title(cleaned.text, markdown) or title_from_name(source)
    title = " ".join(title.split())
    found = sections(cleaned.text, cleaned.cuts, markdown, title)
    if not found:
        raise UserError(NO_TEXT)
    own = front_matter.address
    shown = own if own and is_own_address(own, source) else source
    title = clean_title(title) or UNTITLED
    links = markdown_links(cleaned.text, address) if markdown else None
    removed = len(cleaned.deleted)
    return Draft(key, shown, title, cleaned.text, front_matter.published, found, removed=removed, links=links)


def _own_title(text: str, markdown: bool) -> str | None:
    """Return the title in the text of an article, or None."""
    if not markdown:
        return title_line(text)
    return next((h.title for h in markdown_headings(text) if h.level == 1 and h.title), None)
