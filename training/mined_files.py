"""Read the documentation files of one unpacked package or repository as articles, with the loader of the bot."""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from index.models import Draft, UserError
from index.parsers.file_types import Kind, detect_kind
from index.sources.loader import draft_from_bytes
from training.mined_manuals import manual_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_FILES: Final = 200  # of one source
_MAX_BYTES: Final = 1_500_000  # of one file
_KINDS: Final = frozenset({"text", "markdown", "mdx", "rst", "html"})
_NAMES: Final = re.compile(r"(?i)(?:.*\.(?:txt|html?|xhtml|md|markdown|mdx|rst|text)|[^.]*faq[^.]*|[A-Z][\w-]*)$")
_SKIPPED: Final = re.compile(
    r"(?i:changelog|changes|copyright|news|copying|licen[cs]es?|authors|thanks|todo|contributors|maintainers|history"
    r"|release[-_ ]?notes|relnotes|whatsnew|bugs|credits|l?gpl|genindex|py-modindex|modindex|search|robots|toc|idx"
    r"|announce(?:ment)?|security|code_of_conduct|copyrights?)(?![A-Za-z])"
    r"|(?:functions?_|globals|annotated|hierarchy|namespaces?|files\.|dir_|class[A-Z_]|struct(?!ur)"
    r"|union[A-Z_]|group__|allclasses|package-|overview-|constant-values|serialized)"  # Doxygen, Javadoc
    r"|(?:enum|trait|fn|macro|type|constant|keyword|primitive|attr|derive)\.\w+\.html"  # rustdoc
    r"|.*(?:_8(?:h|c|cpp|hpp)(?:\.|_)|-members\.|-source\.)"
)
_SKIPPED_FOLDERS: Final = frozenset(
    """api apis apidoc apidocs api-doc javadoc _modules _static generated autoapi examples example demo demos test tests
    locale locales translations node_modules vendor whatsnew changelog changelogs releasenotes
    release-notes releases _releases release news src man man1 man3 man5 man8 manpages archive""".split()
)
_LANGUAGE: Final = re.compile(
    r"(?i)(?:^|[._-])(?:ar|bg|ca|cs|da|de|el|es|et|eu|fa|fi|fr|gl|he|hr|hu|id|it|ja|jp|ko|lt|lv|nb|nl|no|pl|pt|ro|ru|sk"
    r"|sl|sr|sv|tr|uk|vi|zh|pt[_-]?br|zh[_-]?(?:cn|tw|hans|hant))(?:\.(?:utf-?8|iso.*))?$"
)


def source_files(folder: Path) -> list[Path]:
    """Return the documentation files of a source: FAQs first, the others in an order fixed by their names' digests.

    Changelogs, licences, translations, generated API references and pages whose source text lies beside them are left
    out; at most 200 files are returned.
    """
    found = [
        path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and _is_wanted(path, folder)
    ]
    sphinx = {path.parts[: path.parts.index("_sources")] for path in found if "_sources" in path.parts}
    found = [path for path in found if "_sources" in path.parts or not _rendered(path, sphinx)]
    relative = {path: path.relative_to(folder).as_posix() for path in found}
    digests = {path: hashlib.sha256(name.encode()).hexdigest() for path, name in relative.items()}
    order = sorted(found, key=lambda path: ("faq" not in relative[path].casefold(), digests[path]))
    return order[:_MAX_FILES]


def _is_wanted(path: Path, folder: Path) -> bool:
    name = path.name.removesuffix(".gz")
    parts = path.relative_to(folder).parts[:-1]
    if not _NAMES.match(name) or _SKIPPED.match(name) or path.stat().st_size > _MAX_BYTES:
        return False
    stem = name.rpartition(".")[0] or name
    if _LANGUAGE.search(stem) or (name.count(".") == 2 and _LANGUAGE.search(name)):
        return False
    return not any(
        part.casefold() in _SKIPPED_FOLDERS or part.startswith((".", "javadoc")) or _is_language(part) for part in parts
    )


def _is_language(folder: str) -> bool:
    """Return whether a folder is named after a language other than English: "de", "pt-BR", "uk_UA"."""
    region = re.fullmatch(r"([a-z]{2})[_-][A-Z]{2}", folder)
    return _LANGUAGE.fullmatch(folder) is not None or (region is not None and region[1] != "en")


def _rendered(path: Path, sphinx: set[tuple[str, ...]]) -> bool:
    """Return whether a page was made by Sphinx from a text that is there too."""
    return path.name.endswith((".html", ".html.gz")) and any(path.parts[: len(root)] == root for root in sphinx)


def drafts_in(folder: Path) -> Iterator[tuple[str, Draft]]:
    """Yield the path, relative to the folder, and the article of each documentation file that can be read."""
    for name, page in manual_pages(folder):
        with suppress(UserError):
            yield name, draft_from_bytes(page, "html", key=name, source=name)
    for path in source_files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            data = path.read_bytes()
            data = gzip.decompress(data) if path.suffix == ".gz" else data
            if len(data) <= _MAX_BYTES:
                name = name.removesuffix(".gz")
                kind = _kind(path.name.removesuffix(".gz"), data)
                if kind in _KINDS:
                    yield name, draft_from_bytes(data, kind, key=name, source=name)
        except (UserError, OSError, EOFError, zlib.error):
            continue  # binary, damaged or empty


def _kind(name: str, data: bytes) -> Kind:
    """Return the kind of a file; "page.rst.txt", as Sphinx keeps sources, is reStructuredText."""
    if name.endswith((".rst.txt", ".md.txt")):
        name = name.removesuffix(".txt")
    return detect_kind(name, data)
