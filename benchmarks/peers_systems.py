"""One retrieval library on given passages and vectors: load, time of a question, memory, first passage.

    PEERS_PYTHON -P benchmarks/peers_systems.py NAME FOLDER

Runs in an environment of its own, which `benchmarks.peers` names, and therefore imports nothing of the project. FOLDER
has `passages.jsonl` (`{title, text}`), `vectors.npy` (n, d), `questions.jsonl` and `model.json`. Every library gets the
same vectors for the passages, and the same model, in the same precision, for questions, through its documented
extension point. The figures are printed as one JSON object.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # as for Verbatim

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

Search = Callable[[str], int]  # from a question to the number of the first passage
NEAREST = 10


class Model:
    """The sentence-transformers model of the run."""

    def __init__(self, path: str, dtype: str) -> None:
        library, torch = import_module("sentence_transformers"), import_module("torch")
        options = {"dtype": getattr(torch, dtype), "attn_implementation": "eager"}
        self._model = library.SentenceTransformer(path, model_kwargs=options)

    def query(self, text: str) -> np.ndarray:
        """Return the (d,) float32 unit vector of a question."""
        row = self._model.encode([text], convert_to_tensor=True, show_progress_bar=False)[0].float().numpy()
        unit: np.ndarray = row / np.linalg.norm(row)
        return unit


def txtai(texts: Sequence[str], vectors: np.ndarray, model: Model) -> Search:
    """Index with txtai, its own FAISS index and its content database."""
    embeddings = import_module("txtai").Embeddings

    def transform(data: Sequence[Any]) -> np.ndarray:
        return np.stack([one if isinstance(one, np.ndarray) else model.query(one) for one in data])

    index = embeddings({"method": "external", "transform": transform, "content": False, "backend": "faiss"})
    index.index((number, vector, None) for number, vector in enumerate(vectors))
    assert len(texts) == index.count()
    return lambda question: int(index.search(question, NEAREST)[0][0])


def langchain(texts: Sequence[str], vectors: np.ndarray, model: Model) -> Search:
    """Index with LangChain's FAISS vector store."""
    base: Any = import_module("langchain_core.embeddings").Embeddings
    store = import_module("langchain_community.vectorstores").FAISS

    class Given(base):  # type: ignore[misc]
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            raise NotImplementedError

        def embed_query(self, text: str) -> list[float]:
            row: list[float] = model.query(text).tolist()
            return row

    pairs = list(zip(texts, vectors.tolist(), strict=True))
    index = store.from_embeddings(pairs, Given(), metadatas=[{"number": number} for number in range(len(texts))])
    return lambda question: int(index.similarity_search(question, NEAREST)[0].metadata["number"])


def haystack(texts: Sequence[str], vectors: np.ndarray, model: Model) -> Search:
    """Index with Haystack's in-memory document store."""
    document = import_module("haystack").Document
    store = import_module("haystack.document_stores.in_memory").InMemoryDocumentStore(
        embedding_similarity_function="dot_product"
    )
    retriever = import_module("haystack.components.retrievers.in_memory").InMemoryEmbeddingRetriever(store)
    rows = zip(texts, vectors.tolist(), strict=True)
    store.write_documents([document(id=str(n), content=text, embedding=row) for n, (text, row) in enumerate(rows)])

    def search(question: str) -> int:
        found = retriever.run(query_embedding=model.query(question).tolist(), top_k=NEAREST)
        return int(found["documents"][0].id)

    return search


SYSTEMS = {"txtai": txtai, "langchain": langchain, "haystack": haystack}


def resident() -> float:
    """Return the megabytes of memory of this process."""
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        if line.startswith("Rss:"):
            return float(line.split()[1]) / 1024
    raise ValueError("smaps_rollup has no Rss")


def _rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def main() -> None:
    """Measure one library."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    passages = [
        json.loads(line) for line in (folder / "passages.jsonl").read_text(encoding="utf-8").split("\n") if line
    ]
    asked = [json.loads(line) for line in (folder / "questions.jsonl").read_text(encoding="utf-8").split("\n") if line]
    vectors = np.load(folder / "vectors.npy")
    model = Model(**json.loads((folder / "model.json").read_text(encoding="utf-8")))
    model.query("warm")
    before, started = resident(), time.perf_counter()
    search = SYSTEMS[name]([passage["text"] for passage in passages], vectors, model)
    loaded = time.perf_counter() - started
    del vectors
    for question in asked[:20]:
        search(question["text"])
    times, right = [], []
    for question in asked:
        started = time.perf_counter()
        first = passages[search(question["text"])]
        times.append(1000 * (time.perf_counter() - started))
        own = first["title"] == question["title"]
        right.append(own and any(answer in first["text"] for answer in question["answers"]))
    figures = {
        "load s": loaded,
        "median ms": float(np.median(times)),
        "p95 ms": float(np.percentile(times, 95)),
        "memory MB": resident() - before,
        "first passage right": float(np.mean(right)),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
