"""English texts of pins."""

from __future__ import annotations

from typing import Final

from i18n.translation import Translated


class PinTexts:
    """Pinning a quote to a question, and the list of pins."""

    __slots__ = ()

    # Pinning a quote
    PIN_MENU = Translated("Pin a quotation")
    PIN_NAME: Final = "pin"
    PIN_GROUP_DESCRIPTION = Translated("Quotes that come first when members ask certain questions.")
    PIN_ADD_NAME: Final = "add"
    PIN_DESCRIPTION = Translated(
        "Pin a sentence from an article to a question, so that it comes first. You get a preview."
    )
    PIN_QUESTION_DESCRIPTION = Translated("The question, worded so that it makes sense on its own.")
    PIN_WORDS_DESCRIPTION = Translated("Words from the article, letter for letter. I quote the whole sentence.")

    PINS_NAME: Final = "list"
    PINS_DESCRIPTION = Translated("List the quotes pinned to questions here, and unpin them.")
    UNPIN_NAME: Final = "remove"
    UNPIN_DESCRIPTION = Translated("Unpin a quote from a question.")
    UNPIN_CHOICE_DESCRIPTION = Translated("The pinned question. Default: choose from the list.")
    PIN_GONE = Translated("This is no longer pinned. `/pin list` shows what is.")

    # The preview
    PIN_PREVIEW = Translated("**Preview.** Once you press *Pin*, members see this quote first when they ask:")
    PIN_WORDING_LINE = Translated("- {question}")
    PIN_FOLLOWS = Translated("-# This was a follow-up question. Change the wording so that it makes sense on its own.")
    PIN_REPLACES = Translated("-# This replaces what is pinned to the same question now.")
    PIN_QUOTE = Translated("Another quote")
    PIN_WORDING_BUTTON = Translated("Change the wording")
    PIN_BUTTON = Translated("Pin")
    PIN_FORM_TITLE = Translated("Which question?")
    PIN_FORM_LABEL = Translated("The question, then other wordings below it")
    PIN_DONE = Translated("Pinned. `/pin list` lists all pins and lets you unpin them.")
    PIN_CANCELLED = Translated("Cancelled. Nothing was pinned.")

    # What keeps a quote from being pinned
    PIN_NO_QUOTE = Translated("This message has no quote of mine that can be pinned.")
    PIN_NO_QUESTION = Translated("Use more specific words, so that I can tell this question from others.")
    PIN_MANY_WORDINGS = Translated("A pin can have at most {limit} wordings.")
    PIN_WORDS_MISSING = Translated("I couldn't find these exact words in {article}. `/library show` shows the article.")
    PIN_WORDS_SEVERAL = Translated(
        "These words are in {count} sentences of {article}. Add more words from the one you mean."
    )
    PIN_WORDS_LONG = Translated("That would quote more than {limit:,} characters. Use fewer words.")
    PINS_FULL = Translated("This server already has {limit:,} pins, which is the limit. Unpin one with `/pin list`.")

    # The list
    PINS_NOTHING = Translated(
        "Nothing is pinned here. Choose *Pin a quotation* in the menu of one of my answers, under Apps, or use "
        "`/pin add`."
    )
    PINS_HEADING = Translated("**Pinned quotes**")
    PINS_FOOTER = Translated("Page {page} of {pages} · pins: {count:,}")
    PINS_UNPIN = Translated("Unpin …")
    PINS_UNPINNED = Translated("**Unpinned:** {question}")
    PINS_RESTS = Translated("inactive: the article no longer says this")
