"""English texts of the weekly digest, of votes that staff reads, and of what a restart continues."""

from __future__ import annotations

from i18n.translation import Translated


class DigestTexts:
    """What staff reads in a channel of its own, and what goes on after a restart."""

    __slots__ = ()

    # After a restart
    ARTICLE_RESUMES = Translated("I'm restarting. This goes on by itself afterwards.")
