"""Pictures of the bot's messages, drawn from what the bot would send: `python docs/pictures.py`.

Questions about the sample articles are answered and rendered by the bot's own code, converted to HTML in the colours of
Discord's dark theme, and drawn with a local Chromium. The pictures imitate Discord; the texts and their order are the
bot's own.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import discord

from bot import Application
from cogs.admin import setup_pages
from cogs.admin.about import PERMISSIONS
from cogs.admin.chart import draw_chart
from cogs.admin.reports import channels_text, question_policy_text, stats_text, why_text
from cogs.admin.reset_command import KeepButton, ResetButton
from cogs.admin.setup_wizard import PageState
from cogs.answers.answer_pages import context_card, more_quotes_card
from cogs.answers.answer_sources import source_entries, source_pages
from cogs.answers.controls import answer_controls
from cogs.answers.more_quotes import ContextPage, Tab, tab_row
from cogs.answers.stale_marker import marked_card
from cogs.articles.add_form import AddForm
from cogs.articles.article_cards import preview_card, receipt_text
from cogs.articles.trial_question import TrialButton, TrialForm
from cogs.articles.views import AddButton, CancelButton
from cogs.ask.answer_finder import stored_answer
from cogs.core.pauses import end_of, paused_notice
from cogs.pins.pin_components import preview_rows
from cogs.pins.views import PinDraft, pin_preview_card, preview_heading
from cogs.services import Inquiry
from cogs.ui.answer_card import Card, notice_card, render
from cogs.ui.components import Rows, page_row
from cogs.ui.escape import link
from cogs.ui.layout import message_body
from docs.message_html import STYLE, drawn, form, message
from docs.pictures_of_people import conversation_page, helpers_page, staff_page
from i18n import texts
from index.libraries.library_names import libraries_of
from index.libraries.read_only import ReadOnlyLibraries
from index.models import Draft, Receipt, Span
from qa.ask import Answers, ask_checked
from qa.conversation.follow_ups import Turn
from qa.outcome import Answer, Quote, worth_showing
from storage.analytics import Day, Stats
from storage.backups.archive import own_version
from storage.models import RETENTION_DAYS, Mode, QuestionPolicy, ServerSettings
from storage.stored_answers import StoredAnswer
from terminal.settings_file import load as load_settings

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTHS: Final = {"desktop": 760, "phone": 390}
QUESTIONS: Final = (
    "What did Kim Myong-il say about smoking?",
    "And what does the other one say?",
    "Can I advertise my shop?",
    "Who won the 2018 World Cup?",
)

_COUNTS: Final = ((9, 2, 1), (12, 1, 2), (7, 3, 0), (15, 2, 2), (11, 0, 1), (4, 1, 0), (6, 1, 1))
FIGURES: Final = Stats(  # invented
    *(sum(day[part] for day in _COUNTS) for part in range(3)),
    helpful=23,
    unhelpful=4,
    median_ms=74.0,
    slowest_ms=310.0,
    most_quoted=((("shared", 1), 31),),
    days=tuple(Day(date(2026, 11, 9 + at), *counts) for at, counts in enumerate(_COUNTS)),
)


def main() -> int:
    """Draw every picture into this folder; return 1 if there is no browser, else 0."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("A picture needs a browser: install chromium, then run this again.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings().model_copy(update={"data_dir": Path(folder)})
        with closing(Application(settings)) as app:
            answerer = app.warm_up()
            answers = [
                _answer(answerer, question, QUESTIONS[:index], settings.second_quote_confidence)
                for index, question in enumerate(QUESTIONS)
            ]
            with closing(ReadOnlyLibraries(Path(folder))) as read_only:
                reading = _reading_page(*answers[0], read_only)
                running = _managing_page(answers[0][1], read_only)
        answered = "".join(message(card, _buttons(stored)) for card, stored in answers)
        pages = {"answers": answered, "reading": reading, "running": running}
        pages |= {"beginning": _first_steps_page(), "setup": _setup_page()}
        pages |= {"conversation": conversation_page(message), "helpers": helpers_page(message)}
        pages["staff"] = staff_page(message, FIGURES)
        for subject, body in pages.items():
            page = Path(folder) / "page.html"
            page.write_text(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}", encoding="utf-8")
            for name, width in WIDTHS.items():
                _draw(browser, page, width, ROOT / "docs" / f"{subject}-{name}.png")
    return 0


