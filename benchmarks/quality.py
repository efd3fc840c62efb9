"""How often the first quote contains the answer, how often unanswerable questions are refused, and the latency.

    python -m benchmarks.quality FOLDER [--sets NAME...] [--sizes N...] [--json FILE]

FOLDER has `NAME.docs.jsonl[.gz]` and `NAME.qa.jsonl[.gz]`. Only articles of the `report` split are used
(`benchmarks.splits`), on which nothing was trained or fitted. Off-topic questions are those of the other sets; of the
community set none are taken. `community`, `community-headings` and `community-keywords` are three variants of one set
(`benchmarks.community`); `--repositories all` asks all of it in one library. `community-set` is the set that ships
(`benchmarks.shipped_set`), or FOLDER itself if it has questions and articles of that form.

Each library is also asked the invented questions (`benchmarks.off_topic`). `--sizes 1000 10000` asks them of libraries
of so many passages, too, which are filled from FOLDER's `load-en.jsonl[.gz]`. Embedding 100,000 passages takes about
an hour on two cores; with `--work`, a stopped run goes on where it was, and the next one need not embed.
To choose a reader, use other articles: `--split calibration --cross-validate --reader-model FOLDER_OF_WEIGHTS`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import community, data, off_topic, shipped_set
from benchmarks.confidence import cross_validated
from benchmarks.figures import SHORT, SetTrials, figures, invented_figures, table, thresholds
from benchmarks.harness import Bench, Kinds, add_options, say
from benchmarks.pipeline_trial import LONGEST, Trial, ceiling
from benchmarks.plain_dense import ranked_hits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.data import QASet


def _measure(bench: Bench, options: argparse.Namespace) -> dict[str, SetTrials]:
    """Ask every chosen set; return what was measured, by the name of the set."""
    parts = {part.name: part for part in bench.sets(options.split)}
    found = {}
    for name, kinds in bench.trials(options.split).items():
        asked = [trial.question for trial in kinds.answerable]
        ceilings = [ceiling(parts[name].documents, asked, longest) for longest in (LONGEST, SHORT)]
        invented = bench.ask(bench.library(parts[name], options.split), off_topic.read())
        found[name] = SetTrials(kinds, (ceilings[0], ceilings[1]), invented=invented)
    for name in options.variants:
        found[name] = _measure_variant(bench, name, list(parts.values()), options)
    if options.shipped:
        found[shipped_set.NAME] = _measure_shipped(bench, list(parts.values()), options.shipped)
    return found


def _measure_variant(bench: Bench, name: str, others: Sequence[QASet], options: argparse.Namespace) -> SetTrials:
    """Ask one variant of the community set."""
    split = options.repositories or options.split
    asked = community.SectionBench(bench, community.read(options.folder, name, split, options.questions), split)
    texts = asked.texts()
    kinds = asked.trials(bench.off_topic(name, set(), others))
    invented = bench.ask(asked.name, off_topic.read())
    ceilings = [community.ceiling(texts, asked.answerable, longest) for longest in (LONGEST, SHORT)]
    dense = ranked_hits(bench.embedder, texts, asked.answerable)
    return SetTrials(kinds, (ceilings[0], ceilings[1]), dense, invented)


def _measure_shipped(bench: Bench, others: Sequence[QASet], folder: Path) -> SetTrials:
    """Ask the community set that ships, or another one of its form."""
    say(f"{shipped_set.NAME}: asking")
    library = bench.libraries.open(shipped_set.NAME)
    shipped_set.fill(library, folder)
    asked = shipped_set.read(folder)
    texts = [article.text for row in library.articles() if (article := library.article(row.id))]
    tried = shipped_set.trials(bench.answerer, library, asked, measured=bench.measured)
    kinds = Kinds(
        [trial for trial in tried if trial.question.answers],
        [trial for trial in tried if not trial.question.answers],
        bench.ask(library.name, bench.off_topic(shipped_set.NAME, set(), others)),
    )
    ceilings = [shipped_set.ceiling(texts, asked, longest) for longest in (LONGEST, SHORT)]
    return SetTrials(kinds, (ceilings[0], ceilings[1]), invented=bench.ask(library.name, off_topic.read()))


def _options() -> argparse.Namespace:
    """Return the options.

    `variants` are those of the community set, `shipped` is the folder of the set that ships or None, and `sets` are
    the others, None for every one.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    parser.add_argument("--split", choices=["calibration", "report"], default="report")
    parser.add_argument(
        "--repositories",
        choices=["train", "calibration", "report", "all"],
        help="the part of the community set's repositories (default: that of --split)",
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[], help="passages of libraries for invented questions")
    parser.add_argument("--cross-validate", action="store_true", help="fit the confidence anew, by article")
    parser.add_argument("--answer-from", type=float, default=0.3, help="ANSWER_CONFIDENCE")
    return choose_sets(parser.parse_args())


def choose_sets(options: argparse.Namespace) -> argparse.Namespace:
    """Return options with `variants` and `shipped`, and with the rest in `sets`.

    Without `--sets` these are all sets that are reported: those of the folder, and the one that ships.
    """
    if options.sets is None:
        present = community.is_present(options.folder)
        chosen = [*data.names(options.folder), *(community.VARIANTS if present else ()), shipped_set.NAME]
    else:
        chosen = options.sets
    own = shipped_set.is_present(options.folder)
    options.variants = [name for name in community.VARIANTS if name in chosen]
    options.shipped = (options.folder if own else shipped_set.FOLDER) if shipped_set.NAME in chosen else None
    options.sets = [name for name in chosen if name not in community.VARIANTS and name != shipped_set.NAME]
    return options


def main() -> None:
    """Measure and print the tables."""
    options = _options()
    with Bench(options, measured=options.cross_validate) as bench:
        measured = _measure(bench, options)
        sized = off_topic.trials_by_size(bench, options.folder, options.sizes)
    judge = cross_validated([one.kinds for one in measured.values()]) if options.cross_validate else Trial.judged
    results = {name: figures(one, judge, options.answer_from) for name, one in measured.items()}
    results |= {name: invented_figures(tried, judge, options.answer_from) for name, tried in sized.items()}
    print(table(results))
    for name, one in measured.items():
        print(f"\n{name}\n\n{thresholds(one.kinds, judge)}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
