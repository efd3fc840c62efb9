"""English texts of the question which of several articles is meant."""

from __future__ import annotations

from i18n.translation import Translated


class WhichTexts:
    """The message with a button for each article, and what a press may be told."""

    __slots__ = ()

    WHICH_HEADING = Translated("**Which one do you mean?** Several articles answer this.")
    WHICH_NOTE = Translated("The question doesn't say which of these is meant.")
    WHICH_MORE = Translated("Not here? Ask again and say which one you mean.")
    WHICH_CHOSEN = Translated("This question has been answered by now.")
