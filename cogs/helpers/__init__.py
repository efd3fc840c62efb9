"""Asking a human, and learning from one: calls in the helpers' channel, and messages of people as articles.

The entry point is `setup`. Calls are in `calls`, their messages in `call_states`, their buttons in `call_components`.
What a person wrote becomes an article in three steps: an offer with a preview (`save_words`), the consent of the author
(`consent`), and from then on the article follows its message (`words_sync`).
"""

from __future__ import annotations

from cogs.articles.article_service import ArticleService
from cogs.helpers import call_components, words_components
from cogs.helpers.call_states import CallStates, CallSync
from cogs.helpers.calls import HelpCalls
from cogs.helpers.consent import Consent
from cogs.helpers.covered_questions import CoveredQuestions
from cogs.helpers.save_words import SaveWords
from cogs.helpers.saved_list import SavedList
from cogs.helpers.word_offers import WordOffers
from cogs.helpers.words_sync import WordsSync
from cogs.messaging.component_bot import ComponentBot
from cogs.services import Services


async def setup(bot: ComponentBot, services: Services) -> None:
    """Add the cogs and their components."""
    solved, save = call_components.SolvedButton, words_components.SaveMineButton
    states = CallStates(bot, services, call_components.call_rows)
    await bot.add_cog(HelpCalls(states, services, lambda call: solved(call.id), lambda call: save(call.id)))
    await bot.add_cog(CallSync(states))
    offers = WordOffers(bot, services, ArticleService(services.resources))
    sync = WordsSync(bot, services, offers, CoveredQuestions(services, offers.articles))
    undo = words_components.UndoWordsButton
    await bot.add_cog(SaveWords(bot, offers, services.in_flight, words_components.preview_rows, undo))
    await bot.add_cog(Consent(offers, words_components.request_rows, undo, sync.wake))
    await bot.add_cog(SavedList(offers, services.visibility, words_components.list_rows))
    await bot.add_cog(sync)
    bot.add_components(*_CALL_COMPONENTS, *_WORDS_COMPONENTS)


_CALL_COMPONENTS = (
    call_components.ClaimButton,
    call_components.UnclaimButton,
    call_components.ResolveButton,
    call_components.SolvedButton,
)
_WORDS_COMPONENTS = (
    words_components.SaveMineButton,
    words_components.YesButton,
    words_components.NoButton,
    words_components.AskAuthorButton,
    words_components.CancelWordsButton,
    words_components.HeadingButton,
    words_components.HeadingForm,
    words_components.WordsSelect,
    words_components.UndoWordsButton,
    words_components.RemoveWordsSelect,
    words_components.SavedPage,
)
