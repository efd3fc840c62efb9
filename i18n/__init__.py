"""The bot's own texts in all languages. `texts.NAME` is a text in the language in force.

`english` holds the English texts, `translations` the other languages; `languages` sets which one is in force.
"""

from i18n.catalogue import texts

__all__ = ["texts"]
