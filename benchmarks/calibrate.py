"""Fits the confidence of a pair of models on questions with and without answers, and keeps it.

    python -m benchmarks.calibrate FOLDER                 for --embedding-model and --reader-model, into --data-dir
    python -m benchmarks.calibrate FOLDER --ship          into the file that comes with the project

Method: articles that neither the reader's training nor the report uses; every quote that the pipeline proposes
for their questions is one example, labelled by whether it holds the answer. Questions without an answer in the
articles (near misses, and another set's questions) give only negatives. Logistic regression, with the examples
of the kinds of question weighted equally.
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

    from benchmarks.trial import Trial

DEPTH = 5  # proposals of a question that are examples: those that may be shown, and their nearest rivals


def fit(groups: Sequence[Sequence[Trial]]) -> tuple[np.ndarray, float]:
    """Return weights and bias; each group (kind of question) counts the same in all."""
    rows, hits, weights = [], [], []
    for group in groups:
        examples = sum(min(DEPTH, len(trial.hits)) for trial in group)
        for trial in group:
            best = np.argsort(-trial.rows[:, 0], kind="stable")[:DEPTH]
            rows.append(trial.rows[best])
            hits.append(trial.hits[best])
            weights.append(np.full(len(best), 1 / max(1, examples)))
    weight = np.concatenate(weights)
    model = LogisticRegression(C=10.0, max_iter=1000)
    model.fit(np.concatenate(rows), np.concatenate(hits), sample_weight=weight / weight.mean())
    return model.coef_[0], float(model.intercept_[0])


def main() -> None:
    """Fit and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--ship", action="store_true", help="write the file that comes with the project")
    options = parser.parse_args()
    with Bench(options) as bench:
        groups = [trials for kinds in bench.trials("calibration").values() for trials in kinds if trials]
        weights, bias = fit(groups)
        path = calibrate.SHIPPED if options.ship else (options.data_dir or Path("data")) / calibrate.LOCAL
        path.parent.mkdir(parents=True, exist_ok=True)
        calibrate.save(path, *bench.identities, weights.tolist(), bias)
    print(f"{path.name}: {dict(zip(calibrate.FEATURES, weights.round(3).tolist(), strict=True))}, bias {bias:.3f}")


if __name__ == "__main__":
    main()
