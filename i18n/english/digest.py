"""English texts of the weekly digest, of votes that staff reads, and of what a restart continues."""

from __future__ import annotations

from i18n.translation import Translated


class DigestTexts:
    """What staff reads in a channel of its own, and what goes on after a restart."""

    __slots__ = ()

    # After a restart
    ARTICLE_RESUMES = Translated("I'm restarting. This goes on by itself afterwards.")

    PRIVACY_DRAFTS = Translated("Previews, imports and searches that wait for you, for an hour: {count}")

    # The weekly digest
    DIGEST_HEADING = Translated("**The week from {first} to {last}**")
    DIGEST_ASKED = Translated("Questions: {count:,}")
    DIGEST_OUTCOMES = Translated(
        "Answered: {answered:,} · closest passages: {closest:,} · not covered: {not_covered:,}"
    )
    DIGEST_NOT_COUNTED = Translated("Questions aren't counted here, because nothing is stored of them.")
    DIGEST_NO_VOTES = Translated("Nobody rated an answer.")
    DIGEST_HUMANS = Translated("Answered by people, not in an article yet: {count:,}")
    DIGEST_FAILED = Translated("Sources that I couldn't read at the last try: {count:,}")
    DIGEST_STALE = Translated("Sources that I haven't checked as planned for a week or more: {count:,}")
    DIGEST_SOURCES_FINE = Translated("All sources are up to date.")
    DIGEST_GAPS = Translated("**Asked by several members, but not answered**")
    DIGEST_MORE = Translated("-# More: `/insights stats`, `/insights gaps` and `/library list`")

    # A vote that an answer did not help
    VOTE_POSTED = Translated("**Not helpful**: {answer}")
    VOTE_REASON = Translated("**Not helpful** ({reason}): {answer}")
    VOTE_WANTED = Translated("**This should be covered**: {answer}")
    VOTE_ANSWER = Translated("the answer")
    VOTE_PRIVATE = Translated("a private answer")

    # Settings
    STAFF_OPTIONS = Translated(
        {
            "digest_channel": "Where staff reads a weekly digest, and votes that an answer was not helpful.",
            "no_digest": "Stop the weekly digest and votes.",
            "solved_tag": "Tag a forum post as solved once its author says that the answer helped.",
        }
    )
    DIGEST_CHANNEL = Translated("Weekly digest and votes: {channel}")
    SOLVED_ON = Translated("Forum posts get their *solved* tag once their author says that the answer helped.")

    # What keeps staff from reading them
    CHECK_DIGEST = Translated("I can't write in {channel}, where you want to read the weekly digest and votes.")
    CHECK_DIGEST_GONE = Translated("The channel for the weekly digest and votes no longer exists. Choose another one.")

    # The tag of forum posts that were answered
    CHECK_SOLVED = Translated("I need *Manage Threads* to tag answered posts as solved.")
    CHECK_SOLVED_NO_TAG = Translated("There is no tag for solved posts. Add one named *Solved*.")
    SOLVED_REASON = Translated("The author of the post said that the answer helped.")

    # Figures
    PERIOD_DESCRIPTION = Translated("Which period? Default: a month.")
    PERIODS = Translated({"week": "Week (7 days)", "month": "Month (30 days)"})
    STATS_TABLE = Translated("**Questions** (answered / closest passages / not covered)")
    STATS_TABLE_DAY = Translated("{date}: {count:,} ({answered:,} / {closest:,} / {not_covered:,})")
    STATS_TABLE_DAYS = Translated("{first} to {last}: {count:,} ({answered:,} / {closest:,} / {not_covered:,})")
