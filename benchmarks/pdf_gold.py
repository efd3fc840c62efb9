"""Score the text of PDF pages against a reading by hand: blocks whole and in order, table rows, running lines, hyphens.

`pdf_gold.txt` names pages of public PDF files, which are not part of this repository, and has only the first and last
words of each block. A page begins with `@ open|held-out REPOSITORY PATH PAGE SHA256`; the pages marked as held out
were not looked at while the parser was written. Each other line is one part of the page, in the order of reading:

- `First words … last words [n]` is a paragraph of n letters and digits; `# ` before it marks a heading, `~ ` a caption
  or footnote, which may stand anywhere, and `? ` words of one row whose beginning and end are not judged; an ellipsis
  at the beginning or end means that the paragraph begins before the page or ends after it
- `| cell | cell` is a row of a table, without empty cells; `|| name | name` are the names of the columns of the next
- `- words` is a running head or foot, which must be left out
- `= word word` are words that are hyphenated at the end of a line, as they are spelled
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from benchmarks.readings import letters_of, pdf_draft
from index.models import Draft, UserError

_GOLD: Final = Path(__file__).with_name("pdf_gold.txt")
_COUNT: Final = re.compile(r"^(.*?)(?: \[(\d+)\])?$")
_LEADER: Final = re.compile(r"(?:\s?[.…·]){3,}")
_TOLERANCE: Final = 0.03  # share of a paragraph's letters
_KINDS: Final = {"#": "headings", "~": "captions and footnotes", "?": "text in cells", "|": "table rows"}


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A page read by hand: its file, its number from 1, and its parts as lines of `pdf_gold.txt`."""

    held_out: bool
    repository: str
    path: str
    number: int
    digest: str
    parts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Score:
    """How many parts of each kind are right and how many there are, and the parts that are wrong."""

    right: Counter[str]
    total: Counter[str]
    wrong: tuple[str, ...]


def gold_pages() -> Iterator[GoldPage]:
    """Yield the pages of `pdf_gold.txt`."""
    page: GoldPage | None = None
    for line in _GOLD.read_text("utf-8").splitlines():
        if line.startswith("@ "):
            if page is not None:
                yield page
            kind, repository, rest = line[2:].split(" ", 2)
            path, number, digest = rest.rsplit(" ", 2)
            page = GoldPage(kind == "held-out", repository, path, int(number), digest)
        elif page is not None:
            page.parts.append(line)
    if page is not None:
        yield page


def scored(folder: Path) -> Iterator[tuple[GoldPage, Score | None]]:
    """Yield the score of each gold page; None if its file, `folder`/owner+name/path, is missing, changed or refused."""
    drafts: dict[str, Draft | None] = {}
    for page in gold_pages():
        path = folder / page.repository.replace("/", "+") / page.path
        if page.digest not in drafts:
            drafts[page.digest] = _draft(path, page.digest)
        draft = drafts[page.digest]
        yield page, None if draft is None else _score(page, draft)


def _draft(path: Path, digest: str) -> Draft | None:
    try:
        data = path.read_bytes()
        if sha256(data).hexdigest() != digest:
            return None
        return pdf_draft(data)
    except (OSError, UserError):
        return None


def _score(page: GoldPage, draft: Draft) -> Score:
    """Compare the parts of a page with the rows from the one in which it begins to the end of the next page."""
    start = draft.pages[page.number - 1]
    start = draft.text.rfind("\n", 0, start) + 1
    following = draft.pages[page.number + 1 : page.number + 2]
    rows = [row for row in draft.text[start : following[0] if following else None].split("\n") if row]
    right, total, wrong = Counter[str](), Counter[str](), []
    at = 0
    for number, part in enumerate(page.parts):
        kind = _kind(part)
        if kind == "words":
            words = set(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", "\n".join(rows)))
            results = {word: word in words for word in part[2:].split()}
        else:
            place = _place(part, page.parts[number + 1 : number + 2], rows, at)
            if place is not None and part[0] not in "~-?":
                at = place
            results = {part: place is not None}
        right[kind] += sum(results.values())
        total[kind] += len(results)
        wrong += [each for each, is_right in results.items() if not is_right]
    return Score(right, total, tuple(wrong))


def _kind(part: str) -> str:
    if part.startswith("||"):
        return "table heads"
    return {"-": "running lines left out", "=": "words"}.get(part[0], _KINDS.get(part[0], "paragraphs"))


def _place(part: str, following: Sequence[str], rows: Sequence[str], at: int) -> int | None:
    """Return the row in which a part of a page is whole, from row `at` on unless it may stand anywhere, or None."""
    if part[0] == "-":
        words = letters_of(part[1:])
        return None if any(words in letters_of(row) for row in rows) else 0
    if part[0] in "~?":
        at = 0
    return next((n for n in range(at, len(rows)) if _is_whole(part, following, rows, n)), None)


def _is_whole(part: str, following: Sequence[str], rows: Sequence[str], number: int) -> bool:
    if part.startswith("||"):
        return bool(following) and _has_head(part, following[0], rows, number)
    if part[0] == "|":
        gold, found = _cells(part), _cells(rows[number])
        return gold == found or (len(gold) == 2 and "".join(gold) == "".join(found))
    found_count = _COUNT.fullmatch(part.lstrip("#~?").strip())
    body, count = (found_count[1], found_count[2]) if found_count else (part, None)
    shown = [letters_of(each) for each in body.strip("… ").split(" … ")]
    first, last = shown[0], shown[-1]
    row = letters_of(rows[number])
    begins = first in row if body[0] == "…" or part[0] == "?" else row.startswith(first)
    ends = last in row if body[-1] == "…" or part[0] == "?" else row.endswith(last)
    enough = count is None or part[0] == "?" or abs(len(row) - int(count)) <= max(3, _TOLERANCE * int(count))
    return begins and ends and enough and ("…" in body or part[0] == "?" or row == first)


def _has_head(part: str, data: str, rows: Sequence[str], number: int) -> bool:
    """Return whether row `number` has the cells of `data`, and the names of its columns stand above them."""
    if _cells(data) != _cells(rows[number]):
        return False
    first = number
    while first and rows[first - 1].startswith("|"):
        first -= 1
    above: defaultdict[int, str] = defaultdict(str)
    for row in rows[first:number]:
        for column, cell in enumerate(row.strip("| ").split(" | ")):
            above[column] += letters_of(cell)
    names = [name for cell in part[2:].split("|") if (name := letters_of(cell))]
    heads = [above[column] for column in sorted(above)]
    at = 0
    for name in names:
        while at < len(heads) and name not in heads[at]:
            at += 1
        if at == len(heads):
            return False
        at += 1
    return True


def _cells(row: str) -> list[str]:
    """Return the cells of a row as they are compared: not empty, without repeats of the one before."""
    cells = [re.sub(r"[\s\W]*$|\s", "", _LEADER.sub("", unicodedata.normalize("NFKC", c))) for c in row.split("|")]
    cells = [re.sub("[–—−]", "-", cell).casefold() for cell in cells]
    kept = [cell for cell in cells if cell.strip("-*")]
    return [cell for number, cell in enumerate(kept) if not number or cell != kept[number - 1]]