def _answer(
    answerer: Answers, question: str, before: Sequence[str], second_quote_confidence: float
) -> tuple[Card, StoredAnswer]:
    """Ask a question after earlier ones; return the card of its answer and the stored answer."""
    outcome = ask_checked(answerer, question, libraries_of(None), [Turn("user", text) for text in before], most=9)
    card = render(outcome, second_quote_confidence=second_quote_confidence, show_question=True)
    shown = len(worth_showing(outcome, second_quote_confidence))
    return card, replace(stored_answer(Inquiry(question, 1, 1, 1), outcome, shown, plain=False), id=1)


def _buttons(answer: StoredAnswer) -> Rows:
    return answer_controls(answer, ServerSettings(helpers_channel=1))


def _reading_page(card: Card, answer: StoredAnswer, read_only: ReadOnlyLibraries) -> str:
    """Return the messages that an answer's buttons open, and the answer after its article has changed."""
    first, *rest = answer.quotes[: answer.shown]
    article = read_only.article(first.library, first.article_id)
    quote = first.quote(article)
    assert article is not None
    assert quote is not None
    more = [
        stored_quote.quote(read_only.article(stored_quote.library, stored_quote.article_id))
        for stored_quote in answer.quotes[answer.shown :][:2]
    ]
    mark = texts.AGED_SOME.format(count=answer.shown, shown=answer.shown) if rest else texts.AGED_ONE
    private = (
        (
            context_card(quote, article, 0, answer.shown),
            [*tab_row(answer, Tab.CONTEXT), *page_row(ContextPage, 1, 0, answer.shown)],
        ),
        (source_pages(source_entries([first, *rest], read_only.article))[0], tab_row(answer, Tab.SOURCES)),
        (more_quotes_card(more, 0, 1), tab_row(answer, Tab.QUOTES)),
    )
    opened = "".join(message(page, rows, private=True) for page, rows in private)
    return opened + message(marked_card(list(card.texts), mark), _buttons(answer))


def _managing_page(answer: StoredAnswer, read_only: ReadOnlyLibraries) -> str:
    """Return messages for managers of a server: the preview of a pin, `/insights why` and `/insights stats`."""
    quotes = [
        quote
        for stored_quote in answer.quotes
        if (quote := stored_quote.quote(read_only.article(stored_quote.library, stored_quote.article_id)))
    ]
    chosen = tuple(replace(quote, chosen=True, confidence=1.0) for quote in quotes)
    draft = PinDraft(chosen, ("",) * len(chosen), (answer.question,))
    heading = preview_heading(draft, replaces=False)
    why = why_text(replace(answer, quotes=answer.quotes[:4], elapsed_ms=74.0), quotes[:4], 0.3, 0.1)
    figures = stats_text(FIGURES, ["The rules of Lantern Harbour"], len(FIGURES.days), 1)
    chart = base64.b64encode(draw_chart(FIGURES, len(FIGURES.days)).data).decode()
    pin = message(pin_preview_card(draft, heading), preview_rows(draft, 1), private=True, above=heading)
    return "".join(
        [
            pin,
            message(notice_card(why), [], private=True),
            message(notice_card(figures), [], private=True, chart=chart),
        ]
    )


