"""Name the unpacked packages and repositories of a folder, their licences, and those that must not be mined."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from qa.self_calibration.heading_questions import normalized

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LICENCES: Final = (  # patterns of a licence and its SPDX name, "" if it is not open; the first in the text counts
    (r"attribution-noncommercial|attribution-noderiv|by-nc|by-nd", ""),
    (r"attribution-sharealike 4|by-sa/4|cc[ -]by-sa[ -]4", "CC-BY-SA-4.0"),
    (r"attribution-sharealike|by-sa", "CC-BY-SA-3.0"),
    (r"cc0|public domain", "CC0-1.0"),
    (r"creative\s+commons\s+attribution 4|licenses/by/4|cc by 4", "CC-BY-4.0"),
    (r"free documentation license", "GFDL-1.3"),
    (r"affero", "AGPL-3.0"),
    (r"gnu general public license\s+version 3", "GPL-3.0"),
    (r"gnu general public license", "GPL-2.0"),
    (r"mozilla public license", "MPL-2.0"),
    (r"apache license", "Apache-2.0"),
    (r"\bmit license|permission is hereby granted, free of charge", "MIT"),
    (r"redistribution and use in source and binary forms|bsd \d-clause", "BSD"),
)
_HEAD: Final = 2_000  # code points of a licence file that name it
_SUFFIXES: Final = re.compile(r"-(?:doc|docs|data|common|dev|html|en)$")


@dataclass(frozen=True, slots=True)
class Source:
    """An unpacked package or repository.

    `repo` is "debian:NAME" with the source package's name, or "owner/name"; data is split by it. `names` are all names
    under which it may be held out, in lower case. `licence` is None if none was found, and "" if it is not open.
    """

    folder: Path
    repo: str
    names: frozenset[str]
    licence: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What answers are judged on: the digests and names of its sources, and its questions, normalised."""

    digests: frozenset[str]
    names: frozenset[str]
    questions: frozenset[str]

    def holds(self, source: Source) -> bool:
        """Return whether a source is judged, under any of its names."""
        digests = {hashlib.sha256(name.encode()).hexdigest() for name in source.names}
        return bool(digests & self.digests or source.names & self.names)


def read_judged(digests: Path | None, questions: Path | None) -> Judged:
    """Read the file of SHA-256 digests, one a line, and the JSON Lines of judged questions with their `repo`."""
    rows: list[dict[str, str]] = []
    if questions:
        with gzip.open(questions, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
    repos = {row["repo"].lower() for row in rows}
    return Judged(
        frozenset(digests.read_text().split() if digests else ()),
        frozenset(repos | {repo.removeprefix("debian:") for repo in repos}),
        frozenset(normalized(row["question"]) for row in rows),
    )


def sources_in(folder: Path) -> Iterator[Source]:
    """Yield the source of each direct subfolder, by name. "owner+name" is a repository, all others are packages."""
    for path in sorted(path for path in folder.iterdir() if path.is_dir()):
        control = path / "DEBIAN" / "control"
        if "+" in path.name and not control.is_file():
            repo = path.name.replace("+", "/", 1)
            yield Source(path, repo, frozenset({repo.lower()}), _repository_licence(path))
        else:
            yield _package(path, control.read_text(encoding="utf-8") if control.is_file() else "")


def _package(path: Path, control: str) -> Source:
    """Return a Debian package, named by its control file, its source package and the home page of its project."""
    fields = dict(re.findall(r"(?m)^(Package|Source|Homepage): *(\S+)", control))
    package = fields.get("Package", path.name)
    source = fields.get("Source", package)
    names = {package, source}
    names |= {_SUFFIXES.sub("", name) for name in names}
    if home := re.search(r"(?:github|gitlab)\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?$", fields.get("Homepage", "")):
        names.add(home[1])
    if site := re.search(r"//([\w-]+)\.github\.io(?:/([\w.-]+))?", fields.get("Homepage", "")):
        names.add(f"{site[1]}/{site[2] or f'{site[1]}.github.io'}")
    return Source(path, f"debian:{source}", frozenset(name.lower() for name in names), _package_licence(path))


def _package_licence(path: Path) -> str | None:
    """Return the first licence that debian/copyright names; Debian's main archive holds free ones only."""
    for copyright_file in sorted(path.glob("usr/share/doc/*/copyright")):
        text = copyright_file.read_text(encoding="utf-8", errors="replace")
        if named := re.search(r"(?m)^License: *(\S.*)$", text):
            return named[1].strip()
        if common := re.search(r"/usr/share/common-licenses/([\w.-]+\w)", text):
            return common[1]
        return _recognised(text) or None
    return None


def _repository_licence(path: Path) -> str | None:
    """Return the licence of a repository by its licence files, else by what its README says."""
    files = [*path.glob("[Ll][Ii][Cc][Ee][Nn]*"), *path.glob("COPYING*")]
    for file in [*sorted(files), *sorted(path.glob("README*"))]:
        if file.is_file():
            text = file.read_text(encoding="utf-8", errors="replace")
            found = _recognised(text[:_HEAD] if file in files else text)
            if found is not None:
                return found
    return None


def _recognised(text: str) -> str | None:
    """Return the licence that a text names first, or None."""
    found = [(place.start(), name) for pattern, name in _LICENCES if (place := re.search(pattern, text.lower()))]
    return min(found)[1] if found else None
