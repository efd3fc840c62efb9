"""Members read in their language what is wrong with files, addresses and articles."""

from __future__ import annotations

import pytest

from cogs.articles.article_cards import failure_text, list_card
from cogs.articles.source_reader import source_error
from cogs.core.errors import error_message
from i18n.languages import speaking
from index.catalog.article_sources import FailedSource
from index.messages.addresses import HOST_ERROR
from index.messages.files import FILE_DAMAGED, NO_TEXT, PDF_FILE
from index.models import NoArticleError, UserError
from index.sources.http.errors import FetchError

GERMAN = "Die Datei enthält keinen Text, der sich zitieren ließe."


def failed(article_id: int | None) -> FailedSource:
    """Return a stored failure."""
    return FailedSource("key", "notes.txt", NO_TEXT.format(), "2026-05-01T00:00:00+00:00", None, article_id)


@pytest.mark.parametrize("error", [UserError(NO_TEXT), NoArticleError(NO_TEXT), FetchError(NO_TEXT, gone=True)])
def test_errors_are_said_in_the_language_in_force(error: UserError) -> None:
    """Errors of every class are translated, and English where no other language is in force."""
    with speaking("de"):
        assert error_message(error) == GERMAN
    assert error_message(error) == str(error) == NO_TEXT.english


def test_a_source_is_named_before_its_reason() -> None:
    """The error that names a source translates the reason, and what the reason contains."""
    reason = FILE_DAMAGED.format(what=PDF_FILE.format(), reason="EOF")
    with speaking("de"):
        assert str(source_error("a.pdf", reason)) == (
            "a.pdf: Die Datei ist beschädigt oder keine gültige PDF-Datei (EOF); öffne sie und speichere sie neu."
        )


def test_numbers_are_values() -> None:
    """Statuses and counts come from the error."""
    with speaking("fr"):
        shown = error_message(FetchError(HOST_ERROR, host="example.org", status=503))
    assert shown == "example.org répond par une erreur (503)\u202f; réessaie plus tard."


def test_failed_checks_are_said_in_the_language_in_force() -> None:
    """A failure that was stored by a refresh is shown in the language of whoever looks."""
    with speaking("de"):
        assert GERMAN in failure_text([failed(1)], 1)
        listed = list_card([], 0, 1, 1, [failed(None)])
    assert "Die Datei enthält keinen Text" in listed.statement


def test_texts_of_the_bot_stay_as_they_are() -> None:
    """Texts that are in the member's language already are not touched."""
    with speaking("it"):
        assert error_message(UserError("Premi un altro pulsante.")) == "Premi un altro pulsante."
