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
    PIN_DESCRIPTION = Translated(
        "Tie words of an article to a question: whoever asks it gets them first. A preview comes first."
    )
    PIN_QUESTION_DESCRIPTION = Translated("The question, in words that stand alone.")
    PIN_ARTICLE_DESCRIPTION = Translated("The article. Type a part of its title.")
    PIN_WORDS_DESCRIPTION = Translated("Words of the article, letter for letter. The whole sentence is quoted.")

    PINS_NAME: Final = "pins"
    PINS_DESCRIPTION = Translated("List what is pinned to questions here, and unpin it.")

    # The preview
    PIN_PREVIEW = Translated("**Preview.** Once you press *Pin*, this is what members see first when they ask:")
    PIN_WORDING_LINE = Translated("- {question}")
    PIN_FOLLOWS = Translated(
        "-# This question went on from an earlier one. Change its wording so that it stands alone."
    )
    PIN_REPLACES = Translated("-# It takes the place of what is pinned to the same question now.")
    PIN_QUOTE = Translated("Another quotation")
    PIN_WORDING_BUTTON = Translated("Change the wording")
    PIN_BUTTON = Translated("Pin")
    PIN_CANCEL_BUTTON = Translated("Cancel")
    PIN_FORM_TITLE = Translated("Which question?")
    PIN_FORM_LABEL = Translated("The question; other wordings below it")
    PIN_DONE = Translated("Pinned. `/verbatim pins` lists all pins, and unpins them.")
    PIN_CANCELLED = Translated("Cancelled, nothing was pinned.")

    # What keeps a quote from being pinned
    PIN_NO_QUOTE = Translated("There is no quotation of mine in this message that could be pinned.")
    PIN_NO_QUESTION = Translated("Write a question with words by which it can be told from others.")
    PIN_MANY_WORDINGS = Translated("One pin can have {limit} wordings at most.")
    PIN_WORDS_MISSING = Translated(
        "These words do not stand in {article}, letter for letter. `/article show` shows how it says it."
    )
    PIN_WORDS_SEVERAL = Translated(
        "These words stand in {count} sentences of {article}. Give more of the one you mean."
    )
    PIN_WORDS_LONG = Translated("That would quote more than {limit:,} characters. Give fewer words.")
    PIN_FORGOTTEN = Translated("I no longer remember this preview. Please begin again.")
    PINS_FULL = Translated("This server has {limit:,} pins, and may have no more. Unpin one with `/verbatim pins`.")

    # The list
    PINS_NOTHING = Translated(
        "Nothing is pinned here. *Pin a quotation*, in the menu of one of my answers under Apps, and `/verbatim pin` "
        "do it."
    )
    PINS_HEADING = Translated("**Pinned to questions**")
    PINS_FOOTER = Translated("Page {page} of {pages} · pins: {count:,}")
    PINS_UNPIN = Translated("Unpin …")
    PINS_UNPINNED = Translated("**Unpinned:** {question}")
    PINS_RESTS = Translated("rests, for its article does not say this any more")
