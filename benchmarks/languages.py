"""How often English questions are taken for another language, and how often others are recognised.

    python -m benchmarks.languages FOLDER

The English questions are those of every set in the folder, as they stand and as keywords in lower case; the others are
those of `tests/data/foreign-questions.jsonl`, as they stand and in lower case without marks. Prints which English ones
are taken for another language, and which others are missed.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

from benchmarks.keywords import as_keywords
from index.text.language import foreign_language

FOREIGN = Path(__file__).resolve().parent.parent / "tests" / "data" / "foreign-questions.jsonl"


def foreign_questions() -> dict[str, list[str]]:
    """Return the questions in other languages than English, by language."""
    found: dict[str, list[str]] = {}
    for line in FOREIGN.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found.setdefault(row["language"], []).append(row["question"])
    return found


def plainly(question: str) -> str:
    """Return a question as it is typed in a hurry: in lower case, without marks at its ends."""
    return question.lower().strip(" ?¿!.")


def _english(name: str, questions: list[str]) -> None:
    for kind, typed in (("as they stand", questions), ("keywords", [as_keywords(q) for q in questions])):
        taken = [(foreign_language(question), question) for question in typed]
        wrong = [each for each in taken if each[0]]
        print(
            f"{name}, {kind}: {len(wrong)} of {len(typed)} ({len(wrong) / len(typed):.3%}) taken for another language"
        )
        print(*(f"    {language} {question}" for language, question in wrong[:20]), sep="\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of NAME.qa.jsonl[.gz]")
    options = parser.parse_args()
    for path in sorted(options.folder.glob("*.qa.jsonl*")):
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            _english(path.name.partition(".")[0], [json.loads(line)["question"] for line in lines])
    for language, questions in foreign_questions().items():
        missed = [question for question in questions if not foreign_language(question)]
        hurried = [question for question in map(plainly, questions) if not foreign_language(question)]
        print(
            f"{language}: {len(missed)} and in lower case {len(hurried)} of {len(questions)} missed",
            *missed,
            sep="\n  ",
        )


if __name__ == "__main__":
    main()
