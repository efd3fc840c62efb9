"""A small corpus in the data sets' format, written for these tests."""

from __future__ import annotations

import gzip
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from index.passages.embedder import bundled_model, load_embedder
from training.ranking_corpus import RankingCorpus, load_ranking_corpus
from training.reader_corpus import TrainingCorpus, add_negatives, load_corpus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Data set -> (title, text, ((question, answer), ...)). All titles belong to the training split (benchmarks/splits.py)
# but Pell tower's, which belongs to that for reporting.
ARTICLES: dict[str, list[tuple[str, str, tuple[tuple[str, str], ...]]]] = {
    "squad-train": [
        (
            "Osk Island",
            (
                "Osk Island lies 14 miles north of Vell. Its lighthouse was built in 1871 by Marta Linde. "
                "Before the lighthouse stood, a fire burned on the Grey Rock every night."
            ),
            (("When was the lighthouse of Osk Island built?", "1871"), ("Who built the lighthouse?", "Marta Linde")),
        ),
        (
            "Osk Island",
            (
                "Some 230 people live on Osk Island. Most of them catch herring in summer and knit in winter. "
                "The first school opened in 1902 under Jonas Brandt."
            ),
            (("How many people live on Osk Island?", "230"), ("What do the islanders catch in summer?", "herring")),
        ),
        (
            "Osk Island",
            (
                "A ferry sails from Vell to Osk Island twice a day. The crossing takes about 50 minutes. "
                "In a northern gale the ferry stays in the harbour of Vell."
            ),
            (("How long does the crossing take?", "about 50 minutes"),),
        ),
        (
            "Brown oven",
            (
                "A brown oven is a clay oven of the Tarn valley. It is heated with beech wood for three hours. "
                "The largest one, in Upper Tarn, bakes 60 loaves at once."
            ),
            (("What wood heats a brown oven?", "beech wood"), ("Where is the largest brown oven?", "Upper Tarn")),
        ),
        (
            "Brown oven",
            (
                "Ella Torv described the brown oven in 1764. She counted 19 ovens in the Tarn valley. "
                "Only four of them were left in 1950, and two are in use today."
            ),
            (("Who described the brown oven?", "Ella Torv"), ("How many ovens were left in 1950?", "four")),
        ),
        (
            "Sill language",
            (
                "The Sill language has 11 vowels and no word for blue. It is written from bottom to top. "
                "Its oldest text, the Stone of Marr, was found in 1888."
            ),
            (("How many vowels does the Sill language have?", "11"), ("When was the Stone of Marr found?", "1888")),
        ),
        ("Pell tower", "Pell tower has 212 steps.", (("How many steps has Pell tower?", "212"),)),
    ],
    "squad2-calibration": [
        (
            "Packet switching",
            (
                "In our village network a letter is cut into packets of 40 words. A runner carries each packet alone. "
                "The postmaster puts the packets together again in the evening."
            ),
            (("How long is a packet of the village network?", "40 words"), ("Who invented the runner?", "")),
        ),
        (
            "Steam engine",
            (
                "The toy engine of this museum boils its water with a candle. It turns a wheel of 9 centimetres. "
                "Peter Holm gave it to the museum in 1931."
            ),
            (("What boils the water of the toy engine?", "a candle"), ("Who sold the engine in 1940?", "")),
        ),
    ],
    "afriqa-en": [
        (
            "Dovra lake",
            (
                "Dovra lake is 31 metres deep at its southern end. Three rivers flow into it, and none flows out. "
                "Fishers from Anka sell its perch on Fridays."
            ),
            (("How deep is Dovra lake?", "31 metres"), ("On what day is perch sold?", "Fridays")),
        ),
        (
            "Hanne Oru",
            (
                "Hanne Oru wrote 22 songs about trains. She was born in Anka in 1919 and never rode on a train. "
                "Her last song is sung at the station of Vell."
            ),
            (("Where was Hanne Oru born?", "Anka"), ("How many songs did Hanne Oru write?", "22")),
        ),
    ],
}

# Document -> (repository, ((question, answer), ...)). The sections of the last one are held out with its repository.
HANDBOOKS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "Library of Vell": (
        "vell/library",
        (
            ("When is the library open?", "The reading room opens at nine and closes at six, on Fridays at eight."),
            ("How do I get a card?", "Bring a letter with your address to the desk. A library card costs two crowns."),
            ("What does a lost book cost?", "Whoever loses a book pays its price and one crown for the new card."),
        ),
    ),
    "Ferry of Anka": (
        "anka/handbook",
        (
            ("When does the last ferry sail?", "The last ferry leaves the harbour at ten, in winter at eight."),
            ("How do I get a card?", "Season tickets are sold on board. Show the card to the mate each morning."),
            ("May dogs come on board?", "Dogs sail for free and stay on deck. The library of the ship is closed."),
        ),
    ),
    "Museum of Sill": ("sill/museum", (("Who guards the museum at night?", "Two geese guard the museum."),)),
}


