"""Fit and store the order of quotes and their confidence, on questions with and without answers.

    python -m training.fit_calibration FOLDER --mined FOLDER          for the models of the options, into --data-dir
    python -m training.fit_calibration FOLDER --mined FOLDER --ship   into the file that comes with the project

The questions are those of the calibration split, of articles and repositories that neither train the models nor report
their quality, and headings of mined documentation that is held back (`benchmarks.mined`). Each set counts alike.
`qa.reading.fitting` has the method.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import community, mined, off_topic
from benchmarks.confidence import fit
from benchmarks.harness import Bench, Kinds, add_options
from qa.quoting.features import FEATURES, SHARED
from qa.reading import calibration


def measured_sets(bench: Bench, options: argparse.Namespace) -> dict[str, Kinds]:
    """Return the trials of every set that a calibration is fitted on, by its name."""
    found = bench.trials("calibration")
    others = bench.sets("calibration")
    for name in community.VARIANTS if community.is_present(options.folder) else ():
        part = community.read(options.folder, name, "calibration", options.questions)
        asked = community.SectionBench(bench, part, "calibration")
        found[name] = asked.trials(bench.off_topic(name, set(), others))
    for headings in (False, True) if options.mined else ():
        kinds = mined.trials(bench, options.mined, headings=headings, questions=options.questions)
        found[f"mined, {'with' if headings else 'without'} headings"] = kinds
    if options.mined and options.size:
        found["large"] = _in_a_large_library(bench, options)
    return found


def _in_a_large_library(bench: Bench, options: argparse.Namespace) -> Kinds:
    """Ask questions to FAQs, and others that nothing answers, of a library with many articles on other subjects."""
    name = f"community-among-{options.size}"
    off_topic.fill_to(bench.libraries.open(name), off_topic.pages(options.folder), options.size)
    part = community.read(options.folder, "community", "calibration", options.questions)
    real = community.SectionBench(bench, part, "calibration", name).trials_of_answerable()
    return Kinds(real, [], bench.ask(name, mined.absent_questions(options.mined, options.questions)))


def main() -> None:
    """Fit, store and print the calibration."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--mined", type=Path, help="folder of mined headings (training.mine_headings)")
    parser.add_argument("--size", type=int, default=10_000, help="passages of a large library; 0 for none")
    parser.add_argument("--ship", action="store_true", help="write the file that comes with the project")
    options = parser.parse_args()
    with Bench(options, measured=True) as bench:
        fitted = fit(list(measured_sets(bench, options).values()))
        path = calibration.SHIPPED if options.ship else (options.data_dir or Path("data")) / calibration.LOCAL
        path.parent.mkdir(parents=True, exist_ok=True)
        calibration.save(path, *bench.identities, FEATURES, SHARED, fitted)
    for names, weights in ((FEATURES, fitted.order), ([*calibration.GATE, *SHARED], fitted.gate)):
        print(*(f"{name}: {weight:.3f}" for name, weight in zip(names, weights, strict=True)), sep="\n")
    print(f"bias: {fitted.bias:.3f}")


if __name__ == "__main__":
    main()
