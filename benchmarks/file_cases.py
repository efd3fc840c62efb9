"""Files of which it is known what must and must not be in the stored text.

`python -m benchmarks.file_cases FOLDER [NAME...]` - FOLDER has a `cases.json` that maps names to
`{file, must, mustnot, title, sentence}`: a path in FOLDER, parts that the text must and must not have, its title, and a
sentence that one span of the sentence splitter must hold. White space does not count, except before indented parts.
With `or_refused` the file may be refused instead. `says` and `says_not` are regular expressions of its error
message, or of the name of its format.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.models import Draft
from index.parsers.file_types import office_format
from index.sources.discovery import Failure
from index.sources.loader import drafts
from index.text.sentences import sentence_spans


def main() -> int:
    """Print a line for each case, and return 1 if any fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help="cases to read (default: all)")
    options = parser.parse_args()
    cases = json.loads((options.folder / "cases.json").read_text("utf-8"))
    wanted = {name: case for name, case in cases.items() if not options.names or name in options.names}
    failed = 0
    for name, case in wanted.items():
        faults = list(find_faults(options.folder / case["file"], case))
        failed += bool(faults)
        print(f"| {name} | {'; '.join(faults) or 'ok'} |", flush=True)
    print(f"\n{failed} of {len(wanted)} cases fail")
    return 1 if failed else 0


def find_faults(path: Path, case: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one case."""
    items = list(drafts(str(path)))
    found = [item for item in items if isinstance(item, Draft)]
    said = " ".join(item.reason for item in items if isinstance(item, Failure)) or office_format(path.name)
    yield from (f"does not say {part}" for part in case.get("says", []) if not re.search(part, said))
    yield from (f"says {part}" for part in case.get("says_not", []) if re.search(part, said))
    if not found:
        if (case["must"] or case.get("sentence")) and not case.get("or_refused"):
            yield f"refused: {said}"
        return
    text = "\n".join(draft.text for draft in found)
    yield from (f"lacks {part!r}" for part in case["must"] if not _has(text, part))
    yield from (f"has {part!r}" for part in case["mustnot"] if _has(text, part))
    title, sentence = case.get("title"), case.get("sentence")
    if title and any(draft.title != title for draft in found):
        yield f"is called {found[0].title!r}"
    if sentence and not any(_has(one, sentence) for draft in found for one in _sentences(draft)):
        yield f"divides {sentence!r}"


def _sentences(draft: Draft) -> list[str]:
    return [span.of(draft.text) for span in sentence_spans(draft.text, draft.language)]


def _has(text: str, part: str) -> bool:
    return part in text if part.startswith("    ") else " ".join(part.split()) in " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
