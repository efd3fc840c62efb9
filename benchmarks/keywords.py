"""A question as keywords: its words in lower case, without question words, auxiliaries, pronouns and articles."""

from __future__ import annotations

import re

_DROPPED = frozenset(
    (
        # question words
        "what which who whom whose when where why how "
        # auxiliaries, also contracted
        "am is are was were be been being do does did have has had can could will would shall should may might must "
        "isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't cannot couldn't won't wouldn't "
        "shouldn't mustn't what's who's where's how's when's that's there's it's i'm i've i'd i'll you're you've you'd "
        "you'll we're we've we'd we'll they're they've he's she's let's "
        # pronouns
        "i me my mine myself you your yours yourself we us our ours ourselves he him his himself she her hers herself "
        "it its itself they them their theirs themselves this that these those there someone somebody something anyone "
        "anybody anything everyone everybody everything one "
        # articles
        "a an the"
    ).split()
)
_WORD = re.compile(r"[^\W_](?:[\w'.@/:+#-]*[\w+#])?")


def as_keywords(question: str) -> str:
    """Return a question as keywords, or its words in lower case if none would be left."""
    words = _WORD.findall(question.replace("\u2019", "'").lower())
    return " ".join([word for word in words if word not in _DROPPED] or words)
