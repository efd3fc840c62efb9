"""The span reader's network: the bundled encoder, two logits per token, and one score per passage.

Reading comprehension as span extraction, with [CLS] for "no answer": Devlin et al. 2019 (BERT), Rajpurkar et al. 2018
(SQuAD 2.0). A passage's score from [CLS]: Nogueira and Cho 2019. Low-rank adapter: Hu et al. 2021 (LoRA). This module
imports torch; import it lazily.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.nn import functional

from index.passages.context import INTRODUCTION_TOKENS, NAME_TOKENS, fit_context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CLS, SEP = 101, 102  # token ids of BERT's uncased vocabulary
BASE = "sentence-transformers/all-MiniLM-L6-v2"  # the encoder that trained weights belong to
MAX_QUESTION = 80  # tokens of a question
MAX_PREFIX = NAME_TOKENS + INTRODUCTION_TOKENS  # tokens of title, headings and introduction
MAX_WINDOW = 288  # tokens of a passage read at once; together with the above fewer than the encoder's 512 positions
# Raised for weights that are missing, damaged, or of another network.
WEIGHT_ERRORS = (OSError, SafetensorError, KeyError, RuntimeError)
_IMPOSSIBLE = -1e4  # logit of a token that cannot start or end an answer


PASSAGE_HEAD = "passage_head.weight"  # among the weights of a network that was trained to score passages


class Logits(NamedTuple):
    """What the network says of a batch: `start` and `end` (batch, tokens), and `passage` (batch,), all float32."""

    start: Tensor
    end: Tensor
    passage: Tensor


class SpanModel(nn.Module):
    """An encoder with two linear heads.

    One gives each token a logit as the start and one as the end of the answer; the other gives [CLS] a score of how
    well the whole passage answers, comparable over the passages of a question.
    """

    def __init__(self, encoder: nn.Module, width: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(width, 2)
        # Zero until it is trained, and made without drawing random numbers: all encoders of a file start out equal.
        self.passage_head = nn.Linear(width, 1, device="meta").to_empty(device="cpu")
        nn.init.zeros_(self.passage_head.weight)
        nn.init.zeros_(self.passage_head.bias)

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor, allowed: Tensor) -> Logits:
        """Return the logits for (batch, tokens) inputs.

        `allowed` is true for [CLS] ("no answer") and for the tokens of the passage.
        """
        hidden = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        # In float32: bfloat16 would round a logit of 30 to eighths, so that different answers score the same.
        hidden = hidden.float()
        logits = functional.linear(hidden, self.head.weight.float(), self.head.bias.float())
        start, end = logits.masked_fill(~allowed.unsqueeze(-1), _IMPOSSIBLE).unbind(-1)
        passage = functional.linear(hidden[:, 0], self.passage_head.weight.float(), self.passage_head.bias.float())
        return Logits(start, end, passage[:, 0])


class LowRankLinear(nn.Module):
    """A frozen linear layer W with a trainable update: W x + B A x, A (rank, in), B (out, rank)."""

    def __init__(self, linear: nn.Linear, rank: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(linear.weight.detach(), requires_grad=False)
        self.bias = nn.Parameter(linear.bias.detach(), requires_grad=False)
        self.a = nn.Parameter(torch.empty(rank, linear.in_features))
        self.b = nn.Parameter(torch.zeros(linear.out_features, rank))
        nn.init.kaiming_uniform_(self.a, a=5**0.5)

    def forward(self, x: Tensor) -> Tensor:
        """Return (..., out) for x (..., in)."""
        update = functional.linear(functional.linear(x, self.a.to(x.dtype)), self.b.to(x.dtype))
        return functional.linear(x, self.weight, self.bias) + update


class TrainableLinear(nn.Module):
    """A linear layer with trainable weights, kept in float32 and multiplied in the precision of its input."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.weight = nn.Parameter(linear.weight.detach())
        self.bias = nn.Parameter(linear.bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        """Return (..., out) for x (..., in)."""
        return functional.linear(x, self.weight.to(x.dtype), self.bias.to(x.dtype))


def load_model(folder: Path) -> SpanModel:
    """Load the encoder in a sentence-transformers or transformers folder as float32, with an untrained head."""
    from transformers import AutoModel

    from index.passages.embedder import quiet_loading

    quiet_loading()
    # "eager" attention: on CPUs, torch's fused kernel makes a training step 35 % slower at these lengths.
    encoder: Any = AutoModel.from_pretrained(
        folder,
        attn_implementation="eager",
        add_pooling_layer=False,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        dtype=torch.float32,
    )
    return SpanModel(encoder, int(encoder.config.hidden_size))


def add_adapters(model: SpanModel, rank: int) -> None:
    """Add a float32 low-rank adapter to every linear layer, or with rank 0 make the layers themselves trainable.

    Layer norms and token types are trained too; the rest is frozen, as bfloat16. The model is changed in place.
    """
    for name, parameter in model.encoder.named_parameters():
        parameter.requires_grad_("LayerNorm" in name or "token_type" in name)
        if not parameter.requires_grad and (rank or name.startswith("embeddings.")):
            parameter.data = parameter.data.bfloat16()
    for name, module in list(model.encoder.named_modules()):
        if isinstance(module, nn.Linear):
            parent, _, leaf = name.rpartition(".")
            trained = LowRankLinear(module, rank) if rank else TrainableLinear(module)
            setattr(model.encoder.get_submodule(parent), leaf, trained)
    embeddings: nn.Module = model.encoder.get_submodule("embeddings")
    embeddings.register_forward_hook(lambda _module, _inputs, output: output.bfloat16())


def trained_weights(model: SpanModel) -> dict[str, Tensor]:
    """Return all weights that training changes: adapter, layer norms, token types and head."""
    return {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}


def save_weights(weights: Mapping[str, Tensor], path: Path, metadata: dict[str, str]) -> None:
    """Write weights as half-precision safetensors, atomically."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file({k: v.half().contiguous() for k, v in weights.items()}, partial, metadata)
    partial.chmod(0o644)
    partial.replace(path)


def read_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return trained weights and their metadata. Raises OSError or SafetensorError for a missing or damaged file."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        return {key: file.get_tensor(key) for key in file.keys()}, file.metadata() or {}  # noqa: SIM118


def weights_digest(weights: Mapping[str, Tensor]) -> str:
    """Return a digest of weights, 8 hexadecimal digits, that does not depend on the layout of their file."""
    found = hashlib.blake2b(digest_size=4)
    for name, value in sorted(weights.items()):
        found.update(f"{name}{value.dtype}{tuple(value.shape)}".encode())
        found.update(value.contiguous().numpy().tobytes())
    return found.hexdigest()


def merge_weights(model: SpanModel, weights: dict[str, Tensor]) -> None:
    """Merge trained weights into a newly loaded model, in place: adapters become W + B A, others are replaced.

    Raises KeyError or RuntimeError if the weights belong to another architecture.
    """
    own = dict(model.named_parameters())
    with torch.no_grad():
        for name, value in weights.items():
            if name.endswith(".a"):
                layer = name.removesuffix(".a")
                own[f"{layer}.weight"].add_(weights[f"{layer}.b"].float() @ value.float())
            elif not name.endswith(".b"):
                own[name].copy_(value.float())


def pad_rows(rows: Sequence[tuple[list[int], list[int], list[int], int]]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the model's four inputs, each (rows, longest), for rows of (question, prefix, window, pad id) tokens.

    A row is [CLS] question [SEP] prefix window [SEP]; the special ids are those of BERT's uncased vocabulary.
    """
    lengths = [len(q) + len(p) + len(w) + 3 for q, p, w, _ in rows]
    shape = (len(rows), max(lengths))
    ids = torch.zeros(shape, dtype=torch.long)
    mask, types = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    allowed = torch.zeros(shape, dtype=torch.bool)
    for i, (question, prefix, window, padding) in enumerate(rows):
        row = [CLS, *question, SEP, *prefix, *window, SEP]
        begin = len(question) + 2
        ids[i, len(row) :] = padding
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
        types[i, begin : len(row)] = 1
        allowed[i, 0] = True
        allowed[i, begin + len(prefix) : len(row) - 1] = True
    return ids, mask, types, allowed


def fit_question(ids: list[int]) -> list[int]:
    """Return a question's tokens; of a long one the first and the last, where the actual question usually is."""
    half = MAX_QUESTION // 2
    return ids if len(ids) <= MAX_QUESTION else ids[:half] + ids[-half:]


def prefix_ids(
    title: str, heading: str, introduction: str, token_ids: Callable[[Sequence[str]], list[list[int]]]
) -> list[int]:
    """Return the tokens of a passage's context, shortened as `fit_context` does; `token_ids` tokenizes texts."""
    fitted = fit_context(title, heading, introduction, lambda texts: [len(ids) for ids in token_ids(texts)])
    return token_ids([prefix_text(fitted.title, fitted.heading, fitted.introduction)])[0][:MAX_PREFIX]


def prefix_text(title: str, heading: str, introduction: str = "") -> str:
    """Return the context that the reader sees before a passage, so that pronouns and table cells have a referent."""
    names = " > ".join(part for part in (title.strip(), heading.strip()) if part)
    return " ".join(part for part in (names and f"{names}.", introduction.strip()) if part)