def _first_steps_page() -> str:
    """Return the walk of docs/walk.md, from the welcome message to the first answer, and `/help` of an admin."""
    text = "The server restarts every morning at six. Griefing is punished with a ban of two weeks."
    draft = Draft("key", texts.ARTICLE_PASTED, "Rules of Copper Keep", text, None, ())
    receipt = Receipt(1, draft.title, draft.source, "added", 1)
    at = text.index("Griefing")
    mark = Span(text.index("a ban"), len(text) - 1)
    quote = Quote("server", 1, draft.title, draft.source, at, len(text), text[at:], (mark,), 1, 1, confidence=0.92)
    outcome = Answer("What happens if I grief?", 0.92, (quote,), 74.0)
    answer = render(outcome, second_quote_confidence=0.3, show_question=True)
    stored = replace(stored_answer(Inquiry(outcome.question, 1, 1, 1), outcome, 1, plain=False), id=1)
    everything = [texts.HELP, texts.HELP_HELPERS, texts.HELP_MODERATORS, texts.HELP_EDITORS, texts.HELP_MANAGERS]
    help_text = "\n\n".join([*everything, texts.HELP_PRIVACY.format(days=RETENTION_DAYS)])
    return "".join(
        [
            message(notice_card(texts.WELCOME), setup_pages.welcome_rows(), used="Verbatim hopped into the server"),
            form(AddForm()),
            message(preview_card(draft), [[AddButton(1), CancelButton(1)]], private=True),
            message(notice_card(receipt_text(receipt)), [[TrialButton()]], private=True),
            form(TrialForm()),
            message(answer, _buttons(stored), private=True),
            message(notice_card(help_text), [], private=True),
        ]
    )


def _setup_page() -> str:
    """Return the pages of the setup wizard, the last one also with articles, and messages of `/config` and `/about`."""
    names = {2: "support", 3: "off-topic"}
    channels = {number: _Channel(number, type=discord.TextChannel) for number in names}
    guild: Any = SimpleNamespace(me=None, get_channel=channels.get, get_role=lambda _: None, channels=())
    settings = ServerSettings(helpers_channel=2).with_mode(2, Mode.QUESTIONS).with_mode(3, Mode.OFF)
    pages = []
    for number, articles in [*((number, 0) for number in range(len(texts.WIZARD_PAGES))), (4, 12)]:
        state = PageState(guild, 1, settings, articles, plain=False, message_content=True)
        body = setup_pages.page(state, number)
        pages.append(drawn(body.view.to_components(), private=True, names=names))
    paused = settings.paused_for(3600, time.time())
    about = texts.ABOUT.format(
        name="Verbatim",
        version=own_version(),
        articles=12,
        questions=question_policy_text(QuestionPolicy.of_operator(90)),
    )
    invitation = link(texts.ABOUT_INVITE, discord.utils.oauth_url(1, permissions=PERMISSIONS))
    table = channels_text(settings.with_place(2, floor=0.75, thread=True))
    asked = message_body(notice_card(texts.RESET_QUESTION.format(count=2)), [[ResetButton(), KeepButton()]])
    bodies = (
        message_body(notice_card(table)),
        message_body(notice_card(texts.PAUSED_NOW_UNTIL.format(when="in an hour"))),
        message_body(notice_card(paused_notice(paused).replace(end_of(paused), "in an hour"))),
        asked,
        message_body(notice_card(f"{about}\n{invitation}")),
    )
    pages += [drawn(body.view.to_components(), private=True, names=names) for body in bodies]
    return "".join(pages)


class _Channel(discord.Object):
    """A channel in which the bot may do everything."""

    def permissions_for(self, _member: object) -> discord.Permissions:
        """Return all permissions."""
        return discord.Permissions.all()


def _draw(browser: str, page: Path, width: int, picture: Path) -> None:
    """Save a picture of the whole page; a first run of the browser measures its height."""
    options = ["--headless=new", "--no-sandbox", "--hide-scrollbars", "--force-device-scale-factor=2"]
    options.append(f"--user-data-dir={page.parent / 'browser'}")
    measuring = page.with_name("measure.html")
    # Chromium windows have a minimum width that is greater than a phone's, so the body is narrowed instead.
    script = f"<style>body {{ width: {width - 32}px }}</style>"
    script += "<script>document.title = document.body.offsetHeight</script>"
    measuring.write_text(page.read_text(encoding="utf-8") + script, encoding="utf-8")
    dom = _browse([browser, *options, f"--window-size={width},800", "--dump-dom", measuring.as_uri()])
    height = re.search(r"<title>(\d+)", dom)
    size = f"--window-size={width},{height[1] if height else 1200}"
    _browse([browser, *options, size, f"--screenshot={picture}", page.as_uri()])


def _browse(command: list[str]) -> str:
    """Run the browser and return its standard output."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - every argument is from this script


if __name__ == "__main__":
    sys.exit(main())
