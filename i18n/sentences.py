"""What `index` says, in the language in force."""

from __future__ import annotations

from i18n import texts
from index.messages.sentence import Sentence


def say(text: str) -> str:
    """Return a sentence in the language in force, with sentences among its values; other texts as they are.

    A sentence that has no translation, as one stored by another version of the program, stays English.
    """
    if not isinstance(text, Sentence) or text.key not in texts.MESSAGES:
        return str(text)
    values = {name: say(value) if isinstance(value, str) else value for name, value in text.values.items()}
    try:
        return texts.MESSAGES[text.key].format(**values)
    except (KeyError, IndexError, ValueError, TypeError):  # stored with other values
        return str(text)
