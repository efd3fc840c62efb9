"""English texts of the controls of an answer, of its captions, and of how sure it is."""

from __future__ import annotations

from typing import Final

from i18n.translation import Translated


class CardTexts:
    """What an answer says beside its quotes, the pages that *More* opens, and deleting an answer from its menu."""

    __slots__ = ()

    # How sure an outcome is, best first: from this probability on, this word. The last word of an answer begins at the
    # threshold of answers, wherever that is set; closest passages stay below it.
    ANSWER_CONFIDENCE = Translated(((0.9, "very high"), (0.75, "high"), (0.5, "good"), (0.0, "fair")))
    CLOSEST_CONFIDENCE = Translated(((0.25, "low"), (0.0, "very low")))

    # Captions
    OPEN_MESSAGE = Translated("open the message")
    DATE = Translated("{day} {month} {year}")
    FIRST_OF_MONTH = Translated("1 {month} {year}")
    MONTHS = Translated(
        (
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        )
    )

    # Buttons; screen readers read an emoji by its name, "thumbs up"
    HELPFUL_BUTTON: Final = "👍"
    UNHELPFUL_BUTTON: Final = "👎"
    WANTED_BUTTON = Translated("This should be covered")
    QUOTES_BUTTON = Translated("Quotes")

    # What they say
    WANTED_NOTED = Translated(
        "Thanks, noted. The people who look after the articles will see the question, without your name."
    )
    GAP_WANTED = Translated("*This should be covered*: {count}")
    DELETE_MENU = Translated("Delete answer")
    DELETED = Translated("I've deleted it.")
    NOT_MY_ANSWER = Translated("This isn't one of my answers.")
