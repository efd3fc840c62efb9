"""Fits the confidence of a pair of models on questions with and without answers, and keeps it.

    python -m benchmarks.calibrate FOLDER                 for --embedding-model and --reader-model, into --data-dir
    python -m benchmarks.calibrate FOLDER --ship          into the file that comes with the project

Method: logistic regression on articles that neither the reader's training nor the report uses. The best reading of
each question is one example, labelled by whether its quote holds the answer. In each set the questions that its
articles answer weigh as much as those that they do not: near misses, and other sets' questions.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.bench import Bench, add_options
from qa import calibrate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.bench import Kinds


def fit(sets: Sequence[Kinds]) -> tuple[np.ndarray, float]:
    """Return weights and bias."""
    rows, hits, weights = [], [], []
    for kinds in sets:
        for trials in ([*kinds.answerable], [*kinds.near_miss, *kinds.off_topic]):
            best = [(trial, int(np.argmax(trial.rows[:, 0]))) for trial in trials if len(trial.hits)]
            rows += [trial.rows[at] for trial, at in best]
            hits += [bool(trial.hits[at]) for trial, at in best]
            weights += [1 / len(best)] * len(best)
    model = LogisticRegression(C=10.0, max_iter=1000)
    model.fit(np.stack(rows), hits, sample_weight=np.array(weights) / np.mean(weights))
    return model.coef_[0], float(model.intercept_[0])


def main() -> None:
    """Fit and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--ship", action="store_true", help="write the file that comes with the project")
    options = parser.parse_args()
    with Bench(options) as bench:
        weights, bias = fit(list(bench.trials("calibration").values()))
        path = calibrate.SHIPPED if options.ship else (options.data_dir or Path("data")) / calibrate.LOCAL
        path.parent.mkdir(parents=True, exist_ok=True)
        calibrate.save(path, *bench.identities, weights.tolist(), bias)
    print(f"{path.name}: {dict(zip(calibrate.FEATURES, weights.round(3).tolist(), strict=True))}, bias {bias:.3f}")


if __name__ == "__main__":
    main()
