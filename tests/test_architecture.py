"""Documentation that names what is there: modules, packages, layers, classes, commands and links."""

from __future__ import annotations

import html
import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PICTURE = ROOT / "docs" / "pipeline.dot"
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in (ROOT, ROOT / "docs", ROOT / "benchmarks", ROOT / "qa" / "reading" / "weights")
    for path in folder.glob("*.md")
)
TOP = ["index", "qa", "storage", "i18n", "observability", "cogs", "terminal", "training", "benchmarks"]


def modules_in(page: str) -> set[str]:
    """Return the paths of Python files that a page names; discord.py is a library."""
    return set(re.findall(r"\b[\w/]+\.py\b", (ROOT / page).read_text(encoding="utf-8"))) - {"discord.py"}


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [*PAGES, "docs/pipeline.dot"])
def test_every_module_that_is_named_exists(page: str) -> None:
    """A path of a module in the documentation, or in the source of the picture, is a file of the project."""
    assert [path for path in sorted(modules_in(page)) if not (ROOT / path).is_file()] == []


def test_every_package_is_on_the_page() -> None:
    """The page on the architecture names every package, top-level ones and those inside."""
    page = ARCHITECTURE.read_text(encoding="utf-8")
    packages = [
        path.parent.relative_to(ROOT).as_posix() for top in TOP for path in sorted((ROOT / top).rglob("__init__.py"))
    ]

    assert len(packages) > len(TOP)
    assert [package for package in packages if f"`{package}/`" not in page] == []


def test_the_page_shows_the_layers_that_the_linter_checks() -> None:
    """The layers on the page are those of import-linter's contracts, in their order."""
    page = ARCHITECTURE.read_text(encoding="utf-8")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = [each for each in settings["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]

    assert re.findall(r"^    ([\w ]+):  (.+)$", page, flags=re.MULTILINE) == [
        (contract["name"], " > ".join(contract["layers"])) for contract in contracts
    ]


def test_every_class_in_the_glossary_exists() -> None:
    """Where the glossary names a class and its module, the module defines the class."""
    named = re.findall(r"\| `([A-Z]\w+)` in `([\w/]+\.py)` \|", ARCHITECTURE.read_text(encoding="utf-8"))

    assert len(named) >= 8
    assert [name for name, path in named if f"\nclass {name}" not in (ROOT / path).read_text(encoding="utf-8")] == []


def test_the_table_of_threads_has_their_names() -> None:
    """The threads on the page are those that the code starts, under the names that logs and debuggers show."""
    files = [ROOT / "bot.py", *(ROOT / "cogs").rglob("*.py"), *(ROOT / "index").rglob("*.py")]
    named = re.compile(r'\b(?:thread_)?name(?:_prefix)?(?:: str)? ?= ?"(verbatim-[\w-]+)"')
    started = {name for path in files for name in named.findall(path.read_text(encoding="utf-8"))}

    assert len(started) >= 3
    assert started == set(
        re.findall(r"^\| `(verbatim-[\w-]+)` \|", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    )


def test_the_picture_is_drawn_from_its_source() -> None:
    """Every line of text in the picture's source is in the picture: it was redrawn after the last change."""
    labels = re.findall(r'\blabel=(?:<(.+?)>\s*[,\]]|"(.+?)")', PICTURE.read_text(encoding="utf-8"))
    wanted = {
        line.strip()
        for rich, plain in labels
        for line in re.split(r"<br/>|\\n", re.sub(r"</?b>", "", rich) or plain)
        if line.strip()
    }
    drawn = html.unescape((PICTURE.with_suffix(".svg")).read_text(encoding="utf-8"))

    assert wanted
    assert wanted == {text.strip() for text in re.findall(r"<text[^>]*>(.*?)</text>", drawn)}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    """A relative link leads to a file of the project, and its anchor to a heading there."""
    source = ROOT / page
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", source.read_text(encoding="utf-8"))
    targets = [((source.parent / path).resolve() if path else source, anchor) for path, anchor in links]

    assert [target for target, _ in targets if not target.exists()] == []
    assert [anchor for target, anchor in targets if anchor and anchor not in anchors(target)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_runs_a_module_of_the_project(page: str) -> None:
    """`python -m MODULE` in the documentation names a module that is there."""
    named = set(re.findall(r"python -m ([\w.]+)", (ROOT / page).read_text(encoding="utf-8"))) - {"venv", "pytest"}

    assert [name for name in sorted(named) if find_spec(name) is None] == []