@pytest.fixture(scope="session")
def ranking_sets(training_sets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with all sets that train the passage score, and the mined one in `mined`. Only for reading."""
    folder = tmp_path_factory.mktemp("ranking-sets")
    shutil.copytree(training_sets, folder, dirs_exist_ok=True)
    questions = []
    for shown, name in ((False, "community"), (True, "community-headings")):
        documents = [_handbook(title, shown) for title in HANDBOOKS]
        _write(folder / f"{name}.docs.jsonl.gz", documents)
    for title, (repo, asked) in HANDBOOKS.items():
        plain, headed = (str(_handbook(title, shown)["text"]) for shown in (False, True))
        for question, answer in asked:
            row = {"question": question, "doc_id": title, "title": title, "repo": repo, "is_impossible": False}
            golds = {"gold_section": _section(plain, answer), "gold_section_with_headings": _section(headed, answer)}
            questions.append(row | golds | {"id": f"{title}-{question}", "core": True, "answers": []})
    _write(folder / "community.qa.jsonl.gz", [*questions, questions[0] | {"is_impossible": True, "question": "Why?"}])
    documents = [_handbook(title, True) for title in HANDBOOKS if title != "Museum of Sill"]
    known = {document["title"] for document in documents}
    sectioned = [q | {"gold_section": q["gold_section_with_headings"]} for q in questions if q["title"] in known]
    for name in ("medquad", "or-sharc", "doc2dial", "conditionalqa"):
        later = sectioned[1] | {"question": "And then?", "history": ["How do I get a card?"]}
        _write(folder / f"{name}.docs.jsonl.gz", documents)
        _write(folder / f"{name}.qa.jsonl.gz", [q | {"scenario": "I live in Vell."} for q in [*sectioned, later]])
    for kind in ("docs", "qa"):
        shutil.copy(folder / f"afriqa-en.{kind}.jsonl.gz", folder / f"qed.{kind}.jsonl.gz")
    sections: dict[str, list[list[Any]]] = {}
    for row in sectioned:
        place = row["gold_section"]
        sections.setdefault(row["title"], []).append([place["start"], place["end"], row["question"]])
    mined = [document | {"sections": sections[document["title"]]} for document in documents]
    _write(folder / "mined" / "headings.docs.jsonl.gz", mined)
    pairs = [q | q["gold_section"] | {"kind": ("question", "heading")[n % 2]} for n, q in enumerate(sectioned)]
    _write(folder / "mined" / "headings.qa.jsonl.gz", pairs)
    return folder


def _handbook(title: str, shown: bool) -> dict[str, str]:
    """Return a document of a handbook whose questions are shown as headings or left out."""
    repo, asked = HANDBOOKS[title]
    text = "\n\n".join(f"## {question}\n\n{answer}" if shown else answer for question, answer in asked)
    return {"doc_id": title, "title": title, "text": text, "repo": repo}


def _section(text: str, answer: str) -> dict[str, int]:
    return {"start": text.index(answer), "end": text.index(answer) + len(answer)}


@pytest.fixture(scope="session")
def ranking_corpus(ranking_sets: Path) -> RankingCorpus:
    """Return the corpus of all sets that train the passage score. Only for reading."""
    return load_ranking_corpus(ranking_sets, ranking_sets / "mined", load_embedder())


@pytest.fixture(scope="session")
def training_sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the three sets that training reads. Only for reading."""
    folder = tmp_path_factory.mktemp("training-sets")
    for dataset, paragraphs in ARTICLES.items():
        documents, questions = [], []
        for number, (title, text, asked) in enumerate(paragraphs):
            key = f"{dataset}-{number}"
            documents.append({"doc_id": key, "title": title, "text": text})
            questions += [
                {
                    "id": f"{key}-{place}",
                    "title": title,
                    "doc_id": key,
                    "question": question,
                    "answers": [{"text": answer, "start": text.index(answer)}] if answer else [],
                    "is_impossible": not answer,
                }
                for place, (question, answer) in enumerate(asked)
            ]
        _write(folder / f"{dataset}.docs.jsonl.gz", documents)
        _write(folder / f"{dataset}.qa.jsonl.gz", questions)
    return folder


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    """Return the bundled encoder's tokenizer."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(bundled_model())


@pytest.fixture(scope="session")
def corpus(training_sets: Path, tokenizer: Any) -> TrainingCorpus:
    """Return the training split of the sets, with negatives. Only for reading."""
    corpus = load_corpus(training_sets, "train", tokenizer)
    add_negatives(corpus)
    return corpus
