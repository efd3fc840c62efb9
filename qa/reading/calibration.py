"""Calibration: in which order proposed quotes come, and the probability that each answers.

Both are learnt together for one embedder and its reading models (`qa.reading.fitting`): the order is a linear score of
a proposal's features, the probability a logistic function of that score, of its lead over the other proposals, and of
what is known of the question as a whole. A fit is valid for the models that it was made with; others are uncalibrated
until `python bot.py calibrate` has fitted them.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from index.durable_files import write_durably
from index.models import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.passages.embedder import Embedder
    from qa.reading.protocol import ReadingModels

SHIPPED = Path(__file__).with_name("calibration.json")
LOCAL = "calibration.json"  # in the data folder: fitted by the operator, preferred to the shipped one
GATE: Final = ("score", "lead", "lead over the third")  # inputs of the confidence, before those that are shared
_LARGEST_LEAD: Final = 4.0
_UNCALIBRATED: Final[Mapping[str, float]] = {  # a rough guess, to rank by
    "passage score": 0.3,
    "best reading": 0.02,
    "reading": 0.05,
    "cosine": 4.0,
    "coverage": 1.0,
}
_UNCALIBRATED_BIAS: Final = -3.5


@dataclass(frozen=True, slots=True)
class Calibration:
    """`order` (f,): weights of a proposal's features; `gate` (3 + g,): those of `GATE` and of the shared features.

    `fitted` is false for models that are not calibrated.
    """

    order: tuple[float, ...]
    gate: tuple[float, ...]
    bias: float
    fitted: bool

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """Return the (n,) scores by which proposals are ordered, from their (n, f) features."""
        found: np.ndarray = rows @ np.array(self.order)
        return found

    def confidence(self, rows: np.ndarray, passages: np.ndarray, shared: np.ndarray) -> np.ndarray:
        """Return the (n,) probabilities that proposals answer, in the order of their scores.

        `rows` are their (n, f) features, `passages` (n,) the numbers of their passages, and `shared` the (g,) features
        of the question.
        """
        scores = self.scores(rows)
        logits = gate_rows(scores, passages, shared) @ np.array(self.gate) + self.bias
        probabilities: np.ndarray = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
        order = np.argsort(-scores, kind="stable")
        # Leads may put a later proposal of the best passage before one of another passage with a higher score.
        probabilities[order] = np.minimum.accumulate(probabilities[order])
        return probabilities


def gate_rows(scores: np.ndarray, passages: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Return the (n, 3 + g) inputs of the confidence: `GATE` and the shared features.

    The lead is that of a score over the best one of another passage, negative for all but the best; the lead over the
    third is that of the best passage over the third best one, for all proposals.
    """
    if not len(scores):
        return np.zeros((0, len(GATE) + len(shared)))
    names, own = np.unique(passages, return_inverse=True)
    best = np.full(len(names), -np.inf)
    np.maximum.at(best, own, scores)
    ranked = [*np.sort(best)[::-1].tolist(), -np.inf, -np.inf]
    first, second, third = ranked[:3]
    leads = scores - np.where(best[own] == first, second, first)
    over_third = min(first - third, _LARGEST_LEAD)
    leads = np.clip(leads, -_LARGEST_LEAD, _LARGEST_LEAD)
    return np.column_stack([scores, leads, np.tile(np.append(over_third, shared), (len(scores), 1))])


def identities(embedder: Embedder, models: ReadingModels) -> tuple[str, str]:
    """Return the identities of the embedder and of the reading models, by which calibrations are stored."""
    return f"{embedder.name}@{embedder.revision}", models.identity


def models_name(embedder: str, models: str) -> str:
    """Return the key of an embedder and its reading models in calibration files."""
    return f"{embedder} + {models}"


def load(
    embedder: str, models: str, features: Sequence[str], shared: Sequence[str], data_dir: Path | None = None
) -> Calibration:
    """Return the calibration of these models: the operator's, else the shipped one, else a rough guess.

    One that was fitted on other features than those named is passed over. Raises SettingsError if a file is damaged.
    """
    for path in (data_dir and data_dir / LOCAL, SHIPPED):
        found = _read(path).get(models_name(embedder, models)) if path and path.exists() else None
        if found and list(found.get("order", ())) == list(features) and list(found.get("gate", ())) == [*GATE, *shared]:
            order, gate = tuple(found["order"].values()), tuple(found["gate"].values())
            return Calibration(order, gate, found["bias"], fitted=True)
    order = tuple(_UNCALIBRATED.get(name, 0.0) for name in features)
    return Calibration(order, (1.0, *[0.0] * (len(GATE) - 1 + len(shared))), _UNCALIBRATED_BIAS, fitted=False)


def check(path: Path) -> None:
    """Raise SettingsError if a calibration file is there but damaged."""
    if path.exists():
        _read(path)


def save(
    path: Path, embedder: str, models: str, features: Sequence[str], shared: Sequence[str], fit: Calibration
) -> None:
    """Write a fit to a calibration file, keeping those of other models.

    Raises SettingsError if the file is there but damaged.
    """
    entry = {
        "order": {name: round(weight, 5) for name, weight in zip(features, fit.order, strict=True)},
        "gate": {name: round(weight, 5) for name, weight in zip([*GATE, *shared], fit.gate, strict=True)},
        "bias": round(fit.bias, 5),
    }
    everything = (_read(path) if path.exists() else {}) | {models_name(embedder, models): entry}
    written = (json.dumps(everything, indent=2) + "\n").encode()
    write_durably(path, lambda stream: stream.write(written))  # half a file would stop the bot at its next start


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """Return the fits of a calibration file by their models, without those that earlier versions wrote.

    Raises SettingsError if it is not such a file.
    """
    try:
        found = json.loads(path.read_bytes().decode("utf-8"))
        return {models: entry for models, entry in found.items() if _is_fit(entry)}
    except (ValueError, AttributeError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise SettingsError(
            f"The calibration file {path} is damaged; delete it, and run `python bot.py calibrate` to fit it again."
        ) from error


def _is_fit(entry: dict[str, Any]) -> bool:
    """Whether an entry is of this version. Raises ValueError, KeyError or TypeError if it is of none."""
    if "features" in entry:  # weights of three features, from before the order was fitted
        return False
    for value in (*entry["order"].values(), *entry["gate"].values(), entry["bias"]):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError("a weight is not a number")
    return True
