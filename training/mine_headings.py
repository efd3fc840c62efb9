"""Mine pairs of question and section from documentation: headings that ask, FAQ lists, and plain headings.

    python -m training.mine_headings SOURCES --skip heldout.sha256 --skip-repositories community.qa.jsonl.gz --out DATA

Each direct subfolder of SOURCES is one Debian package or one repository of an open licence. Packages are fetched and
unpacked, not installed:

    apt-get download git-doc borgbackup-doc gnome-user-docs
    for deb in *.deb; do dpkg-deb -R "$deb" "SOURCES/$(dpkg-deb -f "$deb" Package)"; done

`dpkg-deb -R` unpacks as `-x` does, and keeps the control file, which names the source package. A repository is a
checkout in a folder called `owner+name`. `training/sources.md` lists the sources of the pairs that the reader was
trained on.

Sources are left out if the SHA-256 of one of their names is in the file `--skip`, or if a row of
`--skip-repositories` has it as its `repo`; documents are left out if they repeat questions of that file. Repositories
without an open licence are left out too.

DATA gets `headings.docs.jsonl.gz`, `{doc_id, repo, licence, path, title, text, sections: [[start, end, headings]]}`,
and `headings.qa.jsonl.gz`, `{id, repo, doc_id, question, kind, start, end, title}`: `kind` is "question" where the
source words a question and "heading" otherwise, and `start` and `end` are the span of the section in the text, without
the heading or line that asks. The same sources give the same files, byte for byte.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.mined_pairs import MinedDocument, MinedSet, choose, is_copy, mine_source
from training.mined_sources import Judged, Source, read_judged, sources_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options, mine, and write both files."""
    options = _parser().parse_args(arguments)
    judged = read_judged(options.skip, options.skip_repositories)
    sources = list(_allowed(sources_in(options.sources), judged))
    mined = choose(_documents(sources, judged, options.jobs))
    write(options.out, mined)
    kinds = Counter(row["kind"] for row in mined.questions)
    repos = len({row["repo"] for row in mined.questions})
    print(f"{len(mined.questions)} pairs {dict(kinds)}, {len(mined.documents)} documents, {repos} sources")


def _allowed(sources: Iterable[Source], judged: Judged) -> Iterator[Source]:
    """Yield the sources that may be mined; name the others on standard error."""
    for source in sources:
        if judged.holds(source):
            print(f"left out, judged: {source.folder.name}", file=sys.stderr)
        elif not source.licence and not source.repo.startswith("debian:"):
            print(f"left out, no open licence: {source.folder.name}", file=sys.stderr)
        else:
            yield source


def _documents(sources: Sequence[Source], judged: Judged, jobs: int) -> Iterator[MinedDocument]:
    """Yield the documents of all sources in order, without copies of judged ones."""
    with ProcessPoolExecutor(jobs) as pool:
        for number, documents in enumerate(pool.map(mine_source, sources), 1):
            print(f"\r{number} of {len(sources)} sources", end="", file=sys.stderr, flush=True)
            yield from (document for document in documents if not is_copy(document, judged.questions))
    print(file=sys.stderr)


def write(folder: Path, mined: MinedSet) -> None:
    """Write both files; each replaces an earlier one only when it is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_rows(folder / "headings.docs.jsonl.gz", mined.documents)
    _write_rows(folder / "headings.qa.jsonl.gz", mined.questions)


def _write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:  # no name, no time
        packed.writelines(f"{json.dumps(row, ensure_ascii=False)}\n".encode() for row in rows)
    part.replace(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.mine_headings",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("sources", type=Path, help="folder with one subfolder for each unpacked package or repository")
    add("--skip", type=Path, help="SHA-256 digests of the names of held-out sources, one a line")
    add("--skip-repositories", type=Path, help="judged questions (JSON Lines, gzip); their `repo` is left out")
    add("--out", type=Path, required=True, help="folder for headings.docs.jsonl.gz and headings.qa.jsonl.gz")
    add("--jobs", type=int, default=1, help="processes that read files")
    return parser


if __name__ == "__main__":
    main()
