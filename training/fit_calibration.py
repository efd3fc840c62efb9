"""Fit and store the confidence of an embedder and reader pair, on questions with and without answers.

    python -m training.fit_calibration FOLDER                 for the models of the options, into --data-dir
    python -m training.fit_calibration FOLDER --ship          into the file that comes with the project

The questions are those of the calibration split: articles that neither train the reader nor report its quality.
`benchmarks.confidence` has the method.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.confidence import fit
from benchmarks.harness import Bench, add_options
from qa.reading import calibration


def main() -> None:
    """Fit, store and print the calibration."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--ship", action="store_true", help="write the file that comes with the project")
    options = parser.parse_args()
    with Bench(options) as bench:
        weights, bias = fit(list(bench.trials("calibration").values()))
        path = calibration.SHIPPED if options.ship else (options.data_dir or Path("data")) / calibration.LOCAL
        path.parent.mkdir(parents=True, exist_ok=True)
        calibration.save(path, *bench.identities, weights.tolist(), bias)
    print(f"{path.name}: {dict(zip(calibration.FEATURES, weights.round(3).tolist(), strict=True))}, bias {bias:.3f}")


if __name__ == "__main__":
    main()
