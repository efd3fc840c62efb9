"""The command calibrate: fits the confidence of the models in use on a library's own headings and questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from index.durable_files import make_folder
from qa.quoting.features import FEATURES, SHARED
from qa.reading import calibration
from qa.self_calibration.asking import ask_all
from qa.self_calibration.collecting import collect
from qa.self_calibration.fitted import cross_validated, figures_of_shipped, fit
from terminal.output import printable, result, say
from terminal.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from index.libraries.library import Library
    from index.passages.embedder import Embedder
    from qa.reading.protocol import ReadingModels
    from qa.self_calibration.collecting import QuestionSet
    from qa.self_calibration.fitted import Figures

_FEW: Final = 200  # questions: with fewer, the fit is called rough


def calibrate(
    library: Library, models: Callable[[], tuple[Embedder, ReadingModels]], data_dir: Path, answer_from: float
) -> int:
    """Fit and store the calibration of the models in use, and print how far it can be trusted.

    `models` is only called if the library has enough questions; `answer_from` is the least confidence of an answer.
    Raises UserError, with nothing changed, if there are too few questions or they cannot be fitted.
    """
    path = data_dir / calibration.LOCAL
    calibration.check(path)
    questions = collect(library)
    embedder, reading_models = models()
    with Progress("Calibrating", "steps") as progress:
        asked = ask_all(questions, embedder, reading_models, progress.to)
    fitted = fit(asked)
    figures = cross_validated(asked, answer_from)
    shipped = figures_of_shipped(asked, embedder, reading_models, answer_from)
    make_folder(path.parent)
    calibration.save(path, *calibration.identities(embedder, reading_models), FEATURES, SHARED, fitted)
    _report(questions, figures, answer_from)
    if shipped is not None:
        _report_shipped(shipped)
    result(printable(f"Saved in {path}. A running bot uses it after its next start."))
    if len(questions.asked) < _FEW:
        say(
            f"A fit on {len(questions.asked)} questions is rough: trust these figures little, and run the command again"
            " when the library has grown."
        )
    return 0


def _report(questions: QuestionSet, figures: Figures, answer_from: float) -> None:
    """Print how the fit does on articles that it was not fitted on."""
    result(
        f"Asked {len(questions.asked)} headings and questions of {len(questions.articles)} articles, each of a library"
        " with its article and of one without it. Each figure is of a fit on other articles."
    )
    result(
        f"The first quote is right for {_percent(figures.first)} of the questions with an answer:"
        f" {_percent(figures.first_with_headings)} where the articles have their headings,"
        f" {_percent(figures.first_without_headings)} without them."
    )
    result(f"Confidence and truth differ by {figures.error:.2f} on average (calibration error; 0 is best, 1 is worst).")
    low, high = figures.right_interval
    result(
        f"With ANSWER_CONFIDENCE={answer_from:g}, {_percent(figures.answered)} of the questions with an answer get one,"
        f" and {_percent(figures.answered_wrongly)} of those without. Of all these answers {_percent(figures.right)}"
        f" are right (95 % interval: {_percent(low)} to {_percent(high)})."
    )


def _report_shipped(figures: Figures) -> None:
    """Print how the calibration that ships does on the same questions."""
    result(
        f"The calibration that ships with these models, on the same questions: calibration error {figures.error:.2f};"
        f" {_percent(figures.answered)} of the questions with an answer get one, and"
        f" {_percent(figures.answered_wrongly)} of those without. Of all these answers {_percent(figures.right)} are"
        " right. To use it again, delete the file below."
    )


def _percent(share: float) -> str:
    return "none" if share != share else f"{share:.0%}".replace("%", " %")  # noqa: PLR0124 - NaN
