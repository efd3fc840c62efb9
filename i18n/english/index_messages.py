"""English texts of the errors that `index` raises."""

from __future__ import annotations

from i18n.translation import Translated
from index.messages.all_messages import all_messages


class IndexMessageTexts:
    """What `index` says of files, addresses and libraries, by key; `i18n.sentences.say` fills in the values."""

    __slots__ = ()

    MESSAGES = Translated({message.key: message.english for message in all_messages()})
